"""Page « Qualité »: freshness, files received, rejects, the checks and their trend. Never a rejected value."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import cards, charts, filters, freshness, refusal
from dashboards.frame import Page, open_page
from dashboards.provenance import opening
from dashboards.tables import show
from presentation import format_fr, labels
from presentation.freshness import late_sentences
from presentation.table import Column, Derived
from programme import clock

TITLE = "Qualité"
MENU = ("Comprendre", 1)

#: Where the figures of this page come from: they are of the deliveries, not sums of their lines.
COUNTED = Derived("Compté à la réception des fichiers, ligne à ligne : lues = acceptées + rejetées + doublons.")
#: To who has a command to type.
TOLD = Derived(f"{COUNTED.sentence} « passnum why FICHIER:LIGNE » dit ce qu'est devenue chacune.")
LISTED = Derived("Compté dans la liste des contrôles, ci-dessous.")


def counted(page: Page) -> Derived:
    """Where the counts of lines come from, in words that this reader can use."""
    return TOLD if page.rights.is_team else COUNTED


def draw_freshness(page: Page) -> None:
    """The last extract of each dataset, and its age: today, and at the date of the data."""
    st.header("Fraîcheur", anchor=False)
    today = clock.today_in_paris()
    fresh = freshness.ages(page.ask("freshness"), page.version.as_of, today, page.programme.expected_delivery_days)
    fresh = fresh.with_columns(label=pl.col("dataset").replace_strict(labels.DATASET, default=pl.col("dataset")))
    for is_late, sentence in late_sentences(fresh, page.version.as_of, today):
        (st.warning if is_late else st.write)(sentence)
    columns = [
        Column("label", "Jeu de données"),
        Column("last_extract_on", "Dernier extrait", "date"),
        Column("days_expected", "Attendu tous les (jours)", "integer"),
        Column("age_today", f"Âge aujourd'hui, {format_fr.day(today)} (jours)", "integer"),
        Column("age", "Âge à la date des données (jours)", "integer"),
        Column("files_loaded", "Fichiers chargés", "integer"),
        Column("files_left", "Fichiers écartés", "integer"),
        Column("lines_read", "Lignes lues", "integer"),
        Column("lines_rejected", "Lignes rejetées", "integer"),
        Column("share", "Part rejetée", "share"),
    ]
    columns = opening(columns, fresh, counted(page))
    show(fresh, columns, "Fraîcheur et rejets par jeu de données")
    page.download("qualite-fraicheur", fresh, columns, "Fraîcheur des jeux de données")


def draw_checks(page: Page) -> None:
    """The checks of this version, what failed first."""
    st.header("Contrôles de cette version", anchor=False)
    build = page.ask("builds").row(0, named=True)
    checks = page.ask("checks", build_id=build["build_id"]).with_columns(
        label=pl.col("status").replace_strict(labels.CHECK_STATUS, default=pl.col("status"))
    )
    cards.show(
        [
            cards.card("Contrôles faits", format_fr.integer(build["checks"]), derived=LISTED),
            cards.card("Réussis", format_fr.integer(build["checks_ok"]), derived=LISTED),
            cards.card("Avertissements", format_fr.integer(build["warnings"]), derived=LISTED),
            cards.card(
                "Bloquants en défaut",
                format_fr.integer(build["blocking"]),
                note="aucun sur une version publiée",
                derived=LISTED,
            ),
        ]
    )
    columns = [
        Column("code", "Code"),
        Column("label", "Résultat"),
        Column("severity", "Gravité"),
        Column("sentence", "Contrôle"),
        Column("observed", "Observé"),
        Column("expected", "Attendu"),
        Column("owner", "Qui agit"),
    ]
    show(checks, columns, "Contrôles, ce qui est en défaut d'abord")
    page.download("qualite-controles", checks, columns, "Contrôles de la version")


def draw_trend(page: Page) -> None:
    """The builds kept, refused ones included."""
    st.header("Passages successifs", anchor=False)
    builds = page.ask("builds").with_columns(
        label=pl.col("status").replace_strict(labels.BUILD_STATUS, default=pl.col("status"))
    )
    columns = [
        Column("finished_at", "Passage", "instant"),
        Column("label", "Issue"),
        Column("as_of", "Données au", "date"),
        Column("input_files", "Fichiers", "integer"),
        Column("checks", "Contrôles", "integer"),
        Column("warnings", "Avertissements", "integer"),
        Column("blocking", "Bloquants en défaut", "integer"),
        Column("duration_seconds", "Durée (secondes)", "integer"),
    ]
    columns = opening(columns, builds, Derived("Noté par chaque passage, à sa fin."))
    if builds.height > 1:
        named = {"warnings": "Avertissements", "blocking": "Bloquants en défaut"}
        texts = pl.Series("build", [format_fr.instant(value) for value in builds["finished_at"]])
        points = builds.select(texts, "warnings", "blocking").reverse().unpivot(index="build", variable_name="series")
        points = points.with_columns(pl.col("series").replace_strict(named))
        page.draw(
            charts.points_by_build(points, "value", "series", "Contrôles en défaut"),
            f"Contrôles en défaut sur {builds.height} passages.",
            builds,
            columns,
            "Passages successifs",
            height=240,
        )
    else:
        show(builds, columns, "Passages successifs")
    page.download("qualite-passages", builds, columns, "Passages successifs")


def draw_rejects(page: Page) -> None:
    """Lines rejected and values set aside, by field and reason."""
    st.header("Lignes rejetées et valeurs écartées", anchor=False)
    reason = pl.col("reason").replace_strict(labels.REASON, default=pl.col("reason"))
    dataset = pl.col("dataset").replace_strict(labels.DATASET, default=pl.col("dataset"))
    columns = [
        Column("dataset", "Jeu de données"),
        Column("column_name", "Champ"),
        Column("reason", "Motif"),
        Column("lines", "Lignes", "integer", derived=counted(page)),
    ]
    for name, title, found in (
        ("rejects", "Lignes rejetées", page.ask("rejects")),
        ("issues", "Valeurs facultatives écartées", page.ask("issues")),
    ):
        frame = found.with_columns(reason=reason, dataset=dataset)
        show(frame, columns, title)
        page.download(f"qualite-{name}", frame, columns, title)


def draw_files(page: Page) -> None:
    """The files received, one line each."""
    st.header("Fichiers reçus", anchor=False)
    files = page.ask("files").with_columns(
        pl.col("dataset").replace_strict(labels.DATASET, default=pl.col("dataset")),
        pl.col("outcome").replace_strict(labels.OUTCOME, default=pl.col("outcome")),
        pl.col("reason").replace_strict(labels.FILE_REASON, default=pl.col("reason")),
    )
    kinds = {"tous": "tous les jeux de données"} | {
        name: name for name in files["dataset"].drop_nulls().unique().sort()
    }
    chosen = filters.pick("Jeu de données", "jeu", kinds)
    if chosen != "tous":
        files = files.filter(pl.col("dataset") == chosen)
    columns = [
        Column("file_name", "Fichier"),
        Column("dataset", "Jeu de données"),
        Column("extract_date", "Extrait du", "date"),
        Column("outcome", "Issue"),
        Column("lines_read", "Lignes lues", "integer"),
        Column("lines_accepted", "Acceptées", "integer"),
        Column("lines_rejected", "Rejetées", "integer"),
        Column("lines_duplicate", "Doublons", "integer"),
        Column("reason", "Motif"),
    ]
    columns = opening(columns, files, counted(page))
    show(files, columns, "Fichiers reçus, du plus récent au plus ancien")
    page.download("qualite-fichiers", files, columns, "Fichiers reçus", [("jeu de données", kinds[chosen])])


def draw_results(page: Page) -> None:
    """The whole results of the last build, published or refused, and the addressed reports: for the team."""
    if not page.rights.is_team:
        return
    st.header("Résultats complets", anchor=False)
    st.html(
        '<p class="pn-note">Les rapports adressés aux prescripteurs et aux lieux sont à la page '
        '<a href="exports" target="_self">Exports</a>.</p>'
    )
    st.html(
        '<p><a href="controles" target="_self">Ouvrir les résultats des contrôles</a> : chaque contrôle, avec les '
        "lignes en défaut.</p>"
    )


page = open_page(
    TITLE,
    "D'où viennent les chiffres : fichiers reçus, rejets, contrôles et leur évolution.",
    for_programme=True,
    before_any_version=lambda rights: refusal.draw(rights, None),
)
refusal.draw(page.rights, page.version)
draw_freshness(page)
draw_checks(page)
draw_trend(page)
draw_rejects(page)
draw_files(page)
draw_results(page)
