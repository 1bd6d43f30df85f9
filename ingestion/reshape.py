"""Other grains: lines of a layout → rows of its data set (issue 3: one row a PASS, one row a TRANSACTION).

Everything is told by the contract's `reshape`; a contract without one is left untouched. Does not live here:
typing (values), the accounting of lines (parse).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ingestion.contract import Contract, GroupPasses, SplitPasses
from ingestion.personal_text import MASK

_SCHEMA = {"line": pl.Int64, "column_name": pl.String, "value": pl.String, "reason": pl.String}
_PARTS = {"line": pl.Int64, "kept_line": pl.Int64}


@dataclass(frozen=True)
class Shaped:
    """Rows of the data set (several a line, or one for several lines), and the lines refused on the way."""

    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    #: Lines that are part of another's row: line, kept_line.
    parts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_PARTS))


def reshape(rows: pl.DataFrame, contract: Contract, torn: pl.Series) -> Shaped:
    """Rows at the grain of the layout → rows at the grain of the data set.

    `torn`: groups (carnets) that lost a rejected line; what is left of them is rejected too.
    """
    if isinstance(contract.reshape, GroupPasses):
        return _group(rows, contract, contract.reshape, torn)
    if isinstance(contract.reshape, SplitPasses):
        return _split(rows, contract, contract.reshape)
    return Shaped(rows, _none(), _none())


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=_SCHEMA)


def _group(rows: pl.DataFrame, contract: Contract, how: GroupPasses, torn: pl.Series) -> Shaped:
    """Lines of one carnet → the carnet, from its smallest to its greatest pass.

    Nothing is guessed: a carnet that lost a line, whose passes are not consecutive, or whose lines disagree on a
    critical column, is rejected whole; an optional column on which they disagree is left empty, with an issue.
    """
    number = pl.col(how.number)
    others = [f for f in contract.fields if f.name not in (how.by, how.number)]
    value = number.cast(pl.Int64, strict=False)
    consecutive = (
        (number.str.len_chars().n_unique() == 1)
        & (value.max() - value.min() + 1 == value.n_unique())
        & (value.n_unique() == pl.len())
        & (pl.len() <= how.max_count)
    )
    checked = rows.with_columns(
        consecutive.over(how.by).alias("_consecutive"),
        *[(pl.col(f.name).n_unique().over(how.by) == 1).alias(f"_same_{f.name}") for f in others],
    )
    is_torn = pl.col(how.by).is_in(torn.implode())
    rejected = [
        _find(checked.filter(is_torn), how.by, how.by, "invalid_value"),
        _find(checked.filter(~is_torn & ~pl.col("_consecutive")), how.number, how.number, "invalid_value"),
    ]
    kept = checked.filter(~is_torn & pl.col("_consecutive"))
    for column in [f.name for f in others if f.is_required]:
        differs = ~pl.col(f"_same_{column}")
        rejected.append(_find(kept.filter(differs), column, column, "invalid_value"))
        kept = kept.filter(~differs)
    issues = []
    for other in [f for f in others if not f.is_required]:
        different = kept.filter(~pl.col(f"_same_{other.name}"))
        issues.append(_find(different, other.name, None if other.personal else other.name, "invalid_value"))
    carnets = (
        kept.group_by(how.by, maintain_order=True)
        .agg(
            pl.col("line").min(),
            number.min().alias(how.first),
            number.max().alias(how.last),
            *[pl.when(pl.col(f"_same_{f.name}").first()).then(pl.col(f.name).first()).alias(f.name) for f in others],
        )
        .sort("line")
    )
    parts = kept.select("line", kept_line=pl.col("line").min().over(how.by)).filter(
        pl.col("line") != pl.col("kept_line")
    )
    return Shaped(carnets, pl.concat([_none(), *rejected]), pl.concat([_none(), *issues]), parts)


def _split(rows: pl.DataFrame, contract: Contract, how: SplitPasses) -> Shaped:
    """One transaction → one row a pass. A pass named twice in a transaction is a bad value: it is paid once.

    Amounts are shared to the cent: the first passes, in the order of the cell, take the cents that remain.
    """
    passes = pl.col(how.field).str.split("|")
    twice = rows.filter(passes.list.n_unique() < passes.list.len())
    kept = rows.filter(passes.list.n_unique() == passes.list.len())
    exploded = (
        kept.with_columns(_n=passes.list.len(), _passes=passes)
        .with_columns(_rank=pl.int_ranges(0, pl.col("_n")))
        .explode("_passes", "_rank")
    )
    shares = []
    for name in how.share:
        cents = (pl.col(name) * 100).cast(pl.Int64)
        base, rest = cents // pl.col("_n"), cents % pl.col("_n")
        share = base + (pl.col("_rank") < rest).cast(pl.Int64)
        shares.append((share.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)).alias(name))
    result = exploded.with_columns(
        pl.col("_passes").alias(how.into),
        pl.concat_str(pl.col(how.key), pl.lit("-"), pl.col("_passes")).alias(how.key_into),
        *shares,
    )
    dropped = [c for c in ("_n", "_passes", "_rank", how.field, how.key) if c not in (how.into, how.key_into)]
    return Shaped(result.drop(dropped), _find(twice, how.field, how.field, "invalid_value"), _none())


def _find(rows: pl.DataFrame, column: str, value: str | None, reason: str) -> pl.DataFrame:
    shown = pl.col(value).cast(pl.String) if value else pl.lit(MASK)
    return rows.select(
        "line", column_name=pl.lit(column), value=shown, reason=pl.lit(reason)
    )  # fmt: skip
