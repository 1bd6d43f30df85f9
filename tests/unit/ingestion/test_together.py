"""Files judged together are judged as each would be alone (exports §3): nothing of one leaks into another."""

from __future__ import annotations

import random
from datetime import date, datetime
from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingestion import examine, limits, reader
from ingestion.accounting import write_receipt
from ingestion.contract import load_layouts
from ingestion.examine import Examined, begin, finish
from ingestion.pseudonym import drop_personal, drop_personal_of
from ingestion.unpack import Member, unpack
from tests.unit.ingestion.dirty_files import make_file
from tests.unit.ingestion.kit import ROWS, SECRET, TODAY, write_csv

LAYOUTS = load_layouts()


def tables_of(name: str, content: str | bytes) -> list[Member]:
    return list(unpack(name, content.encode() if isinstance(content, str) else content))


def other_grains(rng: random.Random) -> list[Member]:
    """Files of one row a pass and of one row a transaction, some lines wrong, some twice."""
    members: list[Member] = []
    for contract in (c for c in LAYOUTS if c.reshape):
        names = [f.name for f in contract.fields]
        for number in range(4):
            lines = [";".join(names)]
            for line in range(rng.randint(1, 30)):
                given = {
                    "numero_carnet": f"MGP-{line // 3}",
                    "numero_pass": f"{2100000 + line:010d}" if rng.random() < 0.95 else "?",
                    "id_transaction": f"T-{line}",
                    "numeros_pass": ", ".join(f"{rng.randint(1, 9):010d}" for _ in range(rng.randint(1, 3))),
                }
                cells = [given.get(f.name, f.example) for f in contract.fields]
                lines += [";".join(cells)] * rng.choice([1, 1, 1, 2])
            members += tables_of(f"{contract.layout}_{number}_2022-12-31.csv", "\n".join(lines) + "\n")
    return members


def judged(members: list[Member]) -> list[Examined]:
    return finish([begin(m, LAYOUTS, lambda _: None) for m in members], TODAY)


def assert_same(found: Examined, alone: Examined) -> None:
    """Every fact the receipt, the lake and the report are made of."""
    assert (found.member, found.extract_date) == (alone.member, alone.extract_date)
    assert (found.refusal and vars(found.refusal)) == (alone.refusal and vars(alone.refusal))
    assert (found.ignored, found.personal) == (alone.ignored, alone.personal)
    assert (found.parsed is None) == (alone.parsed is None)
    if found.parsed and alone.parsed:
        for name, value in vars(alone.parsed).items():
            mine = vars(found.parsed)[name]
            if isinstance(value, pl.DataFrame):
                assert_frame_equal(mine, value, check_exact=True)
            else:
                assert mine == value, name


def assert_together_is_alone(members: list[Member]) -> list[Examined]:
    together = judged(members)
    for member, found in zip(members, together, strict=True):
        assert_same(found, judged([member])[0])
    return together


@pytest.mark.parametrize("part", range(3))
def test_dirty_files_together_are_what_each_is_alone(part: int) -> None:
    """Every layout, encoding, separator, spelling of a header, sheet and archive of the oracle's files, shuffled."""
    files = [make_file(f"together {part} {number}") for number in range(25)]
    members = [m for file in files for m in unpack(file.name, file.data)] + other_grains(random.Random(part))
    random.Random(part).shuffle(members)
    found = assert_together_is_alone(members)
    assert {e.contract.layout for e in found if e.parsed and e.contract} == {c.layout for c in LAYOUTS}
    assert sum(e.parsed.rejected.height for e in found if e.parsed) > 50
    assert sum(e.parsed.issues.height for e in found if e.parsed) > 20
    assert sum(e.parsed.duplicate for e in found if e.parsed) > 0
    assert any(e.parsed.totals for e in found if e.parsed) and any(e.parsed.blanks for e in found if e.parsed)


def test_a_line_equal_to_one_of_another_file_is_no_copy() -> None:
    """Exports §3: duplicates are those inside one file; a cumulative delivery repeats the one before."""
    line = {"numero_carnet": "MGP-1"}
    once, twice = write_csv("emissions", line), write_csv("emissions", line, line)
    found = assert_together_is_alone([*tables_of("a_2022-01-31.csv", once), *tables_of("b_2022-02-28.csv", twice)])
    assert [e.parsed.duplicate for e in found if e.parsed] == [0, 1]


def test_a_key_is_compared_with_the_header_of_its_own_file() -> None:
    """Exports put end to end: a header found again is no key, but another file's header may be a key of this one."""
    plain = write_csv("emissions", {"numero_carnet": "NUMERO-CARNET"})
    spelt = plain.replace("numero_carnet", "NUMERO-CARNET")
    found = assert_together_is_alone([*tables_of("a_2022-01-31.csv", plain), *tables_of("b_2022-01-31.csv", spelt)])
    assert [e.parsed.accepted for e in found if e.parsed] == [1, 0]


def test_a_year_of_birth_is_bounded_by_the_extraction_of_its_own_file() -> None:
    """Exports §5: nobody is born after the extraction."""
    text = write_csv("prescriptions", {"annee_naissance": "2021", "date_prescription": "01/01/2022"})
    members = [*tables_of("p_2020-12-31.csv", text + "\n"), *tables_of("p_2022-12-31.csv", text)]
    found = assert_together_is_alone(members)
    assert [e.parsed.issues.height for e in found if e.parsed] == [1, 0]


