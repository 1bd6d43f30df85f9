"""How the lines of a delivered file are cited, once: « ligne 12 », « lignes 2 et 9 », « lignes 2 à 40 (12 lignes) ».

SQL, so that a hundred thousand lines are cited by the engine that holds them. Does not live here: which lines
(why.py, reporting/mandate), the name of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """One column of `gathered`: of each file, `how`(`what`); then of all files, `how` again, as `kind`."""

    how: str
    what: str
    kind: str


PASSES, EUROS = Sum("sum", "passes", "bigint"), Sum("sum", "amount_eur", "decimal(18,2)")
LINES = Sum("sum", "1", "bigint")


def lines_told(first: str, last: str, lines: str) -> str:
    """The SQL of the text of `lines` lines, from `first` to `last` (SQL expressions); no text where there is no line.

    One and two are named; more are a range, with how many where the range holds others too.
    """
    return f"""case
        when {first} is null then ''
        when {lines} = 1 then 'ligne ' || {first}
        when {lines} = 2 then 'lignes ' || {first} || ' et ' || {last}
        when {last} - {first} + 1 = {lines} then 'lignes ' || {first} || ' à ' || {last}
        else 'lignes ' || {first} || ' à ' || {last} || ' (' || {lines} || ' lignes)'
    end"""


def one_line() -> str:
    """The SQL of `cited` (as `gathered` makes it) for a row that is one line: source_file_id, source_line."""
    told = lines_told("source_line", "source_line", "1")
    return f"[{{'file_id': source_file_id, 'said': {told}}}]"


def gathered(source: str, keys: Mapping[str, str], sums: Mapping[str, Sum]) -> str:
    """The SQL that groups `source` (what follows « from », which has source_file_id and source_line) by `keys` (name →
    expression), with `sums`, and `cited`: a list of {file_id, said}, one a file, in order of files."""
    named = ", ".join(f"{expression} as {name}" for name, expression in keys.items())
    inner = "".join(f", {one.how}({one.what}) as {name}" for name, one in sums.items())
    outer = "".join(f", {one.how}({name})::{one.kind} as {name}" for name, one in sums.items())
    told = lines_told("first_line", "last_line", "lines_cited")
    return f"""
        with cited_file as (
            select {named}{inner}, source_file_id, min(source_line) as first_line, max(source_line) as last_line,
                   count(distinct source_line) as lines_cited
            from {source}
            group by all
        )
        select {", ".join(keys)}{outer},
               list({{'file_id': source_file_id, 'said': {told}}} order by source_file_id) as cited
        from cited_file
        group by {", ".join(keys)}
    """
