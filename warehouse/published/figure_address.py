"""The address of a published figure: indicator, place, months and version, as a short code that can be quoted.

`write` makes the code (« PN-4V9K2-… »), `read` finds the figure again or says that the code was mistyped; nothing is
looked up, so that a code stays readable after its version was retired. No value is in it. Does not live here: the files
and the value of a figure (figure_files.py), what became of it since (verification.py).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

#: The programme; territories, as their events count; lieux, each by its SIRET; the lieux of territories, or all of
#: them; territories, as the mandate's account is kept (that of the carnet).
Place = Literal["programme", "territory", "lieu", "lieux", "account"]
_PLACES: tuple[Place, ...] = ("programme", "territory", "lieu", "lieux", "account")
_PREFIX, _GROUP = "PN", 5
_BUILD_ID = re.compile(r"^(\d{8}T\d{6}Z)-([0-9a-f]{6})$")
_INSTANT = "%Y%m%dT%H%M%SZ"
# Crockford's alphabet: no letter that is taken for another, and those that were taken are put right.
_STANDARD, _CROCKFORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WRITTEN = str.maketrans(_STANDARD, _CROCKFORD)
_READ = str.maketrans(_CROCKFORD + "ILO", _STANDARD + "BBA")
_CHECK_BYTES = 2
#: Marks the length of a code that has letters; of several codes, whose number follows.
_LETTERS, _SEVERAL = 128, 255
#: Bits of the head beside the place, whose number is in its two lowest bits and those above.
_HAS_MONTHS, _HAS_AMI, _HIGH = 4, 8, 4
#: Codes kept: a page writes some three hundred, the same at every filter but one.
KEPT_CODES = 20_000


class AddressError(Exception):
    """The text is not the code of a figure; the French message says what to do."""


@dataclass(frozen=True)
class Figure:
    """A figure of one version. `code`: of the territory (Insee) or lieu (SIRET), several joined by « + » (`joined`);
    months are first days, both included, None: since the start, until the end of the data; `ami`: of the one call for
    projects it is limited to."""

    indicator: str
    build_id: str
    place: Place = "programme"
    code: str = ""
    start: date | None = None
    end: date | None = None
    ami: int | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its places, none for all of them."""
        return tuple(filter(None, self.code.split("+")))


def joined(codes: Iterable[str]) -> str:
    """The `code` of a figure of several places: the same whatever their order."""
    return "+".join(sorted(codes))


@lru_cache(maxsize=KEPT_CODES)
def write(figure: Figure) -> str:
    """The code of a figure. Raises AddressError for a version or a place that no code can name."""
    found = _BUILD_ID.match(figure.build_id)
    if found is None:
        raise AddressError(f"La version « {figure.build_id} » n'a pas un nom de version publiée.")
    instant = datetime.strptime(found[1], _INSTANT).replace(tzinfo=UTC)
    months = [_month_number(day) for day in (figure.start, figure.end)]
    place = _PLACES.index(figure.place)
    head = place & 3 | place >> 2 << _HIGH | any(months) * _HAS_MONTHS | (figure.ami is not None) * _HAS_AMI
    content = (
        bytes([head])
        + _name_of(figure.indicator)
        + int(instant.timestamp()).to_bytes(4)
        + bytes.fromhex(found[2])
        + _packed_codes(figure.codes)
        + (b"" if figure.ami is None else bytes([figure.ami]))
        + (b"".join(month.to_bytes(2) for month in months) if any(months) else b"")
    )
    text = base64.b32encode(content + _check(content)).decode().rstrip("=").translate(_WRITTEN)
    return "-".join([_PREFIX, *(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))])


def is_code(text: str) -> bool:
    """Whether the text is meant for the code of a figure, well copied or not."""
    return bool(re.match(rf"{_PREFIX}[\s\-–—]*\w", text.strip().upper()))


