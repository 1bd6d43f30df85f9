"""Page « Fiche d'un territoire »: one commune or arrondissement, to print for its elected officials."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboards import (
    calendar_months,
    charts,
    coverage,
    filters,
    first_screen,
    people,
    points,
    provenance,
    rates,
    sheets,
)
from dashboards import lieux as of_lieux
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from dashboards.tables import most_hours
from presentation import format_fr, labels
from presentation.attention import engine, one_territory, verdict
from presentation.attention.one_territory import Standing
from presentation.labels import capital
from presentation.table import Column, Derived
from reporting.cube.reading import whole_sum

TITLE = "Fiche d'un territoire"
MENU = ("Piloter", 3)
ADDRESS = "territoire"

#: The rate beside the average that the first answer says.
HEADLINE = "people_reached_per_1000"
#: The figures of the sheet, and the rate that stands beside each (empty: none).
FIGURES = (
    ("people_reached", "people_reached_per_1000"),
    ("people_equipped", "people_equipped_per_1000"),
    ("hours", "hours_per_1000"),
    ("passes_used", "use_rate"),
    ("passes_expired", "expiry_rate"),
    ("face_value_used_eur", "eur_per_person"),
    ("pic_share", ""),
    ("qpv_share", ""),
)
#: What stands beside a figure as a rate, in few words; after its number.
PER = {
    "people_reached_per_1000": "pour 1 000 habitants",
    "people_equipped_per_1000": "pour 1 000 habitants",
    "hours_per_1000": "pour 1 000 habitants",
    "use_rate": "des pass émis",
    "expiry_rate": "des pass émis",
    "eur_per_person": "par personne formée",
}
_TARGETS = Derived(
    "Celui que les réglages du programme donnent à ce territoire ; le minimum du public PIC est celui de l'État."
)
#: Territories where its people go, and lieux, that the sheet names.
FLOWS_SHOWN, LIEUX_SHOWN = 5, 6
#: Points of attention that one page holds.
POINTS_SHOWN = 4


def read_figures(page: Page, row: dict) -> pl.DataFrame:
    """One row a figure of the sheet: it, its target, its rate, the programme's average and its rank."""
    named = {item["code"]: item for item in page.ask("indicators").to_dicts()}
    of_rates = {item["rate"]: item for item in rates.known(page)}
    own = {
        item["rate"]: item
        for item in page.ask("territory_rates").filter(territory_code=row["territory_code"]).to_dicts()
    }
    whole = {item["indicator"]: item["value"] for item in people.progress(page).to_dicts()}
    targets = {"people_reached": row["people_target"], "hours": row["hours_target"]}
    rows = []
    for code, name in FIGURES:
        rate, mine = of_rates.get(name, {}), own.get(name, {})
        is_share = named[code]["unit"] == "ratio"
        kind = "people_share" if is_share else "people" if named[code]["unit"] == "personne" else _kind(named[code])
        value = mine.get("value")
        rows.append(
            {
                "label": named[code]["label"],
                "value": row[code],
                "kind": kind,
                "value_opens": _opening(page, row, code) or None,
                "target_kind": "share_round" if is_share else "hours_round" if code == "hours" else "integer",
                "target": targets.get(code)
                or (float(page.programme.pic_share_target) if code == "pic_share" else None),
                "rate": value,
                "rate_kind": rate.get("kind", "text"),
                "per": PER.get(name, "") if rate and value is not None else "",
                "average": rate.get("programme_value") if rate else whole.get(code) if is_share else None,
                "average_kind": rate.get("kind") or kind,
                "rank": one_territory.rank(mine.get("place"), mine.get("places") or 0),
            }
        )
    numbers = ("value", "target", "rate", "average")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64), strict=False)


def _kind(indicator: dict) -> str:
    return format_fr.UNIT_WRITERS[indicator["unit"]]


def _opening(page: Page, row: dict, indicator: str) -> str:
    """The address that opens a figure of the territory; none where it is withheld."""
    return "" if row[indicator] is None else provenance.link(page, indicator, "territory", row["territory_code"])


