"""Days that lie: years of two digits, months before days (exports §2)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest

from ingestion.contract import load_layouts
from ingestion.examine import Examined, examine
from ingestion.refusal import Refusal
from ingestion.unpack import unpack
from tests.unit.ingestion.kit import TODAY, parse_text, write_csv
from tests.unit.ingestion.test_sheet import make_xlsx, table


def judge(content: str | bytes, name: str = "f_2022-12-31.csv") -> Examined:
    data = content.encode() if isinstance(content, str) else content
    return examine(next(iter(unpack(name, data))), load_layouts(), TODAY, lambda _: None)


def refusal(content: str | bytes) -> Refusal:
    found = judge(content).refusal
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/99", date(1999, 12, 31)),
        ("01/01/33", date(1933, 1, 1)),
        ("15/03/48", date(1948, 3, 15)),
        ("31/12/22", date(2022, 12, 31)),
        ("31/12/32", date(2032, 12, 31)),
        ("01/01/00", date(2000, 1, 1)),
    ],
)
def test_a_year_of_two_digits_is_never_far_ahead(text: str, day: date) -> None:
    """99 is 1999 in a history column, 2099 nowhere; a validity of some years ahead is still one."""
    valid = parse_text(write_csv("emissions", {"date_fin_validite": text}))
    assert valid.rows["date_fin_validite"].to_list() == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/99", date(1999, 12, 31)),
        ("31/12/22", date(2022, 12, 31)),
        ("05/01/23", date(2023, 1, 5)),
        ("01/02/24", date(1924, 2, 1)),
        ("01/02/30", date(1930, 2, 1)),
    ],
)
def test_what_happened_is_never_years_after_the_extraction(text: str, day: date) -> None:
    """A status of 2030 in an extract of 2022 would be a fact of the future; a payment planned for January is one."""
    assert parse_text(write_csv("emissions", {"date_statut": text})).rows["date_statut"].to_list() == [day]


@pytest.mark.parametrize("text", ["03-12-2021 10:45", "03.12.2021 10:45:30", "01-12-2021 08:05"])
def test_a_day_of_another_form_is_shown_by_its_form(text: str) -> None:
    """It is rejected, and whoever mends it must see how it is written: it is no phone number. What is nobody's is
    shown as it is."""
    parsed = parse_text(write_csv("utilisations", {"date_utilisation": text}))
    shape = re.sub("[0-9]", "9", text)
    assert parsed.rejected.rows() == [(2, "date_utilisation", shape, "invalid_value")]
    parsed = parse_text(write_csv("budget", {"date_ecriture": text}))
    assert parsed.rejected.rows() == [(2, "date_ecriture", text, "invalid_value")]


@pytest.mark.parametrize("text", ["06 12 34 56 78", "06-12-20-21-10", "06.12.20.21 10"])
def test_a_phone_number_in_a_column_of_days_stays_masked(text: str) -> None:
    """Exports §4."""
    parsed = parse_text(write_csv("utilisations", {"date_utilisation": text}))
    assert parsed.rejected["value"].to_list() == ["***"]


def test_files_of_two_years_read_their_own_years() -> None:
    """The same text in two extractions, read together."""
    from ingestion.parse import Whole, parse_all
    from tests.unit.ingestion.kit import read

    tables = [read(write_csv("emissions", {"date_fin_validite": "01/01/40"})) for _ in range(2)]
    both = parse_all([Whole(t, t.read(), year) for t, year in zip(tables, (2022, 2035), strict=True)])
    assert [p.rows["date_fin_validite"][0].year for p in both] == [1940, 2040]


NO_OTHER_DAY = {"date_remboursement": ""}
MONTH_FIRST = [
    {"date_utilisation": f"{m:02}/{d:02}/2021 10:45", **NO_OTHER_DAY} for m, d in ((1, 5), (2, 14), (12, 3), (11, 30))
]


@pytest.mark.parametrize(
    "lines",
    [
        MONTH_FIRST,
        [{"date_utilisation": c["date_utilisation"][:8] + "21", **NO_OTHER_DAY} for c in MONTH_FIRST],
        [{"date_utilisation": f"{m}/{d}/2021 2:30 PM", **NO_OTHER_DAY} for m, d in ((1, 5), (2, 14))],
        [{"date_utilisation": "12/31/2021", **NO_OTHER_DAY}],
        [{"date_utilisation": d, **NO_OTHER_DAY} for d in ("12/31/2021", "01/05/2022", "01/06/2022")],
        [{"date_remboursement": d, "date_utilisation": "2021-11-30"} for d in ("12/31/2021", "01/05/2022")],
    ],
)
def test_days_that_only_make_sense_month_first_refuse_the_file(lines: list[dict[str, str]]) -> None:
    """Read as days first, half of them would be other days, and nothing would show it."""
    found = refusal(write_csv("utilisations", *lines))
    assert found.reason == "unreadable"
    assert "mois/jour" in found.explanation and next(iter(lines[0])) in found.explanation


@pytest.mark.parametrize("dataset", ["prescriptions", "budget", "lieux"])
def test_in_every_export(dataset: str) -> None:
    name = {"prescriptions": "date_prescription", "budget": "date_ecriture", "lieux": "date_maj"}[dataset]
    other = {"date_referencement": ""} if dataset == "lieux" else {}
    text = write_csv(dataset, {name: "12/31/2021"} | other, {name: "02/01/2021"} | other)
    assert "mois/jour" in refusal(text).explanation


def test_a_workbook_of_texts_too() -> None:
    rows: list[list[Any]] = [["U1", "0002100001", "12/31/2021", "21940080900014", 10, "validee"]]
    told = refusal(make_xlsx(table(*rows))).explanation
    assert "mois/jour" in told and told.startswith("La feuille 1 (« Données »)")


def test_days_that_a_french_excel_took_the_wrong_way_round() -> None:
    """An American text opened in French: what could be a day became another day, the rest stayed text."""
    rows: list[list[Any]] = [
        ["U1", "0002100001", datetime(2021, 5, 12), "21940080900014", 10, "validee"],
        ["U2", "0002100002", "12/31/2021", "21940080900014", 10, "validee"],
    ]
    assert "mois/jour" in refusal(make_xlsx(table(*rows))).explanation


@pytest.mark.parametrize(
    "days",
    [
        ["31/12/2021", "12/31/2021"],  # one slip among days first
        ["05/12/2021", "06/12/2021"],  # nothing to tell
        ["32/12/2021", "00/01/2021"],  # no day in any order
        ["2021-12-31", "2021-31-12"],
    ],
)
def test_other_bad_days_reject_their_line_only(days: list[str]) -> None:
    examined = judge(write_csv("utilisations", *({"date_utilisation": d} for d in days)))
    assert examined.refusal is None


def test_the_order_is_judged_on_the_whole_file_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slice by slice: what proves the order may be far from what lies."""
    from ingestion import limits, reader

    monkeypatch.setattr(limits, "TOGETHER_BYTES", 10)
    monkeypatch.setattr(reader, "SLICE_BYTES", 2_000)
    lines = [{"date_utilisation": d, **NO_OTHER_DAY} for d in ["12/31/2021"] * 2 + ["05/06/2021"] * 100]
    assert judge(write_csv("utilisations", *lines)).refusal is not None
    good = judge(write_csv("utilisations", *lines, {"date_utilisation": "31/12/2021", **NO_OTHER_DAY}))
    assert good.refusal is None and good.parsed is not None
    assert good.parsed.rows["date_utilisation"].max() == datetime(2021, 12, 31)


