"""Is my line counted? One answer for every line delivered, by hand on the golden set and in SQL on real dirt."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import passnum_here
from tests.integration.golden import why_page
from tests.integration.golden.deliveries import ASKED, LIEU_1
from tests.integration.golden.why_page import FIRST, LAST, PAGE
from tests.once import copy_home
from warehouse.published.delivered import LookupFailed
from warehouse.published.versions import connect, find_version
from warehouse.published.why import check_lines
from warehouse.settings import Home


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.commands import output

    monkeypatch.setattr(output.console, "width", 110)


def ask(home: Path, *asked: str, exit_code: int = 0) -> str:
    return " ".join(passnum_here("why", *asked, home=home, exit_code=exit_code).split())


def answers(home: Path, *asked: str) -> list[dict]:
    return json.loads(passnum_here("why", *asked, "--json", home=home))["answers"]


def test_the_page_of_the_answers_is_what_the_command_prints(asked_home: Path) -> None:
    """`python -m tests.integration.golden.why_page` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == why_page.write(lambda *a: passnum_here("why", *a, home=asked_home))


def test_a_counted_line_is_in_these_figures_for_these_amounts(asked_home: Path) -> None:
    """U009: a pass of 10 €, paid, an hour alone in its session, and the first use of beneficiary F.

    Saint-Denis was opened before, by U005.
    """
    (answer,) = answers(asked_home, f"{FIRST}:10")
    assert (answer["state"], answer["reason"], answer["other"]) == ("counted", None, None)
    told = {item["indicator"]: Decimal(item["value"]) for item in answer["brought"] if item["indicator"]}
    wanted = {
        "passes_used": 1, "face_value_used_eur": 10, "reimbursed_eur": 10, "state_share_due_eur": 10, "hours": 60,
        "session_hours": 60, "people_reached": 1, "people_reached_identified": 1, "territories_active": None,
    }  # fmt: skip
    assert {name: told.get(name) for name in wanted} == wanted
    assert "counter_payment" in {item["event"] for item in answer["brought"]}


@pytest.mark.parametrize(
    ("asked", "state", "reason", "other"),
    [
        (f"{FIRST}:18", "not_counted", "rejected", None),
        (f"{FIRST}:19", "not_counted", "cancelled", None),
        (f"{FIRST}:20", "not_counted", "unknown_pass", None),
        (f"{FIRST}:21", "not_counted", "after_as_of", None),
        (f"{FIRST}:22", "not_counted", "duplicate_use", (FIRST, 2)),
        (f"{FIRST}:26", "not_counted", "older_version", (LAST, 2)),
        (f"{ASKED}:8", "duplicate", "copy", (ASKED, 2)),
        (f"{ASKED}:9", "rejected", "invalid_value", None),
        ("emissions_2022-11-30.csv:2", "counted", None, None),
        ("emissions_2022-11-30.csv:29", "not_counted", "after_as_of", None),
        ("prescriptions_2022-11-30.csv:5", "not_counted", "lost_carnet", ("prescriptions_2022-11-30.csv", 6)),
        ("prescriptions_2022-11-30.csv:7", "not_counted", "cancelled", None),
        ("prescriptions_2022-11-30.csv:14", "not_counted", "after_as_of", None),
        ("lieux_2022-01-31.csv:2", "described", "describes", None),
        ("services_2022-01-31.csv:3", "described", "describes", None),
        ("budget_2022-11-30.csv:2", "counted", None, None),
        ("budget_2022-11-30.csv:6", "not_counted", "after_as_of", None),
        ("prescriptions_2022-11-20.csv:2", "not_counted", "cancelled", None),
        ("budget_2022-11-25.xlsx:2", "not_counted", "after_as_of", None),
        ("inconnu_2022-11-30.csv:2", "refused_file", "unknown_layout", None),
        (f"{FIRST}:1", "no_data", None, None),
        (f"{FIRST}:400", "no_data", None, None),
    ],
)
def test_each_fate_of_a_line_by_hand(asked_home: Path, asked: str, state: str, reason: str, other: tuple) -> None:
    (answer,) = answers(asked_home, asked)
    assert (answer["state"], answer["reason"]) == (state, reason)
    assert (answer["other"] and (answer["other"]["file_name"], answer["other"]["line"])) == other
    assert f"Ligne {asked.rpartition(':')[2]} de « " in ask(asked_home, asked)


