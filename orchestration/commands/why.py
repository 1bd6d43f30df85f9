"""`passnum why`: is this line counted, in which figures, by which rule. Does not live here: the look-up, its French."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors, stop, unbroken

if TYPE_CHECKING:
    import duckdb

    from warehouse.published.answer import Guide
    from warehouse.published.delivered import DeliveredFile
    from warehouse.published.why import Answer
    from warehouse.settings import Home

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("why", help="Dire si une ligne livrée est comptée, dans quels chiffres, et par quelle règle.")(why)


def why(
    place: Annotated[
        str | None, typer.Argument(help="Un fichier et une ligne, par exemple f.csv:12.", metavar="[FICHIER:LIGNE]")
    ] = None,
    pass_number: Annotated[str | None, typer.Option("--pass", help="Un numéro de pass.", metavar="N")] = None,
    payment: Annotated[
        str | None,
        typer.Option("--payment", help="La référence d'un contre-paiement ou d'une écriture.", metavar="RÉF"),
    ] = None,
    prescription: Annotated[
        str | None, typer.Option("--prescription", help="L'identifiant d'une prescription.", metavar="ID")
    ] = None,
    home: HomeOption = None,
    version: Annotated[str, typer.Option("--version", help="Version (défaut : la dernière).")] = "last",
    is_operator: Annotated[
        bool,
        typer.Option("--operateur", help="Ajouter les numéros de pass et de carnet : ne pas envoyer à un lieu."),
    ] = False,
    original: Annotated[bool, typer.Option("--original", help="Relire la ligne d'origine dans l'archive.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Écrire la réponse en JSON.")] = False,
) -> None:
    """Print what became of a line, a pass, a payment or a prescription, in sentences that may be sent to a lieu."""
    from warehouse.published.answer import Guide, tell_pass, tell_payment
    from warehouse.published.delivered import LookupFailed, find_file, split_place
    from warehouse.published.versions import NothingPublished, connect, find_version
    from warehouse.published.why import check_lines, why_line, why_pass, why_prescription
    from warehouse.published.why_payment import why_payment
    from warehouse.settings import Home

    asked = [text for text in (place, pass_number, payment, prescription) if text is not None]
    if len(asked) != 1 or not asked[0].strip():
        stop("demandez une chose et une seule : FICHIER:LIGNE, --pass, --payment ou --prescription.", 2)
    where = Home.at(home)
    guide = Guide(where.lake)
    sentences: list[str] = []
    read_again: list[Answer] = []
    with french_errors(where, NothingPublished, LookupFailed), connect(find_version(where, version)) as con:
        check_lines(con)
        if place is not None:
            name, line = split_place(place)
            file = find_file(con, name)
            sentences = _same_file(con, file)
            answers = why_line(con, file, line)
        elif pass_number is not None:
            found = why_pass(con, pass_number)
            sentences, answers = tell_pass(found, guide, is_operator=is_operator), found.lines
        elif payment is not None:
            paid = why_payment(con, payment)
            is_told = as_json or not paid.payments  # of a payment, the lines that count are told by their piece
            sentences, answers = tell_payment(paid), [a for a in paid.lines if is_told or a.state != "counted"]
            read_again = paid.lines
        else:
            answers = why_prescription(con, prescription or "")
        if as_json:
            _print_json(sentences, answers, is_operator=is_operator)
        else:
            _print(sentences, answers, guide, is_operator=is_operator)
            if original:
                _print_originals(where, read_again or answers, is_operator=is_operator)


def _same_file(con: duckdb.DuckDBPyConnection, file: DeliveredFile) -> list[str]:
    """What else was received under that name, or with those bytes."""
    from presentation.french import instant
    from warehouse.published.delivered import receptions

    told = []
    for other in ([file] if file.outcome == "duplicate" else []) + receptions(con, file):
        if other.outcome == "duplicate":
            what = f"« {other.file_name} », reçu le {instant(other.received_at)}, est le même fichier"
            told.append(f"{what} : déjà connu, il n'a rien changé.")
        elif other.outcome == "rejected":
            told.append(f"Un autre « {other.file_name} », reçu le {instant(other.received_at)}, a été refusé.")
    return told


def _print(sentences: list[str], answers: list[Answer], guide: Guide, *, is_operator: bool) -> None:
    from warehouse.published.answer import tell

    for sentence in sentences:
        console.print(unbroken(sentence))
    for number, answer in enumerate(answers[:SHOWN]):
        if number or sentences:
            console.print()
        for sentence in tell(answer, guide, is_operator=is_operator):
            console.print(unbroken(sentence))
    if len(answers) > SHOWN:
        console.print(f"\n… et {len(answers) - SHOWN} autres lignes : --json les donne toutes.")


def _print_json(sentences: list[str], answers: list[Answer], *, is_operator: bool) -> None:
    from warehouse.published.answer import as_json

    told = {"sentences": sentences, "answers": [as_json(answer, is_operator=is_operator) for answer in answers]}
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1))


def _print_originals(home: Home, answers: list[Answer], *, is_operator: bool) -> None:
    from ingestion.personal import PERSON_LEVEL
    from warehouse.published.originals import read_originals

    for answer in answers[:SHOWN]:
        found = read_originals(home.archive, answer.file, [answer.line], is_operator=is_operator).get(answer.line)
        console.print()
        if found is None:
            console.print(
                f"L'original de « {answer.file.file_name} » n'est plus dans l'archive, ou sa ligne {answer.line} "
                "n'y est pas une ligne de données : elle ne peut pas être relue.",
            )
            continue
        console.print(f"Ligne d'origine ({found.path.relative_to(home.root)}, ligne {found.line}) :")
        if answer.state == "rejected" and answer.file.dataset in PERSON_LEVEL:
            console.print("  (les valeurs d'une ligne rejetée se lisent par leur forme : 9 un chiffre, A une lettre)")
        for column, cell in found.cells.items():
            if cell:
                console.print(f"  {column} : {cell}")
