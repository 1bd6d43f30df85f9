"""What eight readers waited: percentiles by page, in words and as docs/lecteurs.md.

Does not live here: the measure (readers.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presentation.french import NBSP, decimal, integer, percent

PAGE = Path(__file__).parents[1] / "docs" / "lecteurs.md"
RESULTS = Path(__file__).parent / "results" / "readers.json"
ROLES = {"equipe": "équipe", "comite": "comité"}
KINDS = {"menu": "page, par le menu", "address": "page, par son adresse", "filter": "filtre changé"}
SESSION_KINDS = {"page": "page", "filter": "filtre changé"}
#: Seconds after which a reader is no longer waited for.
GIVEN_UP = 60.0
_OPENING = """# Ce qu'attendent les lecteurs

Écrit par `make readers` ; ne pas modifier à la main. **{readers} lecteurs à la fois** sur les pages de
{carnets} carnets, la moitié de l'équipe, l'autre du comité (qui lit le cube protégé), tous connectés. Chacun
ouvre {visits} pages dans son ordre et change un filtre sur chacune qui en a un ; il regarde entre {first} et
{last} secondes ce qui vient de paraître, comme une personne. Chaque page a été ouverte une fois par chaque rôle
avant la mesure. Des secondes ne valent que pour une machine : elles sont là parce qu'un lecteur les attend,
avec ce que la machine faisait d'autre : une mesure où elle est prise par autre chose ne dit pas que le but est
tenu ou manqué. Le but, sur deux cœurs tranquilles, 19 fois sur 20 : 2 s pour le premier chiffre d'une page, 1 s
pour un filtre.
"""
_ALONE = """Les mêmes lecteurs sans leurs navigateurs, qui sont ailleurs dans la vie : de la demande au premier chiffre
envoyé pour une page, à la fin de la page pour un filtre. S'y ajoute ce que met le navigateur d'un lecteur à
dessiner.
"""
_AMONG = """Un vrai navigateur (Chromium) parmi huit lecteurs : les sept autres lisent en même temps sans le leur, qui
ne prend donc pas les cœurs du serveur. Un lecteur de l'équipe, puis un du comité. Page : du clic, ou de l'adresse,
au premier chiffre visible (carte, cellule ou graphique). Filtre : du clic sur une option à la fin de la page
redessinée.
"""
_TOGETHER = """Huit vrais navigateurs (Chromium) sur la machine du serveur : ils se partagent ses deux cœurs, et c'est
surtout leur propre travail qu'ils attendent. Les mêmes mesures que ci-dessus.
"""
_AGAIN = """## Refaire les mesures

`make readers` (un quart d'heure), ou `python -m benchmarks.readers --home DOSSIER --write` sur un dossier de données
déjà publié. Le processeur du serveur, page par page et filtre par filtre : [performance.md](performance.md),
par `python -m benchmarks pages`.
"""


def tell(line: str) -> None:
    """Say where a measure of minutes is."""
    print(line, file=sys.stderr, flush=True)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


@dataclass(frozen=True)
class Waited:
    """How long some events took, in seconds: how many there were, half of them, 95 in a hundred, and those that never
    came (counted as long as they were waited for)."""

    events: int
    median: float
    p95: float
    never: int

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> Waited | None:
        waits = [event["seconds"] for event in events]
        if not waits:
            return None
        known = [GIVEN_UP if wait is None else wait for wait in waits]
        return cls(len(known), percentile(known, 0.5), percentile(known, 0.95), waits.count(None))


def by(events: Iterable[Mapping[str, Any]], kind: str, name: str) -> dict[str, Waited]:
    """What the events of a kind took, by page or by role (`name`), then all of them (under an empty name)."""
    those = [event for event in events if event["kind"] == kind]
    groups = {value: [e for e in those if e[name] == value] for value in dict.fromkeys(e[name] for e in those)}
    found = {value: Waited.of(group) for value, group in sorted(groups.items())} | {"": Waited.of(those)}
    return {value: waited for value, waited in found.items() if waited is not None}


def lines(found: Mapping[str, Any]) -> list[str]:
    """What is printed: a line a kind and a page, then what was burned."""
    told = []
    for what, kinds in (("among", KINDS), ("events", KINDS), ("sessions", SESSION_KINDS)):
        for kind in kinds:
            for name in ("page", "role"):
                told += [
                    f"{what:<8} {kind:<8} {value or 'all':<24} {one.events:>4} {one.median:6.2f} {one.p95:6.2f}"
                    + (f"  never: {one.never}" if one.never else "")
                    for value, one in by(found[what], kind, name).items()
                ]
    burned = {"one browser": "burned_among", "with browsers": "burned", "server alone": "burned_alone"}
    return [*told, *(f"{name}: {found[key]}" for name, key in burned.items())]


def write(found: Mapping[str, Any], page: Path = PAGE) -> Path:
    """Write the page of one measure. Returns its path."""
    page.write_text(render(found), encoding="utf-8")
    return page


def render(found: Mapping[str, Any]) -> str:
    """The page: what readers waited, what the server alone made them wait, what each burned."""
    opening = _OPENING.format(
        readers=integer(found["readers"]), visits=integer(found["visits"]), first=decimal(found["thinking"][0], 0),
        last=decimal(found["thinking"][1], 0), carnets=integer(found["carnets"]),
    )  # fmt: skip
    parts = [opening, "## Le serveur seul\n", _ALONE, _table(found["sessions"], SESSION_KINDS)]
    parts += [_cpu(found["burned_alone"], len(found["sessions"]))]
    parts += ["## Un navigateur parmi huit lecteurs\n", _AMONG, _table(found["among"], KINDS)]
    parts += [_cpu(found["burned_among"], found["waits_among"], browsers=len(found["among"]))]
    parts += ["## Avec les navigateurs sur la même machine\n", _TOGETHER, _table(found["events"], KINDS)]
    parts += [_cpu(found["burned"], len(found["events"]), browsers=len(found["events"])), _AGAIN]
    return "\n".join(parts)


def _table(events: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> str:
    events = list(events)
    rows = []
    for kind, told in kinds.items():
        for role, waited in by(events, kind, "role").items():
            rows.append(_row(f"**{told}**" if not role else f"{told}, {ROLES[role]}", waited))
    rows += [
        _row(f"{page}, {told}", waited)
        for kind, told in kinds.items()
        for page, waited in by(events, kind, "page").items()
        if page
    ]
    head = ["ce qui est attendu", "fois", "une fois sur deux", "19 fois sur 20", "jamais venu"]
    marks = ["---", *["--:"] * 4]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, marks, *rows]) + "\n"


def _row(told: str, waited: Waited) -> list[str]:
    seconds = [f"{decimal(value, 2)}{NBSP}s" for value in (waited.median, waited.p95)]
    return [told, integer(waited.events), *seconds, integer(waited.never)]


def _cpu(burned: Mapping[str, float], events: int, browsers: int = 0) -> str:
    """What a wait cost in processor, to the server and, for `browsers` of them, to a browser; what the machine did."""
    of_server = f"Le serveur a brûlé {decimal(burned['server'] / events * 1000, 0)}{NBSP}ms de processeur par attente"
    of_browsers = f", un navigateur {decimal(burned['browsers'] / browsers * 1000, 0)}{NBSP}ms" if browsers else ""
    others = burned["machine"] - burned["server"] - (burned["browsers"] if browsers else 0)
    return (
        f"{of_server}{of_browsers}. La machine a été occupée {percent(burned['machine'] / burned['cores'], 0)} du "
        f"temps, dont {percent(others / burned['cores'], 0)} par autre chose (le programme qui mesure compris).\n"
    )
