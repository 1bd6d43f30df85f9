"""Page « Fiche d'un lieu »: its activity, its reimbursements and their delay, the quality of its lines, what to ask it.

Passes of a lieu are protected as those of a territory; its money and its lines are the team's.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from dashboards import calendar_months, cards, charts, coverage, filters, lieux, provenance, sheets
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from dashboards.steps import QUARTER
from presentation import format_fr, labels
from presentation.attention.one_lieu import Lines, OneLieu, Waiting, lieu_questions
from presentation.table import Column, Derived

TITLE = "Fiche d'un lieu"
ADDRESS = "lieu"

DELAY = (
    "Délai de remboursement",
    "Jours entre l'utilisation d'un pass et son remboursement : la moitié des pass remboursés l'ont été plus vite.",
)
_DELIVERED = Derived("Lignes d'utilisation livrées par le lieu, dans leur version courante (page Qualité).")


NO_QUESTION = "Rien : aucune question n'est ouverte pour ce lieu."
#: To a reader who is not told of its money and its lines: questions may be open on those.
NO_QUESTION_SEEN = "Rien sur son activité ni sur son référencement ; le reste se voit avec l'équipe du programme."


def read_lieu(page: Page, row: dict, siret: str) -> OneLieu:
    """What the questions rest on; the money and the lines, for the team alone."""
    known = OneLieu(
        is_inferred=row["is_inferred"],
        last_month=row["last_month"],
        referenced_until=row["referenced_until"],
        is_exhausted=row["territory_state"] == "exhausted",
    )
    if page.rights.is_protected:
        return known
    payment = page.ask("lieu_payment", lieu=siret).to_dicts()
    quality = page.ask("lieu_quality", lieu=siret)
    delivered = quality.filter(line_kind="delivered")["delivered_lines"].sum()
    uncounted = quality.filter(line_kind="uncounted")
    reasons = [labels.in_sentence(labels.EXCLUSION.get(reason, reason)) for reason in uncounted["line_reason"]]
    owed = page.ask("receivables", filters=Filters(lieux=(siret,)))["open_eur"].sum()
    waiting = [Waiting(row["passes_waiting"], float(row["waiting_eur"]), row["waiting_since"]) for row in payment]
    lines = Lines(int(delivered), dict(zip(reasons, uncounted["delivered_lines"], strict=True)))
    return replace(
        known,
        waiting=waiting[0] if waiting else None,
        lines=lines if delivered else None,
        to_recover_eur=float(owed),
    )


def draw_questions(page: Page, lieu: OneLieu) -> None:
    """What the lieu is to be asked, from the one engine of the points of attention."""
    since = page.ask("quiet_since")["quiet_since"][0]
    found = lieu_questions(lieu, page.programme, page.version.as_of, since)
    st.header("Ce qu'il faut lui demander", anchor=False)
    if not found:
        st.html(f"<p>{NO_QUESTION_SEEN if page.rights.is_protected else NO_QUESTION}</p>")
        return
    told = "".join(
        f"<li><strong>{escape(point.subject)}</strong> : {escape(point.text)}"
        + (f" <strong>{escape(point.asks)}.</strong>" if point.asks else "")
        + "</li>"
        for point in found
    )
    st.html(f'<ul class="pn-points">{told}</ul>')


def draw_activity(page: Page, row: dict, siret: str, name: str) -> None:
    """Its passes, sessions and hours, since the start, then by month or quarter (by quarter outside the team)."""
    st.header("Activité", anchor=False)
    scope = provenance.Scope(page, "lieu", siret)
    named = {item["code"]: item for item in page.ask("indicators").to_dicts()}
    span = coverage.span_of("lieu_totals")
    codes = [code for code in ("passes_used", "hours", "session_hours", "face_value_used_eur") if code in named]
    cards.show(
        [
            cards.indicator_card(
                named[code] | {"value": row[code], "target": None},
                span=span,
                opens=scope.opens(code) if row[code] is not None else "",
            )
            for code in codes
        ]
    )
    # Outside the team a lieu is given by quarter (reporting/cube).
    step = QUARTER if page.rights.is_protected else filters.pick_step()
    months = page.ask("lieu_months", filters=Filters(lieux=(siret,)), quarters=step.is_quarter)
    if months.is_empty():
        st.html('<p class="pn-empty">Aucun pass n\'y a été utilisé.</p>')
        return
    columns = coverage.covered(
        "lieu_months",
        [
            Column("month", step.title, "month"),
            Column("passes_used", "Pass utilisés", "integer"),
            Column("sessions", "Sessions", "integer"),
            Column("hours", "Heures de formation", "hours"),
        ],
    )
    if page.rights.is_protected:
        columns = provenance.opening(columns, months, scope.derived("Par trimestre, les pass du lieu :", "passes_used"))
    else:
        shown = ["passes_used", "sessions", "hours"]
        months = calendar_months.whole(page, months, shown, is_known=True, quarters=step.is_quarter)
        months = scope.by_month(months, {one: one for one in shown}, quarters=step.is_quarter)
        columns = provenance.opening(columns, months)
    title = f"Activité par {step.word}"
    page.draw(
        charts.columns_by_month(months, "passes_used", "integer", "Pass utilisés", quarters=step.is_quarter),
        f"Pass utilisés par {step.word} à {name}.",
        months,
        columns,
        title,
        height=200,
    )
    page.download("fiche-lieu-mois", months, columns, title, [("lieu", name), *step.choices], ("passes_used", "hours"))


def draw_payments(page: Page, siret: str, name: str) -> None:
    """What was reimbursed, in how long, and what still waits."""
    st.header("Remboursements", anchor=False)
    found = page.ask("lieu_payment", lieu=siret).to_dicts()
    if not found:
        st.html('<p class="pn-empty">Aucune utilisation comptée : rien à rembourser.</p>')
        return
    row = found[0]
    scope = provenance.Scope(page, "lieu", siret)
    told = scope.derived("Parmi les pass utilisés dans le lieu :", "passes_used")
    delay, usual = row["delay_days"], row["programme_delay_days"]
    waits = f"depuis le {format_fr.day_long(row['waiting_since'])}" if row["waiting_since"] else ""
    longest = "" if delay is None else f"le plus long : {_days(row['longest_delay_days'])} ; "
    cards.show(
        [
            cards.card(
                "Remboursé au lieu",
                format_fr.euros_round(row["paid_eur"]),
                note=format_fr.count(row["passes_paid"], "pass", "pass"),
                derived=told,
            ),
            cards.card(
                DELAY[0],
                "—" if delay is None else _days(delay),
                note=f"{longest}tous les lieux : {'—' if usual is None else _days(usual)}",
                derived=Derived(DELAY[1]),
            ),
            cards.card(
                "En attente de remboursement",
                format_fr.euros_round(row["waiting_eur"]),
                note=" ".join(filter(None, [format_fr.count(row["passes_waiting"], "pass", "pass"), waits])),
                derived=told,
            ),
        ]
    )
    payments = page.ask("counter_payments", filters=Filters(lieux=(siret,)), year=None)
    columns = coverage.covered(
        "counter_payments",
        [
            Column("reimbursed_on", "Payé le", "date"),
            Column("reimbursement_reference", "Référence"),
            Column("passes", "Pass", "integer"),
            Column("amount_eur", "Montant", "euros"),
        ],
    )
    columns = provenance.opening(
        columns, payments, Derived("Paiements portés par les lignes d'utilisation livrées (page Mandat).")
    )
    title = "Paiements au lieu"
    if payments.height:
        page.show(payments, columns, title)
        page.download("fiche-lieu-paiements", payments, columns, title, [("lieu", name)], meanings=(DELAY,))


def _days(value: float) -> str:
    return format_fr.count(value, "jour")


def draw_quality(page: Page, siret: str, name: str) -> None:
    """The lines that the lieu delivered: all, those that do not count and why, those counted with an anomaly."""
    st.header("Qualité de ses lignes", anchor=False)
    found = page.ask("lieu_quality", lieu=siret)
    if found.is_empty():
        st.html("<p class=\"pn-empty\">Ce lieu n'a livré aucune ligne d'utilisation.</p>")
        return
    words = {"delivered": "Lignes livrées", "uncounted": "Non comptée", "anomaly": "Comptée, avec une anomalie"}
    reasons = labels.EXCLUSION | labels.ANOMALY | {"": "toutes"}
    rows = found.with_columns(
        what=pl.col("line_kind").replace_strict(words, default="—"),
        why=pl.col("line_reason").replace_strict(reasons, default=pl.col("line_reason")),
        order=pl.col("line_kind").replace_strict(list(words), range(len(words)), default=9),
    ).sort("order", "delivered_lines", descending=[False, True])
    columns = [
        Column("what", "Lignes"),
        Column("why", "Motif"),
        Column("delivered_lines", "Nombre", "integer", cover=coverage.QUESTIONS["lieu_totals"], derived=_DELIVERED),
    ]
    page.show(rows, columns, "Lignes livrées par le lieu")
    page.download("fiche-lieu-lignes", rows, columns, "Lignes livrées par le lieu", [("lieu", name)])


page = open_page(TITLE, "Un lieu de médiation : ce qu'il fait, ce qui lui est remboursé, ce qu'il faut lui demander.")
siret = sheets.choose(page, "Lieu", "lieu", lieux.names(page), "Aucun lieu n'est connu dans cette version.")
row = page.ask("lieu_totals", filters=Filters(lieux=(siret,))).row(0, named=True)
page = page.within(row["lieu_name"])
with st.container(key="sheet"):
    st.header(row["lieu_name"], anchor=False)
    territory = escape(row["territory_name"] or "territoire inconnu")
    if row["territory_name"] in filters.territory_names(page).values():
        address = escape(filters.link("territoire", territoire=row["territory_name"]))
        territory = f'<a href="{address}" target="_self">{territory}</a>'
    state = "hors annuaire" if row["is_inferred"] else "référencé dans l'annuaire"
    ends = f" jusqu'au {format_fr.day_long(row['referenced_until'])}" if row["referenced_until"] else ""
    services = escape((row["services"] or "").replace("|", ", "))
    st.html(
        f"<p>{territory} · SIRET {escape(siret)} · {escape(state)}{escape(ends)}"
        f"{f'<br>Services : {services}' if services else ''}</p>"
    )
    draw_questions(page, read_lieu(page, row, siret))
    draw_activity(page, row, siret, row["lieu_name"])
    if page.rights.is_protected:
        st.html(
            '<p class="pn-note">Les remboursements du lieu et la qualité de ses lignes sont réservés à l\'équipe '
            "(petits effectifs).</p>"
        )
    else:
        draw_payments(page, siret, row["lieu_name"])
        draw_quality(page, siret, row["lieu_name"])
