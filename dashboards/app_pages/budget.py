"""Page « Budget »: committed, paid, received, the State's share, against the programme's budget."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, provenance
from dashboards.frame import Page, open_page
from dashboards.points import has_entries, state_share
from presentation import format_fr, labels
from presentation.attention.money import left_to_call, no_entry
from presentation.attention.point import HALF_A_EURO
from presentation.labels import capital
from presentation.sentences import STATE
from presentation.table import Column

TITLE = "Budget"
MENU = ("Rendre compte", 2)

#: The curves: measures of the dictionary, which months add up.
CURVES = {
    "budget_committed_eur": "Engagé",
    "budget_paid_eur": "Mandaté, net des avoirs",
    "received_eur": "Reçu",
}
RECEIPTS = ("received_eur", "received_communes_eur")
FROM_STATE_CODE = "received_state_eur"
DEFINED = ("budget_committed_eur", "budget_paid_eur", "state_share_due_eur")
RECEIVED = ("Recettes", "Somme des recettes de l'État et des communes (montant TTC).")
FROM_STATE = ("Reçu de l'État", "Somme des recettes de l'État seul (montant TTC).")
TO_CALL = ("Reste à appeler auprès de l'État", "Part de l'État due moins recettes de l'État seul.")


def draw_headlines(page: Page) -> None:
    """The programme's budget figures, whatever the filters."""
    progress = {row["indicator"]: row for row in page.ask("progress").to_dicts()}
    receipts = page.ask("measures", filters=filters.Filters(), codes=RECEIPTS)
    received, from_communes = (receipts.filter(indicator=code)["value"].sum() for code in RECEIPTS)
    from_state, left = state_share(page)
    if not has_entries(page):
        st.info(capital(no_entry(page.version.as_of)))
    state = progress["state_share_due_eur"]
    since = coverage.span_of("progress")
    whole = provenance.Scope(page)
    cards.show(
        [
            *(
                cards.indicator_card(progress[code], span=since, opens=provenance.link(page, code))
                for code in ("budget_committed_eur", "budget_paid_eur")
            ),
            cards.card(
                "Recettes",
                format_fr.euros_round(received),
                note=f"État : {format_fr.euros_round(from_state)} ; communes : {format_fr.euros_round(from_communes)}",
                definition=_definition(RECEIVED),
                span=since,
                opens=whole.opens("received_eur"),
                derived=whole.derived("dont :", FROM_STATE_CODE, RECEIPTS[1]),
            ),
        ],
        "En bref",
    )
    st.header("La part de l'État", anchor=False)
    cards.show(
        [
            cards.indicator_card(state, span=since, opens=provenance.link(page, "state_share_due_eur")),
            cards.card(
                FROM_STATE[0],
                format_fr.euros_round(from_state),
                note="sans les recettes des communes",
                definition=_definition(FROM_STATE),
                span=since,
                opens=whole.opens(FROM_STATE_CODE),
            ),
            cards.card(
                TO_CALL[0],
                format_fr.euros_round(max(left, 0)),
                note=left_to_call(left) if left <= -HALF_A_EURO else "",
                definition=_definition(TO_CALL),
                span=STATE,
                derived=whole.derived(
                    "Reste à appeler = part de l'État due − recettes de l'État :",
                    "state_share_due_eur",
                    FROM_STATE_CODE,
                ),
            ),
        ],
        "La part de l'État",
    )


def _definition(meaning: tuple[str, str]) -> str:
    return (
        f'<details><summary>Définition<span class="pn-hidden"> : {escape(meaning[0])}</span></summary>'
        f"<p>{escape(meaning[1])}</p></details>"
    )


