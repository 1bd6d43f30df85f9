"""A lake written before texts and rejects were masked as they are now: masked in place, file by file, and sealed anew.

Each receipt says under which rule its folder was written (personal.RULE); a run finds those of an older one and does
the rest of the rule that needs no original. Lines stay accepted or rejected as they were: an identifier that today's
rule refuses stays in `core`. Call it under the home's lock. Does not live here: the rule (personal, personal_text).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from ingestion.contract import Contract, Field, load_layouts
from ingestion.cutting import ROWS
from ingestion.lake import FINDINGS, RECEIVED, Lake
from ingestion.parquet import read_parts
from ingestion.personal import PERSON_LEVEL, RULE, mask_texts, mask_value, show_finding_shapes, show_header
from ingestion.personal_text import mask_name, mask_sentence
from ingestion.receipt import Receipt
from ingestion.rewriting import Anew, rewrite
from storage.atomic import write_atomically

REPORT = "rapport.md"
REPLACED = (
    "# Fichier chargé : {name}\n\nCe compte rendu a été retiré : il datait d’avant le masquage des données "
    "personnelles. Les lignes rejetées et leurs motifs sont dans l’entrepôt (quality.rejected_line).\n"
)


def mask_again(lake: Lake) -> int:
    """Mask what the lake holds from before the rule. Returns how many files were written under an older one.

    Raises LakeCorruption before anything is written.
    """
    behind = [receipt for receipt in lake.receipts() if receipt.masking_rule < RULE]
    if behind:
        lake.verify()
        layouts = {contract.layout: contract for contract in load_layouts()}
        rewrite(lake, [_masked(lake, receipt, layouts) for receipt in behind])
    others = 0
    folder = lake.root / RECEIVED
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        receipt = Receipt.from_json(path.read_bytes())
        if receipt.masking_rule < RULE:
            write_atomically(path, receipt.model_copy(update=_told(receipt)).to_json())
            others += 1
    return len(behind) + others


def unmasked(findings: pl.DataFrame) -> pl.DataFrame:
    """Of rejects or issues of any file (dataset, column_name, value, reason), those that an older rule wrote.

    Told by their value alone: it is not the one that today's rule makes of it.
    """
    told = findings.drop_nulls(["dataset", "value"])
    kept = [findings.clear()]
    for (dataset,), part in told.partition_by("dataset", as_dict=True).items():
        fields = {f.name: f for contract in load_layouts() if contract.dataset == dataset for f in contract.fields}
        kept.append(part.filter(part["value"] != _mask_findings(part, fields, dataset)["value"]))
    return pl.concat(kept)


def _masked(lake: Lake, receipt: Receipt, layouts: dict[str, Contract]) -> Anew:
    contract = layouts[receipt.layout or receipt.dataset or ""]
    folder = lake.folder_of(receipt.dataset or "", receipt.file_id)
    fields = {field.name: field for field in contract.fields}
    name = mask_name(receipt.file_name)

    def mask(table: str, part: pl.DataFrame) -> pl.DataFrame:
        if table == ROWS:
            return _mask_rows(part, lake.contracts[receipt.dataset or ""])
        return _mask_findings(part, fields, contract.dataset).with_columns(file_name=pl.lit(name))

    def masked(table: str) -> Iterator[pl.DataFrame]:
        return (mask(table, part) for part in read_parts(folder / table))

    changed = {
        table: partial(masked, table)
        for table in (ROWS, *FINDINGS)
        if any(not mask(table, part).equals(part) for part in read_parts(folder / table))
    }
    texts = {REPORT: REPLACED.format(name=name)} if changed or name != receipt.file_name else {}
    return Anew(receipt, changed, _told(receipt), texts)


def _told(receipt: Receipt) -> dict[str, object]:
    """What a receipt says that may hold somebody's."""
    return {
        "file_name": mask_name(receipt.file_name),
        "ignored_columns": [show_header(header, place) for place, header in enumerate(receipt.ignored_columns)],
        "personal_data_dropped": [show_header(h, place) for place, h in enumerate(receipt.personal_data_dropped)],
        "explanation": mask_sentence(receipt.explanation) if receipt.explanation else "",
        "landing": mask_name(receipt.landing) if receipt.landing else "",
        "masking_rule": RULE,
    }


def _mask_rows(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    for field in contract.fields:
        if field.type == "text" and not field.is_identifier and field.name in rows.columns:
            texts = rows[field.name]
            shown = mask_texts(field, pl.DataFrame({"t": texts, "value": texts}))["value"]
            rows = rows.with_columns(shown.alias(field.name))
    return rows


def _mask_findings(findings: pl.DataFrame, fields: dict[str, Field], dataset: str) -> pl.DataFrame:
    if findings.is_empty():
        return findings
    parts = [
        part.with_columns(mask_value(fields[name], part["value"]).alias("value")) if name in fields else part
        for (name,), part in findings.with_row_index("_row").partition_by("column_name", as_dict=True).items()
    ]
    masked = pl.concat(parts).sort("_row").drop("_row")
    return show_finding_shapes(masked) if dataset in PERSON_LEVEL else masked
