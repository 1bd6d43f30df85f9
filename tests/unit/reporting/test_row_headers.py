"""The tags of a PDF: captions, headers of columns and of rows; nothing that is drawn moves."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from reporting.files.row_headers import UntaggedError, name_rows
from reporting.files.typeset import make_pdf

TEMPLATE = """
#import "common.typ": *
#show: report.with(title: data.title, subtitle: "", footer: "", alert: "")
#grid-table((("Mesure", "left", 1fr), ("Valeur", "right", 2cm)), data.rows, caption: "Deux mesures")
#grid-table((("Autre", "left", 1fr), ("Valeur", "right", 2cm)), data.rows, total: ("Total", "3"))
"""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("typ") / "two.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    data = {"title": "Essai", "rows": [["Heures", "1"], ["Personnes", "2"]]}
    return make_pdf(path, data, {}, datetime(2024, 1, 1))


def objects(pdf: bytes) -> dict[int, bytes]:
    """By the table of references, as a reader finds them: each offset must be that of its object."""
    found = re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)
    assert found is not None
    table = pdf[int(found[1]) :]
    offsets = [int(offset) for offset, kind in re.findall(rb"(\d{10}) \d{5} ([nf]) \n", table) if kind == b"n"]
    assert len(re.findall(rb"\d{10} \d{5} [nf] \n", table)) == int(table.split(b"\n")[1].split()[1])
    named = {}
    for offset in offsets:
        start = re.match(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf[offset:], re.DOTALL)
        assert start is not None, offset
        named[int(start[1])] = start[2]
    return named


def test_the_first_cell_of_each_row_is_its_header(pdf: bytes) -> None:
    held = objects(pdf).values()
    heads = [text for text in held if b"/S/TH" in text and b"/Scope/Row" in text]
    assert len(heads) == 5, "two rows in each table, and a total"
    assert len([text for text in held if b"/S/TH/" in text and b"/Scope/Column" in text]) == 4
    cells = [text for text in held if b"/S/TD" in text]
    assert len(cells) == 5
    names = [re.search(rb"/ID\((R\d+)\)", text) for text in heads]
    for cell in cells:
        column, row = re.findall(rb"\((\w+)\)", cell[cell.index(b"/Headers") :])
        assert column.startswith(b"U") and row in {found[1] for found in names if found}


def test_the_index_of_the_names_is_whole_and_in_order(pdf: bytes) -> None:
    held = objects(pdf)
    (root,) = [text for text in held.values() if b"/StructTreeRoot" in text and b"/IDTree" in text]
    listed = re.search(rb"/IDTree<</Names\[(.*?)\]>>", root)
    assert listed is not None
    index = re.findall(rb"\((\w+)\)(\d+) 0 R", listed[1])
    assert [name for name, _ in index] == sorted(name for name, _ in index)
    assert len(index) == 9
    assert all(b"/ID(" + name + b")" in held[int(number)] for name, number in index)


def test_a_caption_is_tagged_as_one(pdf: bytes) -> None:
    assert len([text for text in objects(pdf).values() if b"/S/Caption" in text]) == 1


def test_what_is_drawn_is_left_as_it_is(pdf: bytes) -> None:
    streams = [text for text in objects(pdf).values() if b"stream" in text]
    assert streams and objects(name_rows(pdf)).keys() == objects(pdf).keys()
    assert [text for text in objects(name_rows(pdf)).values() if b"stream" in text] == streams


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"])
def test_a_pdf_of_another_make_is_refused(content: bytes) -> None:
    with pytest.raises(UntaggedError, match="no table of references"):
        name_rows(content)


def test_the_template_of_the_bilan_gives_a_caption_to_each_of_its_tables() -> None:
    template = Path(__file__).parents[3].joinpath("reporting", "bilan", "bilan.typ").read_text(encoding="utf-8")
    captions = template.count('caption: "') + template.count("caption: item.name")
    assert template.count("whole-table(") == captions > 5 and "grid-table(" not in template
