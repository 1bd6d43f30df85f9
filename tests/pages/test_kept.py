"""What the server keeps between two readers and two versions, on real pages run by Streamlit itself (AppTest)."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from dashboards import session
from dashboards.access import TEAM, Rights
from tests.conftest import ROOT
from warehouse.published.held import Held, held_path
from warehouse.settings import HOME_VARIABLE, Home

NEWER = "20990101T000000Z-abcdef"


@pytest.fixture
def versions(home: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A home's published version and, beside it, a later one that is not published yet."""
    place = Home.at(tmp_path / "home").create()
    old = place.versions / Home.at(home).published.resolve().name
    new = place.versions / f"passnum-{NEWER}.duckdb"
    for path in (old, new):
        shutil.copyfile(Home.at(home).published.resolve(), path)
    with duckdb.connect(str(new)) as con:
        con.execute(
            "update quality.build set build_id = ? where build_id = (select max(build_id) from quality.build)", [NEWER]
        )
    place.published.symlink_to(old)
    return old, new


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def publish(version: Path, root: Path) -> None:
    """Move the link in one step, as publish.py does."""
    link = Home.at(root).published
    aside = link.with_name("aside")
    aside.symlink_to(version)
    aside.replace(link)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, versions: tuple[Path, Path]) -> AppTest:
    """The pages of that home."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return AppTest.from_file(str(ROOT / "dashboards" / "app.py"), default_timeout=60)


def shown(app: AppTest) -> list[str]:
    """All that the browser is sent of a page, whatever the names that Streamlit gives."""
    found = []

    def walk(node: object) -> None:
        if isinstance(proto := getattr(node, "proto", None), Message) and not getattr(node, "children", None):
            found.append(str(getattr(proto, "spec", "") or getattr(proto, "body", "") or getattr(proto, "label", "")))
        for child in (getattr(node, "children", None) or {}).values():
            walk(child)

    walk(app._tree)
    return found


def test_a_file_is_opened_once_for_all_the_runs_of_the_pages(
    pages: AppTest, versions: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later connections share what the first one opened; none is made for a run that asks nothing new."""
    pages.run()
    openings: Counter[str] = Counter()
    connect = duckdb.connect

    def counted(path: str = ":memory:", **options: Any) -> duckdb.DuckDBPyConnection:
        openings[path] += 1
        return connect(path, **options)

    monkeypatch.setattr(duckdb, "connect", counted)
    for ami in ("1", "2", "tous"):
        pages.selectbox(key="ami").set_value(ami).run()
        assert not pages.exception
    for name in ("territoires", "publics"):
        pages.switch_page(f"app_pages/{name}.py").run()
        assert not pages.exception
    assert openings == {}


def test_a_publication_is_seen_at_the_next_run_and_the_retired_version_is_missed_by_nobody(
    pages: AppTest, versions: tuple[Path, Path], tmp_path: Path
) -> None:
    old, new = versions
    pages.run()
    assert any(old.stem.removeprefix("passnum-") in text for text in shown(pages))
    publish(new, tmp_path / "home")
    pages.run()
    assert not pages.exception
    assert any(f"<dd>{NEWER}" in text for text in shown(pages))
    held = Held(build_id=NEWER, since=datetime(2022, 12, 5), instead_of=old.stem)
    held_path(Home.at(tmp_path / "home")).write_text(held.model_dump_json(), encoding="utf-8")
    pages.run()
    assert any(f"<dd>{NEWER}" in text and held.words in text for text in shown(pages))  # by whom, and since when
    old.unlink()
    pages.selectbox(key="ami").set_value("2").run()
    assert not pages.exception
    assert any(f"<dd>{NEWER}" in text for text in shown(pages))


OTHERS = [pytest.param(name, marks=pytest.mark.exhaustive) for name in ("territoires", "exports")]


@pytest.mark.parametrize("name", ["publics", "lieux", *OTHERS])
def test_nothing_kept_for_a_reader_is_shown_to_another(
    pages: AppTest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A page is the same for a territory's reader whether or not the team and the committee came before."""
    own = Rights("territoire", "94080")

    def as_seen_by(rights: Rights) -> list[str]:
        monkeypatch.setattr(session, "rights", lambda _home: rights)
        pages.switch_page(f"app_pages/{name}.py").run()
        assert not pages.exception
        return shown(pages)

    pages.run()
    alone = as_seen_by(own)
    forget()
    everything = as_seen_by(TEAM)
    as_seen_by(Rights("comite"))
    assert as_seen_by(own) == alone
    assert as_seen_by(TEAM) == everything
    assert alone != everything
