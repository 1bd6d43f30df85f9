"""What the tests of the ingestion room share: tiny exports, a home, one call to read a text."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.contract import Contract, load_layouts
from ingestion.delivery import Delivery
from ingestion.finishing import Parsed
from ingestion.intake import Folders, ingest
from ingestion.lake import Lake
from ingestion.parse import parse
from ingestion.reader import Table, read_table
from ingestion.unpack import unpack

TODAY = date(2026, 11, 24)
SECRET = b"a secret of the tests, long enough"
SIRET = "21940080900014"

ROWS: dict[str, dict[str, str]] = {
    "emissions": {
        "numero_carnet": "MGP-2021-0001", "premier_pass": "0002100001", "dernier_pass": "0002100010",
        "valeur_faciale": "10,00", "numero_lot": "LOT-07", "bon_commande": "BC-1", "code_insee": "94080",
        "siret_prescripteur": SIRET, "date_emission": "15/01/2021", "date_livraison": "01/02/2021",
        "date_fin_validite": "31/12/2022", "statut": "livre", "date_statut": "01/02/2021",
    },
    "prescriptions": {
        "id_prescription": "PR-1", "numero_carnet": "MGP-2021-0001", "date_prescription": "12/03/2021",
        "siret_prescripteur": SIRET, "nom_prescripteur": "CCAS", "type_prescripteur": "ccas",
        "code_insee": "94080", "id_beneficiaire": "B-77", "annee_naissance": "1968", "genre": "femme",
        "situation": "retraite", "public_pic": "oui", "residence_qpv": "nsp", "statut": "validee",
    },
    "utilisations": {
        "id_utilisation": "U-1", "numero_pass": "0002100001", "date_utilisation": "30/11/2021 14:30",
        "siret_lieu": SIRET, "nom_lieu": "Médiathèque", "code_insee_lieu": "94080", "code_service": "SAN-1",
        "id_session": "S-1", "modalite": "collectif", "duree_minutes": "90", "montant": "10,00",
        "statut": "remboursee", "date_remboursement": "31/12/2021", "reference_remboursement": "CP-1",
    },
    "lieux": {
        "id": "L-1", "pivot": SIRET, "nom": "Médiathèque", "commune": "Vincennes", "code_postal": "94300",
        "code_insee": "94080", "adresse": "1 rue de l’Exemple", "latitude": "48.84", "longitude": "2,43",
        "courriels": "contact@exemple.fr", "date_maj": "2022-06-02", "date_referencement": "01/01/2021",
    },
    "services": {
        "code_service": "SAN-1", "libelle": "Naviguer", "modalite": "collectif", "duree_minutes": "90",
        "nb_pass": "1", "niveau": "decouvrir",
    },
    "budget": {
        "id_ecriture": "E-1", "date_ecriture": "15/03/2021", "nature": "mandatement",
        "categorie": "valeur_faciale", "montant_ht": "1 000,00", "montant_ttc": "1 200,00", "reference": "R",
        "bon_commande": "BC-1", "ami": "1",
    },
}  # fmt: skip
KEYS = {
    "emissions": "numero_carnet", "prescriptions": "id_prescription", "utilisations": "id_utilisation",
    "lieux": "id", "services": "code_service", "budget": "id_ecriture",
}  # fmt: skip


def write_csv(dataset: str, *changes: dict[str, str], separator: str = ";", end: str = "\n") -> str:
    """An export of one line a change, each the model line of the data set with those values (a new key each)."""
    lines = [separator.join(ROWS[dataset])]
    for number, change in enumerate(changes or ({},)):
        row = ROWS[dataset] | {KEYS[dataset]: f"{ROWS[dataset][KEYS[dataset]]}{number}"} | change
        lines.append(separator.join(row[name] for name in ROWS[dataset]))
    return end.join(lines) + end


def read(content: str | bytes, *, name: str = "f_2022-12-31.csv", layouts: list[Contract] | None = None) -> Table:
    """Recognise one table."""
    data = content.encode() if isinstance(content, str) else content
    return read_table(next(iter(unpack(name, data))), layouts or load_layouts())


def parse_text(content: str | bytes, *, name: str = "f_2022-12-31.csv", year: int = 2022) -> Parsed:
    """Recognise and parse one table."""
    return parse(read(content, name=name), year)


def make_home(root: Path) -> Folders:
    """Empty folders of a home."""
    folders = Folders.of_home(root)
    folders.landing.mkdir(parents=True, exist_ok=True)
    return folders


def drop(folders: Folders, name: str, content: str | bytes) -> Path:
    """Put a file in the landing folder."""
    path = folders.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def run(folders: Folders, **options: object) -> dict[str, Delivery]:
    """One run, without waiting for files to settle: deliveries by file name."""
    settings: dict[str, Any] = {"today": TODAY, "secret": SECRET, "settle_seconds": 0.0} | options
    return {d.file_name: d for d in ingest(folders, **settings)}


def lake_tables(folders: Folders, layouts: list[Contract] | None = None) -> dict[str, pl.DataFrame]:
    """Every table the lake shows, in a fixed order of rows."""
    contracts = {c.dataset: c for c in layouts if c.layout == c.dataset} if layouts else None
    # One thread: a few rows a table, and starting more costs more than reading them.
    with duckdb.connect(config={"threads": 1}) as con:
        Lake(folders.lake, contracts).open_in(con, "lake")
        names = [n for (n,) in con.sql("select table_name from duckdb_tables() where schema_name = 'lake' "
                                       "union all select view_name from duckdb_views() where schema_name = 'lake'").fetchall()]  # fmt: skip  # noqa: E501
        return {name: con.sql(f'select * from lake."{name}" order by all').pl() for name in sorted(names)}
