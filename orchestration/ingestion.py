"""The lake as Dagster assets: one asset an export. Does not live here: reading files (ingestion/)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import dagster as dg

from ingestion.contract import load_contracts
from ingestion.delivery import Delivery, Progress
from ingestion.intake import Folders, ingest
from ingestion.lake import Lake
from ingestion.locking import home_lock
from ingestion.secret import load_secret
from orchestration.settings import RunSettings, tell
from programme.clock import today_in_paris
from programme.french import count, integer

LAKE = "lake"
_OUTCOMES = {
    "loaded": ("chargé", "chargés"),
    "duplicate": ("déjà connu", "déjà connus"),
    "rejected": ("refusé", "refusés"),
    "left": ("laissé en place", "laissés en place"),
}
LOCK_WAIT_SECONDS = 600.0


def _specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            dg.AssetKey([LAKE, dataset]),
            group_name=LAKE,
            kinds={"polars", "parquet"},
            description=contract.description,
        )
        for dataset, contract in load_contracts().items()
    ]


@dg.multi_asset(name="ingest_deliveries", specs=_specs())
def ingest_deliveries(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[dg.MaterializeResult]:
    """Take in every file of the landing folder; each export's asset says what came for it."""
    home = settings.home()
    folders = Folders(home.landing, home.archive, home.quarantine, home.lake)
    with home_lock(home.root, wait_seconds=LOCK_WAIT_SECONDS):
        deliveries = ingest(folders, today=today_in_paris(), secret=load_secret(), on_progress=_tell_progress)
    _tell_summary(deliveries)
    if settings.as_of and any(delivery.outcome == "loaded" for delivery in deliveries):
        tell("La version courante ne contient pas encore ces fichiers : lancez aussi « passnum run » sans --as-of.")
    _tell_an_empty_build(Lake(home.lake), folders, settings.as_of_date())
    for dataset in load_contracts():
        mine = [delivery for delivery in deliveries if delivery.dataset == dataset]
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey([LAKE, dataset]),
            metadata={
                "files_loaded": sum(d.outcome == "loaded" for d in mine),
                "files_duplicate": sum(d.outcome == "duplicate" for d in mine),
                "files_rejected": sum(d.outcome == "rejected" for d in mine),
                "lines_accepted": sum(d.lines_accepted for d in mine),
                "lines_rejected": sum(d.lines_rejected for d in mine),
                "lines_duplicate": sum(d.lines_duplicate for d in mine),
            },
        )


def _tell_an_empty_build(lake: Lake, folders: Folders, until: date | None) -> None:
    """Zeros everywhere would look like figures: say that no file is behind them, and what to do."""
    if lake.receipts(until):
        return
    earliest = min((receipt.extract_date for receipt in lake.receipts() if receipt.extract_date), default=None)
    if earliest is not None and until is not None:
        tell(
            f"Aucun fichier chargé n'était extrait au {until:%d/%m/%Y} (le plus ancien est du {earliest:%d/%m/%Y}) : "
            "tout sera à zéro."
        )
    else:
        tell(
            f"Aucun fichier n'est chargé : tout sera à zéro. Déposez les exports dans {folders.landing}, ou fabriquez "
            f"une démonstration : passnum simulate --out {folders.landing}"
        )


def _tell_progress(progress: Progress) -> None:
    tell(progress.text)


def _tell_summary(deliveries: list[Delivery]) -> None:
    outcomes = Counter(delivery.outcome for delivery in deliveries)
    if not deliveries:
        tell("Aucun nouveau fichier dans la zone de dépôt.")
        return
    told = [count(outcomes[name], *words) for name, words in _OUTCOMES.items() if outcomes[name]]
    tell("Fichiers : " + ", ".join(told) + ".")
    for delivery in deliveries:
        told = list(delivery.notes)
        if delivery.lines_rejected:
            rejected = count(delivery.lines_rejected, "ligne rejetée", "lignes rejetées")
            told.insert(0, f"{rejected} sur {integer(delivery.lines_read)}.")
        if told and delivery.outcome != "duplicate":
            where = f" Rapport : {delivery.report_path}" if delivery.report_path else ""
            tell(f"  {delivery.file_name} : {' '.join(told)}{where}")
