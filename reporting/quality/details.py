"""Everything to mend, one row a fact: refused file, rejected line, value set aside, contradiction, failing check.

Lives here: which facts still stand, who owns them, what they weigh, what must be masked. Does not live here: reading
(sources.py), grouping and wording (findings.py).
"""

from __future__ import annotations

import polars as pl

from reporting.quality.once import told_once
from reporting.quality.sources import NUMBER_WORD, Sources
from reporting.quality.wording import GUARDED, GUARDED_COLUMNS, PERSONAL_COLUMNS, owner_of

SCHEMA = {
    "kind": pl.String,
    "key": pl.String,
    "fact": pl.String,
    "owner": pl.String,
    "siret": pl.String,
    "severity": pl.String,
    "code": pl.String,
    "file_id": pl.String,
    "dataset": pl.String,
    "file_name": pl.String,
    "extract_date": pl.Date,
    "line_number": pl.Int64,
    "source_lines": pl.String,
    "column_name": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "passes": pl.Float64,
    "amount_eur": pl.Float64,
    "hours": pl.Float64,
    "is_estimated": pl.Boolean,
}
#: `reason` of a failing check that names no unit: it is about the whole table.
WHOLE = "ensemble"
#: Checks on what the report lists itself, file by file and line by line: refused files, contradictions.
LISTED_CHECKS = ("PN-404", "PN-408")
# Directories are delivered whole: a later one replaces what an earlier one said.
_WHOLE_DATASETS = ("lieux", "services")
_LONG_DIGITS = r"\b\d{9,13}\b|\b\d{15,}\b"


def collect_details(sources: Sources) -> pl.DataFrame:
    """Grain: one row per fact to mend; `fact` names it, `key` the problem it belongs to.

    Euros and hours are what the fact touches; `is_estimated` = the weight of an average line of its export.
    """
    parts = [
        _refused_files(sources),
        _rejected_lines(sources),
        _field_issues(sources),
        _conflicts(sources),
        _checks(sources),
    ]
    facts = pl.concat([_shaped(part) for part in parts]).with_columns(
        pl.coalesce("fact", "key").alias("fact"), pl.concat_str("key", "owner", separator="|").alias("key")
    )
    return _masked(told_once(facts), sources.guarded)


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    )


def _stem(name: str) -> pl.Expr:
    """The file's own name: no folder, no extension, no case."""
    return pl.col(name).str.to_lowercase().str.replace(r"^.*/", "").str.replace(r"(\.(csv|tsv|txt|xlsx|gz|zip))+$", "")


def _refused_files(sources: Sources) -> pl.DataFrame:
    """Files refused, until a file of the same name is loaded, or one of the same export and extract date."""
    loaded = sources.delivered.filter(pl.col("outcome") == "loaded").with_columns(stem=_stem("file_name"))
    refused = sources.delivered.filter(pl.col("outcome") == "rejected").with_columns(stem=_stem("file_name"))
    later = pl.col("received_at_right") >= pl.col("received_at")
    by_name = refused.join(loaded, on="stem").filter(later)["file_id"]
    by_day = refused.join(loaded, on=["dataset", "extract_date"])["file_id"]
    typical = loaded.group_by("dataset").agg(pl.col("lines_read").median().alias("typical_lines"))
    return (
        refused.filter(~pl.col("file_id").is_in([*by_name, *by_day]))
        # The same bytes dropped twice under one name are one problem.
        .unique(["file_id", "file_name"], keep="last", maintain_order=True)
        .join(typical, on="dataset", how="left")
        .join(sources.weights, on="dataset", how="left")
        .pipe(_with_owner)
        .with_columns(
            pl.lit("fichier").alias("kind"),
            pl.col("explanation").alias("detail"),
            pl.concat_str(pl.lit("fichier"), "reason", separator="|").alias("key"),
            pl.concat_str(pl.lit("fichier"), "file_name", "reason", separator="|").alias("fact"),
            pl.lit("avertissement").alias("severity"),
            *(pl.col(name) * pl.col("typical_lines") for name in ("passes", "amount_eur", "hours")),
            pl.lit(True).alias("is_estimated"),
        )
    )


