"""The sentences one edition shows, whatever draws it: subject, verdict, tiles, problems with their lines.

Does not live here: the content and its ranking (content.py), HTML and text (page.py), the workbook (workbook.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from programme.french import NBSP, count, day_long, euros_round, hours, integer
from reporting.quality.content import Content, Problem
from reporting.quality.wording import OWNER_TITLES

# Mail programs cut a page at about 100 KB: the heaviest problems show more of their lines, the last ones none.
SHOWN_PROBLEMS = 25
SHOWN_LINES = 10
SHOWN_LINES_LATER = 2
LATER = 8
SHOWN_FIRST = 5
SHOWN_VALUE = 80

_VERDICTS = {
    "conforme": ("conforme", "Conforme : rien à corriger"),
    "à surveiller": ("surveiller", "À surveiller : des points à corriger"),
    "bloquant": ("bloquant", "Bloquant : des points empêchent la publication"),
}
_COUNTED = {
    "fichier": ("fichier refusé", "fichiers refusés"),
    "ligne": ("ligne rejetée", "lignes rejetées"),
    "valeur": ("valeur mise de côté ou douteuse", "valeurs mises de côté ou douteuses"),
    "conflit": ("ligne livrée en deux versions", "lignes livrées en deux versions"),
    "contrôle": ("contrôle en échec", "contrôles en échec"),
    "erreur": ("contrôle impossible à faire", "contrôles impossibles à faire"),
}


@dataclass(frozen=True)
class ProblemView:
    """One problem as it is shown. `rows`: cells in the order of `columns` (title, class of the cell)."""

    title: str
    owner: str
    meta: str
    weight: str
    state: str
    state_class: str
    blocks: bool
    rule: str
    mend: str
    observed: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]
    more: str


@dataclass(frozen=True)
class View:
    """One edition as it is shown; every text is French and ready."""

    subject: str
    edition: str
    written_on: str
    as_of: str
    is_demo: bool
    verdict_class: str
    verdict_title: str
    summary: list[str]
    tiles: list[tuple[str, str]]
    compared: str
    first: list[ProblemView]
    owners: list[tuple[str, list[ProblemView]]]
    more: str
    fixed: list[tuple[str, str]]
    footer: list[str] = field(default_factory=list)


def make_view(content: Content) -> View:
    """The sentences of an edition."""
    verdict_class, verdict_title = _VERDICTS[content.verdict]
    views = {
        problem.key: _show(problem, content, SHOWN_LINES if rank < LATER else SHOWN_LINES_LATER)
        for rank, problem in enumerate(content.problems[:SHOWN_PROBLEMS])
    }
    owners = [(title, [views[p.key] for p in problems if p.key in views]) for title, problems in content.by_owner()]
    rest = len(content.problems) - len(views)
    return View(
        subject=_subject(content),
        edition=content.title,
        written_on=day_long(content.written_on),
        as_of=day_long(content.as_of),
        is_demo=content.is_demo,
        verdict_class=verdict_class,
        verdict_title=verdict_title,
        summary=_summary(content),
        tiles=_tiles(content),
        compared=_compared(content),
        first=list(views.values())[:SHOWN_FIRST] if len(views) > 2 else [],
        owners=[(title, shown) for title, shown in owners if shown],
        more=f"… et {count(rest, 'autre point', 'autres points')}, moins lourds : voir le classeur joint."
        if rest
        else "",
        fixed=[(title, count(facts, "corrigé")) for title, facts in content.fixed],
        footer=_footer(content),
    )


def _subject(content: Content) -> str:
    state = [f"données au {content.as_of:%d/%m/%Y}"]
    if content.previous_on is not None:
        state += [count(content.new_count, "nouveau", "nouveaux"), count(content.fixed_count, "corrigé", "corrigés")]
    return f"[Pass Numérique] Qualité des données : {content.verdict} ({', '.join(state)})".replace(NBSP, " ")


def _summary(content: Content) -> list[str]:
    sentences = []
    if content.is_refused:
        sentences.append(
            "La dernière construction a été refusée : la version précédente reste en ligne, sans les nouveaux fichiers."
        )
    found = [count(content.count(kind), *words) for kind, words in _COUNTED.items() if content.count(kind)]
    if found:
        sentences.append(f"À ce jour : {', '.join(found)}.")
    if not content.problems:
        told = count(content.checks_made, "contrôle fait", "contrôles faits")
        sentences.append(
            "Aucun fichier refusé, aucune ligne rejetée, aucun contrôle en échec."
            if content.edition.owner
            else f"Aucun fichier refusé, aucune ligne rejetée ; {told}, aucun en échec."
        )
    return sentences


def _tiles(content: Content) -> list[tuple[str, str]]:
    if content.previous_on is None:
        return []
    return [
        (integer(content.new_count), "nouveaux" if content.new_count > 1 else "nouveau"),
        (integer(content.fixed_count), "corrigés" if content.fixed_count > 1 else "corrigé"),
        (integer(content.persisting_count), "persistent" if content.persisting_count > 1 else "persiste"),
    ]


def _compared(content: Content) -> str:
    if content.previous_on is None:
        return "Premier rapport : il n’y a pas encore de rapport auquel le comparer."
    compared = f"Comparé au rapport du {day_long(content.previous_on)}"
    return f"{compared} ; chaque fichier, ligne ou cas à corriger compte pour un."


def _footer(content: Content) -> list[str]:
    lines = "Le classeur joint donne toutes les lignes à corriger : fichier, numéro de ligne, colonne, valeur, règle."
    return [
        lines if content.problems else "Ce rapport est envoyé aussi quand tout va bien.",
        "« Euros et heures touchés » : ce que pèsent les lignes concernées ; « environ » : estimé d’après la ligne "
        "moyenne de l’export, la ligne elle-même n’ayant pas pu être lue. Une même ligne peut peser dans deux points.",
        "Aucune donnée personnelle ni numéro de pass ou de carnet ne figure dans ce message : le fichier et la ligne "
        "suffisent à retrouver la valeur dans l’export d’origine.",
        f"Construction {content.build_id}.",
    ]


def weigh(problem: Problem) -> str:
    """« environ 1 120 € et 55,2 h touchés »; empty when nothing was measured."""
    parts = []
    if problem.amount_eur and round(problem.amount_eur):
        parts.append(euros_round(problem.amount_eur))
    if problem.hours and round(problem.hours, 1):
        parts.append(hours(problem.hours))
    if not parts:
        return ""
    about = "environ " if problem.is_estimated else ""
    return f"{about}{' et '.join(parts)} touchés"


def count_facts(problem: Problem) -> str:
    """« 5 lignes dans 2 fichiers »."""
    total, files = problem.lines.height, problem.lines["file_name"].drop_nulls().n_unique()
    if problem.kind in {"contrôle", "erreur"}:
        return count(total, "cas", "cas") if problem.has_lines else "contrôle de l’ensemble"
    if problem.kind == "fichier":
        return problem.lines["file_name"][0] if total == 1 else count(total, "fichier")
    if problem.kind == "conflit":
        return count(total, "ligne")
    return f"{count(total, 'ligne')} dans {count(files, 'fichier')}" if files else count(total, "ligne")


def tell_state(problem: Problem) -> str:
    """nouveau, persiste (what changed inside), or nothing for a first report."""
    if problem.is_new is None:
        return ""
    if problem.is_new:
        return "nouveau"
    changes = []
    if problem.new_lines:
        changes.append(f"{integer(problem.new_lines)} de plus")
    if problem.fixed_lines:
        changes.append(f"{integer(problem.fixed_lines)} de moins")
    return f"persiste, {' et '.join(changes)}" if changes else "persiste"


def _show(problem: Problem, content: Content, limit: int) -> ProblemView:
    columns, rows = _list_lines(problem, limit)
    rest = problem.lines.height - len(rows) if rows else 0
    owner = OWNER_TITLES.get(problem.owner, problem.owner)
    meta = count_facts(problem)
    if problem.kind in {"ligne", "valeur", "conflit"}:
        meta = f"{problem.place[:1].upper()}{problem.place[1:]} : {meta}"
    elif problem.code:
        meta = f"{problem.code} – {meta}"
    return ProblemView(
        title=problem.advice.title.rstrip("."),
        owner=owner,
        meta=meta,
        weight=weigh(problem),
        state=tell_state(problem),
        state_class="new" if problem.is_new else "old",
        blocks=problem.blocks,
        rule=problem.advice.rule,
        mend=problem.advice.mend,
        # What a check saw of everybody is told to the team and to the owner, never to one structure.
        observed="" if content.edition.siret else problem.observed,
        columns=columns,
        rows=rows,
        more=f"… et {integer(rest)} de plus dans le classeur joint." if rest else "",
    )


def _list_lines(problem: Problem, limit: int) -> tuple[list[tuple[str, str]], list[list[str]]]:
    if not problem.has_lines:
        return [], []
    said = problem.lines["detail"].null_count() < problem.lines.height
    cells = {
        "Fichier": ("", pl.col("file_name").fill_null("—")),
        "Ligne": ("number", pl.col("line_number").cast(pl.String).fill_null("")),
        "Valeur": ("value", pl.col("value").fill_null("(vide)").str.slice(0, SHOWN_VALUE)),
        "Constat": ("", pl.col("detail").fill_null("").str.slice(0, 200)),
    }
    wanted = {
        "fichier": ["Fichier", "Constat"],
        "ligne": ["Fichier", "Ligne", "Valeur"],
        "valeur": ["Fichier", "Ligne", "Valeur"],
        "conflit": ["Fichier", "Valeur"],
        "contrôle": ["Fichier", "Constat"],
    }[problem.kind]
    # What a check says of a file opens with its name: it is not written twice.
    named = pl.col("detail").str.contains(pl.col("file_name"), literal=True).fill_null(True)
    filed = problem.kind != "contrôle" or not problem.lines.select(named.all()).item()
    wanted = [name for name in wanted if {"Constat": said, "Fichier": filed}.get(name, True)]
    titles = {"Valeur": "Identifiant"} if problem.kind == "conflit" else {}
    # One line is not worth announcing: it is shown.
    limit += problem.lines.height == limit + 1
    shown = problem.lines.head(limit).select(cells[name][1].alias(name) for name in wanted)
    return [(titles.get(name, name), cells[name][0]) for name in wanted], [list(row) for row in shown.rows()]
