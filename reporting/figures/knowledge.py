"""What an outsider knows of a publication's cells besides sums of places and of time: who is part of whom.

Carnets are handed to people: those beyond one a person are a count of people too (a second carnet). Nobody is trained
who was not equipped: of all time, the difference is the people who wait. A carnet started has used a pass, and at most
all of its own. Each fact is added only where the true values satisfy it: that the outsider believes what is true is the
worst case. Does not live here: the cells and their sums of places and time (cells.py), what is hidden (suppression).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

PROGRAMME = "P"
#: After every month, as they are written.
END_OF_TIME = "9999-12"
#: carnets → people, and the virtual measure of the carnets beyond one a person.
CARNETS_OF = {
    "carnets_prescribed": ("people_equipped", "more_prescribed"),
    "carnets_started": ("people_reached", "more_started"),
}


def cell(measure: str, place: str, time: str) -> str:
    return f"{measure}|{place}|{time}"


@dataclass
class Facts:
    """values: virtual cells, all of which may be nothing. sums, at_most, limits: as in suppression.Tables."""

    values: dict[str, float] = field(default_factory=dict)
    sums: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    at_most: list[tuple[str, str]] = field(default_factory=list)
    limits: list[tuple[tuple[str, float], ...]] = field(default_factory=list)

    def split(self, values: dict[str, float], whole: str, part: str, rest: str) -> None:
        """whole = part + rest, where the true values allow it; both must be cells."""
        if whole in values and part in values and values[whole] >= values[part]:
            self.values[rest] = values[whole] - values[part]
            self.sums.append((whole, (part, rest)))

    def limit(self, values: dict[str, float], small: str, *large: tuple[str, float]) -> None:
        """small ≤ Σ factor × large, where the true values satisfy it."""
        if values[small] <= sum(factor * values[name] for name, factor in large):
            self.limits.append(((small, 1.0), *((name, -factor) for name, factor in large)))


def facts(
    values: dict[str, float], passes_a_carnet: float | None, unknown_since: Mapping[str, str] | None = None
) -> Facts:
    """The facts on `values` (cell → true value). passes_a_carnet: when every carnet issued has as many.

    unknown_since: place → the first month (« 2022-03 ») when somebody whom nobody identified was trained there; None
    where that is not told of places: they may be anywhere.
    """
    found = Facts()
    for name in values:
        measure, place, time = name.split("|")
        if measure in CARNETS_OF:
            people, more = (cell(other, place, time) for other in CARNETS_OF[measure])
            found.split(values, name, people, more)
        if measure == "carnets_started":
            passes = cell("passes_used", place, time)
            if passes in values and values[passes] >= values[name]:
                found.at_most.append((name, passes))
            if passes in values and passes_a_carnet and time.startswith(".."):
                found.limit(values, passes, (name, passes_a_carnet))
    for time in sorted(_since_the_start(values)):
        _waiting(found, values, time, unknown_since)
    return found


def _since_the_start(values: Iterable[str]) -> Iterator[str]:
    return (time for time in {name.split("|")[2] for name in values} if time.startswith(".."))


def _waiting(found: Facts, values: dict[str, float], time: str, unknown_since: Mapping[str, str] | None) -> None:
    """People equipped and not trained since the start: by answer, and of the programme; of a place too where everyone
    trained is identified, else give or take those whom nobody identified, trained and never equipped."""
    identified = cell("reached_identified", PROGRAMME, time)
    found.split(values, cell("people_equipped", PROGRAMME, time), identified, cell("waiting", PROGRAMME, time))
    nobody = cell("reached_anonymous", PROGRAMME, time)
    for name in [name for name in values if name.endswith(f"|{time}")]:
        measure, place, _ = name.split("|")
        if measure.startswith("reached:"):
            equipped = cell(measure.replace("reached:", "equipped:", 1), place, time)
            found.split(values, equipped, name, cell(measure.replace("reached:", "waiting:", 1), place, time))
        elif measure == "people_reached" and place != PROGRAMME and identified in values:
            equipped = cell("people_equipped", place, time)
            all_known = unknown_since is not None and unknown_since.get(place, END_OF_TIME) > time[2:]
            if equipped in values and nobody in values and not all_known:
                found.limit(values, name, (equipped, 1.0), (nobody, 1.0))
            else:
                found.split(values, equipped, name, cell("waiting", place, time))
