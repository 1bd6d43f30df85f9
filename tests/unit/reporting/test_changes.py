"""What an edition changes of the one before: each value, its cause, its deliveries (reporting/files/changes.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from presentation.table import Column, Layout, Table
from reporting.files.changes import Causes, find, headlines, nothing, told
from reporting.files.editions import Edition, superseded
from reporting.files.stamp import Stamp
from reporting.files.tabular import csv_bytes

LAYOUT = Layout("territoires", "Territoires", "Territoires", "", ("code_insee",), (
    Column("code_insee", "Code INSEE", source="territory_code"),
    Column("pass", "Pass utilisés", "integer", "passes_used_cum"),
    Column("euros", "Remboursé", "euros", "reimbursed_eur_cum"),
))  # fmt: skip
INDICATORS = {"passes_used_cum": "passes_used", "reimbursed_eur_cum": "reimbursed_eur"}


def table(rows: list[tuple[Any, ...]], hidden: tuple[bool, ...] = (), layout: Layout = LAYOUT) -> Table:
    """Rows of the layout; hidden: whether the passes of each are withheld."""
    values = pl.DataFrame(rows, schema=[column.name for column in layout.columns], orient="row")
    masks = [list(hidden) or [False] * len(rows) if name == "pass" else [False] * len(rows) for name in values.columns]
    return Table(layout, values, pl.DataFrame(masks, schema=dict.fromkeys(values.columns, pl.Boolean)))


def issued(folder: Path, one: Table) -> Path:
    """The folder of an edition that has this table."""
    (folder / "csv").mkdir(parents=True)
    (folder / "csv" / f"{one.layout.name}.csv").write_bytes(csv_bytes(one))
    return folder


def rows(changes: Table, *names: str) -> list[tuple[str | None, ...]]:
    return changes.values.select(names).rows()


def test_a_value_that_moved_is_told_with_the_delivery_that_moved_its_figure(tmp_path: Path) -> None:
    before = issued(tmp_path, table([("75110", 40, 400.0), ("94080", 50, 500.0)]))
    causes = Causes(("juin.csv", "juillet.csv"), {"passes_used": ("juillet.csv",)})
    found = find(before, [table([("75110", 41, 400.0), ("94080", 50, 510.0)])], causes, INDICATORS)
    assert rows(found, "ligne", "colonne", "avant", "maintenant", "code_cause", "livraisons") == [
        ("75110", "Pass utilisés", "40", "41", "livraison", "juillet.csv"),
        # No line moved this figure for the programme: every delivery since may have, between two territories.
        ("94080", "Remboursé", "500.0", "510.0", "livraison", "juin.csv | juillet.csv"),
    ]
    assert told(found, 1, causes) == (
        "2\xa0valeurs diffèrent de l'édition 1.",
        "2\xa0valeurs par les livraisons reçues ou corrigées depuis : juin.csv, juillet.csv.",
    )


def test_a_mask_that_moved_is_told_as_such_and_gives_nothing_that_both_editions_do_not_give(tmp_path: Path) -> None:
    """« s » before or now: what is under it is in neither file, nor in this one."""
    before = issued(tmp_path, table([("75110", 40, 400.0), ("94080", 7, 70.0)], (False, True)))
    now = table([("75110", 4, 400.0), ("94080", 50, 70.0)], (True, False))
    found = find(before, [now], Causes(("juillet.csv",)), INDICATORS)
    assert rows(found, "ligne", "avant", "maintenant", "code_cause") == [
        ("75110", "40", "s", "secret"), ("94080", "s", "50", "secret"),
    ]  # fmt: skip
    text = csv_bytes(found).decode()
    assert ",4," not in text and ",7," not in text


def test_a_cell_withheld_in_both_editions_never_moved(tmp_path: Path) -> None:
    """Whether a masked count moved, and by which delivery, is of one who may read it."""
    before = issued(tmp_path, table([("75110", 4, 40.0)], (True,)))
    found = find(before, [table([("75110", 9, 40.0)], (True,))], Causes(("juillet.csv",)), INDICATORS)
    assert found.values.is_empty() and told(found, 1, Causes()) == ()


def test_without_a_delivery_the_calculation_then_the_settings_are_named(tmp_path: Path) -> None:
    before, now = issued(tmp_path, table([("75110", 40, 400.0)])), [table([("75110", 41, 400.0)])]
    assert rows(find(before, now, Causes(is_other_code=True), INDICATORS), "code_cause", "livraisons") == [
        ("calcul", None)
    ]
    assert rows(find(before, now, Causes(), INDICATORS), "code_cause") == [("reglages",)]


def test_a_column_of_one_edition_alone_is_one_row(tmp_path: Path) -> None:
    short = replace(LAYOUT, columns=LAYOUT.columns[:2])
    before = issued(tmp_path, table([("75110", 40), ("94080", 50)], layout=short))
    found = find(before, [table([("75110", 40, 400.0), ("94080", 50, 500.0)])], Causes(), INDICATORS)
    assert rows(found, "ligne", "colonne", "maintenant", "code_cause") == [
        ("toutes", "Remboursé", "colonne ajoutée", "modele")
    ]


def test_lines_that_come_and_go_are_told_value_by_value(tmp_path: Path) -> None:
    before = issued(tmp_path, table([("75110", 40, 400.0)]))
    found = find(before, [table([("94080", 50, 500.0)])], Causes(("juillet.csv",)), INDICATORS)
    assert rows(found, "ligne", "avant", "maintenant") == [
        ("75110", "40", None), ("75110", "400.0", None), ("94080", None, "50"), ("94080", None, "500.0"),
    ]  # fmt: skip


def test_the_stamp_of_an_edition_is_no_change(tmp_path: Path) -> None:
    """Every line of an edition bears another number than in the one before."""
    before = issued(tmp_path, Stamp("200054781", "2023", 1).on(table([("75110", 40, 400.0)])))
    assert find(before, [table([("75110", 40, 400.0)])], Causes(), INDICATORS).values.is_empty()
    assert nothing().values.is_empty()


def test_the_programme_s_figures_that_moved_are_told_one_by_one() -> None:
    """« a reader who kept the old one understands in a minute »."""
    layout = Layout("synthese", "Synthèse", "Synthèse", "", ("code",), (
        Column("code", "Code"), Column("indicateur", "Indicateur"), Column("unite", "Unité"),
        Column("periode", "Sur la période", "number"),
    ))  # fmt: skip
    summary = table([("hours", "Heures", "heure", 1234.5), ("paid", "Payé", "euro", 1.0)], layout=layout)
    moved = [
        ("Synthèse", "hours", "Sur la période", was, now, "", cause, None, "synthese", "periode")
        for was, now, cause in (("1300", "1299.75", "livraison"), ("s", None, "secret"), (None, "x", "modele"))
    ]
    moved.append(("Synthèse", "paid", "Sur la période", "4620", "4500", "", "livraison", None, "synthese", "periode"))
    values = pl.DataFrame(moved, schema=nothing().values.schema, orient="row")
    told = headlines(replace(nothing(), values=values), summary)
    assert [sentence.replace("\u202f", " ").replace("\xa0", " ") for sentence in told] == [
        "Heures, sur la période : 1 300,00 h → 1 299,75 h.", "Heures, sur la période : s → —.",
        "Payé, sur la période : 4 620,00 € → 4 500,00 €.",
    ]  # fmt: skip


def test_past_ten_deliveries_the_others_are_counted(tmp_path: Path) -> None:
    before = issued(tmp_path, table([("75110", 40, 400.0)]))
    causes = Causes(tuple(f"{number:02d}.csv" for number in range(12)))
    found = find(before, [table([("75110", 41, 400.0)])], causes, INDICATORS)
    assert str(found.values["livraisons"][0]).endswith("09.csv | et 2\xa0autres")


def test_each_edition_that_is_replaced_is_named() -> None:
    def edition(number: int) -> Edition:
        manifest = {"date_des_donnees": f"2023-0{number}-01", "version": {"construction": f"B{number}"}}
        return Edition(number, Path(), manifest)

    assert superseded([edition(1), edition(2)]) == [
        "L'édition 2 (données au 01/02/2023, version B2) est remplacée par celle-ci : ne l'utilisez plus.",
        "L'édition 1 (données au 01/01/2023, version B1) est remplacée par celle-ci : ne l'utilisez plus.",
    ]
