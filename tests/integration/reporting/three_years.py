"""Three years of deliveries written out by hand, each with corrections of a year already closed.

The programme: carnets A and B of ten passes of 10 €, 200 € paid for them. Does not live here: what the accounts must
say of them (test_mandate_years.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.factories import make_siret, write_delivery

LIEU = make_siret(1)
A, B = 1, 2


def pass_number(carnet: int, rank: int) -> str:
    return f"{carnet * 100 + rank:08d}"


def carnet(number: int, territory: str, valid: str, **more: str) -> dict[str, Any]:
    return {
        "numero_carnet": f"C{number:03d}", "premier_pass": pass_number(number, 0),
        "dernier_pass": pass_number(number, 9), "valeur_faciale": "10,00", "numero_lot": f"LOT-{number}",
        "bon_commande": f"BC-{number}", "code_insee": territory, "siret_prescripteur": make_siret(9),
        "date_emission": "15/01/2021", "date_livraison": "01/02/2021",
        "date_fin_validite": valid, "statut": "livre", "date_statut": "",
    } | more  # fmt: skip


def use(key: str, number: str, day: str, paid: str = "", reference: str = "", **more: str) -> dict[str, Any]:
    return {
        "id_utilisation": key, "numero_pass": number, "date_utilisation": day, "siret_lieu": LIEU,
        "nom_lieu": "Lieu fictif", "montant": "10,00", "statut": "remboursee" if reference else "validee",
        "date_remboursement": paid, "reference_remboursement": reference,
    } | more  # fmt: skip


def entry(key: str, day: str, nature: str, amount: str, reference: str = "") -> dict[str, Any]:
    return {
        "id_ecriture": key, "date_ecriture": day, "nature": nature, "categorie": "valeur_faciale",
        "montant_ttc": amount, "reference": reference,
    }  # fmt: skip


#: The uses of 2021, all of carnet A: four paid, one not, one paid without saying when (extract of 31/01/2022).
FIRST = {
    f"U{n}": use(f"U{n}", pass_number(A, n), f"0{n}/06/2021", "30/09/2021", "CP-2021") for n in (1, 2, 3, 4)
} | {
    "U5": use("U5", pass_number(A, 5), "05/06/2021"),
    "U6": use("U6", pass_number(A, 6), "06/06/2021", statut="remboursee"),
}  # fmt: skip


def deliver_2021(landing: Path) -> None:
    write_delivery(
        landing, "emissions_2022-01-31.csv", [carnet(A, "94080", "31/12/2023"), carnet(B, "93066", "31/12/2022")]
    )
    write_delivery(landing, "utilisations_2021-12-31.csv", FIRST.values())
    write_delivery(landing, "budget_2022-01-31.csv", [entry("B1", "20/02/2021", "mandatement", "200,00")])


def deliver_2022(landing: Path) -> None:
    """After 2021 is closed: U1 annulled, U2's payment blanked, U6's dated, a use and an entry of 2021 come late."""
    write_delivery(landing, "utilisations_2022-03-31.csv", [FIRST["U3"], FIRST["U1"] | {"statut": "annulee"}])
    write_delivery(
        landing,
        "utilisations_2022-04-30.csv",
        [
            FIRST["U2"] | {"date_remboursement": "", "reference_remboursement": ""},
            FIRST["U6"] | {"date_remboursement": "30/09/2021", "reference_remboursement": "CP-2021"},
            use("U7", pass_number(A, 7), "10/12/2021", "31/01/2022", "CP-2022"),
            use("U8", pass_number(A, 8), "10/02/2022", "31/03/2022", "CP-2022"),
            use("U9", pass_number(B, 0), "11/02/2022", "31/03/2022", "CP-2022"),
        ],
    )
    write_delivery(
        landing,
        "budget_2023-01-31.csv",
        [
            entry("B2", "30/06/2022", "recouvrement_lieu", "10,00", "CP-2021"),
            entry("B3", "20/12/2021", "mandatement", "40,00"),
        ],
    )


def deliver_2023(landing: Path) -> None:
    """After 2022 is closed: U8 rejected, U1 counted again, and carnet B declared stolen once it had expired."""
    write_delivery(
        landing, "utilisations_2023-05-31.csv", [use("U8", pass_number(A, 8), "10/02/2022", statut="rejetee")]
    )
    write_delivery(landing, "utilisations_2023-06-30.csv", [FIRST["U4"], FIRST["U5"], FIRST["U1"]])
    write_delivery(
        landing,
        "emissions_2024-01-31.csv",
        [carnet(B, "93066", "31/12/2022", statut="vole", date_statut="15/03/2023")],
    )
