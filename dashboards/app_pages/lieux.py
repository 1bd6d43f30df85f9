"""Page « Lieux »: the map and the table of the lieux, their activity, their services, and who stopped.

No count of people by lieu: most would be small. Passes, sessions and hours only.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, provenance, territories
from dashboards import lieux as of_lieux
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from dashboards.steps import QUARTER
from dashboards.tables import PAGE_ROWS
from presentation import format_fr, labels
from presentation.sentences import MAP_SOURCE
from presentation.table import Column, Cover, Derived
from warehouse.published.figure_address import joined

TITLE = "Lieux"
MENU = ("Piloter", 4)

#: The last month with a use, whatever the period.
SINCE_START = Cover("start", coverage.QUESTIONS["lieu_totals"].follows)
#: The figures of a row that open what they are made of.
OPEN = {name: name for name in ("passes_used", "hours", "sessions", "session_hours", "face_value_used_eur")}
#: What the directory says, at the date of the data.
DIRECTORY = Cover("state", SINCE_START.follows)
COLUMNS = [
    Column("lieu_name", "Lieu"),
    Column("territory_name", "Territoire"),
    Column("passes_used", "Pass utilisés", "integer", opens_from="passes_used_opens"),
    Column("hours", "Heures de formation", "hours", opens_from="hours_opens"),
    Column("sessions", "Sessions", "integer", opens_from="sessions_opens"),
    Column("session_hours", "Heures d'animation", "hours", opens_from="session_hours_opens"),
    Column("face_value_used_eur", "Valeur faciale utilisée", "euros_round", opens_from="face_value_used_eur_opens"),
    Column("last_month", "Dernier mois actif", "month", cover=SINCE_START),
]
FILE_COLUMNS = [
    *COLUMNS,
    Column("lieu_siret", "SIRET"),
    Column("reimbursed_eur", "Remboursé au lieu", "euros"),
    Column("passes_with_anomaly", "Pass avec anomalie", "integer"),
    Column("typologies", "Typologies (codes du standard national)"),
    Column("services", "Services"),
    Column("is_inferred", "Hors annuaire", "yes_no"),
    Column("referenced_until", "Fin de référencement", "date"),
]


def _linked(columns: list[Column]) -> list[Column]:
    """The columns, the lieu and its territory being links to their sheets."""
    return [of_lieux.linked(columns[0]), territories.linked(columns[1]), *columns[2:]]


def draw_totals(page: Page, lieux: pl.DataFrame, chosen: Filters, scope: provenance.Scope, span: str) -> None:
    """The lieux shown, in four figures; `span`: since when they count."""
    named = {row["code"]: row for row in page.ask("indicators").to_dicts()}
    active = lieux.filter(pl.col("passes_used") > 0)
    sums = page.ask("lieu_sums", filters=chosen).row(0, named=True)
    cards.show(
        [
            cards.card(
                "Lieux affichés",
                format_fr.integer(lieux.height),
                note="" if lieux["passes_used"].has_nulls() else f"{format_fr.count(active.height, 'actif')} {span}",
                derived=scope.derived(
                    "Lieux de l'annuaire livré, et ceux qu'une utilisation nomme ; actifs : ceux qui ont des",
                    "passes_used",
                ),
            ),
            *(
                cards.indicator_card(named[code] | {"value": value, "target": None}, span=span, opens=scope.opens(code))
                for code, value in sums.items()
            ),
        ],
        "En bref",
    )


def _scope(page: Page, lieux: pl.DataFrame, chosen: Filters) -> provenance.Scope:
    """The lieux shown: those chosen, or those of the territories chosen, or all of them."""
    if not chosen.lieux:
        return provenance.Scope.of(page, chosen, "lieux")
    return provenance.Scope(page, "lieu", joined(lieux["lieu_siret"]), Filters(chosen.start, chosen.end))


def draw_map(page: Page, lieux: pl.DataFrame, span: str, words: list) -> None:
    """Where the lieux are and how much they do."""
    placed = lieux.filter(pl.col("latitude").is_not_null())
    idle = placed.filter(pl.col("passes_used") == 0).height
    says = (
        f"Carte de {format_fr.count(placed.height, 'lieu', 'lieux')} : la surface d'un rond suit les pass utilisés "
        f"{span} ; "
        f"{format_fr.count(idle, 'lieu', 'lieux')} sans utilisation {span} (croix)."
    )
    secret = placed["passes_used"].null_count()
    says += f" {format_fr.count(secret, 'lieu', 'lieux')} au chiffre secret n'y sont pas." if secret else ""
    lost = lieux.height - placed.height
    more = f" Sans coordonnées, dans le tableau seulement : {format_fr.count(lost, 'lieu', 'lieux')}." if lost else ""
    page.picture(charts.lieu_map(page.programme.communes_geojson, placed), says, 520, f"Carte des lieux, {span}", words)
    st.html(f'<p class="pn-note">{says}{more} {MAP_SOURCE}.</p>')


def draw_stopped(page: Page, lieux: pl.DataFrame, words: list) -> None:
    """Lieux that had uses, and none in the last months of the data."""
    st.header("Qui s'est arrêté", anchor=False)
    since = page.ask("quiet_since")["quiet_since"][0]
    stopped = lieux.filter(pl.col("last_month") < since).sort("last_month")
    never = lieux.filter(pl.col("last_month").is_null())
    st.write(
        f"Lieux qui ont eu une activité, mais aucune depuis {format_fr.month(since)} : {stopped.height}. "
        f"Lieux sans aucune utilisation depuis le début : {never.height}."
    )
    columns = [
        *COLUMNS[:2],
        Column("territory_state", "État du territoire"),
        COLUMNS[7],
        Column("referenced_until", "Fin de référencement", "date"),
    ]
    quiet = pl.concat([stopped, never]).with_columns(
        pl.col("territory_state").replace_strict(labels.TERRITORY_STATE, default="—")
    )
    named = territories.with_words(page, of_lieux.with_words(page, quiet))
    page.show(named, _linked(columns), "Lieux arrêtés ou jamais actifs", words)
    if (quiet["territory_state"] == labels.TERRITORY_STATE["exhausted"]).any():
        st.html(
            '<p class="pn-note">« Épuisé » : le territoire du lieu n\'a plus aucun pass utilisable, ce qui peut '
            "expliquer l'arrêt.</p>"
        )
    meaning = (
        "Lieu arrêté",
        f"Aucune utilisation comptée depuis {format_fr.month(since)}, quelle que soit la période.",
    )
    page.download("lieux-arretes", quiet, columns, "Lieux arrêtés ou jamais actifs", words, meanings=(meaning,))


def draw_services(page: Page, lieux: pl.DataFrame, words: list) -> None:
    """The services the directory declares, and how many lieux offer each."""
    st.header("Services proposés", anchor=False)
    services = (
        lieux.select(pl.col("services").str.split("|"))
        .explode("services")
        .drop_nulls()
        .group_by("services")
        .len("lieux")
        .sort("lieux", "services", descending=[True, False])
    )
    if services.is_empty():
        st.html('<p class="pn-empty">L\'annuaire ne décrit pas les services de ces lieux.</p>')
        return
    told = Derived(
        "Compté dans l'annuaire des lieux livré le plus récent, ligne par lieu (page Qualité, Fichiers reçus)."
    )
    columns = [Column("services", "Service"), Column("lieux", "Lieux", "integer", cover=DIRECTORY, derived=told)]
    first = services.row(0, named=True)
    page.draw(
        charts.bars(services, "services", "lieux", "integer", "Lieux"),
        f"Services proposés par les lieux ; le plus fréquent : {first['services']} ({first['lieux']} lieux).",
        services,
        columns,
        "Services proposés par les lieux",
        words,
        height=max(120, 34 * services.height),
    )
    meaning = ("Service proposé", "Service déclaré par le lieu dans l'annuaire ; un lieu peut en déclarer plusieurs.")
    page.download("lieux-services", services, columns, "Services proposés par les lieux", words, meanings=(meaning,))


page = open_page(TITLE, "Les lieux de médiation numérique : où ils sont, ce qu'ils font, lesquels se sont arrêtés.")
provenance.draw(page)
chosen, words = filters.choose(page, "period", "ami", "territories", "lieux")
if page.rights.is_protected and chosen.has_period:
    st.info("Les lieux sont donnés par trimestres entiers : choisissez une période qui en est faite.")
lieux = page.ask("lieu_totals", filters=chosen)
if lieux.is_empty():
    st.html('<p class="pn-empty">Aucun lieu ne répond à ces filtres.</p>')
    st.stop()
span = coverage.span_of("lieu_totals", words)
scope = _scope(page, lieux, chosen)
draw_totals(page, lieux, chosen, scope, span)
draw_map(page, lieux, span, words)
of_rows = provenance.Scope(page, "lieu").between(chosen.start, chosen.end)
opened = of_rows.by_row(lieux.head(PAGE_ROWS), OPEN, "lieu", "lieu_siret")
opened = of_lieux.with_words(page, pl.concat([opened, lieux.slice(PAGE_ROWS)], how="diagonal"))
page.show(
    territories.with_words(page, opened),
    coverage.covered("lieu_totals", _linked(COLUMNS)),
    "Les lieux, du plus actif au moins actif",
    words,
)
file_columns = coverage.covered("lieu_totals", FILE_COLUMNS)
lists = pl.col("typologies", "services").str.replace_all("|", " ; ", literal=True)
page.download(
    "lieux", lieux.with_columns(lists), file_columns, "Lieux", words, ("passes_used", "hours", "session_hours")
)
# Outside the team a part of the lieux is given by quarter (reporting/cube).
is_part = bool(chosen.lieux or chosen.territories or chosen.ami or page.rights.territory_code)
only_quarters = page.rights.is_protected and is_part
st.header("Activité trimestre par trimestre" if only_quarters else "Activité dans le temps", anchor=False)
step = QUARTER if only_quarters else filters.pick_step()
filters.tell_cut(step, chosen)
months = page.ask("lieu_months", filters=chosen, quarters=step.is_quarter)
if months.is_empty():
    st.html(f'<p class="pn-empty">{step.nothing(f"Aucune utilisation {span}.", span)}</p>')
else:
    last = months.row(-1, named=True)
    columns = coverage.covered(
        "lieu_months",
        [
            Column("month", step.title, "month"),
            Column("passes_used", "Pass utilisés", "integer"),
            Column("sessions", "Sessions", "integer"),
            Column("hours", "Heures de formation", "hours"),
            Column("lieux_active", "Lieux actifs", "integer"),
        ],
    )
    if not only_quarters:
        shown = [name for name in ("passes_used", "sessions", "hours") if name in months.columns]
        months = scope.by_month(months, {name: name for name in shown}, quarters=step.is_quarter)
    columns = [column for column in columns if column.name in months.columns]
    columns = provenance.opening(
        columns, months, scope.derived(f"Lieux qui ont, dans le {step.word}, au moins un de ces pass :", "passes_used")
    )
    page.draw(
        charts.columns_by_month(months, "passes_used", "integer", "Pass utilisés", quarters=step.is_quarter),
        f"Pass utilisés par {step.word} dans {format_fr.count(lieux.height, 'lieu', 'lieux')} ; "
        f"{format_fr.write(last['passes_used'], page.kind('integer'))} {step.since} {format_fr.month(last['month'])}.",
        months,
        columns,
        f"Activité des lieux par {step.word}",
        words,
        height=260,
    )
    title = f"Activité des lieux par {step.word}"
    page.download("lieux-mois", months, columns, title, [*words, *step.choices], ("passes_used", "hours"))
draw_stopped(page, lieux, words)
draw_services(page, lieux, words)
