"""What in a text is somebody's: a mail, a phone number, a postal address, a NIR, a person named with their title.

One definition of each, in Polars expressions. Two strengths: in free text whatever looks like one is one; among
identifiers, where ten digits in a row are a number like any other, only what nothing else is written like (groups of
two digits, the key of a NIR). Does not live here: which columns are looked at (values), what a header or a whole column
announces, shapes (personal).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, reduce
from typing import cast

import polars as pl

from ingestion.extract_date import split_name
from presentation.plain_text import plain_name

MASK = "***"
MAIL, PHONE, ADDRESS, NIR, NAME = "mail", "phone", "address", "nir", "name"
KINDS = (MAIL, PHONE, ADDRESS, NIR, NAME)
MASKED_IN_NAMES = "masqué"
"""In the name of a file, where asterisks are trouble."""

_LETTER = r"[\p{L}\p{M}]"
_ALNUM = r"[\p{L}\p{M}\p{N}]"
_BEFORE, _AFTER = r"(^|[^\p{L}\p{N}+]|(?i:t[ée]l|nir))", r"($|[^\p{L}\p{N}])"
_DASH = r"\u2010-\u2015"
_GAP = rf"[\s._/·•{_DASH}-]"
"""What parts the groups of a number: `_` too, as in the names of files, and the dashes that word processors put."""
_AT = r"(?:\s?(?:@|[\[({<]\s?(?i:at|a|@|arobase|chez)\s?[\])}>])\s?|\s(?i:arobase)\s|%40|&#64;)"
_DOMAIN = rf"{_ALNUM}(?:{_ALNUM}|[_-])*(?:\.(?:{_ALNUM}|[_-])+)*[.,]{_LETTER}{{2,24}}"
_MAIL = rf"[\p{{L}}\p{{M}}\p{{N}}.!#$&'*+/=?^_`{{|}}~’-]*(?:{_ALNUM}{_AT}|[_+-]@){_DOMAIN}"
_PAIRS = rf"(?:{_GAP}{{1,3}}[0-9]{{2}}){{4}}"
"""A sign between all the groups: `01/02/2022 03` is a day and an hour."""
_ABROAD = rf"\+(?:[1-9](?:{_GAP}|[()]){{0,2}})(?:[0-9](?:{_GAP}|[()]){{0,3}}){{7,12}}[0-9]"
_GROUPED_PHONE = rf"0[1-9]\)?(?:{_PAIRS})|00{_GAP}?33{_GAP}?(?:\(0\){_GAP}?)?[1-9](?:{_PAIRS})|{_ABROAD}"
_JOINED_PHONE = (
    r"0[1-9][0-9]{8}|33[67][0-9]{8}|0033[1-9][0-9]{8}"
    r"|0[1-9](?:\s[0-9]{3}){2}\s[0-9]{2}|0[1-9][0-9](?:\s[0-9]{3}){2}[0-9]"
)
_MONTH, _PLACE = r"(?:0[1-9]|1[0-2]|[2-9][0-9])", r"(?:[0-9]{2}|2[ABab])"
_ORDER_AND_KEY = rf"{_GAP}?[0-9]{{3}}(?:{_GAP}{{0,3}}[0-9]{{2}})?"
_PIECES_OF_NIR = rf"{_GAP}?[0-9]{{3}}{_ORDER_AND_KEY}"
_BORN_IN = rf"(?:{_PLACE}{_GAP}?[0-9]{{3}}|9[78][0-9]{_GAP}?[0-9]{{2}})"
"""A department and a commune; overseas, of three digits and of two."""
_GROUPED_NIR = rf"[1-478]{_GAP}[0-9]{{2}}{_GAP}{_MONTH}{_GAP}{_BORN_IN}{_ORDER_AND_KEY}"
_LOOSE_NIR = rf"[12]{_GAP}?[0-9]{{2}}{_GAP}?(?:0[1-9]|1[0-2]){_GAP}?{_BORN_IN}{_ORDER_AND_KEY}"
_CORSICAN_NIR = rf"[1-478]{_GAP}?[0-9]{{2}}{_GAP}?{_MONTH}{_GAP}?2[ABab]{_PIECES_OF_NIR}"
_KEYED_NIR = rf"[1-478][0-9]{{2}}{_MONTH}{_PLACE}[0-9]{{6}}{_GAP}?[0-9]{{2}}"
_JOINED_NIR = rf"{_KEYED_NIR}|[12][0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[1-8][0-9]|9[0-9])[0-9]{{6}}"
_STREET = (
    r"(?i:rue|r\.|avenue|av\.?|ave|boulevard|boul\.|bvd\.?|bld\.?|bd\.?|impasse|imp\.|all[ée]es?|all\.|chemin|chem\.|ch\.|sentier|sente|"
    r"venelle|ruelle|esplanade|faubourg|fbg|mail|promenade|square|sq\.|rond[ -]point|chaussée|chaussee|lotissement)"
)
_ALSO_A_WORD = r"(?i:cours|passage|place|pl\.|quai|route|rte|villa|résidence|residence|cité|cite|hameau|parc|cour)"
"""`3 cours de français`: a street only before a name with its capital, or where a post code follows."""
_ARTICLES = r"(?i:(?:de la|de l|du|des|de|d|la|le|les|l|à|au)[\s_'’-]+)*"
_NUMBER = r"[0-9]{1,4}(?:[\s_-]?(?i:bis|ter|quater|[a-d]))?,?[\s_-]+"
_REST = r"[^,;:.»/()\d\n]{0,80}"
_POST_CODE = r"[0-9]{5}(?:[^0-9]|$)"
_ADDRESS = (
    rf"{_NUMBER}{_STREET}[\s_-]+(?:[0-9]{{1,2}}[\s_-]+)?{_LETTER}{_REST}(?:,?\s?{_POST_CODE}{_REST})?"
    rf"|{_NUMBER}{_ALSO_A_WORD}[\s_-]+{_ARTICLES}\p{{Lu}}{_REST}(?:,?\s?{_POST_CODE}{_REST})?"
    rf"|{_NUMBER}{_ALSO_A_WORD}[\s_-]+{_REST},?\s?{_POST_CODE}{_REST}"
    rf"|{_STREET}[\s_-]+{_LETTER}{_REST},?\s?{_POST_CODE}{_REST}"
)
_TITLE = r"(?i:mmes?\.?|mlles?\.?|mr\.?|monsieur|madame|mademoiselle|m\.|mm\.)"
_PARTICLES = r"(?:(?:de la|de|du|des|van|von)[\s_-]+|d['’])?"
_NAME = (
    rf"(?:{_TITLE}[\s_-]*[\s_-](?:\p{{Lu}}\.[\s_-]?){{0,3}}|(?i:mme|mlle|mr|m)\.){_PARTICLES}\p{{Lu}}[\p{{L}}\p{{M}}'’-]+(?:[\s_-]\p{{Lu}}[\p{{L}}\p{{M}}'’-]+){{0,3}}"
    # written by nobody for anything else: the name needs no capital
    rf"|(?i:mme|mlle)\.?[\s_-]+{_LETTER}{{3,}}(?:[\s_-]\p{{Lu}}[\p{{L}}\p{{M}}'’-]+){{0,3}}"
)

_SURE = {MAIL: _MAIL, PHONE: _GROUPED_PHONE, ADDRESS: _ADDRESS, NIR: f"{_GROUPED_NIR}|{_CORSICAN_NIR}", NAME: _NAME}
_LIKELY = _SURE | {
    PHONE: f"{_GROUPED_PHONE}|{_JOINED_PHONE}",
    NIR: f"{_GROUPED_NIR}|{_CORSICAN_NIR}|{_JOINED_NIR}|{_LOOSE_NIR}",
}
_HIDDEN_SIGNS = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
_WIDE_GAP = r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u2060._/·•()+-]"
_SIGNS = (
    "@",
    "＠",
    "﹫",
    "%40",
    "&#64;",
    "a)",
    "a]",
    "at)",
    "at]",
    "at>",
    "at}",
    "arobase",
    "chez)",
    *"０１２３４５６７８９",
)
_WORDS = (
    "rue", "r.", "av", "boul", "bvd", "bld", "bd", "imp", "all", "ch", "sent", "vene", "espl", "faub", "fbg", "mail",
    "prom", "sq", "rond", "lot", "cour", "pass", "pl", "quai", "rte", "route", "villa", "rés", "res", "cit", "ham",
    "parc", "mme", "mlle", "mr", "m.", "monsieur", "madame", "mademoiselle",
)  # fmt: skip
_MANY_DIGITS = rf"[0-9](?:{_WIDE_GAP}{{0,3}}[0-9]){{8}}"
_GROUPS = rf"[0-9](?:{_WIDE_GAP}{{1,4}}[0-9]{{2}}){{3}}|[0-9]{{13}}{_WIDE_GAP}?[0-9]{{2}}"
_CORSICA = rf"2[ABab]{_WIDE_GAP}?[0-9]{{3}}{_WIDE_GAP}?[0-9]{{3}}"
_FOLDED = r"[\u00ad\u2000-\u2015\u202a-\u2064\u3000-\x{10ffff}]"
"""What all that is told below begins like, or a sign that `_bare` changes: simple to look for, for most texts hold none
of it."""
_own = threading.local()
MOST_NAMES_KEPT = 10_000
_masked_names: dict[str, str] = {}
"""What each name met lately was masked as: one is asked for several times on its way."""


def holds_personal(texts: pl.Series, *, but: Collection[str] = (), among_identifiers: bool = False) -> pl.Series:
    """Whether each text holds something that is somebody's; False where null.

    `but`: kinds that the column publishes by nature (the phone of a lieu). `among_identifiers`: only what no number,
    reference or code is written like.
    """
    kinds = [kind for kind in KINDS if kind not in but]
    none = pl.Series(texts.name, [False], dtype=pl.Boolean).new_from_index(0, len(texts))
    numbers = (
        f"{_GROUPS}|{_CORSICA}|{_FOLDED}|\\+[1-9]" if among_identifiers else f"{_MANY_DIGITS}|{_CORSICA}|{_FOLDED}"
    )
    may_hold = texts.str.contains_any([*_SIGNS, *_WORDS], ascii_case_insensitive=True) | texts.str.contains(numbers)
    places = may_hold.fill_null(False).arg_true()
    if not len(places):
        return none
    asked = texts.gather(places).to_frame("t")
    found = _aside(lambda: asked.select(_holds(_bare(pl.col("t")), kinds, among_identifiers)).to_series())
    return none.scatter(places.filter(found), True) if found.any() else none


def _aside(work: Callable[[], pl.Series]) -> pl.Series:
    """Work done in a thread that does nothing else, one for each thread that asks.

    Polars keeps the last 32 patterns of a thread, and a file has more: those of this module, which take fifty
    milliseconds to make, would be made again for every column.
    """
    if not hasattr(_own, "aside"):
        _own.aside = ThreadPoolExecutor(1)
    return cast(pl.Series, _own.aside.submit(work).result())


def _bare(text: pl.Expr) -> pl.Expr:
    """Compared without the signs that nothing shows, full-width digits and signs as the others."""
    return text.str.normalize("NFKC").str.replace_all(_HIDDEN_SIGNS, "")


def _holds(text: pl.Expr, kinds: Collection[str], among_identifiers: bool) -> pl.Expr:
    forms = _SURE if among_identifiers else _LIKELY
    found = [text.str.contains(f"{_BEFORE}(?:{forms[kind]}){_AFTER}") for kind in kinds]
    if NIR in kinds and among_identifiers:
        found.append(_holds_key(text))
    return pl.any_horizontal(found)


def _holds_key(text: pl.Expr) -> pl.Expr:
    """A NIR in one piece of which the key holds: 97 less the rest of its first thirteen digits by 97."""
    numbers = text.str.extract_all(f"{_BEFORE}{_KEYED_NIR}(?:$|[^0-9A-Za-z])")
    digits = pl.element().str.replace_all("[^0-9]", "")
    body, key = (digits.str.slice(*cut).cast(pl.Int64, strict=False) for cut in ((0, 13), (13, 2)))
    return numbers.list.eval(97 - body % 97 == key).list.any().fill_null(False)


def mask_inside(text: pl.Expr, mask: str = MASK) -> pl.Expr:
    """Mask what is somebody's inside a sentence or a sample; one that holds none is kept as it is."""
    forms = [f"{_BEFORE}(?:{_LIKELY[kind]}){_AFTER}" for kind in (MAIL, ADDRESS, NIR, PHONE, NAME)]
    # twice: the sign between two of them belongs to one match only
    masked = reduce(lambda told, form: told.str.replace_all(form, f"${{1}}{mask}${{2}}"), forms * 2, _bare(text))
    return pl.when(masked != _bare(text)).then(masked).otherwise(text)


