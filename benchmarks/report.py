"""docs/performance.md from results/*.json and tried.md: French sentences, ratios, never a second of a machine.

Does not live here: the measures.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import floor
from benchmarks.runs import CARNETS
from presentation.french import NBSP, decimal, integer, percent

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
TRIED = Path(__file__).with_name("tried.md")
BEFORE = "before-"
ABSENT = "—"
WIDTH = 118
Results = Mapping[str, Mapping[str, Any]]

_CORE, _MARTS, _PROOF = (
    sum(table.startswith(schema) for table in floor.TABLES) for schema in ("core.", "marts.", "proof.")
)
_OPENING = f"""# La vitesse

Écrit par `make bench` ; ne pas modifier à la main, sauf `benchmarks/tried.md` (ce qui a été essayé). Aucune seconde :
elles ne valent que pour une machine. **L'unité est le plancher** : un seul processus DuckDB qui lit les mêmes
fichiers, avec leurs types et les pseudonymes, fait {_CORE} tables de `core`, {_PROOF} de `proof` et {_MARTS} de
`marts`, {floor.CHECKS} contrôles, le point de reprise et le renommage, en SQL écrit à la main (`benchmarks/floor/`) :
le moins que le même travail puisse coûter. Ses tables sont comparées, ligne pour ligne et dans les deux sens, à celles
que `passnum run` publie, à chaque mesure et dans un test.

Chaque mesure est faite entre deux planchers et divisée par leur moyenne ; les tableaux donnent les médianes.
« Planchers » dit de combien la machine elle-même a bougé (le moins et le plus, la médiane valant 1) : un écart plus
petit que celui-là ne veut rien dire. CPU : utilisateur et système, de tous les fils d'exécution. « Avant » est le
code d'avant ce travail (il ne publiait pas encore toutes ces tables), mesuré de la même façon.
"""
_AGAIN = """## Refaire les mesures

