"""Texts as SQL writes them, for what no parameter of a query can bind: a path to attach, a comment, an option.

Does not live here: any query.
"""

from __future__ import annotations


def quoted(value: object) -> str:
    """`value` as a text of SQL, between its quotes."""
    return "'" + str(value).replace("'", "''") + "'"
