"""Tables that were chosen one after another: what they give together is withheld too."""

from __future__ import annotations

from reporting.suppression import Mask, Tables, breaches
from reporting.suppression.mend import mend

THRESHOLD = 11
SMALL = "a"


def two_tables(known: frozenset[str] = frozenset()) -> Tables:
    """all = a + b, and the same b with c and d: other = b + c + d. Each table alone hides a behind b."""
    values = {"a": 3.0, "b": 40.0, "all": 43.0, "c": 25.0, "d": 30.0, "other": 95.0}
    sums = (("all", ("a", "b")), ("other", ("b", "c", "d")))
    costs = {"all": 100.0, "other": 100.0, "c": 25.0, "d": 30.0}
    return Tables(values, sums, frozenset(values), frozenset(values), known=known, costs=costs)


def mask(tables: Tables, *hidden: str) -> Mask:
    return Mask.of(frozenset(hidden), tables.primary(THRESHOLD), frozenset())


def test_what_two_tables_give_together_is_withheld():
    """b comes out of the second table, and a of b: one more cell is withheld, the cheapest, and what was stays so."""
    tables = two_tables()
    assert breaches(tables, {"a", "b"}, THRESHOLD)
    mended = mend(tables, mask(tables, "a", "b"), THRESHOLD)
    assert mended.hidden == {"a", "b", "c"} and not mended.exposed
    assert breaches(tables, mended.hidden, THRESHOLD) == {}


def test_a_mask_that_holds_is_left_as_it_is():
    tables = two_tables()
    assert mend(tables, mask(tables, "a", "b", "c", "d"), THRESHOLD).hidden == {"a", "b", "c", "d"}


def test_what_nothing_can_protect_any_more_is_said():
    """All of the second table is known for good: a can be computed, whatever is withheld."""
    tables = two_tables(known=frozenset({"other", "c", "d", "all"}))
    mended = mend(tables, mask(tables, "a", "b"), THRESHOLD)
    assert SMALL in mended.exposed and mended.hidden >= {"a", "b"}