USES = [{"date_utilisation": f"{d}/12/2021", "date_remboursement": "05/01/2022"} for d in range(13, 28)] * 14
MONTHLY = [{"date_utilisation": "2021-12-05", "date_remboursement": f"05/{m:02}/2021"} for m in range(1, 13)]


@pytest.mark.parametrize(
    ("lines", "slip"),
    [
        (USES, {"date_utilisation": "13/12/2021", "date_remboursement": "05/13/2021"}),
        (USES[:1], {"date_utilisation": "05/12/2021", "date_remboursement": "05/13/2021"}),
        (MONTHLY, {"date_utilisation": "2021-12-05", "date_remboursement": "05/13/2021"}),
    ],
    ids=["200 lines", "another column", "always the fifth"],
)
def test_one_slip_in_a_month_is_an_issue_of_its_line(lines: list[dict[str, str]], slip: dict[str, str]) -> None:
    """Exports §2: only a file whose days ONLY make sense month first is refused. A day above 12 in first place, in
    any column, acquits the file; a single impossible day among many is a bad value of its line."""
    examined = judge(write_csv("utilisations", *lines, slip))
    assert examined.refusal is None and examined.parsed is not None
    assert examined.parsed.accepted == len(lines) + 1
    told = [(len(lines) + 2, "date_remboursement", "99/99/9999", "invalid_value")]
    assert examined.parsed.issues.rows() == told


def test_one_slip_in_a_required_day_rejects_its_line() -> None:
    """The same: 20 good lines are not lost to a finger."""
    good = [{"date_utilisation": "05/12/2021", "date_remboursement": ""}] * 20
    examined = judge(write_csv("utilisations", *good, {"date_utilisation": "12/13/2021", "date_remboursement": ""}))
    assert examined.refusal is None and examined.parsed is not None
    assert (examined.parsed.accepted, examined.parsed.rejected.height) == (20, 1)


def test_files_judged_together_each_have_their_own_order() -> None:
    """What acquits a file proves nothing of the one beside it."""
    from ingestion.parse import Whole, parse_all
    from tests.unit.ingestion.kit import read

    texts = [write_csv("utilisations", *MONTH_FIRST), write_csv("utilisations", *USES[:2])]
    both = parse_all([Whole(t, t.read(), 2022) for t in map(read, [*texts, texts[0]])])
    assert [p.months_first for p in both] == [("date_utilisation",), (), ("date_utilisation",)]
