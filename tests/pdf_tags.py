"""What a tagged PDF holds, read by its structure: never by the way its bytes are spaced.

Does not live here: making it (reporting/files).
"""

from __future__ import annotations

from pikepdf import Dictionary, Name, Object, Pdf


def tagged(pdf: Pdf, kind: Name) -> list[Object]:
    """The elements of this kind (Table, TH, Caption…)."""
    return [held for held in pdf.objects if isinstance(held, Dictionary) and held.get("/S") == kind]


def of_table(cell: Object) -> Object:
    """What a cell says as one of a table: the scope of a header, the headers of a value."""
    (found,) = [attributes for attributes in cell.A if Name.Table == attributes.O]
    return found
