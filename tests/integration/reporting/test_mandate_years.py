"""Three accounts, closed one after the other, with corrections delivered after each closing (D. 1611-25).

A payment made stays made; a closed account is never rewritten: what is learnt later is booked in the open year, to the
line. Every figure is worked out by hand. Does not live here: the deliveries (three_years.py).
"""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pypdfium2
import pytest

from programme.config import PROJECT_FOLDER
from reporting.mandate import operations
from reporting.mandate.account import read_account
from reporting.mandate.article import ACCOUNTS
from reporting.mandate.closing import closed_years
from tests.integration.reporting.account_checks import check_agreement, check_pieces
from tests.integration.reporting.mandate_world import World, plain
from tests.integration.reporting.three_years import LIEU, A, B, deliver_2021, deliver_2022, deliver_2023, pass_number
from tests.once import copy_home
from warehouse.published.versions import connect

#: The home of these tests is three real runs, made by the first of them.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("mandate") / "home")
    for year, deliver in ((2021, deliver_2021), (2022, deliver_2022), (2023, deliver_2023)):
        deliver(made.home.landing)
        made.step(year)
    return made


def euros(value: str) -> Decimal:
    return Decimal(value)


def test_the_first_account_closes_its_year(world: World) -> None:
    account = world.accounts[2021]
    assert account.opening_note == "Rien ne précède cette année : l'ouverture est nulle."
    assert (account.totals["issued_passes"], account.totals["used_passes"], account.totals["closing_passes"]) == (
        20,
        6,
        14,
    )
    # 200 € paid; U1–U4 and U6, paid though nothing says when: 50 €
    assert account.cash["Solde à la clôture"] == euros("150.00")
    assert account.reconciliation["Écart"] == 0
    assert "édition 1 émise" in world.said["2021"]
    assert "Le compte 2021 est arrêté : sa clôture est l'ouverture de 2022" in world.said["2021"]


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_year_opens_where_the_account_before_closed(world: World, year: int) -> None:
    """Opening of a year = closing of the one issued, in passes and in euros, territory by territory."""
    before, after = world.accounts[year - 1], world.accounts[year]
    assert after.opening_note.startswith(f"L'ouverture est la clôture du compte {year - 1}, arrêté (édition 1")
    closing = world.csv(year - 1, "balance").select("territory_code", "closing_passes", "closing_eur")
    opening = world.csv(year, "balance").select("territory_code", "opening_passes", "opening_eur")
    assert closing.height == 34 and closing.rows() == opening.rows()
    assert after.cash["Solde à l'ouverture"] == before.cash["Solde à la clôture"]
    assert (
        after.credit["Avoirs dus et non reçus à l'ouverture"] == before.credit["Avoirs dus et non reçus à la clôture"]
    )
    owed = after.owed["Trop-perçus à recouvrer à l'ouverture"]
    assert owed == before.owed["Trop-perçus à recouvrer à la clôture"]


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_a_closing_is_all_that_is_known_at_the_end_of_the_year(world: World, year: int) -> None:
    """Opening + operations + regularisations = the balance of everything known: nothing is lost on the way."""
    state = world.accounts[year].snapshot
    passes = state.filter(pl.col("family").is_in(["issue", "exit"]))
    signed = pl.when(pl.col("family") == "issue").then(pl.col("passes")).otherwise(-pl.col("passes"))
    assert world.accounts[year].totals["closing_passes"] == passes.select(signed.sum()).item()
    sides = {"mandatement": 1, "recouvrement_lieu": 1, "counter_payment": -1}
    cash = sum(
        sign * (state.filter(pl.col("nature") == nature)["amount_eur"].sum() or 0) for nature, sign in sides.items()
    )
    assert world.accounts[year].cash["Solde à la clôture"] == cash


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_balance_of_a_year_agrees_to_the_cent_and_each_line_has_its_piece(world: World, year: int) -> None:
    check_agreement(world.accounts[year])
    check_pieces(world.accounts[year])


def test_a_year_opened_by_a_closed_account_cites_it(world: World) -> None:
    """P0 is the account whose closing is this opening: the piece of the opening, with the seal of what it was."""
    pieces = world.accounts[2022].statements["pieces"].values.row(0, named=True)
    assert (pieces["piece"], pieces["file_name"]) == ("P0", "Compte du mandat 2021, édition 1")
    assert pieces["sha256"] == closed_years(world.home)[2021].digest
    treasury = world.accounts[2022].statements["tresorerie"].values.row(0, named=True)
    assert (treasury["label"], treasury["pieces"]) == ("Solde à l'ouverture", "P0")


