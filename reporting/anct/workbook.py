"""The ANCT workbook: one sheet a table, with a page to read first and, from the second edition on, what changed.

Does not live here: the tables (content.py), styles (presentation/workbook.py).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from presentation import labels
from presentation.attention.places import examples
from presentation.attention.quality import Checks
from presentation.french import day_long, integer
from presentation.labels import capital
from presentation.safe_cells import write_text
from presentation.sentences import ACCOUNT, SECRET
from presentation.table import Column, Layout, Table, nothing_withheld
from presentation.workbook import Book, workbook
from reporting.anct.content import totals
from reporting.figures import frames
from reporting.figures.attack_report import sentence as attack_sentence
from reporting.figures.publication import Publication
from reporting.figures.wording import alert, span
from reporting.files.editions import Change

_FROZEN = {"territoires": 2, "epts": 1, "territoires_mois": 3, "lieux": 2, "publics": 0, "synthese": 2}
_KIND_OF_UNIT = {"euro": "euros", "heure": "hours", "ratio": "share"}
_MAX_CHANGES = 5_000
_ONE_PAGE = 20  # columns that can be read side by side on one A3 page


@dataclass(frozen=True)
class Issue:
    """What is said of an edition: its number, and for a second one what changed since the one before and why."""

    number: int
    changes: Sequence[Change] = ()
    reasons: Sequence[str] = ()


def write_workbook(publication: Publication, tables: list[Table], issue: Issue) -> bytes:
    """The XLSX file; the same content gives the same bytes."""
    buffer = io.BytesIO()
    version = publication.source.version
    title = f"Pass Numérique — export ANCT — {publication.period.label}"
    footer = f"{title} — édition {issue.number} — données au {version.as_of:%d/%m/%Y} — version {version.build_id}"
    if version.is_demo:
        footer += " — DONNÉES DE DÉMONSTRATION"
    with workbook(buffer, title, footer, version.published_at) as book:
        _read_first(book, publication, tables, issue)
        if issue.number > 1:
            _changes(book, publication, issue)
        for table in tables:
            count = len(table.shown)
            across = 2 if count > _ONE_PAGE else 1
            sheet = book.sheet(table.layout.sheet, landscape=count > 6, wide=count > 14, across=across)
            if across > 1:
                sheet.repeat_columns(0, 1)
            if table.layout.name == "synthese":
                _summary(book, sheet, publication, table)
            elif table.layout.name == "qualite":
                _quality(book, sheet, publication, table, tables)
            else:
                _plain(book, sheet, publication, table)
    return buffer.getvalue()


def _read_first(book: Book, publication: Publication, tables: list[Table], issue: Issue) -> None:
    version = publication.source.version
    sheet = book.sheet("Lisez-moi", landscape=False)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 92)
    row = book.heading(sheet, f"{publication.programme.name} — export ANCT", alert=alert(publication))
    reads = (
        "carnets, pass, personnes (1re fois), heures et euros sont comptés une fois : mois et territoires se somment"
    )
    lines = [
        ("Période", f"{capital(publication.period.label)}, {span(publication)}"),
        ("Depuis le début", f"depuis le début du programme, jusqu'au {day_long(publication.last_day)}"),
        ("Date des données", day_long(version.as_of)),
        ("Édition", f"n° {issue.number}" + ("" if issue.number == 1 else " (voir « Ce qui a changé »)")),
        ("Version des données", f"{version.build_id}, empreinte {version.fingerprint[:16]}"),
        ("Secret statistique", f"{SECRET} Seuil : {publication.programme.small_count_threshold} personnes."),
        ("Lecture", capital(reads) + "."),
        ("Euros", "Valeur faciale des pass ; montants TTC pour le budget."),
        (
            "Part de l'État",
            "Par territoire, avant plafond ; le plafond s'applique au programme (Synthèse). Ce qui reste à appeler est "
            "la part due moins les seules recettes de l'État.",
        ),
    ]
    if told := examples(frames.participation(publication)):
        lines.append(("Territoires", told))
    for name, text in lines:
        write_text(sheet, row, 0, name, book.styles["bold"])
        write_text(sheet, row, 1, text, book.styles["wrap"])
        book.height(sheet, row, len(text), 92)
        row += 1
    row += 1
    write_text(sheet, row, 0, "Feuille", book.styles["head"])
    write_text(
        sheet, row, 1, "Contenu (le même tableau en CSV, avec son schéma, est dans le dossier csv)", book.styles["head"]
    )
    for table in tables:
        row += 1
        hidden = f" ; {integer(table.withheld_count)} valeurs masquées" if table.withheld_count else ""
        sheet.write_url(row, 0, f"internal:'{table.layout.sheet}'!A1", book.kinds["text"], table.layout.sheet)
        lines_count = f"{integer(table.values.height)} lignes" if table.values.height > 1 else "1 ligne"
        text = f"{table.layout.title} — {lines_count}{hidden} — csv/{table.layout.name}.csv"
        write_text(sheet, row, 1, text, book.styles["wrap"])
        book.height(sheet, row, len(text), 92)


def _changes(book: Book, publication: Publication, issue: Issue) -> None:
    sheet = book.sheet("Ce qui a changé")
    notes = [*issue.reasons, f"{integer(len(issue.changes))} valeurs diffèrent de l'édition {issue.number - 1}."]
    if len(issue.changes) > _MAX_CHANGES:
        notes.append(f"Les {integer(_MAX_CHANGES)} premières sont ci-dessous ; toutes sont dans csv/changements.csv.")
    title = f"Ce qui a changé depuis l'édition {issue.number - 1}"
    row = book.heading(sheet, title, notes, alert(publication))
    frame = pl.DataFrame(
        [(c.table, c.key, c.column, c.before, c.after, c.why) for c in issue.changes[:_MAX_CHANGES]],
        schema=["table", "key", "column", "before", "after", "why"],
        orient="row",
    )
    titles = ("Tableau", "Ligne", "Colonne", "Avant", "Maintenant", "Pourquoi")
    columns = tuple(Column(n, t, "text", n) for n, t in zip(frame.columns, titles, strict=True))
    layout = Layout("changements", sheet.get_name(), title, "", (), columns)
    book.table(sheet, row, Table(layout, frame, nothing_withheld(frame)))
    book.freeze(sheet, row, 0)


def _plain(book: Book, sheet: Worksheet, publication: Publication, table: Table) -> None:
    notes = [f"{capital(publication.period.label)} — {SECRET}" if table.withheld_count else publication.period.label]
    if table.layout.name == "publics_territoires" and not table.values.height:
        notes = [
            "Les publics par territoire sont donnés aux périodes qui finissent un 31 décembre (secret statistique)."
        ]
    if table.layout.name == "mandat":
        notes.append(f"{ACCOUNT} ; la clôture d'un mois ouvre le suivant.")
    row = book.heading(sheet, table.layout.title, [capital(note) for note in notes], alert(publication))
    book.table(sheet, row, table, totals(publication, table) if table.layout.total else None)
    book.freeze(sheet, row, _FROZEN.get(table.layout.name, 1))


def _summary(book: Book, sheet: Worksheet, publication: Publication, table: Table) -> None:
    """Each line has the format of its unit: a column of the summary holds euros, hours and people."""
    row = book.heading(sheet, table.layout.title, [capital(publication.period.label)], alert(publication))
    book.table(sheet, row, table)
    book.freeze(sheet, row, 1)
    widths = {"indicateur": 46, "unite": 11}
    for number, column in enumerate(table.shown):
        sheet.set_column(number, number, widths.get(column.name, 17))
        if column.kind != "number":
            continue
        for offset, unit in enumerate(table.values["unite"].to_list() if "unite" in table.values.columns else []):
            value, hidden = table.values[column.name][offset], table.withheld[column.name][offset]
            if value is not None and not hidden:
                style = book.kinds[_KIND_OF_UNIT.get(unit, "integer")]
                sheet.write_number(row + 1 + offset, number, float(value), style)


def _quality(book: Book, sheet: Worksheet, publication: Publication, table: Table, tables: list[Table]) -> None:
    row = book.heading(sheet, "Qualité des données", [capital(publication.period.label)], alert(publication))
    for sentence in quality_sentences(publication, tables):
        write_text(sheet, row, 0, sentence, book.kinds["text"])
        row += 1
    row += 1
    write_text(sheet, row, 0, table.layout.title, book.styles["bold"])
    row = book.table(sheet, row + 1, table)
    write_text(sheet, row, 0, "Utilisations non comptées, sur la période", book.styles["bold"])
    counted = (
        publication.source.exclusions.filter(pl.col("month").is_in(publication.period.months))
        .group_by("reason")
        .agg(pl.col("lines").sum())
        .sort("reason")
    )
    reasons = counted["reason"].replace(labels.EXCLUSION).to_list()
    for offset, (reason, lines) in enumerate(zip(reasons, counted["lines"], strict=True), 1):
        write_text(sheet, row + offset, 0, reason, book.kinds["text"])
        sheet.write_number(row + offset, 1, lines, book.kinds["integer"])
    if counted.is_empty():
        write_text(sheet, row + 1, 0, "Aucune.", book.kinds["text"])
    sheet.set_column(0, 0, 44)


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


def delivery_counts(publication: Publication) -> dict[str, Any]:
    """Files loaded by data set, for the manifest."""
    rows = publication.source.deliveries.select("dataset", "files_loaded", "lines_accepted").rows(named=True)
    return {
        labels.word(row["dataset"]): {"fichiers": row["files_loaded"], "lignes": row["lines_accepted"]} for row in rows
    }
