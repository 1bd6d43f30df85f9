"""The logic of the pages, run by Streamlit itself without a browser (AppTest), on the same small home."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import Rights
from presentation import format_fr
from tests.conftest import ROOT
from tests.pages.conftest import APP
from warehouse.settings import HOME_VARIABLE


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The pages of the small home, opened on the overview."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return AppTest.from_file(str(ROOT / "dashboards" / "app.py"), default_timeout=60).run()


def open_page(app: AppTest, name: str) -> AppTest:
    """Go to a page as the menu does; it must be whole."""
    app.switch_page(f"app_pages/{name}.py").run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    """What the page says: its sentences, its tables, its warnings."""
    parts = [*app.markdown, *app.warning, *app.info, *(node for node in app.main if node.type == "html")]
    return unescape(" ".join(str(getattr(part, "value", None) or part.proto.body) for part in parts))


def test_months_in_the_wrong_order_are_exchanged_and_said(app: AppTest) -> None:
    open_page(app, "territoires")
    app.selectbox(key="du").set_value("2022-06")
    app.selectbox(key="au").set_value("2021-03").run()
    assert "les deux mois ont été échangés" in app.warning[0].value


def test_people_are_not_counted_for_a_period(app: AppTest) -> None:
    """Figures of a period never include people: two overlapping periods would give a small count away."""
    open_page(app, "territoires")
    app.selectbox(key="mesure").set_value("people_reached").run()
    assert not app.info
    app.selectbox(key="du").set_value("2022-06").run()
    assert "depuis le début du programme" in app.info[0].value


def test_territories_are_compared_from_two_to_six(app: AppTest) -> None:
    open_page(app, "territoires")
    assert "au moins deux territoires" in texts(app)
    assert len(app.multiselect(key="territoires").options) == 34
    app.multiselect(key="territoires").set_value(["94080", "93048"]).run()
    assert not app.exception
    assert any("comparaison" in str(button.key) for button in app.get("download_button"))


def test_a_choice_made_on_a_page_holds_on_the_next(app: AppTest) -> None:
    open_page(app, "territoires")
    app.selectbox(key="ami").set_value("2").run()
    open_page(app, "publics")
    assert app.selectbox(key="ami").value == "2"
    open_page(app, "lieux")
    assert app.selectbox(key="ami").value == "2"


def test_the_account_says_that_it_does_not_follow_the_lieux(app: AppTest, ask: Callable[..., list[tuple]]) -> None:
    open_page(app, "mandat")
    assert not app.info
    siret = ask("select lieu_siret from marts.counter_payment limit 1")[0][0]
    app.multiselect(key="lieux").set_value([siret]).run()
    assert "ne porte que sur les contre-paiements" in app.info[0].value


#: Tables that hold no figure of a period: what changed between two versions, the projection's curve, files.
WITHOUT_SPAN = re.compile(
    r"Écarts avec|Fichiers produits|depuis le début$|Compte d|Avoirs dus|Contre-paiements|côte à côte"
)
SPANS = ("sur la période", "depuis le début", "à la date des données")


@pytest.mark.parametrize(
    "name", ["vue_d_ensemble", "territoires", "fiche_territoire", "lieux", "parcours", "budget", "publics", "exports"]
)
def test_every_table_of_figures_says_since_when(app: AppTest, name: str) -> None:
    """Under a period, whichever page: the caption says what the figures cover, or each of their titles does."""
    open_page(app, "territoires")
    app.selectbox(key="mesure").set_value("hours")
    app.selectbox(key="du").set_value("2022-06").run()
    open_page(app, name)
    tables = re.findall(r"<caption[^>]*>(.*?)</caption>.*?<thead>(.*?)</thead>", texts(app), re.DOTALL)
    assert tables
    said = [(caption, any(span in caption + head for span in SPANS)) for caption, head in tables]
    assert [caption for caption, is_said in said if not is_said and not WITHOUT_SPAN.search(caption)] == []
    if name in {"publics", "parcours", "fiche_territoire"}:
        assert "Ce filtre ne s'applique pas à cette page : la période." in texts(app)
    if name in {"territoires", "lieux"}:
        assert any("sur la période" in caption + head for caption, head in tables)
    if name == "vue_d_ensemble":
        assert "Ce filtre ne s'applique pas au reste de cette page" in texts(app)


def test_the_state_is_called_for_what_it_alone_has_not_paid(app: AppTest, ask: Callable[..., list[tuple]]) -> None:
    """Due − receipts from the State; those of the communes are not in it."""
    open_page(app, "budget")
    due = ask("select value from marts.programme_progress where indicator = 'state_share_due_eur'")[0][0]
    paid, others = ask("""
        select sum(amount_incl_tax_eur) filter (where nature = 'recette_etat'),
            sum(amount_incl_tax_eur) filter (where nature = 'recette_commune') from marts.budget_month
    """)[0]
    assert others > 0, "or this test proves nothing"
    shown = dict(re.findall(r"<h3>(.*?)</h3>.*?pn-value[^>]*>(.*?)</p>", texts(app), re.DOTALL))
    assert shown["Reçu de l'État"] == format_fr.euros_round(paid)
    assert shown["Reste à appeler auprès de l'État"] == format_fr.euros_round(max(due - float(paid), 0))


def test_a_figure_without_a_target_does_not_say_that_it_is_secret(
    app: AppTest, ask: Callable[..., list[tuple]]
) -> None:
    """The team's pages withhold nothing, and a target that does not exist is « — » for everyone."""
    without = ask("""
        select count(*) from marts.programme_progress join marts.indicator on code = indicator
        where unit = 'personne' and programme_progress.target is null
    """)[0][0]
    assert without > 0, "or this test proves nothing"
    open_page(app, "exports")
    assert "secret" not in re.findall(r"<td[^>]*>(.*?)</td>", texts(app), re.DOTALL)


def test_a_territory_s_lieux_are_told_by_quarter(
    read_by: Callable[[Rights], None], at_address: Callable[..., AppTest]
) -> None:
    """Outside the team some lieux are given by quarter: neither the title nor the sentence may say month."""
    read_by(Rights("territoire", "94080", 11))
    pages = at_address(APP.parent / "app_pages" / "lieux.py")
    assert "Activité trimestre par trimestre" in [header.value for header in pages.header]
    told = "".join(str(element.proto) for element in pages.main)
    assert "mois par mois" not in told and "Pass utilis\\303\\251s par mois" not in told