def test_a_total_closes_its_own_file_only() -> None:
    """Exports §2: a closing TOTAL line is no data, even when another file comes after."""
    total = write_csv("services") + "Total" + ";" * 5 + "\n"
    found = assert_together_is_alone([*tables_of("a_2022-01-31.csv", total), *tables_of("b_2022-01-31.csv", total)])
    assert [(e.parsed.totals, e.parsed.accepted) for e in found if e.parsed] == [(1, 1), (1, 1)]


def test_a_carnet_torn_in_one_file_is_whole_in_another() -> None:
    """One row a pass: what is left of a carnet that lost a line is rejected, in the file that lost it."""
    header = "numero_carnet;numero_pass;valeur_faciale;date_emission;statut"
    names = {f.name for f in next(c for c in LAYOUTS if c.layout == "emissions_par_pass").fields if f.is_required}
    extra = sorted(names - set(header.split(";")))

    def line(number: str, value: str) -> str:
        given = {"numero_carnet": "MGP-1", "numero_pass": number, "valeur_faciale": value}
        return ";".join((ROWS["emissions"] | given)[c] for c in [*header.split(";"), *extra])

    top = ";".join([*header.split(";"), *extra])
    whole = "\n".join([top, line("0002100001", "10"), line("0002100002", "10")]) + "\n"
    torn = "\n".join([top, line("0002100001", "10"), line("0002100002", "?")]) + "\n"
    found = assert_together_is_alone([*tables_of("a_2022-01-31.csv", torn), *tables_of("b_2022-01-31.csv", whole)])
    assert [e.parsed.accepted for e in found if e.parsed] == [0, 2]


def test_a_refused_file_among_others_is_refused_alone() -> None:
    """Exports §3: the other files are not touched."""
    good = write_csv("services")
    members = [*tables_of("a_2022-01-31.csv", good), *tables_of("b_2022-01-31.csv", good + 'x;"open\n'),
               *tables_of("c.csv", good), *tables_of("d_2022-01-31.csv", good)]  # fmt: skip
    found = assert_together_is_alone(members)
    assert [e.refusal.reason if e.refusal else None for e in found] == [
        None,
        "unreadable",
        "missing_extract_date",
        None,
    ]


def test_a_table_too_large_to_wait_is_read_by_slices_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: a great file is never held whole, and nothing depends on where it is cut."""
    changes = [{"id_utilisation": f"U-{n // 2}", "montant": "10,00" if n % 7 else "?"} for n in range(300)]
    members = tables_of("u_2022-12-31.csv", write_csv("utilisations", *changes) + "Total;" + ";" * 13 + "\n")
    (whole,) = judged(members)
    monkeypatch.setattr(limits, "TOGETHER_BYTES", 0)
    monkeypatch.setattr(reader, "SLICE_BYTES", 2_000)
    assert begin(members[0], LAYOUTS, lambda _: None).frame is None
    assert_same(judged(members)[0], whole)
    assert whole.parsed is not None and whole.parsed.duplicate and whole.parsed.rejected.height


def test_tables_that_the_memory_cannot_hold_together_are_judged_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One table too large is refused as such; it takes none of the others with it."""
    calls: list[int] = []

    def full(wholes: list, real=examine.parse_all) -> list:
        calls.append(len(wholes))
        if len(wholes) > 1:
            raise MemoryError
        return real(wholes)

    members = [m for n in "ab" for m in tables_of(f"{n}_2022-01-31.csv", write_csv("services", {"niveau": n}))]
    alone = [judged([m])[0] for m in members]
    monkeypatch.setattr(examine, "parse_all", full)
    for found, one in zip(judged(members), alone, strict=True):
        assert_same(found, one)
    assert calls == [2, 1, 1]


def test_personal_columns_of_many_tables_leave_as_those_of_one() -> None:
    """Exports §4: the same person has the same pseudonym in every file, whatever it is read with."""
    days = [date(2022, month, 28) for month in range(1, 6)]
    texts = [write_csv("prescriptions", *({"id_beneficiaire": f"B-{n % m}"} for n in range(9))) for m in range(1, 6)]
    members = [m for d, t in zip(days, texts, strict=True) for m in tables_of(f"p_{d}.csv", t)]
    members += tables_of("s_2022-12-31.csv", write_csv("services"))
    tables = [(e.parsed.rows, e.contract) for e in judged(members) if e.parsed and e.contract]
    together = drop_personal_of(tables, SECRET)
    assert len(together) == 6
    for (rows, contract), found in zip(tables, together, strict=True):
        assert_frame_equal(found, drop_personal(rows, contract, SECRET))
    assert all(a["beneficiary_key"].n_unique() < b["beneficiary_key"].n_unique()
               for a, b in pairwise(together[:5]))  # fmt: skip


def test_a_receipt_tells_whether_a_line_may_be_several_records() -> None:
    """Where none may, lines told twice are not searched (macros/lines.sql): a receipt never misses one, and a file of
    one row a pass, or whose lines are copied, has none."""
    told = []
    for found in judged(other_grains(random.Random(11))):
        if found.parsed is None or found.contract is None:
            continue
        receipt = write_receipt(found, LAYOUTS, datetime(2023, 1, 1), "a", "mark")
        shared = bool(found.parsed.rows["line"].is_duplicated().any())
        assert receipt.may_share_lines == shared, found.member.name
        told.append((shared, found.parsed.absorbed.height > 0))
        assert receipt.model_copy(update={"lines_absorbed": None}).may_share_lines, "an older lake does not tell"
    assert {(True, True), (False, True)} <= set(told), "both formats have copies"
