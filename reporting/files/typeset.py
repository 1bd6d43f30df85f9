"""PDF by typst: tagged (PDF/UA-1), made from a template and data alone, without a network. No content here."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from reporting.files.row_headers import name_rows

_COMMON = Path(__file__).with_name("common.typ")


def make_pdf(template: Path, data: dict[str, Any], images: dict[str, str], made_at: datetime) -> bytes:
    """The PDF of `template` with `data` (read there as `data`) and SVG `images` by name.

    Texts reach the template as data, never as markup: nothing received is interpreted. Fonts are those bundled with
    typst. The same content gives the same bytes: the document's date is `made_at`.
    """
    with tempfile.TemporaryDirectory() as work:
        root = Path(work)
        shutil.copy(template, root / "main.typ")
        shutil.copy(_COMMON, root / "common.typ")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for name, svg in images.items():
            (root / name).write_text(svg, encoding="utf-8")
        made = typst.compile(
            str(root / "main.typ"),
            root=str(root),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(made_at.replace(tzinfo=UTC).timestamp()),
        )
    assert isinstance(made, bytes), "typst gave no document"
    return name_rows(made)
