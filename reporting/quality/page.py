"""One edition as HTML (styles inlined, for mail programs) and as plain text. Does not live here: the sentences
(view.py, notice.py)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from presentation.french import bind, day_long
from reporting.quality.notice import Notice
from reporting.quality.view import View

TEMPLATES = Path(__file__).parent / "templates"


def write_html(view: View) -> str:
    """The page: no script, no image, no request; every text of the files is escaped."""
    return _page("quality.html.j2", view=view)


def write_text(view: View) -> str:
    """The same for people and programs that do not read HTML."""
    return _environment(False).get_template("quality.txt.j2").render(view=view)


def write_notice_html(notice: Notice) -> str:
    """The letter of a structure, as `write_html`."""
    return _page("notice.html.j2", notice=notice)


def write_notice_text(notice: Notice) -> str:
    """The same as plain text, to be read alone."""
    return _environment(False).get_template("notice.txt.j2").render(notice=notice)


def _page(template: str, **shown: View | Notice) -> str:
    css = (TEMPLATES / "quality.css").read_text(encoding="utf-8")
    html = _environment(True).get_template(template).render(css=css, **shown)
    # The rules of small screens cannot be inlined: the style element stays beside them.
    inliner = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)
    return inliner.inline(html)


@cache
def _environment(escape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"bind": bind, "day": day_long}
    return environment
