"""Texts of one column → typed values, under the field's contract (exports §2, §5). Column at a time, no row loop.

Does not live here: what becomes of a line with a bad value (parse).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

import polars as pl
from stdnum import luhn

from ingestion.cell_marks import DAY_MARK, FIRST_SERIAL, LAST_SERIAL
from ingestion.contract import Field
from ingestion.damage import find_damaged_text, is_damaged_identifier, is_zeros
from ingestion.nothing import NOTHING, find_nothing
from ingestion.personal import CONTROLS, NUMBER_TYPES, is_somebody, mask_texts, without_people

BLANKS = " \t\n\r\x0b\x0c\u00a0\u202f\u205f\u3000\u200b\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
SMALLEST_SIRET_DIGITS = 11
"""A SIRET that lost more than three zeros is not one: no SIREN begins with four."""
LA_POSTE = "356000000"
FIRST_YEAR, LAST_YEAR = 1900, 2100
DISTINCT_PROBE = 4_000

_FRENCH_DAY = "(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4}|[0-9]{2})"
_ISO_DAY = "(?P<iy>[0-9]{4})-(?P<im>[0-9]{2})-(?P<id>[0-9]{2})"
_SECONDS = "(?::(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,6})[0-9]*)?)?"
_OFFSET = "[Zz]|UTC|GMT|[+\u2212-](?:0[0-9]|1[0-5])(?::?[0-5][0-9](?::?[0-5][0-9])?)?"
"""Of ISO 8601 and of PostgreSQL: `Z`, `+01`, `+0100`, `+01:00`, and `+00:09:21`, Paris before 1911."""
_TIME = f"(?: +|[Tt])(?P<h>[0-9]{{1,2}}):(?P<n>[0-9]{{2}}){_SECONDS} *(?P<z>{_OFFSET})?"
_DATE_TIME = f"^(?:{_FRENCH_DAY}|{_ISO_DAY})(?:{_TIME}| *(?:{_OFFSET}))?$"
"""An offset after a day without an hour changes nothing: the day is the one written."""
_TEXT_FORMULA = '(?s)^="([^"]*)"$'
"""`="0021"`: written so in a CSV, Excel keeps the zeros; the text inside is the value."""
_SERIAL = r"^[0-9]{5}(?:\.[0-9]+)?$"
_BASIC_DAY = "^([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})([0-9]{2})"
"""ISO 8601 without hyphens nor colons: 20211203T104500Z."""
YEARS_AHEAD, YEARS_OF_END = 1, 10
"""A year of two digits is of this century up to so many years after the extraction, else of the last: 99 is 1999.
What has happened, or is about to, is not far ahead; an end (of validity, of a referencing) may be."""
_DECIMAL = r"^[+-]?(?:[0-9]{1,13}|[0-9]{1,3}(?:\s[0-9]{3}){1,4})(?:[.,][0-9]{1,2})?$"
_INTEGER = r"^[+-]?(?:[0-9]{1,9}|[0-9]{1,3}(?:\s[0-9]{3}){1,2})(?:[.,]0+)?$"
_NUMBER = r"^[+-]?[0-9]{1,9}(?:[.,][0-9]{1,17})?$"

POLARS_TYPES: dict[str, pl.DataType] = {
    "decimal": pl.Decimal(18, 2),
    "integer": pl.Int32(),
    "number": pl.Float64(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Setting:
    """What the values of a file depend on besides the contract."""

    extract_year: int
    is_sheet: bool = False
    uses_1904: bool = False
    headers: Mapping[str, str | pl.Series] = field(default_factory=dict)
    """Field → its header in the file (line by line, for many files): found again below, it is no key (exports put
    end to end)."""


_FLAGS = ("is_bad", "is_repaired", "is_doubtful", "is_damaged", "is_masked")
_UNSAID: dict[str, pl.Expr] = {
    **{flag: pl.lit(False).alias(flag) for flag in _FLAGS},
    "nothing": pl.lit(None, dtype=pl.String).alias("nothing"),
}


def polars_type(field: Field) -> pl.DataType:
    """Type of the field's column in the lake."""
    return POLARS_TYPES.get(field.type, pl.String())


