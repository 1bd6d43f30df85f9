"""A code page is proved by words of the language, never guessed (exports §2). Case 06 and its family."""

from __future__ import annotations

from collections import Counter

import pytest

from ingestion.codepages import prove
from ingestion.decode import decode
from ingestion.refusal import Refusal
from tests.encodings import CODE_PAGES, read_back
from tests.unit.ingestion.kit import parse_text, read, write_csv


@pytest.mark.parametrize("code_page", CODE_PAGES)
@pytest.mark.parametrize(("size", "texts", "least"), [(1, 60, 0.5), (5, 40, 0.75), (30, 20, 0.95), (1_000, 2, 1.0)])
def test_generated_french_is_read_right_or_refused(code_page: str, size: int, texts: int, least: float) -> None:
    """Names never seen, in every code page: wrong = 0; ten lines are enough to be read. Larger: docs/encodages.md."""
    found = list(read_back(texts, size, code_page, seed=17))
    ends = Counter(end for end, *_ in found)
    assert ends["faux"] == 0, [(w, r) for end, w, r in found if end == "faux"][:1]
    assert ends["juste"] >= least * len(found)


@pytest.mark.parametrize("code_page", ["cp850", "cp437", "mac_roman"])
def test_dos_and_mac_are_read_as_themselves_where_proved(code_page: str) -> None:
    """Exports §2. Case 06: « M‚diathŠque » never again."""
    names = ["Médiathèque", "Légère", "Accès numérique", "Pôle de la forêt"]
    text = write_csv("utilisations", *[{"nom_lieu": name} for name in names])
    assert parse_text(text.encode(code_page)).rows["nom_lieu"].to_list() == names
    assert read(text.encode(code_page)).encoding in ("cp850", "mac_roman")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a;b\nx;Sar\x96lan\n", "û of DOS, – of Windows: the word is none"),
        (b"a;b\nx;Atelier \x85 Paris\n", "à of DOS, … of Windows, and no other word"),
        (b"a;b\nQUARTIER\xc9;1\n", "É of Windows, … of a Mac"),
        ("a;é\nx;Médiathèque\n".encode("cp1252") + "y;Médiathèque numérique\n".encode("cp850"), "two in one file"),
        ("a;é\nx;École, bénéficiaire\n".encode("mac_roman") + "y;Médiathèque\n".encode("cp1252"), "two in one file"),
        ("a;b\nx;Łódź ąęć żółć\n".encode("cp1250"), "Polish"),
        ("a;b\nx;Москва город\n".encode("cp1251"), "Russian"),
        ("a;b\nx;学校 図書館\n".encode("shift_jis"), "Japanese"),
        (b"a;b\nx;\xe9\xff\xfe\xf0\n", "nothing"),
    ],
)
def test_what_no_word_proves_is_refused_and_says_how_to_mend(data: bytes, why: str) -> None:
    with pytest.raises(Refusal) as caught:
        decode(data)
    assert caught.value.reason == "unreadable", why
    assert "CSV UTF-8" in caught.value.remedy
    assert "ligne" in caught.value.explanation


@pytest.mark.parametrize("text", ["l’école", "d’été", "« l’âge »", "l’état – l’équipe"])
def test_bytes_of_a_mac_that_happen_to_be_utf_8_are_not_taken_for_it(text: str) -> None:
    """« ’é » of a Mac is an Armenian letter in UTF-8: read or refused, never « lՎcole »."""
    data = f"a;b\nx;{text}\n".encode("mac_roman")
    try:
        assert decode(data).data.decode() == f"a;b\nx;{text}\n"
    except Refusal as refusal:
        assert refusal.reason == "unreadable"


def test_a_capital_before_a_no_break_space_is_not_taken_for_utf_8() -> None:
    """0xC9 0xA0 is « É » and a space in Windows-1252, a letter of phonetics in UTF-8."""
    data = "a;b\nMARCHÉ\u00a0: 2022;CAFÉ\u00a0: 3\n".encode("cp1252")
    assert decode(data).data.decode() == "a;b\nMARCHÉ\u00a0: 2022;CAFÉ\u00a0: 3\n"


