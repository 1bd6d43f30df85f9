"""One edition as a workbook: the summary, the problems, every line to mend, the checks. Does not live here: content."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil
from typing import Any

import polars as pl
import xlsxwriter

from presentation.safe_cells import SAFE_WORKBOOK, write_text
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
    with xlsxwriter.Workbook(buffer, {**SAFE_WORKBOOK, "in_memory": True}) as book:
        book.set_properties({"title": view.subject, "company": "Métropole du Grand Paris"})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "bold": book.add_format({"bold": True}),
            "head": book.add_format(
                {"bold": True, "bg_color": "#10243E", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
            ),
            "plain": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        cell = {"valign": "top", "bottom": 1, "bottom_color": "#D5DBE3"}
        text = cell | {"num_format": "@", "align": "left", "indent": 1}
        styles |= {
            "wrap": book.add_format(text | {"text_wrap": True}),
            "text": book.add_format(text),
            "whole": book.add_format(cell | {"num_format": "#,##0"}),
            "line": book.add_format(cell | {"num_format": "0"}),
            "euro": book.add_format(cell | {"num_format": '#,##0\\ "€"'}),
            "hour": book.add_format(cell | {"num_format": '#,##0.0\\ "h"'}),
            "day": book.add_format(cell | {"num_format": "dd/mm/yyyy"}),
        }
        _summary(book.add_worksheet("Synthèse"), view, styles)
        _problems(book.add_worksheet("Points à corriger"), content, view, styles)
        _lines(book.add_worksheet("Lignes"), content, view, styles)
        _fixed(book.add_worksheet("Corrigé"), view, styles)
    return buffer.getvalue()


def _summary(sheet: Any, view: View, styles: dict[str, Any]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 90)
    write_text(sheet, 0, 0, "Qualité des données du Pass Numérique", styles["title"])
    rows = [
        ("Édition", view.edition),
        ("Rapport du", view.written_on),
        ("Données arrêtées au", f"{view.as_of}, {view.age}"),
        ("Verdict", view.verdict_title),
        *(("", sentence) for sentence in view.summary),
        *((label, figure) for figure, label in view.tiles),
        ("", view.compared),
        *((("Attention", "Données de démonstration : ces chiffres n’ont pas de valeur."),) if view.is_demo else ()),
        *(("", sentence) for sentence in view.footer),
    ]
    for rank, (label, text) in enumerate(rows, start=2):
        sheet.set_row(rank, _height([(text, 90)]))
        write_text(sheet, rank, 0, label[:1].upper() + label[1:], styles["bold"])
        write_text(sheet, rank, 1, text, styles["plain"])


def _problems(sheet: Any, content: Content, view: View, styles: dict[str, Any]) -> None:
    columns = [
        ("À qui", 16, "wrap"), ("Nature", 15, "wrap"), ("Gravité", 13, "text"), ("Point à corriger", 36, "wrap"),
        ("Export, colonne ou contrôle", 26, "wrap"), ("État", 12, "wrap"), ("Fichiers, lignes ou cas", 9, "whole"),
        ("Euros touchés", 10, "euro"), ("Heures touchées", 10, "hour"), ("Estimé", 8, "text"),
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
    _table(sheet, columns, rows, styles, view.nothing)


def _lines(sheet: Any, content: Content, view: View, styles: dict[str, Any]) -> None:
    columns = [
        ("À qui", 16, "wrap"), ("SIRET de la structure", 16, "text"), ("Nature", 15, "wrap"), ("Fichier", 34, "wrap"),
        ("Extrait le", 11, "day"), ("Ligne", 8, "line"), ("Export", 16, "wrap"), ("Colonne", 19, "wrap"),
        ("Valeur", 22, "wrap"), ("Constat", 34, "wrap"), ("Lignes en cause", 24, "wrap"), ("Nouveau", 9, "text"),
        ("Euros touchés", 10, "euro"), ("Heures touchées", 10, "hour"), ("Règle", 42, "wrap"),
        ("Pour corriger", 52, "wrap"),
    ]  # fmt: skip
    frames = [_lines_of(problem) for problem in content.problems]
    rows = pl.concat(frames).head(MAX_LINES).rows() if frames else []
    total = sum(problem.lines.height for problem in content.problems)
    _table(sheet, columns, rows, styles, view.nothing)
    if total > MAX_LINES:
        rest = f"{total - MAX_LINES} lignes de plus : voir la page Qualité ou quality.rejected_line dans l’entrepôt."
        write_text(sheet, MAX_LINES + 1, 0, rest, styles["bold"])


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


def _fixed(sheet: Any, view: View, styles: dict[str, Any]) -> None:
    columns = [("Corrigé depuis le dernier rapport", 80, "wrap"), ("Fichiers, lignes ou cas", 30, "text")]
    _table(sheet, columns, view.fixed, styles, "Rien de corrigé depuis le dernier rapport.")


def _table(
    sheet: Any, columns: list[tuple[str, int, str]], rows: Sequence[Sequence[Any]], styles: dict[str, Any], empty: str
) -> None:
    for rank, (title, width, _) in enumerate(columns):
        sheet.set_column(rank, rank, width)
        write_text(sheet, 0, rank, title, styles["head"])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.set_row(0, 48)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if not rows:
        write_text(sheet, 1, 0, empty, styles["wrap"])
        return
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    for line, row in enumerate(rows, start=1):
        sheet.set_row(line, _height(zip(row, (width for _, width, _ in columns), strict=True)))
        for rank, value in enumerate(row):
            _cell(sheet, line, rank, value, styles[columns[rank][2]])


def _height(cells: Iterable[tuple[Any, int]]) -> float:
    """Points for the longest of the cells (value, width): not every program fits the rows to wrapped texts."""
    lines = max((ceil(len(text) * 1.15 / width) for text, width in cells if isinstance(text, str)), default=1)
    return 15.0 * min(max(lines, 1), 12)


def _cell(sheet: Any, line: int, rank: int, value: Any, style: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(line, rank, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(line, rank, value, style)
    else:
        write_text(sheet, line, rank, value, style)