def clean(cell: pl.Expr) -> pl.Expr:
    """Surrounding blanks removed (no-break and narrow ones too); an empty cell is null."""
    stripped = cell.str.strip_chars(BLANKS)
    return pl.when(stripped != "").then(stripped)


def type_column(field: Field, cells: pl.Series, setting: Setting) -> pl.DataFrame:
    """Cells as delivered → columns `text` (cleaned), `value` (typed, null where absent or bad) and what is to be said.

    `is_bad`: not of the type, pattern, range or enumeration. `is_repaired`: lost zeros padded back. `is_doubtful`:
    kept, but its check digits do not hold. `is_damaged`: kept, but its letters were read in a wrong encoding.
    `is_masked`: a text that holds what is somebody's: masked, or empty where it may be.
    `nothing`: why the text stands for no value (`null_word`…), null elsewhere. Columns of few distinct cells are
    worked out once a distinct cell.
    """
    work = partial(_type_values, field, setting)
    probe = cells.head(DISTINCT_PROBE)
    if len(cells) > DISTINCT_PROBE and probe.n_unique() < DISTINCT_PROBE // 2:
        return _once_a_value(cells, work)
    return work(cells)


def _once_a_value(cells: pl.Series, work: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """What no distinct cell is said to be is not looked for cell by cell: most columns are all sound."""
    distinct = cells.unique()
    known = work(distinct)
    unsaid = [flag for flag in _FLAGS if not known[flag].any()]
    unsaid += ["nothing"] if known["nothing"].null_count() == known.height else []
    told = known.drop(unsaid).with_columns(key=distinct)
    joined = cells.to_frame("key").join(told, on="key", how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(_UNSAID[column] for column in unsaid).select(known.columns)


def _type_values(field: Field, setting: Setting, cells: pl.Series) -> pl.DataFrame:
    cleaned = cells.to_frame("text").select(clean(pl.col("text")))["text"]
    if cleaned.str.starts_with('="').any():
        cleaned = cleaned.to_frame("text").select(clean(pl.col("text").str.replace(_TEXT_FORMULA, "$1")))["text"]
    texts = cleaned
    frame = texts.to_frame("t").with_columns(_UNSAID.values())
    nothing = find_nothing(texts)
    if nothing is not None:
        frame = frame.with_columns(nothing=nothing, t=pl.when(nothing.is_null()).then(pl.col("t")))
        texts = frame["t"]
    has_controls = texts.str.contains(CONTROLS)
    if has_controls.any() and not field.is_identifier:
        # a day in a sheet is a day, or a text that shows one; in an identifier it is what Excel made of « 1-2 »
        texts = texts.str.strip_suffix(DAY_MARK)
        frame = frame.with_columns(t=texts)
        has_controls = texts.str.contains(CONTROLS)
    if has_controls.any():
        frame = frame.with_columns(t=pl.when(~has_controls).then(pl.col("t")))
    frame = _READERS[field.type](field, setting, without_people(field, frame) if field.type in NUMBER_TYPES else frame)
    frame = _within_bounds(field, setting, frame)
    emptied = pl.col("is_emptied") if "is_emptied" in frame.columns else pl.lit(False)
    return frame.select(
        cleaned,
        "value",
        is_bad=pl.col("value").is_null() & texts.is_not_null() & ~emptied & ~pl.col("is_masked"),
        is_repaired=pl.col("is_repaired") & pl.col("value").is_not_null(),
        is_doubtful=pl.col("is_doubtful") & pl.col("value").is_not_null(),
        is_damaged=pl.col("is_damaged") & pl.col("value").is_not_null(),
        is_masked=pl.col("is_masked"),
        nothing=pl.col("nothing"),
    )


def _within_bounds(field: Field, setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value")
    if field.minimum is not None:
        frame = frame.with_columns(value=pl.when(value >= field.minimum).then(value))
    if field.maximum is not None:
        top = setting.extract_year if field.maximum == "extract_year" else field.maximum
        frame = frame.with_columns(value=pl.when(value <= top).then(value))
    return frame


def _matching(field: Field, value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.contains(f"^(?:{field.pattern})$")).then(value) if field.pattern else value


def _text(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    return _written(field, frame, pl.col("t"))


def _code(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    return _written(field, frame, pl.col("t").str.to_uppercase())


def _written(field: Field, frame: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """A text as it is written: told where its letters are damaged, bad where a spreadsheet rewrote an identifier."""
    damaged = find_damaged_text(frame["t"])
    if damaged is not None:
        frame = frame.with_columns(is_damaged=damaged)
    if field.is_identifier:
        is_bad = is_damaged_identifier(frame["t"]) | is_somebody(field, frame["t"])
        is_bad = is_bad | is_zeros(frame["t"]) if field.name == "pivot" else is_bad
        if is_bad.any():
            frame = frame.with_columns(t=pl.when(~is_bad).then(pl.col("t")))
        return frame.with_columns(value=_matching(field, value))
    return mask_texts(field, frame.with_columns(value=_matching(field, value)))


def _digits(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    joined = pl.col("t").str.replace_all(r"[\s\u200b]", "")
    numbers = frame.with_columns(joined=pl.when(joined.str.contains("^[0-9]+$")).then(joined))
    return numbers.with_columns(value=_matching(field, pl.col("joined")))


def _digits_list(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """Several numbers in a cell → `|`-separated digits. Separators: any of , ; / | + and blanks between them."""
    joined = pl.col("t").str.replace_all(r"[\s,;/|+\u200b]+", "|").str.strip_chars("|")
    item = field.pattern or "[0-9]+"
    return frame.with_columns(value=pl.when(joined.str.contains(rf"^(?:{item})(?:\|(?:{item}))*$")).then(joined))


def _siret(_: Field, __: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """14 digits, or fewer that lost their zeros and whose check digits hold once padded (exports §2, §5).

    Zeros alone pass the check of Luhn and are nobody's: a bad value.
    """
    joined = pl.col("t").str.replace_all(r"[\s\u200b]", "")
    is_number = joined.str.contains(f"^[0-9]{{{SMALLEST_SIRET_DIGITS},14}}$") & joined.str.contains("[1-9]")
    frame = frame.with_columns(
        digits=pl.when(is_number).then(joined.str.zfill(14)),
        is_short=joined.str.len_chars() < 14,
    )
    holds = _check_digits_hold(frame["digits"])
    return frame.with_columns(
        value=pl.when(~pl.col("is_short") | holds).then(pl.col("digits")),
        is_repaired=pl.col("is_short"),
        is_doubtful=~holds,
    )


def _check_digits_hold(sirets: pl.Series) -> pl.Series:
    """Luhn, or for La Poste a digit sum that is a multiple of 5. python-stdnum judges each distinct SIRET once."""
    distinct = sirets.drop_nulls().unique()
    holds = {s: _siret_holds(s) for s in distinct}
    return sirets.replace_strict(holds, default=False, return_dtype=pl.Boolean) if holds else sirets.is_not_null()


def _siret_holds(siret: str) -> bool:
    return luhn.is_valid(siret) or (siret.startswith(LA_POSTE) and sum(map(int, siret)) % 5 == 0)


def _insee(_: Field, __: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """Five characters; one zero can be lost (departments 01 to 09), and only one."""
    upper = pl.col("t").str.to_uppercase()
    is_short = upper.str.contains("^[0-9]{4}$")
    code = pl.when(is_short).then(upper.str.zfill(5)).otherwise(upper)
    return frame.with_columns(
        value=pl.when(code.str.contains("^(?:[0-9]{5}|2[AB][0-9]{3})$")).then(code), is_repaired=is_short
    )


def _decimal(_: Field, __: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    amount = pl.col("t").str.replace(r"\s*€$", "")
    plain = amount.str.replace_all(r"\s", "").str.replace(",", ".", literal=True).str.strip_prefix("+")
    return frame.with_columns(
        value=pl.when(amount.str.contains(_DECIMAL)).then(plain).cast(pl.Decimal(18, 2), strict=False)
    )


def _integer(_: Field, __: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("t")
    plain = text.str.replace(r"[.,]0+$", "").str.replace_all(r"\s", "").str.strip_prefix("+")
    return frame.with_columns(value=pl.when(text.str.contains(_INTEGER)).then(plain).cast(pl.Int32, strict=False))


def _number(_: Field, __: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("t")
    plain = text.str.replace(",", ".", literal=True).str.strip_prefix("+")
    return frame.with_columns(value=pl.when(text.str.contains(_NUMBER)).then(plain).cast(pl.Float64, strict=False))


def _enum(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """Compared without case, accents and surrounding blanks, a blank within as its `_`; the canonical value is kept
    (exports §1)."""
    known = {_fold(v): v for v in field.values} | {_fold(k): v for k, v in field.value_aliases.items()}
    folded = pl.col("t").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    folded = folded.str.replace_all(r"\s+", "_")
    return frame.with_columns(value=folded.replace_strict(known, default=None, return_dtype=pl.String))


def _list(field: Field, _: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    """Items separated by `|`, or by `;` as before version 1 of the standard; older words as today's."""
    frame = _written(field, frame, pl.col("t"))
    is_plain = ~frame["value"].str.contains(r"[|;]").fill_null(False)
    if is_plain.all() and not field.value_aliases:
        return frame
    items = _items(pl.col("value"), field).list.eval(
        pl.when(pl.element().str.contains(NOTHING).not_()).then(pl.element()).otherwise(pl.lit(""))
    )
    if field.value_aliases:
        older = {fold_label(k): v for k, v in field.value_aliases.items()}
        items = items.list.eval(_today(pl.element(), older)).list.unique(maintain_order=True)
    joined = items.list.eval(pl.element().filter(pl.element() != "")).list.join("|")
    return frame.with_columns(
        value=pl.when(joined != "").then(joined), is_emptied=pl.col("value").is_not_null() & (joined == "")
    )


def take_known_items(field: Field, texts: pl.Series) -> pl.Series:
    """The items of another list that are this field's by their older words; null without any (`taken_from`)."""
    known = [fold_label(k) for k in field.value_aliases]
    items = _items(pl.col("t"), field).list.eval(pl.element().filter(_folded(pl.element()).is_in(known))).list.join("|")
    return texts.to_frame("t").select(pl.when(items != "").then(items)).to_series()


def _items(text: pl.Expr, field: Field) -> pl.Expr:
    """By `|`, else by `;`. By both where more known labels are then found: else `;` is part of an item."""
    known = {fold_label(label) for label in (*field.values, *field.value_aliases, *field.value_aliases.values())} - {""}
    by_bar, by_both = (
        t.str.split("|").list.eval(pl.element().str.strip_chars(BLANKS))
        for t in (text, text.str.replace_all(";", "|", literal=True))
    )
    known_by_bar, known_by_both = (
        items.list.eval(_folded(pl.element()).is_in(sorted(known))).list.sum() for items in (by_bar, by_both)
    )
    is_by_bar = text.str.contains("|", literal=True) & (known_by_both <= known_by_bar)
    return pl.when(is_by_bar).then(by_bar).otherwise(by_both)


def _today(item: pl.Expr, older: Mapping[str, str]) -> pl.Expr:
    return _folded(item).replace_strict(older, default=item, return_dtype=pl.String)


def _folded(item: pl.Expr) -> pl.Expr:
    """Compared without case, accents, form of the apostrophe, nor what older words explain behind « : »."""
    bare = item.str.replace(r"\s+:\s.*$", "").str.replace_all("’", "'").str.replace_all(r"\s+", " ")
    return bare.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()


@cache  # of the contracts' own words alone
def fold_label(label: str) -> str:
    """A label as two spellings of it are compared."""
    return pl.select(_folded(pl.lit(label))).item()


@cache
def _fold(value: str) -> str:
    return (
        pl.Series([value]).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()[0].replace(" ", "_")
    )


def _datetime(field: Field, setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("t").str.replace_all("\u00a0|\u202f", " ")
    if frame["t"].str.contains(_BASIC_DAY).any():
        text = text.str.replace(f"{_BASIC_DAY}([0-9]{{2}})", "$1-$2-${3}T$4:$5:$6")
        text = text.str.replace(_BASIC_DAY, "$1-$2-${3}T$4:$5")
    frame = frame.with_columns(p=text.str.extract_groups(_DATE_TIME)).unnest("p")
    ahead = YEARS_OF_END if field.name.startswith("date_fin_") else YEARS_AHEAD
    is_past = pl.col("y").cast(pl.Int32, strict=False) + 2000 > setting.extract_year + ahead
    century = pl.when(is_past).then(pl.lit("19")).otherwise(pl.lit("20"))
    year = pl.coalesce("iy", pl.when(pl.col("y").str.len_chars() == 2).then(century + pl.col("y")).otherwise("y"))
    day = pl.concat_str(year, pl.coalesce("im", "m"), pl.coalesce("id", "d"), separator="-")
    time = pl.concat_str(
        pl.col("h").fill_null("00").str.zfill(2), pl.col("n").fill_null("00"), pl.col("s").fill_null("00"),
        separator=":",
    )  # fmt: skip
    stamp = pl.concat_str(day, pl.lit("T"), time, pl.lit("."), pl.col("f").fill_null("0"))
    frame = frame.with_columns(
        value=stamp.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us", ambiguous="earliest")
    )
    if frame["z"].is_not_null().any():
        frame = frame.with_columns(value=_to_paris(pl.col("value"), pl.col("z")))
    if setting.is_sheet:
        frame = frame.with_columns(value=pl.coalesce("value", _from_serial(setting)))
    in_range = pl.col("value").dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return frame.with_columns(value=pl.when(in_range).then(pl.col("value")))


def _to_paris(value: pl.Expr, zone: pl.Expr) -> pl.Expr:
    """An instant with its offset is told in Paris time, as every other day of the figures is."""
    # hours, minutes, seconds: those that are not written are zeros
    digits = zone.str.replace_all(r"[^0-9]", "").str.pad_end(6, "0")
    hours, minutes, seconds = (digits.str.slice(at, 2).cast(pl.Int64, strict=False) for at in (0, 2, 4))
    offset = hours * 3600 + minutes * 60 + seconds
    signed = pl.when(zone.str.contains("^[-\u2212]")).then(-offset).otherwise(offset).fill_null(0)
    paris = (
        (value - pl.duration(seconds=signed))
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone("Europe/Paris")
        .dt.replace_time_zone(None)
    )
    return pl.when(zone.is_not_null()).then(paris).otherwise(value)


def _from_serial(setting: Setting) -> pl.Expr:
    """Excel's day numbers, to the second."""
    epoch = pl.datetime(1904, 1, 1) if setting.uses_1904 else pl.datetime(1899, 12, 30)
    text = pl.col("t")
    serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
    serial = pl.when(serial.is_between(FIRST_SERIAL, LAST_SERIAL)).then(serial)
    seconds = (serial * 86_400).round(0).cast(pl.Int64)
    return epoch.cast(pl.Datetime("us")) + pl.duration(seconds=seconds)


def _date(field: Field, setting: Setting, frame: pl.DataFrame) -> pl.DataFrame:
    return _datetime(field, setting, frame).with_columns(pl.col("value").dt.date())


_READERS = {
    "text": _text,
    "list": _list,
    "code": _code,
    "digits": _digits,
    "digits_list": _digits_list,
    "siret": _siret,
    "insee": _insee,
    "decimal": _decimal,
    "integer": _integer,
    "number": _number,
    "enum": _enum,
    "date": _date,
    "datetime": _datetime,
}
