"""How well a column fits a field: by the likeness of its header, and by its values (for `passnum map`).

Does not live here: choosing the layout and the pairs (mapping).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from typing import Any

import polars as pl

from ingestion.contract import ARTICLES, Contract, Field, NumberRange, normalise_header
from ingestion.lake import Lake
from ingestion.nothing import find_nothing
from ingestion.personal import recognise_by_name, recognise_by_values
from ingestion.values import Setting, clean, type_column
from ingestion.vocabulary import WORDS

_SETTING = Setting(extract_year=2100)
# How much values that fit prove: many columns hold texts or whole numbers, few hold valid SIRET.
_WEIGHT_OF_TYPE = {
    "siret": 1.0, "enum": 1.0, "insee": 0.9, "datetime": 0.8, "date": 0.8, "decimal": 0.6, "number": 0.5,
    "digits": 0.6, "digits_list": 0.7, "integer": 0.5, "code": 0.3, "text": 0.25, "list": 0.2,
}  # fmt: skip
SHARE_OF_RIGHT_VALUES = 0.6
SHARE_OF_FILLED_VALUES = 0.95
"""A column with holes is no required field: every line would be rejected."""
_PASS_FIELDS = {"numero_pass", "numeros_pass", "premier_pass", "dernier_pass"}


@dataclass(frozen=True)
class Known:
    """Values the lake already knows, by what they are: they prove a column better than its header."""

    carnets: pl.Series
    first_passes: pl.Series
    last_passes: pl.Series
    services: pl.Series
    lieux: pl.Series

    @classmethod
    def of(cls, lake: Lake | None) -> Known:
        """What the loaded emissions, services and lieux name; empty without a lake."""
        passes = _columns(lake, "emissions", ["numero_carnet", "premier_pass", "dernier_pass"])
        services = _columns(lake, "services", ["code_service"])
        lieux = _columns(lake, "lieux", ["pivot"])
        ordered = passes.sort("premier_pass")
        return cls(
            passes["numero_carnet"], ordered["premier_pass"], ordered["dernier_pass"],
            services["code_service"], lieux["pivot"],
        )  # fmt: skip

    def share(self, name: str, values: pl.Series) -> float | None:
        """Share of the values that are known under that field's name; None where nothing is known of it."""
        if name in _PASS_FIELDS:
            return self._share_of_passes(values)
        pool = {
            "numero_carnet": self.carnets, "code_service": self.services, "siret_lieu": self.lieux,
        }.get(name)  # fmt: skip
        if pool is None or pool.is_empty() or values.is_empty():
            return None
        return _share(values.is_in(pool.implode()))

    def _share_of_passes(self, values: pl.Series) -> float | None:
        if self.first_passes.is_empty() or values.is_empty():
            return None
        wanted = values.str.split("|").explode().cast(pl.UInt64, strict=False).to_frame("n").sort("n")
        carnets = pl.DataFrame(
            {"first": self.first_passes.cast(pl.UInt64), "last": self.last_passes.cast(pl.UInt64)}
        ).sort("first")
        found = wanted.drop_nulls().join_asof(carnets, left_on="n", right_on="first", strategy="backward")
        if found.is_empty():
            return 0.0
        return _share((found["n"] <= found["last"]).fill_null(False))


