"""Words and cells that stand for nothing: `NULL` of SQL, `NA` of R, Excel's error cells, formulas never calculated.

One rule for every column of every contract (exports §2). Does not live here: telling the cells of a workbook apart
(sheet_cells, which writes the marks of cell_marks), what becomes of the line (judging).
"""

from __future__ import annotations

import polars as pl

from ingestion.cell_marks import DAY_MARK, ERROR_MARK, ROUNDED_MARK, UNCALCULATED_MARK

UNCALCULATED_SHOWN = "formule non calculée"

NULL_WORD, ERROR_CELL, UNCALCULATED = "null_word", "error_cell", "uncalculated_formula"

_ERRORS = (
    r"#(?:div/0!|ref!|value!|valeur!|name\?|nom\?|num!|nombre!|null!|nul!|n/d|spill!|propagation!|calc!|field!|champ!|"
    r"connect!|connexion!|blocked!|bloque!|bloqué!|unknown!|inconnu!|busy!|getting_data|error!|erreur!|epars!|"
    r"err[0-9]{3})|err:[0-9]{3}"
)
_NULLS = r"\[?null\]?|\\n|#?n/?a|<na>|none|nan|nat|nil|-{1,3}|[–—]|\(null\)|<null>|#null|\(vide\)|\(blank\)"
NOTHING = rf"^(?:\x1a(?:erreur:.*|formule)|(?i:{_NULLS}|{_ERRORS}))$"
_LONGEST_WORD = 9


def find_nothing(texts: pl.Series) -> pl.Series | None:
    """Why each cleaned text (no blank around) stands for nothing: its reason, null elsewhere; None without any."""
    # most values are longer than any of these words: they are not looked at
    may_be = (texts.str.len_bytes() <= _LONGEST_WORD) | texts.str.starts_with("#") | texts.str.starts_with("\x1a")
    places = may_be.arg_true()
    if not len(places):
        return None
    is_found = texts.gather(places).str.contains(NOTHING)
    if not is_found.any():
        return None
    found = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(texts)).scatter(places.filter(is_found), True)
    text = pl.col("t")
    reason = (
        pl.when(text.str.starts_with(UNCALCULATED_MARK))
        .then(pl.lit(UNCALCULATED))
        .when(text.str.starts_with(ERROR_MARK) | text.str.contains(rf"(?i)^(?:{_ERRORS})$"))
        .then(pl.lit(ERROR_CELL))
        .otherwise(pl.lit(NULL_WORD))
    )
    return texts.to_frame("t").select(pl.when(found).then(reason).alias("nothing")).to_series()


def show_nothing(texts: pl.Series) -> pl.Series:
    """What is shown of them: the word, the error as Excel writes it, or that the formula was never calculated.

    No mark of a cell is ever shown, those of values neither.
    """
    shown = texts.str.replace(f"^{UNCALCULATED_MARK}$", UNCALCULATED_SHOWN)
    return shown.str.strip_prefix(ERROR_MARK).str.strip_suffix(DAY_MARK).str.strip_suffix(ROUNDED_MARK)
