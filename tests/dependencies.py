"""The libraries of the lock, their versions and licences, as their own metadata state them: writes docs/dependances.md.

`make licences`, after `make lock`. Does not live here: choosing them (pyproject.toml), installing them (Makefile).
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-uv.lock")
PAGE = ROOT / "docs" / "dependances.md"
UNSTATED = "non déclarée"
_LINE = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HEAD = """# Les bibliothèques : versions et licences

Page produite par `make licences` : chaque bibliothèque de `requirements.lock` (et `uv`, qui les installe), sa version
exacte et la licence que ses métadonnées déclarent. Tout est installé par empreinte (`--require-hashes`) : un paquet
changé à la source est refusé. Un test compare cette page aux fichiers de verrouillage.

**Vulnérabilités connues : non vérifiées ici.** L'environnement où passnum est écrit n'atteint aucune source d'avis de
sécurité. Là où une est accessible : `pip-audit --require-hashes -r requirements.lock`, à planifier chaque semaine.

| bibliothèque | version | licence déclarée |
|---|---|---|
"""


def locked(path: Path) -> dict[str, str]:
    """Name → version of every library of a lock."""
    return dict(_LINE.findall(path.read_text(encoding="utf-8")))


def licence(name: str) -> str:
    """What an installed library states of its licence, in a few words."""
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        return UNSTATED
    classified = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    own = {field: said[field] for field in ("License-Expression", "License") if field in said}
    stated = own.get("License-Expression") or ", ".join(one for one in classified if one != "OSI Approved")
    return (stated or own.get("License", "").strip().partition("\n")[0][:60] or UNSTATED).replace("|", "/")


def page() -> str:
    """The whole page."""
    found = {name: version for lock in LOCKS for name, version in locked(lock).items()}
    rows = [f"| {name} | {found[name]} | {licence(name)} |" for name in sorted(found, key=str.lower)]
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