def test_what_was_paid_and_not_issued_is_told_by_order(world: World) -> None:
    """The 40 € of B3 were paid for passes that were not issued: the Métropole's own account says so."""
    lines = world.accounts[2022].statements["developpement_des_soldes"].values
    own = lines.filter(pl.col("account_label") == ACCOUNTS["principal"])
    assert own["balance_credit_eur"].sum() - own["balance_debit_eur"].sum() == euros("40.00")


def test_the_last_closing_is_the_one_of_the_marts(world: World) -> None:
    """Every year before it is closed and booked: treasury, passes, receivables and credit notes are what marts know."""
    account, until = world.accounts[2023], "2023-12-31"
    with connect(world.version.path) as con:
        known = con.execute(
            "select sum(circulation_passes), sum(circulation_eur), sum(treasury_eur), sum(receivable_eur), "
            "sum(credit_note_eur) from marts.mandate_operation where operated_on <= ?",
            [until],
        ).fetchone()
        treasury = con.execute("select closing_eur from marts.mandate_treasury where month = '2023-12-01'").fetchone()
    closings = (
        account.totals["closing_passes"], account.totals["closing_eur"], account.cash["Solde à la clôture"],
        account.owed["Trop-perçus à recouvrer à la clôture"], account.credit["Avoirs dus et non reçus à la clôture"],
    )  # fmt: skip
    assert known == closings
    assert treasury == (account.cash["Solde à la clôture"],)


def test_the_operations_told_pass_by_pass_are_those_of_the_marts(world: World) -> None:
    with connect(world.version.path) as con:
        operations.load_version(con)
        detailed, summed = (
            con.execute(
                f"select family, nature, {day}, territory_code, lieu_siret, reference, cause, category, "
                f"sum(passes)::bigint as passes, sum(amount_eur) from {table} group by all order by all"
            ).fetchall()
            for table, day in (("operation", "day"), ("marts.mandate_operation", "operated_on"))
        )
    assert detailed
    assert detailed == summed


def test_a_version_without_a_chart_of_accounts_says_so(world: World, tmp_path: Path) -> None:
    other = World(copy_home(world.home.root, tmp_path / "home"))
    with duckdb.connect(str(other.version.path)) as con:
        con.execute("drop table marts.mandate_nature")
    found = other.invoke("export", "mandat", "--year", "2024")
    assert found.exit_code == 1
    assert "plan de comptes du mandat : lancez « passnum run »" in plain(found.output).replace("\n", " ")


def test_what_is_learnt_of_a_closed_year_is_booked_in_the_open_one(world: World) -> None:
    """U1 leaves « used », U7 comes late, B3 is an entry of 2021: three lines, un-netted, each with its file and line.

    U6, whose blank day is filled, is the same payment: nothing moves.
    """
    account = world.accounts[2022]
    lines = account.statements["regularisations"].values
    pieces = dict(account.statements["pieces"].values.select("piece", "file_name").rows())
    told = []
    for label, way, day, amount, piece in lines.select("label", "way_label", "day", "amount_eur", "pieces").rows():
        number, line = re.fullmatch(r"(P\d+), ligne (\d+)", piece).groups()
        told.append((label, way, day.isoformat(), amount, pieces[number], int(line)))
    assert told == [
        ("Pass utilisés (sortie)", "Retrait", "2021-06-01", euros("10.00"), "utilisations_2022-03-31.csv", 3),
        ("Pass utilisés (sortie)", "Ajout", "2021-12-10", euros("10.00"), "utilisations_2022-04-30.csv", 4),
        ("Mandatements", "Ajout", "2021-12-20", euros("40.00"), "budget_2023-01-31.csv", 3),
    ]
    assert set(lines["type"]) == {"regularisation_exercice_anterieur"}
    totals = account.totals
    # 14, U1 back in circulation, U7 gone, U8 and U9 used
    assert (totals["opening_passes"], totals["added_passes"], totals["removed_passes"]) == (14, 1, 1)
    assert (totals["used_passes"], totals["closing_passes"]) == (2, 12)


