"""The attack report of a publication, in French: for the team alone, what an outsider computes of each withheld cell.

It says which cells are small, so it is kept beside the register, readable by its owner alone, and is never part of what
is sent; what is sent says how many cells were tried and how narrow the narrowest is. Does not live here: the attack
(reporting/suppression), the figures.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from presentation import labels
from presentation.french import count, integer
from presentation.safe_cells import neutralise_column
from reporting.figures.knowledge import PROGRAMME
from reporting.figures.period import PeriodError
from reporting.suppression.examine import Attacked, Examined, Finding
from storage.atomic import write_atomically

_MEASURES = {
    "people_equipped": "Personnes équipées",
    "people_reached": "Personnes formées",
    "carnets_prescribed": "Carnets injectés",
    "carnets_started": "Carnets entamés",
    "passes_used": "Pass utilisés",
    "lieu_passes": "Pass utilisés (lieu)",
    "reached_identified": "Personnes formées identifiées",
    "reached_anonymous": "Personnes formées anonymes",
    "waiting": "Personnes équipées et non formées",
    "more_prescribed": "Carnets injectés au-delà d'un par personne",
    "more_started": "Carnets entamés au-delà d'un par personne",
}
_STEPS = {
    "equipped": "Personnes équipées",
    "reached": "Personnes formées identifiées",
    "waiting": "Personnes équipées et non formées",
    "grouped": "Personnes équipées (réponses regroupées)",
}


class Breached(PeriodError):
    """The attack comes closer to a withheld cell than the rule allows: nothing is issued. Says why in French."""


def refuse_breaches(examined: Examined, period: str) -> None:
    """Raise Breached where the attack finds what the mask did not say it could not protect."""
    if examined.new:
        cases = count(len(examined.new), "case est approchée", "cases sont approchées")
        raise Breached(
            f"La période « {period} » n'est pas diffusée : l'attaque recalcule de trop près des effectifs masqués "
            f"({cases} plus que la règle ne le permet). Rien n'est écrit. Transmettez ce message à l'équipe du "
            "logiciel : le masque est en défaut."
        )


def sentence(attacked: Attacked) -> str:
    """The line that recipients read: cells tried, width of the narrowest interval, cells that were approached."""
    if not attacked.cells:
        return "Attaque du masque : rien n'est masqué."
    tried = count(attacked.cells, "case masquée essayée", "cases masquées essayées")
    width = (
        "aucune n'est bornée"
        if attacked.narrowest is None
        else f"l'intervalle le plus étroit est large de {integer(attacked.narrowest)}"
    )
    left = (
        "aucune n'est approchée plus que la règle ne le permet"
        if not attacked.exposed
        else count(attacked.exposed, "reste calculable", "restent calculables") + " par des éditions déjà diffusées"
    )
    return f"Attaque du masque : {tried} ; {width} ; {left}."


def write_report(examined: Examined, period: str, folder: Path) -> Path:
    """Write `attaque.csv` and `attaque.txt` in a new folder of `folder`, 0700 and 0600. Returns it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    own = folder / f"{period}-{next_number(folder, period)}"
    own.mkdir(mode=0o700)
    write_atomically(own / "attaque.csv", _csv(examined), mode=0o600)
    write_atomically(own / "attaque.txt", _text(examined, period).encode(), mode=0o600)
    return own


def next_number(folder: Path, period: str) -> int:
    """One more than the last report of that very period (« 2022 » is not « 2022-T4 »), whatever was erased since."""
    numbers = (path.name.removeprefix(f"{period}-") for path in folder.glob(f"{period}-*"))
    return 1 + max((int(number) for number in numbers if number.isdigit()), default=0)


def _csv(examined: Examined) -> bytes:
    rows = [_row(finding, examined) for finding in examined.findings]
    names = ("mesure", "lieu", "periode", "nature", "minimum", "maximum", "largeur", "doit_contenir", "verdict")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(neutralise_column(pl.all())).write_csv().encode()


def _row(finding: Finding, examined: Examined) -> tuple[str, ...]:
    low, high = finding.seen.low, finding.seen.high
    asked = (
        f"de {integer(finding.must_hold[0])} à {integer(finding.must_hold[1])}"
        if finding.must_hold
        else f"{integer(finding.width + 1)} valeurs"
    )
    known = finding.cell in examined.known
    return (
        *words(finding.cell),
        "petit effectif" if finding.is_small else "en protège un autre",
        f"{low:.0f}",
        f"{high:.0f}" if high < float("inf") else "",
        f"{finding.seen.width:.0f}" if high < float("inf") else "",
        asked,
        "non protégeable" if known else "approchée" if finding.cell in examined.new else "tenue",
    )


def words(cell: str) -> tuple[str, str, str]:
    """(what is counted, where, when) of a cell, in French; territories and lieux by their code."""
    measure, place, time = cell.split("|")
    time = time.split("=")[0]  # a value follows where the cell was corrected since
    if ":" in measure:
        step, answer = measure.split(":", 1)
        dimension, category = answer.split("=", 1)
        told = f"{labels.DIMENSION.get(dimension, dimension)} : {labels.ANSWER.get(category, category)}"
        measure = f"{_STEPS[step]}, {told}"
    start, end = time.split("..")
    when = f"depuis le début, jusqu'à {end}" if not start else start if start == end else f"de {start} à {end}"
    where = "Programme" if place == PROGRAMME else place.removeprefix("ept:")
    return _MEASURES.get(measure, measure), where, when


def _text(examined: Examined, period: str) -> str:
    narrow = examined.findings[:20]
    small = sum(finding.is_small for finding in examined.findings)
    lines = [
        f"Attaque du masque, période {period}",
        "",
        "Document interne : il dit quelles cases sont petites. Il ne sort pas.",
        "",
        sentence(examined.told),
        f"Petits effectifs : {integer(small)} ; cases qui les protègent : {integer(len(examined.findings) - small)}.",
        "",
        "Ce que le lecteur est supposé connaître : toutes les cases diffusées, aujourd'hui et avant ; leurs sommes ;",
        "les zéros ; qu'une case « s » vaut au moins 1, sauf le mois d'un territoire ; que les personnes formées ont",
        "été équipées ; qu'un carnet a un titulaire et des pass. Détail de chaque case : attaque.csv.",
        "",
        "Les plus serrées :",
    ]
    for finding in narrow:
        what, where, when = words(finding.cell)
        top = f"et {finding.seen.high:.0f}" if finding.seen.high < float("inf") else "et plus"
        lines.append(f"- {what}, {where}, {when} : entre {finding.seen.low:.0f} {top}")
    if examined.known:
        lines += ["", "Non protégeables (données par des éditions déjà diffusées) :"]
        lines += ["- " + ", ".join(words(cell)) for cell in sorted(examined.known)]
    return "\n".join(lines) + "\n"
