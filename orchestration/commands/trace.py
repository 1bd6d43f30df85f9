"""`passnum trace`: from a figure down to files and lines. The tracing itself: warehouse/published/trace.py."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import (
    HomeOption,
    TerritoryOption,
    console,
    french_errors,
    french_value,
    parse_day,
    stop,
    unbroken,
)

if TYPE_CHECKING:
    import duckdb

    from warehouse.published.measure import Scope
    from warehouse.published.originals import Original
    from warehouse.published.trace import Trace, TracedFile
    from warehouse.settings import Home

#: Original lines shown without being asked for.
FEW = 5
#: More lines than this, and only the first ranges of each file are on the screen.
MANY, SOME_RANGES = 1_000, 12
#: Narrower, a table cuts its columns: each file is told on lines of its own.
_WIDE = 100
_COLUMNS = ("file_name", "file_id", "extract_date", "line", "territory_code", "lieu_siret", "day", "amount", "value")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("trace", help="D'un chiffre jusqu'aux fichiers et aux lignes qui le composent.")(trace)


def trace(
    indicator: Annotated[
        str,
        typer.Argument(help="Code d'un indicateur (hours) ou d'un chiffre de page (PN-…).", metavar="INDICATEUR"),
    ],
    home: HomeOption = None,
    territory: TerritoryOption = None,
    lieu: Annotated[str | None, typer.Option("--lieu", help="Un lieu, par son SIRET.", metavar="SIRET")] = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period", help="Une année, un trimestre ou un mois : 2022, 2022-T2, 2022-05.", metavar="PÉRIODE"
        ),
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="Premier jour.", metavar="DATE")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Dernier jour, compris.", metavar="DATE")] = None,
    month: Annotated[str | None, typer.Option("--month", help="Comme --period.", metavar="MOIS")] = None,
    version: Annotated[str, typer.Option("--version", help="Version (défaut : la dernière).")] = "last",
    csv_path: Annotated[
        Path | None, typer.Option("--csv", help="Écrire toutes les lignes dans ce fichier.", metavar="FICHIER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Écrire le tout en JSON.")] = False,
    originals: Annotated[
        bool, typer.Option("--originals", help="Relire chaque ligne d'origine dans l'archive.")
    ] = False,
) -> None:
    """Print the files and lines behind a figure, and what proves that they add up to it."""
    from warehouse.published.figure_address import AddressError, is_code
    from warehouse.published.measure import Scope, TraceError
    from warehouse.published.trace import find_territory
    from warehouse.published.trace import trace as trace_measure
    from warehouse.published.versions import NothingPublished, connect, find_version
    from warehouse.settings import Home

    place = Home.at(home)
    if is_code(indicator):
        if any((territory, lieu, period, start, end, month)) or version != "last":
            stop("le code d'un chiffre dit son lieu, ses mois et sa version : donnez-le seul.", 2)
        with french_errors(place, NothingPublished, TraceError, AddressError, OSError):
            _trace_code(place, indicator, csv_path, as_json=as_json, originals=originals)
        return
    with french_errors(place, NothingPublished, TraceError, OSError), connect(find_version(place, version)) as con:
        first, last = _days(period or month, start, end)
        code = find_territory(con, territory) if territory else None
        scope = Scope(code, "".join(lieu.split()) if lieu else None, first, last)
        found = trace_measure(con, indicator, scope)
        name = con.execute("select territory_name from core.dim_territory where territory_code = ?", [code]).fetchone()
        read = _read_originals(con, place, found) if originals or 0 < found.lines <= FEW else None
        if csv_path is not None:
            _write_csv(csv_path, found, read if originals else None)
    if as_json:
        typer.echo(json.dumps(_as_json(found, scope, read if originals else None), ensure_ascii=False, indent=1))
        return
    _tell(place, found, _tell_scope(scope, name[0] if name else None), read, csv_path)


def _trace_code(place: Home, code: str, csv_path: Path | None, *, as_json: bool, originals: bool) -> None:
    """The lines of a figure of a page, in the version of its code."""
    from orchestration.commands.verify import scope_of
    from warehouse.published import figure_address
    from warehouse.published.trace import trace_figure
    from warehouse.published.verification import indicators_of, place_name
    from warehouse.published.versions import connect, find_version

    with connect(find_version(place, "last")) as con:
        figure = figure_address.read(code, indicators_of(con))
    with connect(find_version(place, figure.build_id)) as con:
        found = trace_figure(con, figure)
        scope = scope_of(figure, place_name(con, figure))
        read = _read_originals(con, place, found) if originals or 0 < found.lines <= FEW else None
    if csv_path is not None:
        _write_csv(csv_path, found, read if originals else None)
    if as_json:
        told = _as_json(found, None, read if originals else None) | {"code": figure_address.write(figure)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    _tell(place, found, scope, read, csv_path)


def _tell(
    place: Home,
    found: Trace,
    scope: str,
    read: dict[tuple[str, int], Original] | None,
    csv_path: Path | None,
) -> None:
    _print(found, scope)
    if read is not None:
        _print_originals(place, found, read)
    elif found.lines:
        console.print("Les lignes d'origine : --originals les relit dans l'archive.")
    if found.lines > MANY and csv_path is None:
        console.print("Toutes les lignes : --csv FICHIER, ou --json.")
    if csv_path is not None:
        console.print(unbroken(f"Toutes les lignes sont dans {csv_path}."))


def _days(period: str | None, start: str | None, end: str | None) -> tuple[date | None, date | None]:
    from warehouse.published.trace import parse_period

    if period is not None:
        if start is not None or end is not None:
            stop("donnez une période (--period), ou ses jours (--from, --to), pas les deux.", 2)
        return parse_period(period)
    return parse_day(start, "--from"), parse_day(end, "--to")


def _tell_scope(scope: Scope, territory_name: str | None) -> str:
    from presentation.french import day

    parts = [f"{territory_name} ({scope.territory})"] if scope.territory else []
    parts += [f"lieu {scope.lieu}"] if scope.lieu else []
    if scope.start and scope.end:
        parts.append(f"du {day(scope.start)} au {day(scope.end)}")
    elif scope.start or scope.end:
        parts.append(f"à partir du {day(scope.start)}" if scope.start else f"jusqu'au {day(scope.end or date.max)}")
    return ", ".join(parts) or "programme"


def _print(found: Trace, scope: str) -> None:
    from presentation.french import count

    console.print(unbroken(f"{found.label}, {scope} : {french_value(found.value, found.unit)}{_exactly(found)}"))
    if not found.files:
        console.print("Aucune ligne des fichiers livrés n'y contribue.")
    elif console.width >= _WIDE:
        _print_table(found)
    else:
        for file in found.files:
            day = f" ({file.extract_date:%d/%m/%Y})" if file.extract_date else ""
            console.print(unbroken(f"• {file.file_name}{day} : {french_value(file.value, found.unit)}"))
            console.print(unbroken(f"  {count(len(file.lines), 'ligne')} : {_ranges(file, found)}"))
    if found.files:
        console.print(f"{count(found.lines, 'ligne')}, {count(len(found.files), 'fichier')}.")
    console.print(unbroken(_tell_proof(found)))
    if found.note:
        console.print(unbroken(found.note))


def _print_table(found: Trace) -> None:
    from rich.table import Table

    table = Table()
    # A file's name is never cut: it is what the reader will look for.
    table.add_column("Fichier", overflow="fold", min_width=28)
    table.add_column("Extraction", no_wrap=True)
    table.add_column("Lignes", justify="right", no_wrap=True)
    table.add_column("Lesquelles", overflow="fold", ratio=1)
    table.add_column("Part", justify="right", no_wrap=True)
    for file in found.files:
        day = f"{file.extract_date:%d/%m/%Y}" if file.extract_date else ""
        value = french_value(file.value, found.unit)
        table.add_row(file.file_name, day, str(len(file.lines)), _ranges(file, found), value)
    console.print(table)


def _ranges(file: TracedFile, found: Trace) -> str:
    """Every line of a file, those that follow each other as one range: 2–5, 9. Of a figure of very many lines, the
    first ranges of each file: a screen of numbers helps nobody, and --csv has them all."""
    from itertools import groupby

    numbers = sorted({line.line for line in file.lines})
    told = []
    for _, group in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        run = [number for _, number in group]
        told.append(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}")
    if found.lines > MANY and len(told) > SOME_RANGES:
        return ", ".join(told[:SOME_RANGES]) + ", …"
    return ", ".join(told)


def _exactly(found: Trace) -> str:
    """The exact figure, where what is shown of it is rounded."""
    if found.unit != "heure" or found.value is None:
        return ""
    minutes = sum((line.amount for file in found.files for line in file.lines), Decimal(0))
    from presentation.french import count

    return f" ({count(minutes, 'minute')})"


def _tell_proof(found: Trace) -> str:
    proof = found.proof
    if not proof.where:
        return "Aucune table publiée n'a ce découpage : la somme de ces lignes est le chiffre."
    shown = french_value(proof.value, found.unit)
    if proof.holds(found.value):
        return f"Prouvé par le chiffre publié ({proof.where}) : {shown}, la somme est exacte."
    return f"ÉCART avec le chiffre publié ({proof.where}) : {shown}. Signalez-le : cela ne doit pas arriver."


def _read_originals(con: duckdb.DuckDBPyConnection, home: Home, found: Trace) -> dict[tuple[str, int], Original]:
    from warehouse.published.delivered import file_of
    from warehouse.published.originals import read_originals

    read: dict[tuple[str, int], Original] = {}
    for file in found.files:
        numbers = sorted({line.line for line in file.lines})
        lines = read_originals(home.archive, file_of(con, file.file_id), numbers)
        read |= {(file.file_id, number): original for number, original in lines.items()}
    return read


def _print_originals(home: Home, found: Trace, read: dict[tuple[str, int], Original]) -> None:
    for file in found.files:
        for number in sorted({line.line for line in file.lines}):
            original = read.get((file.file_id, number))
            if original is None:
                console.print(unbroken(f"{file.file_name}, ligne {number} : l'original n'est plus dans l'archive."))
                continue
            console.print(unbroken(f"{original.path.relative_to(home.root)}, ligne {number} :"))
            console.print(unbroken("  " + " ; ".join(f"{c} : {v}" for c, v in original.cells.items() if v)))


def _as_json(found: Trace, scope: Scope | None, read: dict[tuple[str, int], Original] | None) -> dict[str, object]:
    """Everything, values as exact text."""
    proof = found.proof
    return {
        "indicator": found.indicator,
        "label": found.label,
        "unit": found.unit,
        **({} if scope is None else _scope_json(scope)),
        "value": None if found.value is None else str(found.value),
        "proved_against": proof.where or None,
        "published": proof.value,
        "is_proved": proof.holds(found.value) if proof.where else None,
        "note": found.note or None,
        "lines": [
            row | ({"original": read[key].cells if key in read else None} if read is not None else {})
            for key, row in _rows(found)
        ],
    }


def _scope_json(scope: Scope) -> dict[str, object]:
    return {
        "territory_code": scope.territory,
        "lieu_siret": scope.lieu,
        "from": scope.start and scope.start.isoformat(),
        "to": scope.end and scope.end.isoformat(),
    }


def _rows(found: Trace) -> list[tuple[tuple[str, int], dict[str, object]]]:
    rows: list[tuple[tuple[str, int], dict[str, object]]] = []
    for file in found.files:
        day = file.extract_date.isoformat() if file.extract_date else None
        for line in file.lines:
            values = (file.file_name, file.file_id, day, line.line, line.territory_code, line.lieu_siret,
                      line.happened_on.isoformat(), str(line.amount), str(line.value))  # fmt: skip
            rows.append(((file.file_id, line.line), dict(zip(_COLUMNS, values, strict=True))))
    return rows


def _write_csv(path: Path, found: Trace, read: dict[tuple[str, int], Original] | None) -> None:
    """Every line, a semicolon between columns, as a French spreadsheet opens it; no text runs as a formula."""
    from presentation.safe_cells import neutralise

    columns = [*_COLUMNS, *(["original"] if read is not None else [])]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";")
        writer.writeheader()
        for key, row in _rows(found):
            if read is not None:
                cells = read[key].cells if key in read else {}
                row["original"] = " ; ".join(f"{c} : {v}" for c, v in cells.items() if v)
            row["file_name"] = neutralise(str(row["file_name"]))
            row["original"] = neutralise(str(row["original"])) if "original" in row else ""
            writer.writerow({name: row[name] for name in columns})
