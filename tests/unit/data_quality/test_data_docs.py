"""The page of the results: what it says, and that it asks nothing of anybody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from data_quality.data_docs import SHOWN, Build, render
from warehouse.check_result import CheckResult, Failure

BUILD = Build("20231231T100000Z-abcdef", date(2023, 12, 31), datetime(2024, 1, 2, 10, 30), False, False)
OK = CheckResult(
    "PN-401", "delivered_file", "bloquant", "ok", "au plus 0,2\u00a0%", "au plus 20 %", "#APTIC", "Phrase une."
)
FAILURE = Failure(
    territory_code=None, lieu_siret=None, prescriber_siret=None, source_file_id=None, source_lines=None,
    detail="Lieu <b> — « fichier »", passes=1234, amount_eur=12340.5, hours=None,
)  # fmt: skip
KO = CheckResult(
    "PN-421", "fct_redemption", "avertissement", "ko", "un défaut", "aucun", "lieu", "Phrase deux.", [FAILURE]
)


def test_a_sound_build_says_so_and_shows_every_check() -> None:
    page = render(BUILD, [OK])
    assert "Version publiée, conforme : tous les contrôles sont réussis." in page
    assert "Données au 31 décembre 2023." in page
    # 10:30 UTC is 11:30 in Paris in winter.
    assert "terminé le 2 janvier 2024 à 11:30 (heure de Paris)" in page
    assert "Phrase une." in page
    assert "Rien à signaler." in page


def test_a_failing_check_shows_what_fails_with_french_figures() -> None:
    page = render(BUILD, [OK, KO])
    assert "à surveiller" in page
    assert "Lieu &lt;b&gt; — «\u00a0fichier\u00a0»" in page
    assert "1\u202f234" in page
    assert "12\u202f340,50\u00a0€" in page
    assert "Un pass inconnu n'est pas compté".replace("'", "&#39;") in page, "the reason of the threshold"


def test_a_refused_build_says_that_the_last_good_one_stays() -> None:
    page = render(replace(BUILD, is_refused=True, is_demo=True), [replace(OK, status="erreur")])
    assert "Publication refusée : la version précédente reste en ligne." in page
    assert "N&#39;a pas pu être fait – bloquant." in page
    assert "Données de démonstration" in page


def test_only_the_first_failing_units_are_shown() -> None:
    page = render(BUILD, [replace(KO, failures=[FAILURE] * (SHOWN + 1))])
    assert page.count("Lieu &lt;b&gt;") == SHOWN
    assert f"Les {SHOWN} premiers" in page


def test_the_overview_counts_and_leads_to_each_table() -> None:
    page = render(BUILD, [OK, replace(OK, code="PN-403"), KO, replace(OK, code="PN-404", status="erreur")])
    (overview,) = re.findall(r'<table class="overview">.*?</table>', page, re.DOTALL)
    assert re.findall(r'<td class="n[^"]*">([^<]+)</td>', overview) == ["4", "2", "1", "1", "50,0\u00a0%"]
    assert '<a href="#delivered_file">delivered_file</a> <span class="s-ok">✓ 2</span>' in page
    assert '<table id="delivered_file">' in page
    assert (
        '<a href="#fct_redemption">fct_redemption</a> <span class="s-ok">✓ 0</span> <span class="s-ko">✗ 1</span>'
        in page
    )


def test_each_check_shows_its_expectation() -> None:
    """As the field knows it: the type, its column, its row condition; dbt's tests have none."""
    page = render(BUILD, [OK, KO, replace(OK, code="PN-304")])
    assert (
        "<code>ExpectColumnValuesToBeBetween</code> (valeurs entre des bornes) sur <code>rejected_share</code>" in page
    )
    assert "où outcome = loaded et is_accepted = non et is_replaced = non" in page
    assert "(lignes comptées en SQL) sur <code>failing_units</code>" in page
    assert page.count('class="nature"') == 2


def test_the_page_asks_nothing_of_another_site() -> None:
    page = render(BUILD, [OK, KO])
    assert re.findall(r"https?://|src=|@import|url\(|<script|<link", page) == []
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
