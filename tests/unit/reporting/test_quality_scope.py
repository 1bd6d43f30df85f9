"""What one edition says of itself and of the whole: « conforme » is said of the whole only, and the scope is written.

Each sentence is read where its data call for it and is absent where they do not, in every form of the report.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from reporting.quality.content import Content
from reporting.quality.editions import Edition
from reporting.quality.page import write_html, write_text
from reporting.quality.sources import Sources
from reporting.quality.view import make_view
from reporting.quality.workbook import write_workbook
from tests.unit.reporting.quality_sources import LIEU_A, LIEU_B, check, finding, make_sources
from tests.unit.reporting.test_quality_content import tell

PARTS = [
    Edition("MGP"), Edition("#APTIC"), Edition("lieu"), Edition("lieu", LIEU_A), Edition("prescripteur"),
    Edition("prescripteur", LIEU_B),
]  # fmt: skip


def forms(content: Content) -> dict[str, str]:
    """Everything an edition is written as, each as plain text: mail, page, workbook, and the subject."""
    view = make_view(content)
    book = pl.read_excel(io.BytesIO(write_workbook(content, view)), sheet_id=0, infer_schema_length=0, has_header=False)
    cells = [str(cell) for sheet in book.values() for row in sheet.rows() for cell in row if cell]
    page = html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", write_html(view), flags=re.S))
    found = {"texte": write_text(view), "page": page, "classeur": "\n".join(cells), "objet": view.subject}
    return {name: text.replace("\u00a0", " ").replace("\u202f", " ") for name, text in found.items()}


def of_others() -> Sources:
    """82 rejected lines of #APTIC and two failing checks of the Métropole; nothing of any lieu."""
    return make_sources(
        rejected=[finding("f1", n, "montant", "gratuit") for n in range(82)],
        checks=[check("PN-801", owner="MGP"), check("PN-802", owner="MGP"), check("PN-803", "ok", owner="MGP")],
    )


def clean() -> Sources:
    return make_sources(checks=[check("PN-801", "ok"), check("PN-802", "ok")])


WHOLE = "82 lignes rejetées, 2 contrôles en échec, suivis par la Métropole du Grand Paris et #APTIC"


def test_a_part_with_nothing_to_mend_says_what_the_whole_is() -> None:
    """« Conforme » is not said to a partner while the build has 82 rejected lines and 2 failed checks."""
    content = tell(of_others(), Edition("lieu", LIEU_A))
    assert content.verdict == "rien à corriger"
    for name, text in forms(content).items():
        assert "conforme" not in text.lower(), name
        assert "rien à corriger par vous" in text.lower(), name
        assert "aucune ligne rejetée" not in text, name
    for name in ("texte", "page", "classeur"):
        assert WHOLE in forms(content)[name], name
        assert "à corriger dans l’ensemble" in forms(content)[name].lower(), name
    assert make_view(content).tiles == [("0", "à corriger par vous"), ("84", "à corriger dans l’ensemble")]
    assert forms(content)["objet"] == (
        "[Pass Numérique] Qualité des données, édition Lieux de médiation du 05/12/2022 : rien à corriger par vous, "
        "ensemble à surveiller (données au 30/11/2022)"
    )


@pytest.mark.parametrize("edition", PARTS, ids=lambda edition: edition.slug)
def test_conforme_is_said_of_a_part_only_when_the_whole_is(edition: Edition) -> None:
    """Appears: everything is well. Disappears: something of somebody is not."""
    well, ill = tell(clean(), edition), tell(of_others(), edition)
    assert well.verdict == "conforme"
    assert "ni dans l’ensemble des livraisons" in make_view(well).verdict_title
    assert "2 contrôles faits, aucun en échec" in " ".join(make_view(well).summary).replace("\u00a0", " ")
    assert "suivis par" not in forms(well)["texte"]
    assert ill.verdict != "conforme"
    assert "conforme" not in make_view(ill).verdict_title.lower()
    assert "conforme" not in make_view(ill).subject


@pytest.mark.parametrize(
    ("edition", "scope"),
    [
        (Edition("MGP"), "par vous"),
        (Edition("#APTIC"), "par vous"),
        (Edition("lieu", LIEU_A), "par vous"),
        (Edition("lieu"), "par les lieux de médiation"),
        (Edition("prescripteur"), "par les prescripteurs"),
    ],
    ids=lambda value: getattr(value, "slug", ""),
)
def test_every_verdict_of_a_part_bears_its_scope(edition: Edition, scope: str) -> None:
    for sources in (clean(), of_others()):
        view = make_view(tell(sources, edition))
        assert scope in view.verdict_title
    assert scope not in make_view(tell(of_others())).verdict_title


