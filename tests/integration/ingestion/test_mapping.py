"""The first day at the Métropole: exports nobody has seen, mapped, then published, without touching code.

The facts are the golden set's, under three invented layouts: the figures published must be those worked out by hand
in tests/integration/golden. Contracts are a copy: a test writes nothing in the project.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from ingestion import mapping
from ingestion.contract import CONTRACTS_FOLDER, CONTRACTS_VARIABLE, load_layouts
from ingestion.lake import Lake
from ingestion.mapping import MappingError, Proposal, propose, write_aliases
from orchestration.cli import app
from tests.factories import Row, write_delivery
from tests.integration.golden import deliveries
from tests.integration.golden.test_golden import INDICATORS
from tests.unit.ingestion.kit import make_home, run, write_csv

PERSON = "Zéphyrine Fauxnom"
PEOPLE = (PERSON, "Zéphyrine", *sorted({str(p["id_beneficiaire"]) for p in deliveries.prescriptions()} - {""}))


def passes() -> Sequence[Row]:
    """Issuance, one row a PASS, with abbreviated headers; carnets and lines in no order."""
    rows = [
        {
            "Réf. chéquier": carnet["numero_carnet"],
            "Titre n°": f"{number:08d}",
            "Val. unit. (€)": carnet["valeur_faciale"],
            "Lot fab.": carnet["numero_lot"],
            "Cde MGP": carnet["bon_commande"],
            "INSEE attribution": carnet["code_insee"],
            "SIRET détenteur du stock": carnet["siret_prescripteur"],
            "Édité le": carnet["date_emission"],
            "Remis le": carnet["date_livraison"],
            "Valable jusqu'au": carnet["date_fin_validite"],
            "Situation": carnet["statut"],
            "Situation au": carnet["date_statut"],
        }
        for carnet in deliveries.carnets()
        for number in range(int(str(carnet["premier_pass"])), int(str(carnet["dernier_pass"])) + 1)
    ]
    return rows[::-1]


def handouts() -> list[Row]:
    """Prescriptions under English headers, with a name that must not stay."""
    names = {
        "rx_id": "id_prescription", "voucher_book_no": "numero_carnet", "handed_out_on": "date_prescription",
        "issuer_siret": "siret_prescripteur", "issuer_name": "nom_prescripteur", "issuer_kind": "type_prescripteur",
        "insee_code": "code_insee", "beneficiary_id": "id_beneficiaire", "birth_yr": "annee_naissance",
        "gender": "genre", "pic": "public_pic", "qpv": "residence_qpv", "state": "statut",
    }  # fmt: skip
    return [
        {new: row[old] for new, old in names.items()} | {"beneficiary_name": PERSON}
        for row in deliveries.prescriptions()
    ]


def tickets(uses: Sequence[Row]) -> list[Row]:
    """Redemptions, one row a TRANSACTION: the passes of one scan in one cell, their sum in another."""
    alone = {"id_utilisation", "numero_pass", "montant"}
    scans: dict[tuple, list[Row]] = {}
    for use in uses:
        scans.setdefault(tuple(value for name, value in use.items() if name not in alone), []).append(use)
    return [
        {
            "Ticket": f"T-{scan[0]['id_utilisation']}",
            "Titres scannés": " / ".join(str(use["numero_pass"]) for use in scan),
            "Scanné le": scan[0]["date_utilisation"],
            "SIRET point d'accueil": scan[0]["siret_lieu"],
            "INSEE point d'accueil": scan[0]["code_insee_lieu"],
            "Prestation": scan[0]["code_service"],
            "Réf. séance": scan[0]["id_session"],
            "Format": scan[0]["modalite"],
            "Durée mn": scan[0]["duree_minutes"],
            "Total €": f"{sum(Decimal(str(use['montant']).replace(',', '.')) for use in scan)}".replace(".", ","),
            "État": scan[0]["statut"],
            "Payé le": scan[0]["date_remboursement"],
            "Réf. virement": scan[0]["reference_remboursement"],
        }
        for scan in scans.values()
    ]


UNKNOWN = {
    "titres_2022-11-30.csv": passes,
    "handouts_2022-11-30.csv": handouts,
    "tickets_2022-10-31.csv": lambda: tickets(deliveries.uses()),
    # a correction must come under the same key: this layout's
    "tickets_2022-11-30.csv": lambda: tickets(deliveries.corrected_uses()),
}
EXPECTED = {
    "titres_2022-11-30.csv": (
        "emissions_par_pass",
        {
            "Réf. chéquier": "numero_carnet", "Titre n°": "numero_pass", "Val. unit. (€)": "valeur_faciale",
            "Lot fab.": "numero_lot", "Cde MGP": "bon_commande", "INSEE attribution": "code_insee",
            "SIRET détenteur du stock": "siret_prescripteur", "Édité le": "date_emission",
            "Remis le": "date_livraison", "Valable jusqu'au": "date_fin_validite", "Situation": "statut",
            "Situation au": "date_statut",
        },
    ),
    "handouts_2022-11-30.csv": (
        "prescriptions",
        {
            "rx_id": "id_prescription", "voucher_book_no": "numero_carnet", "handed_out_on": "date_prescription",
            "issuer_siret": "siret_prescripteur", "issuer_name": "nom_prescripteur",
            "issuer_kind": "type_prescripteur", "insee_code": "code_insee", "beneficiary_id": "id_beneficiaire",
            "birth_yr": "annee_naissance", "gender": "genre", "pic": "public_pic", "qpv": "residence_qpv",
            "state": "statut",
        },
    ),
    "tickets_2022-10-31.csv": (
        "utilisations_par_transaction",
        {
            "Ticket": "id_transaction", "Titres scannés": "numeros_pass", "Scanné le": "date_utilisation",
            "SIRET point d'accueil": "siret_lieu", "INSEE point d'accueil": "code_insee_lieu",
            "Prestation": "code_service", "Réf. séance": "id_session", "Format": "modalite",
            "Durée mn": "duree_minutes", "Total €": "montant", "État": "statut", "Payé le": "date_remboursement",
            "Réf. virement": "reference_remboursement",
        },
    ),
}  # fmt: skip


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the contracts, in use; the project's own are checked to be untouched."""
    before = {path: path.read_bytes() for path in CONTRACTS_FOLDER.iterdir()}
    folder = shutil.copytree(CONTRACTS_FOLDER, tmp_path / "contracts")
    monkeypatch.setenv(CONTRACTS_VARIABLE, str(folder))
    yield folder
    assert {path: path.read_bytes() for path in CONTRACTS_FOLDER.iterdir()} == before