def read(text: str, indicators: Iterable[str]) -> Figure:
    """The figure a code names, its indicator among those known. Raises AddressError (French)."""
    letters = re.sub(r"[\s\-–—]", "", text.upper())
    if not letters.startswith(_PREFIX) or re.search(r"[^0-9A-Z]|U", letters[len(_PREFIX) :]):
        raise AddressError(
            f"« {text} » n'est pas le code d'un chiffre : un code commence par « PN- », suivi de groupes."
        )
    coded = letters[len(_PREFIX) :].translate(_READ)
    try:
        whole = base64.b32decode(coded + "=" * (-len(coded) % 8))
    except ValueError as error:
        raise _mistyped(text) from error
    content, check = whole[:-_CHECK_BYTES], whole[-_CHECK_BYTES:]
    if check != _check(content) or len(content) < 11:
        raise _mistyped(text)
    names = {_name_of(name): name for name in indicators}
    if content[1:3] not in names:
        raise AddressError(
            f"Le code « {text} » est celui d'un indicateur que cette version du logiciel ne connaît plus."
        )
    instant = datetime.fromtimestamp(int.from_bytes(content[3:7]), UTC).strftime(_INSTANT)
    head, (codes, rest) = content[0], _unpacked_codes(content[10:])
    ami, months = (rest[0], rest[1:]) if head & _HAS_AMI else (None, rest)
    start, end = (_month(int.from_bytes(part)) for part in (months[:2], months[2:]))
    return Figure(
        names[content[1:3]],
        f"{instant}-{content[7:10].hex()}",
        _PLACES[head & 3 | head >> _HIGH << 2],
        "+".join(codes),
        start,
        end,
        ami,
    )


def _mistyped(text: str) -> AddressError:
    return AddressError(
        f"Le code « {text} » est mal recopié : sa clé de contrôle ne convient pas. "
        "Recopiez-le depuis la page du chiffre."
    )


def _packed_codes(codes: tuple[str, ...]) -> bytes:
    if len(codes) < 2:
        return _packed_code("".join(codes))
    return bytes([_SEVERAL, len(codes)]) + b"".join(map(_packed_code, codes))


def _unpacked_codes(packed: bytes) -> tuple[list[str], bytes]:
    """The codes, and what follows them."""
    count, rest = (packed[1], packed[2:]) if packed[0] == _SEVERAL else (1, packed)
    codes = []
    for _ in range(count):
        code, rest = _unpacked_code(rest)
        codes += [code] if code else []
    return codes, rest


def _packed_code(code: str) -> bytes:
    """Its length, then its digits as one number; or its letters: an Insee code has some in Corsica."""
    if code.isdecimal():
        return bytes([len(code)]) + int(code).to_bytes(_digits_size(len(code)))
    return bytes([len(code) and len(code) | _LETTERS]) + code.encode("ascii")


def _unpacked_code(packed: bytes) -> tuple[str, bytes]:
    """The code, and what follows it."""
    length, rest = packed[0], packed[1:]
    if length & _LETTERS:
        length ^= _LETTERS
        return rest[:length].decode("ascii"), rest[length:]
    size = _digits_size(length)
    digits = f"{int.from_bytes(rest[:size]):0{length}d}" if length else ""
    return digits, rest[size:]


def _digits_size(digits: int) -> int:
    """Bytes that hold the largest number of so many digits."""
    return ((10**digits - 1).bit_length() + 7) // 8


def _name_of(indicator: str) -> bytes:
    """Two bytes of the indicator's code: a test holds that those of the dictionary differ."""
    return hashlib.blake2b(indicator.encode(), digest_size=2).digest()


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES, person=b"passnum").digest()


def _month_number(day: date | None) -> int:
    return 0 if day is None else (day.year - 1990) * 12 + day.month


def _month(number: int) -> date | None:
    return None if number == 0 else date(1990 + (number - 1) // 12, (number - 1) % 12 + 1, 1)
