"""What the bilan says: texts, tables and charts of a publication. Does not live here: its first page (first_page.py),
points of attention (attention.py), territories (territories.py), layout (bilan.typ), freezing (export.py)."""

from __future__ import annotations

from typing import Any

import polars as pl

from presentation import labels
from presentation.french import bind, day_long, decimal, euros_round, integer, month, percent
from presentation.labels import capital
from presentation.sentences import ACCOUNT, HOURS_ONCE, MAP_SOURCE, PEOPLE_ONCE, SECRET, USES_ONCE
from presentation.table import WITHHELD
from reporting.bilan import charts, outlook, territories
from reporting.bilan.attention import facts, points
from reporting.bilan.comparison import comparison
from reporting.bilan.first_page import first_page
from reporting.bilan.writing import text
from reporting.figures import frames
from reporting.figures.cells import drawn_months
from reporting.figures.publication import Publication
from reporting.figures.summary import summary
from reporting.figures.wording import alert, span

_DEFINED = ("people_equipped", "people_reached", "hours", "passes_used", "state_share_due_eur", "pic_share")


def build(publication: Publication, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """(data of the template, SVG images by name)."""
    rows = summary(publication).rows_by_key("code", named=True, include_key=True, unique=True)
    version, period = publication.source.version, publication.period
    images, captions = _images(publication)
    given = facts(publication, rows)
    data = {
        "title": f"Bilan — {period.label}",
        "subtitle": [f"{publication.programme.name} — comité de pilotage", capital(span(publication))],
        "footer": f"Bilan {period.code}, édition {number} — données au {day_long(version.as_of)} — version "
        f"{version.build_id}" + (" — données de démonstration" if version.is_demo else ""),
        "alert": alert(publication),
        "introduction": f"« Sur la période » : {span(publication)}. « Depuis le début » : depuis le début du "
        f"programme, jusqu'au {day_long(publication.last_day)}. {SECRET}",
        **first_page(publication, rows, given),
        **comparison(publication, rows),
        "points": points(given),
        "projection_sentence": outlook.sentence(publication),
        "projection_points": outlook.points(publication, rows),
        "projection": outlook.table(publication),
        **captions,
        **territories.table(publication),
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
    return _held(data), images


def _held(data: Any) -> Any:
    """The same texts, with the blanks where no line may be cut held."""
    if isinstance(data, str):
        return bind(data)
    if isinstance(data, dict):
        return {name: _held(value) for name, value in data.items()}
    return [_held(value) for value in data] if isinstance(data, list) else data


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
    drawn = "Tirets : l'objectif." + (
        " Bande : la projection, huit chances sur dix, sa médiane en pointillé."
        if outlook.has_projection(publication)
        else ""
    )
    hours, people = ends["hours"].to_list()[-1:], ends["people"].to_list()[-1:]
    recent = pl.DataFrame({"month": drawn_months(publication.period)}).join(
        publication.source.monthly.group_by("month").agg(
            value=pl.col("hours").sum(), passes=pl.col("passes_used").sum()
        ),
        on="month",
        how="left",
    )
    # A month of too few uses is not drawn, as is one that is withheld, here or in an earlier edition.
    passes = pl.col("passes").fill_null(0)
    is_small = passes.is_between(1, programme.small_count_threshold, closed="left")
    hidden = is_small | pl.col("month").is_in(frames.withheld_months(publication))
    recent = recent.select(
        "month",
        value=pl.when(~hidden).then(pl.col("value").fill_null(0.0)),
        inside=pl.col("month") >= publication.period.start,
    )
    is_idle = not recent.filter((pl.col("value") > 0) | pl.col("value").is_null()).height
    if not is_idle:
        images["months.svg"] = charts.months(recent, "Heures")
    map_image, map_alt = territories.map_of(publication)
    if map_image:
        images["map.svg"] = map_image
    return images, {
        "alt_hours": f"Courbe des heures depuis le début du programme, jusqu'au {shown_to} : "
        f"{integer(hours[0] if hours else 0)} heures, pour un objectif de {integer(programme.hours_target)}.",
        "caption_hours": f"Heures de formation depuis le début du programme. {drawn}",
        "alt_people": f"Courbe des personnes formées depuis le début du programme, jusqu'au {shown_to} : environ "
        f"{integer(people[0] if people else 0)} "
        f"personnes, pour un objectif de {integer(programme.people_target)}.",
        "caption_people": f"Personnes formées depuis le début du programme, à la centaine. {drawn}",
        "no_months": "Aucune heure de formation dans les douze mois qui finissent avec la période." if is_idle else "",
        "no_map": "" if map_image else territories.NO_MAP,
        "alt_months": f"Heures de formation par mois sur douze mois. {_highest(recent)}",
        "caption_months": "Heures de formation, mois par mois sur douze mois. En foncé : la période.",
        "alt_map": map_alt,
        "caption_map": "Heures de formation par territoire depuis le début du programme, en classes de même "
        "nombre de territoires. En blanc pointillé, « (s) » : secret statistique. Sans contour : non participant.",
    }


def _highest(recent: pl.DataFrame) -> str:
    """The month that has the most (month, value) of those that are shown."""
    shown = recent.filter(pl.col("value") > 0).sort("value", "month")
    if shown.is_empty():
        return "Aucune heure n'y est montrée."
    best = shown.row(-1, named=True)
    return f"Le plus haut est {month(best['month'])} avec {integer(best['value'])} heures."


def _audience(publication: Publication, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    order = pl.col("category").replace_strict(labels.ranks(labels.ANSWER), default=len(labels.ANSWER))
    dimensions = pl.col("dimension").replace_strict(labels.ranks(labels.DIMENSION), default=9)
    cells = [territories.counts(f"people_equipped_{scope}", f"mask_equipped_{scope}") for scope in ("period", "cum")]
    frame = frames.audience(publication).sort(dimensions, order)
    return {
        "audience_sentence": "Personnes équipées, selon les réponses à leur première prescription. Parmi les "
        f"répondants, depuis le début du programme : {text(rows['pic_share'], 'cum')} du public PIC et "
        f"{text(rows['qpv_share'], 'cum')} d'habitants de QPV. Chaque tableau s'additionne en personnes équipées.",
        "audience": _in_two_columns(
            [
                {
                    "name": labels.DIMENSION.get(str(dimension), str(dimension)),
                    "rows": territories.lines(answers.select(pl.col("category").replace(labels.ANSWER), *cells)),
                }
                for (dimension,), answers in frame.group_by("dimension", maintain_order=True)
            ]
        ),
    }


def _in_two_columns(tables: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Each table in the column that has the fewest rows so far."""
    columns: list[list[dict[str, Any]]] = [[], []]
    for table in tables:
        min(columns, key=lambda column: sum(len(one["rows"]) for one in column)).append(table)
    return columns


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
        lines.append([label or row["label"], text(row, "period"), text(row, "cum"), ratio])
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