def _replaced(sources: Sources) -> pl.DataFrame:
    """`file_id` of the files a later delivery takes the place of: same export, at least as many lines, received
    after, and the same name or extract date (for a directory, any later extract)."""
    loaded = sources.delivered.filter(pl.col("outcome") == "loaded").with_columns(stem=_stem("file_name"))
    pairs = loaded.join(loaded, on="dataset", suffix="_next").filter(
        (pl.col("file_id") != pl.col("file_id_next"))
        & (pl.col("received_at_next") > pl.col("received_at"))
        & (pl.col("lines_read_next") >= pl.col("lines_read"))
        & (
            (pl.col("stem") == pl.col("stem_next"))
            | (pl.col("extract_date") == pl.col("extract_date_next"))
            | (pl.col("dataset").is_in(_WHOLE_DATASETS) & (pl.col("extract_date_next") > pl.col("extract_date")))
        )
    )
    return pairs.select("file_id", pl.col("file_id_next").alias("next_id")).unique()


def _still_standing(findings: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """Findings not mended by a replacing file. The same value at fault in the replacing file stands there."""
    replaced = _replaced(sources).select("file_id").unique()
    return findings.join(replaced, on="file_id", how="anti")


def _rejected_lines(sources: Sources) -> pl.DataFrame:
    return (
        _still_standing(sources.rejected, sources)
        .join(sources.weights, on="dataset", how="left")
        .join(_extract_dates(sources), on="file_id", how="left")
        .pipe(_with_owner)
        .with_columns(
            pl.lit("ligne").alias("kind"),
            *_line_keys("ligne"),
            _siret_written(),
            pl.lit("avertissement").alias("severity"),
            pl.lit(True).alias("is_estimated"),
        )
    )


def _field_issues(sources: Sources) -> pl.DataFrame:
    """Values set aside on lines that still are the current version of their key (or are not published yet)."""
    tracked = pl.col("dataset").is_in(["utilisations", "prescriptions", "emissions"])
    known = pl.col("file_id").is_in(list(sources.known_files))
    issues = sources.issues.join(
        sources.lines.with_columns(pl.lit(True).alias("is_current")), on=["file_id", "line_number"], how="left"
    )
    current = issues.filter(tracked & (pl.col("is_current").fill_null(False) | ~known))
    others = _still_standing(issues.filter(~tracked), sources)
    return (
        pl.concat([current, others])
        .join(_extract_dates(sources), on="file_id", how="left")
        .pipe(_with_owner)
        .with_columns(
            pl.lit("valeur").alias("kind"),
            *_line_keys("valeur"),
            pl.when(pl.col("owner") == "prescripteur")
            .then("prescriber_siret")
            .when(pl.col("owner") == "lieu")
            .then("lieu_siret")
            .alias("siret"),
            pl.lit("avertissement").alias("severity"),
            pl.lit(False).alias("is_estimated"),
        )
    )


def _conflicts(sources: Sources) -> pl.DataFrame:
    return sources.conflicts.with_columns(
        pl.lit("conflit").alias("kind"),
        pl.concat_str(pl.lit("conflit"), "dataset", pl.col("extract_date").cast(pl.String), separator="|").alias("key"),
        pl.lit("#APTIC").alias("owner"),
        pl.lit("avertissement").alias("severity"),
        pl.col("file_names").alias("file_name"),
        # The key of an issue is the number of a carnet: it stays in the warehouse.
        pl.when(pl.col("dataset") == "emissions").then(pl.lit(GUARDED)).otherwise("key_value").alias("value"),
    )


def _checks(sources: Sources) -> pl.DataFrame:
    """Checks that failed (their failing rows where the build kept them), and checks that could not be made."""
    failed = sources.checks.filter(
        (pl.col("status") == "erreur") | ((pl.col("status") == "ko") & ~pl.col("code").is_in(LISTED_CHECKS))
    )
    names = (
        sources.delivered.filter(pl.col("outcome") == "loaded")
        .group_by(pl.col("file_id").alias("source_file_id"))
        .agg(pl.col("file_name").min(), pl.col("dataset").first(), pl.col("extract_date").first())
    )
    rows = (
        failed.filter(pl.col("status") == "ko")
        .join(sources.failures.rename({"owner": "failing_owner"}), on="code")
        .join(names, on="source_file_id", how="left")
        .with_columns(
            pl.col("source_file_id").alias("file_id"),
            pl.coalesce("failing_owner", "owner").alias("owner"),
            pl.when(pl.coalesce("failing_owner", "owner") == "lieu")
            .then("lieu_siret")
            .when(pl.coalesce("failing_owner", "owner") == "prescripteur")
            .then("prescriber_siret")
            .alias("siret"),
        )
    )
    unit = [pl.col(name).fill_null("") for name in ("lieu_siret", "prescriber_siret", "territory_code")]
    # Two days of one lieu are two facts: where no file tells them apart, what was found does (compare.py).
    found = (
        pl.coalesce(_stem("file_name"), "source_file_id", "detail")
        .fill_null("")
        .str.replace_all("|", "/", literal=True)
    )
    rows = rows.with_columns(pl.concat_str(pl.lit("contrôle"), "code", *unit, found, separator="|").alias("fact"))
    whole = failed.join(rows, on="code", how="anti").with_columns(
        pl.col("observed").alias("detail"), pl.lit(WHOLE).alias("reason")
    )
    return pl.concat([_as_check(rows), _as_check(whole)])


def _as_check(frame: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("status") == "erreur").then(pl.lit("erreur")).otherwise(pl.lit("contrôle"))
    return _shaped(
        frame.with_columns(
            kind.alias("kind"),
            pl.concat_str(kind, "code", separator="|").alias("key"),
            pl.when(pl.col("status") == "erreur").then(pl.lit("MGP")).otherwise("owner").alias("owner"),
            pl.lit(False).alias("is_estimated"),
        )
    )


def _line_keys(kind: str) -> list[pl.Expr]:
    """A problem is an export's column and a reason; its facts are the lines of the files.

    A file is known by its name: one delivered again with the same fault at the same line is the same fact.
    """
    column = pl.col("column_name").fill_null("")
    fact: list[str | pl.Expr] = [
        pl.lit(kind),
        "dataset",
        _stem("file_name"),
        pl.col("line_number").cast(pl.String),
        column,
        "reason",
    ]
    return [
        pl.concat_str(pl.lit(kind), "dataset", column, "reason", separator="|").alias("key"),
        pl.concat_str(*fact, separator="|").alias("fact"),
    ]


def _with_owner(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `owner`, from the few pairs (data set, column) there are."""
    if "column_name" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("column_name"))
    pairs = frame.select("dataset", "column_name").unique()
    owners = pairs.with_columns(pl.Series("owner", [owner_of(*pair) for pair in pairs.rows()], pl.String))
    return frame.join(owners, on=["dataset", "column_name"], how="left", nulls_equal=True)


def _siret_written() -> pl.Expr:
    """A rejected line names its structure only where the value at fault is itself a SIRET of 14 digits."""
    is_siret = pl.col("column_name").is_in(["siret_lieu", "siret_prescripteur"])
    return pl.when(is_siret & pl.col("value").str.contains(r"^\d{14}$")).then("value").alias("siret")


def _extract_dates(sources: Sources) -> pl.DataFrame:
    return sources.delivered.group_by("file_id").agg(pl.col("extract_date").max())


def _masked(details: pl.DataFrame, guarded: frozenset[str]) -> pl.DataFrame:
    """No number of a pass, a carnet or a person in anything that leaves (issue: no pass number in a mail)."""
    numbers = pl.col("column_name").is_in([*GUARDED_COLUMNS, *PERSONAL_COLUMNS]).fill_null(False)
    hidden = details.with_columns(
        pl.when(pl.col("value").is_null() | (pl.col("value") == "***"))
        .then("value")
        .when(numbers | _holds("value", guarded))
        .then(pl.lit(GUARDED))
        .otherwise("value")
        .alias("value")
    )
    words = sorted(guarded, key=len, reverse=True)
    return hidden.with_columns(
        pl.when(_holds("detail", guarded))
        .then(pl.col("detail").str.replace_many(dict.fromkeys(words, GUARDED)) if words else pl.col("detail"))
        .otherwise("detail")
        .str.replace_all(_LONG_DIGITS, GUARDED)
        .alias("detail")
    )


def _holds(column: str, guarded: frozenset[str]) -> pl.Expr:
    words = pl.col(column).str.extract_all(NUMBER_WORD)
    return words.list.eval(pl.element().is_in(list(guarded))).list.any().fill_null(False)