@pytest.mark.parametrize("text", ["Ərdoğan Łódź", "Київ", "Երևան", "naïve ʔ", "Ștefan"])
def test_other_alphabets_in_utf_8_are_read(text: str) -> None:
    assert decode(f"a;b\nété;{text}\n".encode()).encoding == "utf-8"


@pytest.mark.parametrize("text", ["MéDIATHèQUE", "l´été", "usager·e·s à l’été", "Le Gâvre n° 3", "½ journée, 10 €"])
def test_windows_texts_as_people_type_them(text: str) -> None:
    data = f"a;b\nx;{text}\n".encode("cp1252")
    assert prove(data) == "cp1252"


COMMUNES = [
    "Évry", "Évry-Courcouronnes", "Élancourt", "Écouen", "Éragny", "Égly", "Ézanville", "Émerainville",
    "Besançon", "Alençon", "L’Haÿ-les-Roses", "L'Haÿ-les-Roses", "étage", "pôle", "1ère", "2ème", "ÉVRY", "BESANÇON",
]  # fmt: skip


@pytest.mark.parametrize("word", COMMUNES)
def test_a_commune_or_an_everyday_word_alone_proves_windows(word: str) -> None:
    """Read as Windows-1252 if its words prove it (exports §2): one line, one word that is known, is enough."""
    text = f"a;b\nx;{word}\n"
    assert decode(text.encode("cp1252")).data.decode() == text


@pytest.mark.parametrize("code_page", ["cp850", "cp437", "mac_roman"])
@pytest.mark.parametrize("word", COMMUNES)
def test_the_same_word_in_another_code_page_is_never_read_wrong(word: str, code_page: str) -> None:
    """None is guessed: read as itself or refused (wrong = 0)."""
    data = f"a;b\nx;{word}\n".encode(code_page, errors="ignore")
    try:
        assert decode(data).data.decode() == data.decode(code_page)
    except Refusal as refusal:
        assert refusal.reason == "unreadable"


ENDS = [b"\x1a", b"\x00", b"\x00" * 512, b"\r\n\x1a", b"\x1a\r\n", b"\x1a" * 128, b"\x1a\x00\x00"]
WIDE = {"utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_final_0x1a_or_nuls_are_an_end_of_file(end: bytes, encoding: str) -> None:
    """Exports §2. Case 13; a NUL or 0x1A of two bytes in UTF-16."""
    text = write_csv("utilisations", {"nom_lieu": "Médiathèque"}, {"nom_lieu": "École"}, end="\r\n")
    tail = end.decode("ascii").encode(WIDE.get(encoding, "ascii"))
    parsed = parse_text(text.encode(encoding) + tail)
    assert (parsed.accepted, parsed.read) == (2, 2)


def test_a_line_cut_before_the_0x1a_is_still_told() -> None:
    """The end of file proves that the rest was written: a last line that is short is cut all the same."""
    with pytest.raises(Refusal, match="coupé"):
        parse_text("code_service;libelle;niveau\nA;un;\nB;de\x1a")


def test_a_no_break_space_around_a_word_is_no_letter_of_dos() -> None:
    """0xA0 is á in DOS: « Validee\u00a0 », as an export pads it, is Windows-1252."""
    assert decode("a;b\nValidee\u00a0;\u00a0activite\n".encode("cp1252")).encoding == "cp1252"


def test_a_text_damaged_before_it_came_does_not_hide_the_encoding_of_the_others() -> None:
    data = "a;b\nTéléphone;mÃ©diathÃ¨que\n".encode("cp1252")
    assert decode(data).data.decode() == "a;b\nTéléphone;mÃ©diathÃ¨que\n"


def test_another_code_page_deep_in_a_large_text_is_found() -> None:
    """A large text is looked at in part; the bytes that are nowhere in that part are looked for."""
    lines = "x;Médiathèque numérique\n".encode("cp1252") * 200_000
    at = 3_333_333 // 24 * 24
    assert prove(lines) == "cp1252"
    assert prove(lines[:at] + "y;Bibliothèque, légère\n".encode("cp850") + lines[at:]) is None
