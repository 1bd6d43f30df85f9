"""A sound delivery in which defects are planted: every row is right unless a defect says otherwise.

Extract of 29 February 2024, after a clean simulated programme that ends on 31 December 2023: nobody delivers in
January. Does not live here: the defects (defects.py).
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.factories import make_siret, write_delivery

EXTRACT = date(2024, 2, 29)
VINCENNES = "94080"
#: A Tuesday: an ordinary day of work, long settled and paid by the extract, with carnets valid on it.
DAY = date(2023, 9, 5)
STOCK = make_siret(5000)

Row = dict[str, Any]


def french(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


class Planter:
    """Collects the rows of one delivery. Carnets, lieux, sessions and lines are numbered as they come."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {
            name: [] for name in ("emissions", "prescriptions", "utilisations", "lieux", "services", "budget")
        }
        self._numbers: Counter[str] = Counter()
        self.service("SAN-97", duree_minutes=60)

    def number(self, kind: str) -> int:
        """The next number of its kind, from 1."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def carnet(self, passes: int = 10, **other: Any) -> Row:
        """A carnet of Vincennes issued, delivered and valid; `other` replaces columns."""
        number = self.number("carnet")
        row = {
            "numero_carnet": f"DEF-{number:05d}",
            "premier_pass": f"{9 * 10**8 + number * 100:010d}",
            "dernier_pass": f"{9 * 10**8 + number * 100 + passes - 1:010d}",
            "valeur_faciale": "10,00",
            "numero_lot": "LOT-DEF",
            "bon_commande": "",
            "code_insee": VINCENNES,
            "siret_prescripteur": STOCK,
            "date_emission": "01/06/2023",
            "date_livraison": "12/06/2023",
            "date_fin_validite": "31/12/2024",
            "statut": "livre",
            "date_statut": "12/06/2023",
        } | other
        self.rows["emissions"].append(row)
        return row

    def prescription(self, carnet: Row, **other: Any) -> Row:
        """The carnet handed to a person of its own on 3 July 2023; `other` replaces columns."""
        number = self.number("prescription")
        row = {
            "id_prescription": f"DEF-P{number:05d}",
            "numero_carnet": carnet["numero_carnet"],
            "date_prescription": "03/07/2023",
            "siret_prescripteur": STOCK,
            "nom_prescripteur": "CCAS des défauts",
            "type_prescripteur": "ccas",
            "code_insee": VINCENNES,
            "id_beneficiaire": f"DEF-BEN-{number:05d}",
            "annee_naissance": 1980,
            "genre": "femme",
            "situation": "en_emploi",
            "public_pic": "oui",
            "residence_qpv": "non",
            "statut": "validee",
        } | other
        self.rows["prescriptions"].append(row)
        return row

    def held(self, passes: int = 10, **other: Any) -> Row:
        """A carnet with its prescription."""
        carnet = self.carnet(passes, **other)
        # Three of them a day: a counter hands out no hundred carnets in a day.
        day = date(2023, 7, 3) + timedelta(days=self.number("held") // 20 % 5)
        self.prescription(carnet, date_prescription=french(day))
        return carnet

    def lieu(self, name: str, **other: Any) -> str:
        """A lieu of Vincennes in the directory; returns its SIRET."""
        siret = other.pop("pivot", None) or make_siret(7000 + self.number("lieu"))
        row = {
            "id": f"DEF-L-{siret}", "pivot": siret, "nom": name, "commune": "Vincennes", "code_postal": "94300",
            "code_insee": VINCENNES, "adresse": "1 rue Fictive", "latitude": "48.8474", "longitude": "2.4390",
            "date_maj": "2023-01-01", "date_referencement": "2020-01-01", "date_fin_referencement": "",
        } | other  # fmt: skip
        self.rows["lieux"].append(row)
        return siret

    def use(self, carnet: Row, rank: int, lieu: str, day: date = DAY, **other: Any) -> Row:
        """Pass `rank` of the carnet used at the lieu and paid back; each use is a session of its own."""
        row = {
            "id_utilisation": f"DEF-U{self.number('use'):06d}",
            "numero_pass": f"{int(carnet['premier_pass']) + rank:010d}",
            "date_utilisation": french(day),
            "siret_lieu": lieu,
            "nom_lieu": "",
            "code_insee_lieu": "",
            "code_service": "SAN-97",
            "id_session": f"DEF-S{self.number('session'):06d}",
            "modalite": "individuel",
            "duree_minutes": 50,
            "montant": "10,00",
            "statut": "remboursee",
            "date_remboursement": "15/10/2023",
            "reference_remboursement": "CP-DEF",
        } | other
        self.rows["utilisations"].append(row)
        return row

    def service(self, code: str, **other: Any) -> None:
        """A service of the catalogue."""
        row = {"code_service": code, "libelle": f"Service {code}", "modalite": "individuel", "nb_pass": 1}
        self.rows["services"].append(row | {"duree_minutes": ""} | other)

    def entry(self, nature: str, amount: str, **other: Any) -> None:
        """A budget entry."""
        row = {
            "id_ecriture": f"DEF-E{self.number('entry'):04d}", "date_ecriture": "05/09/2023", "nature": nature,
            "categorie": "autre", "montant_ht": "", "montant_ttc": amount, "reference": "", "bon_commande": "",
            "ami": 1,
        }  # fmt: skip
        self.rows["budget"].append(row | other)

    def deliver(self, landing: Path) -> None:
        """Write the six files of the extract."""
        for dataset, rows in self.rows.items():
            write_delivery(landing, f"{dataset}_{EXTRACT}.csv", rows, separator="," if dataset == "lieux" else ";")


def weekdays(count: int, start: date = date(2023, 9, 5)) -> list[date]:
    """`count` Tuesdays to Thursdays from `start` on, with none of the public holidays of that autumn."""
    days = (start + timedelta(days=shift) for shift in range(count * 4))
    return [day for day in days if day.weekday() in (1, 2, 3) and day != date(2023, 11, 1)][:count]
