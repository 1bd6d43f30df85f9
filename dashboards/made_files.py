"""Which files the pages made for whom: a download address answers to the sign-in that made the file, and to no other.

Streamlit names a file by its content and gives it to whoever knows the name; it is told here of each file that it
keeps, and for which tab. Does not live here: the door that asks (gate.py), the sessions (signed_in.py).
"""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakValueDictionary

from dashboards.signed_in import Session

#: Tab (a session of Streamlit) → the sign-in it is of. One that ended is not kept alive by its tabs.
_tabs: WeakValueDictionary[str, Session] = WeakValueDictionary()
_WATCHED = "_passnum_watched"


def bind(tab: str, session: Session) -> None:
    """From now on what that tab makes is of that sign-in."""
    _tabs[tab] = session
    session.tabs.add(tab)


def note(tab: str, address: str) -> None:
    """That tab made the file at that address. One drawn under rights that its reader has lost makes it for nobody."""
    if (session := _tabs.get(tab)) is not None and tab in session.tabs:
        session.made.add(address)


def watch(manager: Any) -> None:
    """Be told of every file of Streamlit's media manager, those made when a button is clicked too. Once a manager."""
    if getattr(manager, _WATCHED, False):
        return
    setattr(manager, _WATCHED, True)
    add, execute = manager.add, manager.execute_deferred

    @functools.wraps(add)
    def added(*arguments: Any, **named: Any) -> str:
        address: str = add(*arguments, **named)
        note(_this_tab(), address)
        return address

    @functools.wraps(execute)
    def executed(file_id: str) -> str:
        entry = manager._deferred_callables.get(file_id)
        address: str = execute(file_id)
        if entry is not None:
            note(entry["session_id"], address)
        return address

    manager.add, manager.execute_deferred = added, executed


def _this_tab() -> str:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""


def bind_this_tab(session: Session) -> None:
    """The tab that is drawn is of that sign-in, and what it makes is noted."""
    from streamlit.runtime import exists, get_instance

    bind(_this_tab(), session)
    if exists():
        watch(get_instance().media_file_mgr)
