"""The letter of a lieu or a prescriber: what it sees, what to do, by when; one cause once, by harm; how often."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from data_quality.registry import all_checks
from presentation.freshness import Freshness
from reporting.quality.causes import CAUSES, cause_of
from reporting.quality.content import Content
from reporting.quality.editions import Edition
from reporting.quality.notice import Notice, make_notice
from reporting.quality.notice_workbook import write_notice_workbook
from reporting.quality.page import write_notice_html, write_notice_text
from reporting.quality.past import Past, Told
from reporting.quality.sources import Sources
from reporting.quality.wording import LIEU, PRESCRIBER
from tests.unit.reporting.quality_sources import LIEU_A, LIEU_B, check, finding, make_sources
from tests.unit.reporting.test_quality_content import line_of, tell

TODAY = date(2022, 12, 5)
A = Edition(LIEU, LIEU_A)


def use(line: int, number: str, hour: int = 14, file_id: str = "f1", **more: Any) -> dict[str, Any]:
    """A use as its lieu sees it."""
    at = datetime(2022, 11, 20, hour, 30 if hour else 0)
    row = {"owner": LIEU, "file_id": file_id, "line_number": line, "at": at, "has_hour": hour > 0, "number": number}
    return row | {"what": "Premiers pas", "place": None, "amount_eur": 10.0, "carnet": line} | more


def sources(**more: Any) -> Sources:
    """One lieu: a duration that cannot be, three uses after their validity, and a day with too many passes."""
    rows: dict[str, Any] = {
        "issues": [finding("f1", 20, "duree_minutes", "9999")],
        "lines": [line_of("f1", 20, lieu_siret=LIEU_A)],
        "checks": [check("PN-426"), check("PN-441"), check("PN-448"), check("PN-436")],
        "failures": [
            _failing("PN-426", "3 pass (« f1.csv », lignes 2, 3, 4)", source_file_id="f1", source_lines="2, 3, 4"),
            _failing("PN-441", "Médiathèque A : 130 heures-personnes le 20/11/2022, 260 pass"),
            _failing("PN-448", "Médiathèque A : 130 heures-personnes le 20/11/2022, 260 pass"),
        ],
        "names": [{"owner": LIEU, "siret": LIEU_A, "name": "Médiathèque A"}],
        "seen": [use(20, "U-20"), use(2, "U-2"), use(3, "U-3", 0), use(4, "U-4")],
    }
    return make_sources(**rows | more)


def _failing(code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "owner": LIEU, "lieu_siret": LIEU_A, "detail": detail, "amount_eur": 30.0} | more


def letter(given: Sources | None = None, past: Past = Past(), edition: Edition = A, inputs: str = "new") -> Notice:
    given = given or sources()
    return make_notice(tell(given, edition), given.seen, past, 15, inputs)


def told(on: date, *keys: str, inputs: str = "old") -> Told:
    return Told(on, inputs, frozenset(keys))


def forms(notice: Notice) -> dict[str, str]:
    """The page, the text, the workbook and the subject, each as plain text."""
    book = pl.read_excel(io.BytesIO(write_notice_workbook(notice)), has_header=False, infer_schema_length=0)
    page = html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", write_notice_html(notice), flags=re.S))
    cells = "\n".join(str(cell) for row in book.rows() for cell in row if cell)
    found = {"page": page, "texte": write_notice_text(notice), "classeur": cells, "objet": notice.subject}
    return {name: re.sub(r"[\u00a0\u202f]", " ", text) for name, text in found.items()}


VALIDITY, DAY, DURATION = (
    "contrôle|PN-426|lieu", "contrôle|PN-441|lieu", "valeur|utilisations|duree_minutes|invalid_value|lieu",
)  # fmt: skip


def test_a_lieu_reads_its_sessions_its_uses_its_service_and_its_amounts() -> None:
    """« what THEY see (session date and hour, use number, service, amount) »."""
    validity = letter().items[0]
    assert validity.columns == ["Séance", "N° d’utilisation", "Service", "Montant"]
    assert [[re.sub("\u00a0", " ", cell) for cell in row] for row in validity.rows] == [
        ["20/11/2022 à 14:30", "U-2", "Premiers pas", "10,00 €"],
        ["20/11/2022 à 14:30", "U-4", "Premiers pas", "10,00 €"],
        ["20/11/2022", "U-3", "Premiers pas", "10,00 €"],
    ]
    assert validity.stake.replace("\u00a0", " ") == "3 utilisations, 30,00 €"
    duration = letter().items[-1]
    # Of a person-level export only the shape of a value is kept: 1500 would read « 9999 ».
    assert duration.rows[0][-1] == "Durée (minutes) : à corriger"


@pytest.mark.parametrize("form", ["page", "texte", "classeur", "objet"])
def test_the_operators_file_and_line_are_never_given_to_who_does_not_hold_them(form: str) -> None:
    """« never the operator's file and line for someone who does not hold it »."""
    text = forms(letter())[form]
    assert not re.search(r"f1\.csv|\bligne|redéposez|\bexport\b|PN-\d", text.replace("toutes les lignes", ""))


