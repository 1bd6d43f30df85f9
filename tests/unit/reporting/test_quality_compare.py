"""What is new and what is fixed since the last report: facts of checks move from file to file, and are the same."""

from __future__ import annotations

import polars as pl

from reporting.quality.compare import compare_facts


def _facts(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"fact": list(names), "key": ["k"] * len(names)}, schema={"fact": pl.String, "key": pl.String})


def _told(now: pl.DataFrame, before: pl.DataFrame) -> tuple[list[str], list[str]]:
    marked, gone = compare_facts(now, before)
    return marked.filter("is_new")["fact"].to_list(), gone["fact"].to_list()


def test_lines_delivered_again_in_an_export_that_covers_everything_persist() -> None:
    """The same lieu, the same check, the file of the next month: nothing is new, nothing is fixed."""
    before = _facts("contrôle|PN-431|L1|||utilisations_2022-10-31", "contrôle|PN-431|L2|||utilisations_2022-10-31")
    now = _facts("contrôle|PN-431|L1|||utilisations_2022-11-30", "contrôle|PN-431|L2|||utilisations_2022-11-30")
    assert _told(now, before) == ([], [])


def test_only_the_difference_is_new_or_fixed() -> None:
    day = "contrôle|PN-441|L1||94080|Lieu : 130 heures-personnes le 0{}/11/2022"
    assert _told(_facts(day.format(1), day.format(2)), _facts(day.format(1))) == ([day.format(2)], [])
    assert _told(_facts(day.format(1)), _facts(day.format(1), day.format(2))) == ([], [day.format(2)])
    assert _told(_facts(day.format(3)), _facts()) == ([day.format(3)], [])


def test_another_structure_is_another_fact() -> None:
    now, before = _facts("contrôle|PN-431|L2|||f"), _facts("contrôle|PN-431|L1|||f")
    assert _told(now, before) == (["contrôle|PN-431|L2|||f"], ["contrôle|PN-431|L1|||f"])


def test_a_rejected_line_is_known_by_its_file_and_number_alone() -> None:
    now, before = _facts("ligne|utilisations|f2|3|montant|x"), _facts("ligne|utilisations|f1|3|montant|x")
    assert _told(now, before) == (["ligne|utilisations|f2|3|montant|x"], ["ligne|utilisations|f1|3|montant|x"])


def test_the_first_report_says_nothing_new() -> None:
    marked, gone = compare_facts(_facts("a"), None)
    assert (marked["is_new"].to_list(), gone.height) == ([None], 0)
