"""Marked personal data planted wherever a delivery can hold some: every column of every export, headers, names.

Each planting has a number, written into its mail, phone, NIR, address or name: what is found says where it was put.
Does not live here: looking for them (places).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from ingestion.contract import Contract, Field, load_layouts
from tests.unit.ingestion.kit import KEYS, ROWS

DAY = "2022-11-30"
KINDS = ("courriel", "téléphone", "NIR", "adresse", "nom")
FREE_TEXTS = ("text", "list")
"""Where a name alone is a text like any other: it is planted with its title, as a person writes it."""
_DIGITS = "qrstuvwxyz"


def write(kind: str, number: int, *, bare_name: bool = False) -> str:
    """A planted value: what it is, and its number."""
    match kind:
        case "courriel":
            return f"zephyrine{number:04d}.fauxnom@courriel-planté.example"
        case "téléphone":
            digits = f"063998{number:04d}"
            return " ".join(digits[i : i + 2] for i in range(0, 10, 2))
        case "NIR":
            body = f"2850594{number // 1000 + 80:03d}{number % 1000:03d}"
            key = 97 - int(body) % 97
            return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02d}"
        case "adresse":
            return f"{number} bis rue de la Fausse-Piste 94300 Vincennes"
        case _:
            letters = "".join(_DIGITS[int(d)] for d in f"{number:04d}")
            return f"{'' if bare_name else 'Mme '}Zéphyrine Fauxnom-{letters.capitalize()}"


@dataclass
class Planted:
    """Number → where it was put: place (column of an export, header…), name of the place, kind."""

    where: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, place: str, name: str, kind: str, *, bare_name: bool = False) -> str:
        number = len(self.where) + 1
        self.where[number] = (place, name, kind)
        return write(kind, number, bare_name=bare_name)


def is_public(contract: Contract, field: Field, kind: str) -> bool:
    """What the contract publishes by nature: the phone, the mails and the address of a lieu."""
    codes = {"courriel": "mail", "téléphone": "phone", "adresse": "address", "nom": "name", "NIR": "nir"}
    return codes[kind] in getattr(field, "public", ())


def plant() -> Planted:
    """The whole delivery."""
    planted = Planted()
    layouts = [c for c in load_layouts() if c.layout == c.dataset]
    for contract in layouts:
        planted.files[f"{contract.dataset}_plante_{DAY}.csv"] = _columns(planted, contract).encode()
        planted.files[f"{contract.dataset}_entetes_{DAY}.csv"] = _headers(planted, contract.dataset).encode()
        planted.files[f"inconnu_{contract.dataset}_{DAY}.csv"] = _unknown(planted, contract.dataset).encode()
        for kind in KINDS:
            name = planted.put("nom de fichier", contract.dataset, kind).replace(" ", "_")
            planted.files[f"{contract.dataset}_{name}_{DAY}.csv"] = _plain(contract.dataset, f"F{kind[:2]}").encode()
    for kind in KINDS:
        bad = planted.put("nom de fichier refusé", "sans colonnes", kind).replace(" ", "-")
        planted.files[f"{bad}_{DAY}.csv"] = b"a;b\n1;2\n"
        planted.files[f"classeur_{kind}_{DAY}.xlsx"] = _workbook(planted, kind)
        planted.files[f"lot_{kind}_{DAY}.zip"] = _archive(planted, kind)
        titled = f"Export de {planted.put('ligne de titre', 'services', kind)}\n\n" + _plain("services", f"T{kind[:2]}")
        planted.files[f"titre_{kind}_{DAY}.csv"] = titled.encode()
        wide = _plain("budget", f"W{kind[:2]}") + f"E-1;{planted.put('ligne trop longue', 'budget', kind)}" + ";x" * 12
        planted.files[f"budget_large_{kind}_{DAY}.csv"] = (wide + "\n").encode()
    return planted


def _columns(planted: Planted, contract: Contract) -> str:
    """One line a column and kind, every other value right."""
    model = ROWS[contract.dataset]
    names = [f.name for f in contract.fields]
    lines = [";".join(names)]
    for one in contract.fields:
        for kind in KINDS:
            if is_public(contract, one, kind):
                continue
            key = f"P{len(planted.where):05d}"
            value = planted.put(contract.dataset, one.name, kind, bare_name=one.type not in FREE_TEXTS)
            row = {n: model.get(n, "") for n in names} | {KEYS[contract.dataset]: key} | {one.name: value}
            lines.append(";".join(row[n] for n in names))
    return "\n".join(lines) + "\n"


def _headers(planted: Planted, dataset: str) -> str:
    """Extra columns headed by a person, whose values are theirs too."""
    extra = [planted.put("en-tête", dataset, kind, bare_name=True) for kind in KINDS]
    values = [planted.put("colonne hors contrat", dataset, kind, bare_name=True) for kind in KINDS]
    head, line = _plain(dataset, "H").splitlines()
    return f"{head};{';'.join(extra)}\n{line};{';'.join(values)}\n"


def _unknown(planted: Planted, dataset: str) -> str:
    """A file of which nothing is known, but for its first header."""
    own = list(ROWS[dataset])[:2]
    extra = [planted.put("en-tête refusé", dataset, kind, bare_name=True) for kind in KINDS]
    values = [planted.put("ligne refusée", dataset, kind, bare_name=True) for kind in KINDS]
    return f"{own[1]};remarque libre;{';'.join(extra)}\nx;y;{';'.join(values)}\n"


def _plain(dataset: str, key: str) -> str:
    row = ROWS[dataset] | {KEYS[dataset]: f"PLAIN-{key.upper()}-{dataset[:3].upper()}"}
    return ";".join(row) + "\n" + ";".join(row.values()) + "\n"


def _workbook(planted: Planted, kind: str) -> bytes:
    """Two sheets of exports (the second is told as not read), both named after a person."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    for dataset in ("services", "budget"):
        name = planted.put("nom de feuille", dataset, kind).replace("94300 Vincennes", "").replace("@courriel-", "@")
        sheet = book.add_worksheet(name[:31].strip())
        for row, line in enumerate(_plain(dataset, f"S{kind[:2]}").splitlines()):
            sheet.write_row(row, 0, line.split(";"))
    book.close()
    return stream.getvalue()


def _archive(planted: Planted, kind: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for place, content in (("loaded", _plain("services", f"Z{kind[:2]}")), ("refused", "a;b\n1;2\n")):
            name = planted.put("membre d’archive", place, kind)
            archive.writestr(f"dossier {name}/services {name} {DAY}.csv", content)
    return stream.getvalue()


def drop_planted(landing: Path) -> Planted:
    """Put the planted delivery in a landing folder."""
    planted = plant()
    landing.mkdir(parents=True, exist_ok=True)
    for name, content in planted.files.items():
        (landing / name).write_bytes(content)
    return planted
