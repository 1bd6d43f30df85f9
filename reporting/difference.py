"""The tables of `passnum diff --out`: the figures that moved, the deliveries and the lines that moved them.

Three CSV files and one workbook of three sheets. Does not live here: comparing (warehouse/published/diff.py), how a
table is written (presentation/).
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import polars.selectors as cs

from presentation import labels
from presentation.safe_cells import neutralise_column
from presentation.table import Column, Kind, Layout, Table, nothing_withheld
from presentation.workbook import workbook
from warehouse.published.diff import LINE_COLUMNS, Difference
from warehouse.published.versions import Version

BOOK = "differences.xlsx"
SHEET_ROWS = 50_000


def write_difference(difference: Difference, before: Version, after: Version, scope: str, folder: Path) -> list[Path]:
    """Write the tables in `folder` (made if need be) and return their paths. `scope`: whose figures, in words."""
    folder.mkdir(parents=True, exist_ok=True)
    found = _tables(difference)
    paths = []
    for table in found:
        paths.append(folder / f"{table.layout.name}.csv")
        # Whole values: a line's part of a share is less than the decimals that a sheet shows.
        safe = table.values.with_columns(neutralise_column(cs.string()))
        paths[-1].write_bytes(safe.write_csv().encode())
    title = f"Pass Numérique — ce qui a bougé : {scope}"
    notes = [
        f"De la version {before.build_id} (données au {before.as_of:%d/%m/%Y}) "
        f"à la version {after.build_id} (données au {after.as_of:%d/%m/%Y}).",
        "Une livraison est celle qui a APPORTÉ le changement : celles qui le répètent ensuite ne sont pas citées.",
    ]
    alert = "DONNÉES DE DÉMONSTRATION" if after.is_demo else ""
    buffer = io.BytesIO()
    with workbook(buffer, title, f"{title} — version {after.build_id}", after.published_at) as book:
        for table in found:
            sheet = book.sheet(table.layout.sheet)
            shown, more = _for_a_sheet(table)
            row = book.heading(sheet, table.layout.title, [*notes, *more], alert, len(shown.shown))
            book.table(sheet, row, shown)
            book.freeze(sheet, row, 1)
    paths.append(folder / BOOK)
    paths[-1].write_bytes(buffer.getvalue())
    return paths


def _for_a_sheet(table: Table) -> tuple[Table, list[str]]:
    """The rows that a person can go through, and a note on the others."""
    if table.values.height <= SHEET_ROWS:
        return table, []
    values = table.values.head(SHEET_ROWS)
    note = f"Les {SHEET_ROWS} premières lignes sur {table.values.height} : {table.layout.name}.csv les contient toutes."
    return Table(table.layout, values, nothing_withheld(values)), [note]


def _tables(difference: Difference) -> list[Table]:
    figures = pl.DataFrame(
        [(one.indicator, one.label, one.unit, one.before, one.after, one.change) for one in difference.movements],
        schema={
            "indicateur": pl.String,
            "libelle": pl.String,
            "unite": pl.String,
            "avant": pl.Float64,
            "apres": pl.Float64,
            "ecart": pl.Float64,
        },
        orient="row",
    )
    kinds: dict[str, type[pl.DataType]] = {"source_line": pl.Int64, "effect": pl.Float64}
    schema = {name: kinds.get(name, pl.String) for name in LINE_COLUMNS}
    moved = pl.DataFrame(difference.lines, schema=schema, orient="row").with_columns(
        pl.col("kind").replace_strict(labels.LINE_CHANGE)
    )
    lines = moved.select(
        pl.col("indicator").alias("indicateur"),
        pl.col("file_name").alias("fichier"),
        pl.col("source_line").alias("ligne"),
        pl.col("kind").alias("nature"),
        pl.col("replaced_files").alias("a_la_place_de"),
        pl.col("effect").alias("effet"),
    )
    deliveries = (
        moved.group_by("file_name", "indicator", maintain_order=True)
        .agg(lines=pl.len(), effect=pl.col("effect").sum())
        .join(figures.select(indicator="indicateur", unite="unite"), on="indicator", how="left")
        .sort("file_name", "indicator")
        .select(
            pl.col("file_name").alias("fichier"),
            pl.when(pl.col("file_name").is_in(difference.files_added))
            .then(pl.lit("de plus"))
            .when(pl.col("file_name").is_in(difference.files_removed))
            .then(pl.lit("de moins"))
            .otherwise(pl.lit("dans les deux"))
            .alias("livraison"),
            pl.col("indicator").alias("indicateur"),
            pl.col("unite"),
            pl.col("lines").cast(pl.Int64).alias("lignes"),
            pl.col("effect").alias("effet"),
        )
    )
    return [
        _table("chiffres", "Chiffres", "Les chiffres qui ont bougé", figures),
        _table("livraisons", "Livraisons", "Ce que chaque livraison a fait bouger", deliveries),
        _table("lignes", "Lignes", "Les lignes qui ont fait bouger les chiffres", lines),
    ]


_TITLES = {
    "libelle": "Libellé",
    "unite": "Unité",
    "apres": "Après",
    "ecart": "Écart",
    "a_la_place_de": "À la place de",
}


def _table(name: str, sheet: str, title: str, frame: pl.DataFrame) -> Table:
    columns = tuple(
        Column(column, _TITLES.get(column, column.capitalize()), _kind(dtype), column)
        for column, dtype in frame.schema.items()
    )
    return Table(Layout(name, sheet, title, name, (), columns), frame, nothing_withheld(frame))


def _kind(dtype: pl.DataType) -> Kind:
    if dtype == pl.String:
        return "text"
    return "integer" if dtype.is_integer() else "number"
