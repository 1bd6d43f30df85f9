"""What is traced: a measure of the dictionary, as its version says it, and the part of it that is asked.

Does not live here: its lines (trace.py), what they are proved against (trace_proof.py).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from warehouse.published.versions import too_old

_MINUTES_PER_HOUR = 60


class TraceError(Exception):
    """The request cannot be traced; the French message says why and what to ask instead."""


@dataclass(frozen=True)
class Scope:
    """What part of a figure is traced: a territory, a lieu, days (both included); all of them optional."""

    territory: str | None = None
    lieu: str | None = None
    start: date | None = None
    end: date | None = None

    @property
    def months(self) -> tuple[date, date] | None:
        """The first and the last month, where the days are whole months."""
        if self.start is None or self.end is None or self.start.day != 1 or (self.end + timedelta(days=1)).day != 1:
            return None
        return self.start, self.end.replace(day=1)


#: The whole programme, since the start.
PROGRAMME = Scope()


@dataclass(frozen=True)
class Measure:
    """What a figure sums, as its version says: a column of the contributions of one event.

    `rule`: how the sum is read (sum, ratio, capped, lieu_month); `by_territory`: whether its lines have a territory.
    """

    code: str
    label: str
    event: str
    column: str
    natures: list[str]
    rule: str
    unit: str
    by_territory: bool

    def lines(self, condition: str = "true") -> str:
        """SQL of the lines behind it that meet a condition on proof.contribution, one row per (file, line, territory,
        lieu, day), with what each contributes."""
        return f"""
            select source_file_id, source_line, territory_code, lieu_siret, event_on as happened_on,
                   sum({self.column}) as contribution
            from proof.contribution
            where {self._condition} and {condition}
            group by all
        """

    @property
    def divisor(self) -> str:
        """SQL aggregate over these lines that turns their sum into the unit; each answer of a ratio is one line."""
        if self.rule == "ratio":
            return "count(*)"
        if self.rule == "capped":  # a ceiling is no sum: each line has its part of what is published
            total = f"(select sum({self.column}) from proof.contribution where {self._condition})"
            published = f"(select value from marts.programme_progress where indicator = '{self.code}')"
            return f"{total} / nullif({published}, 0)"
        return str(_MINUTES_PER_HOUR) if self.unit == "heure" else "1"

    @property
    def _condition(self) -> str:
        named = ", ".join(f"'{nature}'" for nature in self.natures)
        # Without a value, an event of that kind brings nothing to this measure (a fee has no face value).
        return f"event = '{self.event}' and {self.column} is not null" + (f" and nature in ({named})" if named else "")


def measure_of(con: duckdb.DuckDBPyConnection, code: str) -> Measure:
    """The measure `code` of the version that `con` is on.

    Raises TraceError (French) for an unknown one, or a version built before figures kept their lines.
    """
    if told := too_old(con, "proof.measure", "proof.contribution"):
        raise TraceError(told)
    # The first versions that kept their lines had the words of their indicators in marts.indicator alone.
    (has_label,) = con.execute(
        "select count(*) from duckdb_columns() where database_name = current_database() and schema_name = 'proof' "
        "and table_name = 'measure' and column_name = 'label'"
    ).fetchone() or (0,)
    label = "label" if has_label else "coalesce((select label from marts.indicator as i where i.code = m.code), code)"
    row = con.execute(
        f"select code, {label}, event, measure, coalesce(string_split(natures, ' | '), []), rule, unit, by_territory "
        "from proof.measure as m where code = ?",
        [code],
    ).fetchone()
    if row is None:
        raise TraceError(_unknown(code, con.execute(f"select code, {label} from proof.measure as m").fetchall()))
    return Measure(*row)


def _unknown(asked: str, measures: list[tuple[str, str]]) -> str:
    """What to ask instead of an unknown measure: those whose code or label looks like it, else all of them."""
    words = {code.lower(): code for code, _ in measures} | {plain(label): code for code, label in measures}
    wanted = plain(asked)
    inside = [words[known] for known in sorted(words, key=len) if len(wanted) > 2 and wanted in known]
    near = list(dict.fromkeys([*inside, *(words[k] for k in difflib.get_close_matches(wanted, words, 3))]))
    labels = dict(measures)
    told = ", ".join(f"{code} ({labels[code]})" for code in near) or ", ".join(sorted(labels))
    return f"Indicateur inconnu : « {asked} ». {'Les plus proches' if near else 'Indicateurs possibles'} : {told}."


def plain(name: str) -> str:
    """A name without case, accents nor hyphens."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


def columns_of(con: duckdb.DuckDBPyConnection, mart: str) -> set[str]:
    """The columns of a mart of the published file `con` is on."""
    rows = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'marts' and table_name = ?",
        [mart],
    ).fetchall()
    return {name for (name,) in rows}