@lru_cache(maxsize=4096)
def mask_sentence(sentence: str) -> str:
    """One sentence (of a refusal, of a title), masked inside."""
    return str(_aside(lambda: pl.select(mask_inside(pl.lit(sentence))).to_series()).item())


def mask_name(name: str) -> str:
    """The name of a file, of a member of an archive or of a sheet, fit to be kept and shown: dates, extensions stay."""
    return mask_names([name])[0]


def mask_names(names: Sequence[str]) -> list[str]:
    """`mask_name` of each: all at once, for asking Polars costs as much for one as for a thousand."""
    names = [plain_name(name) for name in names]
    if len(_masked_names) > MOST_NAMES_KEPT:
        _masked_names.clear()
    asked = [name for name in dict.fromkeys(names) if name not in _masked_names]
    pieces = {name: split_name(name) for name in asked}
    told = pl.Series([piece for name in asked for piece, is_kept in pieces[name] if not is_kept], dtype=pl.String)
    if len(told):
        told = _aside(lambda: told.to_frame("t").select(mask_inside(pl.col("t"), MASKED_IN_NAMES)).to_series())
    masked = iter(told)
    for name in asked:
        _masked_names[name] = "".join(piece if is_kept else next(masked) for piece, is_kept in pieces[name])
    return [_masked_names[name] for name in names]
