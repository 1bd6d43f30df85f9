"""Page « Publics »: who the people equipped and reached are, always with the share that did not answer.

Small counts are withheld from all but the team, and enough others with them (reporting/cube).
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, people, provenance
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from presentation import format_fr, labels
from presentation.table import Column

TITLE = "Publics"
MENU = ("Rendre compte", 3)

#: The answer whose share is followed first: the one that has a target.
FOLLOWED = "public_pic=oui"
#: Under a share: it is of those who answered, as the bars below are of all.
AMONG_ANSWERS = "Parmi les personnes ayant répondu ; sans réponse : {}"
WHO = {"people_equipped": "personnes équipées", "people_reached": "personnes formées"}
SECRET = (
    "« secret » : effectif inférieur à {threshold}, ou qui permettrait d'en retrouver un par soustraction. "
    "Un total qui comprend un effectif secret n'est pas donné."
)


def read_profile(page: Page, dimension: str, chosen: Filters) -> pl.DataFrame:
    """category → people, over the territories chosen; a sum with a withheld part is withheld."""
    if not chosen.territories:
        if chosen.ami is None:
            return people.programme_audience(page, dimension)
        return people.ami_audience(page, dimension, chosen.ami)
    cells = people.audience(page, dimension).filter(pl.col("territory_code").is_in(chosen.territories))
    if chosen.ami is not None:
        cells = cells.filter(pl.col("ami") == chosen.ami)
    whole = [pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name) for name in WHO]
    return cells.group_by("category").agg(whole)


def draw_shares(page: Page, chosen: Filters) -> None:
    """The PIC and QPV shares of the programme, or of one territory."""
    named = {row["indicator"]: row for row in people.progress(page).to_dicts()}
    since = coverage.span_of("territory_totals")
    shown = []
    if len(chosen.territories) == 1:
        totals = people.territory_totals(page).filter(pl.col("territory_code") == chosen.territories[0])
        row = totals.row(0, named=True)
        for share, answered in (("pic_share", "pic_answered_share"), ("qpv_share", "qpv_answered_share")):
            silent = None if row[answered] is None else 1 - row[answered]
            note = AMONG_ANSWERS.format(format_fr.write(silent, "people_share"))
            value = format_fr.write(row[share], "people_share")
            opens = "" if row[share] is None else provenance.link(page, share, "territory", chosen.territories[0])
            words = cards.definition_of(named[share])
            shown.append(cards.card(named[share]["label"], value, "", note, words, since, opens))
        cards.show(shown, "Parts")
    elif not chosen.territories and chosen.ami is None:
        for share in ("pic_share", "qpv_share"):
            answered = named[share]["answered_share"]
            note = "" if answered is None else AMONG_ANSWERS.format(format_fr.percent(1 - answered))
            shown.append(cards.indicator_card(named[share], note, since, provenance.link(page, share)))
        cards.show(shown, "Parts")


def _scope(page: Page, chosen: Filters) -> provenance.Scope:
    """The places shown, or the whole programme where no figure of people is told for them."""
    is_one = len(chosen.territories) == 1 and chosen.ami is None
    return provenance.Scope.of(page, chosen) if is_one else provenance.Scope(page)


def draw_dimension(page: Page, dimension: str, who: str, chosen: Filters, words: list) -> None:
    """One characteristic: its bars, its table, its unanswered share, its files."""
    title = labels.DIMENSION[dimension]
    st.header(title, anchor=False)
    order = list(labels.ANSWER)
    frame = (
        read_profile(page, dimension, chosen)
        .with_columns(
            label=pl.col("category").replace_strict(labels.ANSWER, default=pl.col("category")),
            order=pl.col("category").replace_strict(order, range(len(order)), default=99),
        )
        .sort("order")
    )
    if frame.is_empty():
        st.html('<p class="pn-empty">Aucune personne pour ces filtres.</p>')
        return
    hidden = frame[who].null_count()
    total = None if hidden else int(frame[who].sum())
    silent = frame.filter(pl.col("category").is_in(labels.UNANSWERED))[who]
    unanswered = None if hidden or not total else int(silent.sum()) / total
    frame = frame.with_columns(share=pl.col(who) / total if total else pl.lit(None, pl.Float64))
    columns = coverage.covered(
        "audience",
        [
            Column("label", title),
            Column("people_equipped", "Personnes équipées", "people"),
            Column("people_reached", "Personnes formées", "people"),
            Column("share", f"Part des {WHO[who]}", "people_share"),
        ],
    )
    told = _scope(page, chosen).derived(
        "Personnes réparties d'après leur première prescription, la part sur celles de la colonne choisie. Toutes "
        "ensemble :",
        *WHO,
    )
    columns = provenance.opening(columns, frame, told)
    drawn = frame.filter(pl.col(who).is_not_null())
    silence = format_fr.write(unanswered, "people_share")
    note = f"Sans réponse exploitable (non renseigné, non communiqué, ne sait pas) : {silence}."
    if hidden:
        names = ", ".join(frame.filter(pl.col(who).is_null())["label"])
        note += (
            f" Effectifs secrets, absents du graphique : {names}."
            if drawn.height
            else " Trop peu de personnes : aucune réponse n'est montrée, toutes sont secrètes."
        )
    if drawn.height:
        first = drawn.sort(who, descending=True).row(0, named=True)
        page.draw(
            charts.bars(drawn, "label", who, "people", WHO[who].capitalize(), drawn["label"].to_list(), "share"),
            f"{title} des {WHO[who]}. Le plus nombreux : {first['label']} ({format_fr.integer(first[who])}). {note}",
            frame,
            columns,
            f"{title} des {WHO[who]}",
            words,
            height=34 * drawn.height + 12,
        )
    else:
        page.show(frame, columns, f"{title} des {WHO[who]}", words)
    st.html(f'<p class="pn-note">{note}</p>')
    page.download(f"publics-{dimension}", frame, columns, title, words, ("people_equipped", "people_reached"))


def draw_trend(page: Page, who: str, chosen: Filters, words: list) -> None:
    """The share of one answer, quarter by quarter; a quarter of a place has too few people for all but the team."""
    st.header("Évolution par trimestre", anchor=False)
    if page.rights.is_protected:
        st.html(
            "<p class=\"pn-note\">L'évolution par trimestre est réservée à l'équipe du programme : bien des réponses "
            "comptent trop peu de personnes dans un trimestre, et leur total depuis le début permettrait de les "
            "retrouver par soustraction (petits effectifs).</p>"
        )
        return
    answers = page.ask("audience").select("dimension", "category").unique().sort("dimension", "category")
    order = [*labels.DIMENSION]
    named = {
        f"{dimension}={category}": f"{labels.DIMENSION[dimension]} : {labels.ANSWER.get(category, category).lower()}"
        for dimension, category in sorted(answers.rows(), key=lambda row: (order.index(row[0]), row[1]))
    }
    first = {FOLLOWED: named[FOLLOWED]} if FOLLOWED in named else {}
    answer = filters.pick("Réponse suivie", "reponse", first | named)
    dimension, category = answer.split("=")
    frame = page.ask("audience_by_quarter", filters=chosen, dimension=dimension, category=category)
    frame = frame.filter(pl.col(f"{who}_in_all") > 0)
    if frame.is_empty():
        st.html('<p class="pn-empty">Aucune personne pour ces filtres.</p>')
        return
    frame = frame.with_columns(share=pl.col(who) / pl.col(f"{who}_in_all"))
    columns = coverage.covered(
        "audience_by_quarter",
        [
            Column("month", "Trimestre commençant en", "month"),
            Column(who, "Personnes de cette réponse", "people"),
            Column(f"{who}_in_all", f"Toutes les {WHO[who]}", "people"),
            Column("share", f"Part des {WHO[who]}", "people_share"),
        ],
    )
    told = _scope(page, chosen).derived("Personnes du trimestre, d'après leur première prescription, parmi :", who)
    columns = provenance.opening(columns, frame, told)
    title = f"{named[answer]}, part des {WHO[who]} de chaque trimestre"
    last = frame.row(-1, named=True)
    page.draw(
        charts.columns_by_month(frame, "share", "people_share", f"Part des {WHO[who]}", quarters=True),
        f"{title}. Dernier trimestre, commencé en {format_fr.month(last['month'])} : "
        f"{format_fr.percent(last['share'])}.",
        frame,
        columns,
        title,
        words,
        height=240,
    )
    page.download("publics-evolution", frame, columns, title, [*words, ("réponse", named[answer])])


page = open_page(TITLE, "Qui sont les personnes équipées et formées, avec la part qui n'a pas répondu.")
provenance.draw(page)
chosen, words = filters.choose(page, "ami", "territories")
who = filters.pick("Compter les", "public", WHO)
since = coverage.span_of("audience")
if page.rights.is_protected and who == "people_reached" and (chosen.territories or chosen.ami):
    st.info("Les réponses des personnes formées ne sont données que pour tout le programme (petits effectifs).")
secret = SECRET.format(threshold=page.programme.small_count_threshold) if page.rights.is_protected else ""
st.html(f'<p class="pn-note">Personnes comptées {since}. {secret}</p>')
draw_shares(page, chosen)
for dimension in labels.DIMENSION:
    draw_dimension(page, dimension, who, chosen, words)
draw_trend(page, who, chosen, words)
