"""One period's publication: its figures, and which of them are withheld given all that was published before.

Lives here: joining the register, choosing the mask, writing the publication down. Does not live here: frames
(frames.py), files (anct, bilan, open_data).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from programme.config import Programme
from reporting.figures.attack_report import refuse_breaches, write_report
from reporting.figures.cells import FAMILIES, build_tables
from reporting.figures.collect import Source, collect
from reporting.figures.earlier import empty_before, known_times, with_zeros
from reporting.figures.period import Period, PeriodError
from reporting.figures.stock import states, usable
from reporting.suppression import Mask, Tables, protect
from reporting.suppression.examine import NOT_ATTACKED, Attacked, Examined, examine
from reporting.suppression.register import RULE, Entry, Register
from reporting.suppression.tables import join
from warehouse.published.version_settings import settings_of
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Publication:
    """The figures of a period and their mask. `own`: its cells, those of earlier editions left out.

    stock, states: the passes usable at the end of `last_day`, and where each territory is (stock.py).
    attacked: what the attack found of the mask; examined: its findings, when the mask was chosen just now.
    in_register: the very same figures were written down before (by another document of the period, say).
    """

    period: Period
    source: Source
    programme: Programme
    tables: Tables
    own: frozenset[str]
    mask: Mask
    stock: pl.DataFrame
    states: pl.DataFrame
    in_register: bool = False
    attacked: Attacked = NOT_ATTACKED
    examined: Examined | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether the data stop before the period's end."""
        return self.source.version.as_of < self.period.end

    @property
    def last_day(self) -> date:
        """The last day the figures speak of: the period's, or the data's where they stop before."""
        return min(self.period.end, self.source.version.as_of)

    @cached_property
    def hidden(self) -> pl.DataFrame:
        """Masks: family, place, time (one row a mask that is on)."""
        cells = (cell.split("|") for cell in self.mask.hidden)
        rows = sorted({(FAMILIES.get(measure, measure), place, time) for measure, place, time in cells})
        return pl.DataFrame(rows, schema={"family": pl.String, "place": pl.String, "time": pl.String}, orient="row")

    def withheld(self, family: str, time: str) -> list[str]:
        """Places whose cell of that family and time is withheld."""
        return self.hidden.filter(family=family, time=time)["place"].to_list()


def register_of(home: Home) -> Register:
    """The internal register of a home. It never leaves the building."""
    return Register(home.register)


def prepare(version: Version, programme: Programme, period: Period, home: Home) -> Publication:
    """The publication of `period` from `version`, with the settings the version was built with (figures §4).

    `programme`: the settings in force, of which a stricter small-count threshold alone counts. Nothing is written.
    The mask is attacked: Raises PeriodError (French) when that comes too close to a withheld cell, when the data do not
    reach the period, or it ended before the programme began, and VersionTooOld (French) for a version without settings.
    """
    programme = settings_of(version, programme)
    began = programme.agreement_signed_on
    if period.end < began:
        raise PeriodError(
            f"La période « {period.label} » se termine avant le début du programme ({began:%d/%m/%Y}, signature de "
            f"l'accord-cadre) : demandez une période à partir de {began.year}."
        )
    if version.as_of < period.start:
        raise PeriodError(
            f"La période « {period.label} » commence après la date des données ({version.as_of:%d/%m/%Y}) : "
            "déposez les livraisons qui la couvrent, puis lancez « passnum run »."
        )
    source = collect(version)
    entries = register_of(home).entries()
    threshold = programme.small_count_threshold
    same = _same(entries, source, period, threshold)
    current = same[1] if same else _cells(source, period, entries)
    tables = _joined(current, entries)
    examined = None
    if same:
        mask = Mask.of(same[0].earlier.hidden, tables.primary(threshold), same[0].exposed)
        attacked = same[0].attacked
    else:
        before = frozenset(cell for entry in entries for cell in entry.earlier.hidden)
        # Pages are made again for it (cube/store.py). Those of before are not known here: beside them, 322 cells of 600
        # carnets could not be protected any more (docs/petits-effectifs.md).
        mask = protect(tables, threshold, before, _proved(entries, current, threshold))
        told_before = frozenset(cell for entry in entries for cell in entry.exposed)
        examined = examine(tables, mask, threshold, told_before)
        refuse_breaches(examined, period.label)
        attacked = examined.told
    last_day = min(period.end, version.as_of)
    stock, known = usable(version, last_day), states(version, last_day)
    own, in_register = frozenset(current.values), same is not None
    return Publication(period, source, programme, tables, own, mask, stock, known, in_register, attacked, examined)


def write_down(publication: Publication, home: Home) -> bool:
    """Enter the publication in the register, its attack report beside it; False when it is there already."""
    if publication.in_register:
        return False
    is_new = register_of(home).add(
        publication.period.code,
        publication.tables,
        publication.own,
        publication.mask,
        publication.programme.small_count_threshold,
        publication.attacked,
    )
    if is_new and publication.examined:
        write_report(publication.examined, publication.period.code, home.reports / ".attaques")
    return is_new


def folder_of(home: Home, kind: str) -> Path:
    """Where the editions of one kind of document are kept."""
    return home.reports / kind


def _cells(source: Source, period: Period, entries: list[Entry]) -> Tables:
    """The cells of `period` for who holds `entries`: what they hold of it is known, or withheld with the rest."""
    return build_tables(source, period, known_times(entries), empty_before(entries))


def _joined(current: Tables, past: list[Entry]) -> Tables:
    """The cells of a period with all that `past` holds."""
    shown = [with_zeros(e, current.values, current.groups) for e in past]
    return join(current, shown)


def _same(entries: list[Entry], source: Source, period: Period, threshold: int) -> tuple[Entry, Tables] | None:
    """The last entry of `period` that has the very figures of today, and its cells.

    They are made from what was issued before it: a later edition does not make another of it.

    Its mask is theirs too: every later edition was protected knowing what it showed, and protected what it withheld.
    """
    for place in reversed(range(len(entries))):
        entry = entries[place]
        if entry.name != period.code or entry.threshold != threshold or entry.rule != RULE:
            continue
        then = _cells(source, period, entries[:place])
        values, cells = entry.earlier.values, entry.earlier.shown | entry.earlier.hidden
        if cells == then.published and all(values[cell] == then.values[cell] for cell in cells):
            return entry, then
    return None


def _proved(entries: list[Entry], current: Tables, threshold: int) -> frozenset[str]:
    """Cells that earlier editions held with the value they have now, all protected at least as strictly."""
    if any(entry.threshold < threshold or entry.rule != RULE for entry in entries):
        return frozenset()
    held = {cell: value for entry in entries for cell, value in entry.earlier.values.items()}
    return frozenset(cell for cell, value in held.items() if current.values.get(cell, value) == value)