def _columns(lake: Lake | None, dataset: str, names: list[str]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if lake is None:
        return empty
    paths = [lake.folder_of(dataset, r.file_id) / "rows.parquet" for r in lake.receipts() if r.dataset == dataset]
    return pl.concat([empty, *[pl.read_parquet(p, columns=names, glob=False) for p in paths]]).unique()


@dataclass(frozen=True)
class Column:
    """One column of an unknown export: its header, a sample of its cleaned, present values, the share of those."""

    position: int
    header: str
    values: pl.Series
    is_unique: bool = field(default=False)
    filled: float = field(default=1.0)
    _typed: dict[object, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def typed_as(self, target: Field) -> pl.DataFrame:
        """The values as that field reads them: worked out once for all the fields that differ by their words alone."""
        words = {"title", "description", "example", "aliases", "role", "personal", "pseudonym", "age_band"}
        # The name and the role of a text say whether it is an identifier (contract), « pivot » what it may be (values).
        kind = (target.is_identifier, target.name == "pivot", target.model_dump_json(exclude=words | {"name"}))
        if kind not in self._typed:
            self._typed[kind] = type_column(target, self.values, _SETTING)
        return self._typed[kind]

    @cached_property
    def personal(self) -> str | None:
        """What of a person the header, else the values, are recognised as; asked by every field it could be."""
        return recognise_by_name(self.header) or recognise_by_values(self.values)

    @classmethod
    def of(cls, position: int, header: str, texts: pl.Series) -> Column:
        values = texts.to_frame("t").select(clean(pl.col("t"))).to_series().drop_nulls()
        nothing = find_nothing(values)
        values = values if nothing is None else values.filter(nothing.is_null())
        is_unique = len(values) > 1 and values.n_unique() == len(values) == len(texts)
        return cls(position, header, values, is_unique, len(values) / max(1, len(texts)))


@dataclass(frozen=True)
class Fit:
    """`header` and `values`: 0 to 1. `known`: share of values the lake knows, None if it knows none."""

    header: float
    values: float
    known: float | None
    score: float


def fit(column: Column, target: Field, known: Known) -> Fit:
    """How well a column would be that field. Required fields are given a little more: a file is nothing without."""
    alike = header_fit(column.header, target)
    if column.values.is_empty():
        return Fit(alike, 0.0, None, 0.6 * alike)
    typed = column.typed_as(target)
    right = 1 - _share(typed["is_bad"])
    if target.type == "siret":
        right *= 1 - _share(typed["is_doubtful"])
    share = known.share(target.name, typed["value"].drop_nulls()) if right > 0 else None
    proof = right * _WEIGHT_OF_TYPE[target.type] * _look(column.values, target)
    if share is not None:
        proof = 0.3 * proof + 0.9 * share
    if target.role == "K" and target.type in ("text", "code"):
        proof = min(1.0, proof + (0.35 if column.is_unique else 0.0))
    score = 0.6 * alike + 0.4 * proof
    if target.is_required and right >= SHARE_OF_RIGHT_VALUES:
        score += 0.12
    if target.is_required and column.filled < SHARE_OF_FILLED_VALUES:
        score *= 0.6
    if right < SHARE_OF_RIGHT_VALUES and alike < 0.95:
        score *= 0.3
    return Fit(alike, right, share, score)


def find_range(columns: list[Column], rule: NumberRange) -> tuple[int, int] | tuple[()]:
    """Places of two columns that hold first and last numbers line by line, as the rule tells; () without."""
    numbers = {
        place: column.values.cast(pl.Int64)
        for place, column in enumerate(columns)
        if column.filled == 1.0 and column.values.str.contains("^[0-9]{8,16}$").all() and len(column.values)
    }
    for first, last in permutations(numbers, 2):
        span = numbers[last] - numbers[first]
        if (span > 0).all() and (span < rule.max_count).all():
            return first, last
    return ()


def _share(flags: pl.Series) -> float:
    """Share of the values that hold; 0 without any."""
    mean: Any = flags.mean()
    return float(mean or 0.0)


def _look(values: pl.Series, target: Field) -> float:
    """What tells two types apart that both accept a text: several numbers, an hour, cents, a length."""
    has_several = values.str.contains(r"[0-9]{6,}\D+[0-9]{6,}").any()
    if target.type == "digits_list":
        if _share(values.str.contains(r"^[0-9]{6,}(?:\D+[0-9]{6,})*$")) < 0.9:
            return 0.0
        return 1.5 if has_several else 0.3
    if target.maximum == "extract_year":
        # whole numbers that are all years of the last hundred say more than whole numbers
        return 2.0 if _share(values.str.contains("^(?:19|20)[0-9]{2}$")) >= 0.9 else 0.5
    has_hours = _share(values.str.contains(r"[0-9]:[0-9]")) >= 0.5
    if target.type == "datetime":
        return 1.2 if has_hours else 0.9
    if target.type == "date":
        return 0.6 if has_hours else 1.0
    if target.type == "decimal":
        return 1.2 if _share(values.str.contains(r"[.,][0-9]{2}\D*$")) >= 0.5 else 0.7
    if target.type == "code":
        return 1.5 if _share(values.str.contains(r"^[A-Za-z]+[-_ ]?[A-Za-z0-9_-]*[0-9]")) >= 0.9 else 1.0
    if target.type == "digits":
        if has_several:
            # one cell of several numbers is enough: read as one number, that line would be lost
            return 0.0
        return 1.2 if _share(values.str.contains("^[0-9 ]{8,}$")) >= 0.9 else 0.5
    return 1.0


def header_fit(header: str, target: Field) -> float:
    """Likeness (0–1) of a header and the nearest name of a field: by letters and by words in common."""
    spelled = normalise_header(header)
    words = _words(header)
    best = 0.0
    for name in target.headers:
        other = normalise_header(name)
        # a slip of the pen keeps the first letter: « remis le » is not « émis le »
        letters = difflib.SequenceMatcher(None, spelled, other).ratio() if spelled[:1] == other[:1] else 0.0
        others = _words(name)
        shared = len(words & others)
        common = 0.5 * shared / max(1, len(words | others)) + 0.5 * shared / max(1, min(len(words), len(others)))
        best = max(best, letters if letters > 0.85 else 0.5 * letters + 0.5 * common, 0.8 * common)
    return best


def _words(text: str) -> set[str]:
    folded = normalise_header(text)
    parts = {normalise_header(p) for p in re.split(r"[^0-9A-Za-zÀ-ÿ°º]+", text) if p} - ARTICLES
    singular = {p: p.rstrip("s") for p in parts if p}
    return {WORDS.get(p, WORDS.get(one, one)) for p, one in singular.items()} or {folded}


def is_complete_for(contract: Contract, fields: set[str]) -> bool:
    """Whether these fields hold every required one of a layout."""
    return all(f.name in fields for f in contract.required)
