"""Deliveries over time whose last word is a defect: what stops, jumps, comes nearly empty, or rewrites the past.

After a clean simulated programme that ends on 31 December 2023. Three territories, four lieux. Does not live
here: defects that one delivery holds (defects.py), what catches these (test_past.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.factories import write_delivery
from tests.integration.data_quality.planting import Planter, french

#: Extracts of the story: the last but one, the last, and the one that takes back what was said.
THIN, LAST, TAKEN_BACK = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
STOPS, GOES_ON, JUMPS = "93008", "94080", "94033"
#: Working days of the history, from July 2023 on.
_START = date(2023, 7, 3)


class Story:
    """The uses of each lieu, day by day; the passes of a territory come from carnets of fifty, half used."""

    def __init__(self) -> None:
        self.plant = Planter()
        self.uses: list[tuple[date, dict[str, Any]]] = []
        self._carnets: dict[str, dict[str, Any]] = {}
        self.stopped = self.plant.lieu("Lieu du territoire qui s'arrête")
        self.left = self.plant.lieu("Lieu que son public quitte")
        self.kept = self.plant.lieu("Lieu qui continue")
        self.jumped = self.plant.lieu("Lieu qui bondit")
        for day in _days(_START, date(2023, 12, 31)):
            self._visits(STOPS, self.stopped, day, 5)
            self._visits(GOES_ON, self.left, day, 3)
        for day in _days(_START, LAST):
            self._visits(GOES_ON, self.kept, day, 3)
        for day in _days(date(2023, 9, 1), date(2024, 1, 31)):
            self._visits(JUMPS, self.jumped, day, 5)
        for day in _days(date(2024, 2, 1), LAST):
            self._visits(JUMPS, self.jumped, day, 40)

    def _visits(self, territory: str, lieu: str, day: date, people: int) -> None:
        for _ in range(people):
            carnet, rank = self._pass(territory)
            self.uses.append((day, self.plant.use(carnet, rank, lieu, day, duree_minutes=45 + rank % 7)))

    def _pass(self, territory: str) -> tuple[dict[str, Any], int]:
        """The next pass of the territory, from carnets handed out on 3 July whose other half is still to be used."""
        number = self.plant.number(territory) - 1
        if number % 25 == 0:
            carnet = self.plant.carnet(50, code_insee=territory)
            self.plant.prescription(carnet, code_insee=territory)
            self._carnets[territory] = carnet
        return self._carnets[territory], number % 25

    def deliver(self, landing: Path) -> None:
        """One file of uses a month until THIN, which holds a dozen lines; the rest came with LAST."""
        edges = [date(2023, month, 1) for month in range(8, 13)] + [date(2024, 1, 1)]
        start = _START
        for edge in edges:
            rows = [row for day, row in self.uses if start <= day < edge]
            write_delivery(landing, f"utilisations_de_test_{edge - timedelta(days=1)}.csv", rows)
            start = edge
        late = [row for day, row in self.uses if day >= start]
        write_delivery(landing, f"utilisations_de_test_{THIN}.csv", late[:12])
        write_delivery(landing, f"utilisations_de_test_{LAST}.csv", late[12:])
        for dataset in ("emissions", "prescriptions", "lieux", "services"):
            separator = "," if dataset == "lieux" else ";"
            write_delivery(landing, f"{dataset}_{LAST}.csv", self.plant.rows[dataset], separator=separator)

    def take_back(self, landing: Path) -> None:
        """All the uses of the lieu that stopped are cancelled, a quarter later."""
        rows = [row | {"statut": "annulee"} for _, row in self.uses if row["siret_lieu"] == self.stopped]
        write_delivery(landing, f"utilisations_{TAKEN_BACK}.csv", rows)


def _days(first: date, last: date) -> list[date]:
    """Tuesdays to Thursdays, with none of the public holidays of the period."""
    closed = {"14/07/2023", "15/08/2023", "01/11/2023"}
    days = (first + timedelta(days=shift) for shift in range((last - first).days + 1))
    return [day for day in days if day.weekday() in (1, 2, 3) and french(day) not in closed]
