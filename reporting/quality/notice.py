"""The letter of one lieu or prescriber: what it sees, what to do, by when, and since when it was asked.

Lives here: the points of a structure, one a cause, and the sentences around them. Does not live here: the causes and
their words (causes.py), what a structure sees of a line (seen.py), HTML and text (page.py), the letters of the team and
of #APTIC (view.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from presentation.french import count, day, day_long, euros, integer
from presentation.freshness import LASTING_DAYS
from reporting.quality.causes import Cause, cause_of, harm_of
from reporting.quality.content import Content, Problem
from reporting.quality.past import Past
from reporting.quality.seen import rows_seen
from reporting.quality.wording import LIEU, MGP, NOTHING_PERSONAL, OWNER_TITLES, PRESCRIBER

SHOWN_ROWS = 8
_KIND = {LIEU: "lieu", PRESCRIBER: "prescripteur"}
#: Column → its heading, for who reads it; the others have nothing to say there.
_HEADINGS = {
    LIEU: {"at": "Séance", "number": "N° d’utilisation", "what": "Service", "amount_eur": "Montant"},
    PRESCRIBER: {
        "at": "Prescription",
        "number": "N° de prescription",
        "what": "Lot",
        "place": "Territoire",
        "carnets": "Carnets",
    },
}
_NOTE = {"note": "Relevé"}
#: Columns whose values are never cut over two lines.
_WHOLE = ("at", "number", "amount_eur")
_WORKBOOK = "Le classeur joint reprend tout, avec une colonne pour répondre : vous pouvez nous le renvoyer rempli."
#: What a check says of a unit ends with the file and its lines: the operator's own words.
_OF_THE_FILE = r"\s*\(« [^»]* », lignes? [^)]*\)"


@dataclass(frozen=True)
class Item:
    """One point, as it is shown. `due`: when an answer is expected. `columns`: of `rows`, those of `whole` never cut
    over two lines. `all_rows`: those of `rows` and the others, for the workbook."""

    title: str
    state: str
    is_new: bool
    why: str
    do: str
    stake: str
    due: date
    found: list[str]
    columns: list[str]
    whole: list[str]
    rows: list[list[str]]
    all_rows: pl.DataFrame
    more: str


@dataclass(frozen=True)
class Notice:
    """The letter of one structure, ready to be drawn. `is_due`: whether there is something new to send."""

    subject: str
    name: str
    title: str
    intro: list[str]
    is_demo: bool
    items: list[Item]
    fixed: list[str]
    footer: list[str]
    is_due: bool


def make_notice(content: Content, seen: pl.DataFrame, past: Past, answer_days: int, inputs_sha256: str) -> Notice:
    """The letter of `content`, an edition of one structure. `past`: its earlier letters; `inputs_sha256`: of the data.

    `answer_days`: given from the first letter that tells of a point.
    """
    owner = content.edition.owner
    causes: dict[Cause, list[Problem]] = {}
    for problem in content.problems:
        causes.setdefault(cause_of(owner, problem.key), []).append(problem)
    items = [_item(cause, problems, content, seen, past, answer_days) for cause, problems in causes.items()]
    ranks = {cause.title: harm_of(owner, cause) for cause in causes}
    items.sort(key=lambda item: ranks[item.title])
    name = content.name or f"SIRET {content.edition.siret}"
    title = _title(items, content.written_on)
    edition = f"édition du {day(content.written_on)}, données au {day(content.as_of)}"
    demo = "Démonstration. " if content.is_demo else ""
    fixed = _fixed(content, past, {cause.title for cause in causes})
    return Notice(
        subject=f"[Pass Numérique] {demo}{name}, {_KIND[owner]} : {title[:1].lower()}{title[1:]} ({edition})",
        name=f"{name}, SIRET {content.edition.siret}" if content.name else name,
        title=title,
        intro=_intro(content, past),
        is_demo=content.is_demo,
        items=items,
        fixed=fixed,
        footer=_footer(content, bool(items)),
        is_due=_is_due(content, past, inputs_sha256, bool(items or fixed)),
    )


def _item(
    cause: Cause, problems: list[Problem], content: Content, seen: pl.DataFrame, past: Past, answer_days: int
) -> Item:
    owner = content.edition.owner
    lines = pl.concat([problem.lines.with_columns(_note(problem).alias("note")) for problem in problems])
    rows = rows_seen(lines, seen, owner)
    headings = {name: title for name, title in (_HEADINGS[owner] | _NOTE).items() if _says(rows, name)}
    first, told = past.since(lambda key: cause_of(owner, key) == cause)
    due = (first or content.written_on) + timedelta(days=answer_days)
    shown = min(rows.height, SHOWN_ROWS + (rows.height == SHOWN_ROWS + 1))
    rest = rows.height - shown
    return Item(
        title=cause.title,
        state=_state(first, told, due, content.written_on),
        is_new=first is None,
        why=cause.why,
        do=cause.do,
        stake=_stake(rows, owner),
        due=due,
        found=_found(lines, content.name),
        columns=list(headings.values()),
        whole=[title for name, title in headings.items() if name in _WHOLE],
        rows=[list(row) for row in _written(rows.head(shown)).select(pl.col(list(headings)).cast(pl.String)).rows()],
        all_rows=rows,
        more=f"… et {integer(rest)} de plus dans le classeur joint." if rest else "",
    )


def _note(problem: Problem) -> pl.Expr:
    """Which value of the line was set aside; never the value: of a person-level export only its shape is kept, and a
    reader would take « 9999 » for what was written."""
    if problem.kind != "valeur":
        return pl.lit("")
    return pl.lit(f"{problem.advice.title.rpartition(' : ')[2]} : à corriger")


def _says(rows: pl.DataFrame, column: str) -> bool:
    """Whether a column has something to say: one that is empty throughout is not shown."""
    nothing = {"note": pl.col("note") == "", "carnets": pl.col("carnets") == 1}.get(column, pl.col(column).is_null())
    return not rows.select(nothing.all()).item()


def written_at() -> pl.Expr:
    """`at` as a day, and its hour where there is one."""
    instant = pl.col("at").dt.strftime("%d/%m/%Y à %H:%M")
    return pl.when("has_hour").then(instant).otherwise(pl.col("at").dt.strftime("%d/%m/%Y")).alias("at")


def _written(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as texts: a day and its hour where there is one, euros."""
    amounts = [None if amount is None else euros(amount) for amount in rows["amount_eur"]]
    texts = rows.with_columns(written_at(), pl.Series("amount_eur", amounts, pl.String))
    return texts.with_columns(pl.col(pl.String).fill_null("—"))


