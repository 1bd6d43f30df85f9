"""The ANCT workbook: a page to read first, then a sheet a table, which loads as it is: a row of headings, the lines.

What is said of a table (its title, its alerts, its totals) is on the first page, in the print's head and in « Totaux »:
a sheet holds its lines alone. Does not live here: the tables (content.py), styles (presentation/workbook.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl
from xlsxwriter.worksheet import Worksheet

from presentation.attention.places import examples
from presentation.attention.quality import Checks
from presentation.colours import AMBER
from presentation.french import day_long, integer
from presentation.labels import capital
from presentation.safe_cells import write_text
from presentation.sentences import ACCOUNT, SECRET
from presentation.table import Column, Layout, Table, nothing_withheld
from presentation.workbook import Book, workbook
from reporting.figures import frames
from reporting.figures.attack_report import sentence as attack_sentence
from reporting.figures.publication import Publication
from reporting.figures.wording import alert, span
from reporting.files.package import path_of
from reporting.files.replaced import Replaced
from reporting.files.stamp import Stamp

_FROZEN = {"territoires": 2, "epts": 1, "territoires_mois": 3, "lieux": 2, "publics": 0, "synthese": 2}
_KIND_OF_UNIT = {"euro": "euros", "heure": "hours", "ratio": "share"}
#: Lines of « Ce qui a changé » that a person can go through; the CSV has them all.
_MAX_CHANGES = 5_000
_ONE_PAGE = 20  # columns that can be read side by side on one A3 page
_WIDTHS = {"code": 28, "indicateur": 56, "unite": 11}
_NAMES = Layout(
    "colonnes", "Colonnes", "Les colonnes de chaque feuille, et leur nom dans les CSV", "", (),
    (
        Column("feuille", "Feuille"), Column("titre", "Colonne"), Column("fichier", "Fichier CSV"),
        Column("nom", "Nom dans le CSV"), Column("description", "Description"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """What is said of an edition: its stamp, whose it is, what it changes of the one before."""

    stamp: Stamp
    issuer: str
    since: Replaced = field(default_factory=Replaced)


def write_workbook(publication: Publication, tables: list[Table], issue: Issue) -> bytes:
    """The XLSX file of the stamped tables; the same content gives the same bytes."""
    buffer = io.BytesIO()
    version = publication.source.version
    title = f"Pass Numérique — export ANCT — {publication.period.label}"
    footer = (
        f"{title} — édition {issue.stamp.edition} — données au {version.as_of:%d/%m/%Y} — version {version.build_id}"
    )
    if version.is_demo:
        footer += " — DONNÉES DE DÉMONSTRATION"
    with workbook(buffer, title, footer, version.published_at) as book:
        _read_first(book, publication, tables, issue)
        for table in [*tables, _names(tables)]:
            _sheet(book, publication, table)
    return buffer.getvalue()


def _sheet(book: Book, publication: Publication, table: Table) -> None:
    """One row of headings, then the lines: title and alerts are in the print's head."""
    shown = Table(table.layout, table.values.head(_MAX_CHANGES), table.withheld.head(_MAX_CHANGES)) if (
        table.layout.name == "changements"
    ) else table  # fmt: skip
    count = len(shown.shown)
    across = 2 if count > _ONE_PAGE else 1
    sheet = book.sheet(table.layout.sheet, landscape=count > 6, wide=count > 14, across=across)
    if across > 1:
        sheet.repeat_columns(0, 1)
    warned = alert(publication)
    book.head(sheet, " — ".join(text for text in (table.layout.title, warned) if text))
    if warned:
        sheet.set_tab_color(AMBER)
    book.table(sheet, 0, shown)
    book.freeze(sheet, 0, _FROZEN.get(table.layout.name, 1))
    if table.layout.name == "synthese":
        _units(book, sheet, table)


def _units(book: Book, sheet: Worksheet, table: Table) -> None:
    """Each line has the format of its unit: a column of the summary holds euros, hours and people."""
    units = table.values["unite"].to_list() if "unite" in table.values.columns else []
    for number, column in enumerate(table.shown):
        sheet.set_column(number, number, _WIDTHS.get(column.name, 17))
        if column.kind != "number":
            continue
        for offset, unit in enumerate(units, 1):
            value, hidden = table.values[column.name][offset - 1], table.withheld[column.name][offset - 1]
            if value is not None and not hidden:
                sheet.write_number(offset, number, float(value), book.kinds[_KIND_OF_UNIT.get(unit, "integer")])


def _names(tables: Iterable[Table]) -> Table:
    """Grain: one row per column of a sheet: what it is, and its name in the CSV."""
    rows = [
        (table.layout.sheet, column.title, path_of(table.layout.name), column.name, column.description or column.title)
        for table in tables
        for column in table.shown
    ]
    frame = pl.DataFrame(rows, schema=[column.name for column in _NAMES.columns], orient="row")
    return Table(_NAMES, frame, nothing_withheld(frame))


