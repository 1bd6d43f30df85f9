"""Facts → the tables that the issuer, the prescribers and the finance team would send, month after month.

Each extract holds the new lines of its month and the lines that changed; lieux, services and budget are
cumulative and rarer. Every value is text as in the clean layout of exports §1. Does not live here: files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from programme.config import Programme
from simulation.carnets import FACE_VALUE_EUR, NEVER, PASS_DIGITS, Carnets, first_month
from simulation.structures import Structures
from simulation.visits import Visits
from simulation.working_days import day_number, month_index, month_last_day

Render = Callable[["Facts", pl.DataFrame, bool], pl.DataFrame]
MONTHLY = ("emissions", "prescriptions", "utilisations")


@dataclass(frozen=True)
class Extract:
    """One table to deliver: data set, extract date, lines (every column text, null where nothing is told)."""

    dataset: str
    on: date
    frame: pl.DataFrame


@dataclass(frozen=True)
class Shift:
    """How many of each were numbered in the parts before: numbers go on."""

    carnets: int = 0
    passes: int = 0
    people: int = 0
    prescriptions: int = 0
    sessions: int = 0
    uses: int = 0


@dataclass(frozen=True)
class Facts:
    """The simulated programme, whole or a part of it. `end`: day number of the last extract."""

    programme: Programme
    structures: Structures
    carnets: Carnets
    prescriptions: pl.DataFrame
    visits: Visits
    redemptions: pl.DataFrame
    budget: pl.DataFrame
    end: int
    shift: Shift = Shift()


def french_day(column: str) -> pl.Expr:
    """A day number as dd/mm/yyyy, null where it is NEVER."""
    day = pl.col(column)
    text = pl.from_epoch(day.cast(pl.Int32), time_unit="d").dt.strftime("%d/%m/%Y")
    return pl.when(day < NEVER).then(text).alias(column)


def _digits(column: str, width: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(width)


def _carnet_number(column: str) -> pl.Expr:
    return ("DEMO-" + _digits(column, 7)).alias("numero_carnet")


def _named(values: pl.Series, column: str) -> pl.Expr:
    """Text of a position in a small table."""
    return pl.col(column).replace_strict(pl.int_range(len(values), eager=True), values, default=None)


def _euros(column: str) -> pl.Expr:
    """Cents as 1234,50."""
    cents = pl.col(column)
    return (cents // 100).cast(pl.String) + "," + (cents % 100).cast(pl.String).str.zfill(2)


def _territory_codes(facts: Facts) -> pl.Series:
    return pl.Series([t.code_insee for t in facts.programme.territories])


def _carnet_versions(facts: Facts) -> pl.DataFrame:
    """Grain: one state of a carnet as an extract shows it: the last one of each month."""
    carnets = facts.carnets
    count, never = len(carnets), np.full(len(carnets), NEVER)
    states = (
        (carnets.issued, never, np.full(count, "emis"), carnets.issued),
        (carnets.delivered, carnets.delivered, np.full(count, "livre"), carnets.delivered),
        (carnets.status_day, carnets.delivered, carnets.status, carnets.status_day),
    )
    months = [np.where(on < NEVER, month_index(np.minimum(on, NEVER - 1)), NEVER) for on, *_ in states]
    versions = []
    for step, (on, delivered, status, status_day) in enumerate(states):
        is_last = (on < NEVER) & np.all([months[later] != months[step] for later in range(step + 1, 3)], axis=0)
        rows = np.flatnonzero(is_last)
        versions.append(
            pl.DataFrame(
                {
                    "carnet": rows,
                    "month": months[step][rows],
                    "date_livraison": delivered[rows],
                    "statut": status[rows],
                    "date_statut": status_day[rows],
                }
            )
        )
    return pl.concat(versions).sort("month", "carnet")


def _emissions(facts: Facts, versions: pl.DataFrame) -> pl.DataFrame:
    carnets, rows = facts.carnets, versions["carnet"].to_numpy()
    sirets = facts.structures.prescribers["siret"]
    first = carnets.first_pass[rows] + facts.shift.passes
    frame = versions.with_columns(
        first=pl.Series(first),
        last=pl.Series(first + carnets.passes[rows] - 1),
        lot=pl.Series(carnets.lot[rows]),
        territory=pl.Series(carnets.territory[rows]),
        prescriber=pl.Series(carnets.prescriber[rows]),
        date_emission=pl.Series(carnets.issued[rows]),
        date_fin_validite=pl.Series(carnets.valid_to[rows]),
        number=pl.col("carnet") + 1 + facts.shift.carnets,
    )
    return frame.select(
        _carnet_number("number"),
        _digits("first", PASS_DIGITS).alias("premier_pass"),
        _digits("last", PASS_DIGITS).alias("dernier_pass"),
        pl.lit(f"{FACE_VALUE_EUR},00").alias("valeur_faciale"),
        _named(pl.Series([lot.number for lot in carnets.lots]), "lot").alias("numero_lot"),
        _named(pl.Series([lot.order for lot in carnets.lots]), "lot").alias("bon_commande"),
        _named(_territory_codes(facts), "territory").alias("code_insee"),
        # Nobody holds a stock that has not been delivered.
        pl.when(pl.col("date_livraison") < NEVER).then(_named(sirets, "prescriber")).alias("siret_prescripteur"),
        french_day("date_emission"),
        french_day("date_livraison"),
        french_day("date_fin_validite"),
        "statut",
        french_day("date_statut"),
    )


def _prescriptions(facts: Facts, rows: pl.DataFrame, is_first: bool) -> pl.DataFrame:
    prescribers = facts.structures.prescribers
    of = facts.shift
    return rows.with_columns(
        carnet=pl.col("carnet") + 1 + of.carnets,
        number=pl.col("number") + of.prescriptions,
        person=pl.when(pl.col("person") >= 0).then(pl.col("person") + of.people).otherwise("person"),
    ).select(
        ("P-" + _digits("number", 8)).alias("id_prescription"),
        _carnet_number("carnet"),
        french_day("day").alias("date_prescription"),
        _named(prescribers["siret"], "prescriber").alias("siret_prescripteur"),
        _named(prescribers["nom"], "prescriber").alias("nom_prescripteur"),
        _named(prescribers["type"], "prescriber").alias("type_prescripteur"),
        _named(_territory_codes(facts), "territory").alias("code_insee"),
        pl.when(pl.col("person") >= 0).then("DEMO-BEN-" + _digits("person", 8)).alias("id_beneficiaire"),
        pl.when(pl.col("birth") > 0).then(pl.col("birth").cast(pl.String)).alias("annee_naissance"),
        pl.col("gender").replace("", None).alias("genre"),
        pl.col("situation").replace("", None),
        pl.col("first_pic" if is_first else "pic").replace("", None).alias("public_pic"),
        pl.col("qpv").replace("", None).alias("residence_qpv"),
        pl.col("first_statut" if is_first else "statut").alias("statut"),
    )


def _redemptions(facts: Facts, rows: pl.DataFrame, is_first: bool) -> pl.DataFrame:
    visits, visit = facts.visits, rows["visit"].to_numpy()
    lieux, services = facts.structures.lieux, facts.structures.services
    told_session = visits.told_session[visit]
    frame = rows.with_columns(
        day=pl.Series(visits.day[visit]),
        lieu=pl.Series(visits.lieu[visit]),
        service=pl.Series(visits.service[visit]),
        session=pl.Series(np.where(told_session > 0, told_session + facts.shift.sessions, 0)),
        number=pl.col("number") + facts.shift.uses,
        pass_number=pl.col("pass_number") + facts.shift.passes,
        minutes=pl.Series(visits.minutes[visit]),
        clock=pl.Series(visits.minute_of_day[visit]),
    )
    hour = pl.col("clock") // 60
    clock = " " + hour.cast(pl.String).str.zfill(2) + ":" + (pl.col("clock") % 60).cast(pl.String).str.zfill(2)
    paid = pl.lit(False) if is_first else pl.col("paid_on") < NEVER
    payment = pl.from_epoch(pl.col("paid_on").cast(pl.Int32), time_unit="d")
    return frame.select(
        ("U-" + _digits("number", 9)).alias("id_utilisation"),
        _digits("pass_number", PASS_DIGITS).alias("numero_pass"),
        (french_day("day") + pl.when(pl.col("clock") >= 0).then(clock).otherwise(pl.lit(""))).alias("date_utilisation"),
        _named(lieux["pivot"], "lieu").alias("siret_lieu"),
        _named(lieux["nom"], "lieu").alias("nom_lieu"),
        _named(lieux["code_insee"], "lieu").alias("code_insee_lieu"),
        _named(services["code_service"], "service").alias("code_service"),
        pl.when(pl.col("session") > 0).then("S-" + _digits("session", 8)).alias("id_session"),
        pl.when(_named(services["is_collective"], "service"))
        .then(pl.lit("collectif"))
        .otherwise(pl.lit("individuel"))
        .alias("modalite"),
        pl.when(pl.col("minutes") > 0).then(pl.col("minutes").cast(pl.String)).alias("duree_minutes"),
        pl.lit(f"{FACE_VALUE_EUR},00").alias("montant"),
        pl.col("first_statut" if is_first else "statut").alias("statut"),
        pl.when(paid).then(payment.dt.strftime("%d/%m/%Y")).alias("date_remboursement"),
        pl.when(paid)
        .then(payment.dt.strftime("CP-%Y-%m-") + (pl.col("lieu") + 1).cast(pl.String).str.zfill(3))
        .alias("reference_remboursement"),
    )


def _lieux(facts: Facts, on: date) -> pl.DataFrame:
    """The directory as known that day: referenced by then, an end only once it has come."""
    lieux, today = facts.structures.lieux, day_number(on)
    iso = lambda column: pl.from_epoch(pl.col(column).cast(pl.Int32), time_unit="d").dt.strftime("%Y-%m-%d")  # noqa: E731
    inner = {"territory", "is_main", "opens", "closes", "workshop_weekday", "has_clock"}
    columns = [c for c in lieux.columns if c not in inner]
    place = columns.index("structure_parente") + 1
    updated = pl.when(pl.col("closes") <= today).then(iso("closes")).otherwise(iso("opens")).alias("date_maj")
    return lieux.filter(pl.col("opens") <= today).select(
        *(pl.col(c).cast(pl.String) for c in columns[:place]),
        updated,
        *(pl.col(c).cast(pl.String) for c in columns[place:]),
        iso("opens").alias("date_referencement"),
        pl.when(pl.col("closes") <= today).then(iso("closes")).alias("date_fin_referencement"),
    )


def _services(facts: Facts) -> pl.DataFrame:
    return facts.structures.services.drop("passes", "is_collective").cast(pl.String)


def _budget(facts: Facts, on: date) -> pl.DataFrame:
    return facts.budget.filter(pl.col("day") <= day_number(on)).select(
        ("DEMO-E" + _digits("number", 5)).alias("id_ecriture"),
        french_day("day").alias("date_ecriture"),
        "nature",
        "categorie",
        _euros("ht").alias("montant_ht"),
        _euros("ttc").alias("montant_ttc"),
        "reference",
        pl.col("order").alias("bon_commande"),
        pl.col("ami").cast(pl.String),
    )


def list_extracts(facts: Facts) -> Iterator[Extract]:
    """Every extract in order of date, made one at a time. The monthly three have one a month, even empty."""
    versions = _carnet_versions(facts)
    first, last = first_month(facts.carnets), int(month_index(np.array([facts.end]))[0])
    for month in range(first, last + 1):
        on = month_last_day(month)
        yield Extract("emissions", on, _emissions(facts, versions.filter(pl.col("month") == month)))
        yield Extract("prescriptions", on, _two_states(facts, _prescriptions, facts.prescriptions, month, "revised"))
        yield Extract("utilisations", on, _two_states(facts, _redemptions, facts.redemptions, month, "is_final"))
        if month == first or month % 3 == 2:
            yield Extract("budget", on, _budget(facts, on))
            yield Extract("lieux", on, _lieux(facts, on))
        if month == first or month % 12 == 11:
            yield Extract("services", on, _services(facts))


def _two_states(facts: Facts, render: Render, rows: pl.DataFrame, month: int, again: str) -> pl.DataFrame:
    """Lines of the month before as they became, then the new lines of the month. `rows` are in order of month."""
    bounds = rows["month"].search_sorted(pl.Series([month - 1, month, month + 1]), side="left").to_list()
    before = rows[bounds[0] : bounds[1]].filter(pl.col(again))
    return pl.concat([render(facts, before, False), render(facts, rows[bounds[1] : bounds[2]], True)])