def test_a_rejected_line_says_its_column_its_value_and_how_to_mend_it(asked_home: Path) -> None:
    told = ask(asked_home, f"{ASKED}:9")
    assert "rejetée, donc comptée nulle part : valeur incorrecte dans la colonne « montant », valeur « AAA »" in told
    assert "Attendu : montant en euros" in told
    assert "redéposez l'export" in told


def test_a_file_delivered_again_is_answered_as_the_one_loaded(asked_home: Path) -> None:
    """Whichever name came first: the same bytes of the same day are one file."""
    told = ask(asked_home, "encore/services_2022-01-31.csv:2")
    assert "est le même fichier : déjà connu, il n'a rien changé." in told
    assert "services_2022-01-31.csv » (catalogue des services" in told


@pytest.mark.parametrize("name", ["services_2022-01-31.csv", "encore/services_2022-01-31.csv"])
def test_the_name_that_was_asked_is_told_whichever_was_loaded(asked_home: Path, name: str) -> None:
    """Asked by its second name, the answer is about another: what that name is comes first."""
    told = ask(asked_home, f"{name}:2")
    assert name in told
    assert told.count("est le même fichier") == 1


@pytest.mark.parametrize("option", ["--pass", "--payment", "--prescription"])
def test_an_empty_question_is_no_question(asked_home: Path, option: str) -> None:
    assert "demandez une chose et une seule" in ask(asked_home, option, " ", exit_code=2)


def test_the_shape_of_a_rejected_line_is_said_to_be_one(asked_home: Path) -> None:
    """99/99/9999 is no date that was written; a line that was read is shown as it was."""
    hint = "se lisent par leur forme : 9 un chiffre, A une lettre"
    assert hint in ask(asked_home, f"{ASKED}:9", "--original")
    assert hint not in ask(asked_home, f"{FIRST}:9", "--original")


def test_an_unknown_file_names_the_nearest_and_a_mistyped_place_says_how(asked_home: Path) -> None:
    assert "Les plus proches : « utilisations_2022-10-31.csv »" in ask(
        asked_home, "utilisation_2022-10-31.csv:2", exit_code=1
    )
    assert "utilisations_2022-10-31.csv »" in ask(asked_home, "utilisations:2", exit_code=1), "part of a name"
    assert "Écrivez FICHIER:LIGNE" in ask(asked_home, "utilisations_2022-10-31.csv", exit_code=1)
    assert "une chose et une seule" in ask(asked_home, f"{FIRST}:2", "--pass", "1", exit_code=2)


