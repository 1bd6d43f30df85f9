"""The first cell of each row of a tagged table made the header of its row (TH, scope Row): screen readers say it.

Typst tags the cells of its header rows alone, and gives no word for those of a column. Its PDF has a plain table of
references and a structure that is not compressed: the tags are written again, and nothing that is drawn. Does not live
here: making the PDF (typeset.py).
"""

from __future__ import annotations

import re

_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf]) *\r?\n")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_IDS = re.compile(rb"/IDTree<</Names\[(.*?)\]>>", re.DOTALL)
_ID = re.compile(rb"\(([^()]*)\)(\d+) 0 R")


class UntaggedError(ValueError):
    """The PDF is not one whose tags can be read: no table of references, or no structure."""


def name_rows(pdf: bytes) -> bytes:
    """The same document, its rows named. Raises UntaggedError for a PDF of another make."""
    head, objects, trailer = _parts(pdf)
    root = next((number for number, text in objects.items() if b"/Type/StructTreeRoot" in text), None)
    if root is None:
        raise UntaggedError("the PDF has no structure")
    named: dict[bytes, int] = {}
    for row in [text for text in objects.values() if b"/StructElem/S/TR" in text]:
        (parent,) = _references(row, b"/P ")
        cells = _references(row, b"/K[")
        if b"/S/TBody" not in objects[parent] or b"/S/TD" not in objects[cells[0]]:
            continue
        identifier = b"R%d" % cells[0]
        named[identifier] = cells[0]
        objects[cells[0]] = _header(objects[cells[0]], identifier)
        for cell in cells[1:]:
            objects[cell] = re.sub(rb"(/Headers\[[^\]]*)\]", rb"\1(" + identifier + rb")]", objects[cell], count=1)
    if named:
        objects[root] = _listed(objects[root], named)
    return _written(head, objects, trailer)


def _parts(pdf: bytes) -> tuple[bytes, dict[int, bytes], bytes]:
    """What comes before the objects, each object by its number, in the order of the file, and the trailer."""
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    if found is None or pdf[(start := int(found[1])) : start + 4] != b"xref":
        raise UntaggedError("the PDF has no table of references")
    trailer = pdf.index(b"trailer", start)
    entries = _ENTRY.findall(pdf[start:trailer])
    places = sorted((int(offset), number) for number, (offset, kind) in enumerate(entries) if kind == b"n")
    ends = [offset for offset, _ in places[1:]] + [start]
    objects = {number: pdf[offset:end] for (offset, number), end in zip(places, ends, strict=True)}
    return pdf[: places[0][0]], objects, pdf[trailer : found.start()]


def _references(text: bytes, after: bytes) -> list[int]:
    """The numbers of the objects that follow a name: one, or those of a list."""
    rest = text[text.index(after) + len(after) :]
    if not after.endswith(b"["):
        found = _REFERENCE.match(rest)
        return [int(found[1])] if found else []
    return [int(number) for number in _REFERENCE.findall(rest[: rest.index(b"]")])]


def _header(cell: bytes, identifier: bytes) -> bytes:
    named = cell.replace(b"/S/TD", b"/S/TH", 1).replace(b"/A[", b"/ID(" + identifier + b")/A[", 1)
    return named.replace(b"<</O/Table", b"<</O/Table/Scope/Row", 1)


def _listed(root: bytes, named: dict[bytes, int]) -> bytes:
    """The root of the structure with the names of the rows in its index, which is in their order."""
    found = _IDS.search(root)
    if found is None:
        raise UntaggedError("the tables of the PDF have no header")
    known = {name: int(number) for name, number in _ID.findall(found[1])} | named
    index = b"".join(b"(%b)%d 0 R" % (name, known[name]) for name in sorted(known))
    return root[: found.start()] + b"/IDTree<</Names[" + index + b"]>>" + root[found.end() :]


def _written(head: bytes, objects: dict[int, bytes], trailer: bytes) -> bytes:
    places, at = {}, len(head)
    for number, text in objects.items():
        places[number] = at
        at += len(text)
    size = max(places) + 1
    entries = b"".join(
        b"%010d %05d n \n" % (places[number], 0) if number in places else b"0000000000 65535 f \n"
        for number in range(size)
    )
    table = b"xref\n0 %d\n%b" % (size, entries)
    return b"".join([head, *objects.values(), table, trailer, b"startxref\n%d\n%%%%EOF\n" % at])
