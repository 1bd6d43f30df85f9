"""Who is reading: the sign-in through st.login when an access file is there, everyone's rights otherwise.

Refuses by default: an unreadable access file, an unknown or unverified address show nothing. Does not live here: the
access file (access.py), what a role may see (reading.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.access import TEAM, AccessError, Rights, access_path, load_access
from warehouse.settings import Home


def is_signed_in() -> bool:
    """Whether a person signed in (False on pages open to this machine)."""
    return bool(getattr(st.user, "is_logged_in", False))


def rights(home: Home) -> Rights:
    """The rights of the person who reads; without any, says why and stops the page."""
    path = access_path(home)
    if path is None:
        return TEAM
    try:
        access = load_access(path)
    except AccessError as error:
        st.error(f"L'accès à ces pages est mal réglé, personne ne peut y entrer. {error}")
        st.stop()
    if not is_signed_in():
        st.title("Pass Numérique", anchor=False)
        st.write("Ces tableaux de bord sont réservés aux personnes désignées par la Métropole du Grand Paris.")
        st.button("Se connecter", on_click=st.login, type="primary")
        st.stop()
    email: Any = st.user.get("email")
    found = access.rights_of(email, st.user.get("email_verified"))
    if found is None:
        st.title("Accès refusé", anchor=False)
        st.write(
            "Votre adresse n'est pas inscrite parmi les personnes autorisées. Adressez-vous à l'équipe du programme."
        )
        st.button("Se déconnecter", on_click=st.logout)
        st.stop()
    return found


def draw_sign_out() -> None:
    """The sign-out button of the menu, for a person who signed in."""
    if is_signed_in():
        st.sidebar.button("Se déconnecter", on_click=st.logout)
