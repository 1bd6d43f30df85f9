"""The simulator knows what it planted: every file and every line must end as it says, and no fact may change.

The oracle of the facts is the clean delivery of the same seed, read by Polars alone, without the code under test.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import duckdb
import polars as pl
import pytest

from ingestion.contract import load_contracts
from ingestion.intake import Folders, ingest
from ingestion.lake import Lake
from simulation.summary import FileSummary
from tests.integration.ingestion.conftest import Simulated
from tests.unit.ingestion.kit import KEYS, SECRET, TODAY

# What the dirt spoils on purpose: optional columns that become empty, texts and one column of the conflict file.
SPOILT = {
    "emissions": {"siret_prescripteur"},
    "prescriptions": {"siret_prescripteur", "type_prescripteur"},
    "utilisations": {"code_insee_lieu", "date_remboursement", "nom_lieu", "modalite"},
}


@pytest.fixture(params=["real", "nasty"])
def simulated(request: pytest.FixtureRequest) -> Simulated:
    """Each degree of dirt in turn."""
    return request.getfixturevalue(request.param)


def _expected(simulated: Simulated) -> list[FileSummary]:
    """The account of the simulator. Of two copies of the same bytes, the first by name is the one loaded."""
    told = {f.name: f for f in simulated.summary.files if f.outcome is not None}
    for copy in [f for f in told.values() if f.outcome == "duplicate"]:
        original = next(
            f
            for f in told.values()
            if f.outcome == "loaded" and PurePosixPath(f.name).name == copy.name.removeprefix("copies/copie de ")
        )
        if copy.name < original.name:
            told[copy.name] = FileSummary(**(vars(original) | {"name": copy.name}))
            told[original.name] = FileSummary(**(vars(copy) | {"name": original.name}))
    return list(told.values())


def _query(folders: Folders, sql: str) -> pl.DataFrame:
    with duckdb.connect() as con:
        Lake(folders.lake).open_in(con, "lake")
        return con.sql(sql).pl()


def test_every_file_ends_as_the_simulator_says(simulated: Simulated) -> None:
    """Exports §3: outcome, one reason, and the exact accounting of the lines of each file."""
    expected = {
        f.name: (
            f.outcome, f.reason, f.extract_date,
            (f.lines, f.lines - f.rejected - f.duplicates, f.rejected, f.duplicates)
            if f.outcome == "loaded" else (0, 0, 0, 0),
        )
        for f in _expected(simulated)
    }  # fmt: skip
    found = {
        d.file_name: (
            d.outcome, d.reason, d.extract_date,
            (d.lines_read, d.lines_accepted, d.lines_rejected, d.lines_duplicate),
        )
        for d in simulated.deliveries.values()
        if d.file_name in expected
    }  # fmt: skip
    assert found == expected
    assert len(expected) > 150
    assert sum(f.rejected + f.duplicates for f in simulated.summary.files) > 10


def test_files_left_open_by_the_specification_are_taken_without_harm(nasty: Simulated) -> None:
    """A path trick and a table too wide: loaded or refused, and nothing written outside the home."""
    open_ends = {name: d.outcome for name, d in nasty.deliveries.items() if "evasion" in name or "large" in name}
    assert sorted(open_ends.values()) == ["loaded", "rejected"]
    assert not list(nasty.home.parent.parent.glob("evasion*"))
    assert all(path.is_relative_to(nasty.folders.archive) for path in nasty.home.rglob("*evasion*"))


def test_the_data_set_of_each_file_is_recognised_by_its_headers(simulated: Simulated) -> None:
    expected = {f.name: f.dataset for f in _expected(simulated) if f.outcome in ("loaded", "duplicate")}
    assert {n: d.dataset for n, d in simulated.deliveries.items() if n in expected} == expected


def test_the_lake_tells_the_same_accounts(simulated: Simulated) -> None:
    """Exports §3 and §5: lines_read = accepted + rejected + duplicate for every file; rejects and issues by line."""
    rows = _query(
        simulated.folders,
        """
        select files.file_name, outcome, lines_read - lines_accepted - lines_rejected - lines_duplicate as unexplained,
            lines_rejected - (select count(*) from lake.rejected_line r where r.file_id = files.file_id) as untold,
            (select count(*) from lake.field_issue i where i.file_id = files.file_id) as issues
        from lake.delivered_file as files
        """,
    )
    assert rows.height == len(simulated.deliveries)
    assert rows["unexplained"].to_list() == [0] * rows.height
    loaded = {f.name: f for f in _expected(simulated) if f.outcome == "loaded"}
    told = rows.filter(pl.col("outcome") == "loaded", pl.col("file_name").is_in(list(loaded)))
    assert set(told["untold"]) == {0}
    assert dict(told.select("file_name", "issues").rows()) == {name: f.issues for name, f in loaded.items()}


def test_rejected_lines_are_told_where_a_person_finds_them(simulated: Simulated) -> None:
    """Exports §3: file, line number of the original, column, value (its shape where a line is one person's), reason."""
    rejected = _query(simulated.folders, "select * from lake.rejected_line")
    assert set(rejected["reason"]) <= {"missing_key", "missing_value", "invalid_value", "wrong_field_count"}
    assert rejected.select("file_id", "line_number").is_unique().all()
    bad = rejected.filter(pl.col("value") == "AAAAAAA", pl.col("dataset") == "utilisations")
    assert bad.height and set(bad["column_name"]) == {"montant"}
    checked = 0
    for file_name, line in bad.select("file_name", "line_number").rows():
        text = _archived_text(simulated.folders, file_name)
        if text is not None:
            assert "gratuit" in text[line - 1]
            checked += 1
    assert checked


def _archived_text(folders: Folders, name: str) -> list[str] | None:
    """Lines of an archived original as a text editor numbers them; None for what is not plain UTF-8."""
    paths = list(folders.archive.glob(f"*/*_{name.replace('/', '_')}"))
    if len(paths) != 1 or paths[0].suffix not in (".csv", ".txt"):
        return None
    try:
        return paths[0].read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except UnicodeDecodeError:
        return None


# --- facts -----------------------------------------------------------------------------------------------


def _clean_versions(folder: Path, dataset: str) -> pl.DataFrame:
    """Current version of each key in the clean files: the last line of the last extract."""
    separator = "," if dataset == "lieux" else ";"
    frames = [
        pl.read_csv(path, separator=separator, infer_schema=False) for path in sorted(folder.glob(f"{dataset}_*.csv"))
    ]
    return pl.concat(frames).unique(KEYS[dataset], keep="last", maintain_order=True)


def _typed(frame: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """The plain forms of the clean files, typed by hand."""
    day = pl.col("^date_.*$")
    text = (
        frame.with_columns(day.str.replace(r"^(\d{2})/(\d{2})/(\d{4})(.*)$", "${3}-${2}-${1}${4}"))
        .with_columns(pl.col("^(montant.*|valeur_faciale)$").str.replace(",", ".").cast(pl.Decimal(18, 2)))
        .with_columns(day.str.slice(0, 10).str.to_date("%Y-%m-%d"))
    )
    whole = pl.col("^(duree_minutes|nb_pass|ami)$").cast(pl.Int32)
    number = pl.col("^(latitude|longitude)$").cast(pl.Float64)
    columns = [c for c in load_contracts()[dataset].output_columns if c in text.columns]
    return text.with_columns(whole, number).select(columns)


@pytest.mark.parametrize("dataset", KEYS)
def test_the_facts_are_those_of_the_clean_delivery(simulated: Simulated, dataset: str) -> None:
    """Exports §2, §3: the dirt changes no value of the current version of any key."""
    clean = _typed(_clean_versions(simulated.clean.out, dataset), dataset)
    key = KEYS[dataset]
    found = _query(
        simulated.folders,
        f"""
        select * from lake.{dataset}
        qualify row_number() over (partition by "{key}" order by extract_date desc, source_sha256 desc,
            source_line desc) = 1
        """,
    )
    found = found.select(clean.columns).with_columns(pl.col(pl.Datetime).dt.date())
    if dataset == "utilisations":
        # A lost zero of a pass number is repaired by the warehouse, which knows the passes issued.
        found = found.with_columns(
            pl.col("numero_pass").str.zfill(clean.select(pl.col("numero_pass").str.len_chars().max()).item())
        )
    assert set(found[key]) == set(clean[key])
    for column in [c for c in clean.columns if c != key]:
        both = clean.select(key, column).join(found.select(key, found=column), on=key, maintain_order="left")
        differs = both.filter(pl.col(column).ne_missing(pl.col("found")))
        if column in SPOILT.get(dataset, set()):
            assert differs.height <= 0.02 * both.height + 20, column
        else:
            assert differs.is_empty(), differs


def test_the_counts_of_the_facts_are_those_of_the_simulation(simulated: Simulated) -> None:
    """Carnets, passes, live prescriptions, people and passes used, as the simulator drew them."""
    found = _query(
        simulated.folders,
        """
        with emissions as (from lake.emissions qualify row_number() over (
                partition by numero_carnet order by extract_date desc, source_sha256 desc, source_line desc) = 1),
            prescriptions as (from lake.prescriptions qualify row_number() over (
                partition by id_prescription order by extract_date desc, source_sha256 desc, source_line desc) = 1),
            utilisations as (from lake.utilisations qualify row_number() over (
                partition by id_utilisation order by extract_date desc, source_sha256 desc, source_line desc) = 1)
        select
            (select count(*) from emissions) as carnets,
            (select sum(dernier_pass::bigint - premier_pass::bigint + 1) from emissions)::bigint as passes,
            (select count(*) from prescriptions where statut = 'validee') as prescriptions,
            (select count(distinct beneficiaire) from prescriptions where statut = 'validee') as people,
            (select count(distinct numero_pass::bigint) from utilisations where statut not in ('rejetee', 'annulee'))
                as utilisations,
            (select count(distinct id) from lake.lieux) as lieux
        """.replace("beneficiaire", _pseudonym_column()),
    )
    facts = simulated.clean.facts
    assert found.row(0, named=True) == {name: facts[name] for name in found.columns}
    assert simulated.summary.facts == facts


def _pseudonym_column() -> str:
    return load_contracts()["prescriptions"].field("id_beneficiaire").pseudonym or ""


def test_nothing_stays_in_the_landing_folder(simulated: Simulated) -> None:
    assert [p for p in simulated.folders.landing.rglob("*") if p.is_file()] == []


def test_a_second_run_has_nothing_left_to_do(real: Simulated) -> None:
    """The lake is the register: nothing is read twice, nothing is told twice."""
    before = sorted(p.name for p in real.folders.lake.rglob("*.*"))
    assert ingest(real.folders, today=TODAY, secret=SECRET, settle_seconds=0.0) == []
    assert sorted(p.name for p in real.folders.lake.rglob("*.*")) == before
