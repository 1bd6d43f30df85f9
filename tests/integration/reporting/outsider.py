"""An outsider who holds the CSV files of the editions issued, and nothing else of ours: labels, sums, and a solver.

Written from the files alone: it shares no code with the protection (reporting/suppression, reporting/figures), so that
a fact forgotten there is not forgotten here. Does not live here: which editions are issued, what must hold.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

ALL = "tous"
#: Columns of people, carnets and passes, wherever they stand (with _periode and _cumul, or alone for a month).
COUNTED = ("personnes_equipees", "personnes_formees", "carnets_injectes", "carnets_entames", "pass_utilises")
#: What is part of what, in any place and time; and what is so since the start alone.
ALWAYS = (
    ("personnes_equipees", "carnets_injectes"),
    ("personnes_formees", "carnets_entames"),
    ("carnets_entames", "pass_utilises"),
)
GROUPS = {
    "age_band": {
        "moins_18": "moins_25", "18_24": "moins_25", "25_39": "25_59", "40_59": "25_59", "60_69": "60_plus",
        "70_plus": "60_plus",
    },
    "gender": {"femme": "femme"},
    "situation": {"demandeur_emploi": "demandeur_emploi"},
    "public_pic": {"oui": "oui"},
    "residence_qpv": {"oui": "oui"},
}  # fmt: skip

#: (what, where, first month or "", last month)
Key = tuple[str, str, str, str]


def _next(month: str) -> str:
    day = date.fromisoformat(f"{month}-01")
    return f"{day.year + day.month // 12}-{day.month % 12 + 1:02d}"


@dataclass
class Outsider:
    """cells: what was read of each, None where it was « s ». Every edition adds to it; a value that was read stays."""

    cells: dict[Key, float | None] = field(default_factory=dict)
    part_of: dict[str, str] = field(default_factory=dict)
    anonymous: dict[str, float] = field(default_factory=dict)

    def read(self, folder: Path, first: str, last: str) -> None:
        """The CSV files of one edition, of the months from `first` to `last`."""
        spans = {"periode": (first, last), "cumul": ("", last)}
        for row in _rows(folder / "territoires.csv"):
            self.part_of[row["code_insee"]] = f"ept {row['ept']}"
            self._row(row, row["code_insee"], spans)
        for row in _rows(folder / "epts.csv"):
            self.part_of[f"ept {row['ept']}"] = ALL
            self._row(row, f"ept {row['ept']}", spans)
        for row in _rows(folder / "territoires_mois.csv"):
            self._row(row, row["code_insee"], {"": (row["mois"][:7], row["mois"][:7])})
        for row in _rows(folder / "lieux.csv"):
            for span, (first, last) in spans.items():
                self._see(("pass_lieu", f"lieu {row['siret']}", first, last), row[f"pass_utilises_{span}"])
        self._summary(folder, spans)
        self._answers(folder, spans)
        for row in _rows(folder / "mandat.csv"):
            self._see(("pass_utilises", ALL, row["mois"][:7], row["mois"][:7]), row["utilises_pass"])

    def _summary(self, folder: Path, spans: dict[str, tuple[str, str]]) -> None:
        names = {
            "people_equipped": "personnes_equipees", "people_reached": "personnes_formees",
            "people_reached_identified": "formees_identifiees", "people_reached_anonymous": "formees_anonymes",
            "carnets_prescribed": "carnets_injectes", "carnets_started": "carnets_entames",
            "passes_used": "pass_utilises",
        }  # fmt: skip
        for row in _rows(folder / "synthese.csv"):
            if row["code"] in names:
                for span, (first, last) in spans.items():
                    self._see((names[row["code"]], ALL, first, last), row[f"valeur_{span}"])

    def _answers(self, folder: Path, spans: dict[str, tuple[str, str]]) -> None:
        for row in _rows(folder / "publics.csv"):
            answer = f"{row['caracteristique']}={row['reponse']}"
            for span, (first, last) in spans.items():
                self._see((f"equipees {answer}", ALL, first, last), row[f"personnes_equipees_{span}"])
                self._see((f"formees {answer}", ALL, first, last), row[f"personnes_formees_{span}"])
        for row in _rows(folder / "publics_territoires.csv"):
            answer = f"groupe {row['caracteristique']}={row['reponse']}"
            self._see((answer, row["code_insee"], "", spans["cumul"][1]), row["personnes_equipees_cumul"])

    def _row(self, row: dict[str, str], place: str, spans: dict[str, tuple[str, str]]) -> None:
        for span, (first, last) in spans.items():
            for name in COUNTED:
                column = f"{name}_{span}" if span else name
                if column in row:
                    self._see((name, place, first, last), row[column])

    def _see(self, key: Key, text: str) -> None:
        value = None if text == "s" else float(text or 0)
        if self.cells.get(key) is None:  # « s » in one edition and told in another is told
            self.cells[key] = value

    def hidden(self) -> list[Key]:
        return sorted(key for key, value in self.cells.items() if value is None)

    def intervals(self, wanted: Iterable[Key]) -> dict[Key, tuple[float, float]]:
        """The least and the greatest value of each that agree with all that was read."""
        return _System(self).intervals(wanted)


class _System:
    """Rows over the cells read and those between them: sums of time, of places, of answers; what is part of what."""

    def __init__(self, outsider: Outsider) -> None:
        self.seen = outsider.cells
        self.part_of = outsider.part_of
        self.index: dict[Key, int] = {}
        self.equal: list[dict[int, float]] = []
        self.less: list[dict[int, float]] = []
        by_name: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for what, where, first, last in self.seen:
            by_name[what, where].add((first, last))
        self.spans = by_name
        times = {span for spans in by_name.values() for span in spans}
        for (what, where), spans in by_name.items():
            self._time(what, where, spans)
        for span in sorted(times):
            self._places(span)
            self._answers(span)
            self._parts(span)

    def _at(self, key: Key) -> int:
        return self.index.setdefault(key, len(self.index))

    def _has(self, key: Key) -> bool:
        return key in self.seen

    def _time(self, what: str, where: str, spans: set[tuple[str, str]]) -> None:
        """Every span is the sum of the shortest that the spans of its place cut time into."""
        cuts = sorted({_next(last) for _, last in spans} | {first for first, _ in spans if first})
        pieces = list(zip(["", *cuts], cuts, strict=False))
        for first, last in spans:
            inside = [(a, b) for a, b in pieces if (a >= first if first else True) and b <= _next(last)]
            row = {self._at((what, where, first, last)): -1.0}
            for a, b in inside:
                row[self._at((what, where, a, f"<{b}"))] = row.get(self._at((what, where, a, f"<{b}")), 0.0) + 1.0
            self.equal.append(row)

    def _sum(self, whole: Key, parts: list[Key]) -> None:
        parts = [part for part in parts if self._has(part)]
        if self._has(whole) and parts:
            self.equal.append({self._at(whole): -1.0} | {self._at(part): 1.0 for part in parts})

    def _places(self, span: tuple[str, str]) -> None:
        members: dict[str, list[str]] = defaultdict(list)
        for place, whole in self.part_of.items():
            members[whole].append(place)
        for what in COUNTED:
            for whole, places in members.items():
                if all((what, place, *span) in self.seen for place in places):
                    self._sum((what, whole, *span), [(what, place, *span) for place in places])
            if not any((what, ept, *span) in self.seen for ept in members[ALL]):  # months: no table of EPT
                towns = [place for place, whole in self.part_of.items() if whole != ALL]
                if all((what, town, *span) in self.seen for town in towns):
                    self._sum((what, ALL, *span), [(what, town, *span) for town in towns])
        lieux = [key for key in self.seen if key[0] == "pass_lieu" and key[2:] == span]
        self._sum(("pass_utilises", ALL, *span), lieux)

    def _answers(self, span: tuple[str, str]) -> None:
        identified, anonymous = ("formees_identifiees", ALL, *span), ("formees_anonymes", ALL, *span)
        self._sum(("personnes_formees", ALL, *span), [identified, anonymous])
        by_dimension: dict[tuple[str, str, str], list[Key]] = defaultdict(list)
        for key in self.seen:
            if key[2:] == span and "=" in key[0]:
                step, _, answer = key[0].partition(" ")
                by_dimension[step, answer.split("=")[0], key[1]].append(key)
        wholes = {"equipees": "personnes_equipees", "formees": "formees_identifiees", "groupe": "personnes_equipees"}
        for (step, dimension, where), keys in by_dimension.items():
            self._sum((wholes[step], where, *span), keys)
            if step == "equipees":
                self._grouped(dimension, keys, span)

    def _grouped(self, dimension: str, keys: list[Key], span: tuple[str, str]) -> None:
        """The answers in detail, and the same grouped by territory, have one sum."""
        details: dict[str, list[Key]] = defaultdict(list)
        for key in keys:
            details[GROUPS[dimension].get(key[0].split("=")[1], "autres_reponses")].append(key)
        for group, fine in details.items():
            coarse = [key for key in self.seen if key[0] == f"groupe {dimension}={group}" and key[2:] == span]
            if coarse:
                self.equal.append({self._at(key): 1.0 for key in fine} | {self._at(key): -1.0 for key in coarse})

    def _parts(self, span: tuple[str, str]) -> None:
        for key in [key for key in self.seen if key[2:] == span]:
            what, where = key[:2]
            larger = [other for name, other in ALWAYS if name == what]
            if not span[0] and what.startswith("formees "):
                larger.append(what.replace("formees ", "equipees ", 1))
            if not span[0] and what == "formees_identifiees":
                larger.append("personnes_equipees")
            for other in larger:
                if self._has((other, where, *span)):
                    self.less.append({self._at(key): 1.0, self._at((other, where, *span)): -1.0})
            anonymous = ("formees_anonymes", ALL, *span)
            if not span[0] and what == "personnes_formees" and where != ALL and self._has(anonymous):
                row = {self._at(key): 1.0, self._at(("personnes_equipees", where, *span)): -1.0}
                self.less.append(row | {self._at(anonymous): -1.0})

    def intervals(self, wanted: Iterable[Key]) -> dict[Key, tuple[float, float]]:
        size = len(self.index)
        low, high = np.zeros(size), np.full(size, np.inf)
        for key, position in self.index.items():
            if key in self.seen:
                value = self.seen[key]
                # « s » with the carnets, where nobody is new; or the empty month of a territory, with its others.
                is_month = key[2] == key[3] and key[1] in self.part_of and not key[1].startswith("ept ")
                may_be_nothing = key[0].startswith("personnes") or is_month
                low[position] = value if value is not None else 0.0 if may_be_nothing else 1.0
                high[position] = value if value is not None else np.inf
        equal, less = _matrix(self.equal, size), _matrix(self.less, size)
        found = {}
        for key in wanted:
            ends = []
            for sign in (1.0, -1.0):
                aim = np.zeros(size)
                aim[self.index[key]] = sign
                solved = linprog(  # type: ignore[call-overload]
                    aim, A_eq=equal, b_eq=np.zeros(len(self.equal)), A_ub=less, b_ub=np.zeros(len(self.less)),
                    bounds=np.column_stack([low, high]), method="highs",
                )  # fmt: skip
                if solved.status == 2:
                    raise ValueError(f"the files contradict each other: {solved.message}")
                ends.append(sign * solved.fun if solved.status == 0 else sign * -np.inf)
            found[key] = (float(ends[0]), float(ends[1]))
        return found


def _matrix(rows: list[dict[int, float]], width: int) -> sparse.csr_array:
    entries = [(number, column, value) for number, row in enumerate(rows) for column, value in row.items()]
    i, j, v = zip(*entries, strict=True)
    return sparse.csr_array((v, (i, j)), shape=(len(rows), width))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
