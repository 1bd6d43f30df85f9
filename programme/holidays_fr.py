"""French public holidays, by the `holidays` library.

Lives here: the days off that the date dimension, the checks and the simulator share. Lives elsewhere: the
configuration (config.py), so that a command that needs no calendar does not load one.
"""

from __future__ import annotations

from datetime import date

import holidays

FIRST_YEAR = 2016
LAST_YEAR = 2032


def public_holidays(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> dict[date, str]:
    """Day → French name, in order, for metropolitan France, both years included.

    Two holidays on one day share one entry: the library joins their names.
    """
    days = holidays.country_holidays("FR", years=range(first_year, last_year + 1), language="fr")
    return dict(sorted(days.items()))
