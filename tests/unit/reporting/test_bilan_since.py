"""What a bilan says of the edition it replaces: French numbers, measures by their names, what paper cannot hold."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from presentation.table import Column, Layout, Table, nothing_withheld
from reporting.bilan.since import Since, told_in_pdf
from reporting.files import changes

SUMMARY = Layout(
    "synthese", "Synthèse", "Synthèse", "", ("code",), (Column("code", "Code"), Column("indicateur", "Indicateur"))
)


def table(layout: Layout, rows: Sequence[tuple[str | None, ...]]) -> Table:
    schema = dict.fromkeys((column.name for column in layout.columns), pl.String)
    values = pl.DataFrame(rows, schema=schema, orient="row")
    return Table(layout, values, nothing_withheld(values))


def since(*rows: tuple[str, str, str]) -> Since:
    """rows: line, before, now."""
    moved = [("Synthèse", line, "Sur la période", was, now, "Livraisons", "livraison", None, "synthese", "valeur")
             for line, was, now in rows]  # fmt: skip
    names = table(SUMMARY, [("hours", "Heures de formation")])
    return Since((names, table(changes.LAYOUT, moved)), ("Deux valeurs.",), ("L'édition 1 est remplacée.",), 1)


def test_each_figure_is_told_by_its_name_with_french_numbers_and_a_secret_stays_one() -> None:
    told = told_in_pdf(since(("hours", "1234.5", "1300"), ("Vincennes", "s", "12")))
    assert told["since"] == "Ce qui a changé depuis l'édition 1"
    assert told["since_rows"] == [
        ["Heures de formation, Sur la période", "1\u202f234,50", "1\u202f300", "Livraisons"],
        ["Vincennes, Sur la période", "s", "12", "Livraisons"],
    ]
    assert told["since_sentences"] == ["Deux valeurs.", "L'édition 1 est remplacée."]
    assert told["replaces"] == "Cette édition remplace l'édition 1 : voir « Ce qui a changé »."


def test_what_paper_cannot_hold_is_said() -> None:
    told = told_in_pdf(since(*[(f"T{number}", "1", "2") for number in range(41)]))
    assert len(told["since_rows"]) == 40 and "toutes sont dans csv/changements.csv" in told["since_sentences"][1]


def test_a_first_edition_replaces_none() -> None:
    told = told_in_pdf(Since((table(SUMMARY, []), changes.nothing()), (), (), 0))
    assert told == {"since": "", "since_sentences": [], "since_rows": [], "replaces": ""}
