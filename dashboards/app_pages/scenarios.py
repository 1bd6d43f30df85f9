"""Page « Scénarios »: what a decision would change to the targets, and what came of the decisions taken.

Does not live here: the computation, which is the projection's own (`scenario` of the published file).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import cards, charts, filters, on_screen, provenance
from dashboards.frame import Page, open_page
from presentation import format_fr
from presentation.french import bind
from presentation.labels import DECISION_OUTCOME, capital
from presentation.outlook import IF_ALL_SERVED, not_projected, verdict
from presentation.table import Column, Derived

TITLE = "Scénarios"
MENU = ("Piloter", 6)

#: Parts of the budget left, rises of the pace, and carnets, that are offered (in hundredths, hundredths, carnets).
REISSUED = (0, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)
FASTER = (0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200)
MOVED = (0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
SAME_MODEL = (
    "Calculé par la projection elle-même (pass utilisables par dernier jour, rythme des 26 dernières semaines, "
    "fourchette de ses propres erreurs passées), sur un autre stock ou un autre rythme."
)
OF_MEDIAN = Derived(
    "Médiane en fin de mandat, huit chances sur dix d'être dans la fourchette ; d'où elle vient est dit dessous."
)
NOWHERE = "aucun territoire"
DECISIONS = "Les décisions notées, et ce qu'il en est advenu"
HOW_TO_NOTE = (
    "Une décision se note dans decisions.csv, à côté de programme.yaml : une ligne par décision, sa date, son texte, "
    "qui en répond et, s'il y a lieu, son montant, l'effet attendu et l'adresse de cette page. Elle paraît ici au "
    "passage suivant."
)
#: To a reader who writes none: no name of a file.
WHO_NOTES = "L'équipe du programme les note, avec ce qui en est attendu ; elles paraissent ici au passage suivant."
NOT_MOVED = (
    "Déplacer des carnets d'un territoire à l'autre se simule avec l'équipe du programme : ce qui reste à distribuer "
    "dans un territoire permettrait de retrouver un petit effectif."
)


@dataclass(frozen=True)
class Choice:
    """A scenario: hundredths of the budget left issued again and of the pace, and carnets that change territory."""

    reissued: int
    faster: int
    giving: str
    receiving: str
    moved: int
    words: tuple[tuple[str, str], ...]


def choose(page: Page) -> Choice:
    """The choices, kept in the address: reemission, rythme, de, vers, carnets."""
    st.header("Ce que l'on déciderait", anchor=False)
    left, middle = st.columns(2)
    room = page.ask("reissuable").row(0, named=True)
    words: list[tuple[str, str]] = []
    reissued = _pick_reissued(page, left, room, words)
    rises = _parts(FASTER, "inchangé", "+")
    faster = int(filters.pick("Rythme d'utilisation", "rythme", rises, middle))
    if faster:
        words.append(("rythme", rises[str(faster)]))
    giving = receiving = ""
    moved = 0
    if page.rights.is_protected:
        st.html(f'<p class="pn-note">{escape(NOT_MOVED)}</p>')
    else:
        giving, receiving, moved = _pick_move(page, words)
    return Choice(reissued, faster, giving, receiving, moved, tuple(words))


def _parts(offered: tuple[int, ...], nothing: str, sign: str = "") -> dict[str, str]:
    """Hundredths → the words of the address: short, and the same from one version to the next."""
    return {str(part): f"{sign}{part} %" if part else nothing for part in offered}


def _pick_reissued(page: Page, place: DeltaGenerator, room: dict, words: list[tuple[str, str]]) -> int:
    """Part of what the budget left would issue; nothing to choose where nothing can be issued any more."""
    if not room["face_value_eur"]:
        ended = page.programme.agreement_ends_on
        is_over = page.version.as_of >= ended
        why = (
            f"l'accord-cadre a pris fin le {format_fr.day_long(ended)}" if is_over else "le budget est engagé en entier"
        )
        place.html(f'<p class="pn-note">Rien ne peut plus être émis : {escape(bind(why))}.</p>')
        return 0
    names = _parts(REISSUED, "rien")
    part = int(filters.pick("Réémettre, du budget restant", "reemission", names, place))
    place.html(
        f'<p class="pn-note">En entier : {format_fr.euros_round(room["face_value_eur"])} de pass, '
        f"{format_fr.count(room['carnets'], 'carnet')}, émis chaque semaine du {format_fr.day(room['first_on'])} au "
        f"{format_fr.day(room['last_on'])}.</p>"
    )
    if part:
        words.append(("réémission", f"{names[str(part)]} du budget restant"))
    return part


def _pick_move(page: Page, words: list[tuple[str, str]]) -> tuple[str, str, int]:
    """Carnets that nobody has yet, from one territory to another."""
    found = page.ask("undistributed")
    if found.is_empty():
        return "", "", 0
    rows = {row["territory_code"]: row for row in found.to_dicts()}
    named = {code: row["territory_name"] for code, row in rows.items()}
    from_place, to_place, how_many = st.columns(3)
    holding = {code: name for code, name in named.items() if rows[code]["carnets"]}
    giving = filters.pick("Déplacer des carnets de", "de", {"": NOWHERE} | holding, from_place)
    others = {code: name for code, name in named.items() if code != giving}
    receiving = filters.pick("vers", "vers", {"": NOWHERE} | others, to_place)
    amounts = {str(number): format_fr.integer(number) for number in MOVED}
    moved = int(filters.pick("Nombre de carnets", "carnets", amounts, how_many))
    if giving:
        held = rows[giving]
        from_place.html(
            f'<p class="pn-note">{format_fr.count(held["carnets"], "carnet")} à distribuer, dès le '
            f"{format_fr.day(held['last_usable_on'])} pour les premiers à expirer. {_tempo(held)}</p>"
        )
    if receiving:
        to_place.html(f'<p class="pn-note">{_tempo(rows[receiving])}</p>')
    if not (giving and receiving and moved):
        return "", "", 0
    told = (
        f"{format_fr.count(min(moved, rows[giving]['carnets']), 'carnet')} de {named[giving]} vers {named[receiving]}"
    )
    words.append(("déplacement", f"{told}, ceux qui expirent le plus tôt d'abord"))
    return giving, receiving, moved


def _tempo(row: dict) -> str:
    return f"Rythme : {format_fr.decimal(row['use_tempo'], 1)} fois celui du programme."


def outcome_of(page: Page, chosen: Choice) -> pl.DataFrame:
    """What would come of it, indicator by indicator and month by month."""
    return page.ask(
        "scenario",
        reissued=chosen.reissued / 100,
        faster=chosen.faster / 100,
        giving=chosen.giving,
        receiving=chosen.receiving,
        moved=chosen.moved,
    )


def draw_cards(ends: pl.DataFrame) -> None:
    """The three measures at the mandate's end: the median, the band, what it adds, and what becomes of the target."""
    shown = []
    for row in ends.to_dicts():
        write = format_fr.KINDS[format_fr.ROUND_WRITERS[row["unit"]]].write
        found = verdict(row)
        target = (
            f"<p>Objectif de {escape(write(row['target']))} : <strong>{escape(found.value)}</strong></p>"
            if found
            else ""
        )
        gained = write(abs(row["gained"]))
        more = "de plus" if row["gained"] > 0 else "de moins"
        change = f"{gained} {more}" if gained != write(0) else "autant"
        note = (
            f"{change} que si rien n'est décidé ; de {write(row['low'])} à {write(row['high'])}, au plus "
            f"{write(row['ceiling'])}"
        )
        shown.append(cards.card(row["label"], write(row["median"]), target, note, derived=OF_MEDIAN))
    cards.show(shown)


