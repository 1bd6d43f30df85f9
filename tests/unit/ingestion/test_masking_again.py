"""A lake written before the masking rule: what it held of people is masked by the next run, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.intake import Folders
from ingestion.lake import FINDINGS, Lake, LakeCorruption
from ingestion.masking_again import mask_again, unmasked
from ingestion.personal import RULE
from ingestion.receipt import RECEIPT_NAME, Receipt, hash_file
from tests.unit.ingestion.kit import drop, lake_tables, make_home, run, write_csv

RAW = "Zéphyrine Fauxnom"
MAIL = "zephyrine@courriel.example"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A lake of today, of which one file is made to be as an older rule left it."""
    made = make_home(tmp_path / "home")
    lines: tuple[dict[str, str], ...] = (
        {},
        {"statut": RAW},
        {"genre": RAW},
        {"nom_prescripteur": "CCAS de Mme Fauxnom"},
        {"nom_prescripteur": "CCAS"},
    )
    drop(made, "p_2022-12-31.csv", write_csv("prescriptions", *lines))
    drop(made, "b_2022-12-31.csv", write_csv("budget", {}, {"montant_ttc": MAIL}))
    drop(made, "inconnu_2022-12-31.csv", "a;b\n1;2\n")
    run(made)
    return made


def _as_before(folders: Folders) -> None:
    """Raw values in rejects, issues, texts, report, names; receipts that know of no rule."""
    for path in folders.lake.glob(f"*/*/{RECEIPT_NAME}"):
        raw = MAIL if path.parts[-3] == "budget" else RAW
        for name in FINDINGS:
            frame = pl.read_parquet(path.with_name(name))
            value = pl.when(pl.col("reason") == "invalid_value").then(pl.lit(raw)).otherwise("value")
            frame = frame.with_columns(value=value, file_name=pl.lit(f"{MAIL}.csv"))
            frame.write_parquet(path.with_name(name))
        rows = pl.read_parquet(path.with_name("rows.parquet"))
        if "nom_prescripteur" in rows.columns:
            name_ = pl.when(pl.col("nom_prescripteur").is_null()).then(pl.lit("CCAS de Mme Fauxnom"))
            rows.with_columns(name_.otherwise("nom_prescripteur").alias("nom_prescripteur")).write_parquet(
                path.with_name("rows.parquet")
            )
        path.with_name("rapport.md").write_text(f"| 3 | statut | `{raw}` |", encoding="utf-8")
        _seal(path, file_name=f"{MAIL}.csv", ignored_columns=[MAIL], masking_rule=1)
    for path in folders.lake.glob("_received/*.json"):
        receipt = Receipt.from_json(path.read_bytes())
        path.write_bytes(receipt.model_copy(update={"explanation": f"a {MAIL} b", "masking_rule": 1}).to_json())


def _seal(path: Path, **told: object) -> None:
    receipt = Receipt.from_json(path.read_bytes())
    files = {name: hash_file(path.with_name(name)) for name in receipt.files}
    path.write_bytes(receipt.model_copy(update={**told, "files": files}).to_json())


def _everything(folders: Folders) -> str:
    texts = [p.read_bytes().decode("utf-8", errors="ignore") for p in folders.lake.rglob("*") if p.is_file()]
    frames = [str(pl.read_parquet(p).rows()) for p in folders.lake.rglob("*.parquet")]
    return "\n".join([*texts, *frames])


def test_what_an_older_rule_left_is_masked_by_the_next_run(folders: Folders) -> None:
    """Rejects and values set aside by their shape or masked, free texts, reports, names, receipts of refused files."""
    today = lake_tables(folders)
    _as_before(folders)
    assert RAW in _everything(folders) and MAIL in _everything(folders) and "Fauxnom" in _everything(folders)
    run(folders)
    held = _everything(folders)
    assert RAW not in held and MAIL not in held and "Fauxnom" not in held
    now = lake_tables(folders)
    assert now["prescriptions"].equals(today["prescriptions"])
    for table in ("rejected_line", "field_issue"):
        same = ["file_id", "line_number", "column_name", "reason"]
        assert now[table].select(same).equals(today[table].select(same))
    assert set(now["rejected_line"]["value"]) == {"AAAAAAAAA AAAAAAA", "***"}
    assert {r.masking_rule for r in [*Lake(folders.lake).receipts(), *Lake(folders.lake).other_receipts()]} == {RULE}
    assert Lake(folders.lake).verify() == 8


def test_a_lake_of_today_s_rule_is_not_written(folders: Folders) -> None:
    """Nor is one written by today's code before it had a number: only its receipts are."""
    before = {p: p.read_bytes() for p in folders.lake.rglob("*") if p.is_file()}
    assert mask_again(Lake(folders.lake)) == 0
    assert {p: p.read_bytes() for p in folders.lake.rglob("*") if p.is_file()} == before
    for path in folders.lake.glob(f"*/*/{RECEIPT_NAME}"):
        _seal(path, masking_rule=1)
    assert mask_again(Lake(folders.lake)) == 2
    after = {p: p.read_bytes() for p in folders.lake.rglob("*") if p.is_file()}
    assert after == before


def test_a_file_changed_by_another_hand_is_not_sealed_anew(folders: Folders) -> None:
    _as_before(folders)
    path = next(folders.lake.glob("prescriptions/*/rows.parquet"))
    pl.read_parquet(path).head(1).write_parquet(path)
    with pytest.raises(LakeCorruption):
        mask_again(Lake(folders.lake))


def test_values_of_an_older_rule_are_told_by_what_they_are(folders: Folders) -> None:
    """In rejects and issues of any data set, once out of the lake; those of today's rule are none of them."""
    now = lake_tables(folders)
    assert sum(unmasked(now[table]).height for table in ("rejected_line", "field_issue")) == 0
    _as_before(folders)
    before = lake_tables(folders)
    found = pl.concat([unmasked(before[table]) for table in ("rejected_line", "field_issue")])
    assert sorted(found["value"].unique()) == [RAW, MAIL]
    assert set(found["dataset"]) == {"prescriptions", "budget"} and found["reason"].unique().to_list() == [
        "invalid_value"
    ]
