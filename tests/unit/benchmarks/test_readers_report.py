"""What eight readers waited, told by percentiles that hide nothing: what never came counts as long as it was waited."""

from __future__ import annotations

import pytest

from benchmarks.readers_report import GIVEN_UP, Waited, by, percentile, render


def event(seconds: float | None, kind: str = "menu", role: str = "equipe", page: str = "Budget") -> dict:
    return {"role": role, "page": page, "kind": kind, "seconds": seconds}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1.0], 0.95, 1.0), ([3.0, 1.0, 2.0], 0.5, 2.0), (list(range(1, 21)), 0.95, 19), (list(range(1, 22)), 0.95, 20)],
)
def test_a_percentile_is_a_value_that_was_waited(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_what_never_came_is_the_longest_wait() -> None:
    assert Waited.of([event(1.0), event(None)]) == Waited(2, 1.0, GIVEN_UP, 1)
    assert Waited.of([]) is None


def test_each_page_then_all_of_them() -> None:
    found = by([event(1.0), event(3.0, page="Lieux"), event(9.0, kind="filter")], "menu", "page")
    assert {page: waited.p95 for page, waited in found.items()} == {"Budget": 1.0, "Lieux": 3.0, "": 3.0}


def test_the_page_says_how_long_and_what_the_machine_did_meanwhile() -> None:
    burned = {"server": 1.0, "browsers": 4.0, "machine": 9.0, "wall": 10.0, "cores": 20.0}
    told = render(
        {
            "carnets": 38_000,
            "readers": 8,
            "visits": 4,
            "thinking": (3.0, 6.0),
            "events": [event(1.25), event(2.5, kind="filter", role="comite")],
            "burned": burned,
            "among": [event(0.75)],
            "burned_among": burned,
            "waits_among": 8,
            "sessions": [event(0.5, kind="page")],
            "burned_alone": burned | {"browsers": 0.0},
        }
    )
    assert "| **filtre changé** | 1 | 2,50\u00a0s | 2,50\u00a0s | 0 |" in told
    assert "| Budget, page | 1 | 0,50\u00a0s | 0,50\u00a0s | 0 |" in told
    assert "45\u00a0% du temps, dont 20\u00a0% par autre chose" in told.replace("\n", " ")
    assert "un navigateur 2\u202f000\u00a0ms" in told
    # The server served all eight, one browser was looked at.
    assert "125\u00a0ms de processeur par attente, un navigateur 4\u202f000\u00a0ms" in told.replace("\n", " ")
    assert "| **page, par le menu** | 1 | 0,75\u00a0s | 0,75\u00a0s | 0 |" in told
