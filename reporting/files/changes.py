"""What an edition changes of the one before, and why: the one engine of every document that is issued again.

Values are compared as the files of both editions give them, « s » included: whoever holds the two knows as much, and
their masks were chosen together (docs/petits-effectifs.md). A cause names deliveries, never how many lines they had.
Does not live here: comparing two versions (warehouse/published/diff.py), what a frozen edition is (editions.py), how a
document tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from presentation.format_fr import MISSING
from presentation.french import NBSP, count, decimal, euros, integer, percent
from presentation.labels import in_sentence
from presentation.table import WITHHELD, Column, Layout, Table, nothing_withheld
from reporting.files.package import path_of
from reporting.files.stamp import NAMES

DELIVERY, SECRECY, MODEL, CODE, SETTINGS = "livraison", "secret", "modele", "calcul", "reglages"
#: Of a cause: what is said of a value that it moved.
SENTENCES = {
    DELIVERY: "Livraisons reçues ou corrigées depuis",
    SECRECY: "Secret statistique : le masque a changé",
    MODEL: "Colonne ajoutée au modèle du document, ou qui en est retirée",
    CODE: "Nouvelle version du calcul",
    SETTINGS: "Réglages du programme, ou éditions d'autres périodes diffusées depuis (secret statistique)",
}
#: Of a cause: how the sum of what moved names it.
_BY = {
    DELIVERY: "par les livraisons reçues ou corrigées depuis",
    SECRECY: "par le secret statistique, dont le masque a changé",
    MODEL: "par le modèle du document (colonnes ajoutées ou retirées)",
    CODE: "par une nouvelle version du calcul",
    SETTINGS: "par les réglages du programme, ou par les éditions d'autres périodes diffusées depuis",
}
#: More deliveries than these are counted.
SHOWN = 10
#: Unit of the summary → its writing here: what moves by less than a page shows has moved all the same.
_FINELY: dict[str, Callable[[float], str]] = {
    "euro": euros,
    "heure": lambda value: f"{decimal(value, 2)}{NBSP}h",
    "ratio": lambda value: percent(value, 2),
}
#: What parts the parts of a key.
BETWEEN = " · "
#: Columns of the comparison, which no document has.
_LINE, _COLUMN = "|line", "|column"
#: What stands for the values of a column that one of the two editions alone has, and for its lines.
_ADDED, _GONE, _ALL = "colonne ajoutée", "colonne retirée", "toutes"

COLUMNS = (
    Column("tableau", "Tableau", description="Titre du tableau"),
    Column("ligne", "Ligne", description="Clé de la ligne, ses parties séparées par « · »"),
    Column("colonne", "Colonne", description="Titre de la colonne"),
    Column("avant", "Avant", description="Valeur de l'édition précédente ; « s » : secret statistique"),
    Column("maintenant", "Maintenant", description="Valeur de cette édition ; « s » : secret statistique"),
    Column("pourquoi", "Pourquoi", description="La cause, en toutes lettres"),
    Column("code_cause", "Code de la cause", description=", ".join(SENTENCES)),
    Column("livraisons", "Livraisons en cause", description="Séparées par « | » ; vide si la cause est une autre"),
    Column("code_tableau", "Code du tableau", description="Nom du fichier CSV"),
    Column("code_colonne", "Code de la colonne", description="Nom de la colonne du CSV"),
)  # fmt: skip
LAYOUT = Layout("changements", "Ce qui a changé", "Ce qui a changé depuis l'édition précédente", "",
                ("code_tableau", "ligne", "code_colonne"), COLUMNS)  # fmt: skip


@dataclass(frozen=True)
class Causes:
    """What differs between the makings of two editions.

    deliveries: of the second alone, in words. moved: indicator → the deliveries that moved it, where both versions are
    kept. is_other_code: whether another calculation made the second.
    """

    deliveries: tuple[str, ...] = ()
    moved: Mapping[str, tuple[str, ...]] | None = None
    is_other_code: bool = False


def find(
    before: Path,
    tables: Sequence[Table],
    causes: Causes,
    indicators: Mapping[str, str],
    path: Callable[[str], str] = path_of,
    ignored: Sequence[str] = (),
) -> Table:
    """The table « changements » of an edition: one row per value that differs from those of the folder `before`.

    indicators: column of the figures (`source`) → the indicator that it is, for the deliveries of each. path: where the
    CSV of a table is in an edition. ignored: columns of those CSV that are no figures, which `tables` do not have.
    """
    left_out = (*NAMES, *ignored)
    frame = pl.concat(
        _moved(before / path(table.layout.name), table, rank, indicators, left_out) for rank, table in enumerate(tables)
    )
    frame = frame.sort("rank", "ligne", "place").join(_deliveries(causes), on="indicator", how="left")
    masked = (pl.col("avant") == WITHHELD) | (pl.col("maintenant") == WITHHELD)
    told = pl.coalesce("brought", pl.lit(_listed(causes.deliveries)))
    other = pl.lit(DELIVERY if causes.deliveries else CODE if causes.is_other_code else SETTINGS)
    cause = (
        pl.when("is_model").then(pl.lit(MODEL)).when(masked).then(pl.lit(SECRECY))
        .when(pl.col("brought").is_not_null()).then(pl.lit(DELIVERY)).otherwise(other)
    )  # fmt: skip
    frame = frame.with_columns(code_cause=cause).with_columns(
        pourquoi=pl.col("code_cause").replace_strict(SENTENCES, return_dtype=pl.String),
        livraisons=pl.when(pl.col("code_cause").is_in([DELIVERY, SECRECY])).then(told),
    )
    values = frame.select(pl.col(column.name).replace("", None) for column in COLUMNS)
    return Table(LAYOUT, values, nothing_withheld(values))


def nothing() -> Table:
    """The table of a first edition."""
    values = pl.DataFrame(schema={column.name: pl.String for column in COLUMNS})
    return Table(LAYOUT, values, nothing_withheld(values))


def both(first: Table, second: Table) -> Table:
    """What two comparisons found, as one table."""
    values = pl.concat([first.values, second.values])
    return Table(LAYOUT, values, nothing_withheld(values))


def told(changes: Table, number: int, causes: Causes) -> tuple[str, ...]:
    """What moved since edition `number`: how many values, then a sentence a cause, the deliveries in theirs."""
    values = changes.values
    if values.is_empty():
        return ()
    lines = [f"{count(values.height, 'valeur diffère', 'valeurs diffèrent')} de l'édition {number}."]
    by_cause = dict(values.group_by("code_cause").len().rows())
    for cause in (one for one in _BY if one in by_cause):
        names = f" : {_listed(causes.deliveries, ', ')}" if causes.deliveries and cause == DELIVERY else ""
        lines.append(f"{count(by_cause[cause], 'valeur', 'valeurs')} {_BY[cause]}{names}.")
    return tuple(lines)


def names_of(summary: Table) -> dict[str, str]:
    """Code → name of each measure of the summary (code, indicateur)."""
    return dict(summary.values.select("code", "indicateur").rows())


def headlines(changes: Table, summary: Table) -> tuple[str, ...]:
    """The programme's own figures that moved, a sentence each, in their unit, as finely as they move: « Pass utilisés,
    sur la période : 3 188 → 3 158. ».
    summary: the table of measures (code, indicateur), one of those compared; its shares follow, and are not told."""
    names = names_of(summary)
    units = dict(summary.values.select("code", "unite").rows()) if "unite" in summary.values.columns else {}
    shares = [column.name for column in summary.layout.columns if column.kind == "share"]
    own = changes.values.filter(
        pl.col("code_tableau") == summary.layout.name,
        pl.col("code_cause") != MODEL,
        ~pl.col("code_colonne").is_in(shares),
    )
    rows = own.select("ligne", "colonne", "avant", "maintenant").rows()
    return tuple(
        f"{names.get(line, line)}, {in_sentence(column)} : {written(was, unit)} → {written(now, unit)}."
        for line, column, was, now in rows
        for unit in [units.get(line, "")]
    )


def written(text: str | None, unit: str = "") -> str:
    """A value of a CSV as a French reader writes it, with its unit where it is known (that of the summary); a word
    stays a word, nothing is « — »."""
    try:
        value = float(text or "")
    except ValueError:
        return text or MISSING
    if unit in _FINELY:
        return _FINELY[unit](value)
    return integer(value) if value == int(value) else decimal(value, 2)


def _listed(names: Iterable[str], between: str = " | ") -> str:
    """The first deliveries, and how many others."""
    names = list(names)
    rest = [f"et {count(len(names) - SHOWN, 'autre')}"] if len(names) > SHOWN else []
    return between.join([*names[:SHOWN], *rest])


def _deliveries(causes: Causes) -> pl.DataFrame:
    """Indicator → the deliveries that moved it, as they are told."""
    rows = [(indicator, _listed(names)) for indicator, names in (causes.moved or {}).items() if names]
    return pl.DataFrame(rows, schema={"indicator": pl.String, "brought": pl.String}, orient="row")


def _moved(path: Path, table: Table, rank: int, indicators: Mapping[str, str], left_out: Sequence[str]) -> pl.DataFrame:
    """The values of one table that differ from its CSV, `path`, which may not be there: a column that one of the two
    alone has is one row, whatever its lines. left_out: columns of the CSV that are not compared."""
    layout = table.layout
    new = table.text()
    old = (
        pl.read_csv(path, infer_schema=False, glob=False).drop(left_out, strict=False)
        if path.exists()
        else pl.DataFrame()
    )
    names = list(dict.fromkeys([*new.columns, *old.columns]))
    titles = {column.name: column.title for column in layout.columns}
    sources = {column.name: indicators.get(column.source, "") for column in layout.columns}
    column = pl.col(_COLUMN)
    # A table of measures has one a line, which its key names; the others, one a column.
    of_column = column.replace_strict(sources, default="", return_dtype=pl.String)
    is_model = pl.col(_LINE).is_null()
    return pl.concat([_of_one_alone(new, old), _of_both(new, old, layout.key)]).select(
        tableau=pl.lit(layout.title),
        ligne=pl.col(_LINE).fill_null(_ALL),
        colonne=column.replace(titles),
        avant="was",
        maintenant="now",
        code_tableau=pl.lit(layout.name),
        code_colonne=column,
        indicator=pl.col(_LINE) if layout.key == ("code",) else of_column,
        is_model=is_model,
        rank=pl.lit(rank, pl.Int64),
        place=column.replace_strict(dict(zip(names, range(len(names)), strict=True)), return_dtype=pl.Int64),
    )


def _of_one_alone(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Grain: a column that one of the two editions alone has; no line."""
    rows = [(None, name, "", _ADDED) for name in new.columns if name not in old.columns]
    rows += [(None, name, "", _GONE) for name in old.columns if name not in new.columns]
    return pl.DataFrame(rows, schema=dict.fromkeys((_LINE, _COLUMN, "was", "now"), pl.String), orient="row")


def _of_both(new: pl.DataFrame, old: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Grain: a value of a column that both editions have, and that differs; the key in one text."""
    both = [name for name in new.columns if name in old.columns]
    if not set(key) <= set(both):
        return _of_one_alone(new.clear().select(), new.clear().select())
    joined = _long(new.select(both), key, "now").join(
        _long(old.select(both), key, "was"), on=[_LINE, _COLUMN], how="full", coalesce=True
    )
    kept = joined.with_columns(pl.col("was", "now").fill_null("")).filter(pl.col("was") != pl.col("now"))
    return kept.select(_LINE, _COLUMN, "was", "now")


def _long(frame: pl.DataFrame, key: tuple[str, ...], value: str) -> pl.DataFrame:
    """One row per value outside the key."""
    line = pl.concat_str([pl.col(name).fill_null("") for name in key], separator=BETWEEN)
    others = [name for name in frame.columns if name not in key]
    return frame.with_columns(line.alias(_LINE)).unpivot(
        on=others, index=_LINE, variable_name=_COLUMN, value_name=value
    )
