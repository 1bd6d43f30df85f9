"""The first screen of the overview: a committee's three questions, answered before anything else is read.

Does not live here: what the answers are (presentation/attention/verdict.py), the facts they rest on (points.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from presentation.attention.verdict import Answer, Step
from presentation.french import bind


def html(answers: Sequence[Answer]) -> str:
    """The three answers side by side, one above the other on a phone."""
    return f'<div class="pn-verdict">{"".join(_answer(answer) for answer in answers)}</div>'


def _answer(answer: Answer) -> str:
    steps = [_step(step) for step in answer.steps]
    told = f"<p>{steps[0]}</p>" if len(steps) == 1 else f"<ul>{''.join(f'<li>{step}</li>' for step in steps)}</ul>"
    return (
        f'<section class="pn-answer pn-{answer.tone.value}"><h2>{escape(answer.question)}</h2>'
        f'<p class="pn-status"><span aria-hidden="true">{answer.tone.sign}</span> {escape(answer.status)}</p>'
        f"{told}</section>"
    )


def _step(step: Step) -> str:
    text = escape(bind(step.text))
    told = f'<a href="{escape(step.page)}" target="_self">{text}</a>' if step.page else text
    return told + (f' <span class="pn-by">({escape(step.note)})</span>' if step.note else "")