def draw_table(page: Page, ends: pl.DataFrame, told: Derived, words: list[tuple[str, str]]) -> None:
    """The same, side by side, and as files."""
    rows = ends.with_columns(
        kind=pl.col("unit").replace_strict(format_fr.ROUND_WRITERS),
        verdict=pl.Series([found.value if (found := verdict(row)) else "" for row in ends.to_dicts()]),
    )
    columns = [
        Column("label", "Mesure"),
        *(
            Column(name, title, "number", kind_from="kind", may_miss=True)
            for name, title in (
                ("counted", "Compté à la date des données"),
                ("median_unchanged", "Fin de mandat, si rien n'est décidé"),
                ("median", "Fin de mandat, avec ce scénario"),
                ("gained", "Écart"),
                ("low", "Borne basse (10 %)"),
                ("high", "Borne haute (90 %)"),
                ("ceiling", f"Au plus, {IF_ALL_SERVED}"),
                ("target", "Objectif"),
            )
        ),
        Column("verdict", "Objectif : atteint ?"),
    ]
    columns = provenance.opening(columns, rows, told)
    title = "Les objectifs, avec ce scénario et sans"
    page.show(rows, columns, title, words)
    page.download("scenario", rows, columns, title, words)


def draw_curve(page: Page, ahead: pl.DataFrame, told: Derived, words: list[tuple[str, str]]) -> None:
    """One measure: what is counted, then the scenario, month by month."""
    measures = dict(ahead.select("indicator", "label").unique(maintain_order=True).rows())
    measure = filters.pick("Mesure", "courbe", measures)
    rows = ahead.filter(indicator=measure)
    row = rows.row(0, named=True)
    kind = format_fr.ROUND_WRITERS[row["unit"]]
    goal = f"{row['target_label']} : {format_fr.write(row['target'], kind)}" if row["target"] else ""
    actual = page.ask("burn_up", measure=measure)
    chart = charts.burn_up(actual, rows, row["target"], goal, format_fr.UNIT_WRITERS[row["unit"]], row["label"])
    columns = [
        Column("target_on", "Au", "date"),
        *(
            Column(name, title, kind, may_miss=True)
            for name, title in (
                ("median_unchanged", "Si rien n'est décidé"),
                ("median", "Avec ce scénario"),
                ("gained", "Écart"),
                ("low", "Borne basse (10 %)"),
                ("high", "Borne haute (90 %)"),
            )
        ),
    ]
    columns = provenance.opening(columns, rows, told)
    title = f"{row['label']}, avec ce scénario"
    page.draw(chart, f"{title} : {SAME_MODEL}", rows, columns, title, height=340)
    page.download("scenario-mois-par-mois", rows, columns, title, [*words, ("mesure", row["label"])])


