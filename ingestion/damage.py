"""What programs did to a text before it came: letters read in a wrong encoding, identifiers a spreadsheet rewrote.

Kinds of exports §2: double-encoded UTF-8 (`Ã©`), U+FFFD, HTML entities; `2,02211E+15` in an identifier. Does not live
here: what becomes of the line (judging), the encoding of a whole file (decode).
"""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

# Characters of a French text that are no ASCII, as they are typed.
_FRENCH = "àâäæçéèêëîïôöœùûüÿñÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸÑ°²³«»’‘“”–—…€½·™®©\u00a0\u202f"
_WRONG_CODECS = ("cp1252", "latin-1", "iso8859_15", "mac_roman", "cp850", "cp437")


def _misread(codec: str) -> set[str]:
    """UTF-8 bytes of those characters, read as `codec`; `¦` and the like stay: they are part of what is read."""
    found = {c.encode().decode(codec, errors="replace") for c in _FRENCH}
    # Windows gives the five bytes it has no letter for as control characters
    return {text.translate({0xFFFD: None}) for text in found}


_SEQUENCES = sorted(
    {text for codec in _WRONG_CODECS for text in _misread(codec) if len(text) > 1 and not text.isascii()}
    # a wrong codec may give letters that are also a French word's
    - {"ô“", "Ôê", "Âé"},
    key=lambda text: (-len(text), text),
)
_DOUBLE = "[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Ã(?:[^\\p{L}]|$)|Â$|\u00e2\u0080[\u0080-\u00bf]|ï»¿|ðŸ"
_IN_A_WORD = (
    # DOS, Mac and Windows letters taken for one another: « M‚diathŠque », « mÚdiathÞque », « mÈdiathËque »
    r"\p{Ll}[‚„†‡ˆ‰Š‹ŒŽ™”“•\u0081\u008d\u008f\u0090\u009d]\p{Ll}"
    r"|\p{Ll}[ÈËÍÓÁÙÚÞÛ]\p{Ll}"
)
_ENTITY = r"&(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5});"
_DAMAGED = "|".join(["\ufffd", _ENTITY, _DOUBLE, *map(re.escape, _SEQUENCES), _IN_A_WORD])
_MAY_BE = "[^\x00-\x7f]|&"

_EXPONENT = r"^[+-]?(?:[0-9]+[.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9]+[eE][+-][0-9]{1,3})$"
_HASHES = "^#{3,}$"
_MONTHS = "janv|févr|fév|mars|avr|mai|juin|juil|août|sept|oct|nov|déc"
_ENGLISH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DAY = (
    rf"^(?:[0-9]{{1,2}}-(?:{_MONTHS})\.?(?:-[0-9]{{2,4}})?|(?:{_MONTHS})\.?-[0-9]{{2,4}}"
    rf"|[0-9]{{1,2}}-(?:{_ENGLISH})(?:-[0-9]{{2,4}})?|(?:{_ENGLISH})-[0-9]{{2,4}})$"
)
_REWRITTEN = f"{_EXPONENT}|{_HASHES}|{_DAY}"
_ROUNDED = "^[0-9]{15}0+$|^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# no identifier of that length was rewritten so: the others are not looked at
_LONGEST_REWRITTEN = 26


def find_damaged_text(texts: pl.Series) -> pl.Series | None:
    """Whether each text holds letters read in a wrong encoding; None without any."""
    may_be = texts.str.contains(_MAY_BE)
    if not may_be.any():
        return None
    found = may_be.fill_null(False)
    damaged = texts.filter(found).str.contains(_DAMAGED)
    if not damaged.any():
        return None
    rows = found.arg_true().filter(damaged)
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(texts)).scatter(rows, True)


def is_damaged_identifier(texts: pl.Series) -> pl.Series:
    """Whether a spreadsheet rewrote the identifier: as a number with an exponent, a day, or `####`."""
    found = (texts.str.len_bytes() <= _LONGEST_REWRITTEN) & texts.str.contains(_REWRITTEN)
    return found.fill_null(False)


def find_rewritten(findings: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """Of the values set aside (line, column_name, value, reason), those of identifiers a spreadsheet made a number or
    a day of, by line. `columns`: those that hold identifiers.
    """
    of_identifiers = pl.col("column_name").is_in(columns) & (pl.col("reason") == "invalid_value")
    values = findings.filter(of_identifiers)
    is_rewritten = is_damaged_identifier(values["value"]) | values["value"].str.contains(_ROUNDED).fill_null(False)
    return values.filter(is_rewritten).sort("line")


def is_zeros(texts: pl.Series) -> pl.Series:
    """Whether a number is made of zeros alone: nobody's."""
    return texts.str.contains(r"^0[0\s]*$").fill_null(False)
