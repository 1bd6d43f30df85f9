"""Encodings of exports §2, and bytes that are none of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.decode import _UTF8_SEQUENCE, _runs_beyond_ascii, decode
from ingestion.refusal import Refusal

TEXT = "libellé;prix\r\nœuvre d’été;10 €\r\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_every_encoding_gives_the_same_text(encoding: str, name: str) -> None:
    """UTF-8 with or without BOM, Windows-1252, UTF-16."""
    text = decode(TEXT.encode(encoding))
    assert text.encoding == name
    assert text.data.decode() == TEXT.replace("\r\n", "\n")


def test_iso_8859_15_is_told_from_windows_1252_by_the_euro_sign() -> None:
    """0xA4 is € in ISO-8859-15 and ¤ in Windows-1252."""
    content = "prix;œuvre\n10 €;été\n"
    assert decode(content.encode("iso8859-15")).data.decode() == content
    assert decode(content.encode("iso8859-15")).encoding == "iso8859_15"


@pytest.mark.parametrize("text", ["l´accès à l´été", "½ journée, été", "1½h, été", "2¼ ; été", "N° 3 à 10 €"])
def test_windows_1252_is_not_taken_for_iso_8859_15(text: str) -> None:
    """´ typed for an apostrophe and fractions are no Ž, no œ and no Œ."""
    assert decode(f"a;{text}\n".encode("cp1252")).data.decode() == f"a;{text}\n"


@pytest.mark.parametrize("text", ["cœur", "3 œuvres", "Œuvres d’art".replace("’", "'"), "Miloš", "10 €"])
def test_iso_8859_15_is_told_by_its_letters(text: str) -> None:
    assert decode(f"a;{text}\n".encode("iso8859-15")).data.decode() == f"a;{text}\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_become_line_feeds(end: str) -> None:
    """LF, CRLF, CR."""
    assert decode(f"a;b{end}c;d{end}".encode()).data == b"a;b\nc;d\n"


@pytest.mark.parametrize("data", [b"", b"  \n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\ufeff \n".encode("utf-16-le")])
def test_no_byte_or_blanks_only_is_an_empty_file(data: bytes) -> None:
    """Exports §5: `empty_file`: no byte, or blanks only."""
    with pytest.raises(Refusal) as caught:
        decode(data)
    assert caught.value.reason == "empty_file"


@pytest.mark.parametrize(
    "data",
    [
        "été;à;ça;é\n".encode() + b"\xe9;x\n",
        b"caf\x81;x\n\x8d\n",
        bytes(range(256)) * 4,
        b"\xff\xfea",
    ],
)
def test_bytes_of_no_known_encoding_are_unreadable(data: bytes) -> None:
    """Exports §3; a mixture of UTF-8 and something else is not guessed."""
    with pytest.raises(Refusal) as caught:
        decode(data)
    assert caught.value.reason == "unreadable"
    assert caught.value.remedy


# Bytes among which the marks of every encoding, line ends and long lines come often.
BYTES = st.lists(
    st.sampled_from(
        [b"a", b"1", b" ", b"\n", b"\r", b"\xe9", b"\xc3\xa9", b"\xc2", b"\xa4", b"\xbd", b"x" * 150, b"\x81"]
    ),
    max_size=400,
).map(b"".join)


@given(data=BYTES)
def test_what_is_beyond_ascii_tells_as_much_as_the_whole_text(data: bytes) -> None:
    """Accents are counted on a small part of a text: the counts are those of the whole."""
    beyond = _runs_beyond_ascii(data)
    assert len(_UTF8_SEQUENCE.findall(beyond)) == len(_UTF8_SEQUENCE.findall(data))
    assert re.findall(rb"[\x80-\xff]", beyond) == re.findall(rb"[\x80-\xff]", data)
