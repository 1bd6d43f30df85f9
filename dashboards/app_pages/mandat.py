"""Page « Mandat »: the mandate as known today, by year and month, counter-payments, receivables, credit notes due.

Every operation by nature, nothing netted. The account is read from marts.mandate_ledger, never computed here; a closed
account is a document (reporting/mandate), which later corrections do not rewrite.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import cards, coverage, filters
from dashboards.frame import Page, open_page
from dashboards.tables import show
from presentation import format_fr, labels
from presentation.sentences import ACCOUNT, MOVES
from presentation.table import Column

TITLE = "Mandat"
MENU = ("Rendre compte", 1)

LINES = {
    "opening": "Ouverture",
    "issued": "+ Émis",
    "used": "− Utilisés",
    "expired": "− Expirés",
    "cancelled": "− Annulés",
    "closing": "= Clôture",
}


MEANINGS = (
    ("Ouverture", "Pass utilisables au début de la période : la clôture de la période précédente."),
    ("Émis", "Pass des carnets émis dans la période."),
    ("Utilisés", "Pass dont l'utilisation comptée est de la période."),
    ("Expirés", "Pass non utilisés, comptés au mois du premier jour qui suit leur validité et sa tolérance."),
    ("Annulés", "Pass non utilisés de carnets annulés, perdus, volés ou retournés, au mois de ce changement."),
    ("Clôture", f"{MOVES}, en pass et en valeur faciale."),
)
RECEIVABLE = (
    "Trop-perçu",
    "Ce qu'un lieu a reçu et que les lignes d'aujourd'hui ne justifient plus : utilisation annulée ou rejetée, "
    "paiement effacé ou changé. Un paiement fait reste fait ; la somme est à rendre.",
)
CREDIT_NOTE = ("Avoirs dus", "Valeur faciale des pass expirés et annulés, que l'émetteur doit rendre à la Métropole.")
CREDIT_NOTE_LEFT = ("Reste dû", "Avoirs dus moins avoirs reçus, au titre de la seule valeur faciale.")


def ledger_columns(first: Column) -> list[Column]:
    """The account's columns, in passes then in euros."""
    return [
        first,
        *(Column(f"{name}_passes", f"{label} (pass)", "integer") for name, label in LINES.items()),
        *(Column(f"{name}_eur", f"{label} (euros)", "euros") for name, label in LINES.items()),
    ]


def draw_account(page: Page, chosen: filters.Filters, words: list) -> pl.DataFrame:
    """The account by year, then by month of the year chosen."""
    st.header("Compte par année", anchor=False)
    years = page.ask("ledger_years", filters=chosen)
    columns = ledger_columns(Column("year", "Année", "year"))
    in_passes, in_euros = [columns[0], *columns[1:7]], [columns[0], *columns[7:]]
    show(years, in_passes, "Compte du mandat par année, en pass")
    show(years, in_euros, "Compte du mandat par année, en euros")
    st.html(
        f'<p class="pn-note">{ACCOUNT} ; chaque clôture est '
        "l'ouverture suivante. Aucune compensation entre natures d'opérations. Ces soldes sont ceux que l'on connaît "
        "aujourd'hui : un compte annuel arrêté (page Exports) ne change plus, et ce qui est appris ensuite d'une année "
        "arrêtée y est une régularisation de l'année ouverte.</p>"
    )
    page.download("mandat-annees", years, columns, "Compte du mandat par année", words, meanings=MEANINGS)
    return years


def draw_months(page: Page, chosen: filters.Filters, years: pl.DataFrame, words: list) -> int:
    """The months of one year."""
    st.header("Compte par mois", anchor=False)
    known = [str(year) for year in years["year"].sort(descending=True)]
    year = int(filters.pick("Année", "annee", {name: name for name in known}))
    months = page.ask("ledger_months", filters=chosen, year=year)
    columns = ledger_columns(Column("month", "Mois", "month"))
    show(months, [columns[0], *columns[1:7]], f"Compte de {year} par mois, en pass")
    show(months, [columns[0], *columns[7:]], f"Compte de {year} par mois, en euros")
    page.download(
        "mandat-mois", months, columns, f"Compte du mandat, {year}", [*words, ("année", str(year))], meanings=MEANINGS
    )
    return year


