"""One meaning a name: a column of core, proof and marts is described alike wherever it stands, in one unit.

Not here: that every column is described (test_manifest.py), comments in the published file (golden/test_analysts.py).
"""

from __future__ import annotations

from collections import defaultdict

from warehouse.build.transform import project_manifest

SCHEMAS = {"core", "proof", "marts"}
#: A name that says something of what its row is about, so that each table tells of its own; and why it keeps that name.
OF_THE_ROW = {
    "territory_code": "the territory of what the row tells (carnet, person, lieu, event): published in figures §3",
    "amount_eur": "the money of what the row tells (a use, a payment, a debt, a recovery): published in figures §3",
    "source_file_id": "the file of the line that made the row, its current version or the one that bears a payment",
    "indicator": "a measure of the dictionary: in tables of indicators, one of the 21",
    "event": "of proof.measure: the event it sums, of those of proof.contribution",
    "reference": "of a budget entry: its own; of an event: that of the payment, debt, recovery or entry behind it",
    "nature": "of an event: how it is told apart; of a budget entry: its nature, which is that of its event",
    "value": "of an indicator or a measure: its figure; of a file of the proof: the sum that the figure is read from",
    "denominator": "of a contribution: its part of what a share is divided by; of a file of the proof: their sum",
    "category": "of budget: what is paid for; of marts.audience_profile: the answer to its dimension",
}
#: Types that hold one unit.
_UNIT = {"bigint": "integer", "decimal(18,2)": "double"}


def _meanings() -> dict[str, dict[tuple[str, str], list[str]]]:
    """Column → (meaning, unit) → the tables where it stands."""
    found: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for node in project_manifest()["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] in SCHEMAS:
            for column in node["columns"].values():
                kind = _UNIT.get(column["data_type"], column["data_type"])
                found[column["name"]][column["description"], kind].append(f"{node['schema']}.{node['name']}")
    return found


def test_a_name_has_one_meaning_and_one_unit() -> None:
    wrong = {name: dict(meanings) for name, meanings in _meanings().items() if len(meanings) > 1}
    assert {name: told for name, told in wrong.items() if name not in OF_THE_ROW} == {}


def test_an_exception_is_still_one_and_in_one_unit() -> None:
    meanings = _meanings()
    assert [name for name in OF_THE_ROW if len(meanings[name]) < 2] == []
    assert [name for name in OF_THE_ROW if len({kind for _, kind in meanings[name]}) > 1] == []
