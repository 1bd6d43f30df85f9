"""What the bilan says: texts, tables and charts of a publication. Does not live here: points of attention
(attention.py), layout (bilan.typ), freezing (export.py)."""

from __future__ import annotations

from typing import Any

import polars as pl

from presentation import labels
from presentation.attention.money import left_to_call
from presentation.french import day_long, decimal, euros_round, integer, month, percent
from presentation.labels import capital
from presentation.sentences import ACCOUNT, HOURS_ONCE, MAP_SOURCE, PEOPLE_ONCE, PERIOD, SECRET, START, USES_ONCE
from presentation.table import WITHHELD
from programme.models import add_months
from reporting.bilan import charts, outlook
from reporting.bilan.attention import points
from reporting.figures import frames
from reporting.figures.publication import Publication
from reporting.figures.summary import summary
from reporting.figures.wording import alert, span

_DEFINED = ("people_equipped", "people_reached", "hours", "passes_used", "state_share_due_eur", "pic_share")


def build(publication: Publication, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """(data of the template, SVG images by name)."""
    rows = summary(publication).rows_by_key("code", named=True, include_key=True, unique=True)
    version, period = publication.source.version, publication.period
    images, captions = _images(publication)
    data = {
        "title": f"Bilan — {period.label}",
        "subtitle": f"{publication.programme.name} — comité de pilotage — {span(publication)}",
        "footer": f"Bilan {period.code}, édition {number} — données au {day_long(version.as_of)} — version "
        f"{version.build_id}" + (" — données de démonstration" if version.is_demo else ""),
        "alert": alert(publication),
        "introduction": f"« Sur la période » : {span(publication)}. « Depuis le début » : depuis le début du "
        f"programme, jusqu'au {day_long(publication.last_day)}. {SECRET}",
        "cards": _cards(publication, rows),
        "points": points(publication, rows),
        "projection_sentence": outlook.sentence(publication),
        "projection_points": outlook.points(publication, rows),
        "projection": outlook.table(publication),
        **captions,
        **_territories(publication),
        **_audience(publication, rows),
        "budget_column": f"Depuis le début, sur {decimal(publication.programme.budget_eur / 1_000_000, 1)} M€",
        "budget": _budget(publication, rows),
        **_mandate(publication),
        "method": f"{USES_ONCE} {PEOPLE_ONCE} {HOURS_ONCE}",
        "definitions": _definitions(publication),
        "version": f"Données au {day_long(version.as_of)}, version {version.build_id} publiée le "
        f"{day_long(version.published_at.date())}, empreinte {version.fingerprint[:16]}, édition {number}. "
        f"{MAP_SOURCE}.",
    }
    return data, images


def _text(row: dict[str, Any], scope: str, *, unit: str | None = None) -> str:
    if row[f"mask_{scope}"]:
        return WITHHELD
    value = row[f"value_{scope}"]
    if value is None:
        return "—"
    kind = unit or row["unit"]
    return euros_round(value) if kind == "euro" else percent(value) if kind == "ratio" else integer(value)


def _cards(publication: Publication, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {
        "hours": "Heures de formation",
        "people_reached": "Personnes formées",
        "territories_active": "Territoires actifs",
        "lieux_active": "Lieux actifs",
        "pic_share": "Public PIC",
        "face_value_used_eur": "Valeur faciale utilisée",
        "budget_paid_eur": "Budget mandaté",
        "state_share_eur": "Part de l'État due",
        "qpv_share": "Habitants de QPV",
    }
    cards = []
    for code, label in wanted.items():
        row = rows[code]
        target = row["target"]
        ratio = None if row["mask_cum"] or not target or row["value_cum"] is None else row["value_cum"] / target
        aim = ""
        if target:
            word = {"pic_share": "minimum", "state_share_eur": "plafond", "budget_paid_eur": "budget"}.get(
                code, "objectif"
            )
            shown = (
                percent(target, 0)
                if row["unit"] == "ratio"
                else euros_round(target)
                if row["unit"] == "euro"
                else integer(target)
            )
            aim = f"{word} {shown}"
        if ratio is not None and row["unit"] != "ratio":
            aim += f" ({percent(ratio)})"
        cards.append(
            {
                "label": label,
                "value": _text(row, "cum"),
                "since": START,
                "notes": [
                    *([aim] if aim else []),
                    *(_owed(rows) if code == "state_share_eur" else []),
                    f"{PERIOD} : {_text(row, 'period')}",
                ],
                "ratio": ratio,
            }
        )
    return cards


def _owed(rows: dict[str, dict[str, Any]]) -> list[str]:
    """What the State has paid of its share, and what is left to call: its receipts alone, never the communes'."""
    left = rows["state_to_call_eur"]
    if left["mask_cum"]:
        return [f"reçu de l'État : {_text(rows['received_state_eur'], 'cum')}"]
    return [
        f"reçu de l'État : {_text(rows['received_state_eur'], 'cum')}",
        left_to_call(left["value_cum"]),
    ]


def _month_ends(publication: Publication) -> pl.DataFrame:
    """The programme's cumulative hours and people at each month's end, to the ten hours and to the hundred people."""
    last = publication.last_day
    daily = publication.source.daily.filter(pl.col("date_day") <= last)
    ends = daily.filter((pl.col("date_day") == pl.col("date_day").dt.month_end()) | (pl.col("date_day") == last))
    hours = (pl.col("hours") / 10).round() * 10
    return ends.select(day="date_day", hours=hours, people=(pl.col("people_reached") / 100).round() * 100)


def _images(publication: Publication) -> tuple[dict[str, str], dict[str, str]]:
    programme, ends = publication.programme, _month_ends(publication)
    shown_to = day_long(publication.last_day)
    images = {
        "hours.svg": charts.burn_up(
            ends.select("day", value="hours"),
            outlook.projected(publication, "hours"),
            float(programme.hours_target),
            "Heures",
        ),
        "people.svg": charts.burn_up(
            ends.select("day", value="people"),
            outlook.projected(publication, "people_reached"),
            float(programme.people_target),
            "Personnes",
        ),
    }
    hours, people = ends["hours"].to_list()[-1:], ends["people"].to_list()[-1:]
    first = add_months(publication.period.months[-1], -11)
    recent = pl.DataFrame({"month": [add_months(first, n) for n in range(12)]}).join(
        publication.source.monthly.group_by("month").agg(
            value=pl.col("hours").sum(), passes=pl.col("passes_used").sum()
        ),
        on="month",
        how="left",
    )
    # A month of too few uses is drawn empty, as is one that is withheld, here or in an earlier edition.
    enough = pl.col("passes").fill_null(0) >= programme.small_count_threshold
    shown = enough & ~pl.col("month").is_in(frames.withheld_months(publication))
    recent = recent.select(
        "month", value=pl.when(shown).then("value").otherwise(0.0), inside=pl.col("month") >= publication.period.start
    )
    images["months.svg"] = charts.months(recent, "Heures")
    best = recent.sort("value", "month").row(-1, named=True)
    map_image, map_alt = _map(publication)
    images["map.svg"] = map_image
    return images, {
        "alt_hours": f"Courbe des heures depuis le début du programme, jusqu'au {shown_to} : "
        f"{integer(hours[0] if hours else 0)} heures, pour un objectif de {integer(programme.hours_target)}.",
        "caption_hours": "Heures de formation depuis le début du programme, et objectif (pointillé)",
        "alt_people": f"Courbe des personnes formées depuis le début du programme, jusqu'au {shown_to} : environ "
        f"{integer(people[0] if people else 0)} "
        f"personnes, pour un objectif de {integer(programme.people_target)}.",
        "caption_people": "Personnes formées depuis le début du programme (à la centaine), et objectif (pointillé)",
        "alt_months": f"Heures de formation par mois sur douze mois ; le plus haut est {month(best['month'])} avec "
        f"{integer(best['value'])} heures.",
        "caption_months": "Heures de formation, mois par mois sur douze mois ; en foncé, la période",
        "alt_map": map_alt,
        "caption_map": "Heures de formation par territoire depuis le début du programme (quatre classes de même nombre "
        "de territoires)",
    }


def _map(publication: Publication) -> tuple[str, str]:
    """Quartiles of the hours of the participating territories; what is withheld has its own colour."""
    frame = frames.territories(publication).filter("is_participating")
    shown = frame.filter(~pl.col("mask_uses_cum"))
    cuts = [float(shown["hours_cum"].quantile(q, "linear") or 0) for q in (0.25, 0.5, 0.75)]
    rank = sum((pl.col("hours_cum") > cut).cast(pl.Int64) for cut in cuts)
    classes = frame.with_columns(rank=pl.when("mask_uses_cum").then(4).otherwise(rank))
    edges = [integer(cut) for cut in cuts]
    labels = [
        f"jusqu'à {edges[0]}",
        f"de {edges[0]} à {edges[1]}",
        f"de {edges[1]} à {edges[2]}",
        f"plus de {edges[2]}",
    ]
    top = shown.sort("hours_cum", descending=True).head(3)["territory_name"].to_list()
    alt = (
        f"Carte des {frame.height} territoires participants selon leurs heures de formation depuis le début du "
        "programme. Les plus hauts : "
    )
    return charts.territory_map(publication.programme.communes_geojson, classes, labels), alt + ", ".join(top) + "."


def _territories(publication: Publication) -> dict[str, Any]:
    frame = frames.territories(publication).filter("is_participating").sort("territory_name")
    spec = [
        ("carnets_prescribed_cum", "mask_handed_cum"),
        ("people_reached_period", "mask_reached_period"),
        ("people_reached_cum", "mask_reached_cum"),
        ("passes_used_cum", "mask_uses_cum"),
        ("hours_period", "mask_uses_period"),
        ("hours_cum", "mask_uses_cum"),
        ("lieux_active_period", None),
    ]

    cells = [_counts(name, mask) for name, mask in spec]
    lieux = pl.lit(frames.active_lieux(publication, publication.period.start)).alias("lieux_active_period")
    total = frames.programme(publication).with_columns(lieux).select(cells)
    outside = frames.territories(publication).filter(~pl.col("is_participating"), pl.col("passes_used_cum") > 0).height
    more = " Le total comprend l'activité de territoires non participants." if outside else ""
    return {
        "territory_sentence": f"Lieux actifs : lieux situés dans le territoire, sur la période. {SECRET}{more}",
        "territories": _lines(frame.select("territory_name", *cells)),
        "territories_total": ["Programme", *_lines(total)[0]],
    }


def _counts(name: str, mask: str | None) -> pl.Expr:
    """A column of counts as a reader sees it: withheld where its mask says so."""
    written = pl.col(name).map_elements(integer, return_dtype=pl.String)
    return (pl.when(pl.col(mask)).then(pl.lit(WITHHELD)).otherwise(written) if mask else written).alias(name)


def _lines(cells: pl.DataFrame) -> list[list[str]]:
    """The lines of a table. Raises ValueError where a cell is neither written nor withheld."""
    if any(column.has_nulls() for column in cells):
        raise ValueError(f"cells without a value: {[column.name for column in cells if column.has_nulls()]}")
    return [*map(list, cells.rows())]


def _audience(publication: Publication, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    order = pl.col("category").replace_strict(labels.ranks(labels.ANSWER), default=len(labels.ANSWER))
    dimensions = pl.col("dimension").replace_strict(labels.ranks(labels.DIMENSION), default=9)
    name = pl.col("dimension").replace(labels.DIMENSION)
    lines = (
        frames.audience(publication)
        .sort(dimensions, order)
        .select(
            # Each dimension is named once, on its first line.
            pl.when(name.eq_missing(name.shift(1))).then(pl.lit("")).otherwise(name).alias("name"),
            pl.col("category").replace(labels.ANSWER),
            *(_counts(f"people_equipped_{scope}", f"mask_equipped_{scope}") for scope in ("period", "cum")),
        )
    )
    return {
        "audience_sentence": "Parmi les répondants, depuis le début du programme : "
        f"{_text(rows['pic_share'], 'cum')} du public PIC et "
        f"{_text(rows['qpv_share'], 'cum')} d'habitants de QPV (personnes équipées, réponses à leur première "
        "prescription).",
        "audience": _lines(lines),
    }


def _budget(publication: Publication, rows: dict[str, dict[str, Any]]) -> list[list[str]]:
    budget = float(publication.programme.budget_eur)
    lines = []
    for code, label in (
        ("budget_committed_eur", "Engagé"),
        ("budget_paid_eur", "Mandaté (moins les avoirs)"),
        ("face_value_used_eur", ""),
        ("reimbursed_eur", ""),
        ("state_share_eur", ""),
        ("received_state_eur", "Recettes reçues de l'État"),
        ("state_to_call_eur", ""),
        ("received_communes_eur", "Recettes reçues des communes"),
    ):
        row = rows[code]
        ratio = (
            percent(row["value_cum"] / budget) if code.startswith("budget_") and row["value_cum"] is not None else ""
        )
        lines.append([label or row["label"], _text(row, "period"), _text(row, "cum"), ratio])
    return lines


def _mandate(publication: Publication) -> dict[str, Any]:
    ledger = frames.ledger(publication)
    ends = day_long(publication.programme.mandate_ends_on)
    if ledger.is_empty():
        return {"mandate_sentence": f"Fin du mandat : {ends}.", "mandate": []}
    first, last = ledger.row(0, named=True), ledger.row(-1, named=True)
    moves = [
        ("Émis", "issued"),
        ("Utilisés", "used"),
        ("Expirés", "expired"),
        ("Annulés, retournés, perdus ou volés", "cancelled"),
    ]
    lines = [
        [f"Ouverture, {month(first['month'])}", integer(first["opening_passes"]), euros_round(first["opening_eur"])]
    ]
    hidden = {"used"} if frames.programme(publication)["mask_uses_period"][0] else set()
    for label, name in moves:
        passes, amount = ledger[f"{name}_passes"].sum(), ledger[f"{name}_eur"].sum()
        lines.append([label, *([WITHHELD] * 2 if name in hidden else [integer(passes), euros_round(amount)])])
    closing = [integer(last["closing_passes"]), euros_round(last["closing_eur"])]
    lines.append([f"Clôture, {month(last['month'])}", *([WITHHELD] * 2 if hidden else closing)])
    return {
        "mandate_sentence": f"{ACCOUNT}. Fin du mandat : {ends}. Le compte annuel (D. 1611-25) donne chaque opération "
        "et ses pièces.",
        "mandate": lines,
    }


def _definitions(publication: Publication) -> list[list[str]]:
    known = publication.source.indicators.filter(pl.col("code").is_in(_DEFINED))
    return [[capital(label), definition] for label, definition in known.select("label", "definition").rows()]
