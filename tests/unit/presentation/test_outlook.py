"""What a projection is said to be worth, in words (the verdicts: tests/unit/dashboards/test_sentences.py)."""

from __future__ import annotations

from decimal import Decimal

from presentation.outlook import Verdict, trust, verdict
from programme.config import load_programme

PROGRAMME = load_programme()


def tried(**changed: object) -> dict:
    """A row of marts.projection_reliability."""
    row = {"trials": 42, "within_band": 39, "within_share": 39 / 42, "relative_interval_score": 0.268}
    return row | {"is_indicative": False} | changed


def test_the_share_inside_and_the_score_are_said_in_words() -> None:
    assert trust(tried(), PROGRAMME) == (
        "À l'épreuve du passé : refaite à la fin des trimestres passés, la fourchette a contenu ce qui est venu "
        "39 fois sur 42 (93\u00a0%, pour 80\u00a0% visés). Sa largeur et ses écarts (score d'intervalle) font en "
        "moyenne 27\u00a0% de la valeur : plus c'est petit, plus elle est précise."
    )
    assert trust(tried(), PROGRAMME, of="personnes formées").startswith(
        "À l'épreuve du passé (personnes formées) : refaite"
    )


def test_the_sentence_follows_the_settings_it_is_judged_by() -> None:
    stricter = PROGRAMME.model_copy(update={"trust_share_min": Decimal("0.75"), "trust_min_trials": 30})
    told = trust(tried(is_indicative=True), stricter)
    assert "n'est pas entre 75\u00a0% et 95\u00a0%, sur 30 essais au moins" in told


def test_it_is_called_indicative_while_the_trials_ask_for_it_and_no_longer() -> None:
    assert "indicative" not in trust(tried(), PROGRAMME)
    assert "reste indicative tant que cette part" in trust(tried(is_indicative=True), PROGRAMME)
    assert trust(tried(trials=0, within_band=0, within_share=None, is_indicative=True), PROGRAMME).startswith(
        "Projection indicative : l'historique est trop court"
    )


def test_a_verdict_looks_at_the_ceiling_first_then_at_the_whole_band() -> None:
    band = {"low": 90.0, "high": 110.0, "target": 100.0, "ceiling": 120.0}
    assert verdict(band) is Verdict.UNCERTAIN
    assert verdict(band | {"low": 100.0}) is Verdict.MET
    assert verdict(band | {"high": 99.9}) is Verdict.MISSED
    assert verdict(band | {"ceiling": 100.0}) is Verdict.UNCERTAIN
    assert verdict(band | {"high": 99.0, "ceiling": 99.9}) is Verdict.OUT_OF_REACH
    assert verdict(band | {"target": None}) is None
