"""The file of one structure: what it may still save, day by day, on one sheet to print. Does not live here: figures."""

from __future__ import annotations

import io

import polars as pl

from presentation.french import day_long
from presentation.sentences import DEMO, SECRET
from presentation.table import WITHHELD, Column, Layout, Table
from presentation.workbook import workbook
from reporting.to_save.content import PRESCRIBER, TERRITORY, Share
from warehouse.published.versions import Version

_DAY = Column("last_usable_on", "Dernier jour utilisable", "date", source="last_usable_on")
_FIGURES = (
    Column("passes", "Pass à sauver", "integer", source="passes"),
    Column("face_value_eur", "Valeur faciale", "euros_round", source="face_value_eur"),
)
COLUMNS = {
    PRESCRIBER: (
        _DAY,
        Column("status", "Où sont les pass"),
        Column("territory_name", "Territoire"),
        Column("lot_code", "Lot"),
        Column("carnets", "Carnets", "integer"),
        *_FIGURES,
    ),
    TERRITORY: (_DAY, *_FIGURES),
}
_NOTE = {
    PRESCRIBER: "Vos carnets seuls : ceux qui vous ont été remis, ou que vous avez prescrits, et qui servent encore.",
    TERRITORY: "Les pass des carnets de ce territoire, tous prescripteurs réunis.",
}


def write_workbook(share: Share, version: Version) -> bytes:
    """The XLSX file; the same content gives the same bytes."""
    buffer = io.BytesIO()
    title = share.title
    footer = f"{title}, données au {version.as_of:%d/%m/%Y}, version {version.build_id}"
    columns = COLUMNS[share.kind]
    table = Table(
        Layout("pass_a_sauver", "Pass à sauver", title, "", (), columns),
        share.rows.select(column.name for column in columns),
        share.rows.select(pl.col(column.name).is_null() for column in columns),
    )
    notes = [
        f"Pass qui ne serviront plus après le jour dit, au {day_long(version.as_of)}. Aucune personne n'y figure.",
        _NOTE[share.kind],
        *([SECRET] if table.withheld_count else []),
    ]
    with workbook(buffer, title, footer, version.published_at) as book:
        sheet = book.sheet(table.layout.sheet, landscape=share.kind == PRESCRIBER)
        row = book.heading(sheet, title, notes, DEMO if version.is_demo else "", len(table.shown))
        sums = {"passes": share.passes, "face_value_eur": share.euros}
        totals = {name: WITHHELD if value is None else value for name, value in sums.items()}
        book.table(sheet, row, table, totals | {columns[0].name: "Total"})
        book.freeze(sheet, row, 1)
    return buffer.getvalue()
