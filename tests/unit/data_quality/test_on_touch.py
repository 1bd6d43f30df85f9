"""A module that nobody uses is never executed; one that is used is the same as ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data_quality.on_touch import loaded_on_touch

ROOT = Path(__file__).parents[3]


def test_a_module_is_executed_at_its_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "touched.py").write_text("import other_one\nVALUE = 3", encoding="utf-8")
    (tmp_path / "other_one.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    finders = list(sys.meta_path)
    with loaded_on_touch("touched"):
        import touched  # type: ignore[import-not-found]
    assert sys.meta_path == finders
    assert "other_one" not in sys.modules
    assert touched.VALUE == 3
    assert "other_one" in sys.modules


@pytest.mark.slow
def test_the_suites_judge_without_the_statistics_of_scipy_and_the_charts_of_altair() -> None:
    """Both are a third of the import; an expectation that needs them finds them."""
    script = (
        "import sys, duckdb, pandas as pd\n"
        "from tests.unit.data_quality.test_gate import CHECK, CONTEXT, run_checks\n"
        "heavy = {'scipy.stats._stats_py', 'scipy.linalg', 'altair.vegalite'}\n"
        "assert run_checks(duckdb.connect(), CONTEXT, [CHECK])[0].status == 'ok'\n"
        "assert not heavy & set(sys.modules), 'the gate pays for what it does not use'\n"
        "from data_quality.expectations import expect\n"
        "from data_quality.validation import Validator\n"
        "law = {'values': ['a', 'b'], 'weights': [0.5, 0.5]}\n"
        "kl = expect('ExpectColumnKLDivergenceToBeLessThan', column='v', partition_object=law, threshold=0.1)\n"
        "frame = pd.DataFrame({'v': ['a', 'b'] * 4})\n"
        "found = Validator().validate('one', frame, {'kl': kl}, CONTEXT)['kl']\n"
        "assert found.success and not found.error, found\n"
        "assert 'scipy.stats._stats_py' in sys.modules\n"
        "import altair as alt\n"
        "assert alt.Chart(frame).mark_bar().encode(x='v:N').to_dict()['mark'] == {'type': 'bar'}\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
