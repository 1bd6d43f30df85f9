"""The account that a comptable public asks for (D. 1611-25), on deliveries as dirty as real ones.

Totals agree to the cent, each line has its piece, in the workbook and in the PDF alike, whose tags are read.

Does not live here: years closed and regularised (test_mandate_years.py), the settings (tests/unit/programme).
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from pikepdf import Name, Pdf

from programme.config import load_issuer, load_mandate, load_programme
from reporting.files.replaced import Replaced
from reporting.mandate.account import Account, read_account
from reporting.mandate.document import _sections, write_pdf
from reporting.mandate.identity import Parties, identity_table
from reporting.mandate.workbook import write_workbook
from tests.integration.reporting.account_checks import check_agreement, check_pieces, figures
from tests.integration.reporting.conftest import marts
from tests.pdf_tags import of_table, tagged
from warehouse.published.versions import Version, current_version
from warehouse.settings import Home

PARTIES = Parties(load_issuer(), load_mandate())


@pytest.fixture(scope="module")
def version(simulated_home: Path) -> Version:
    found = current_version(Home.at(simulated_home))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def account(version: Version) -> Account:
    return read_account(version, 2023).with_first(identity_table(PARTIES, load_programme()))


@pytest.fixture(scope="module")
def pdf(account: Account) -> Pdf:
    return Pdf.open(io.BytesIO(write_pdf(account, load_programme(), PARTIES, 1, Replaced())))


@pytest.mark.parametrize("year", [2022, 2023])
def test_balance_treasury_and_operations_agree_to_the_cent(version: Version, year: int) -> None:
    check_agreement(read_account(version, year))


def test_each_line_of_each_table_has_its_piece(account: Account) -> None:
    check_pieces(account)


def test_the_lines_cited_are_those_of_the_payment(account: Account, version: Version) -> None:
    """« P3, lignes 2 à 40 (12 lignes) »: the first, the last and how many, as the deliveries have them."""
    paid = figures(account, "contre_paiements").filter(pl.col("pieces").str.contains(" à ")).row(0, named=True)
    found = re.match(r"(P\d+), lignes (\d+) à (\d+)(?: \((\d+) lignes\))?", paid["pieces"])
    assert found is not None
    piece, first, last, lines = found.groups()
    name = dict(figures(account, "pieces").select("piece", "file_name").rows())[piece]
    known = marts(
        version,
        f"""
        select min(source_line) as first, max(source_line) as last, count(distinct source_line) as lines
        from core.fct_counter_payment as payment
        inner join quality.delivered_file as file on payment.source_file_id = file.file_id and file.outcome = 'loaded'
        where payment.lieu_siret = '{paid["lieu_siret"]}' and payment.reimbursement_reference = '{paid["reference"]}'
          and payment.booked_on = '{paid["paid_on"]}' and file.file_name = '{name}'
        """,
    ).row(0)
    assert known[:2] == (int(first), int(last))
    assert known[2] == int(lines or int(last) - int(first) + 1)


def test_the_workbook_has_the_same_tables_and_pieces(account: Account) -> None:
    book = fastexcel.read_excel(write_workbook(account, PARTIES, 1, Replaced()))
    for table in account.tables:
        rows = book.load_sheet(table.layout.sheet, header_row=None, dtypes="string").to_polars()
        cells = {cell for row in rows.rows() for cell in row if cell}
        if "pieces" in table.values.columns:
            assert set(table.values["pieces"]) <= cells, table.layout.name
    assert "Certification et visas" in book.sheet_names


def test_the_pdf_has_the_same_tables_and_pieces(account: Account) -> None:
    printed = [table for section in _sections(account, Replaced()) for table in section["tables"]]
    rows = {cell for table in printed for row in table["rows"] for cell in row}
    for table in (table for table in account.tables if table.values.height):
        assert any(table.layout.title in shown["caption"] for shown in printed), table.layout.name
        if "pieces" in table.values.columns:
            assert set(table.values["pieces"]) <= rows, table.layout.name


def test_what_nobody_told_is_said_so_and_never_guessed(account: Account) -> None:
    """Identity of the agent, reference and dates of the convention: from the settings, else « non renseigné »."""
    told = dict(figures(account, "identification").select("label", "value").rows())
    assert told["Mandataire"] == "#APTIC" and told["Mandant"] == "Métropole du Grand Paris"
    unknown = [label for label, value in told.items() if value.startswith("non renseigné")]
    assert len(unknown) == len(PARTIES.mandate.lacking) == 9
    assert "programme/mandat.yaml, ligne « convention_signed_on »" in told["Convention de mandat, signée le"]
    known = PARTIES.mandate.model_copy(update={"convention_signed_on": date(2022, 5, 2), "accountant": "Poste fictif"})
    table = identity_table(Parties(PARTIES.issuer, known), load_programme())
    told = dict(table.values.select("label", "value").rows())
    assert told["Convention de mandat, signée le"] == "2 mai 2022"
    assert told["Comptable public assignataire"] == "Poste fictif"


# --- The tags of the PDF: what a screen reader says (PDF/UA) ---


def test_the_title_is_the_first_heading_and_its_sections_are_under_it(pdf: Pdf) -> None:
    assert len(tagged(pdf, Name.H1)) == 1
    assert len(tagged(pdf, Name.H2)) >= 15 and len(tagged(pdf, Name.H3)) >= 4
    titles = [str(item.title) for item in pdf.open_outline().root]
    assert "Balance générale des comptes" in titles and not any(title.startswith("Compte du") for title in titles)


def test_every_table_has_a_caption_and_every_cell_its_headers(pdf: Pdf) -> None:
    """Lists of accounts are real tables: no cell without the name of its column and of its row."""
    tables, cells = tagged(pdf, Name.Table), tagged(pdf, Name.TD)
    assert len(tables) >= 15 and len(tagged(pdf, Name.Caption)) >= len(tables)
    heads = {str(head.ID): of_table(head).Scope for head in tagged(pdf, Name.TH)}
    assert len(cells) > 1000
    for cell in cells:
        scopes = {heads[str(name)] for name in of_table(cell).Headers}
        assert scopes == {Name.Column, Name.Row}
