"""The territories in the bilan: their table, why its sum is not the programme's where it is not, their map.

Does not live here: the figures and their masks (reporting/figures/frames.py), how a map is drawn (named_map.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import polars as pl

from presentation.french import count, integer
from presentation.sentences import SECRET
from presentation.table import WITHHELD
from reporting.bilan import named_map
from reporting.figures import frames
from reporting.figures.publication import Publication

#: Columns of the table, and the mask of each (None: not about people).
_COLUMNS: tuple[tuple[str, str | None], ...] = (
    ("carnets_prescribed_cum", "mask_handed_cum"),
    ("people_reached_period", "mask_reached_period"),
    ("people_reached_cum", "mask_reached_cum"),
    ("passes_used_cum", "mask_uses_cum"),
    ("hours_period", "mask_uses_period"),
    ("hours_cum", "mask_uses_cum"),
    ("lieux_active_period", None),
)
_LIEUX = "lieux_active_period"
NO_MAP = "Aucune heure de formation depuis le début du programme : il n'y a rien à situer."


def table(publication: Publication) -> dict[str, Any]:
    """Data of the template: a line a participating territory, the programme's, and what is to be known of both."""
    whole = frames.territories(publication)
    inside = whole.filter("is_participating").sort("territory_name")
    cells = [counts(name, mask) for name, mask in _COLUMNS]
    lieux = frames.active_lieux(publication, publication.period.start)
    total = frames.programme(publication).with_columns(pl.lit(lieux).alias(_LIEUX)).select(cells)
    return {
        "territory_sentence": f"Lieux actifs : lieux situés dans le territoire, sur la période. {SECRET} "
        f"{sum_sentence(whole, lieux)}",
        "territories": lines(inside.select("territory_name", *cells)),
        "territories_total": ["Programme", *lines(total)[0]],
    }


def sum_sentence(territories: pl.DataFrame, lieux: int) -> str:
    """Why the lines do not add up to the programme's, or that they do. lieux: active in the whole programme.

    territories: of frames.territories, those that take no part included.
    """
    inside, outside = territories.filter("is_participating"), territories.filter(~pl.col("is_participating"))
    masks = sorted({mask for _, mask in _COLUMNS if mask})
    reasons = []
    if inside.select(pl.any_horizontal(masks).any()).item():
        reasons.append("il comprend les cases « s »")
    if others := outside.filter(pl.col("passes_used_cum") > 0).height:
        who = count(others, "territoire non participant", "territoires non participants")
        reasons.append(f"il comprend l'activité de {who}, sans ligne ici")
    if elsewhere := lieux - int(inside[_LIEUX].sum()):
        reasons.append(f"il compte {count(elsewhere, 'lieu actif', 'lieux actifs')} hors des territoires participants")
    if not reasons:
        return "La somme des lignes est le total du programme."
    return f"Le total du programme n'est pas la somme des lignes : {' ; '.join(reasons)}."


def counts(name: str, mask: str | None) -> pl.Expr:
    """A column of counts as a reader sees it: withheld where its mask says so."""
    # Three dozen lines, by the one writer of French numbers: no expression knows the thousands' narrow blank.
    written = pl.col(name).map_elements(integer, return_dtype=pl.String)
    return (pl.when(pl.col(mask)).then(pl.lit(WITHHELD)).otherwise(written) if mask else written).alias(name)


def lines(cells: pl.DataFrame) -> list[list[str]]:
    """The lines of a table. Raises ValueError where a cell is neither written nor withheld."""
    if any(column.has_nulls() for column in cells):
        raise ValueError(f"cells without a value: {[column.name for column in cells if column.has_nulls()]}")
    return [*map(list, cells.rows())]


def map_of(publication: Publication) -> tuple[str, str]:
    """(SVG, text) of the hours of the participating territories by quartile; what is withheld has its own drawing.

    ("", "") before the first hour of any of them.
    """
    frame = frames.territories(publication).filter("is_participating")
    shown = frame.filter(~pl.col("mask_uses_cum"))
    if frame.filter(pl.col("hours_cum") > 0).is_empty():
        return "", ""
    quartiles = [float(shown["hours_cum"].quantile(q, "linear") or 0) for q in (0.25, 0.5, 0.75)]
    cuts = list({integer(cut): cut for cut in quartiles}.values())
    rank = sum((pl.col("hours_cum") > cut).cast(pl.Int64) for cut in cuts)
    places = publication.source.territories.select("territory_code", "longitude", "latitude")
    classes = frame.join(places, on="territory_code").with_columns(
        rank=pl.when("mask_uses_cum").then(len(cuts) + 1).otherwise(rank)
    )
    top = shown.sort("hours_cum", descending=True).head(3)["territory_name"].to_list()
    told = (
        f"Carte des {frame.height} territoires participants selon leurs heures de formation depuis le début du "
        "programme. Les plus hauts : "
    )
    image = named_map.territory_map(publication.programme.communes_geojson, classes, classes_of(cuts))
    return image, f"{told}{', '.join(top)}."


def classes_of(cuts: Sequence[float]) -> list[str]:
    """The words of the classes between `cuts`, one more than they are."""
    edges = [integer(cut) for cut in cuts]
    between = [f"de {low} à {high}" for low, high in itertools.pairwise(edges)]
    return ["aucune" if edges[0] == "0" else f"jusqu'à {edges[0]}", *between, f"plus de {edges[-1]}"]
