"""The road on ten carnets written out here: three figures by hand, the messages, a kill in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.factories import make_siret, write_delivery
from tests.integration.road.conftest import Passnum, fingerprints, value
from tests.some import some

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ten_carnets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home run once, and what the run said: ten carnets of ten passes; three people; one session of two hours paid
    with two passes, one of an hour; and a picture among the files."""
    home = tmp_path_factory.mktemp("ten")
    landing = home / "landing"
    write_delivery(
        landing,
        "emissions_20220630.csv",
        [
            {
                "numero_carnet": f"TEN-{n:02d}", "premier_pass": f"{n}0000000", "dernier_pass": f"{n}0000009",
                "valeur_faciale": "10,00", "code_insee": "94080", "date_emission": "10/01/2022",
                "date_livraison": "15/01/2022", "date_fin_validite": "31/12/2022", "statut": "livre",
            }
            for n in range(1, 11)
        ],
    )  # fmt: skip
    write_delivery(
        landing,
        "prescriptions_20220630.csv",
        [
            {
                "id_prescription": f"P{n}", "numero_carnet": f"TEN-{n:02d}", "date_prescription": "01/03/2022",
                "code_insee": "94080", "id_beneficiaire": beneficiary, "statut": "validee",
            }
            for n, beneficiary in ((1, "Alpha"), (2, "Alpha"), (3, "Beta"), (4, "Gamma"))
        ],
    )  # fmt: skip
    use = {"siret_lieu": make_siret(1), "montant": "10,00", "statut": "validee"}
    write_delivery(
        landing,
        "utilisations_20220630.csv",
        [
            {"id_utilisation": "U1", "numero_pass": "10000000", "date_utilisation": "04/04/2022", "id_session": "S1",
             "duree_minutes": 120} | use,
            {"id_utilisation": "U2", "numero_pass": "10000001", "date_utilisation": "04/04/2022", "id_session": "S1",
             "duree_minutes": 120} | use,
            {"id_utilisation": "U3", "numero_pass": "20000000", "date_utilisation": "05/04/2022", "id_session": "S2",
             "duree_minutes": 60} | use,
        ],
    )  # fmt: skip
    (landing / "photo_2022-06-30.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    result = CliRunner().invoke(app, ["run", "--home", str(home)])
    assert result.exit_code == 0, result.output
    return home, result.output


def test_three_figures_by_hand_on_ten_carnets(ten_carnets: tuple[Path, str]) -> None:
    """Two hours + one hour = 3 h (not 5: once per attendance). Alpha used both carnets: one person. 3 passes × 10 €."""
    home, said = ten_carnets
    assert value(home, "hours") == 3.0
    assert value(home, "people_reached") == 1
    assert value(home, "face_value_used_eur") == 30.0
    assert value(home, "people_equipped") == 3
    assert "Heures de formation" in said
    assert "100 000 h" in said.replace("\u202f", " ").replace("\xa0", " ")


def test_a_rejected_file_does_not_stop_the_others(ten_carnets: tuple[Path, str]) -> None:
    home, said = ten_carnets
    assert "photo_2022-06-30.csv" in said
    assert value(home, "passes_used") == 3
    (kept,) = (home / "archive" / "quarantine").rglob("photo_2022-06-30.csv")
    assert (kept.parent / "rapport.md").is_file()
    assert (home / "quarantine").samefile(home / "archive" / "quarantine"), "found where the README says"


def test_an_empty_home_publishes_zeros_and_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", "--home", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "Aucun nouveau fichier" in result.output
    assert "tout sera à zéro. Déposez les exports dans" in result.output
    assert value(tmp_path, "passes_issued") == 0


def test_a_wrong_programme_is_refused_before_anything_is_read(home: Path, tmp_path: Path) -> None:
    programme = tmp_path / "programme"
    programme.mkdir()
    settings = (ROOT / "programme" / "programme.yaml").read_text(encoding="utf-8")
    (programme / "programme.yaml").write_text(settings.replace("budget_eur: 3800000", "budget_eur: beaucoup"), "utf-8")
    (programme / "territories.csv").write_bytes((ROOT / "programme" / "territories.csv").read_bytes())
    result = CliRunner().invoke(app, ["run", "--home", str(home), "--programme", str(programme)])
    assert result.exit_code == 1
    assert "programme.yaml" in result.output
    assert "beaucoup" in result.output
    assert list((home / "landing").iterdir()), "the deliveries were not touched"


# One moment in each part of the road, told by what the command prints when it gets there; what ends it, and whom: the
# command and its processes, as a machine that stops or Ctrl-C in a terminal, or the command alone.
MOMENTS = (
    ("Dossier de données", signal.SIGKILL, os.killpg),
    ("Construction de l'entrepôt", signal.SIGINT, os.killpg),
    ("Construction de l'entrepôt", signal.SIGTERM, os.kill),
    ("Contrôles de vraisemblance", signal.SIGKILL, os.kill),
)
#: What a signal that lets the command speak has it say, and its exit code.
ENDINGS = {signal.SIGINT: (130, "Interrompu"), signal.SIGTERM: (143, "Arrêté par le système")}


def test_an_end_at_any_time_leaves_a_home_the_next_run_finishes(
    home: Path, passnum: Passnum, golden_home: Path, exhaustive: bool
) -> None:
    """Core and marts are a function of the set of files, whatever was killed in between (exports §3).

    One home is ended at each moment (at one of them unless `--exhaustive`): each run starts from what the one before
    left, the last one finishes. An interruption is one sentence, and its code; no process is left, for they would hold
    what the run prints on.
    """
    for reached, end, whom in some(MOMENTS, 3, exhaustive, ends=False):
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "orchestration", "run", "--home", str(home)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert any(reached in line for line in process.stdout), "the run ended before the moment of its end"
        whom(process.pid, end)
        _, errors = process.communicate(timeout=60)
        if end in ENDINGS:
            code, told = ENDINGS[end]
            assert process.returncode == code
            assert (
                " ".join(errors.split()) == f"Erreur : {told}. Rien n'est perdu : relancez la commande pour terminer."
            )
        else:
            assert errors == ""
        assert not (home / "warehouse" / "passnum.duckdb").exists()
    result = passnum("run")
    assert result.exit_code == 0, result.output
    assert value(home, "passes_used") == 20
    assert fingerprints(home) == fingerprints(golden_home)
    assert list((home / "warehouse" / ".build").iterdir()) == []
