"""Texts as SQL writes them, for what no parameter of a query can bind: a path to attach, a comment, an option.

Does not live here: any query.
"""

from __future__ import annotations


def quoted(value: object) -> str:
    """`value` as a text of SQL, between its quotes."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """The name of a table or a column as SQL writes it where it could be a word of its own."""
    return '"' + name.replace('"', '""') + '"'
