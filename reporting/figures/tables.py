"""The tables a mapping file asks for, filled with a publication's figures: what any document may show of them.

Does not live here: columns (the mapping files), frames (frames.py), files (reporting/files).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from presentation import labels
from presentation.table import Layout, MappingError, Table, fill, read_layouts
from reporting.figures import frames
from reporting.figures.collect import RENAMED
from reporting.figures.publication import Publication
from reporting.figures.summary import summary


def _territories(publication: Publication) -> pl.DataFrame:
    status = pl.col("participation_status")
    return frames.territories(publication).with_columns(
        participation=pl.when(~pl.col("is_participating"))
        .then(pl.lit("non participant"))
        .when(status == "atteste")
        .then(pl.lit("attestée"))
        .otherwise(pl.lit("exemple")),
        participation_code=pl.when("is_participating").then(status).otherwise(pl.lit("non_participant")),
    )


def _lieux(publication: Publication) -> pl.DataFrame:
    listed = pl.when("is_inferred").then(pl.lit("non")).otherwise(pl.lit("oui"))
    return frames.lieux(publication).with_columns(listed=listed)


def _labelled(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with French labels, answers in their natural order (ages rising, what is unknown last)."""
    order = pl.col("category").replace_strict(labels.ranks(labels.ANSWER), default=len(labels.ANSWER))
    places = [name for name in ("territory_code",) if name in frame.columns]
    dimensions = pl.col("dimension").replace_strict(labels.ranks(labels.DIMENSION), default=9)
    return frame.sort(*places, dimensions, order).with_columns(
        dimension_label=pl.col("dimension").replace(labels.DIMENSION),
        category_label=pl.col("category").replace(labels.ANSWER),
    )


def _ledger(publication: Publication) -> pl.DataFrame:
    return frames.ledger(publication)


def _quality(publication: Publication) -> pl.DataFrame:
    return publication.source.deliveries.with_columns(dataset_label=pl.col("dataset").replace(labels.DATASET))


def _not_counted(publication: Publication) -> pl.DataFrame:
    """Grain: one row per reason for which uses of the period are not counted."""
    rows = publication.source.exclusions.filter(pl.col("month").is_in(publication.period.months))
    lines = rows.group_by("reason").agg(pl.col("lines").sum()).sort("reason")
    return lines.with_columns(reason_label=pl.col("reason").replace(labels.EXCLUSION))


_SPANS = ("", "_period", "_cum")
#: Measure of the documents → the indicator of the dictionary that it is.
_OWN_NAMES = {new: old for old, new in RENAMED.items()}
#: Column of the figures, or code of a measure → its indicator: what the causes of a change are known by.
INDICATORS = {
    f"{measure}{span}": _OWN_NAMES.get(measure, measure)
    for measure in (*frames.MEASURES, "lieux_active", "session_hours")
    for span in _SPANS
} | {"used_passes": "passes_used", "issued_passes": "passes_issued", "expired_passes": "passes_expired",
     "used_eur": "face_value_used_eur", "issued_eur": "face_value_issued_eur"}  # fmt: skip
#: The figures a table of columns.yaml may be made of.
FIGURES: dict[str, Callable[[Publication], pl.DataFrame]] = {
    "synthese": summary,
    "territoires": _territories,
    "epts": frames.areas,
    "territoires_mois": frames.territory_months,
    "lieux": _lieux,
    "publics": lambda publication: _labelled(frames.audience(publication)),
    "publics_territoires": lambda publication: _labelled(frames.territory_audience(publication)),
    "mandat": _ledger,
    "definitions": lambda publication: publication.source.indicators,
    "qualite": _quality,
    "non_comptees": _not_counted,
}


def build(publication: Publication, columns: Path) -> list[Table]:
    """The tables in the order of the mapping file. Raises MappingError (French) for a figure that does not exist."""
    tables = []
    for layout in read_layouts(columns):
        if layout.frame not in FIGURES:
            raise MappingError(
                f"Table « {layout.name} » : la source « {layout.frame} » n'existe pas. "
                f"Sources possibles : {', '.join(FIGURES)}."
            )
        _check_masks(layout)
        tables.append(fill(layout, FIGURES[layout.frame](publication)))
    return tables


def _check_masks(layout: Layout) -> None:
    """Raise MappingError where a measure does not have its own mask: its small counts would go out."""
    for column in layout.columns:
        source = column.source or column.name
        measure = source.removesuffix("_period").removesuffix("_cum")
        mask = frames.MEASURES.get(measure)
        if mask and column.mask != f"mask_{mask}{source.removeprefix(measure)}":
            raise MappingError(
                f"Table « {layout.name} » : « {measure} » (colonne « {column.name} ») porte le masque « {mask} » "
                f"(secret statistique). Écrivez « masque: {mask} »."
            )