def draw_curve(page: Page, chosen: filters.Filters, words: list) -> None:
    """Committed, paid and received, cumulated over the months shown."""
    st.header("Engagé, mandaté et reçu, en cumul", anchor=False)
    by_month = page.ask("measures", filters=chosen, codes=tuple(CURVES)).with_columns(
        series=pl.col("indicator").replace_strict(CURVES)
    )
    if by_month.is_empty():
        st.html('<p class="pn-empty">Aucune écriture sur la période.</p>')
        return
    # Every month to the last one shown: a total stands where no entry moves it.
    last_month = min(chosen.end or page.version.as_of, page.version.as_of).replace(day=1)
    months = pl.select(month=pl.date_range(min(by_month["month"].to_list()), last_month, "1mo"))
    grid = months.join(by_month.select(pl.col("series").unique()), how="cross")
    total = (
        grid.join(by_month, on=["month", "series"], how="left")
        .sort("series", "month")
        .with_columns(total=pl.col("value").fill_null(0).cum_sum().over("series"))
    )
    last = {row["series"]: row["total"] for row in total.sort("month").to_dicts()}
    step = filters.pick_step()
    if step.is_quarter:
        # A total reached, at the end of each quarter; at that of the last month shown, in a quarter that goes on.
        quarter = pl.col("month").dt.truncate("1q")
        total = total.group_by("series", quarter=quarter, maintain_order=True).agg(pl.col("total").last())
        total = total.with_columns(month=pl.min_horizontal(pl.col("quarter").dt.offset_by("2mo"), pl.lit(last_month)))
    columns = coverage.covered(
        "budget",
        [
            Column("month", "À la fin de", "month"),
            Column("series", "Nature"),
            Column("total", "Cumul", "euros"),
        ],
    )
    scope = provenance.Scope.of(page, chosen)
    codes = {name: code for code, name in CURVES.items()}
    opens = [
        scope.between(chosen.start, month).opens(codes[series])
        for month, series in total.select("month", "series").rows()
    ]
    total = total.with_columns(pl.Series("total_opens", opens, pl.String))
    columns = provenance.opening(columns, total)
    span = coverage.span_of("budget", words)
    title = "Engagé, mandaté et reçu, en cumul"
    says = " ; ".join(f"{name} : {format_fr.euros_round(value)}" for name, value in last.items())
    page.draw(
        charts.lines_by_month(total, "total", "series", "euros_round", "Cumul", steps=True),
        f"Cumul {span}. {says}.",
        total,
        columns,
        title,
        words,
    )
    page.download("budget-cumul", total, columns, title, [*words, *step.choices], DEFINED, (RECEIVED,))


def draw_tables(page: Page, scope: provenance.Scope, entries: pl.DataFrame, words: list) -> None:
    """By nature and category, then by year."""
    st.header("Par nature et par catégorie", anchor=False)
    named = entries.with_columns(
        nature_label=pl.col("nature").replace_strict(labels.NATURE, default=pl.col("nature")),
        category_label=pl.col("category").replace_strict(labels.CATEGORY, default=pl.col("category")),
        year=pl.col("month").dt.year(),
    )
    sums = [pl.col("entries", "amount_incl_tax_eur", "amount_excl_tax_eur").sum()]
    by_kind = named.group_by("nature_label", "category_label").agg(sums).sort("nature_label", "category_label")
    told = scope.derived(
        "Écritures livrées, une ligne chacune, regroupées ; le montant HT est celui de l'écriture. Ce qu'elles font "
        "ensemble :",
        *CURVES,
    )
    amounts = coverage.covered(
        "budget",
        [
            Column("entries", "Écritures", "integer"),
            Column("amount_incl_tax_eur", "Montant TTC", "euros"),
            Column("amount_excl_tax_eur", "Montant HT", "euros"),
        ],
    )
    amounts = [replace(column, derived=told) for column in amounts]
    columns = [Column("nature_label", "Nature"), Column("category_label", "Catégorie"), *amounts]
    page.show(by_kind, columns, "Écritures par nature et par catégorie", words)
    page.download("budget", by_kind, columns, "Budget par nature et catégorie", words, DEFINED, (RECEIVED,))
    st.header("Par année", anchor=False)
    by_year = named.group_by("year", "nature_label").agg(sums).sort("year", "nature_label")
    columns = [Column("year", "Année", "year"), Column("nature_label", "Nature"), *amounts]
    page.show(by_year, columns, "Écritures par année et par nature", words)
    page.download("budget-annees", by_year, columns, "Budget par année", words, DEFINED, (RECEIVED,))


page = open_page(TITLE, "Ce qui est engagé, payé et reçu, et la part due par l'État.", for_programme=True)
provenance.draw(page)
draw_headlines(page)
chosen, words = filters.choose(page, "period", "ami")
above = coverage.deaf_sentence("progress", words, "aux chiffres du haut de la page")
st.html(f'<p class="pn-note">Les écritures ne sont pas réparties par territoire. {escape(above)}</p>')
entries = page.ask("budget", filters=chosen)
if entries.is_empty():
    st.html('<p class="pn-empty">Aucune écriture budgétaire ne répond à ces filtres.</p>')
    st.stop()
draw_curve(page, chosen, words)
draw_tables(page, provenance.Scope.of(page, chosen), entries, words)