def test_a_part_with_points_says_which_are_its_own_and_how_many_the_whole_has() -> None:
    view = make_view(tell(of_others(), Edition("#APTIC")))
    assert view.verdict_title == "À surveiller : des points à corriger par vous"
    told = " ".join(view.summary).replace("\u00a0", " ")
    assert "À corriger par vous : 82 lignes rejetées." in told
    assert f"L’ensemble des livraisons : {WHOLE}." in told
    assert "à surveiller, des points à corriger par vous" in view.subject
    alone = make_view(tell(make_sources(rejected=[finding("f1", 2, "montant", "gratuit")]), Edition("#APTIC")))
    assert "L’ensemble des livraisons n’a pas d’autre point à corriger." in alone.summary
    assert "suivi" not in " ".join(alone.summary)


def test_the_changes_of_a_part_are_said_to_be_its_own() -> None:
    before = make_sources(rejected=[finding("f1", 2, "montant", "gratuit")])
    view = make_view(tell(of_others(), Edition("#APTIC"), before))
    assert [label for _, label in view.tiles] == [
        "nouveaux pour vous", "corrigé pour vous", "persiste pour vous", "à corriger dans l’ensemble",
    ]  # fmt: skip
    assert "pour vous : 81 nouveaux, 0 corrigé" in view.subject
    whole = make_view(tell(of_others(), before=before))
    assert [label for _, label in whole.tiles] == ["nouveaux", "corrigé", "persiste"]
    assert "pour vous" not in whole.subject


def test_a_refusal_by_others_is_told_to_a_part_as_the_state_of_the_whole() -> None:
    refused = make_sources(status="refused", checks=[check("PN-401", severity="bloquant", owner="#APTIC")])
    other, own = tell(refused, Edition("lieu", LIEU_A)), tell(refused, Edition("#APTIC"))
    assert make_view(other).verdict_title == "Rien à corriger par vous ; l’ensemble des livraisons est bloqué"
    assert "ensemble bloqué" in make_view(other).subject
    assert make_view(own).verdict_title == "Bloquant : un point à corriger par vous empêche la publication"
    assert "bloqué" not in make_view(tell(of_others(), Edition("lieu", LIEU_A))).verdict_title


def test_the_subject_says_which_edition_and_of_which_day() -> None:
    """« subject with scope and edition »: who receives two of them tells them apart without opening either."""
    subjects = [make_view(tell(of_others(), edition)).subject for edition in (Edition(), Edition("#APTIC"))]
    assert "Qualité des données, édition complète du 05/12/2022 : à surveiller" in subjects[0]
    assert "Qualité des données, édition #APTIC du 05/12/2022 : à surveiller" in subjects[1]
    assert "Démonstration" not in subjects[0]
    assert "Démonstration." in make_view(tell(replace(of_others(), is_demo=True))).subject


def aged(days: int, edition: Edition = Edition()) -> Content:
    """The edition of data of the 30th of November as read so many days later; 35 are expected."""
    content = tell(clean(), edition)
    late = replace(content.freshness, today=date.fromordinal(content.as_of.toordinal() + days))
    whole = replace(content.whole, verdict="à surveiller" if late.is_late else "conforme")
    return replace(content, freshness=late, whole=whole)


@pytest.mark.parametrize("edition", [Edition(), Edition("lieu", LIEU_A)], ids=lambda edition: edition.slug)
def test_data_older_than_expected_are_told_late_and_not_conforme(edition: Edition) -> None:
    """Freshness is measured against today: the data's own date says nothing of a delivery that stopped."""
    late, fresh = aged(36, edition), aged(35, edition)
    sentence = "Données au 30 novembre 2022, il y a 36 jours : en retard, une livraison est attendue au moins tous les"
    for name in ("texte", "page", "classeur"):
        assert sentence in forms(late)[name], name
        assert "en retard" not in forms(fresh)[name], name
        assert "30 novembre 2022, il y a 35 jours" in forms(fresh)[name], name
    assert "il y a 36 jours" in forms(late)["objet"]
    assert "jours" not in forms(fresh)["objet"]
    assert late.verdict != "conforme"
    assert fresh.verdict == "conforme"


def test_the_whole_is_not_conforme_when_its_data_are_late() -> None:
    assert tell(clean()).whole.verdict == "conforme"
    assert tell(replace(clean(), as_of=date(2022, 10, 31))).whole.verdict == "conforme"
    assert tell(replace(clean(), as_of=date(2022, 10, 30))).whole.verdict == "à surveiller"
    assert make_view(tell(replace(clean(), as_of=date(2022, 10, 30)))).verdict_title.endswith(
        "les données sont en retard"
    )