def draw_figures(page: Page, row: dict) -> None:
    """The territory's figures since the start, each beside the programme's average, its rank, and its target if any."""
    st.header("Ses chiffres, et la moyenne du programme", anchor=False)
    frame = read_figures(page, row)
    divided = Derived("Chaque chiffre ÷ les habitants, les pass émis ou les personnes formées.")
    average = Derived(
        "Le même calcul pour tout le programme (page Territoires) ; les parts, celles de la vue d'ensemble."
    )
    columns = coverage.covered(
        "territory_totals",
        [
            Column("label", "Indicateur"),
            Column("value", "Territoire", "number", kind_from="kind", opens_from="value_opens"),
            Column("target", "Objectif", "number", kind_from="target_kind", may_miss=True, derived=_TARGETS),
            Column("rate", "Taux", "number", kind_from="rate_kind", derived=divided),
            Column("per", "Unité du taux"),
            Column("average", "Moyenne du programme", "number", kind_from="average_kind", derived=average),
            Column("rank", "Rang"),
        ],
    )
    page.show(frame, columns, "Chiffres du territoire")
    told = " ".join(filter(None, [rates.source(page), rates.missing(page)]))
    st.html(
        '<p class="pn-note">Rang parmi les territoires participants dont le taux est connu ; le premier a le taux le '
        f"plus élevé, ou le plus bas pour les pass expirés et les euros. {escape(told)}</p>"
    )
    meanings = tuple((item["label"], item["definition"]) for item in rates.known(page))
    page.download("fiche-chiffres", frame, columns, "Chiffres du territoire", meanings=meanings)


def draw_months(page: Page, chosen: Filters, row: dict) -> None:
    """What happened month by month, or quarter by quarter, up to the month of the data."""
    name = row["territory_name"]
    heading = st.empty()
    step = filters.pick_step()
    heading.header(capital(step.one_by_one), anchor=False)
    columns = coverage.covered(
        "activity_by_month",
        [
            Column("month", step.title, "month"),
            Column("hours", "Heures de formation", "hours"),
            Column("passes_issued", "Pass émis", "integer"),
            Column("passes_prescribed", "Pass prescrits", "integer"),
            Column("passes_used", "Pass utilisés", "integer"),
            Column("face_value_used_eur", "Valeur faciale utilisée", "euros_round"),
        ],
    )
    shown = {column.name: column.name for column in columns if column.is_figure}
    found = page.ask("activity_by_month", filters=chosen, quarters=step.is_quarter)
    months = calendar_months.whole(page, found, list(shown), row["hours"] is not None, step.is_quarter)
    if months["hours"].null_count() == months.height:
        st.html(
            f'<p class="pn-empty">Les {step.plural} de ce territoire ne sont pas donnés : trop peu de pass y sont '
            f"utilisés chaque {step.word} (petits effectifs).</p>"
        )
        return
    months = provenance.Scope.of(page, chosen).by_month(months, shown, quarters=step.is_quarter)
    columns = provenance.opening(columns, months)
    secret = months["hours"].null_count()
    hidden = f" ; {format_fr.count(secret, f'{step.word} secret', f'{step.plural} secrets')} (« s »)" if secret else ""
    title = f"Activité par {step.word} : {name}"
    page.draw(
        charts.columns_by_month(months, "hours", "hours", "Heures de formation", quarters=step.is_quarter),
        f"Heures de formation par {step.word} à {name}{most_hours(months, step.since)}{hidden}. Un {step.word} sans "
        "activité est à zéro.",
        months,
        columns,
        title,
        height=150,
    )
    page.download(
        "fiche-territoire",
        months,
        columns,
        title,
        [("territoire", name), *step.choices],
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
            Column("face_value_eur", "Valeur faciale", "euros_round"),
        ],
    )
    scope = provenance.Scope.of(page, chosen, "account")
    for place, name in enumerate(("passes", "face_value_eur")):
        opens = [scope.opens(provenance.STATUS_MEASURES[status][place]) for status in table["status"]]
        table = table.with_columns(pl.Series(f"{name}_opens", opens, pl.String))
    columns = provenance.opening(columns, table)
    page.show(table, columns, "Pass affectés au territoire, par statut")
    page.download("fiche-statuts", table, columns, "Pass du territoire par statut", indicators=("passes_issued",))