`make bench` refait tout (une bonne heure sur une machine à deux cœurs qui ne fait rien d'autre). Une seule partie :
`python -m benchmarks runs` (ou `stages`, `yardsticks`, `growth`, `pages`), puis `python -m benchmarks write`.
D'autres tailles : `python -m benchmarks growth --carnets 3000 38000`. Un autre code : `--before DOSSIER`, où `make
setup` a été fait. `--work DOSSIER` garde les livraisons simulées d'un appel à l'autre. PostgreSQL est celui de Debian
(`benchmarks/yardsticks/install.sh`) : un groupe de bases est créé dans un dossier temporaire, puis arrêté.

Trois études à part : `python benchmarks/ingestion.py` (le lecteur face à une lecture nue), `python
benchmarks/checks.py ENTREPÔT` (le temps de chaque suite de contrôles), `python benchmarks/projection.py` (ce que
valent les fourchettes).
"""


def read_results(folder: Path) -> dict[str, dict[str, Any]]:
    """Every result kept, by section (`runs`, `before-runs`…)."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def write(results: Path, page: Path = PAGE, tried: Path = TRIED) -> Path:
    """Write the page from the folder of results. Returns its path."""
    page.write_text(render(read_results(results), tried.read_text(encoding="utf-8")), encoding="utf-8")
    return page


def render(results: Results, tried: str) -> str:
    """The page. A section that was never measured says so; one that has no « before » leaves that column out."""
    parts = [
        _OPENING, _runs(results), _stages(results), _growth(results), _yardsticks(results), _pages(results),
        "## Ce qui a été essayé et n'aide pas\n\n" + tried.strip() + "\n", _AGAIN,
    ]  # fmt: skip
    return "\n".join(parts)


def times(value: float | None, places: int = 1) -> str:
    """« × 6,7 »; a value under one has two decimals, or it would say nothing."""
    if value is None:
        return ABSENT
    return f"×{NBSP}{decimal(value, max(places, 2) if value < 1 else places)}"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(header), *map(list, rows)]
    marks = ["---"] + ["--:"] * (len(lines[0]) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [lines[0], marks, *lines[1:]]) + "\n"


def _fill(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False) + "\n"


def _absent(title: str, section: str) -> str:
    return f"## {title}\n\nPas encore mesuré : `python -m benchmarks {section}`.\n"


def _moved(measure: Mapping[str, Any]) -> str:
    least, greatest = measure["floor_range"]
    return f"{decimal(least, 2)} à {decimal(greatest, 2)}"


def _runs(results: Results) -> str:
    title = "Un passage"
    now, before = results.get("runs"), results.get(f"{BEFORE}runs", {})
    if not now:
        return _absent(title, "runs")
    names = {
        "run": f"`passnum run`, {integer(now['carnets'])} carnets",
        "nothing_new": "le même, rien de nouveau",
        "small": f"`passnum run`, {integer(now['small']['carnets'])} carnets",
    }
    rows = []
    for key, name in names.items():
        for told, measure in (("avant", before.get(key)), ("maintenant", now[key])):
            if measure:
                rows.append([
                    f"{name}, {told}", times(measure["cpu"]), times(measure["wall"]), times(measure["peak"]),
                    _moved(measure), str(measure["repeats"]),
                ])  # fmt: skip
    told = f"L'unité des trois est le plancher de {integer(now['carnets'])} carnets."
    table = _table(["", "CPU", "temps", "mémoire", "planchers", "répétitions"], rows)
    return f"## {title}\n\n{_fill(told)}\n{table}"


def _stages(results: Results) -> str:
    title = "Où va le processeur"
    now, before = results.get("stages"), results.get(f"{BEFORE}stages", {})
    if not now:
        return _absent(title, "stages")
    stages, earlier = now["stages"], before.get("stages", {})
    whole, whole_before = sum(stages.values()), sum(earlier.values())
    rows = []
    for name in sorted(stages | earlier, key=lambda name: -max(stages.get(name, 0.0), earlier.get(name, 0.0))):
        row = [name, times(stages.get(name, 0.0), 2), percent(stages.get(name, 0.0) / whole, 0)]
        rows.append(row + ([times(earlier.get(name, 0.0), 2)] if earlier else []))
    rows.append(["ensemble", times(whole, 2), percent(1, 0), *([times(whole_before, 2)] if earlier else [])])
    told = (
        "Le vrai passage, observé de l'intérieur : chaque instant de processeur va à l'étape où était le fil qui "
        "l'a dépensé (celui des moteurs, à l'étape qui les attend). L'unité est le plancher entier. Médianes de "
        f"{now['repeats']} passages. Le plancher ne fait pas les comptes de lecture "
        f"({', '.join(f'`{start}*`' for start in floor.LEFT_OUT)}) : {percent(now['left_out'], 0)} du SQL des modèles."
    )
    header = ["étape", "maintenant", "part", *(["avant"] if earlier else [])]
    return f"## {title}\n\n{_fill(told)}\n{_table(header, rows)}"


def _growth(results: Results) -> str:
    title = "Quand le programme grandit"
    now, before = results.get("growth"), results.get(f"{BEFORE}growth", {})
    if not now:
        return _absent(title, "growth")
    rows = []
    for size, measure in now.items():
        earlier = before.get(size, {})
        peak = f"{decimal(measure['peak_gb'], 1)}{NBSP}Go"
        rows.append([
            integer(int(size)), times(measure["floor_growth"]), times(earlier.get("cpu")), times(measure["cpu"]),
            times(measure["wall"]), peak, _moved(measure), str(measure["repeats"]),
        ])  # fmt: skip
    disk = _table(
        ["carnets", "fichiers livrés", "lac", "version publiée", "dossier entier"],
        [
            [
                integer(int(size)), f"{integer(measure['delivered_mb'])}{NBSP}Mo",
                *(times(measure[key], 2) for key in ("disk_lake", "disk_published", "disk_home")),
            ]
            for size, measure in now.items()
        ],
    )  # fmt: skip
    header = [
        "carnets", "plancher", "CPU avant", "CPU", "temps", "mémoire au plus haut", "planchers", "répétitions",
    ]  # fmt: skip
    told = (
        "Chaque taille a son plancher pour unité ; la deuxième colonne dit ce que ce plancher coûte lui-même, celui de "
        f"{integer(CARNETS)} carnets valant 1. Un rapport qui ne monte pas : rien ne croît plus vite que les données."
    )
    after = "Sur le disque, en part des fichiers livrés :\n"
    return f"## {title}\n\n{_fill(told)}\n{_table(header, rows)}\n{after}\n{disk}"


def _yardsticks(results: Results) -> str:
    title = "D'autres outils, pour les seuls chiffres clés"
    now = results.get("yardsticks")
    if not now:
        return _absent(title, "yardsticks")
    names = {"polars": "Polars", "pandas": "pandas", "postgres": "PostgreSQL"}
    rows, notes = [], []
    for key, name in names.items():
        measure = now.get(key, {})
        if "skipped" in measure:
            notes.append(f"{name} : {measure['skipped']}.\n")
        elif measure:
            rows.append([name, *(times(measure[unit]) for unit in ("cpu", "wall")), _moved(measure)])
    told = (
        "Les 21 indicateurs du programme, des mêmes fichiers, sans tables ni pseudonymes (PostgreSQL fait les"
        " six tables d'où ils viennent, pseudonymes compris), vérifiés égaux à ceux du plancher. L'unité est "
        "le plancher, qui fait bien plus."
    )
    return "\n".join([f"## {title}\n\n{_fill(told)}\n{_table(['', 'CPU', 'temps', 'planchers'], rows)}", *notes])


def _pages(results: Results) -> str:
    title = "Les pages"
    now, before = results.get("pages"), results.get(f"{BEFORE}pages", {})
    if not now:
        return _absent(title, "pages")
    earlier = {row["page"]: row for row in before.get("pages", [])}
    rows = [
        [
            row["page"],
            *(times(row.get(key)) for key in ("cold", "warm", "filter")),
            *([times(earlier.get(row["page"], {}).get(key)) for key in ("warm", "filter")] if earlier else []),
        ]
        for row in now["pages"]
    ]
    header = ["page", "à froid", "ensuite", "filtre changé"]
    header += ["ensuite, avant", "filtre changé, avant"] if earlier else []
    told = (
        "CPU du serveur pour dessiner une page. L'unité n'est pas le plancher, mais une question d'une page à un "
        "fichier qu'elle vient d'ouvrir. À froid : la première fois qu'on demande la page ; ensuite : une nouvelle "
        "visite ; filtre changé : une option jamais demandée, du filtre de la page qui coûte le plus."
    )
    return f"## {title}\n\n{_fill(told)}\n{_table(header, rows)}"
