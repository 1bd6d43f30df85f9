"""Records lost inside a quoted field: a lone quote opens it, another lone quote, lines later, closes it.

Nothing in the grammar of a CSV tells it from a text on several lines; what it holds does: lines that are records.
Does not live here: quotes that never close, or that close in the middle of a word (quoting).
"""

from __future__ import annotations

import polars as pl

from ingestion.refusal import unreadable

NARROW = 4
"""Below that many fields, a line of a text has as many separators as a record easily: its key must look like one."""


def refuse_swallowed(records: pl.DataFrame, separator: str, width: int, key: int) -> None:
    """Refuse a file where a quoted field holds whole records. `key`: position of the first column of the natural key.

    Records of several lines are looked at, line by line as they are written: a record has one line with as many
    separators as the header, and only one. Raises Refusal `unreadable`, naming the first and the last line.
    """
    spans = records["text"].str.contains("\n", literal=True)
    if not spans.any():
        return
    lines = (
        records.filter(spans)
        .with_columns(part=pl.col("text").str.split("\n"))
        .explode("part")
        .with_columns(n=pl.col("part").str.count_matches(separator, literal=True) + 1)
        .with_columns(place=pl.int_range(pl.len()).over("line"))
    )
    alike = lines.filter(is_about(pl.col("n"), width))
    cells = alike["part"].str.split(separator).list.get(key, null_on_oob=True).str.strip_chars('" ')
    look = _look(cells)
    if width < NARROW:
        look = look.set(~look.str.contains("9", literal=True), None)
    alike = alike.with_columns(look=look)
    # the same look twice in one record: two keys; or three lines of that many fields, which no text has
    found = alike.group_by("line", maintain_order=True).agg(
        count=pl.len(), last=pl.col("place").max(), same=pl.col("look").drop_nulls().is_duplicated().any()
    )
    found = found.filter(pl.col("same") | ((pl.col("count") >= 3) & (width >= NARROW)))
    if found.is_empty():
        return
    first, last = found["line"][0], found["line"][0] + found["last"][0]
    raise unreadable(
        f"Un guillemet ouvert à la ligne {first} n’est fermé qu’à la ligne {last} : le champ avale les enregistrements "
        "qui sont entre les deux.",
        f'Supprimez ou doublez le guillemet égaré des lignes {first} et {last} (un pouce s’écrit 24""), puis redéposez '
        "le fichier.",
    )


def is_about(fields: pl.Expr, width: int) -> pl.Expr:
    """About as many fields as a record: one more or one less where records are wide."""
    slack = 1 if width >= 2 * NARROW else 0
    return fields.cast(pl.Int64).is_between(width - slack, width + slack)


def _look(keys: pl.Series) -> pl.Series:
    """What a key looks like: its letters and figures as such, its signs as they are; null where it is empty.

    Two keys of one export look alike; a line of a text does not look like a key: no figure, or blanks.
    """
    look = keys.str.replace_all(r"\p{L}+", "a").str.replace_all("[0-9]+", "9").str.replace_all("(?:a|9){2,}", "9")
    return look.set(keys.str.strip_chars() == "", None)