def test_a_version_from_before_lines_were_answered_for_is_said_so(asked_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "passnum-old.duckdb"
    shutil.copy((asked_home / "warehouse" / "passnum.duckdb").resolve(), path)
    path.chmod(0o600)
    with duckdb.connect(str(path)) as con:
        con.execute("drop table proof.line")
        with pytest.raises(LookupFailed, match="construite avant que chaque chiffre ne garde ses lignes"):
            check_lines(con)


def test_what_may_be_sent_holds_no_number_and_nothing_of_the_person(asked_home: Path) -> None:
    """No answer of the page has a pass, carnet, prescription or use number but the one asked; the operator has them."""
    told = " ".join(ask(asked_home, *asked, "--original") for asked in why_page.CASES.values() if asked[0] != "--pass")
    assert re.findall(r"\b0{3,}\d+\b|\bC\d{3}\b|\b[UP]\d{2,3}\b|ben-", told) == []
    assert "1950" not in told
    known = ask(asked_home, "--pass", "100", "--operateur")
    assert "00000100 (carnet C001) : utilisé" in known
    # F lives in Saint-Denis: where the lieu sees a first use, it does not see where its person lives
    assert "Saint-Denis" in ask(asked_home, f"{FIRST}:2", "--operateur")
    assert "Saint-Denis" not in ask(asked_home, f"{FIRST}:2")


def test_an_unknown_pass_is_said_with_what_names_it(asked_home: Path) -> None:
    told = ask(asked_home, "--pass", "99999999")
    assert told.startswith("Pass 99999999 : inconnu. Il n'est dans aucun carnet émis")
    assert "Ligne 20 de « utilisations_2022-10-31.csv »" in told
    assert "ont 8 chiffres ; celui-ci en a 3" in ask(asked_home, "--pass", "777")
    assert "Un numéro de pass ne s'écrit qu'en chiffres." in ask(asked_home, "--pass", "abc")
    assert "00003009" in ask(asked_home, "--pass", "99999999", "--operateur")
    assert "00003009" not in told


def test_a_payment_says_what_is_owed_back_and_by_which_line(asked_home: Path) -> None:
    told = ask(asked_home, "--payment", "cp-1")
    assert f"SIRET {LIEU_1}), le 30/11/2022 : 60,00 € pour 6 utilisations. Trop-perçu, à rendre" in told
    assert "10,00 €, parce que le pass avait déjà été utilisé. Le reste, 50,00 €, est justifié" in told
    assert "Trop-perçu à rendre par le lieu : 10,00 €, connu le 30/11/2022, parce que le pass avait déjà" in told
    assert "Les plus proches : « CP-1 »" in ask(asked_home, "--payment", "CP-2", exit_code=1)
    assert "- Pièce : « utilisations_2022-10-31.csv » (utilisations de pass, extraction du 31/10/2022), lignes" in told
    assert {answer["state"] for answer in answers(asked_home, "--payment", "CP-1")} == {"counted", "not_counted"}


def test_an_auditor_is_shown_every_line_of_a_payment(asked_home: Path) -> None:
    """« Montrez-moi ce paiement »: one command, its pieces, and with --original each of its lines as delivered."""
    told = ask(asked_home, "--payment", "CP-1", "--original")
    assert told.count("reference_remboursement : CP-1") == len(answers(asked_home, "--payment", "CP-1")) == 9


def test_an_entry_is_shown_by_its_number_as_the_account_lists_it(asked_home: Path) -> None:
    told = ask(asked_home, "--payment", "b1")
    assert told.startswith("Aucun contre-paiement : 1 écriture budgétaire.")
    assert "de « budget_2022-11-30.csv » (écritures budgétaires, extraction du 30/11/2022) : elle est comptée." in told


def test_the_original_line_is_read_again_while_the_archive_has_it(asked_home: Path, tmp_path: Path) -> None:
    member = ask(asked_home, "lot.zip/prescriptions_2022-11-20.csv:2", "--original")
    assert "lot.zip, ligne 2) :" in member
    assert "id_beneficiaire : ***" in member
    assert "montant_ttc : 1,00" in ask(asked_home, "budget_2022-11-25.xlsx:2", "--original")
    rejected = ask(asked_home, f"{ASKED}:9", "--original")
    assert "montant : AAA" in rejected
    purged = copy_home(asked_home, tmp_path / "home")
    for path in (purged / "archive").glob("*/*"):
        if path.is_file():
            path.unlink()
    assert "n'est plus dans l'archive" in ask(purged, f"{FIRST}:2", "--original")


# Every data line of every loaded file is in exactly one of three tables, and one without reason brings something.
_ANSWERS = """
    with answer as (
        select distinct source_file_id as file_id, source_line as line from proof.line
        union all
        select file_id, line_number from quality.rejected_line
        union all
        select file_id, line_number from quality.absorbed_line
    ),
    silent as (
        select source_file_id as file_id, count(*) as lines
        from proof.line as line anti join proof.contribution using (source_file_id, source_line)
        where line.reason is null
        group by file_id
    )
    select file.file_name, file.lines_read, count(answer.line), count(distinct answer.line), any_value(silent.lines)
    from quality.delivered_file as file
    left join answer using (file_id)
    left join silent using (file_id)
    where file.outcome = 'loaded'
    group by all
"""


@pytest.mark.parametrize("home", ["asked_home", "simulated_home"])
def test_every_line_delivered_has_exactly_one_answer(home: str, request: pytest.FixtureRequest) -> None:
    with connect(find_version(Home.at(request.getfixturevalue(home)), "last")) as con:
        files = con.execute(_ANSWERS).fetchall()
    assert len(files) > 5
    assert [file for file in files if not file[1] == file[2] == file[3] or file[4]] == []


def test_the_check_of_the_answers_sees_a_line_without_one(asked_home: Path, tmp_path: Path) -> None:
    """The test above can fail: a copy that nobody tells makes it red."""
    home = Home.at(copy_home(asked_home, tmp_path / "home"))
    path = find_version(home, "last")
    with duckdb.connect(str(path)) as con:
        con.execute("delete from quality.absorbed_line")
        files = con.execute(_ANSWERS).fetchall()
    assert [file[0] for file in files if file[1] != file[2]] == [ASKED]
