"""Seeded nasty deliveries: files whose records are known, as real exports write them (exports §2).

Each comes with what the oracle says must become of it. Does not live here: the rules (oracle), the comparison
(test_oracle).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter

from tests.unit.ingestion.oracle import LAYOUTS, Verdict, judge

ACCENTED = {
    "numero": ["numéro", "n°", "Numéro", "N°", "NUMERO"], "emission": ["émission"],
    "validite": ["validité", "Validité"],
    "annee": ["Année"], "beneficiaire": ["bénéficiaire"], "libelle": ["Libellé"], "duree": ["Durée"],
    "categorie": ["Catégorie"], "reference": ["Référence"], "referencement": ["référencement"],
    "modalite": ["Modalité"], "ecriture": ["écriture"],
}  # fmt: skip
TITLES = ["Export du programme Pass Numérique", "Métropole du Grand Paris ; édité le lundi", "sep=;", "Période : 2022"]


@dataclass
class DirtyFile:
    """`members`: name shown → (identity bytes, verdict). One member for a plain file, one or more for a ZIP."""

    name: str
    data: bytes
    members: dict[str, tuple[bytes, str, Verdict]] = field(default_factory=dict)
    sidecar: bytes | None = None


class Dice:
    """Random choices of one file."""

    def __init__(self, seed: Any) -> None:
        self.rng = random.Random(str(seed))

    def odds(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, items: list | str) -> Any:
        return self.rng.choice(items)

    def some(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    # --- values --------------------------------------------------------------------------------------

    def text_of(self, name: str, kind: str, more: tuple) -> str:
        """A cell: right most of the time, in every spelling of exports §2; else wrong in a usual way."""
        if self.odds(0.06):
            return self.pick(["", " ", "\u00a0", "  "])
        text = self._wrong(kind) if self.odds(0.08) else self._right(name, kind, more)
        if self.odds(0.15):
            text = self.pick([" ", "\u00a0", "  "]) + text + self.pick(["", " ", "\u00a0"])
        return text

    def _right(self, name: str, kind: str, more: tuple) -> str:
        return getattr(self, f"_{kind}")(name, *more)

    def _text(self, name: str) -> str:
        words = ["Médiathèque", "CCAS", "Cœur de ville", "Salle de l’Été", 'dit "Le Lieu"', "a;b", "a,b", "a|b",
                 "deux\nlignes", "=cmd|' /C calc'!A0", "TOTAL Énergies", "+33", "L'Île", "0012", "€uro"]  # fmt: skip
        return f"{self.pick(words)} {self.some(1, 30)}" if self.odds(0.7) else f"ID-{self.some(1, 30):04d}"

    def _list(self, name: str) -> str:
        return self.pick(["|", ";", " | ", "; "]).join(self._text(name) for _ in range(self.some(1, 3)))

    def _code(self, name: str, pattern: str = "") -> str:
        text = f"{self.pick(['MGP', 'mgp', 'Lot'])}-{self.some(1, 40):04d}"
        return text.replace("-", "-2021-") if self.odds(0.3) else text

    def _digits(self, name: str, pattern: str) -> str:
        first = self.some(0, 30) * 10 + 2_100_001
        last = first + (9 if self.odds(0.9) else self.pick([-1, 0, 49, 50, 4]))
        text = f"{last if name == 'dernier_pass' else first:010d}"
        return f"{text[:3]} {text[3:6]} {text[6:]}" if self.odds(0.2) else text

    def _siret(self, name: str) -> str:
        siret = self.pick(["21940080900014", "21750001600019", "35600000000048", "35600000049837", "00012345600005",
                           "05550000000012", "01234567800003", "77567227221138"])  # fmt: skip
        if self.odds(0.1):
            siret = f"{self.some(0, 10**14 - 1):014d}"
        if self.odds(0.2):
            return f"{siret[:3]} {siret[3:6]}\u00a0{siret[6:9]} {siret[9:]}"
        return siret.lstrip("0") if self.odds(0.15) else siret

    def _insee(self, name: str) -> str:
        return self.pick(["94080", "75101", "93066", "1004", "01004", "2A004", "2b033", "92012"])

    def _decimal(self, name: str) -> str:
        euros = self.pick([10, 10, 10, 0, 5, 1234, 12345, 1234567])
        cents = self.pick([0, 0, 50, 5, 99])
        blank = self.pick([" ", "\u00a0", "\u202f", ""])
        whole = f"{euros:,}".replace(",", blank)
        shapes = [f"{whole},{cents:02d}", f"{whole}.{cents:02d}", f"{whole},{cents:02d}{blank}€", f"{euros}"]
        return self.pick(["", "", "", "-", "+"] if self.odds(0.2) else [""]) + self.pick(shapes)

    def _integer(self, name: str, low: int | None, high: int | str | None) -> str:
        edges = [low, (low or 0) - 1, 2022 if high == "year" else high, 2023 if high == "year" else (high or 5) + 1]
        usual = {"annee_naissance": self.some(1930, 2008), "ami": self.some(1, 2)}.get(name, self.some(1, 120))
        found = self.pick([e for e in edges if e is not None]) if self.odds(0.15) else usual
        return f"{found}.0" if self.odds(0.05) else str(found)

    def _number(self, name: str, low: float, high: float) -> str:
        text = f"{self.rng.uniform(low * 1.05, high * 1.05):.6f}"
        return text.replace(".", ",") if self.odds(0.5) else text

    def _enum(self, name: str, values: str) -> str:
        value = self.pick(values.split())
        if self.odds(0.3):
            value = value.replace("emis", "émis").replace("lee", "lée").replace("ee", "ée").replace("annul", "Annul")
        return self.pick([value, value, value.upper(), value.capitalize()])

    def _date(self, name: str) -> str:
        if self.odds(0.03):
            return self.pick(["31/12/99", "01/01/48", "15/06/30"])
        day = date(2021, 1, 1) + timedelta(days=self.some(0, 700))
        shapes = ["%d/%m/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d/%m/%Y 14:05", "%Y-%m-%dT23:59:59"]
        return day.strftime(self.pick(shapes))

    def _datetime(self, name: str) -> str:
        when = datetime(2021, 1, 1) + timedelta(minutes=self.some(0, 1_000_000))
        shapes = ["%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d/%m/%y %H:%M:%S",
                  "%Y-%m-%d %H:%M:%S+01", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+0200",
                  "%Y-%m-%d %H:%M+01:00"]  # fmt: skip
        return when.strftime(self.pick(shapes))

    def _wrong(self, kind: str) -> str:
        usual = ["1,23E+13", "N/A", "?", "31/02/2022", "-5", "12", "00/01/2021", "2021-13-01", "10,005", "abc", "#REF!",
                 "1 23,00", "12345678901234567890", "0", "1.234,50", "30/11/2022 25:00", "٣٤", "1e3",
                 "NULL", "\\N", "na", "None", "NaN", "-", "#DIV/0!", "2.02211e+15", "mÃ©diathÃ¨que", "caf&eacute;",
                 "M\ufffddia", "00000000000000"]  # fmt: skip
        return self.pick(usual)

    # --- headers -------------------------------------------------------------------------------------

    def header_of(self, name: str) -> str:
        """Any case, with or without accents, blanks, `_`, `n°`."""
        words = [self.pick(ACCENTED[w]) if w in ACCENTED and self.odds(0.5) else w for w in name.split("_")]
        text = self.pick(["_", " ", "-", "  "]).join(words) if self.odds(0.5) else name
        return self.pick([text, text.upper(), text.capitalize(), f" {text} "])


@dataclass
class Sheet:
    """Records of one table, laid out: titles, header, data records. Cells are texts (or native, for a workbook)."""

    dataset: str
    header: list[str | None]
    titles: list[list]
    shown_header: list[str]
    body: list[tuple[str, list]]
    """(`data`, `blank` or `total`; cells)."""
    missing: list[str]


def make_sheet(dice: Dice, dataset: str, *, native: bool = False) -> Sheet:
    """Titles, header, records: everything that may be dirty but the rendering."""
    layout = list(LAYOUTS[dataset])
    dice.rng.shuffle(layout) if dice.odds(0.5) else None
    kept = [f for f in layout if f[2] != "o" or dice.odds(0.85)]
    missing = []
    if dice.odds(0.06):
        victim = dice.pick([f for f in kept if f[2] != "o"])
        kept.remove(victim)
        missing.append(victim[0])
    header: list[str | None] = [f[0] for f in kept]
    shown = [dice.header_of(field[0]) for field in kept]
    for _ in range(dice.pick([0, 0, 1, 3])):
        at = dice.some(0, len(header))
        header.insert(at, None)
        shown.insert(at, f"{dice.pick(['Commentaire', 'Téléphone', 'colonne inconnue', 'X'])} {dice.some(1, 999)}")
    types = {f[0]: f for f in layout}
    body: list[tuple[str, list]] = []
    for _ in range(dice.pick([0, 1, 3, 12, 30])):
        cells: list = []
        for name in header:
            if name is None:
                cells.append(dice.pick(["", "x", "note;bis", "06 39 98 00 00", "jean@exemple.fr"]))
                continue
            _, kind, _, *more = types[name]
            text = dice.text_of(name, kind, tuple(more))
            if name in ("id_utilisation", "id_prescription", "id", "id_ecriture") and dice.odds(0.8):
                text = f"K-{dice.some(1, 60)}"
            cells.append(native_of(dice, name, kind, text) if native else text)
        body.append(("data", cells))
        roll = dice.rng.random()
        if roll < 0.08 and body:
            body.append(("data", list(dice.pick([b for b in body if b[0] == "data"])[1])))
        elif roll < 0.14:
            body.append(("blank", [dice.pick(["", " "]) for _ in header] if dice.odds(0.5) else [""]))
        elif roll < 0.2 and not native:
            body.append(("data", cells[:-1] if dice.odds(0.5) else [*cells, dice.pick(["", "x"])]))
    if dice.odds(0.3):
        total = ["" for _ in header]
        total[0] = dice.pick(["TOTAL", "Total", "Total général", "TOTAL :", "total "])
        total[-1] = "123,00" if len(total) > 1 else total[-1]
        body.append(("total", total if dice.odds(0.7) or native else total[:1]))
        if dice.odds(0.3):
            body.append(("blank", [""]))
    titles = [[dice.pick(TITLES)] if dice.odds(0.7) else [""] for _ in range(dice.pick([0, 0, 0, 1, 3]))]
    return Sheet(dataset, header, titles, shown, body, missing)


def native_of(dice: Dice, name: str, kind: str, text: str) -> Any:
    """What Excel holds of a text: a number, a date, or still the text."""
    bare = text.strip(" \u00a0")
    if not dice.odds(0.6):
        return text
    if kind in ("date", "datetime") and dice.odds(0.8):
        when = datetime(2021, 1, 1) + timedelta(minutes=dice.some(0, 1_000_000))
        when = datetime(when.year, when.month, when.day) if kind == "date" else when
        return when if dice.odds(0.7) else (when - datetime(1899, 12, 30)) / timedelta(days=1)
    if kind == "decimal":
        return dice.pick([10, 10.0, 9.99, 1234.5, 0.1 + 0.2, 33.1 * 3, 12.345])
    if kind in ("digits", "siret", "insee", "integer") and bare.isascii() and bare.isdigit() and len(bare) < 15:
        return int(bare)
    return text


def verdict_of(sheet: Sheet, width: int, lines: list[int], year: int = 2022) -> Verdict:
    """The oracle's verdict on a sheet laid out: `lines` are those of its body, `width` that of a right record."""
    if sheet.missing:
        return Verdict("missing_columns")
    header = [*sheet.header, *[None] * (width - len(sheet.header))]
    data = [(line, cells) for (kind, cells), line in zip(sheet.body, lines, strict=True) if kind == "data"]
    data = [(line, cells) for line, cells in data if any(is_filled(c) for c in cells)]
    return judge(sheet.dataset, header, data, year)


