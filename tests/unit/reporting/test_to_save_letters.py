"""The mail of the passes to save: what, by when, whom to answer; and no day asked for that is already gone."""

from __future__ import annotations

from datetime import date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import polars as pl
import pytest

from reporting.quality.mail_settings import MailSettings
from reporting.to_save.content import PRESCRIBER, Share
from reporting.to_save.letters import compose_letters
from warehouse.published.versions import Version

SETTINGS = MailSettings(
    server="x", sender="pass@ville.example", contact="Claire Martin", reply_to="reponses@ville.example"
)
SHARE = Share(
    PRESCRIBER, "21940080900014", "CCAS", pl.DataFrame(), 29, 290.0, date(2024, 1, 31), date(2024, 2, 29)
)  # fmt: skip
VERSION = Version("b1", Path("x"), date(2023, 12, 31), datetime(2024, 1, 2), False, "f")


@pytest.mark.parametrize(
    ("today", "subject", "words"),
    [
        (date(2024, 1, 31), "à faire avant le 31/01/2024", "À faire avant le 31 janvier 2024"),
        (date(2024, 2, 1), "à vérifier aujourd’hui", "2023 et certains de ces jours sont passés"),
        (date(2024, 3, 1), "à vérifier aujourd’hui", "2023 et ces jours sont passés : vérifiez d’abord"),
    ],
)
def test_it_says_what_by_when_and_whom_to_answer(today: date, subject: str, words: str) -> None:
    (letter,) = compose_letters(SHARE, ("a.xlsx", b"x"), ["ccas@ville.example"], VERSION, SETTINGS, today)
    message = message_from_bytes(letter.content, policy=policy.default)
    assert message["Subject"] == f"[Pass Numérique] Pass à sauver : CCAS ({subject}, données au 31/12/2023)"
    assert message["Reply-To"] == "reponses@ville.example"
    for kind in ("plain", "html"):
        told = message.get_body((kind,)).get_content().replace("\u00a0", " ")
        assert words in told and "29 pass (290 €)" in told
        assert "Votre contact : Claire Martin, reponses@ville.example." in told
