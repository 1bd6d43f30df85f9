"""What differs between the makings of two editions: deliveries, and the figures that each moved; the code.

Read from the two versions where the earlier one is still kept; else the deliveries received since it was built. Does
not live here: the values that moved (changes.py), comparing two versions (warehouse/published/diff.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from presentation.french import day
from presentation.labels import word
from reporting.files.changes import Causes
from reporting.files.editions import Edition
from warehouse.published.diff import DiffError, compare
from warehouse.published.versions import Version, build_path, connect
from warehouse.settings import Home

#: How the number of a build begins: the instant (UTC) at which it began.
_INSTANT, _LENGTH = "%Y%m%dT%H%M%SZ", 16
#: A delivery that the version no longer has, where deliveries are not named.
_GONE = "livraison retirée depuis"
_LOADED = """
    select file_name, any_value(dataset), any_value(extract_date), min(received_at) from quality.delivered_file
    where outcome = 'loaded' group by file_name order by any_value(extract_date) desc, file_name
"""


def causes_since(before: Edition, version: Version, home: Home, code: str = "", *, named: bool = True) -> Causes:
    """Why an edition made of `version` may differ from `before`. code: of the calculation, where the
    document's manifest keeps it. named: with the names of the files, which leave with the document; else data set and
    day alone.
    """
    built = before.manifest["version"]["construction"]
    told_code = before.manifest["version"].get("code", code)
    with connect(version.path) as con:
        rows = con.execute(_LOADED).fetchall()
    words = {name: _in_words(name, dataset, extracted, named=named) for name, dataset, extracted, _ in rows}

    def told(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(words.get(name, name if named else _GONE) for name in names))

    earlier = build_path(home, built)
    if earlier.exists() and built != version.build_id:
        try:
            found = compare(earlier, version.path, None, home.lake)
        except DiffError:  # a version that does not keep its lines: what was received since it was built is known
            found = None
        if found is not None:
            moved = {one.indicator: told(cause.file_name for cause in one.causes) for one in found.movements}
            return Causes(told(found.files_added), moved, told_code != code)
    since = datetime.strptime(built[:_LENGTH], _INSTANT)
    later = [name for name, _, _, received in rows if received > since and built != version.build_id]
    return Causes(told(later), None, told_code != code)


def _in_words(name: str, dataset: str, extracted: object, *, named: bool) -> str:
    """« Utilisations du 31/12/2023 (utilisations_2023-12-31.csv) »."""
    told = f"{word(dataset)} du {day(extracted)}"  # type: ignore[arg-type]
    return f"{told} ({name})" if named else told
