"""Page « Fiche d'un territoire »: one commune or arrondissement, to print for its elected officials."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, people, provenance
from dashboards.frame import Page, open_page
from dashboards.queries_cube import whole_sum
from dashboards.reading import Filters
from dashboards.tables import most_hours
from presentation import format_fr, labels
from presentation.attention.places import state_sentence
from presentation.table import Column

TITLE = "Fiche d'un territoire"
MENU = ("Piloter", 3)
ADDRESS = "territoire"

FIGURES = ("people_equipped", "people_reached", "hours", "passes_issued", "passes_used", "face_value_used_eur")

#: Territories where its people go that the sheet names.
FLOWS_SHOWN = 5


def draw_figures(page: Page, row: dict) -> None:
    """The territory's figures since the start, against its own targets where it has some."""
    named = {item["code"]: item for item in page.ask("indicators").to_dicts()}
    since = coverage.span_of("territory_totals")
    targets = {"people_reached": row["people_target"], "hours": row["hours_target"]}
    cards.show(
        [
            cards.indicator_card(
                named[code]
                | {"value": row[code], "target": targets.get(code), "target_label": "objectif du territoire"},
                span=since,
                opens=_opening(page, row, code),
            )
            for code in FIGURES
        ]
        + [
            cards.card(
                named[share]["label"],
                format_fr.write(row[share], "people_share"),
                note=f"Part ayant répondu : {format_fr.write(row[answered], 'people_share')}",
                definition=cards.definition_of(named[share]),
                span=since,
                opens=_opening(page, row, share),
            )
            for share, answered in (("pic_share", "pic_answered_share"), ("qpv_share", "qpv_answered_share"))
        ]
    )
    st.html(
        '<p class="pn-note">« secret » : effectif trop petit, ou qui permettrait d\'en retrouver un autre par '
        "soustraction.</p>"
    )


def _opening(page: Page, row: dict, indicator: str) -> str:
    """The address that opens a figure of the territory; none where it is withheld."""
    return "" if row[indicator] is None else provenance.link(page, indicator, "territory", row["territory_code"])


def draw_months(page: Page, chosen: Filters, name: str) -> None:
    """What happened month by month."""
    st.header("Mois par mois", anchor=False)
    months = page.ask("activity_by_month", filters=chosen)
    columns = coverage.covered(
        "activity_by_month",
        [
            Column("month", "Mois", "month"),
            Column("hours", "Heures de formation", "hours"),
            Column("passes_issued", "Pass émis", "integer"),
            Column("passes_prescribed", "Pass prescrits", "integer"),
            Column("passes_used", "Pass utilisés", "integer"),
            Column("face_value_used_eur", "Valeur faciale utilisée", "euros"),
        ],
    )
    if months.is_empty():
        st.html('<p class="pn-empty">Ce territoire n\'a encore aucune activité.</p>')
        return
    shown = {column.name: column.name for column in columns if column.is_figure}
    months = provenance.Scope.of(page, chosen).by_month(months, shown)
    columns = provenance.opening(columns, months)
    page.draw(
        charts.columns_by_month(months, "hours", "hours", "Heures de formation"),
        f"Heures de formation par mois à {name}{most_hours(months)}.",
        months,
        columns,
        f"Activité par mois : {name}",
        height=260,
    )
    page.download(
        "fiche-territoire",
        months,
        columns,
        f"Activité par mois : {name}",
        [("territoire", name)],
        ("hours", "passes_used"),
    )


