"""Who is reading: the sign-in through st.login when an access file is in force, everyone's rights otherwise.

Refuses by default: a missing or unreadable access file, an unknown or unverified address, a session ended or too old
show nothing. Asked again each time a page is drawn. Does not live here: the access file (access.py), the sessions
(signed_in.py), what a role may see (rights.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards.access import TEAM, Access, AccessError, Rights, rights_now
from dashboards.gate import BADLY_SET, cookie_name
from dashboards.made_files import bind_this_tab
from dashboards.signed_in import SESSIONS, Session
from warehouse.settings import Home


def is_signed_in() -> bool:
    """Whether a person signed in (False on pages open to this machine)."""
    return bool(getattr(st.user, "is_logged_in", False))


def rights(home: Home) -> Rights:
    """The rights of the person who reads; without any, says why and stops the page."""
    try:
        access = rights_now(home)
    except AccessError as error:
        st.error(f"{BADLY_SET} {error}")
        st.stop()
    if access is None:
        return TEAM
    session = _session(access)
    if session is None:
        st.title("Pass Numérique", anchor=False)
        st.write("Ces tableaux de bord sont réservés aux personnes désignées par la Métropole du Grand Paris.")
        st.button("Se connecter", on_click=st.login, type="primary")
        st.stop()
    found = access.rights_of(session.email, session.email_verified)
    if found is None:
        st.title("Accès refusé", anchor=False)
        st.write(
            "Votre adresse n'est pas inscrite parmi les personnes autorisées. Adressez-vous à l'équipe du programme."
        )
        st.button("Se déconnecter", on_click=st.logout)
        st.stop()
    session.drawn_under(found)
    bind_this_tab(session)
    return found


def _session(access: Access) -> Session | None:
    """The session of this tab, while it lasts: the tab may be older than the end of it."""
    found = SESSIONS.find(st.context.cookies.get(cookie_name(access)), access.session_hours)
    if found is None or not is_signed_in():
        return None
    # The door lets a downloaded file through by this (gate.py).
    email = st.user.get("email")
    found.email, found.email_verified = email if isinstance(email, str) else None, st.user.get("email_verified")
    return found


def draw_sign_out() -> None:
    """The sign-out button of the menu, for a person who signed in."""
    if is_signed_in():
        st.sidebar.button("Se déconnecter", on_click=st.logout)