def draw_credit_notes(page: Page, chosen: filters.Filters, words: list) -> None:
    """Credit notes by year: due for the passes expired and cancelled, received, and left to receive."""
    st.header("Avoirs dus", anchor=False)
    notes = page.ask("credit_notes", filters=chosen)
    # A credit note received is of an order, not of a place: beside the passes of some places it would say nothing.
    is_whole = page.rights.territory_code is None and not (chosen.territories or chosen.ami)
    shown = [
        cards.card(
            "Avoirs dus depuis le début",
            format_fr.euros(notes["born_eur"].sum()),
            note="Valeur faciale des pass expirés et annulés.",
        )
    ]
    columns = [
        Column("year", "Année", "year"),
        Column("expired_eur", "Pass expirés", "euros"),
        Column("cancelled_eur", "Pass annulés", "euros"),
        Column("born_eur", "Avoirs dus", "euros"),
    ]
    if is_whole:
        shown += [
            cards.card("Avoirs reçus", format_fr.euros(notes["received_eur"].sum()), note="De valeur faciale."),
            cards.card("Reste dû", format_fr.euros(notes["due_eur"].sum()), note="Avoirs dus moins avoirs reçus."),
        ]
        columns += [Column("received_eur", "Avoirs reçus", "euros"), Column("due_eur", "Dus moins reçus", "euros")]
    cards.show(shown)
    show(notes, columns, "Avoirs par année")
    meanings = (CREDIT_NOTE, CREDIT_NOTE_LEFT) if is_whole else (CREDIT_NOTE,)
    page.download("mandat-avoirs", notes, columns, "Avoirs par année", words, meanings=meanings)


def draw_payments(page: Page, chosen: filters.Filters, year: int, words: list) -> None:
    """The counter-payments of the year, with their references."""
    st.header("Contre-paiements aux lieux", anchor=False)
    payments = page.ask("counter_payments", filters=chosen, year=year)
    st.write(
        f"{format_fr.count(payments.height, 'contre-paiement')} en {year}, pour "
        f"{format_fr.euros(payments['amount_eur'].sum())}."
    )
    columns = [
        Column("reimbursement_reference", "Référence"),
        Column("reimbursed_on", "Date", "date"),
        Column("lieu_name", "Lieu"),
        Column("lieu_siret", "SIRET"),
        Column("passes", "Pass", "integer"),
        Column("amount_eur", "Montant", "euros"),
    ]
    show(payments, columns, f"Contre-paiements de {year}")
    page.download(
        "contre-paiements",
        payments,
        columns,
        f"Contre-paiements de {year}",
        [*words, ("année", str(year))],
        ("reimbursed_eur",),
    )


def draw_receivables(page: Page, chosen: filters.Filters, words: list) -> None:
    """What the lieux have to give back, by payment reference, since the start."""
    st.header("Trop-perçus à recouvrer sur les lieux", anchor=False)
    owed = page.ask("receivables", filters=chosen).with_columns(
        cause=pl.col("cause").str.split(" | ").list.eval(pl.element().replace(labels.RECEIVABLE)).list.join(" ; ")
    )
    if owed.is_empty():
        st.html('<p class="pn-empty">Aucun trop-perçu : chaque contre-paiement est justifié par une utilisation.</p>')
        return
    st.write(
        f"{format_fr.count(owed.height, 'référence')} en trop-perçu depuis le début, pour "
        f"{format_fr.euros(owed['amount_eur'].sum())}, dont {format_fr.euros(owed['open_eur'].sum())} à recouvrer."
    )
    columns = [
        Column("reimbursement_reference", "Référence"),
        Column("known_on", "Connu le", "date"),
        Column("lieu_name", "Lieu"),
        Column("lieu_siret", "SIRET"),
        Column("cause", "Cause"),
        Column("passes", "Pass", "integer"),
        Column("amount_eur", "Trop-perçu", "euros"),
        Column("recovered_eur", "Recouvré", "euros"),
        Column("open_eur", "À recouvrer", "euros"),
    ]
    columns = coverage.covered("receivables", columns)
    page.show(owed, columns, "Trop-perçus par lieu et par référence", words)
    page.download("trop-percus", owed, columns, "Trop-perçus à recouvrer sur les lieux", words, meanings=(RECEIVABLE,))


page = open_page(TITLE, "Le compte annuel du mandat : chaque opération par nature, rien n'est compensé.")
chosen, words = filters.choose(page, "ami", "territories", "lieux")
if chosen.lieux:
    st.info(
        "Le filtre des lieux ne porte que sur les contre-paiements et les trop-perçus : le compte est tenu par "
        "territoire du carnet."
    )
of_account = [word for word in words if word[0] != "lieux"]
years = draw_account(page, chosen, of_account)
if years.height:
    draw_credit_notes(page, chosen, of_account)
    year = draw_months(page, chosen, years, of_account)
    draw_payments(page, chosen, year, words)
    draw_receivables(page, chosen, words)