def _in_words(choices: str | None) -> str:
    """« reemission=50+%25&rythme=%2B20+%25 » → « reemission 50 %, rythme +20 % »."""
    return ", ".join(f"{name} {value}" for name, value in parse_qsl(choices or ""))


def draw_decisions(page: Page) -> None:
    """What was decided, and what came of it."""
    rows = page.ask("decisions")
    how = WHO_NOTES if page.rights.is_protected else HOW_TO_NOTE
    if rows.is_empty():
        on_screen.nothing_yet(DECISIONS, f"Aucune décision notée. {how}")
        return
    st.header(DECISIONS, anchor=False)
    rows = rows.with_columns(
        kind=pl.col("unit").replace_strict(format_fr.ROUND_WRITERS, default="integer"),
        outcome=pl.col("outcome").replace_strict(DECISION_OUTCOME),
        scenario=pl.Series([_in_words(choices) for choices in rows["scenario_choices"]], dtype=pl.String),
    )
    figures = [
        ("expected", "Total attendu"),
        ("value_when_decided", "Total à la décision"),
        ("value", "Total depuis"),
        ("weekly_before", "Par semaine, avant"),
        ("weekly_since", "Par semaine, depuis"),
    ]
    columns = [
        Column("decided_on", "Prise le", "date"),
        Column("decision", "Décision"),
        Column("owner", "Qui en répond"),
        Column("amount_eur", "Montant", "euros_round", may_miss=True),
        Column("outcome", "Où elle en est"),
        Column("due_on", "Échéance", "date"),
        Column("scenario", "Scénario qui l'a éclairée"),
        Column("label", "Mesure attendue"),
        *(
            Column(name, title, "number", kind_from="kind", may_miss=True)
            for name, title in figures
            if name in rows.columns
        ),
    ]
    told = Derived(
        "Le montant et l'effet attendu sont ceux que la décision notée donne ; les totaux, ceux de la vue d'ensemble "
        "au jour dit ; les rythmes, leur hausse des treize semaines d'avant et depuis."
    )
    columns = provenance.opening(columns, rows, told)
    title = "Décisions notées, de la plus récente à la plus ancienne"
    page.show(rows, columns, title)
    page.download("decisions", rows, columns, title)
    st.html(f'<p class="pn-note">{escape(how)}</p>')


page = open_page(
    TITLE, "Ce qu'une décision changerait aux objectifs ; ce que les décisions prises ont donné.", for_programme=True
)
provenance.draw(page)
chosen = choose(page)
ahead = outcome_of(page, chosen)
st.header("Ce que cela donnerait en fin de mandat", anchor=False)
if ahead.is_empty():
    st.html(f'<p class="pn-empty">{escape(not_projected(page.version.as_of, page.programme))}</p>')
else:
    told = provenance.Scope(page).derived(
        f"{SAME_MODEL} Elle part de :", *ahead["indicator"].unique(maintain_order=True)
    )
    words = list(chosen.words) or [("scénario", "rien n'est décidé")]
    asked = " ; ".join(f"{label} : {text}" for label, text in words)
    st.html(f"<p><strong>{escape(capital(asked))}.</strong></p>")
    ends = ahead.filter("is_mandate_end")
    draw_cards(ends)
    draw_table(page, ends, told, words)
    draw_curve(page, ahead, told, words)
draw_decisions(page)
