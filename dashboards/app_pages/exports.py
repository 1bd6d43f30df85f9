"""Page « Exports »: the files already produced in the reports folder, and the published tables to download.

A table of people is offered protected, or not at all. Does not live here: making the reports (reporting/).
"""

from __future__ import annotations

import mimetypes
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import streamlit as st

from dashboards import coverage, filters, people, provenance
from dashboards.frame import Page, open_page
from dashboards.report_files import CHECK_RESULTS, list_reports, read_report
from dashboards.tables import show
from presentation import format_fr, labels
from presentation.table import Column, Cover, Derived
from warehouse.settings import Home

TITLE = "Exports"
MENU = ("Rendre compte", 4)


def draw_reports(page: Page) -> None:
    """The files of the reports folder, newest first; the one chosen is offered."""
    st.header("Fichiers produits", anchor=False)
    root = Home.at().reports
    kept = [root / path for path in list_reports(root, page.rights)]
    if not kept:
        # The command is the team's: a reader of the committee has none to type.
        how = " : voir la commande « passnum --help »" if page.rights.is_team else ""
        st.html(f'<p class="pn-empty">Aucun fichier n\'a encore été produit{how}.</p>')
        return
    files = pl.DataFrame(
        [
            {"path": str(path.relative_to(root)), "made": _made(path), "size": -(-path.stat().st_size // 1000)}
            for path in kept
        ]
    ).sort("made", descending=True)
    files = files.with_columns(name=pl.col("path").replace(CHECK_RESULTS))
    columns = [
        Column("name", "Fichier"),
        Column("made", "Produit le", "instant"),
        Column("size", "Taille (ko)", "integer", derived=Derived("Taille du fichier sur le disque.")),
    ]
    show(files, columns, "Fichiers produits, du plus récent au plus ancien")
    told = dict(zip(files["path"], files["name"], strict=True))
    chosen = st.selectbox("Fichier à télécharger", list(told), format_func=lambda path: told[path], key="file_choice")
    name = Path(chosen).name
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    st.download_button(
        f"Télécharger {told[chosen].rpartition('/')[2]}",
        lambda: read_report(root, chosen),
        name,
        kind,
        on_click="ignore",
    )


def _made(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


MONTH = [
    Column("month", "Mois", "month"),
    Column("passes_issued", "Pass émis", "integer"),
    Column("passes_prescribed", "Pass prescrits", "integer"),
    Column("passes_used", "Pass utilisés", "integer"),
    Column("passes_expired", "Pass expirés", "integer"),
    Column("face_value_used_eur", "Valeur faciale utilisée", "euros"),
    Column("hours", "Heures de formation", "hours"),
]
TERRITORY = [
    Column("territory_name", "Territoire"),
    Column("territory_code", "Code Insee"),
    Column("ami", "AMI", "year"),
    Column("participation", "Participation"),
    Column("ept_name", "Établissement public territorial"),
    Column("people_equipped", "Personnes équipées", "people"),
    Column("people_reached", "Personnes formées", "people"),
    Column("hours", "Heures de formation", "hours"),
    Column("hours_nominal", "dont heures nominales", "hours"),
    *MONTH[1:5],
    Column("face_value_issued_eur", "Valeur faciale émise", "euros"),
    Column("face_value_used_eur", "Valeur faciale utilisée", "euros"),
    Column("reimbursed_eur", "Remboursé aux lieux", "euros"),
    Column("pic_share", "Part du public PIC", "people_share"),
    Column("pic_answered_share", "Part ayant répondu (PIC)", "people_share"),
    Column("qpv_share", "Part des habitants de QPV", "people_share"),
    Column("qpv_answered_share", "Part ayant répondu (QPV)", "people_share"),
    Column("lieux_active", "Lieux actifs", "integer"),
]
PROGRESS = [
    Column("label", "Indicateur"),
    Column("value", "Valeur", "number", kind_from="kind"),
    Column("target", "Objectif", "number", kind_from="target_kind", may_miss=True),
    Column("ratio", "Avancement", "share", may_miss=True),
    Column("answered_share", "Part ayant répondu", "share", may_miss=True),
    Column("unit", "Unité"),
    Column("target_label", "Libellé de l'objectif"),
    Column("definition", "Définition"),
]
LIEU = [
    Column("lieu_name", "Lieu"),
    Column("lieu_siret", "SIRET"),
    Column("territory_name", "Territoire"),
    Column("passes_used", "Pass utilisés", "integer"),
    Column("face_value_used_eur", "Valeur faciale utilisée", "euros"),
    Column("reimbursed_eur", "Remboursé au lieu", "euros"),
    Column("sessions", "Sessions", "integer"),
    Column("session_hours", "Heures d'animation", "hours"),
    Column("hours", "Heures de formation", "hours"),
    Column("last_month", "Dernier mois actif", "month", cover=Cover("start", frozenset({"ami", "territories"}))),
]
PASSES = [
    Column("lot_code", "Lot"),
    Column("validity_year", "Fin de validité", "year"),
    Column("status_label", "Statut"),
    Column("is_delivered", "Livré au prescripteur", "yes_no"),
    Column("is_prescribed", "Prescrit", "yes_no"),
    Column("is_started", "Carnet entamé", "yes_no"),
    Column("is_reimbursed", "Remboursé", "yes_no"),
    Column("passes", "Pass", "integer"),
    Column("face_value_eur", "Valeur faciale", "euros"),
]
#: Rows of a table seen here; its files hold them all.
SHOWN_ROWS = 50
TABLES = {
    "programme": ("Avancement du programme", PROGRESS),
    "territoires": ("Territoires, depuis le début", TERRITORY),
    "activite": ("Activité par mois", MONTH),
    "lieux": ("Lieux", LIEU),
    "pass": ("Parcours du pass", PASSES),
}
#: The question that each table answers: it tells which filters apply (coverage.py).
QUESTION = {
    "programme": "progress",
    "territoires": "territory_totals",
    "activite": "activity_by_month",
    "lieux": "lieu_totals",
    "pass": "lifecycle",
}


def read_table(page: Page, name: str, chosen: filters.Filters) -> pl.DataFrame:
    """The rows of a published table for the filters chosen, its people protected."""
    if name == "programme":
        return people.progress(page).with_columns(pl.col("unit").replace(labels.UNIT))
    if name == "activite":
        return page.ask("activity_by_month", filters=chosen)
    if name == "lieux":
        return page.ask("lieu_totals", filters=chosen)
    if name == "pass":
        # Outside the team, the statuses alone: a lot at a step of a place is too few (reporting/cube).
        life = (
            page.ask("statuses", filters=chosen, lots=(), years=())
            if page.rights.is_protected
            else page.ask("lifecycle", filters=chosen, lots=(), years=())
        )
        return life.with_columns(status_label=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status")))
    frame = people.territory_totals(page).with_columns(
        participation=pl.col("participation_status").replace_strict(labels.PARTICIPATION, default="—")
    )
    if chosen.territories:
        frame = frame.filter(pl.col("territory_code").is_in(chosen.territories))
    return frame if chosen.ami is None else frame.filter(pl.col("ami") == chosen.ami)


#: What no line brings by itself: the settings, and quotients of figures that open.
QUOTIENTS = Derived(
    "L'objectif est un réglage du programme, à la date de la version ; avancement = valeur ÷ objectif ; part ayant "
    "répondu = réponses « oui » ou « non » ÷ personnes équipées, dont la fiche du territoire ouvre les parts."
)


def _opened(
    page: Page, name: str, chosen: filters.Filters, frame: pl.DataFrame, columns: list[Column]
) -> tuple[pl.DataFrame, list[Column]]:
    """The rows shown with the addresses that open their figures, and the columns with what the others come from."""
    if name == "programme":
        opens = [provenance.link(page, code) for code in frame["indicator"]]
        frame = frame.with_columns(pl.Series("value_opens", opens, pl.String))
        return frame, provenance.opening(columns, frame, QUOTIENTS)
    if name == "pass":
        told = provenance.Scope.of(page, chosen, "account").derived(
            "Les pass de chaque lot, statut et étape, d'après la ligne d'émission de leur carnet, parmi :",
            *provenance.ISSUED,
        )
        return frame, provenance.opening(columns, frame, told)
    measured = set(page.ask("dictionary")["code"])
    figures = {column.name: column.name for column in columns if column.is_figure and column.name in measured}
    scope = provenance.Scope.of(page, chosen)
    if name == "activite":
        frame = scope.by_month(frame, figures)
    elif name == "lieux":
        months = provenance.Scope(page, "lieu").between(chosen.start, chosen.end)
        frame = months.by_row(frame, figures, "lieu", "lieu_siret")
    else:
        frame = provenance.Scope(page, "territory").by_row(frame, figures, "territory", "territory_code")
    return frame, provenance.opening(columns, frame, QUOTIENTS)


def draw_marts(page: Page) -> None:
    """The published tables, with the filters of the page."""
    st.header("Tableaux publiés", anchor=False)
    chosen, words = filters.choose(page, "period", "ami", "territories")
    name = filters.pick("Tableau", "tableau", {code: title for code, (title, _) in TABLES.items()})
    title, columns = TABLES[name]
    columns = coverage.covered(QUESTION[name], columns, "value")
    frame = read_table(page, name, chosen)
    st.write(f"{format_fr.count(frame.height, 'ligne')}.")
    short = frame.height > SHOWN_ROWS
    seen, columns = _opened(page, name, chosen, frame.head(SHOWN_ROWS), columns)
    page.show(seen, columns, f"{title} : les {SHOWN_ROWS} premières lignes" if short else title, words)
    page.download(f"table-{name}", frame, columns, title, words)


page = open_page(TITLE, "Les fichiers à transmettre et les tableaux publiés, avec leur date et leurs définitions.")
provenance.draw(page)
if page.rights.role != "territoire":
    draw_reports(page)
draw_marts(page)
