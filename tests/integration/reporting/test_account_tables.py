"""The account that a comptable public asks for (D. 1611-25), on deliveries as dirty as real ones.

Totals agree to the cent, each line has its piece, in the workbook and in the PDF alike, whose tags are read.

Does not live here: years closed and regularised (test_mandate_years.py), the settings (tests/unit/programme).
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pypdfium2
import pytest
from pikepdf import Name, Pdf

from presentation import labels
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
#: Points of paper at the right of the text, of 51 (1.8 cm): what a letter may lean over.
MARGIN = 45


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


def test_a_claim_is_as_old_as_the_first_euro_nobody_paid(account: Account, version: Version) -> None:
    """What came in paid the oldest first: an accountant counts the time that a claim lapses in from there."""
    rows = marts(
        version,
        """
        select operated_on as day, nature, sum(amount_eur)::double as euros from marts.mandate_operation
        where nature in ('expired', 'cancelled') or (nature = 'avoir' and category = 'valeur_faciale')
        group by operated_on, nature having operated_on <= date '2023-12-31' order by operated_on
        """,
    ).rows()
    left = sum(euros for _, nature, euros in rows if nature == "avoir")
    oldest = None
    for day, nature, euros in rows:
        if nature == "avoir":
            continue
        left -= euros
        if left < 0 and oldest is None:
            oldest = day
    claim = figures(account, "creances").row(by_predicate=pl.col("debtor") == "Mandataire", named=True)
    assert claim["received_eur"] > 0 and claim["since_on"] == oldest
    assert oldest is None or oldest > rows[0][0], "the oldest of all is paid: the case is here"


def test_nothing_is_printed_beyond_the_margins(account: Account) -> None:
    """A seal of 64 signs has no place to be cut at: it ran off the sheet."""
    with pypdfium2.PdfDocument(write_pdf(account, load_programme(), PARTIES, 1, Replaced())) as document:
        assert len(document) > 3
        for page in document:
            words, width = page.get_textpage(), page.get_width()
            boxes = [words.get_charbox(place) for place in range(words.count_chars())]
            assert max(right for _, _, right, _ in boxes) < width - MARGIN, page.get_label()


def test_months_and_deliveries_are_told_in_words(account: Account) -> None:
    """A month is a month, not its first day; a delivery is of « Émissions de carnets », not of a name of the code."""
    printed = {title["title"]: title for title in _section(account, "Pièces")["columns"]}
    assert printed["Empreinte SHA-256"]["width"] == 0
    assert set(figures(account, "pieces")["dataset"]) <= set(labels.DATASET.values())
    months = _section(account, "Opérations par nature, mois par mois")["rows"]
    assert {row[1] for row in months} & {"janvier 2023", "décembre 2023"}


def _section(account: Account, title: str) -> dict[str, Any]:
    """The table of a section, as it is set."""
    (table,) = next(one["tables"] for one in _sections(account, Replaced()) if one["title"] == title)
    return dict(table)


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
