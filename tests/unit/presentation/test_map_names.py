"""No name of a map stands on another; one that finds no room keeps its own place."""

from __future__ import annotations

import itertools

from presentation.map_names import Label, placed, short_name

MOVES = [(0.0, float(lines * 10)) for lines in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)]


def _label(text: str, x: float, y: float) -> Label:
    return Label(text, x, y, 60.0, 10.0)


def test_no_name_stands_on_another_and_the_order_is_kept() -> None:
    crowd = [_label(f"Territoire {number}", 100.0 + number % 3, 100.0 - number // 3) for number in range(6)]
    found = placed(crowd, MOVES)
    assert any(a.overlaps(b) for a, b in itertools.pairwise(crowd))
    assert not [(a, b) for a in found for b in found if a is not b and a.overlaps(b)]
    assert [label.text for label in found] == [label.text for label in crowd]


def test_a_name_alone_stays_and_so_does_one_without_room() -> None:
    assert placed([_label("seul", 10.0, 20.0)], MOVES) == [_label("seul", 10.0, 20.0)]
    twice = [_label("un", 0.0, 0.0), _label("deux", 0.0, 0.0)]
    assert placed(twice, [(0.0, 0.0)]) == twice


def test_a_map_says_paris_18e() -> None:
    assert (short_name("Paris 18e arrondissement"), short_name("Vincennes")) == ("Paris 18e", "Vincennes")