def draw_lieux(page: Page, lieux: pl.DataFrame) -> None:
    """Its lieux, the most active first, each a link to its own sheet."""
    st.header("Ses lieux", anchor=False)
    if lieux.is_empty():
        st.html('<p class="pn-empty">Aucun lieu n\'est connu dans ce territoire.</p>')
        return
    shown = {name: name for name in ("passes_used", "hours")}
    lieux = of_lieux.with_words(page, provenance.Scope(page).by_row(lieux, shown, "lieu", "lieu_siret"))
    columns = coverage.covered(
        "lieu_totals",
        [
            of_lieux.linked(Column("lieu_name", "Lieu")),
            Column("passes_used", "Pass utilisés", "integer", opens_from="passes_used_opens"),
            Column("hours", "Heures", "hours", opens_from="hours_opens"),
            Column("last_month", "Dernier mois actif", "month"),
        ],
    )
    page.show(lieux.head(LIEUX_SHOWN), columns, "Lieux du territoire")
    rest = lieux.height - LIEUX_SHOWN
    if rest > 0:
        st.html(f'<p class="pn-note">Et {format_fr.count(rest, "autre lieu", "autres lieux")}, dans le fichier.</p>')
    page.download("fiche-lieux", lieux, columns, "Lieux du territoire", indicators=("passes_used", "hours"))


def draw_flows(page: Page, code: str, chosen: Filters) -> None:
    """Where its people use their passes."""
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
            Column("face_value_used_eur", "Valeur faciale", "euros_round"),
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


def read_standing(page: Page, code: str) -> Standing:
    """Where the territory stands, by the rate of the first answer."""
    (rate,) = [row for row in page.ask("rates").to_dicts() if row["rate"] == HEADLINE]
    kind = format_fr.RATE_WRITERS[rate["rate_unit"]]
    own = page.ask("territory_rates").filter(territory_code=code, rate=HEADLINE).to_dicts()
    mine = own[0] if own else {"value": None, "place": None, "places": 0}
    average = rate["programme_value"]
    return Standing(
        rate["label"],
        None if mine["value"] is None else format_fr.write(mine["value"], kind),
        "" if average is None else format_fr.write(average, kind),
        rates.beside(mine["value"], average, kind),
        mine["place"],
        mine["places"] or 0,
    )


def draw_verdict(page: Page, row: dict, lieux: pl.DataFrame) -> None:
    """The three answers, then the points of attention that they rest on."""
    facts = points.territory_facts(page, row, lieux)
    found = engine.points(facts)
    assert facts.own is not None
    standing = read_standing(page, row["territory_code"])
    answers = verdict.territory_answers(facts.own, standing, facts.targets, found, page.programme, page.version.as_of)
    st.html(first_screen.html(answers))
    # The first that asks for something is the second answer already.
    first = next((point for point in found if point.is_alert), None)
    told = "".join(
        f"<li><strong>{escape(point.subject)}</strong> : {escape(point.text)}</li>"
        for point in [point for point in found if point is not first][:POINTS_SHOWN]
    )
    st.html(f'<ul class="pn-points">{told}</ul>')


page = open_page(TITLE, "L'essentiel d'un territoire, à imprimer pour ses élus : une page.")
nobody = "Aucun territoire participant dans cette version."
code = sheets.choose(page, "Territoire", "territoire", filters.territory_names(page), nobody)
row = people.territory_totals(page).filter(pl.col("territory_code") == code).row(0, named=True)
chosen = Filters(territories=(code,))
lieux = page.ask("lieu_totals", filters=chosen)
page = page.within(row["territory_name"])
with st.container(key="sheet"):
    st.header(row["territory_name"], anchor=False)
    kind = "Territoire attesté" if row["participation_status"] == "atteste" else "Territoire donné en exemple"
    joined = f", entré le {format_fr.day_long(row['joined_on'])}" if row["joined_on"] else ""
    st.html(
        f"<p>{escape(labels.ami(row['ami']))}{escape(joined)} · {escape(row['ept_name'] or '—')} · "
        f'<span class="pn-tag">{kind}</span> {escape(row["participation_source"] or "")}</p>'
    )
    draw_verdict(page, row, lieux)
    draw_figures(page, row)
    draw_months(page, chosen, row)
    left, right = st.columns(2)
    with left:
        draw_lieux(page, lieux)
    with right:
        draw_flows(page, code, chosen)
        draw_passes(page, chosen)