def draw_passes(page: Page, chosen: Filters) -> None:
    """Where the territory's passes are, by status."""
    st.header("Où sont ses pass", anchor=False)
    table = (
        page.ask("statuses", filters=chosen, lots=(), years=())
        .with_columns(
            label=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status")),
            order=pl.col("status").replace_strict(list(labels.STATUS), range(len(labels.STATUS)), default=9),
        )
        .sort("order")
    )
    columns = coverage.covered(
        "lifecycle",
        [
            Column("label", "Statut"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros"),
        ],
    )
    scope = provenance.Scope.of(page, chosen, "account")
    for place, name in enumerate(("passes", "face_value_eur")):
        opens = [scope.opens(provenance.STATUS_MEASURES[status][place]) for status in table["status"]]
        table = table.with_columns(pl.Series(f"{name}_opens", opens, pl.String))
    columns = provenance.opening(columns, table)
    page.show(table, columns, "Pass affectés au territoire, par statut")
    page.download("fiche-statuts", table, columns, "Pass du territoire par statut", indicators=("passes_issued",))


def draw_places(page: Page, code: str, chosen: Filters) -> None:
    """Its lieux, and where its people use their passes."""
    left, right = st.columns(2)
    with left:
        st.header("Ses lieux", anchor=False)
        lieux = page.ask("lieu_totals", filters=chosen)
        shown = {name: name for name in ("passes_used", "hours")}
        lieux = provenance.Scope(page).by_row(lieux, shown, "lieu", "lieu_siret")
        columns = coverage.covered(
            "lieu_totals",
            [
                Column("lieu_name", "Lieu"),
                Column("passes_used", "Pass utilisés", "integer", opens_from="passes_used_opens"),
                Column("hours", "Heures", "hours", opens_from="hours_opens"),
                Column("last_month", "Dernier mois actif", "month"),
            ],
        )
        page.show(lieux, columns, "Lieux du territoire")
        page.download("fiche-lieux", lieux, columns, "Lieux du territoire", indicators=("passes_used", "hours"))
    with right:
        st.header("Où ses habitants utilisent leurs pass", anchor=False)
        flows = page.ask("flows", territory=code).with_columns(
            name=pl.when("is_same")
            .then(pl.col("lieu_territory_name") + " (sur place)")
            .otherwise(pl.col("lieu_territory_name"))
        )
        columns = coverage.covered(
            "flows",
            [
                Column("name", "Territoire du lieu"),
                Column("passes_used", "Pass utilisés", "integer"),
                Column("face_value_used_eur", "Valeur faciale", "euros"),
            ],
        )
        told = provenance.Scope.of(page, chosen).derived(
            "Pass utilisés par ses habitants, répartis selon le territoire du lieu :",
            "passes_used",
            "face_value_used_eur",
        )
        columns = provenance.opening(columns, flows, told)
        page.show(_first_and_others(flows), columns, "Territoires des lieux fréquentés")
        page.download("fiche-flux", flows, columns, "Territoires des lieux fréquentés", indicators=("passes_used",))


def _first_and_others(flows: pl.DataFrame) -> pl.DataFrame:
    """The first territories and the sum of the others: a sheet to print; the files hold them all."""
    others = flows.slice(FLOWS_SHOWN)
    if others.height < 2:
        return flows
    rest = others.select(
        pl.lit(f"{others.height} autres territoires").alias("name"),
        *(whole_sum(name) for name in ("passes_used", "face_value_used_eur")),
    )
    return pl.concat([flows.head(FLOWS_SHOWN).select(rest.columns), rest], how="vertical_relaxed")


page = open_page(TITLE, "L'essentiel d'un territoire, à imprimer pour ses élus.")
provenance.draw(page)
names = filters.territory_names(page)
if not names:
    st.html('<p class="pn-empty">Aucun territoire participant dans cette version.</p>')
    st.stop()
with st.container(key="sheet_choice"):
    code = filters.pick("Territoire", "territoire", names)
filters.choose(page)
row = people.territory_totals(page).filter(pl.col("territory_code") == code).row(0, named=True)
chosen = Filters(territories=(code,))
page = page.within(row["territory_name"])
st.header(row["territory_name"], anchor=False)
kind = "Territoire attesté" if row["participation_status"] == "atteste" else "Territoire donné en exemple"
joined = f", entré le {format_fr.day_long(row['joined_on'])}" if row["joined_on"] else ""
st.html(
    f"<p>{escape(labels.ami(row['ami']))}{escape(joined)} · {escape(row['ept_name'] or '—')} · "
    f'<span class="pn-tag">{kind}</span> {escape(row["participation_source"] or "")}</p>'
)
state = page.ask("territory_states").filter(territory_code=code).row(0, named=True)
since = page.ask("quiet_since")["quiet_since"][0]
st.html(f"<p><strong>{escape(state_sentence(state, page.version.as_of, since))}</strong></p>")
draw_figures(page, row)
draw_months(page, chosen, row["territory_name"])
draw_passes(page, chosen)
draw_places(page, code, chosen)
