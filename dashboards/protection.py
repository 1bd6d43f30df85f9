"""Small counts of people: what is withheld, and what more must be withheld so that nobody can work it out.

A count from 1 to threshold − 1 is withheld (null). In a table whose row and column totals are known, a single withheld
cell in a line, or withheld cells that together stay under the threshold, would be recovered by subtraction: the
smallest others of the line are withheld with them. Figures of a period never include people: two overlapping periods
would give them away. Does not live here: the threshold (programme/), how « secret » is written (presentation/).
"""

from __future__ import annotations

import numpy as np
import polars as pl


def is_small(value: pl.Expr, threshold: int) -> pl.Expr:
    """Whether a count, or the difference of two counts, may not be shown: 1 to threshold − 1, in size."""
    return value.abs().is_between(0, threshold, closed="none")


def far_apart(totals: np.ndarray, threshold: int) -> np.ndarray:
    """Which of growing totals may be shown: none is small, and no two of them differ by a small count."""
    kept = np.zeros(len(totals), dtype=bool)
    last = 0.0
    for position, total in enumerate(totals):
        if total == last or total - last >= threshold:
            kept[position], last = True, total
    return kept


def withheld_cells(counts: np.ndarray, threshold: int) -> np.ndarray:
    """Where `counts` (rows × columns, their totals known to the reader) must not be shown: booleans, same shape.

    Zeros are shown: they say nothing of a person. Ends because a pass only ever withholds more.
    """
    hidden = (counts > 0) & (counts < threshold)
    while True:
        before = hidden.sum()
        for axis in (0, 1):
            _complete(counts if axis else counts.T, hidden if axis else hidden.T, threshold)
        if hidden.sum() == before:
            return hidden


def _complete(counts: np.ndarray, hidden: np.ndarray, threshold: int) -> None:
    """Withhold, in every line, the smallest cells that keep the withheld ones from being recovered (in place)."""
    for line, mask in zip(counts, hidden, strict=True):
        while mask.any() and (mask.sum() == 1 or line[mask].sum() < threshold):
            left = np.flatnonzero(~mask & (line > 0))
            if not len(left):
                break
            mask[left[line[left].argmin()]] = True


def protect(frame: pl.DataFrame, row: str, column: str, measures: list[str], threshold: int) -> pl.DataFrame:
    """`frame` (one row a `row` × `column`) with its measures made null where they must be withheld.

    A cell withheld in one measure is withheld in all: equipped and reached people are nested, and one would bound
    the other. A pair that is not in the frame counts 0.
    """
    if frame.is_empty():
        return frame
    rows, columns = frame[row].unique(maintain_order=True), frame[column].unique(maintain_order=True)
    at = (
        frame.select(
            pl.col(row).replace_strict(rows, range(len(rows)), return_dtype=pl.Int64).alias("i"),
            pl.col(column).replace_strict(columns, range(len(columns)), return_dtype=pl.Int64).alias("j"),
        )
        .to_numpy()
        .T
    )
    hidden = np.zeros((len(rows), len(columns)), dtype=bool)
    for measure in measures:
        counts = np.zeros(hidden.shape, dtype=np.int64)
        counts[at[0], at[1]] = frame[measure].to_numpy()
        hidden |= withheld_cells(counts, threshold)
    mask = pl.Series(hidden[at[0], at[1]])
    return frame.with_columns(pl.when(mask).then(None).otherwise(pl.col(name)).alias(name) for name in measures)


def protect_column(frame: pl.DataFrame, measures: list[str], threshold: int) -> pl.DataFrame:
    """`frame` (one row a category, its total known) with its measures made null where they must be withheld."""
    if frame.is_empty():
        return frame
    hidden = np.zeros(frame.height, dtype=bool)
    for measure in measures:
        hidden |= withheld_cells(frame[measure].to_numpy().astype(np.int64)[:, None], threshold)[:, 0]
    mask = pl.Series(hidden)
    return frame.with_columns(pl.when(mask).then(None).otherwise(pl.col(name)).alias(name) for name in measures)
