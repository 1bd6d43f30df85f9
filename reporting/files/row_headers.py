"""The first cell of each row of a tagged table made the header of its row (TH, scope Row): screen readers say it.

Typst tags the cells of its header rows alone, and gives no word for those of a column: the tags are written again, and
nothing that is drawn. Does not live here: making the PDF (typeset.py).
"""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Dictionary, Name, NameTree, Object, Pdf, PdfError, String


class UntaggedError(ValueError):
    """The document has no tags that could be read: it is no PDF, or one without a structure."""


def name_rows(pdf: bytes) -> bytes:
    """The same document, its rows named; the same bytes for the same document. Raises UntaggedError for one of another
    make."""
    try:
        document = Pdf.open(io.BytesIO(pdf))
        tree = document.Root.get("/StructTreeRoot")
    except PdfError as error:
        raise UntaggedError("no PDF") from error
    if tree is None:
        raise UntaggedError("the PDF has no structure")
    rows = [held for held in document.objects if isinstance(held, Dictionary) and held.get("/S") == Name.TR]
    names = NameTree(tree.IDTree) if "/IDTree" in tree else None
    for row in rows:
        first, *cells = row.K
        if Name.TBody != row.P.S or first.S != Name.TD:
            continue
        if names is None:
            raise UntaggedError("the tables of the PDF have no header")
        name = f"R{first.objgen[0]}"
        first.S, first.ID = Name.TH, String(name)
        _of_table(first).Scope = Name.Row
        names[name] = first
        for cell in cells:
            _of_table(cell).Headers.append(String(name))
    out = io.BytesIO()
    # As typst wrote it but for the tags: what is drawn is not compressed anew.
    document.save(
        out, deterministic_id=True, fix_metadata_version=False, compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )  # fmt: skip
    return out.getvalue()


def _of_table(cell: Object) -> Object:
    """Its attributes as a cell of a table."""
    return next(attributes for attributes in cell.A if Name.Table == attributes.O)
