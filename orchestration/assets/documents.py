"""The documents that leave the building, at each quarter's end, as Dagster knows them.

Issuing is safe to repeat: what was issued with the same content is left as it is, a change makes a new edition.
Does not live here: the documents (reporting/), sending them to anyone: a person checks them first.
"""

from pathlib import Path

import dagster as dg

from orchestration.dagster_log import told_in
from orchestration.prepared import prepare
from orchestration.settings import RunSettings
from programme.clock import today_in_paris


class ExportConfig(dg.Config):
    """period: 2022-T4, 2022 or 2022-10; empty for the last quarter that ended."""

    period: str = ""


@dg.op(description="Émet l'export ANCT, le bilan et les données ouvertes d'une période ; en fin d'année, le compte.")
def issue_exports(context: dg.OpExecutionContext, config: ExportConfig, settings: RunSettings) -> None:
    """Issue every document of the period and log where each one is."""
    from presentation.table import MappingError
    from programme.config import ProgrammeError, load_issuer, load_mandate
    from reporting.anct import export as anct
    from reporting.bilan import export as bilan
    from reporting.figures.period import PeriodError, parse_period, quarter_before
    from reporting.mandate import export as mandate
    from reporting.mandate.identity import Parties
    from reporting.open_data import export as open_data
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.published.versions import current_version

    home, programme = settings.home(), settings.programme()
    version = current_version(home)
    if version is None:
        raise dg.Failure("Rien n'est encore publié : aucun document ne peut être émis.", allow_retries=False)
    try:
        period = parse_period(config.period) if config.period else quarter_before(today_in_paris())
        folder = Path(settings.programme_folder) if settings.programme_folder else None
        issuer = load_issuer(folder)
        issued: list[Path] = [anct.issue(version, programme, period, home, issuer=issuer).edition.folder]
        issued.append(bilan.issue(version, programme, period, home)[0].folder)
        issued.append(open_data.issue(version, programme, period, home, issuer=issuer)[0].folder)
        if period.ends_year:
            parties = Parties(issuer, load_mandate(folder))
            account = mandate.issue(version, programme, period.start.year, home, parties=parties)
            issued.append(account.edition.folder)
    except (PeriodError, MappingError, ProgrammeError, VersionTooOld) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    # What documents showed is known: the pages' figures are made again with it.
    with told_in(context.log):
        prepare(home, programme)
    for folder in issued:
        context.log.info(f"Émis : {folder}")
    context.add_output_metadata({"periode": period.label, "dossiers": [str(folder) for folder in issued]})
