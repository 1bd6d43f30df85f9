"""Which code page of one byte a French text is in, proved by its words; none is guessed.

The bytes that Windows, DOS and Mac use for accents are the same bytes: only words tell them apart. Every word with an
accent is read under each code page; what stands around the accent must be French as the words of french_words.txt and
the programme's own vocabulary are. One code page must explain the words, and no other one as well. Does not live here:
UTF-8 and UTF-16 (decode).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import programme
from ingestion.content import Content
from ingestion.contract import load_layouts

WORDS = Path(__file__).parent / "french_words.txt"
CODE_PAGES = ("cp1252", "cp850", "cp437", "mac_roman")
MAX_TOKENS = 5_000
"""Distinct words looked at; a text of the programme has some hundreds."""
SAMPLE_BYTES = 256 * 1024
PIECES, FEW, AROUND = 16, 20, 80
"""Pieces of a large text, places of a byte that is in none of them, bytes around each."""
SEARCHED_BYTES = 2 * 1024**3
"""Of a text, where a byte that is in no piece is looked for: each of them is a reading of it."""
LEXICON, CONTEXT, NEIGHBOURS = 4, 2, 1
"""What a word proves: known as it is; by two letters on one side of each accent; by one on each side, or its shape."""
BAD = -4
"""What a word proves against: a letter or a sign that no French text has there."""
LEAST_SHARE = 0.5
"""Share of the words that must be explained."""
MOST_BAD = 0.02
"""Share of the words that may speak against: one of ten at the least, none of fewer."""

USUAL = 8
"""Neighbours of a shape (an accent between two consonants) from which any of that shape is likely."""
_VOWELS = frozenset("aeiouyàâäæéèêëîïôöœùûüÿ")

_TOKEN = re.compile(
    rb"(?<![A-Za-z0-9'\x80-\xff])(?:[0-9]{1,9} )?[A-Za-z0-9']{0,40}[\x80-\xff][A-Za-z0-9'\x80-\xff]{0,60}"
)
_UTF8 = re.compile(rb"[\x00-\x7f]*(?:[\xc2\xc3][\x80-\xbf][\x00-\x7f]*)+")
_RUN = re.compile(r"[^\W\d_¹²³½¼¾ªº]+")
_LETTERS = frozenset("àâäæçéèêëîïôöœùûüÿñ")
_FOREIGN = frozenset("áãåìíòóõøšúýžß")
_ELISION = re.compile(r"(?i)(?:\b[cdjlmnst]|qu|aujourd)$")
_AROUND_QUOTES = "0123456789\u00a0 "
_SEPARATED = "“”‘‹›„–—…•™®©¨¤"


@dataclass(frozen=True)
class Reading:
    """How a text reads under one code page. `known`: words of the lexicon."""

    codec: str
    score: int
    bad: int
    explained: int
    known: frozenset[bytes]
    worth: dict[bytes, int]


def prove(data: Content, pages: tuple[str, ...] = CODE_PAGES) -> str | None:
    """The code page of a text of single bytes, None where its words prove none."""
    tokens = list(dict.fromkeys(_TOKEN.findall(_sample(data))))[:MAX_TOKENS]
    if not tokens:
        return None
    readings = [_read(tokens, page) for page in pages]
    best = max(readings, key=lambda r: (r.score, -r.bad))
    others = [r for r in readings if r is not best]
    most_bad = max(MOST_BAD * len(tokens), len(tokens) >= 10)
    if best.score <= 0 or best.bad > most_bad or best.explained < LEAST_SHARE * len(tokens):
        return None
    for other in others:
        # DOS 437 and 850 write most words with the same bytes: only the others tell them apart
        differing = [t for t in tokens if t.decode(best.codec, "replace") != t.decode(other.codec, "replace")]
        ours, theirs = (sum(r.worth[t] for t in differing) for r in (best, other))
        if differing and ours < 2 * theirs + 1:
            return None
        if differing and not best.known and not other.bad:
            return None  # nothing but likely letters, and nothing against another code page
    # words that only another code page explains: two texts in one file
    strangers = (token for token in tokens if best.worth[token] <= 0)
    if any(r.worth[token] == LEXICON for token in strangers for r in others):
        return None
    return best.codec


def _sample(data: Content) -> bytes:
    """A large text in part: its beginning, its end, pieces between, and some of each byte that those do not hold."""
    if len(data) <= SAMPLE_BYTES:
        return data[:]
    size = SAMPLE_BYTES // (2 * PIECES)
    starts = [len(data) * n // PIECES for n in range(1, PIECES)]
    pieces = [data[: SAMPLE_BYTES // 2], data[-size:], *(data[at : at + size] for at in starts)]
    seen = set().union(*pieces)
    searched = min(len(data), SEARCHED_BYTES)
    for byte in (bytes([code]) for code in range(0x80, 0x100)):
        found = data.find(byte, 0, searched) if byte[0] not in seen else -1
        for _ in range(FEW):
            if found < 0:
                break
            pieces.append(data[max(0, found - AROUND) : found + AROUND])
            found = data.find(byte, found + AROUND, searched)
    return b"\n".join(pieces)


def _read(tokens: list[bytes], codec: str) -> Reading:
    worth = {
        # UTF-8 among other bytes is a text damaged before it came: it tells nothing of the rest
        token: 0 if _UTF8.fullmatch(token) else _worth(token.decode(codec, errors="replace"), codec)
        for token in tokens
    }
    return Reading(
        codec=codec,
        score=sum(worth.values()),
        bad=sum(w == BAD for w in worth.values()),
        explained=sum(w > 0 for w in worth.values()),
        # one letter alone (« à ») is a sign of another code page as well
        known=frozenset(t for t, w in worth.items() if w == LEXICON and len(t.strip(b"0123456789 ")) > 1),
        worth=worth,
    )


def _worth(text: str, codec: str) -> int:
    """What a word, read under a code page, proves: see LEXICON… Zero: nothing, as a name from elsewhere."""
    if "\ufffd" in text:
        return BAD
    if text.strip(".,;:!?").lower() in _french().words:
        return LEXICON
    found: list[int | None] = []
    for run in _RUN.finditer(text):
        if not run.group().isascii():
            # a no-break space of Windows at either end of a word
            is_blank = codec in ("cp850", "cp437") and "á" in (run.group()[0], run.group()[-1])
            found.append(BAD if is_blank else _worth_of_run(text, run))
    found += [_worth_of_sign(text, at, codec) for at, c in enumerate(text) if not c.isascii() and not c.isalpha()]
    if BAD in found:
        return BAD
    told = [w for w in found if w is not None]
    return min(told, default=0)


def _worth_of_run(text: str, run: re.Match[str]) -> int:
    word = run.group()
    if run.start() and text[run.start() - 1].isdigit():
        return BAD
    if any(_breaks_case(word, at) for at, c in enumerate(word) if not c.isascii()):
        return BAD
    lower = word.lower()
    french = _french()
    is_known = lower in french.words or lower.rstrip("s") in french.words or lower.removesuffix("es") in french.words
    if _is_shouted(word):
        return CONTEXT if is_known else 0
    if is_known:
        return LEXICON
    if len(word) == 1:
        return BAD
    worth = LEXICON
    padded = f"^^{lower}$$"
    for at, c in enumerate(padded):
        if c.isascii():
            continue
        if c not in _LETTERS:
            return 0 if c in _FOREIGN or c in "ðþ" else BAD
        near = padded[at - 1 : at + 2]
        if near not in french.neighbours and _shape(near) not in french.shapes:
            return 0
        is_context = padded[at - 2 : at + 2] in french.contexts or padded[at - 1 : at + 3] in french.contexts
        worth = min(worth, CONTEXT if is_context else NEIGHBOURS)
    return worth


def _breaks_case(word: str, at: int) -> bool:
    """An accented capital among small letters: no word is written so (« mÈdiathËque », « RÖdez »)."""
    return word[at].isupper() and at > 0 and (word[at - 1].islower() or word[at + 1 : at + 2].islower())


def _is_shouted(word: str) -> bool:
    """Capitals with small accents, as a locked keyboard types them (« MéDIATHèQUE »): proves less."""
    plain = [c for c in word if c.isascii()]
    return sum(c.isupper() for c in plain) > len(plain) / 2 and not word.isupper() and len(plain) > 1


def _worth_of_sign(text: str, at: int, codec: str) -> int | None:
    """A sign where it is written proves a little, or nothing (None); elsewhere it proves against."""
    sign = text[at]
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    inside = before.isalpha() and after.isalpha()
    if sign == "’" or (sign == "´" and codec == "cp1252"):
        return NEIGHBOURS if inside and _ELISION.search(text[:at]) else None if sign == "’" else BAD
    if sign == "°":
        return NEIGHBOURS if before.lower() == "n" or before.isdigit() else BAD
    if sign == "€":
        is_amount = before.isdigit() or before == "\u00a0" or (before == " " and text[:1].isdigit())
        return BAD if inside else NEIGHBOURS if is_amount and not after.isalpha() else None
    if sign in "«»":
        return BAD if inside else NEIGHBOURS if text.strip(_AROUND_QUOTES)[0 if sign == "«" else -1] == sign else None
    if sign == "\u00a0":
        return NEIGHBOURS if before.isdigit() or after.isdigit() or not before or not after else None
    if sign in "²³":
        return NEIGHBOURS if before.lower() == "m" else BAD
    if sign in "½¼¾":
        return BAD if inside or before.isalpha() else NEIGHBOURS if before.isdigit() or not before else None
    if sign == "·":
        return NEIGHBOURS if inside and after.islower() else None
    if sign == "§" and before == " " and text[:1].isdigit():
        return BAD
    if sign in _SEPARATED or sign in "§±×µºª":
        return BAD if inside else None
    return BAD


@dataclass(frozen=True)
class _French:
    words: frozenset[str]
    neighbours: frozenset[str]
    shapes: frozenset[str]
    contexts: frozenset[str]


@lru_cache(maxsize=1)
def _french() -> _French:
    """The words, and what stands on both sides of their accents."""
    words = {w.lower() for line in _lines() for w in re.split(r"[^\w°€’-]+", line) if not w.isascii()}
    words |= {part for word in words for part in re.split("[-’]", word) if not part.isascii()}
    neighbours, contexts = set(), set()
    for word in words:
        padded = f"^^{word}$$"
        for at, c in enumerate(padded):
            if c.isalpha() and not c.isascii():
                neighbours.add(padded[at - 1 : at + 2])
                contexts |= {padded[at - 2 : at + 2], padded[at - 1 : at + 3]}
    counts = Counter(_shape(near) for near in neighbours)
    shapes = frozenset(shape for shape, count in counts.items() if count >= USUAL)
    return _French(frozenset(words), frozenset(neighbours), shapes, frozenset(contexts))


def _shape(near: str) -> str:
    """An accent between vowels (a), consonants (b), the ends of the word."""
    return "".join(c if at == 1 or c in "^$" else "a" if c in _VOWELS else "b" for at, c in enumerate(near))


def _lines() -> list[str]:
    """Our words, the vocabulary of the contracts, the names of the territories."""
    found = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for contract in load_layouts():
        found += [contract.title, contract.description, contract.owner]
        for field in contract.fields:
            found += [field.title, field.description, *field.aliases, *field.values, *field.value_aliases]
    folder = Path(programme.__file__).parent
    for name in ("territories.csv", "commune_names.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            found += [" ".join(row) for row in csv.reader(stream)]
    return found