def _stake(rows: pl.DataFrame, owner: str) -> str:
    """« 12 utilisations, 120,00 € »: each line once, whatever told of it; empty where no line is named."""
    if rows.is_empty():
        return ""
    if owner == LIEU:
        return f"{count(rows.height, 'utilisation')}, {euros(rows['amount_eur'].sum())}"
    if rows["number"].null_count() == rows.height:
        return count(rows["carnets"].sum(), "carnet")
    return count(rows.height, "prescription")


def _found(lines: pl.DataFrame, name: str) -> list[str]:
    """What was seen of a day or of the whole, without the structure's own name nor the operator's file, each once."""
    said = lines.filter(
        pl.col("kind") == "contrôle", pl.col("source_lines").is_null() | ~pl.col("detail").str.contains(_OF_THE_FILE)
    )
    texts = said["detail"].drop_nulls().str.replace_all(_OF_THE_FILE, "").unique(maintain_order=True)
    own = [text.removeprefix(name).lstrip(" :,") for text in texts]
    return [text[:1].upper() + text[1:] for text in own][:SHOWN_ROWS]


def _state(first: date | None, told: int, due: date, today: date) -> str:
    """New; told again, in time or late; or for three months."""
    if first is None:
        return "nouveau"
    if (today - first).days >= LASTING_DAYS:
        return f"signalé depuis le {day_long(first)}, sans changement depuis trois mois"
    late = f", à régler avant le {day_long(due)}" if today <= due else ", délai passé"
    return f"déjà signalé le {day_long(first)} ({told + 1}ᵉ courriel){late}"


def _title(items: list[Item], today: date) -> str:
    """How many points, and by when: the nearest day that is not passed."""
    if not items:
        return "Plus rien à vérifier, merci"
    points = count(len(items), "point", "points")
    ahead = [item.due for item in items if item.due >= today]
    when = f"avant le {day_long(min(ahead))}" if ahead else ", le délai est passé"
    return f"{points} à vérifier {when}".replace(" ,", ",")


def _intro(content: Content, past: Past) -> list[str]:
    """Who writes and why, the first time; else what changed since the last letter. Then how fresh the data are."""
    told = []
    if past.last is None:
        told.append(
            f"C’est notre premier courriel. La {OWNER_TITLES[MGP]}, qui pilote le Pass Numérique, relit ce que les "
            "lieux et les prescripteurs enregistrent auprès de l’opérateur, #APTIC, et vous écrit quand un point vous "
            "concerne. Si une autre personne de votre structure doit le recevoir, répondez-nous."
        )
    else:
        told.append(f"Notre dernier courriel est du {day_long(past.last.on)}.")
    fresh = content.freshness
    if fresh.days >= LASTING_DAYS:
        told.append(
            f"Nous n’avons plus reçu de données de l’opérateur depuis le {day_long(fresh.as_of)}, {fresh.age} : ce que "
            "vous avez corrigé depuis n’y est pas. Si c’est fait, dites-le-nous et ne refaites rien. Nous réclamons "
            "ces données à #APTIC : vous n’avez pas à le faire."
        )
    elif fresh.is_late:
        told.append(
            f"Nos données s’arrêtent au {day_long(fresh.as_of)}, {fresh.age} : ce que vous avez corrigé depuis n’y est "
            "pas encore."
        )
    else:
        told.append(f"Ce que nous voyons va jusqu’au {day_long(fresh.as_of)}.")
    return told


def _fixed(content: Content, past: Past, present: set[str]) -> list[str]:
    """The causes that the last letter told and that are gone."""
    if past.last is None:
        return []
    told = {cause_of(content.edition.owner, key).title for key in past.last.keys}
    return sorted(told - present)


def _footer(content: Content, has_items: bool) -> list[str]:
    return [
        *([_WORKBOOK] if has_items else []),
        f"{NOTHING_PERSONAL}.",
        f"Référence à rappeler : {content.edition.slug}, {day(content.written_on)}. Pour ne plus recevoir ces "
        "courriels, dites-le en répondant.",
    ]


def _is_due(content: Content, past: Past, inputs_sha256: str, has_something: bool) -> bool:
    """Something to say that the last letter did not: a structure is not written to about the same data twice, but once
    more when those have stopped coming for three months. A refused build changes nothing for it."""
    if content.is_refused or not has_something:
        return False
    if past.last is None or past.last.inputs_sha256 != inputs_sha256:
        return True
    stopped = content.as_of + timedelta(days=LASTING_DAYS)
    return past.last.on < stopped <= content.written_on
