"""What dbt is told of who reads its tables is what the code of the pages and documents says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from orchestration import exposures
from orchestration.exposures import DOCUMENTS, EXPOSURES, ROOT, Exposure, render

FOUND = {exposure.name: exposure for exposure in exposures.exposures()}


def test_the_committed_exposures_are_those_of_the_code() -> None:
    assert EXPOSURES.read_text(encoding="utf-8") == render(FOUND.values()), "lancez « make dictionary »"


def test_every_page_and_every_document_has_one() -> None:
    """One a page, document and mail (issue 16)."""
    # Read, not imported: the module of the navigation draws it.
    app = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in exposures.parse(ROOT / "dashboards" / "app.py").body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("PAGES", "LINKED")
    }
    pages = {f"page_{entry[0]}" for section in (*app["PAGES"].values(), app["LINKED"]) for entry in section}
    assert set(FOUND) == pages | set(DOCUMENTS)
    issuing = {path.parent.name for path in (ROOT / "reporting").glob("*/export.py")}
    assert issuing == {module.split(".")[1] for _, _, module in DOCUMENTS.values() if module.endswith(".export")}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("page_budget", "marts.budget_month"),
        ("page_publics", "marts.audience_profile"),  # asked by people.py
        ("page_mandat", "marts.territory_month"),  # asked by its filters
        ("page_lieux", "marts.indicator"),  # asked by the frame, under each table
        ("page_vue_d_ensemble", "quality.check_result"),
        ("bilan", "marts.territory_state_month"),
        ("export_anct", "quality.delivered_file"),
        ("compte_du_mandat", "core.dim_lieu"),
        ("donnees_ouvertes", "marts.programme"),  # the settings of the version
        ("alertes", "quality.build"),
        ("courriels_qualite", "quality.rejected_line"),
    ],
)
def test_what_is_read_through_another_module_is_read(name: str, table: str) -> None:
    assert table in FOUND[name].tables


def test_a_page_reads_nothing_that_only_others_ask() -> None:
    assert "marts.projection" not in FOUND["page_budget"].tables
    assert "marts.budget_month" not in FOUND["page_lieux"].tables
    assert "marts.audience_month" not in FOUND["compte_du_mandat"].tables


def test_a_question_is_written_where_it_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A name that only the run knows would be read by nobody's exposure."""
    page = tmp_path / "page.py"
    monkeypatch.setattr(exposures, "ROOT", tmp_path)
    page.write_text('def draw(page, what):\n    page.ask("months")\n    page.ask(what)\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.py:3"):
        exposures._questions(page, exposures.parse(page))


def test_a_table_that_no_model_makes_is_told_in_words() -> None:
    text = render([Exposure("x", "X", "analysis", "x.py", ("marts.programme", "quality.build"))])
    (found,) = yaml.safe_load(text)["exposures"]
    assert found["depends_on"] == ["ref('programme')"]
    assert "quality.build" in found["description"]