def test_cash_is_never_rewritten_and_what_is_overpaid_is_receivable(world: World) -> None:
    account = world.accounts[2022]
    # 150 € + the 40 € of 2021 learnt late − U7, U8, U9 + 10 € given back
    assert account.cash == {
        "Solde à l'ouverture": euros("150.00"),
        "Versements de la Métropole (mandatements, valeur faciale)": 0,
        "Contre-paiements aux lieux": euros("30.00"),
        "Recouvrements sur les lieux": euros("10.00"),
        "Avoirs remboursés à la Métropole": 0,
        "Régularisations d'exercices antérieurs, en plus": euros("40.00"),
        "Solde à la clôture": euros("170.00"),
    }
    # U1 annulled and U2 blanked: 20 €, of which 10 € recovered
    assert list(account.owed.values()) == [0, euros("20.00"), euros("10.00"), euros("10.00")]
    owed = account.statements["trop_percus"].values.select("reference", "cause_label", "amount_eur", "pieces").rows()
    assert [row[:3] for row in owed] == [
        ("CP-2021", "Paiement effacé de la ligne", euros("10.00")),
        ("CP-2021", "Utilisation annulée", euros("10.00")),
    ]
    assert all(re.fullmatch(r"P\d+, ligne [23]", row[3]) for row in owed)
    # U2 and U5 are to be paid again or still; the gap is the 40 € paid for passes that were not issued.
    reconciliation = account.reconciliation
    assert reconciliation["Ensemble à expliquer"] == euros("180.00")
    assert reconciliation["Pass utilisés, restant à contre-payer"] == euros("20.00")
    assert reconciliation["Écart"] == euros("40.00")
    assert world.csv(2021, "contre_paiements")["amount_eur"].to_list() == ["40.00", "10.00"]


def test_a_correction_that_is_undone_is_booked_both_ways(world: World) -> None:
    """2023: U8 rejected (out of 2022's uses), U1 counted again: its use comes back, its receivable goes."""
    account = world.accounts[2023]
    lines = account.statements["regularisations"].values.select("label", "way_label", "amount_eur").rows()
    assert sorted(lines) == [
        ("Pass utilisés (sortie)", "Ajout", euros("10.00")),
        ("Pass utilisés (sortie)", "Retrait", euros("10.00")),
        ("Trop-perçus constatés sur les lieux", "Retrait", euros("10.00")),
    ]
    # opening 10, U8 20 → +10, U1's −10
    assert list(account.owed.values()) == [euros("10.00"), euros("10.00"), 0, euros("10.00"), euros("10.00")]
    assert account.cash["Solde à la clôture"] == euros("170.00")


def test_what_had_expired_before_it_was_declared_stolen_stays_expired(world: World) -> None:
    """Carnet B lapsed on 1 February 2023 and was declared stolen in March: nine passes expired, none cancelled."""
    totals = world.accounts[2023].totals
    assert (totals["expired_passes"], totals["cancelled_passes"]) == (9, 0)


def test_a_closed_year_answers_so_and_says_where_what_came_is_booked(world: World) -> None:
    said = world.said["2021 again"]
    assert re.search(r"Compte 2021 arrêté, édition 1 \(le \d\d/\d\d/\d{4}, données au 31/01/2022\)", said)
    assert "rien n'a été réécrit" in said
    assert "à comptabiliser dans le compte 2022 en régularisation d'exercice antérieur" in said
    assert "Pass utilisés (sortie), retrait : 1 ligne, 1 pass, 10,00 €" in said
    assert "Mandatements, ajout : 1 ligne, 40,00 €" in said
    assert "Trop-perçus constatés depuis" in said and "2, pour 20,00 € (constatés en 2022" in said
    last = world.export(2021)
    assert " comptabilisé dans le compte 2022 en régularisation" in last
    assert " comptabilisé dans le compte 2023 en régularisation" in last
    assert "Rien n'a changé depuis pour cet exercice." in world.export(2023)
    assert [path.name for path in (world.home.reports / "mandat" / "2021").iterdir()] == ["edition-1"]