def _passnum(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def test_from_unknown_files_to_a_published_warehouse(
    tmp_path: Path, contracts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3, 8: map, run, and the figures worked out by hand; nothing personal outside the archive.

    The layout and every field are proposed: from the likeness of the headers and from the values, with an empty
    warehouse.
    """
    proposed: list[Proposal] = []

    def remembered(*given, **options) -> list[Proposal]:
        found = propose(*given, **options)
        proposed.extend(found)
        return found

    monkeypatch.setattr(mapping, "propose", remembered)
    home, landing = tmp_path / "home", tmp_path / "home" / "landing"
    deliveries.drop(landing)
    for name in ("emissions", "prescriptions", "utilisations"):
        for path in landing.glob(f"{name}_*.csv"):
            path.unlink()
    files = [str(write_delivery(landing, name, rows())) for name, rows in UNKNOWN.items()]
    before = _passnum("check", *files, "--home", str(home))
    assert before.exit_code == 1 and "passnum map" in before.output

    mapped = _passnum("map", *files, "--home", str(home), "--yes")
    assert mapped.exit_code == 0, mapped.output
    assert PERSON not in mapped.output and "ben-A" not in mapped.output
    made = {Path(proposal.file_name).name: proposal for proposal in proposed}
    assert set(made) == set(UNKNOWN)
    for name, expected in EXPECTED.items():
        assert made[name].is_complete, name
        assert (made[name].layout, made[name].aliases) == expected
        shown = [sample for column in made[name].columns for sample in column.samples]
        assert PERSON not in shown and "ben-A" not in shown and "1950" not in shown
    assert _passnum("check", *files, "--home", str(home)).exit_code == 0

    done = _passnum("run", "--home", str(home))
    assert done.exit_code == 0, done.output
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        found = dict(con.execute("select indicator, value from marts.programme_progress").fetchall())
        read = con.execute(
            "select file_name, outcome, lines_read, lines_accepted from quality.delivered_file order by file_name"
        ).fetchall()
        rows_held = con.execute("select count(*) from core.fct_redemption").fetchone()
        names = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        published = "\n".join(str(con.execute(f'select * from "{s}"."{t}"').fetchall()) for s, t in names)
        checks = con.execute("select status from quality.check_result where code = 'PN-304'").fetchall()
    assert {name: found[name] for name in INDICATORS} == pytest.approx(INDICATORS)
    # 286 passes become 30 carnets, fewer transactions 25 uses: lines are not rows, and PN-304 tells them apart
    assert ("titres_2022-11-30.csv", "loaded", len(passes()), len(passes())) in read
    assert (
        "tickets_2022-10-31.csv",
        "loaded",
        len(tickets(deliveries.uses())),
        len(tickets(deliveries.uses())),
    ) in read
    assert len(tickets(deliveries.uses())) < 25 and rows_held == (25,)
    assert checks == [("ok",)]
    assert len(names) > 20 and not [word for word in PEOPLE if word in published]
    raw = [p.read_bytes() for p in home.rglob("*") if p.is_file() and not p.is_relative_to(home / "archive")]
    assert not [word for content in raw for word in PEOPLE if word.encode() in content]


def test_nothing_is_written_without_a_yes(tmp_path: Path, contracts: Path) -> None:
    """Issue 3, 8: on confirmation only."""
    before = {path: path.read_bytes() for path in contracts.iterdir()}
    path = write_delivery(tmp_path, "handouts_2022-11-30.csv", handouts())
    command = ("map", str(path), "--home", str(tmp_path / "home"), "--layout", "prescriptions")
    refused = _passnum(*command, answer="n\n")
    assert refused.exit_code == 0, refused.output
    assert "Rien n’est enregistré" in refused.output
    nobody = _passnum(*command, answer="")
    assert (nobody.exit_code, "--yes" in nobody.output) == (2, True), "a timer, a pipe: no terminal to answer from"
    assert {p: p.read_bytes() for p in contracts.iterdir()} == before
    accepted = _passnum(*command, answer="o\n")
    assert "En-têtes enregistrés" in accepted.output, accepted.output
    assert {p.name for p in contracts.iterdir() if p.read_bytes() != before[p]} == {"prescriptions.yaml"}
    again = _passnum(*command)
    assert again.exit_code == 0 and "déjà connus" in again.output


def test_a_missing_required_column_is_named_and_nothing_is_written(tmp_path: Path, contracts: Path) -> None:
    """Issue 3, 8: what is missing."""
    rows = [{name: value for name, value in row.items() if name != "state"} for row in handouts()]
    path = write_delivery(tmp_path, "handouts_2022-11-30.csv", rows)
    told = _passnum("map", str(path), "--home", str(tmp_path / "home"), "--layout", "prescriptions", "--yes")
    assert told.exit_code == 1
    assert "Statut de la prescription (statut)" in told.output and "Rien n’est enregistré" in told.output


def test_values_the_lake_knows_tell_columns_apart(tmp_path: Path, contracts: Path) -> None:
    """Issue 3, 8: a column of pass numbers that the emissions know, under a header that says nothing."""
    folders = make_home(tmp_path / "home")
    deliveries.drop(folders.landing)
    run(folders)
    uses = [
        {"a": u["id_utilisation"], "b": u["numero_pass"], "c": u["date_utilisation"], "d": u["siret_lieu"],
         "e": u["montant"], "f": u["statut"], "g": "87654321"}
        for u in deliveries.uses()
    ]  # fmt: skip
    path = write_delivery(tmp_path, "x_2022-11-30.csv", uses)
    (proposal,) = propose([path], lake=Lake(folders.lake), layout="utilisations")
    assert proposal.aliases["b"] == "numero_pass" and "g" not in proposal.aliases
    known = next(c for c in proposal.columns if c.header == "b")
    assert "connues de l’entrepôt" in known.why


PLAIN = {
    "emissions": {
        "numero_carnet": "Chéquier", "premier_pass": "1er titre", "dernier_pass": "Dernier titre",
        "valeur_faciale": "Valeur en euros", "code_insee": "Commune INSEE", "siret_prescripteur": "Structure (SIRET)",
        "date_emission": "Imprimé le", "date_livraison": "Expédié le", "date_fin_validite": "Date limite",
        "statut": "Statut chq",
    },
    "prescriptions": {
        "id_prescription": "Ref", "numero_carnet": "Chéquier remis", "date_prescription": "Date remise",
        "siret_prescripteur": "SIRET orienteur", "code_insee": "INSEE", "id_beneficiaire": "Usager (code)",
        "annee_naissance": "Né(e) en", "genre": "H/F", "public_pic": "PIC ?", "residence_qpv": "QPV ?",
        "statut": "Validité",
    },
    "utilisations": {
        "id_utilisation": "Scan", "numero_pass": "Numéro du titre", "date_utilisation": "Horodatage",
        "siret_lieu": "Établissement", "code_insee_lieu": "Ville INSEE", "code_service": "Atelier",
        "id_session": "Groupe", "modalite": "Mode", "duree_minutes": "Minutes", "montant": "Reversé",
        "statut": "Etat du scan", "date_remboursement": "Virement du",
    },
}  # fmt: skip
ROWS_OF = {"emissions": deliveries.carnets, "prescriptions": deliveries.prescriptions, "utilisations": deliveries.uses}


@pytest.mark.parametrize("dataset", PLAIN)
def test_exports_of_the_grain_of_the_data_set_under_other_words(tmp_path: Path, dataset: str) -> None:
    """A catalogue needs two columns only and a carnet has two numbers of passes: neither is taken for the export."""
    rows = [{new: row[old] for old, new in PLAIN[dataset].items()} for row in ROWS_OF[dataset]()]
    (proposal,) = propose([write_delivery(tmp_path, "x_2022-11-30.csv", rows)])
    assert (proposal.layout, proposal.missing) == (dataset, ())
    assert proposal.aliases == {new: old for old, new in PLAIN[dataset].items()}


def test_a_proposal_is_corrected_by_the_command(tmp_path: Path, contracts: Path) -> None:
    """What no likeness tells, a person does: without touching the YAML, and what stays empty is said."""
    headers = PLAIN["utilisations"] | {"montant": "zzz", "id_session": "Atelier n°"}
    rows = [{new: row[old] for old, new in headers.items()} for row in deliveries.uses()]
    path = str(write_delivery(tmp_path, "x_2022-11-30.csv", rows))
    arguments: tuple[str, ...] = (
        "map",
        path,
        "--home",
        str(tmp_path),
        "--field",
        "zzz=montant",
        "--field",
        "H/F=modalite",
    )
    assert "Aucune colonne ne s’appelle « H/F »" in _passnum(*arguments).output
    arguments = ("map", path, "--home", str(tmp_path), "--field", "zzz=montant", "--field", "Atelier n°=", "--yes")
    told = _passnum(*arguments)
    assert told.exit_code == 0, told.output
    assert "imposé" in told.output and "Champs facultatifs sans colonne" in told.output
    ranks = next(c for c in load_layouts(contracts) if c.layout == "utilisations").header_ranks
    assert ranks["zzz"][0] == "montant" and "ateliernumero" not in ranks
    refused = _passnum("map", path, "--home", str(tmp_path), "--field", "zzz=montent")
    assert refused.exit_code == 1 and "« montent »" in refused.output


# --- YAML only -------------------------------------------------------------------------------------------


def test_a_made_up_alias_needs_yaml_only(tmp_path: Path, contracts: Path) -> None:
    """Issue 3, 3: a header as a real export writes it."""
    path = contracts / "services.yaml"
    text = path.read_text(encoding="utf-8")
    at = text.index("aliases: [", text.index("- name: libelle")) + len("aliases: [")
    path.write_text(text[:at] + "'appellation du truc', " + text[at:], encoding="utf-8")
    folders = make_home(tmp_path / "home")
    (folders.landing / "s_2022-11-30.csv").write_text(
        write_csv("services").replace("libelle", "APPELLATION du Truc", 1), encoding="utf-8"
    )
    (told,) = run(folders, layouts=load_layouts()).values()
    assert (told.outcome, told.lines_accepted) == ("loaded", 1)


def test_a_made_up_export_column_needs_yaml_only(tmp_path: Path, contracts: Path) -> None:
    """Issue 3, 3: a new column reaches the lake, typed; a file from before has it NULL; a bad value is an issue."""
    path = contracts / "services.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").rstrip("\n")
        + """
  - name: jauge_publique
    type: integer
    role: o
    minimum: 1
    maximum: 99
    title: Jauge
    description: Nombre de places d’une session.
    example: "12"
    aliases: [places]
""",
        encoding="utf-8",
    )
    layouts = load_layouts()
    folders = make_home(tmp_path / "home")
    (folders.landing / "s_2022-10-31.csv").write_text(write_csv("services"), encoding="utf-8")
    run(folders)
    lines = write_csv("services", {}, {}).splitlines()
    text = "\n".join(f"{line};{end}" for line, end in zip(lines, ("Places", "12", "120"), strict=True)) + "\n"
    (folders.landing / "s_2022-11-30.csv").write_text(text, encoding="utf-8")
    (told,) = run(folders, layouts=layouts).values()
    assert (told.outcome, told.lines_accepted) == ("loaded", 2)
    with duckdb.connect() as con:
        Lake(folders.lake).open_in(con, "lake")
        found = con.execute(
            "select extract_date::varchar, jauge_publique from lake.services order by source_file_id, source_line"
        ).fetchall()
        issues = con.execute("select column_name, value from lake.field_issue").fetchall()
    assert found == [("2022-10-31", None), ("2022-11-30", 12), ("2022-11-30", None)]
    assert issues == [("jauge_publique", "120")]


def test_an_alias_that_would_mean_two_fields_is_refused(contracts: Path) -> None:
    """The contract stays as it was."""
    before = (contracts / "services.yaml").read_bytes()
    with pytest.raises(MappingError, match="désigne déjà le champ code_service"):
        write_aliases("services", {"Code service": "libelle"})
    assert (contracts / "services.yaml").read_bytes() == before
