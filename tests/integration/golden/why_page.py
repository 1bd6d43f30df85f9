"""docs/pourquoi.md: what `passnum why` answers to each fate of a line, printed by the command on the golden set.

`python -m tests.integration.golden.why_page` writes it; test_why.py keeps it true. Does not live here: the answers.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = Path(__file__).parents[3] / "docs" / "pourquoi.md"
FIRST, LAST, ASKED = "utilisations_2022-10-31.csv", "utilisations_2022-11-30.csv", "utilisations_2022-11-15.csv"
#: Title → what is asked.
CASES: dict[str, tuple[str, ...]] = {
    "Une ligne comptée": (f"{FIRST}:9",),
    "Une ligne rejetée": (f"{ASKED}:9",),
    "Une ligne corrigée depuis": (f"{FIRST}:26",),
    "Une ligne en double dans son fichier": (f"{ASKED}:8",),
    "Une ligne exclue : pass déjà utilisé, et déjà payé": (f"{FIRST}:22",),
    "Une ligne exclue : pass inconnu": (f"{FIRST}:20",),
    "Une ligne postérieure à la date des données": (f"{FIRST}:21",),
    "Une prescription qui a perdu son carnet": ("--prescription", "P04"),
    "Un membre d'une archive": ("lot.zip/prescriptions_2022-11-20.csv:2",),
    "Une ligne d'un classeur": ("budget_2022-11-25.xlsx:2",),
    "Un fichier déjà livré sous un autre nom": ("encore/services_2022-01-31.csv:2",),
    "Un fichier refusé": ("inconnu_2022-11-30.csv:2",),
    "L'en-tête": (f"{FIRST}:1",),
    "Un paiement": ("--payment", "CP-1"),
    "Un pass inconnu": ("--pass", "99999999"),
}
_HEAD = """# Pourquoi ma ligne n'est-elle pas comptée ?

Fabriqué par `python -m tests.integration.golden.why_page` sur le jeu d'or ; un test le garde vrai.

`passnum why FICHIER:LIGNE`, `--pass N`, `--payment RÉF` ou `--prescription ID` dit ce qu'est devenue une ligne
livrée : comptée (et dans quels chiffres), ou non (et par quelle règle, ou quelle ligne compte à sa place), ou rejetée
(et comment la corriger). FICHIER est le nom livré, entier ou son dernier morceau, ou l'identifiant du fichier ; LIGNE
est celle du fichier d'origine (1 = sa première ligne ; dans un classeur, celle de la feuille).

Ces phrases peuvent être envoyées à un lieu : elles ne portent aucun numéro de pass, de carnet ou de personne, sauf
celui que vous avez demandé vous-même, ni rien de la personne (son territoire, ses réponses). `--operateur` les
ajoute : ne l'envoyez pas. `--original` relit la ligne dans l'archive tant que l'original y est ; `--json` donne tout,
avec des valeurs exactes.
"""


def write(ask: Callable[..., str]) -> str:
    """The page. `ask`: the command, from its arguments to what it prints."""
    parts = [_HEAD]
    for title, arguments in CASES.items():
        shown = " ".join(arguments)
        parts.append(f"## {title}\n\n```\n$ passnum why {shown}\n{undated(ask(*arguments)).rstrip()}\n```\n")
    return "\n".join(parts)


def undated(text: str) -> str:
    """Without the instants of reception, which are those of the test, nor blanks at a line's end."""
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"reçu le \d{2}/\d{2}/\d{4} à \d{2}:\d{2}", "reçu le jj/mm/aaaa à hh:mm", text)


def main() -> None:
    """Make a home of the golden deliveries, and write the page from it."""
    from tests.conftest import passnum_here
    from tests.integration.golden import deliveries

    with TemporaryDirectory() as aside:
        home = Path(aside) / "home"
        os.environ["PASSNUM_SECRET_FILE"] = str(Path(aside) / "secret")
        os.environ["COLUMNS"] = "110"
        deliveries.drop(home / "landing")
        deliveries.drop_asked(home / "landing")
        passnum_here("run", home=home)
        PAGE.write_text(write(lambda *asked: passnum_here("why", *asked, home=home)), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