def test_what_to_do_and_by_when_is_said_of_each_point_and_of_the_whole() -> None:
    """« what to do, by when »: fifteen days from the first letter that told of it."""
    notice = letter()
    assert notice.title.replace("\u00a0", " ") == "3 points à vérifier avant le 20 décembre 2022"
    assert {item.due for item in notice.items} == {TODAY + timedelta(days=15)}
    text = forms(notice)["texte"]
    assert text.count("À FAIRE avant le 20 décembre 2022 : ") == 3
    assert "annuler ces utilisations" in text
    before = Past((told(date(2022, 11, 28), VALIDITY),))
    again = letter(past=before)
    assert again.items[0].due == date(2022, 12, 13) and again.items[1].due == date(2022, 12, 20)
    assert "avant le 13 décembre 2022" in again.title


def test_one_cause_is_told_once() -> None:
    """« one cause told once »: two checks of one day are one point, and one sentence."""
    notice = letter()
    assert [item.title for item in notice.items] == [
        "Des pass acceptés après leur fin de validité", "Trop de pass le même jour", "Des durées absentes ou à revoir",
    ]  # fmt: skip
    assert notice.items[1].found == ["130 heures-personnes le 20/11/2022, 260 pass"]
    assert forms(notice)["texte"].count("130 heures-personnes") == 1


def test_points_come_by_harm_personal_data_first() -> None:
    """« ordered by harm, personal data received off contract first »."""
    personal = finding("f1", 20, "nom_lieu", None, "personal_text_masked")
    given = sources(issues=[finding("f1", 20, "duree_minutes", "9999"), personal])
    assert letter(given).items[0].title.startswith("Une donnée personnelle")
    # Money that is not due comes before hours, whatever either weighs.
    heavy = sources(lines=[line_of("f1", 20, lieu_siret=LIEU_A, amount_eur=1000.0)])
    for given in (sources(), heavy):
        assert letter(given).items[0].title == "Des pass acceptés après leur fin de validité"


def test_the_subject_says_whom_it_is_about_which_edition_and_which_data() -> None:
    """« subject with scope and edition »."""
    assert forms(letter())["objet"] == (
        "[Pass Numérique] Médiathèque A, lieu : 3 points à vérifier avant le 20 décembre 2022 (édition du 05/12/2022, "
        "données au 30/11/2022)"
    )
    unknown = letter(sources(names=[]))
    assert f"SIRET {LIEU_A}, lieu" in unknown.subject
    assert "Démonstration." in letter(replace(sources(), is_demo=True)).subject


def test_the_text_alone_says_everything_the_page_says() -> None:
    """« plain-text part readable alone »."""
    notice = letter()
    text = forms(notice)["texte"]
    for item in notice.items:
        shown = [item.title.upper(), item.do, item.why, *item.found, *(cell for row in item.rows for cell in row)]
        assert all(re.sub("\u00a0", " ", one) in text for one in shown)
    assert not re.search(r"<\w|&\w+;", text)


