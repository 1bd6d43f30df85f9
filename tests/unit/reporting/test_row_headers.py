"""The tags of a PDF: captions, headers of columns and of rows; nothing that is drawn moves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pikepdf import Name, NameTree, Pdf, Stream

from reporting.files.row_headers import UntaggedError, name_rows
from reporting.files.typeset import make_pdf
from tests.pdf_tags import of_table, tagged

TEMPLATE = """
#import "common.typ": *
#show: report.with(title: data.title, subtitle: "", footer: "", alert: "")
#grid-table((("Mesure", "left", 1fr), ("Valeur", "right", 2cm)), data.rows, caption: "Deux mesures")
#grid-table((("Autre", "left", 1fr), ("Valeur", "right", 2cm)), data.rows, total: ("Total", "3"))
"""


@pytest.fixture(scope="module")
def as_typst_made_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    path = tmp_path_factory.mktemp("typ") / "two.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    data = {"title": "Essai", "rows": [["Heures", "1"], ["Personnes", "2"]]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reporting.files.typeset.name_rows", lambda made: made)
        yield make_pdf(path, data, {}, datetime(2024, 1, 1))


@pytest.fixture(scope="module")
def content(as_typst_made_it: bytes) -> bytes:
    return name_rows(as_typst_made_it)


@pytest.fixture
def pdf(content: bytes) -> Pdf:
    return Pdf.open(io.BytesIO(content))


def test_the_first_cell_of_each_row_is_its_header(pdf: Pdf) -> None:
    heads = tagged(pdf, Name.TH)
    rows = [head for head in heads if of_table(head).Scope == Name.Row]
    columns = [head for head in heads if of_table(head).Scope == Name.Column]
    assert (len(rows), len(columns)) == (5, 4), "two rows in each table, and a total; two columns in each"
    cells = tagged(pdf, Name.TD)
    assert len(cells) == 5
    for cell in cells:
        column, row = (str(name) for name in of_table(cell).Headers)
        assert column in {str(head.ID) for head in columns} and row in {str(head.ID) for head in rows}


def test_the_index_of_the_names_is_whole_and_in_order(pdf: Pdf) -> None:
    index = dict(NameTree(pdf.Root.StructTreeRoot.IDTree).items())
    assert len(index) == 9 and list(index) == sorted(index)
    assert all(str(head.ID) == name for name, head in index.items())


def test_a_caption_is_tagged_as_one(pdf: Pdf) -> None:
    assert len(tagged(pdf, Name.Caption)) == 1


def streams(pdf: Pdf) -> list[bytes]:
    return [held.read_raw_bytes() for held in pdf.objects if isinstance(held, Stream)]


def test_what_is_drawn_is_left_as_it_is(as_typst_made_it: bytes, pdf: Pdf) -> None:
    before = Pdf.open(io.BytesIO(as_typst_made_it))
    assert len(streams(before)) > 3 and sorted(streams(before)) == sorted(streams(pdf))


def test_the_same_document_gives_the_same_bytes(as_typst_made_it: bytes, content: bytes) -> None:
    """An edition is compared with the one before by its bytes; and what is named already is not touched."""
    assert name_rows(as_typst_made_it) == content == name_rows(content)


@pytest.mark.parametrize("made", [b"", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"])
def test_what_is_no_pdf_is_refused(made: bytes) -> None:
    with pytest.raises(UntaggedError, match="no PDF"):
        name_rows(made)


def test_a_pdf_without_tags_is_refused() -> None:
    plain, out = Pdf.new(), io.BytesIO()
    plain.add_blank_page()
    plain.save(out)
    with pytest.raises(UntaggedError, match="no structure"):
        name_rows(out.getvalue())


def test_the_template_of_the_bilan_gives_a_caption_to_each_of_its_tables() -> None:
    template = Path(__file__).parents[3].joinpath("reporting", "bilan", "bilan.typ").read_text(encoding="utf-8")
    captions = template.count('caption: "') + template.count("caption: item.name")
    assert template.count("whole-table(") == captions > 5 and "grid-table(" not in template
