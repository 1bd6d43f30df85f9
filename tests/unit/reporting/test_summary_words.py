"""The words of the summary beside those of the dictionary of indicators."""

from __future__ import annotations

import csv
from pathlib import Path

from reporting.figures.collect import RENAMED
from reporting.figures.summary import LABELS

DICTIONARY = Path(__file__).parents[3] / "dbt_project" / "seeds" / "indicator_dictionary.csv"
#: What is left to pay is made of two indicators, and is none of them.
NO_INDICATOR = {"state_to_call_eur"}


def test_the_words_of_a_document_begin_with_those_of_the_dictionary() -> None:
    """One measure has one name, in a document as on a page: a label that one of the two changes alone shows here."""
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        told = {RENAMED.get(row["code"], row["code"]): (row["label"], row["unit"]) for row in csv.DictReader(file)}
    assert LABELS.keys() - told.keys() == NO_INDICATOR
    for code in LABELS.keys() & told.keys():
        label, unit = LABELS[code]
        assert label.startswith(told[code][0]) and unit == told[code][1], code