def is_filled(cell: Any) -> bool:
    return not isinstance(cell, str) or bool(cell.strip(" \t\n\u00a0\u202f"))


def render_text(dice: Dice, sheet: Sheet) -> tuple[bytes, Verdict]:
    """One text file in some separator, quoting, encoding and line end; and its verdict."""
    separator = dice.pick([";", ";", ",", "\t", "|"])
    end = dice.pick(["\n", "\r\n", "\r"])
    always = dice.odds(0.15)
    trailing = dice.odds(0.15)

    def cell(value: str) -> str:
        needs = any(c in value for c in (separator, '"', "\n")) or (value[:1] == " " and '"' in value)
        if needs or always or dice.odds(0.03):
            return '"' + value.replace('"', '""').replace("\n", end if end != "\r" else "\n") + '"'
        return value

    def record(cells: list[str]) -> str:
        return separator.join(cell(c) for c in cells) + (separator if trailing else "")

    texts = [t[0] for t in sheet.titles] + [record(sheet.shown_header)]
    body = [record(cells) if kind != "blank" or len(cells) > 1 else "" for kind, cells in sheet.body]
    line = 1 + sum(count_lines(t) for t in texts)
    lines = []
    for text in body:
        lines.append(line)
        line += count_lines(text)
    whole = end.join([*texts, *body])
    width = len(sheet.header) + trailing
    if trailing:
        sheet.body = [(kind, [*cells, ""]) for kind, cells in sheet.body]
    verdict = verdict_of(sheet, width, lines)
    is_cut = bool(sheet.body) and sheet.body[-1][0] == "data" and len(sheet.body[-1][1]) < width
    is_cut = is_cut and any(is_filled(c) for c in sheet.body[-1][1])
    if dice.odds(0.7):
        whole += end
    elif is_cut and not sheet.missing:
        verdict = Verdict("unreadable")
    encodings = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso8859-15"]
    for encoding in [dice.pick(encodings), "utf-8"]:
        try:
            return whole.encode(encoding), verdict
        except UnicodeEncodeError:
            continue
    raise AssertionError


