"""The pieces of the account: every delivered file that it cites, numbered; the text of the column « Pièces ».

One rule for every line of every table: « P3, ligne 12 ; P7, lignes 2 à 40 (12 lignes) ». P0 is the account closed
before, where the year opens with it. Does not live here: how lines are cited (warehouse/published/cited.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from reporting.mandate.closing import Closing

#: The file of what a frozen opening rests on, and its number.
OPENING, _OPENING_NUMBER = "(ouverture)", 0
#: What stands in the column where a line is the sum of others, and where nothing is delivered.
ABOVE, NOT_CITED = "Somme des lignes au-dessus", "Sans opération"
#: A file that the version no longer holds.
_GONE = "livraison retirée"


def number_pieces(frames: Iterable[pl.DataFrame], files: pl.DataFrame, before: Closing | None) -> pl.DataFrame:
    """The files that the frames cite, numbered by extract date then identity: file_id, number, piece, and what the
    table of pieces says. before: the closing that the year opens with."""
    cited = [
        frame.select(pl.col("cited").explode().struct.field("file_id"))
        for frame in frames
        if frame.height and "cited" in frame.columns
    ]
    known = pl.concat(cited).unique() if cited else pl.DataFrame(schema={"file_id": pl.String})
    numbered = (
        files.join(known, on="file_id", how="semi").sort("extract_date", "file_id").with_row_index("number", 1)
    ).with_columns(pl.col("number").cast(pl.Int64))
    if before is not None:
        opening = {
            "number": _OPENING_NUMBER, "file_id": OPENING,
            "file_name": f"Compte du mandat {before.year}, édition {before.edition.number}",
            "dataset": "compte arrêté", "extract_date": before.as_of, "sha256": before.digest,
        }  # fmt: skip
        numbered = pl.concat([pl.DataFrame([opening], schema_overrides={"number": pl.Int64}), numbered], how="diagonal")
    return numbered.with_columns(piece=pl.lit("P") + pl.col("number").cast(pl.String))


def with_pieces(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """The frame with a text column `pieces` instead of `cited`."""
    if "cited" not in frame.columns:
        return frame
    rows = frame.with_row_index("row")
    said = pl.when(pl.col("said") != "").then(pl.lit(", ") + pl.col("said")).otherwise(pl.lit(""))
    text = (
        rows.select("row", "cited").explode("cited").unnest("cited")
        .join(numbers.select("file_id", "number", "piece"), on="file_id", how="left")
        .sort("row", "number")
        .with_columns(told=pl.col("piece").fill_null(_GONE) + said)
        .group_by("row", maintain_order=True)
        .agg(pieces=pl.col("told").str.join(" ; "))
    )  # fmt: skip
    return rows.join(text, on="row", how="left").sort("row").drop("row", "cited")
