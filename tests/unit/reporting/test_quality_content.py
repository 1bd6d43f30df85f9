"""What the report says: what stands, who owns it, what it weighs, what is new, and what nobody may read."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import escape
from typing import Any

import polars as pl
import pytest

from reporting.quality.content import FACT_COLUMNS, Content, write_content
from reporting.quality.details import collect_details
from reporting.quality.editions import Edition, list_editions
from reporting.quality.page import write_html, write_text
from reporting.quality.sources import Sources, without_accepted
from reporting.quality.view import make_view
from reporting.quality.wording import FieldGuide
from reporting.quality.workbook import write_workbook
from tests.unit.reporting.quality_sources import LIEU_A, LIEU_B, RECEIVED, check, delivery, finding, make_sources

GUIDES = {
    ("utilisations", "siret_lieu"): FieldGuide("SIRET du lieu", "SIRET de 14 chiffres", LIEU_A),
    ("utilisations", "duree_minutes"): FieldGuide("Durée (minutes)", "nombre entier de 1 à 600", "90"),
}


def tell(sources: Sources, edition: Edition = Edition(), before: Sources | None = None) -> Content:
    """The content of an edition, compared with the report of `before`."""
    previous = None if before is None else collect_details(before).select(FACT_COLUMNS)
    titles = {} if before is None else {p.key: p.advice.title for p in tell(before).problems}
    return write_content(
        edition,
        collect_details(sources),
        sources,
        GUIDES,
        report_id="r",
        written_on=date(2022, 12, 5),
        expected_days=35,
        previous=previous,
        previous_on=None if before is None else date(2022, 11, 28),
        titles=titles,
    )


def show(content: Content) -> str:
    """Everything a reader of the mail sees."""
    view = make_view(content)
    return write_html(view) + write_text(view) + view.subject


def line_of(file_id: str, line: int, **more: Any) -> dict[str, Any]:
    """The weight of a delivered line."""
    return {"file_id": file_id, "line_number": line, "passes": 1, "amount_eur": 10.0, "hours": 1.5} | more


def test_nothing_to_mend_is_said_too() -> None:
    content = tell(make_sources(checks=[check("PN-401", "ok")]))
    assert content.verdict == "conforme"
    text = write_text(make_view(content))
    assert "CONFORME : RIEN À CORRIGER" in text
    assert "1\u00a0contrôle fait, aucun en échec" in text
    assert "envoyé aussi quand tout va bien" in text


def test_no_line_of_the_page_begins_with_a_sign_that_closes() -> None:
    html = write_html(make_view(tell(make_sources(rejected=[finding("f1", 12, "siret_lieu", "9,99E+13")]))))
    assert "SIRET du lieu" in html
    assert not re.search(r"[^;{}] [:;»]|« ", re.sub(r"<style>.*?</style>|<[^>]+>", "", html, flags=re.S))


def test_a_rejected_line_gives_file_line_column_value_rule_and_how_to_mend() -> None:
    content = tell(make_sources(rejected=[finding("f1", 12, "siret_lieu", "9,99E+13")]))
    assert content.verdict == "à surveiller"
    (problem,) = content.problems
    assert (problem.owner, problem.amount_eur, problem.hours, problem.is_estimated) == ("#APTIC", 10.0, 0.5, True)
    text = write_text(make_view(content))
    for expected in ("f1.csv", "Ligne : 12", "siret_lieu", "9,99E+13", "SIRET de 14 chiffres", f"« {LIEU_A} »"):
        assert expected in text
    assert "environ 10\u00a0€ et 0,5\u00a0h touchés" in text


def test_values_from_files_are_escaped_in_the_page() -> None:
    attack = '<img src=x onerror="alert(1)">'
    content = tell(make_sources(rejected=[finding("f1", 2, "montant", attack, file_name="<b>.csv")]))
    html = write_html(make_view(content))
    assert "<img" not in html
    assert "<b>" not in html
    assert escape(attack)[:8] in html


def test_what_touches_most_euros_comes_first_then_hours_and_what_blocks_before_all() -> None:
    sources = make_sources(
        rejected=[finding("f1", n, "montant", "gratuit") for n in range(2, 5)],
        issues=[finding("f1", 20, "duree_minutes", "9999"), finding("f1", 30, "modalite", "?")],
        lines=[line_of("f1", 20, hours=9.0), line_of("f1", 30, hours=1.0)],
        checks=[check("PN-500", severity="bloquant", owner="MGP"), check("PN-501", owner="MGP")],
    )
    content = tell(sources)
    assert content.verdict == "bloquant"
    order = [problem.code or problem.lines["column_name"][0] for problem in content.problems]
    assert order == ["PN-500", "montant", "duree_minutes", "modalite", "PN-501"]


def test_personal_data_received_off_contract_come_before_all() -> None:
    """« ordered by harm, personal data received off contract first »: before what blocks and what weighs most."""
    sources = make_sources(
        rejected=[finding("f1", n, "montant", "gratuit") for n in range(2, 5)],
        issues=[finding("f1", 20, "nom_lieu", None, "personal_text_masked")],
        lines=[line_of("f1", 20)],
        checks=[check("PN-500", severity="bloquant", owner="MGP"), check("PN-413", owner="#APTIC")],
        failures=[{"code": "PN-413", "owner": "#APTIC", "source_file_id": "f1", "detail": "1 colonne"}],
    )
    order = [problem.code or problem.lines["reason"][0] for problem in tell(sources).problems]
    assert order[2:] == ["PN-500", "invalid_value"]
    assert set(order[:2]) == {"PN-413", "personal_text_masked"}


def test_a_check_that_counts_what_the_same_owner_reads_line_by_line_is_not_told_beside_it() -> None:
    """« one cause told once »: the lines of a file, or the check that counts them, never both."""
    faults = [finding("f1", n, "montant", "gratuit") for n in range(2, 9)]
    counted = {"code": "PN-405", "source_file_id": "f1", "detail": "7 lignes rejetées"}
    other = {"code": "PN-405", "source_file_id": "f2", "detail": "6 lignes rejetées"}
    rows: dict[str, Any] = {"checks": [check("PN-405", owner="#APTIC")], "rejected": faults}
    assert [problem.kind for problem in tell(make_sources(**rows, failures=[counted])).problems] == ["ligne"]
    # Of another file, or told to somebody else, it is another cause.
    both = tell(make_sources(**rows, failures=[counted, other])).problems
    assert [(problem.kind, problem.lines.height) for problem in both] == [("ligne", 7), ("contrôle", 1)]
    values = [finding("f1", n, "duree_minutes", "x") for n in range(20, 32)]
    weights = [line_of("f1", n, lieu_siret=LIEU_A) for n in range(20, 32)]
    column = {"code": "PN-410", "source_file_id": "f1", "detail": "12 valeurs écartées"}
    kinds = [
        problem.kind
        for problem in tell(
            make_sources(issues=values, lines=weights, checks=[check("PN-410", owner="#APTIC")], failures=[column])
        ).problems
    ]
    assert sorted(kinds) == ["contrôle", "valeur"]


@pytest.mark.parametrize(("lines", "kinds"), [("20, 21", ["valeur"]), ("20, 21, 22", ["contrôle", "valeur"])])
def test_a_check_that_follows_from_values_set_aside_is_told_where_it_finds_more(lines: str, kinds: list[str]) -> None:
    """« one cause told once »: a day of reimbursement that cannot be read is then found missing, on the same lines."""
    sources = make_sources(
        issues=[finding("f1", n, "date_remboursement", "99/99/9999") for n in (20, 21)],
        lines=[line_of("f1", n) for n in (20, 21)],
        checks=[check("PN-432", owner="#APTIC")],
        failures=[{"code": "PN-432", "source_file_id": "f1", "source_lines": lines, "detail": "pass sans date"}],
    )
    assert sorted(problem.kind for problem in tell(sources).problems) == kinds


def test_new_fixed_and_persisting_are_counted_line_by_line() -> None:
    before = make_sources(
        rejected=[finding("f1", 2, "montant", "gratuit"), finding("f1", 3, "montant", "gratuit")],
        checks=[check("PN-500", owner="MGP")],
    )
    now = make_sources(rejected=[finding("f1", 3, "montant", "gratuit"), finding("f2", 9, "montant", "offert")])
    content = tell(now, before=before)
    assert (content.new_count, content.fixed_count, content.persisting_count) == (1, 2, 1)
    assert dict(content.fixed) == {"Règle non tenue : règle PN-500": 1, "Valeur incorrecte": 1}
    text = write_text(make_view(content))
    assert "[persiste, 1 de plus et 1 de moins]" in text
    assert "CORRIGÉ DEPUIS LE DERNIER RAPPORT" in text
    assert "1\u00a0nouveau, 2\u00a0corrigés".replace("\u00a0", " ") in make_view(content).subject


def test_a_file_delivered_again_with_the_same_fault_persists() -> None:
    again = delivery("f9", "depot/F1.csv", received_at=RECEIVED + timedelta(days=1))
    fault = finding("f9", 2, "montant", "gratuit", file_name="depot/F1.csv")
    before = make_sources(
        rejected=[finding("f1", 2, "montant", "gratuit")],
        checks=[check("PN-431")],
        failures=[{"code": "PN-431", "lieu_siret": LIEU_A, "source_file_id": "f1", "detail": "3 pass"}],
    )
    now = make_sources(
        delivered=[delivery("f1", "f1.csv"), again],
        rejected=[finding("f1", 2, "montant", "gratuit"), fault],
        checks=[check("PN-431")],
        failures=[{"code": "PN-431", "lieu_siret": LIEU_A, "source_file_id": "f9", "detail": "4 pass"}],
    )
    content = tell(now, before=before)
    assert (content.new_count, content.fixed_count, content.persisting_count) == (0, 0, 2)


def test_two_days_of_one_lieu_are_two_facts() -> None:
    """A check that names no file: the day that comes is new, the other one persists."""
    first, second = ({"code": "PN-441", "lieu_siret": LIEU_A, "detail": f"130 heures le {day}"} for day in ("1er", "2"))
    before = make_sources(checks=[check("PN-441")], failures=[first])
    content = tell(make_sources(checks=[check("PN-441")], failures=[first, second]), before=before)
    assert (content.new_count, content.fixed_count, content.persisting_count) == (1, 0, 1)


def test_a_check_says_how_to_mend_it_and_the_workbook_names_every_line() -> None:
    sources = make_sources(
        checks=[check("PN-431", mend="Remboursez ces pass."), check("PN-305", owner="MGP")],
        failures=[{
            "code": "PN-431", "lieu_siret": LIEU_A, "source_file_id": "f1", "detail": "7 pass (lignes 3, 5…)",
            "source_lines": "3, 5, 8, 13, 21, 34, 55",
        }],
    )  # fmt: skip
    content = tell(sources)
    mends = {problem.code: problem.advice.mend for problem in content.problems}
    assert mends["PN-431"] == "Remboursez ces pass."
    assert mends["PN-305"].startswith("Défaut de l’entrepôt lui-même")
    book = write_workbook(content, make_view(content))
    lines = pl.read_excel(io.BytesIO(book), sheet_name="Lignes", infer_schema_length=0).filter(
        pl.col("Fichier") == "f1.csv"
    )
    assert lines["Lignes en cause"].to_list() == ["3, 5, 8, 13, 21, 34, 55"]


def test_a_value_shown_by_its_shape_is_said_to_be() -> None:
    """« 99/99/9999 » is not in the file: who looks for it would say that the report is wrong."""
    said = write_text(make_view(tell(make_sources(rejected=[finding("f1", 2, "montant", "AAAA")]))))
    assert "remplacée par sa forme : A pour une lettre, 9 pour un chiffre" in said
    alone = write_text(make_view(tell(make_sources(checks=[check("PN-305", owner="MGP")]))))
    assert "remplacée par sa forme" not in alone


def test_the_first_report_compares_with_nothing() -> None:
    content = tell(make_sources(rejected=[finding("f1", 2, "montant", "x")]))
    text = write_text(make_view(content))
    assert "Premier rapport" in text
    assert "[nouveau]" not in text


@pytest.mark.parametrize(
    ("again", "stands"),
    [
        (delivery("f3", "dossier/F1.XLSX", received_at=RECEIVED + timedelta(days=1)), False),
        (delivery("f3", "autre.csv", received_at=RECEIVED + timedelta(days=1)), False),
        (delivery("f3", "f1.csv", received_at=RECEIVED - timedelta(days=1)), True),
        (delivery("f3", "f1.csv", received_at=RECEIVED + timedelta(days=1), lines_read=99), True),
        (delivery("f3", "x.csv", "prescriptions", received_at=RECEIVED + timedelta(days=1)), True),
        (delivery("f3", "x.csv", received_at=RECEIVED + timedelta(days=1), extract_date=date(2022, 12, 31)), True),
    ],
)
def test_a_rejected_line_stands_until_its_file_is_delivered_again_whole(again: dict, stands: bool) -> None:
    sources = make_sources(
        delivered=[delivery("f1", "f1.csv"), again], rejected=[finding("f1", 2, "montant", "gratuit")]
    )
    assert bool(tell(sources).problems) is stands


def test_a_value_set_aside_stands_while_its_line_is_the_current_version() -> None:
    issues = [finding("f1", 20, "duree_minutes", "9999"), finding("f1", 21, "duree_minutes", "-5")]
    content = tell(make_sources(issues=issues, lines=[line_of("f1", 20)]))
    (problem,) = content.problems
    assert problem.lines["line_number"].to_list() == [20]
    assert problem.hours == 1.5
    assert not problem.is_estimated


def test_a_refused_file_stands_until_one_takes_its_place() -> None:
    refused = delivery("r1", "util_2022-11-30.csv", outcome="rejected", reason="missing_columns", extract_date=None)
    content = tell(make_sources(delivered=[delivery("f1", "f1.csv"), refused]))
    (problem,) = content.problems
    assert (problem.advice.title, problem.owner) == ("Fichier refusé : colonnes manquantes", "#APTIC")
    # A whole file of uses: as many lines as the others have, at the average weight.
    assert problem.amount_eur == 1000.0
    again = delivery("f2", "UTIL_2022-11-30.csv", received_at=RECEIVED + timedelta(days=2), extract_date=None)
    assert not tell(make_sources(delivered=[refused, again])).problems


def test_an_accepted_delivery_is_left_out() -> None:
    sources = make_sources(
        delivered=[
            delivery("f1", "f1.csv"),
            delivery("r1", "x.csv", outcome="rejected", reason="unreadable", extract_date=None),
        ],
        rejected=[finding("f1", 2, "montant", "gratuit")],
    )
    assert len(tell(sources).problems) == 2
    assert not tell(without_accepted(sources, ("f1", "sha-r1"))).problems


def test_each_partner_reads_its_own_lines_only() -> None:
    sources = make_sources(
        issues=[finding("f1", 20, "duree_minutes", "7777"), finding("f1", 21, "duree_minutes", "8888")],
        rejected=[finding("f1", 30, "montant", "gratuit")],
        lines=[line_of("f1", 20, lieu_siret=LIEU_A), line_of("f1", 21, lieu_siret=LIEU_B)],
        checks=[check("PN-431"), check("PN-900", owner="MGP")],
        failures=[
            {"code": "PN-431", "owner": "lieu", "lieu_siret": LIEU_A, "detail": "Chez A", "passes": 3},
            {"code": "PN-431", "owner": "lieu", "lieu_siret": LIEU_B, "detail": "Chez B", "passes": 4},
        ],
        names=[{"owner": "lieu", "siret": LIEU_A, "name": "Médiathèque A"}],
    )
    editions = list_editions(collect_details(sources))
    assert [edition.slug for edition in editions] == [
        "complet", "mgp", "prescripteur", "lieu", "aptic", f"lieu-{LIEU_B}", f"lieu-{LIEU_A}",
    ]  # fmt: skip
    text = show(tell(sources, Edition("lieu", LIEU_A)))
    assert "7777" in text
    assert "Chez A" in text
    assert "Médiathèque A" in text
    for foreign in ("8888", "Chez B", LIEU_B, "gratuit", "PN-900", "3 lieux"):
        assert foreign not in text
    assert "7777" not in show(tell(sources, Edition("#APTIC")))
    assert "gratuit" in show(tell(sources, Edition("#APTIC")))
    assert {"7777", "8888", "gratuit"} <= {
        value for problem in tell(sources).problems for value in problem.lines["value"].drop_nulls()
    }


def test_no_pass_carnet_or_person_number_is_shown() -> None:
    sources = make_sources(
        rejected=[
            finding("f1", 2, "numero_pass", "0002100001"),
            finding("f1", 3, "numero_carnet", "C-123456", dataset="prescriptions"),
            finding("f1", 4, "montant", "DEMO-0001"),
            finding("f1", 5, "annee_naissance", "1890", dataset="prescriptions"),
        ],
        conflicts=[
            {"dataset": "emissions", "extract_date": date(2022, 11, 30), "key_value": "C-777", "file_names": "a"}
        ],
        checks=[check("PN-500") | {"observed": "le pass 0002100009 et 12345678901"}],
        guarded=("DEMO-0001", "0002100009"),
    )
    text = show(tell(sources))
    for number in ("0002100001", "C-123456", "DEMO-0001", "1890", "C-777", "0002100009", "12345678901"):
        assert number not in text
    assert text.count("numéro masqué") >= 5


def test_a_check_that_could_not_run_is_neither_a_failure_nor_a_pass() -> None:
    content = tell(make_sources(checks=[check("PN-500", "erreur", owner="lieu")]))
    (problem,) = content.problems
    assert (problem.kind, problem.owner) == ("erreur", "MGP")
    text = write_text(make_view(content))
    assert "Contrôle qui n’a pas pu être fait : PN-500" in text
    assert "ne prouve rien" in text


def test_a_refused_build_is_blocking_for_the_team_only() -> None:
    sources = make_sources(status="refused", checks=[check("PN-401", severity="bloquant", owner="#APTIC")])
    assert tell(sources).verdict == "bloquant"
    assert tell(sources, Edition("#APTIC")).verdict == "bloquant"
    assert tell(sources, Edition("MGP")).verdict == "rien à corriger"
    assert "la version précédente reste en ligne" in show(tell(sources))


def test_many_lines_are_cut_in_the_mail_and_the_rest_is_announced() -> None:
    content = tell(make_sources(rejected=[finding("f1", n, "montant", f"v{n}") for n in range(1, 1302)]))
    text = write_text(make_view(content))
    assert "… et 1\u202f291 de plus dans le classeur joint." in text
    assert isinstance(content.problems[0].lines, pl.DataFrame)
    assert content.problems[0].lines.height == 1301


def test_the_page_stays_under_what_mail_programs_cut() -> None:
    """Gmail cuts a message at 102 KB: the heaviest problems are all there, the others are announced."""
    columns = [f"colonne_{n}" for n in range(60)]
    faults = [finding("f1", n, column, "x" * 80, file_name="d" * 60) for column in columns for n in range(40)]
    view = make_view(tell(make_sources(rejected=faults)))
    html = write_html(view)
    assert len(html.encode()) < 100_000
    assert sum(len(shown) for _, shown in view.owners) == 25
    assert "35\u00a0autres points" in view.more
    assert "autres points" in html
