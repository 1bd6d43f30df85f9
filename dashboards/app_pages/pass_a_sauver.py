"""Page « Pass à sauver »: what is about to expire, by when, where, with whom; and the pace that would save it."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, on_screen, provenance, territories
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from dashboards.report_files import read_report
from presentation import format_fr, labels
from presentation.attention.passes import notice_ends_on
from presentation.table import Column, Derived
from reporting.cube.reading import whole_sum
from reporting.to_save.state import PostsUnreadable, folder_of, read_posts
from warehouse.settings import Home

TITLE = "Pass à sauver"
MENU = ("Piloter", 2)

#: Territories that the chart shows: those with the most to lose.
MOST_SHOWN = 15
#: The table of the files to send.
FILES = {"name": pl.String, "kind": pl.String, "told": pl.String, "sent": pl.String}
SEND = "Envoyer à chacun son fichier"
NOT_PREPARED = (
    "Les fichiers à envoyer ne sont pas encore préparés pour cette version : lancez « passnum report expiring », qui "
    "les écrit et dit ce qui partirait, puis « passnum report expiring --send »."
)
NEEDED = (
    "Pass par semaine pour tout sauver",
    "Pass à utiliser chaque semaine, de la date des données au dernier jour utilisable, pour qu'aucun de ceux qui "
    "expirent d'ici là ne soit perdu.",
)
USED = (
    "Pass par semaine aujourd'hui",
    "Pass utilisés chaque semaine depuis le premier jour des mois récents, comptés où leur carnet a été émis.",
)


def within_notice(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that expire within the notice of the settings."""
    return frame.filter(pl.col("last_usable_on") < notice_end(page))


def notice_end(page: Page) -> date:
    """The first day past the notice of the settings, counted from the date of the data."""
    return notice_ends_on(page.programme, page.version.as_of)


def draw_cards(page: Page, scope: provenance.Scope, days: pl.DataFrame) -> None:
    """What is at stake, and the pace it asks for beside the one there is."""
    notice = page.programme.expiry_alert_days
    soon = within_notice(page, days)
    passes, euros = (
        scope.derived(f"Ce qui expire dans les {notice} jours, parmi :", *provenance.USABLE[place::2])
        for place in (0, 1)
    )
    shown = [
        cards.card(f"Pass à sauver sous {notice} jours", _sum(page, soon, "passes", "integer"), derived=passes),
        cards.card("Leur valeur", _sum(page, soon, "face_value_eur", "euros_round"), derived=euros),
    ]
    if has_paces(days):
        needed, used = (float(soon[f"passes_a_week_{which}"].max() or 0) for which in ("needed", "used"))  # type: ignore[arg-type]
        told = Derived("Le plus exigeant des jours du compte à rebours : pass qui expirent d'ici là ÷ semaines.")
        since = format_fr.month(page.ask("quiet_since")["quiet_since"][0])
        made = scope.derived(f"Pass utilisés depuis {since} ÷ semaines, parmi :", "passes_used")
        shown += [
            cards.card("Pour tout sauver", format_fr.integer(needed), note="pass par semaine", derived=told),
            cards.card("Rythme actuel", format_fr.integer(used), note="pass par semaine", derived=made),
        ]
    cards.show(shown, "En bref")


def has_paces(frame: pl.DataFrame) -> bool:
    """Whether the answer holds the two paces: they are the team's."""
    return {"passes_a_week_needed", "passes_a_week_used"} <= set(frame.columns)


def _sum(page: Page, frame: pl.DataFrame, name: str, kind: str) -> str:
    return format_fr.write(frame.select(whole_sum(name)).item(), page.kind(kind))


