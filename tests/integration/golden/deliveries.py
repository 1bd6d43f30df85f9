"""The golden set: thirty carnets, fifteen prescriptions, twenty-five uses, written out one by one.

Every row is there for a rule; `test_golden.py` works each figure out by hand. As-of is 2022-11-30. And one delivery
more, not of the set, for the gate to refuse.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from tests.factories import make_siret, settle, write_delivery

VINCENNES, SAINT_DENIS, PIERREFITTE = "94080", "93066", "93059"
LIEU_1, LIEU_2, UNLISTED = make_siret(1), make_siret(2), make_siret(3)
PRESCRIBER = make_siret(100)
#: A delivery of which every third line has an amount that is none: more than the share that is accepted.
BROKEN = "utilisations_2022-12-31.csv"


def pass_number(carnet: int, rank: int) -> str:
    """Pass `rank` (0 the first) of carnet `carnet`."""
    return f"{carnet * 100 + rank:08d}"


def _carnet(number: int, territory: str, lot: str, issued: str, valid: str, **more: object) -> dict[str, Any]:
    passes = int(str(more.pop("passes", 10)))
    return {
        "numero_carnet": f"C{number:03d}",
        "premier_pass": pass_number(number, 0),
        "dernier_pass": pass_number(number, passes - 1),
        "valeur_faciale": more.pop("value", "10,00"),
        "numero_lot": lot,
        "bon_commande": f"BC-{lot}",
        "code_insee": territory,
        "siret_prescripteur": PRESCRIBER,
        "date_emission": issued,
        "date_livraison": more.pop("delivered", ""),
        "date_fin_validite": valid,
        "statut": more.pop("status", "livre"),
        "date_statut": more.pop("status_on", ""),
    }


def carnets() -> list[dict[str, Any]]:
    """Thirty carnets: used, unused, expired to the day, lost, not issued yet, of one, five and ten passes."""
    lot_a = {"territory": VINCENNES, "lot": "LOT-A", "issued": "15/01/2021", "valid": "31/12/2022"}
    rows = [_carnet(n, **lot_a, delivered="01/02/2021") for n in range(1, 11)]
    rows += [
        _carnet(n, SAINT_DENIS, "LOT-B", "10/03/2021", "31/12/2021", delivered="20/03/2021") for n in range(11, 15)
    ]
    # Declared stolen after its last usable day (31/01/2022): it had expired, and stays so.
    late = {"status": "vole", "status_on": "01/06/2022"}
    rows += [_carnet(15, SAINT_DENIS, "LOT-B", "10/03/2021", "31/12/2021", delivered="20/03/2021", **late)]
    rows += [
        _carnet(n, PIERREFITTE, "LOT-C", "01/02/2022", "31/12/2023", delivered="10/02/2022") for n in range(16, 19)
    ]
    rows += [_carnet(n, PIERREFITTE, "LOT-C", "01/02/2022", "31/12/2023", status="emis") for n in (19, 20)]
    rows += [
        _carnet(21, **lot_a, delivered="01/02/2021", status="annule", status_on="05/03/2022"),
        _carnet(22, **lot_a, delivered="01/02/2021", status="perdu"),
        _carnet(23, **lot_a, delivered="01/02/2021", status="vole", status_on="01/06/2022"),
        _carnet(24, **lot_a, delivered="01/02/2021", status="retourne", status_on="15/04/2022"),
        _carnet(25, SAINT_DENIS, "LOT-D", "01/05/2022", "31/12/2022", delivered="05/05/2022", passes=5, value="20,00"),
        _carnet(26, VINCENNES, "LOT-E", "01/06/2021", "30/10/2022", delivered="05/06/2021"),
        _carnet(27, VINCENNES, "LOT-E", "01/06/2021", "29/10/2022", delivered="05/06/2021"),
        _carnet(28, VINCENNES, "LOT-E", "05/12/2022", "31/12/2023", status="emis"),
        _carnet(29, **(lot_a | {"lot": "LOT-F"}), delivered="01/02/2021", passes=1),
        _carnet(30, **(lot_a | {"lot": "LOT-F"}), status="emis"),
    ]
    return rows


def prescriptions() -> list[dict[str, Any]]:
    """id, carnet, date, territory, beneficiary, year of birth, gender, PIC, QPV, status."""
    lines = [
        ("P01", 1, "01/03/2021", VINCENNES, "ben-A", 1950, "femme", "non", "oui", "validee"),
        ("P02", 2, "15/02/2021", SAINT_DENIS, "ben-A", 1951, "femme", "oui", "nsp", "validee"),
        ("P03", 3, "01/03/2021", VINCENNES, "ben-B", 2004, "homme", "", "non", "validee"),
        ("P04", 4, "01/03/2021", VINCENNES, "ben-C", 1980, "femme", "oui", "oui", "validee"),
        ("P05", 4, "01/04/2021", VINCENNES, "ben-D", 1980, "homme", "non", "oui", "validee"),
        ("P06", 5, "01/03/2021", VINCENNES, "ben-E", 1980, "homme", "oui", "oui", "annulee"),
        ("P07", 6, "02/03/2021", VINCENNES, "", "", "", "", "", "validee"),
        ("P08", 11, "01/04/2021", SAINT_DENIS, "ben-F", 1990, "femme", "non", "oui", "validee"),
        ("P09", 16, "01/03/2022", PIERREFITTE, "ben-G", 1962, "femme", "oui", "oui", "validee"),
        ("P10", 25, "01/06/2022", SAINT_DENIS, "ben-H", 1985, "homme", "nsp", "", "validee"),
        ("P11", 26, "01/07/2021", VINCENNES, "ben-I", 1985, "homme", "oui", "non", "validee"),
        ("P12", 23, "01/05/2021", VINCENNES, "ben-J", 1985, "homme", "non", "non", "validee"),
        ("P13", 7, "15/12/2022", VINCENNES, "ben-K", 1985, "homme", "oui", "oui", "validee"),
        ("P14", 8, "01/03/2021", VINCENNES, "ben-L", 1985, "homme", "oui", "non", "validee"),
        ("P15", 9, "01/03/2021", SAINT_DENIS, "ben-L", 1985, "homme", "non", "oui", "validee"),
    ]
    return [
        {
            "id_prescription": key,
            "numero_carnet": f"C{carnet:03d}",
            "date_prescription": day,
            "siret_prescripteur": PRESCRIBER,
            "nom_prescripteur": "CCAS fictif",
            "type_prescripteur": "ccas",
            "code_insee": territory,
            "id_beneficiaire": beneficiary,
            "annee_naissance": birth,
            "genre": gender,
            "situation": "",
            "public_pic": pic,
            "residence_qpv": qpv,
            "statut": status,
        }
        for key, carnet, day, territory, beneficiary, birth, gender, pic, qpv, status in lines
    ]


def _use(
    key: str, number: str, at: str, lieu: str, service: str, session: str, minutes: object, status: str, **more: object
) -> dict[str, Any]:
    return {
        "id_utilisation": key,
        "numero_pass": number,
        "date_utilisation": at,
        "siret_lieu": lieu,
        "nom_lieu": "Lieu fictif",
        "code_insee_lieu": more.pop("lieu_territory", ""),
        "code_service": service,
        "id_session": session,
        "modalite": "collectif",
        "duree_minutes": minutes,
        "montant": more.pop("amount", "10,00"),
        "statut": status,
        "date_remboursement": "30/11/2022" if status == "remboursee" else "",
        "reference_remboursement": "CP-1" if status == "remboursee" else "",
    }


def uses() -> list[dict[str, Any]]:
    """The uses as first delivered (extract of 2022-10-31)."""
    number = pass_number
    return [
        _use("U001", number(1, 0), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "remboursee"),
        _use("U002", number(1, 1), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "remboursee"),
        _use("U003", number(1, 2), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "remboursee"),
        _use("U004", number(3, 0), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "remboursee"),
        _use("U005", number(2, 0), "01/06/2021", LIEU_2, "S1", "", "", "remboursee"),
        _use("U006", number(2, 1), "01/06/2021", LIEU_2, "S1", "", "", "validee"),
        _use("U007", number(4, 0), "20/05/2021", LIEU_1, "S2", "", "", "validee"),
        _use("U008", number(6, 0), "20/05/2021", LIEU_1, "S2", "", 60, "validee"),
        _use("U009", number(11, 0), "01/09/2021", LIEU_2, "S1", "SE2", 60, "remboursee"),
        _use("U010", number(11, 1), "15/01/2022", LIEU_2, "S1", "SE3", 60, "validee"),
        _use("U011", number(11, 2), "01/02/2022", LIEU_2, "S1", "SE4", 60, "validee"),
        _use("U012", number(16, 0), "15/02/2022", LIEU_1, "S1", "SE5", 45, "validee"),
        _use("U013", number(17, 0), "01/04/2022", LIEU_1, "S1", "SE5B", 30, "validee"),
        _use("U014", number(25, 0), "01/07/2022", LIEU_2, "S1", "SE6", 60, "remboursee", amount="18,00"),
        _use("U015", number(23, 0), "01/06/2022", LIEU_1, "S1", "SE7", 60, "validee"),
        _use("U016", number(21, 0), "04/03/2022", LIEU_1, "S1", "SE8", 60, "validee"),
        _use("U017", number(1, 3), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "rejetee"),
        _use("U018", number(1, 4), "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "annulee"),
        _use("U019", "99999999", "10/05/2021 10:00", LIEU_1, "S1", "SE1", 120, "validee"),
        _use("U020", number(1, 5), "01/12/2022", LIEU_1, "S1", "SE99", 120, "validee"),
        _use("U021", number(1, 0), "11/05/2021 10:00", LIEU_1, "S1", "SE98", 120, "remboursee"),
        _use("U022", "106", "12/05/2021", UNLISTED, "S1", "SE9", 30, "validee", lieu_territory=SAINT_DENIS),
        _use("U023", number(26, 0), "10/01/2022", LIEU_1, "S1", "SE10", 60, "validee"),
        _use("U024", number(26, 1), "10/01/2022", LIEU_1, "S1", "SE10", 90, "validee"),
        _use("U025", number(8, 0), "05/10/2022", LIEU_1, "S1", "SE11", 60, "validee"),
    ]


def corrected_uses() -> list[dict[str, Any]]:
    """The extract of 2022-11-30 corrects one line: longer, and paid back."""
    return [_use("U025", pass_number(8, 0), "05/10/2022", LIEU_1, "S1", "SE11", 75, "remboursee")]


def lieux() -> list[dict[str, Any]]:
    """Two lieux of the directory; the second stops being referenced on 2022-06-30."""
    common = {"code_postal": "94300", "adresse": "1 rue Fictive", "date_maj": "2022-01-31"}
    return [
        {"id": "L1", "pivot": LIEU_1, "nom": "Lieu 1", "commune": "Vincennes", "code_insee": VINCENNES}
        | common
        | {"date_referencement": "2021-01-01", "date_fin_referencement": ""},
        {"id": "L2", "pivot": LIEU_2, "nom": "Lieu 2", "commune": "Saint-Denis", "code_insee": SAINT_DENIS}
        | common
        | {"date_referencement": "2021-01-01", "date_fin_referencement": "2022-06-30"},
    ]


def services() -> list[dict[str, Any]]:
    """S1 lasts 90 minutes by the catalogue; nobody knows how long S2 lasts."""
    return [
        {"code_service": "S1", "libelle": "Premiers pas", "modalite": "collectif", "duree_minutes": 90, "nb_pass": 1},
        {"code_service": "S2", "libelle": "Sur mesure", "modalite": "individuel", "duree_minutes": "", "nb_pass": 1},
    ]


def budget() -> list[dict[str, Any]]:
    """Engagements, payments, a credit note, an income, a recovery, and an entry dated after as-of."""
    lines = [
        ("B1", "10/01/2021", "engagement", "3000,00"),
        ("B2", "20/02/2021", "mandatement", "2810,00"),
        ("B3", "15/03/2022", "avoir", "120,50"),
        ("B4", "15/04/2022", "recette_etat", "100,00"),
        ("B5", "10/12/2022", "engagement", "500,00"),
        ("B6", "30/11/2022", "recouvrement_lieu", "4,00"),
    ]
    return [
        {
            "id_ecriture": key,
            "date_ecriture": day,
            "nature": nature,
            "categorie": "valeur_faciale",
            "montant_ttc": amount,
            "reference": "CP-1" if nature == "recouvrement_lieu" else "",
            "ami": 1,
        }
        for key, day, nature, amount in lines
    ]


def drop(landing: Path) -> None:
    """Write the whole golden set in `landing`, as seven files."""
    write_delivery(landing, "emissions_2022-11-30.csv", carnets())
    write_delivery(landing, "prescriptions_2022-11-30.csv", prescriptions())
    write_delivery(landing, "utilisations_2022-10-31.csv", uses())
    write_delivery(landing, "utilisations_2022-11-30.csv", corrected_uses())
    write_delivery(landing, "lieux_2022-01-31.csv", lieux(), separator=",")
    write_delivery(landing, "services_2022-01-31.csv", services())
    write_delivery(landing, "budget_2022-11-30.csv", budget())


def drop_broken(landing: Path) -> None:
    """Write BROKEN in `landing`: uses with ids of their own, and the lieu rejects the sound ones: none counts."""
    rows = [
        use | {"id_utilisation": f"X{rank}", "montant": "dix euros" if rank % 3 == 0 else "10,00", "statut": "rejetee"}
        for rank, use in enumerate(uses())
    ]
    write_delivery(landing, BROKEN, rows)


def drop_late(landing: Path) -> None:
    """Write in `landing` one more use of October, of a pass that the emissions of November make known."""
    write_delivery(
        landing, "utilisations_2022-10-30.csv", [uses()[0] | {"id_utilisation": "U900", "numero_pass": "00000105"}]
    )


#: What a lieu asks about: a delivery with a line of each fate (line numbers are those of the file).
ASKED = "utilisations_2022-11-15.csv"


def drop_asked(landing: Path) -> None:
    """Write in `landing` what `passnum why` must answer and the golden set has not: a rejected line, a copy, a member
    of a ZIP, a workbook, a file delivered twice under two names, a file that is refused."""
    unpaid = {"date_remboursement": "", "reference_remboursement": ""}
    rejected = [
        use | {"id_utilisation": f"W{rank}", "statut": "rejetee"} | unpaid
        for rank, use in enumerate(uses()[:6], start=1)
    ]
    write_delivery(landing, ASKED, [*rejected, rejected[0], rejected[1] | {"id_utilisation": "W9", "montant": "dix"}])
    with TemporaryDirectory() as aside:
        one = prescriptions()[0] | {"id_prescription": "P99", "numero_carnet": "C020", "statut": "annulee"}
        member = write_delivery(Path(aside), "prescriptions_2022-11-20.csv", [one])
        with zipfile.ZipFile(landing / "lot.zip", "w") as archive:
            archive.write(member, member.name)
    entry = budget()[0] | {"id_ecriture": "B9", "date_ecriture": "01/12/2022", "montant_ttc": "1,00"}
    with xlsxwriter.Workbook(landing / "budget_2022-11-25.xlsx") as book:
        sheet = book.add_worksheet()
        for place, (column, value) in enumerate(entry.items()):
            sheet.write_string(0, place, column)
            sheet.write_string(1, place, str(value))
    write_delivery(landing / "encore", "services_2022-01-31.csv", services())
    write_delivery(landing, "inconnu_2022-11-30.csv", [{"couleur": "bleu", "taille": "12"}])
    settle(landing)
