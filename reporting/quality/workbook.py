"""One edition as a workbook: the summary, the problems, every line to mend, the checks. Does not live here: content."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from presentation.looks import LIST
from presentation.safe_cells import write_text
from presentation.sentences import DEMO
from presentation.table import Column
from presentation.workbook import COMPANY, Writer, plain_workbook, text_height
from reporting.quality.content import Content, Problem
from reporting.quality.view import View, tell_state
from reporting.quality.wording import OWNER_TITLES, dataset_title

#: A sheet holds 1,048,576 rows and a mail is bounded: the rest is in the warehouse, and the sheet says so.
MAX_LINES = 50_000

_KINDS = {
    "fichier": "fichier refusé",
    "ligne": "ligne rejetée",
    "valeur": "valeur mise de côté ou douteuse",
    "conflit": "versions contradictoires",
    "contrôle": "contrôle en échec",
    "erreur": "contrôle impossible à faire",
}


def write_workbook(content: Content, view: View) -> bytes:
    """The XLSX file. Texts are typed as text: a value that looks like a formula is shown, never run."""
    buffer = io.BytesIO()
    with plain_workbook(buffer, LIST, {"title": view.subject, "company": COMPANY}) as book:
        _summary(book, view)
        _problems(book, content, view)
        _lines(book, content, view)
        _fixed(book, view)
    return buffer.getvalue()


def _summary(book: Writer, view: View) -> None:
    sheet = book.book.add_worksheet("Synthèse")
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 90)
    write_text(sheet, 0, 0, "Qualité des données du Pass Numérique", book.styles["title"])
    rows = [
        ("Édition", view.edition),
        ("Rapport du", view.written_on),
        ("Données arrêtées au", f"{view.as_of}, {view.age}"),
        ("Verdict", view.verdict_title),
        *(("", sentence) for sentence in view.summary),
        *((label, figure) for figure, label in view.tiles),
        ("", view.compared),
        *((("Attention", DEMO),) if view.is_demo else ()),
        *(("", sentence) for sentence in view.footer),
    ]
    for rank, (_, text) in enumerate(rows, start=2):
        sheet.set_row(rank, text_height([(text, 90)]))
    book.pairs(sheet, 2, ((label[:1].upper() + label[1:], text) for label, text in rows), "bold", "plain")


def _problems(book: Writer, content: Content, view: View) -> None:
    columns = [
        ("À qui", 16, "wrap"), ("Nature", 15, "wrap"), ("Gravité", 13, "text"), ("Point à corriger", 36, "wrap"),
        ("Export, colonne ou contrôle", 26, "wrap"), ("État", 12, "wrap"), ("Fichiers, lignes ou cas", 9, "integer"),
        ("Euros touchés", 10, "euros_round"), ("Heures touchées", 10, "hours"), ("Estimé", 8, "text"),
        ("Règle", 40, "wrap"), ("Observé", 30, "wrap"), ("Pour corriger", 50, "wrap"),
    ]  # fmt: skip
    rows = [
        (
            OWNER_TITLES.get(problem.owner, problem.owner),
            _KINDS[problem.kind],
            "bloquant" if problem.blocks else "avertissement",
            problem.advice.title,
            problem.place,
            tell_state(problem),
            problem.lines.height,
            problem.amount_eur,
            problem.hours,
            "oui" if problem.is_estimated and problem.amount_eur is not None else "",
            problem.advice.rule,
            "" if content.edition.siret else problem.observed,
            problem.advice.mend,
        )
        for problem in content.problems
    ]
    _table(book, "Points à corriger", columns, rows, view.nothing)


def _lines(book: Writer, content: Content, view: View) -> None:
    columns = [
        ("À qui", 16, "wrap"), ("SIRET de la structure", 16, "text"), ("Nature", 15, "wrap"), ("Fichier", 34, "wrap"),
        ("Extrait le", 11, "date"), ("Ligne", 8, "year"), ("Export", 16, "wrap"), ("Colonne", 19, "wrap"),
        ("Valeur", 22, "wrap"), ("Constat", 34, "wrap"), ("Lignes en cause", 24, "wrap"), ("Nouveau", 9, "text"),
        ("Euros touchés", 10, "euros_round"), ("Heures touchées", 10, "hours"), ("Règle", 42, "wrap"),
        ("Pour corriger", 52, "wrap"),
    ]  # fmt: skip
    frames = [_lines_of(problem) for problem in content.problems]
    rows = pl.concat(frames).head(MAX_LINES).rows() if frames else []
    total = sum(problem.lines.height for problem in content.problems)
    sheet = _table(book, "Lignes", columns, rows, view.nothing)
    if total > MAX_LINES:
        rest = f"{total - MAX_LINES} lignes de plus : voir la page Qualité ou quality.rejected_line dans l’entrepôt."
        write_text(sheet, MAX_LINES + 1, 0, rest, book.styles["bold"])


def _lines_of(problem: Problem) -> pl.DataFrame:
    text = pl.String
    return problem.lines.select(
        pl.lit(OWNER_TITLES.get(problem.owner, problem.owner)).alias("owner"),
        "siret",
        pl.lit(_KINDS[problem.kind]).alias("kind"),
        "file_name",
        "extract_date",
        "line_number",
        pl.lit(dataset_title(problem.lines["dataset"][0]) if problem.lines["dataset"][0] else "").alias("dataset"),
        "column_name",
        "value",
        pl.col("detail") if problem.has_lines else pl.lit("", text).alias("detail"),
        "source_lines",
        pl.when("is_new").then(pl.lit("oui")).otherwise(pl.lit("")).alias("is_new"),
        "amount_eur",
        "hours",
        pl.lit(problem.advice.rule).alias("rule"),
        pl.lit(problem.advice.mend).alias("mend"),
    )


def _fixed(book: Writer, view: View) -> None:
    columns = [("Corrigé depuis le dernier rapport", 80, "wrap"), ("Fichiers, lignes ou cas", 30, "text")]
    _table(book, "Corrigé", columns, view.fixed, "Rien de corrigé depuis le dernier rapport.")


def _table(
    book: Writer, name: str, columns: list[tuple[str, int, str]], rows: Sequence[Sequence[Any]], empty: str
) -> Worksheet:
    """A sheet to print on A3, its headings repeated; `empty`: what it says where there is no row."""
    sheet = book.book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.set_row(0, 48)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.grid(sheet, [Column(title, title, kind, width=width) for title, width, kind in columns], rows)
    if not rows:
        write_text(sheet, 1, 0, empty, book.kinds["wrap"])
    return sheet
