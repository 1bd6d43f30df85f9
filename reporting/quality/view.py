"""The sentences one edition shows, whatever draws it: subject, verdict, tiles, problems with their lines.

Does not live here: the content and its ranking (content.py), HTML and text (page.py), the workbook (workbook.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from presentation.french import NBSP, count, day_long, euros_round, hours, integer
from reporting.quality.content import Content, Problem
from reporting.quality.wording import NOTHING_PERSONAL, OWNER_NAMES, OWNER_TITLES

# Mail programs cut a page at about 100 KB: the heaviest problems show more of their lines, the last ones none.
SHOWN_PROBLEMS = 25
SHOWN_LINES = 10
SHOWN_LINES_LATER = 2
LATER = 8
SHOWN_FIRST = 5
SHOWN_VALUE = 80

_CLASSES = {
    "conforme": "conforme",
    "rien à corriger": "partiel",
    "à surveiller": "surveiller",
    "bloquant": "bloquant",
}
#: What the whole is, said beside a part of it.
_WHOLE_STATES = {"conforme": "conforme", "à surveiller": "à surveiller", "bloquant": "bloqué"}
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
    age: str
    is_demo: bool
    verdict_class: str
    verdict_title: str
    summary: list[str]
    tiles: list[tuple[str, str]]
    compared: str
    first: list[ProblemView]
    owners: list[tuple[str, list[ProblemView]]]
    more: str
    nothing: str
    fixed: list[tuple[str, str]]
    footer: list[str] = field(default_factory=list)


def make_view(content: Content) -> View:
    """The sentences of an edition."""
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
        age=content.freshness.age,
        is_demo=content.is_demo,
        verdict_class=_CLASSES[content.verdict],
        verdict_title=_title(content),
        summary=_summary(content),
        tiles=_tiles(content),
        compared=_compared(content),
        first=list(views.values())[:SHOWN_FIRST] if len(views) > 2 else [],
        owners=[(title, shown) for title, shown in owners if shown],
        more=f"… et {count(rest, 'autre point', 'autres points')}, moins lourds : voir le classeur joint."
        if rest
        else "",
        nothing=f"Rien à corriger {_scope(content)} : l’état de l’ensemble est dans la feuille « Synthèse »."
        if content.edition.is_part
        else "Rien à corriger.",
        fixed=[(title, count(facts, "corrigé")) for title, facts in content.fixed],
        footer=_footer(content),
    )


def _scope(content: Content) -> str:
    """Whose points an edition holds; empty for the complete one."""
    edition = content.edition
    if not edition.is_part:
        return ""
    return f"par {OWNER_NAMES[edition.owner]}" if edition.is_collective else "par vous"


def _some(content: Content) -> str:
    return "un point à corriger" if content.total == 1 else "des points à corriger"


def _title(content: Content) -> str:
    """The verdict, with its scope: what a part says is never said of the whole."""
    scope, whole = _scope(content), _WHOLE_STATES[content.whole.verdict]
    if not scope:
        late = "les données sont en retard" if content.freshness.is_late and not content.problems else ""
        refused = "la dernière construction a été refusée" if not any(p.blocks for p in content.problems) else ""
        return {
            "conforme": "Conforme : rien à corriger",
            "à surveiller": f"À surveiller : {late or _some(content)}",
            "bloquant": f"Bloquant : {refused or 'des points empêchent la publication'}",
        }[content.whole.verdict]
    if content.verdict == "bloquant":
        verb = "empêche" if content.total == 1 else "empêchent"
        return f"Bloquant : {_some(content)} {scope} {verb} la publication"
    if content.verdict == "à surveiller":
        more = ", l’ensemble des livraisons est bloqué par d’autres" if content.whole.verdict == "bloquant" else ""
        return f"À surveiller : {_some(content)} {scope}{more}"
    if content.verdict == "conforme":
        return f"Conforme : rien à corriger {scope}, ni dans l’ensemble des livraisons"
    return f"Rien à corriger {scope} ; l’ensemble des livraisons est {whole}"


def _subject(content: Content) -> str:
    scope, whole = _scope(content), _WHOLE_STATES[content.whole.verdict]
    verdict: str = content.verdict
    if scope and verdict == "rien à corriger":
        verdict = f"rien à corriger {scope}, ensemble {whole}"
    elif scope and verdict == "à surveiller":
        verdict = f"à surveiller, {_some(content)} {scope}" + (", ensemble bloqué" if whole == "bloqué" else "")
    elif scope and verdict == "bloquant":
        verdict = f"bloquant, {_some(content)} {scope}"
    state = [
        f"données au {content.as_of:%d/%m/%Y}" + (f", {content.freshness.age}" if content.freshness.is_late else "")
    ]
    if content.previous_on is not None:
        changes = [count(content.new_count, "nouveau", "nouveaux"), count(content.fixed_count, "corrigé", "corrigés")]
        state.append((f"{_for(content)} : " if scope else "") + ", ".join(changes))
    who = OWNER_TITLES[content.edition.owner] if content.edition.is_part else "complète"
    demo = "Démonstration. " if content.is_demo else ""
    edition = f"édition {who} du {content.written_on:%d/%m/%Y}"
    return f"[Pass Numérique] {demo}Qualité des données, {edition} : {verdict} ({' ; '.join(state)})".replace(NBSP, " ")


def _for(content: Content) -> str:
    """Whose the changes are, in an edition that is a part."""
    edition = content.edition
    return f"pour {OWNER_NAMES[edition.owner]}" if edition.is_collective else "pour vous"


def _tell_counts(counts: dict[str, int]) -> str:
    """« 82 lignes rejetées, 2 contrôles en échec »."""
    return ", ".join(count(counts[kind], *words) for kind, words in _COUNTED.items() if counts.get(kind))


def _summary(content: Content) -> list[str]:
    sentences = []
    if content.is_refused:
        sentences.append(
            "La dernière construction a été refusée : la version précédente reste en ligne, sans les nouveaux fichiers."
        )
    if content.freshness.is_late:
        sentences.append(content.freshness.sentence)
    found = _tell_counts({kind: content.count(kind) for kind in _COUNTED})
    checked = f"{count(content.checks_made, 'contrôle fait', 'contrôles faits')}, aucun en échec"
    if not content.edition.is_part:
        told = f"À ce jour : {found}." if found else f"Aucun fichier refusé, aucune ligne rejetée ; {checked}."
        return [*sentences, told]
    scope = _scope(content)
    if found:
        sentences.append(f"À corriger {scope} : {found}.")
    return [*sentences, _tell_whole(content, checked)]


def _tell_whole(content: Content, checked: str) -> str:
    """The state of the whole, in an edition that is a part of it."""
    whole = content.whole
    if not whole.total:
        return f"L’ensemble des livraisons : aucun fichier refusé, aucune ligne rejetée ; {checked}."
    if whole.total == content.total:
        return "L’ensemble des livraisons n’a pas d’autre point à corriger."
    owners = [OWNER_NAMES[owner] for owner in whole.owners]
    followed = " et ".join(filter(None, [", ".join(owners[:-1]), owners[-1]]))
    one = sum(whole.counts.values()) == 1
    return f"L’ensemble des livraisons : {_tell_counts(whole.counts)}, {'suivi' if one else 'suivis'} par {followed}."


def _tiles(content: Content) -> list[tuple[str, str]]:
    """What changed since the last report; in a part, whose it is, and how much the whole holds."""
    is_part = content.edition.is_part
    whose = f" {_for(content)}" if is_part else ""
    tiles = []
    if content.previous_on is not None:
        tiles = [
            (integer(content.new_count), ("nouveaux" if content.new_count > 1 else "nouveau") + whose),
            (integer(content.fixed_count), ("corrigés" if content.fixed_count > 1 else "corrigé") + whose),
            (integer(content.persisting_count), ("persistent" if content.persisting_count > 1 else "persiste") + whose),
        ]
    elif is_part:
        tiles = [(integer(content.total), f"à corriger {_scope(content)}")]
    return [*tiles, (integer(content.whole.total), "à corriger dans l’ensemble")] if is_part else tiles


def _compared(content: Content) -> str:
    one = "chaque fichier, ligne ou cas à corriger compte pour un"
    if content.previous_on is None:
        first = "Premier rapport : il n’y a pas encore de rapport auquel le comparer"
        return f"{first} ; {one}." if content.edition.is_part else f"{first}."
    return f"Comparé au rapport du {day_long(content.previous_on)} ; {one}."


#: Who looks for « AAAA-99 » in the file would not find it.
_SHAPES = (
    "D’une prescription ou d’une utilisation, la valeur incorrecte est remplacée par sa forme : A pour une lettre, "
    "9 pour un chiffre. Elle se lit dans le fichier, à la ligne indiquée."
)


def _footer(content: Content) -> list[str]:
    safe = f"{NOTHING_PERSONAL} : le fichier et la ligne suffisent à retrouver la valeur dans l’export d’origine."
    build = f"Construction {content.build_id}."
    if not content.problems:
        nothing = "vous n’avez rien à corriger" if _scope(content) == "par vous" else "il n’y a rien à corriger"
        always = nothing if content.edition.is_part else "tout va bien"
        return [f"Ce rapport est envoyé aussi quand {always}.", safe, build]
    return [
        "Le classeur joint donne toutes les lignes à corriger : fichier, numéro de ligne, colonne, valeur, règle.",
        "« Euros et heures touchés » : ce que pèsent les lignes concernées ; « environ » : estimé d’après la ligne "
        "moyenne de l’export, la ligne elle-même n’ayant pas pu être lue. Une même ligne peut peser dans deux points.",
        *([_SHAPES] if any(problem.kind in {"ligne", "valeur"} for problem in content.problems) else []),
        safe,
        build,
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