def test_a_rectifying_edition_lists_every_line_that_moved(world: World, tmp_path: Path) -> None:
    """Before 2022 is issued, 2021 may be rectified on demand: its new closing is then 2022's opening."""
    other = World(copy_home(world.home.root.parent / "before-2022", tmp_path / "home"))
    said = other.export(2021, "--rectificative")
    # U1 out, U7 in, B3 in, and U6's payment, known on 31/12/2021, made on 30/09/2021
    assert "Compte du mandat 2021, édition 2 rectificative émise : 4 lignes ont bougé" in said
    moved = other.csv(2021, "changements", 2)
    assert moved.select("object", "why").rows() == [
        ("Sortie d'un pass", "La ligne citée ne porte plus cette opération"),
        ("Contre-paiement", "Date changée"),
        ("Sortie d'un pass", "Opération connue depuis l'arrêté"),
        ("Écriture", "Opération connue depuis l'arrêté"),
    ]
    assert moved["before"][0] == "Pass utilisés (sortie), le 01/06/2021, 10,00\xa0€, Vincennes, " + LIEU
    assert moved["after"][0] == "—" and moved["pieces"].str.contains(r"^P\d+, ligne \d+$").all()
    values = other.csv(2021, "ce_qui_a_change", 2)
    assert set(values["code_cause"]) == {"livraison"}, "its pieces are numbered anew: no figure moved by that"
    treasury = values.filter(code_tableau="tresorerie", ligne="Solde à la clôture").row(0, named=True)
    # the 40 € of B3; U6 was paid already
    assert (treasury["avant"], treasury["maintenant"]) == ("150.00", "190.00")
    assert "budget_2023-01-31.csv" in treasury["livraisons"]
    (path,) = (other.home.reports / "mandat" / "2021" / "edition-2").glob("*.pdf")
    with pypdfium2.PdfDocument(path) as document:
        printed = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    head = printed[printed.index("Ce qui a changé") : printed.index("Identification du mandat")]
    assert "Vincennes" in head and not re.search(r"\d{4}-\d\d-01", head), "a reader has names and days, not keys"
    after = read_account(other.version, 2022, closed_years(other.home))
    assert "édition 2" in after.opening_note
    assert after.statements["regularisations"].values.is_empty()
    assert after.totals["closing_passes"] == world.accounts[2022].totals["closing_passes"]
    assert "Rien n'a changé depuis l'arrêté du compte 2021 (édition 2)" in other.export(2021, "--rectificative")