def test_a_first_mail_says_who_writes_and_why() -> None:
    """« a first mail … its wording »."""
    first, next_one = letter(), letter(past=Past((told(date(2022, 11, 28), VALIDITY),)))
    assert "C’est notre premier courriel." in first.intro[0] and "pilote le Pass Numérique" in first.intro[0]
    assert "premier courriel" not in " ".join(next_one.intro)
    assert next_one.intro[0] == "Notre dernier courriel est du 28 novembre 2022."


def test_a_fault_that_comes_back_says_since_when_and_how_often() -> None:
    """« a recurring fault … its wording »: new, told again, late, and for three months; a gap begins it anew."""

    def state(*days: date) -> str:
        return letter(past=Past(tuple(told(day, VALIDITY) for day in days))).items[0].state

    assert state() == "nouveau"
    assert state(date(2022, 11, 28)) == (
        "déjà signalé le 28 novembre 2022 (2ᵉ courriel), à régler avant le 13 décembre 2022"
    )
    assert state(date(2022, 11, 14), date(2022, 11, 7)) == "déjà signalé le 7 novembre 2022 (3ᵉ courriel), délai passé"
    assert state(date(2022, 11, 14), date(2022, 9, 6)) == (
        "signalé depuis le 6 septembre 2022, sans changement depuis trois mois"
    )
    gap = Past((told(date(2022, 11, 28), VALIDITY), told(date(2022, 11, 21)), told(date(2022, 9, 5), VALIDITY)))
    assert letter(past=gap).items[0].state.startswith("déjà signalé le 28 novembre 2022 (2ᵉ")


def test_what_was_mended_is_thanked_for() -> None:
    past = Past((told(date(2022, 11, 28), VALIDITY, "contrôle|PN-423|lieu"),))
    assert letter(past=past).fixed == ["Des pass utilisés alors que votre lieu n’était pas référencé"]
    well = make_sources(names=[{"owner": LIEU, "siret": LIEU_A, "name": "Médiathèque A"}])
    notice = letter(well, past)
    assert (notice.title, notice.is_due) == ("Plus rien à vérifier, merci", True)


def aged(days: int) -> Content:
    content = tell(sources(), A)
    today = content.as_of + timedelta(days=days)
    return replace(content, written_on=today, freshness=Freshness(content.as_of, today, 35))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (35, "Ce que nous voyons va jusqu’au"),
        (36, "Nos données s’arrêtent au"),
        (90, "Nous n’avons plus reçu de données"),
    ],
)
def test_a_silence_of_the_data_is_told_for_what_it_is(days: int, words: str) -> None:
    """« three months of silence … its wording »: what was mended since cannot be seen, and is not asked for again."""
    given = sources()
    notice = make_notice(aged(days), given.seen, Past(), 15, "new")
    assert words in notice.intro[-1]
    assert ("ne refaites rien" in notice.intro[-1]) == (days >= 90)


def test_nobody_is_written_to_twice_about_the_same_data_but_once_when_they_have_stopped() -> None:
    given = sources()

    def is_due(days: int, last: int, inputs: str = "old") -> bool:
        content = aged(days)
        past = Past((told(content.as_of + timedelta(days=last), VALIDITY),))
        return make_notice(content, given.seen, past, 15, inputs).is_due

    assert is_due(12, 5, inputs="new")
    assert not is_due(12, 5)
    assert not is_due(89, 82)
    assert is_due(92, 85)
    assert not is_due(99, 92)


def test_a_structure_with_nothing_to_mend_or_a_refused_build_is_not_written_to() -> None:
    assert not letter(make_sources()).is_due
    assert letter().is_due
    assert not letter(replace(sources(), status="refused")).is_due