def _read_first(book: Book, publication: Publication, tables: list[Table], issue: Issue) -> None:
    sheet = book.sheet("Lisez-moi", landscape=False)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 92)
    row = book.heading(sheet, f"{publication.programme.name} — export ANCT", alert=alert(publication), columns=2)
    row = _pairs(book, sheet, row, _about(publication, issue))
    if issue.since.told:
        since = f"Depuis l'édition {issue.stamp.edition - 1}"
        row = _listed(book, sheet, row, "Ce qui a changé", issue.since.told, since)
    if issue.since.superseded:
        row = _listed(book, sheet, row, "Éditions remplacées", issue.since.superseded)
    row = _contents(book, sheet, row, tables)
    _listed(book, sheet, row, "Qualité des données", quality_sentences(publication, tables))


def _about(publication: Publication, issue: Issue) -> list[tuple[str, str]]:
    version, stamp = publication.source.version, issue.stamp
    once = "carnets, pass, personnes (1re fois), heures et euros sont comptés une fois : mois et territoires se somment"
    return [
        ("Porteur", f"{issue.issuer}, SIREN {stamp.siren}"),
        ("Période", f"{capital(publication.period.label)} ({stamp.period}), {span(publication)}"),
        ("Depuis le début", f"depuis le début du programme, jusqu'au {day_long(publication.last_day)}"),
        ("Date des données", day_long(version.as_of)),
        ("Édition", f"n° {stamp.edition}" + (" (voir « Ce qui a changé »)" if stamp.edition > 1 else "")),
        ("Version des données", f"{version.build_id}, empreinte {version.fingerprint[:16]}"),
        ("Secret statistique", f"{SECRET} Seuil : {publication.programme.small_count_threshold} personnes."),
        ("Lecture", capital(once) + "."),
        ("Euros", "Valeur faciale des pass ; montants TTC pour le budget."),
        (
            "Part de l'État",
            "Par territoire, avant plafond ; le plafond s'applique au programme (Synthèse). Ce qui reste à appeler est "
            "la part due moins les seules recettes de l'État.",
        ),
        ("Mandat", f"{ACCOUNT} ; la clôture d'un mois ouvre le suivant."),
        (
            "Charger une feuille",
            "Une ligne de titres, puis les lignes ; les totaux sont dans « Totaux », et le nom de chaque colonne dans "
            "les CSV, dans « Colonnes ».",
        ),
        *([("Territoires", told)] if (told := examples(frames.participation(publication))) else []),
    ]


def _pairs(book: Book, sheet: Worksheet, row: int, pairs: Iterable[tuple[str, str]]) -> int:
    """A name and a text a line. Returns the first free row, one line left blank."""
    for name, text in pairs:
        write_text(sheet, row, 0, name, book.styles["bold"])
        write_text(sheet, row, 1, text, book.styles["wrap"])
        book.height(sheet, row, len(text), 92)
        row += 1
    return row + 1


def _listed(book: Book, sheet: Worksheet, row: int, title: str, sentences: Iterable[str], more: str = "") -> int:
    """A heading, then a sentence a line."""
    write_text(sheet, row, 0, title, book.styles["head"])
    write_text(sheet, row, 1, more, book.styles["head"])
    return _pairs(book, sheet, row + 1, (("", sentence) for sentence in sentences))


def _contents(book: Book, sheet: Worksheet, row: int, tables: Iterable[Table]) -> int:
    write_text(sheet, row, 0, "Feuille", book.styles["head"])
    write_text(
        sheet, row, 1, "Contenu (le même tableau en CSV, avec son schéma, est dans le dossier csv)", book.styles["head"]
    )
    for table in tables:
        row += 1
        sheet.write_url(row, 0, f"internal:'{table.layout.sheet}'!A1", book.kinds["text"], table.layout.sheet)
        text = _content(table)
        write_text(sheet, row, 1, text, book.styles["wrap"])
        book.height(sheet, row, len(text), 92)
    return row + 2


def _content(table: Table) -> str:
    """What a sheet holds, and what it leaves out."""
    height = table.values.height
    lines = f"{integer(height)} lignes" if height > 1 else "1 ligne" if height else "aucune ligne"
    hidden = f" ; {integer(table.withheld_count)} valeurs masquées" if table.withheld_count else ""
    cut = f", dont les {integer(_MAX_CHANGES)} premières ici" if (
        table.layout.name == "changements" and height > _MAX_CHANGES
    ) else ""  # fmt: skip
    return f"{table.layout.title} — {lines}{cut}{hidden} — {path_of(table.layout.name)}"


def quality_sentences(publication: Publication, tables: list[Table]) -> list[str]:
    """What a reader must know of the figures' quality, one sentence each."""
    checks = publication.source.checks
    made = Checks(
        int(checks["checks"].sum()),
        int(checks.filter(status="ok")["checks"].sum()),
        int(checks.filter(status="erreur")["checks"].sum()),
    )
    masked = sum(table.withheld_count for table in tables)
    mask = publication.mask
    sentences = [
        f"{capital(made.words)}.",
        f"Secret statistique : {integer(len(mask.hidden))} cases protégées, dont {integer(len(mask.primary))} "
        f"petits effectifs et {integer(len(mask.complementary))} qui les protègent ; "
        f"{integer(masked)} valeurs masquées dans ce classeur.",
    ]
    sentences.append(attack_sentence(publication.attacked))
    if mask.exposed:
        sentences.append(
            f"Attention : {integer(len(mask.exposed))} cases à protéger restent calculables à partir d'éditions "
            "déjà diffusées ; aucun masque ne peut plus les protéger."
        )
    return sentences