def test_parties_filled_in_after_the_closing_are_said_by_a_rectifying_edition(world: World, tmp_path: Path) -> None:
    """An account closed with « non renseigné » could never be signed: no operation had moved, nothing was issued."""
    other = World(copy_home(world.home.root.parent / "before-2022", tmp_path / "home"))
    other.export(2021, "--rectificative")
    settings = tmp_path / "programme"
    shutil.copytree(PROJECT_FOLDER, settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    mandate = (settings / "mandat.yaml").read_text(encoding="utf-8")
    told = re.sub(r"(?m)^accountant:.*$", "accountant: Poste comptable fictif", mandate)
    assert told != mandate
    (settings / "mandat.yaml").write_text(told, encoding="utf-8")
    said = other.export(2021, "--rectificative", "--programme", str(settings))
    assert "édition 3 rectificative émise : ce qui est dit des parties est autre, aucune opération n'a bougé" in said
    assert "« passnum export mandat --year 2021 --rectificative »" in said, "other lines are still to be filled in"
    (moved,) = other.csv(2021, "ce_qui_a_change", 3).to_dicts()
    assert (moved["ligne"], moved["maintenant"]) == ("Comptable public assignataire", "Poste comptable fictif")
    assert moved["code_cause"] == "reglages", "no delivery brought it"
    assert other.csv(2021, "changements", 3).is_empty()
    for name in ("balance_generale", "tresorerie", "operations"):
        assert other.csv(2021, name, 3).equals(other.csv(2021, name, 2)), name
    again = other.export(2021, "--rectificative", "--programme", str(settings))
    assert "Rien n'a changé depuis l'arrêté du compte 2021 (édition 3)" in again


def test_a_rectifying_edition_is_refused_when_a_later_account_is_closed(world: World) -> None:
    result = world.invoke("export", "mandat", "--year", "2022", "--rectificative")
    assert result.exit_code == 1
    assert "Le compte 2023 est déjà arrêté" in result.output and "dans le compte 2024" in plain(result.output)
    result = world.invoke("export", "mandat", "--year", "2020", "--rectificative")
    assert result.exit_code == 1 and "n'est pas arrêté" in result.output


def test_a_year_never_closed_closes_where_the_next_one_opened(world: World, tmp_path: Path) -> None:
    """2021 asked once 2022 is closed without it: read from 2022's own snapshot, not from what was learnt since."""
    other = World(copy_home(world.home.root, tmp_path / "home"))
    shutil.rmtree(other.home.reports / "mandat" / "2021")
    account = read_account(other.version, 2021, closed_years(other.home))
    assert "Le compte 2022 est déjà arrêté" in account.closing_note
    # U1 was annulled then, and is counted again since; U7 was known: six used
    assert account.totals["used_passes"] == 6
    assert account.cash["Solde à la clôture"] == euros("190.00")


def test_what_a_year_skipped_will_book_is_not_said_booked_in_a_later_one(world: World, tmp_path: Path) -> None:
    """2023 closed while 2022 is not: its opening was computed, and 2021's corrections are 2022's to book."""
    other = World(copy_home(world.home.root, tmp_path / "home"))
    shutil.rmtree(other.home.reports / "mandat" / "2022")
    shutil.rmtree(other.home.reports / ".comptes" / "2022")
    said = other.export(2021)
    assert "à comptabiliser dans le compte 2022 en régularisation" in said
    assert "dans le compte 2023 en régularisation" not in said and " comptabilisé dans" not in said
    other.export(2022)
    assert " comptabilisé dans le compte 2022 en régularisation" in other.export(2021)


def test_an_account_whose_edition_was_lost_is_not_issued_anew(world: World, tmp_path: Path) -> None:
    """Its snapshot is still there: on the same data it is the same account, on others the command stops."""
    other = World(copy_home(world.home.root, tmp_path / "home"))
    shutil.rmtree(other.home.reports / "mandat" / "2023")
    assert "édition 1 émise" in other.export(2023)
    shutil.rmtree(other.home.reports / "mandat" / "2022")
    result = other.invoke("export", "mandat", "--year", "2022")
    assert result.exit_code == 1 and "a déjà été arrêté sur d'autres données" in plain(result.output)
    assert not list((other.home.reports / "mandat").glob("2022/edition-*"))


def test_a_manifest_that_does_not_read_any_more_stops_everything(world: World, tmp_path: Path) -> None:
    other = World(copy_home(world.home.root, tmp_path / "home"))
    manifest = other.home.reports / "mandat" / "2021" / "edition-1" / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{", encoding="utf-8")
    result = other.invoke("export", "mandat", "--year", "2023")
    assert result.exit_code == 1 and "Le manifeste d'une édition du compte 2021" in result.output


def test_a_closed_account_that_was_touched_stops_everything(world: World, tmp_path: Path) -> None:
    other = World(copy_home(world.home.root, tmp_path / "home"))
    path = closed_years(other.home)[2023].path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    result = other.invoke("export", "mandat", "--year", "2023")
    assert result.exit_code == 1 and "manque ou a été modifié" in result.output


def test_an_edition_issued_before_snapshots_says_so(world: World, tmp_path: Path) -> None:
    """An account closed by an older passnum: nothing can be compared, and a rectifying edition closes it anew."""
    other = World(copy_home(world.home.root.parent / "before-2022", tmp_path / "home"))
    manifest = other.home.reports / "mandat" / "2021" / "edition-1" / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.chmod(0o644)
    manifest.write_text(json.dumps({key: value for key, value in content.items() if key not in ("arrete", "emis_le")}))
    assert "date d'avant le registre des comptes arrêtés" in other.export(2021)
    assert "le compte 2021 n'est pas arrêté" in read_account(other.version, 2022, closed_years(other.home)).opening_note
    assert "ne peut pas être comparée" in other.export(2021, "--rectificative")
    said = other.export(2021)
    assert "arrêté, édition 2" in said and "régularisation" not in said


def test_the_snapshots_are_their_owner_s_and_no_edition_holds_a_pass_number(world: World) -> None:
    folder = world.home.reports / ".comptes"
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.rglob("*.parquet"), *folder.glob("2*")])
    numbers = {pass_number(number, rank).encode() for number in (A, B) for rank in range(10)}
    assert numbers <= {key.encode() for key in world.accounts[2023].snapshot["key"]}
    for path in (world.home.reports / "mandat").rglob("*"):
        # Not the PDF: eight figures in a row are found in its compressed bytes; its lines are those of the CSV.
        if path.is_file() and path.suffix != ".pdf":
            content = path.read_bytes()
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    content = b"".join(archive.read(name) for name in archive.namelist())
            assert not [number for number in numbers if number in content], path.name


def test_the_last_closing_is_the_ledger_s(world: World) -> None:
    with connect(world.version.path) as con:
        row = con.execute(
            "select sum(closing_passes)::int, sum(closing_eur) from marts.mandate_ledger where month = '2023-12-01'"
        ).fetchone()
    assert row == (world.accounts[2023].totals["closing_passes"], world.accounts[2023].totals["closing_eur"])