def test_a_prescriber_is_not_told_when_nor_where_a_carnet_served_nor_what_a_person_answered() -> None:
    """Privacy: nothing that would tell a person's visits, and no answer of theirs."""
    seen = {
        "owner": PRESCRIBER, "file_id": "f1", "line_number": 7, "at": datetime(2022, 5, 3), "has_hour": False,
        "number": "P-1", "what": "LOT-A", "place": "Vincennes", "amount_eur": None, "carnet": 1,
    }  # fmt: skip
    given = make_sources(
        issues=[finding("f1", 7, "genre", "AAAA", dataset="prescriptions")],
        lines=[line_of("f1", 7, prescriber_siret=LIEU_B)],
        seen=[seen, use(7, "U-7")],
    )
    (item,) = letter(given, edition=Edition(PRESCRIBER, LIEU_B)).items
    assert item.columns == ["Prescription", "N° de prescription", "Lot", "Territoire", "Relevé"]
    assert item.rows == [["03/05/2022", "P-1", "LOT-A", "Vincennes", item.rows[0][-1]]]
    assert "AAAA" not in str(item.rows) and "U-7" not in str(item.rows)


def test_carnets_without_a_prescription_are_counted_by_lot_and_never_numbered() -> None:
    """« a carnet number only as far as the recipient itself holds it »: none is needed to look for them in a lot."""
    lot = {"owner": PRESCRIBER, "file_id": "f1", "at": None, "has_hour": False, "number": None, "what": "LOT-A"}
    seen = [lot | {"line_number": n, "place": "Vincennes", "carnet": n // 2} for n in range(2, 8)]
    said = {"code": "PN-424", "owner": PRESCRIBER, "prescriber_siret": LIEU_B, "detail": "6 (« f1.csv », lignes 2…)"}
    given = make_sources(
        checks=[check("PN-424", owner=PRESCRIBER)],
        failures=[said | {"source_file_id": "f1", "source_lines": "2, 3, 4, 5, 6, 7"}],
        seen=seen,
    )
    (item,) = letter(given, edition=Edition(PRESCRIBER, LIEU_B)).items
    assert (item.columns, item.rows) == (["Lot", "Territoire", "Carnets"], [["LOT-A", "Vincennes", "3"]])
    assert item.stake.replace("\u00a0", " ") == "3 carnets"


def test_many_sessions_are_cut_in_the_mail_and_all_in_the_workbook() -> None:
    lines = ", ".join(str(n) for n in range(100, 140))
    given = sources(
        failures=[
            _failing("PN-426", "40 pass (« f1.csv », lignes 100…)", source_file_id="f1", source_lines=f"{lines}…")
        ],
        seen=[use(n, f"U-{n}") for n in range(100, 140)],
    )
    item = letter(given).items[0]
    assert len(item.rows) == 8 and item.more.startswith("… et 32 de plus")
    book = pl.read_excel(io.BytesIO(write_notice_workbook(letter(given))), infer_schema_length=0)
    assert book.filter(pl.col("Numéro").str.starts_with("U-")).height == 40
    assert "Votre réponse" in book.columns


def test_a_value_from_a_file_is_escaped_and_never_runs() -> None:
    given = sources(issues=[finding("f1", 20, "duree_minutes", "<b>=1+1")])
    assert "<b>=1+1" not in write_notice_html(letter(given))


def test_every_check_that_names_a_structure_belongs_to_one_cause() -> None:
    """A check that no cause names would be told as « another point », without saying what to do."""
    for owner in (LIEU, PRESCRIBER):
        named = [code for cause in CAUSES[owner] for code in cause.checks]
        assert sorted(named) == sorted(one.code for one in all_checks() if one.owner == owner)
        assert all(cause_of(owner, f"contrôle|{code}|{owner}").do for code in named)


def test_the_reference_of_a_letter_has_its_day_in_french() -> None:
    assert f"Référence à rappeler : lieu-{LIEU_A}, 05/12/2022." in write_notice_text(letter())
