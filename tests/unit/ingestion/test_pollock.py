"""The kinds of pollution of the Pollock benchmark, re-created over our contracts.

Each polluted file ends as the same rows as the clean one, or with the right reason: never as wrong cells.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from ingestion.finishing import Parsed
from ingestion.refusal import Refusal
from tests.unit.ingestion.kit import ROWS, parse_text, read, write_csv

DATASETS = list(ROWS)


def clean(dataset: str) -> str:
    return write_csv(dataset, {}, {}, {})


def requote(text: str, separator: str = ";") -> str:
    return "".join(separator.join(f'"{c}"' for c in line.split(";")) + "\n" for line in text.splitlines())


def sub_header(text: str, change: Callable[[str], str]) -> str:
    header, rest = text.split("\n", 1)
    return ";".join(change(c) for c in header.split(";")) + "\n" + rest


HARMLESS: dict[str, Callable[[str], str | bytes]] = {
    "tabs": lambda t: t.replace(";", "\t"),
    "pipes": lambda t: t.replace(";", "|"),
    "commas, quoted": lambda t: requote(t, ","),
    "all quoted": requote,
    "blanks around quotes": lambda t: requote(t).replace('";"', '" ; "'),
    "carriage returns": lambda t: t.replace("\n", "\r"),
    "carriage returns and line feeds": lambda t: t.replace("\n", "\r\n"),
    "no line end at the end": lambda t: t.rstrip("\n"),
    "utf-8 with BOM": lambda t: t.encode("utf-8-sig"),
    "utf-16": lambda t: t.encode("utf-16"),
    "utf-16 big-endian without BOM": lambda t: t.encode("utf-16-be"),
    "windows-1252": lambda t: t.encode("cp1252"),
    "preamble of titles": lambda t: "Export\nÉdité le 31/12/2022 ; par la console\n\n" + t,
    "separator hint of Excel": lambda t: "sep=;\n" + t,
    "blank lines everywhere": lambda t: "\n\n" + t.replace("\n", "\n\n"),
    "lines of separators": lambda t: t.replace("\n", "\n" + ";" * t.split("\n")[0].count(";") + "\n"),
    "closing total": lambda t: t + "TOTAL" + ";" * t.split("\n")[0].count(";") + "\n",
    "trailing separator": lambda t: t.replace("\n", ";\n"),
    "headers in capitals": lambda t: sub_header(t, str.upper),
    "headers with blanks": lambda t: sub_header(t, lambda c: c.replace("_", " ")),
    "headers on two lines": lambda t: sub_header(t, lambda c: '"' + c.replace("_", "\n") + '"'),
    "columns reversed": lambda t: "\n".join(";".join(line.split(";")[::-1]) for line in t.split("\n")),
    "unknown column": lambda t: "".join(f"{line};{'couleur' if i == 0 else 'bleu'}\n" for i, line in enumerate(t.splitlines())),  # noqa: E501
    "delimiter of two characters": lambda t: t.replace(";", ";;"),
    "delimiter and a blank": lambda t: requote(t, ", "),
    "line ends of three kinds": lambda t: "".join(
        map(str.__add__, t.splitlines(), ("\r\n", "\n", "\r", "\r\n"))
    ),
    "blank lines at the end": lambda t: t + "\n\n\n",
    "blanks around values": lambda t: t.replace(";", " ;\u00a0"),
}  # fmt: skip


@cache
def unpolluted(dataset: str) -> Parsed:
    """What the clean file of a data set says: what the polluted ones are compared with."""
    return parse_text(clean(dataset))


@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_harmless_pollution_changes_no_cell(dataset: str, kind: str) -> None:
    """Exports §2: files as they really arrive."""
    expected = unpolluted(dataset)
    found = parse_text(HARMLESS[kind](clean(dataset)))
    assert found.rows.drop("line").rows() == expected.rows.drop("line").rows()
    assert (found.read, found.rejected.height, found.duplicate) == (3, 0, 0)


FATAL: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "no byte": (lambda t: "", "empty_file"),
    "blanks only": (lambda t: " \n\n \t\n", "empty_file"),
    "cut in the middle of a record": (lambda t: t[: t.rstrip("\n").rindex(";")], "unreadable"),
    "quote never closed": (lambda t: t + '"' + t.splitlines()[1], "unreadable"),
    "two encodings": (lambda t: ("été;" + t).encode() + b"\xe9\n", "unreadable"),
    "separated by blanks": (lambda t: requote(t, " "), "unknown_layout"),
    "one column twice": (
        lambda t: "".join(f"{line};{line.split(';')[0]}\n" for line in t.splitlines()),
        "unknown_layout",
    ),
    "no header": (lambda t: t.split("\n", 1)[1], "unknown_layout"),
    "unknown separator": (lambda t: t.replace(";", "~"), "unknown_layout"),
    "headers unknown": (lambda t: sub_header(t, lambda c: f"zzz {c[::-1]}"), "unknown_layout"),
}


@pytest.mark.parametrize("kind", FATAL)
@pytest.mark.parametrize("dataset", DATASETS)
def test_fatal_pollution_has_its_reason(dataset: str, kind: str) -> None:
    """Exports §3: a file that cannot be read without guessing is rejected, with one reason."""
    pollute, reason = FATAL[kind]
    with pytest.raises(Refusal) as caught:
        parse_text(pollute(clean(dataset)))
    assert caught.value.reason == reason
    assert caught.value.explanation and caught.value.remedy


RAGGED: dict[str, Callable[[str], str]] = {
    "one field more": lambda line: line + ";x",
    "one empty field more": lambda line: line + ";",
    "one field less": lambda line: line.rsplit(";", 1)[0],
    "a separator not quoted": lambda line: line.replace(";", ";a;", 1),
    "another separator": lambda line: line.replace(";", ","),
    "half a line": lambda line: line[: len(line) // 2].rsplit(";", 1)[0],
}


@pytest.mark.parametrize("kind", RAGGED)
@pytest.mark.parametrize("dataset", DATASETS)
def test_ragged_records_are_rejected_and_nothing_is_shifted(dataset: str, kind: str) -> None:
    """Exports §3: a record with more or fewer fields than the header is wrong_field_count."""
    lines = clean(dataset).splitlines()
    lines[2] = RAGGED[kind](lines[2])
    parsed = parse_text("\n".join(lines) + "\n")
    expected = unpolluted(dataset).rows
    assert parsed.rejected.select("line", "reason").rows() == [(3, "wrong_field_count")]
    assert parsed.rows.rows() == expected.filter(expected["line"] != 3).rows()


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_footer_that_is_no_total_is_told(dataset: str) -> None:
    """A source note below the table is a record with too few fields: kept in sight, not swallowed."""
    parsed = parse_text(clean(dataset) + "Source : console\n")
    assert parsed.rejected.row(0) == (5, None, "1", "wrong_field_count")
    assert parsed.accepted == 3


def test_an_unknown_layout_names_the_line_of_its_headers_and_every_unknown_column() -> None:
    """Issue 3, 3. A line of data may spell a header by chance: « emis » is also « émis le »."""
    header = "Chéquier;1er titre;Valeur en euros;Batch;Imprimé le;Statut chq"
    with pytest.raises(Refusal) as caught:
        read(f"Extraction\n\n{header}\nDEMO-0001;0021009436;10,00;LOT-07;08/09/2022;emis\n")
    assert caught.value.reason == "unknown_layout"
    assert "(ligne 3)" in caught.value.explanation
    assert caught.value.unknown == tuple(header.split(";"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_missing_required_column_is_named(dataset: str) -> None:
    """Exports §3: missing_columns names them."""
    lines = [line.split(";") for line in clean(dataset).splitlines()]
    for position, name in enumerate(lines[0][:2]):
        text = "".join(";".join(c for i, c in enumerate(line) if i != position) + "\n" for line in lines)
        with pytest.raises(Refusal) as caught:
            parse_text(text)
        assert caught.value.missing == (name,) or name not in caught.value.missing
        assert caught.value.reason in ("missing_columns", "unknown_layout")


def _change_line(text: str, line: int, change: Callable[[str], str]) -> str:
    lines = text.splitlines()
    lines[line - 1] = change(lines[line - 1])
    return "\n".join(lines) + "\n"


BROKEN_QUOTES: dict[str, Callable[[str], str]] = {
    "a quote escaped by a backslash": lambda line: line.replace('"', r'"a \"b\" ', 1),
    "an opening quote missing": lambda line: line.replace('"', "", 1),
    "a closing quote missing": lambda line: line.replace('";"', ';"', 1),
    "a quote in a quoted field": lambda line: line.replace('"', '"a"b', 1),
    "a quote in a bare field": lambda line: line.replace('"', "").replace(";", '"x;', 1),
    "apostrophes for quotes": lambda line: line.replace('"', "'"),
}


@pytest.mark.parametrize("kind", BROKEN_QUOTES)
@pytest.mark.parametrize("dataset", DATASETS)
def test_a_record_with_broken_quotes_is_rejected_alone(dataset: str, kind: str) -> None:
    """The key of that record is damaged, or its fields shift: it is told, and the others are untouched."""
    parsed = parse_text(_change_line(requote(clean(dataset)), 3, BROKEN_QUOTES[kind]))
    expected = unpolluted(dataset).rows
    assert parsed.rejected["line"].to_list() == [3]
    assert set(parsed.rejected["reason"]) <= {"invalid_value", "wrong_field_count"}
    assert parsed.rows.rows() == expected.filter(expected["line"] != 3).rows()


STRAY_LINES: dict[str, Callable[[str], list[str]]] = {
    "a header repeated": lambda header: [header],
    "a header repeated in capitals": lambda header: [header.upper()],
    "a second table": lambda _: ["autre;table", "1;2"],
    "a footnote": lambda _: ["Source : console d'administration"],
}


@pytest.mark.parametrize("kind", STRAY_LINES)
@pytest.mark.parametrize("dataset", DATASETS)
def test_lines_that_are_no_data_never_become_rows(dataset: str, kind: str) -> None:
    """Exports joined end to end, tables one below the other, notes: rejected and told, wherever they are."""
    lines = clean(dataset).splitlines()
    stray = STRAY_LINES[kind](lines[0])
    parsed = parse_text("\n".join([*lines[:2], *stray, *lines[2:]]) + "\n")
    assert parsed.rejected["line"].to_list() == list(range(3, 3 + len(stray)))
    assert parsed.rows.drop("line").rows() == unpolluted(dataset).rows.drop("line").rows()


def test_a_header_repeated_in_its_own_spelling_is_no_key() -> None:
    """A catalogue would take « Code Service » for one more service: the header is the one of the file, not ours."""
    parsed = parse_text("Code  Service;Libellé\nSAN-1;Naviguer\nCode  Service;Libellé\nSAN-2;Écrire\n")
    assert parsed.rows["code_service"].to_list() == ["SAN-1", "SAN-2"]
    assert parsed.rejected.row(0) == (3, "code_service", "Code  Service", "invalid_value")


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_file_quoted_by_apostrophes_loads_no_row(dataset: str) -> None:
    """Its headers are recognised, its values are not: every line is told rather than loaded wrong."""
    text = "".join(";".join(f"'{c}'" for c in line.split(";")) + "\n" for line in clean(dataset).splitlines())
    parsed = parse_text(text)
    assert (parsed.rows.height, parsed.rejected.height) == (0, 3)


def test_iso_8859_15_is_read_for_what_it_is() -> None:
    """€ and œ are not where Windows-1252 has them."""
    text = write_csv("utilisations", {"nom_lieu": "Cœur de ville, à 10 €"})
    expected = parse_text(text).rows
    assert parse_text(text.encode("iso8859_15")).rows.equals(expected)
    assert parse_text(text.encode("cp1252")).rows.equals(expected)
