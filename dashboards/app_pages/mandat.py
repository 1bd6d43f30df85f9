"""Page « Mandat »: the mandate as known today, by year and month, counter-payments, receivables, credit notes due.

Every operation by nature, nothing netted. The account is read from marts.mandate_ledger, never computed here; a closed
account is a document (reporting/mandate), which later corrections do not rewrite.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from dashboards import cards, coverage, filters, lieux, provenance
from dashboards.frame import Page, open_page
from dashboards.points import lost_eur
from dashboards.tables import show
from presentation import format_fr, labels
from presentation.sentences import ACCOUNT, MOVES
from presentation.table import Column
from warehouse.published.figure_address import joined

TITLE = "Mandat"
MENU = ("Rendre compte", 1)

#: Columns of the account that are sums of lines, and their measures; the balances are sums of these.
MEASURES = {
    "issued_passes": "passes_issued",
    "used_passes": "passes_used",
    "expired_passes": "passes_expired",
    "cancelled_passes": "passes_cancelled",
    "issued_eur": "face_value_issued_eur",
    "used_eur": "face_value_used_eur",
    "expired_eur": "face_value_expired_eur",
    "cancelled_eur": "face_value_cancelled_eur",
}
DUE, RECEIVED = ("face_value_expired_eur", "face_value_cancelled_eur"), "face_value_credited_eur"
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


def opening_moves(
    scope: provenance.Scope, frame: pl.DataFrame, columns: list[Column], spans: list[tuple[date, date]]
) -> tuple[pl.DataFrame, list[Column]]:
    """The rows of the account, each of the months of `spans`, with the addresses that open what moved in them."""
    for column, indicator in MEASURES.items():
        opens = [scope.between(*span).opens(indicator) for span in spans]
        frame = frame.with_columns(pl.Series(f"{column}_opens", opens, pl.String))
    told = scope.derived(
        "Ouverture et clôture = émis − utilisés − expirés − annulés, de tous les mois d'avant :", *MEASURES.values()
    )
    return frame, provenance.opening(columns, frame, told)


def draw_account(page: Page, scope: provenance.Scope, chosen: filters.Filters, words: list) -> pl.DataFrame:
    """The account by year, then by month of the year chosen."""
    st.header("Compte par année", anchor=False)
    years = page.ask("ledger_years", filters=chosen)
    spans = [(date(year, 1, 1), date(year, 12, 1)) for year in years["year"]]
    years, columns = opening_moves(scope, years, ledger_columns(Column("year", "Année", "year")), spans)
    in_passes, in_euros = [columns[0], *columns[1:7]], [columns[0], *columns[7:]]
    page.show(years, in_passes, "Compte du mandat par année, en pass")
    page.show(years, in_euros, "Compte du mandat par année, en euros")
    st.html(
        f'<p class="pn-note">{ACCOUNT} ; chaque clôture est '
        "l'ouverture suivante. Aucune compensation entre natures d'opérations. Ces soldes sont ceux que l'on connaît "
        "aujourd'hui : un compte annuel arrêté (page Exports) ne change plus, et ce qui est appris ensuite d'une année "
        "arrêtée y est une régularisation de l'année ouverte.</p>"
    )
    page.download("mandat-annees", years, columns, "Compte du mandat par année", words, meanings=MEANINGS)
    return years


def draw_months(page: Page, scope: provenance.Scope, chosen: filters.Filters, years: pl.DataFrame, words: list) -> int:
    """The months of one year, or its quarters."""
    heading = st.empty()
    known = [str(year) for year in years["year"].sort(descending=True)]
    year = int(filters.pick("Année", "annee", {name: name for name in known}))
    step = filters.pick_step()
    heading.header(f"Compte par {step.word}", anchor=False)
    months = page.ask("ledger_months", filters=chosen, year=year, quarters=step.is_quarter)
    if months.is_empty():
        st.html('<p class="pn-empty">Une partie du programme n\'est donnée que par année (petits effectifs).</p>')
        return year
    spans = provenance.spans(months, step.is_quarter)
    months, columns = opening_moves(scope, months, ledger_columns(Column("month", step.title, "month")), spans)
    page.show(months, [columns[0], *columns[1:7]], f"Compte de {year} par {step.word}, en pass")
    page.show(months, [columns[0], *columns[7:]], f"Compte de {year} par {step.word}, en euros")
    told = [*words, ("année", str(year)), *step.choices]
    page.download("mandat-mois", months, columns, f"Compte du mandat, {year}", told, meanings=MEANINGS)
    return year


def draw_credit_notes(page: Page, scope: provenance.Scope, chosen: filters.Filters, words: list) -> None:
    """Credit notes by year: due for the passes expired and cancelled, received, and left to receive."""
    st.header("Avoirs dus", anchor=False)
    notes = page.ask("credit_notes", filters=chosen)
    # A credit note received is of an order, not of a place: beside the passes of some places it would say nothing.
    is_whole = page.rights.territory_code is None and not (chosen.territories or chosen.ami)
    lost = lost_eur(page, chosen)
    told = scope.derived("Valeur expirée + valeur annulée :", *DUE)
    shown = [
        cards.card(
            "Avoirs dus depuis le début",
            format_fr.write(lost, page.kind("euros_round")),
            note="Valeur faciale des pass expirés et annulés.",
            derived=told,
        )
    ]
    columns = [
        Column("year", "Année", "year"),
        Column("expired_eur", "Pass expirés", "euros"),
        Column("cancelled_eur", "Pass annulés", "euros"),
        Column("born_eur", "Avoirs dus", "euros", derived=told),
    ]
    if is_whole:
        received = scope.derived("Écritures « avoir » de valeur faciale, de signe contraire :", RECEIVED)
        left = scope.derived("Avoirs dus − avoirs reçus, parmi :", *DUE, RECEIVED)
        shown += [
            cards.card(
                "Avoirs reçus",
                format_fr.euros_round(notes["received_eur"].sum()),
                note="De valeur faciale.",
                derived=received,
            ),
            cards.card(
                "Reste dû",
                format_fr.write(
                    None if lost is None else lost - float(notes["received_eur"].sum()), page.kind("euros_round")
                ),
                note="Avoirs dus moins avoirs reçus.",
                derived=left,
            ),
        ]
        columns += [
            Column("received_eur", "Avoirs reçus", "euros", derived=received),
            Column("due_eur", "Dus moins reçus", "euros", derived=left),
        ]
    for column, indicator in zip(("expired_eur", "cancelled_eur"), DUE, strict=True):
        opens = [scope.between(date(year, 1, 1), date(year, 12, 1)).opens(indicator) for year in notes["year"]]
        notes = notes.with_columns(pl.Series(f"{column}_opens", opens, pl.String))
    columns = provenance.opening(columns, notes)
    cards.show(shown)
    page.show(notes, columns, "Avoirs par année")
    meanings = (CREDIT_NOTE, CREDIT_NOTE_LEFT) if is_whole else (CREDIT_NOTE,)
    page.download("mandat-avoirs", notes, columns, "Avoirs par année", words, meanings=meanings)


def of_lieux(page: Page, chosen: filters.Filters) -> provenance.Scope:
    """The lieux chosen, or those of the territories chosen, or all of them; every month."""
    if not chosen.lieux:
        return provenance.Scope.of(page, chosen, "lieux")
    return provenance.Scope(page, "lieu", joined(chosen.lieux))


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
        lieux.linked(Column("lieu_name", "Lieu")),
        Column("lieu_siret", "SIRET"),
        Column("passes", "Pass", "integer"),
        Column("amount_eur", "Montant", "euros"),
    ]
    told = (
        of_lieux(page, chosen)
        .between(date(year, 1, 1), date(year, 12, 1))
        .derived(
            "Une ligne par lieu, référence et jour de paiement : « passnum why --payment RÉFÉRENCE » donne les lignes "
            "livrées qu'il paie. Toutes ensemble :",
            "counter_paid_eur",
        )
    )
    columns = provenance.opening(columns, payments, told)
    show(lieux.with_words(page, payments), columns, f"Contre-paiements de {year}")
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
        lieux.linked(Column("lieu_name", "Lieu")),
        Column("lieu_siret", "SIRET"),
        Column("cause", "Cause"),
        Column("passes", "Pass", "integer"),
        Column("amount_eur", "Trop-perçu", "euros"),
        Column("recovered_eur", "Recouvré", "euros"),
        Column("open_eur", "À recouvrer", "euros"),
    ]
    columns = coverage.covered("receivables", columns)
    told = of_lieux(page, chosen).derived(
        "Une ligne par lieu et référence, que « passnum why --payment RÉFÉRENCE » remonte jusqu'aux lignes livrées ; à "
        "recouvrer = trop-perçu − recouvré. Toutes ensemble :",
        "overpaid_eur",
        "recovered_eur",
    )
    columns = provenance.opening(columns, owed, told)
    page.show(lieux.with_words(page, owed), columns, "Trop-perçus par lieu et par référence", words)
    page.download("trop-percus", owed, columns, "Trop-perçus à recouvrer sur les lieux", words, meanings=(RECEIVABLE,))


page = open_page(TITLE, "Le compte annuel du mandat : chaque opération par nature, rien n'est compensé.")
provenance.draw(page)
chosen, words = filters.choose(page, "ami", "territories", "lieux")
if chosen.lieux:
    st.info(
        "Le filtre des lieux ne porte que sur les contre-paiements et les trop-perçus : le compte est tenu par "
        "territoire du carnet."
    )
of_account = [word for word in words if word[0] != "lieux"]
scope = provenance.Scope.of(page, chosen, "account")
years = draw_account(page, scope, chosen, of_account)
if years.height:
    draw_credit_notes(page, scope, chosen, of_account)
    year = draw_months(page, scope, chosen, years, of_account)
    if page.rights.is_protected:
        # A note, under no heading: on paper it does not take a sheet of its own.
        st.html(
            '<p class="pn-note">Les contre-paiements aux lieux et les trop-perçus, référence par référence, sont '
            "réservés à l'équipe du programme : une référence peut ne payer que quelques pass.</p>"
        )
    else:
        draw_payments(page, chosen, year, words)
        draw_receivables(page, chosen, words)