def count_lines(text: str) -> int:
    return 1 + text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def render_sheet(dice: Dice, sheet: Sheet) -> tuple[bytes, Verdict]:
    """A workbook: another sheet before it at times, the table away from the corner at times."""
    packed = io.BytesIO()
    down, right = dice.pick([0, 0, 2]), dice.pick([0, 0, 1])
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        if dice.odds(0.3):
            book.add_worksheet("Lisez-moi").write_row(0, 0, ["Ce classeur", "contient un export"])
        page = book.add_worksheet("Données")
        as_date = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        rows = [*sheet.titles, sheet.shown_header, *[cells for _, cells in sheet.body]]
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(number + down, place + right, value, as_date)
                elif isinstance(value, str):
                    page.write_string(number + down, place + right, value) if value else None
                else:
                    page.write_number(number + down, place + right, value)
    first = down + len(sheet.titles) + 2
    verdict = verdict_of(sheet, len(sheet.header), list(range(first, first + len(sheet.body))))
    return packed.getvalue(), verdict


def make_table(dice: Dice) -> tuple[bytes, str, Verdict, bool]:
    """Bytes, data set, verdict of one table, and whether it is a workbook."""
    dataset = dice.pick(sorted(LAYOUTS))
    native = dice.odds(0.25)
    sheet = make_sheet(dice, dataset, native=native)
    data, verdict = render_sheet(dice, sheet) if native else render_text(dice, sheet)
    return data, dataset, verdict, native