def draw_countdown(page: Page, scope: provenance.Scope, days: pl.DataFrame, words: list) -> None:
    """The days on which passes lapse, and what each asks for."""
    st.header("Le compte à rebours", anchor=False)
    told = scope.derived("Les pass utilisables, par dernier jour utilisable, parmi :", *provenance.USABLE)
    columns = coverage.covered(
        "expiry_days",
        [
            Column("last_usable_on", "Dernier jour utilisable", "date"),
            Column("weeks_left", "Semaines restantes", "number"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
            Column("passes_a_week_needed", NEEDED[0], "integer"),
            Column("passes_a_week_used", USED[0], "integer"),
        ],
    )
    columns = provenance.opening(_known(columns, days), days, told)
    title = "Pass utilisables, par dernier jour"
    page.show(days, columns, title, words)
    page.download("pass-a-sauver-jours", days, columns, title, words, meanings=_meanings(days))


def _known(columns: list[Column], frame: pl.DataFrame) -> list[Column]:
    return [column for column in columns if column.name in frame.columns]


def _meanings(frame: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    return (NEEDED, USED) if has_paces(frame) else ()


def draw_territories(page: Page, scope: provenance.Scope, chosen: Filters, words: list) -> None:
    """The territories with the most to lose within the notice, their state, and their two paces."""
    notice = page.programme.expiry_alert_days
    st.header(f"Où : ce qui expire dans les {notice} jours", anchor=False)
    rows = page.ask("expiry_places", filters=chosen, before=notice_end(page))
    if rows.is_empty():
        st.html(f'<p class="pn-empty">Aucun pass utilisable n\'expire dans les {notice} jours.</p>')
        return
    states = page.ask("territory_states").select("territory_code", "state")
    rows = rows.join(states, on="territory_code", how="left", maintain_order="left").with_columns(
        state=pl.col("state").replace_strict(labels.TERRITORY_STATE, default="—")
    )
    columns = coverage.covered(
        "expiry_places",
        [
            territories.linked(Column("territory_name", "Territoire")),
            Column("state", "État"),
            Column("passes", "Pass à sauver", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
            Column("last_usable_on", "Dernier jour (le plus proche)", "date"),
            Column("passes_a_week_needed", NEEDED[0], "integer"),
            Column("passes_a_week_used", USED[0], "integer"),
        ],
    )
    told = scope.derived("Ce qui expire dans le délai, et ce qui s'utilise, parmi :", *provenance.USABLE, "passes_used")
    columns = provenance.opening(_known(columns, rows), rows, told)
    title = f"Pass à sauver sous {notice} jours, territoire par territoire"
    known = rows.drop_nulls("face_value_eur")
    shown = known.head(MOST_SHOWN)
    if not shown.is_empty():
        page.picture(
            charts.bars(shown, "territory_name", "face_value_eur", "euros_round", "Valeur faciale à sauver"),
            f"{title} : les plus gros montants d'abord.",
            max(120, 26 * shown.height),
            title,
            words,
        )
        if known.height > shown.height:
            st.html(f'<p class="pn-note">Les {shown.height} plus gros montants ; le tableau donne les autres.</p>')
    page.show(territories.with_words(page, rows), columns, title, words)
    page.download("pass-a-sauver-territoires", rows, columns, title, words, meanings=_meanings(rows))


def draw_calls(page: Page, scope: provenance.Scope, chosen: Filters, words: list) -> None:
    """Which structures to call, by when, for what: prescriber × lot × last usable day. For the team."""
    st.header("Qui appeler", anchor=False)
    found = within_notice(page, page.ask("expiry_schedule", filters=chosen))
    if found.is_empty():
        st.html('<p class="pn-empty">Aucune structure n\'a de pass qui expire dans ce délai.</p>')
        return
    names = dict(found.select("prescriber_siret", "prescriber_name").unique().sort("prescriber_name").rows())
    asked = filters.pick_many("Prescripteurs", "prescripteurs", names)
    if asked:
        found = found.filter(pl.col("prescriber_siret").is_in(asked))
    columns = coverage.covered(
        "expiry_schedule",
        [
            Column("prescriber_name", "Prescripteur"),
            Column("prescriber_siret", "SIRET"),
            territories.linked(Column("territory_name", "Territoire")),
            Column("lot_code", "Lot"),
            Column("last_usable_on", "Dernier jour utilisable", "date"),
            Column("carnets", "Carnets", "integer"),
            Column("passes", "Pass à sauver", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
        ],
    )
    found = found.sort("face_value_eur", "prescriber_name", "lot_code", descending=[True, False, False])
    told = scope.derived("Les pass utilisables, là où ils sont, parmi :", *provenance.USABLE)
    columns = provenance.opening(columns, found, told)
    told_of = [*words, ("prescripteurs", ", ".join(names[siret] for siret in asked))] if asked else words
    st.write(
        "Des structures, jamais des personnes. Choisissez un prescripteur (ou un territoire, en haut de la page) : le "
        "fichier à télécharger ne contient plus que ses carnets, et peut lui être envoyé."
    )
    shown = territories.with_words(page, found)
    page.show(shown, columns, "Pass à sauver, par prescripteur, lot et dernier jour", told_of)
    page.download("pass-a-sauver-prescripteurs", found, columns, "Pass à sauver par prescripteur", told_of)


def draw_files(page: Page) -> None:
    """The file of each structure, as prepared for this version, and where its mail stands. For the team."""
    home = Home.at()
    folder = folder_of(home, page.version)
    try:
        posts = read_posts(folder)
    except PostsUnreadable as error:
        st.header(SEND, anchor=False)
        st.warning(str(error))
        return
    if not posts:
        on_screen.nothing_yet(SEND, NOT_PREPARED)
        return
    st.header(SEND, anchor=False)
    st.write(
        "Un classeur par prescripteur (ses propres carnets) et par territoire (petits effectifs secrets), préparé pour "
        "cette version ; les filtres de la page n'y changent rien. Les adresses : programme/correspondants.csv."
    )
    told = [(post.name, post.kind, post.told, " ; ".join([*post.letters, *post.errors.values()])) for post in posts]
    rows = pl.DataFrame(told, FILES, orient="row")
    columns = [
        Column("name", "Structure"),
        Column("kind", "Nature"),
        Column("told", "Ce qui expire"),
        Column("sent", "Courriel"),
    ]
    title = "Fichiers des structures, et leurs courriels"
    page.show(rows, columns, title)
    names = {post.file: f"{post.name} ({post.kind})" for post in posts}
    chosen = st.selectbox(
        "Structure dont on veut le fichier", names, format_func=lambda file: names[file], key="file_choice"
    )
    name = str(folder.relative_to(home.reports) / chosen)
    st.download_button(
        f"Télécharger le fichier : {names[chosen]}", lambda: read_report(home.reports, name), chosen, on_click="ignore"
    )


page = open_page(TITLE, "Ce qui va expirer, d'ici quand, où, chez qui ; et le rythme qui le sauverait.")
provenance.draw(page)
chosen, words = filters.choose(page, "ami", "territories")
scope = provenance.Scope.of(page, chosen, "account")
days = page.ask("expiry_days", filters=chosen)
if days.is_empty():
    st.html('<p class="pn-empty">Aucun pass n\'est plus utilisable dans ce périmètre à la date des données.</p>')
    st.stop()
draw_cards(page, scope, days)
draw_countdown(page, scope, days, words)
draw_territories(page, scope, chosen, words)
if page.rights.is_protected:
    st.html(
        '<p class="pn-note">Le détail par prescripteur et par lot, et les rythmes, sont réservés à l\'équipe (petits '
        "effectifs).</p>"
    )
else:
    draw_calls(page, scope, chosen, words)
    draw_files(page)