def make_file(seed: Any) -> DirtyFile:
    """One file as it arrives: plain, gzip or ZIP, with a `.sha256` at times, its date in its name somehow."""
    dice = Dice(seed)
    stamp = dice.pick(["2022-12-31", "20221231", "31-12-2022", "31_12_2022", "2021-01-01_2022-12-31", "", "2027-01-01"]
                      if dice.odds(0.5) else ["2022-12-31"])  # fmt: skip
    shape = dice.pick(["plain", "plain", "plain", "gz", "zip"])
    if shape == "zip":
        return _make_zip(dice, f"livraison_{seed}_{stamp}.zip")
    data, dataset, verdict, native = make_table(dice)
    name = f"{dice.pick(['export', dataset, 'budget'])}_{seed}_{stamp}." + ("xlsx" if native else "csv")
    if shape == "gz":
        data, name = gzip.compress(data, mtime=0), name + ".gz"
    found = DirtyFile(name, data)
    verdict = dated(verdict, name)
    if dice.odds(0.1):
        right = dice.odds(0.5)
        found.sidecar = f"{hashlib.sha256(data if right else b'x').hexdigest()}  {name}\n".encode()
        verdict = verdict if right else Verdict("unreadable")
    found.members[name] = (data, dataset, verdict)
    return found


def _make_zip(dice: Dice, name: str) -> DirtyFile:
    packed = io.BytesIO()
    members = {}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(dice.some(1, 3)):
            data, dataset, verdict, native = make_table(dice)
            stamp = dice.pick(["", "", "_2022-12-31"])
            inside = f"{dice.pick(['', 'dossier/'])}m{number}{stamp}." + ("xlsx" if native else "csv")
            archive.writestr(inside, data)
            shown = f"{name}/{inside}"
            verdict = dated(verdict, inside if stamp else name)
            if dice.odds(0.15):
                right = dice.odds(0.5)
                archive.writestr(inside + ".sha256", hashlib.sha256(data if right else b"x").hexdigest())
                verdict = verdict if right else Verdict("unreadable")
            members[shown] = (data, dataset, verdict)
    return DirtyFile(name, packed.getvalue(), members)


def dated(verdict: Verdict, name: str) -> Verdict:
    """The date of a name is judged after everything else (the order of exports §3)."""
    if verdict.reason is None and not any(mark in name for mark in ("2022", "2027")):
        return Verdict("missing_extract_date")
    if verdict.reason is None and "2027-01-01" in name:
        return Verdict("future_extract_date")
    return verdict
