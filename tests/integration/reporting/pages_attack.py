"""What readers collect from the pages, role by role and filter by filter, and the additive tables it lets them write.

Written apart from reporting/cube: nothing here knows how a cell is chosen, nor what the cube says adds up to what. A
figure is known where a page gives it; every figure is a sum of what happened in a month of a territory, a quarter of a
lieu, or between two territories. Does not live here: the attack (reporting/suppression/attack.py), the test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from dashboards.access import Rights
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import NO_FILTER, Filters
from dashboards.rights import open_for
from reporting.suppression import Tables
from warehouse.published.versions import connect

MOVES = {"used": "passes_used", "issued": "passes_issued", "expired": "passes_expired"}
LIVES = ("in_stock", "with_prescriber", "prescribed", "used", "expired", "cancelled")
#: Cell → what a page gives of it; None where it withholds it.
Seen = dict[str, float | None]


def readers(version: Path, threshold: int, territories: Iterable[str]) -> dict[str, ProtectedReader]:
    """The steering committee (comite), and the reader of each territory."""
    rights = {"comite": Rights("comite", threshold=threshold)} | {
        code: Rights("territoire", code, threshold) for code in territories
    }
    return {name: ProtectedReader(version, one, open_for(version, one)) for name, one in rights.items()}


def periods(months: list[date]) -> dict[str, tuple[date | None, date | None]]:
    """Every month, quarter and year of the data, and everything."""
    found: dict[str, tuple[date | None, date | None]] = {"tout": (None, None)}
    for month in months:
        quarter, year = date(month.year, 3 * ((month.month - 1) // 3) + 1, 1), month.year
        found[f"{month:%Y-%m}"] = (month, month)
        found[f"{year}-T{(month.month + 2) // 3}"] = (quarter, quarter.replace(month=quarter.month + 2))
        found[f"{year}"] = (date(year, 1, 1), date(year, 12, 1))
    return found


def collect(reader: ProtectedReader, calls: Iterable[int], territories: Iterable[str]) -> Seen:
    """All that the pages give this reader: cell → value."""
    seen: Seen = {}
    own = reader.rights.territory_code
    months = reader.months()["month"].to_list()
    places = [own] if own else list(territories)
    choices: dict[tuple[str, str], Filters] = {("territory", code): Filters(territories=(code,)) for code in places}
    if own is None:
        choices |= {("programme", ""): NO_FILTER}
        choices |= {("ami", str(call)): Filters(ami=call) for call in calls}
    for (kind, place), chosen in choices.items():
        at = f"{kind}|{place}"
        rows = {row["month"]: row for row in reader.activity_by_month(chosen).to_dicts()}
        for month in months:
            for name, measure in MOVES.items():  # a month without a row is one without anything
                _note(seen, f"{name}|{at}|{month:%Y-%m}", rows[month][measure] if month in rows else 0.0)
        for status, passes, _ in reader.statuses(chosen, (), ()).rows():
            _note(seen, f"life {status}|{at}", passes)
        for step, passes, _ in reader.steps(chosen, (), ()).rows():
            _note(seen, f"step {step}|{at}", passes)
        for row in reader.ledger_years(chosen).to_dicts():
            for name in (*MOVES, "cancelled", "closing"):
                _note(seen, f"{name}|{at}|{row['year']}", row[f"{name}_passes"])
            for row in reader.ledger_months(chosen, row["year"]).to_dicts():  # noqa: B020
                for name in (*MOVES, "cancelled", "closing"):
                    _note(seen, f"{name}|{at}|{row['month']:%Y-%m}", row[f"{name}_passes"])
        for row in reader.expiry_days(chosen).to_dicts():
            at_day = {"programme": "stock|", "ami": f"stock of call|{place}", "territory": f"stock|{place}"}[kind]
            _note(seen, f"{at_day}|{row['last_usable_on'] + timedelta(days=1)}", row["passes"])
        for row in reader.expiry_places(chosen, notice_ends_on(reader)).to_dicts():
            _note(seen, f"lapsing|{row['territory_code']}", row["passes"])
        lieux = "*" if kind == "programme" else place
        if kind != "ami":
            for span, (start, end) in periods(months).items():
                sums = reader.lieu_sums(Filters(start, end, territories=chosen.territories)).row(0, named=True)
                _note(seen, f"used|lieux|{lieux}|{span}", sums["passes_used"])
    for span, (start, end) in periods(months).items():
        for row in reader.territory_period(Filters(start, end)).to_dicts():
            for name, measure in MOVES.items():
                _note(seen, f"{name}|territory|{row['territory_code']}|{span}", row[measure])
        for row in reader.lieu_totals(Filters(start, end)).to_dicts():
            _note(seen, f"used|lieu|{row['lieu_siret']}|{span}", row["passes_used"])
    for row in reader.stock().to_dicts():
        _note(seen, f"stock|{row['territory_code']}|{row['expires_on']}", row["passes"])
    for row in reader.stock_of_programme().to_dicts():
        _note(seen, f"stock||{row['expires_on']}", row["passes"])
    for row in reader.territory_states().to_dicts():
        _note(seen, f"usable|{row['territory_code']}", row["passes_usable"])
    for row in reader.burn_up("passes_used").to_dicts():
        _note(seen, f"used until|{row['date_day']:%Y-%m}", row["value"])
    for code in places:
        for there, is_same, passes, _ in reader.flows(code).rows():
            _note(seen, f"flow|{code}|{there}", passes)
            assert isinstance(is_same, bool) or is_same is None
    return seen


def notice_ends_on(reader: ProtectedReader) -> date:
    """The day before which passes are to be saved (page « Pass à sauver »)."""
    as_of, days = reader.ask("select as_of, expiry_alert_days from {programme}").row(0)
    ends: date = as_of + timedelta(days=days)
    return ends


def _note(seen: Seen, cell: str, value: float | None) -> None:
    """A view may withhold what another gives: then it is given."""
    before = seen.get(cell)
    assert before is None or value is None or before == value, f"{cell} is told twice, and differs"
    seen[cell] = before if value is None else value


def truth(version: Path) -> tuple[dict[str, float], list[tuple[str, list[str]]], dict[str, list[str]]]:
    """Every figure of passes: cell → value; the sums, each of a total and its parts; and what each is the sum of."""
    atoms: dict[str, float] = defaultdict(float)
    made: dict[str, list[str]] = defaultdict(list)
    with connect(version) as con:
        moves = con.execute(
            "select indicator, month, territory_code, ami, value from marts.measure_month where indicator in"
            " ('passes_used', 'passes_issued', 'passes_expired', 'passes_cancelled')"
        ).fetchall()
        lieux = con.execute(
            "select lieu_siret, coalesce(territory_code, ''), month, passes_used from marts.lieu_activity"
        ).fetchall()
        flows = con.execute(
            "select flow.territory_code, coalesce(place.territory_name, 'Territoire inconnu'), flow.passes_used,"
            " case when flow.lieu_territory_code = 'inconnu' then '' else flow.lieu_territory_code end"
            " from marts.territory_flows as flow left join core.dim_territory as place"
            " on place.territory_code = flow.lieu_territory_code"
        ).fetchall()
        balances = con.execute(
            "select ledger.month, ledger.territory_code, place.ami, ledger.closing_passes from marts.mandate_ledger"
            " as ledger left join core.dim_territory as place using (territory_code)"
        ).fetchall()
        stock = con.execute(
            "select stock.territory_code, expires_on, passes, place.ami,"
            " expires_on - interval 1 day < as_of + to_days(expiry_alert_days::int) from marts.stock_month as stock"
            " left join core.dim_territory as place using (territory_code) cross join marts.programme"
            " where month = (select max(month) from marts.stock_month)"
        ).fetchall()
        lives = con.execute(
            "select life.territory_code, place.ami, life.status, life.is_delivered, life.is_prescribed,"
            " life.is_started, life.is_reimbursed, life.passes from marts.pass_lifecycle as life"
            " left join core.dim_territory as place using (territory_code)"
        ).fetchall()
    for measure, month, code, ami, value in [*moves, *_nothing(moves)]:
        name = measure.removeprefix("passes_")
        atom = f"{name}|territory|{code}|{month:%Y-%m}"
        atoms[atom] += value
        _into(made, atom, name, month, ("territory", code), ("ami", ami), ("programme", ""))
        if name == "used":
            for until in _ends(month, moves):
                made[f"used until|{until}"].append(atom)
    for siret, code, month, value in [*lieux, *_nowhere(lieux)]:
        atom = f"used|lieu|{siret}|{month.year}-T{(month.month + 2) // 3}"
        atoms[atom] += float(value)
        for kind, place in (("lieu", siret), ("lieux", code), ("lieux", "*")):
            for span in (f"{month.year}-T{(month.month + 2) // 3}", f"{month.year}", "tout"):
                made[f"used|{kind}|{place}|{span}"].append(atom)
    for code, name, value, there in flows:
        atom = f"flow|{code}|{name}"
        atoms[atom] += float(value)
        made[f"flows from|{code}"].append(atom)
        made[f"flows to|{there}"].append(atom)
    last = max(month for month, *_ in balances)
    for month, code, ami, value in balances:
        year_end = month == max(m for m, *_ in balances if m.year == month.year)
        atom = f"closing|territory|{code}|{month.year}" if year_end else f"balance|{code}|{month:%Y-%m}"
        atoms[atom] += float(value)
        if year_end:
            made[f"closing|ami|{ami}|{month.year}"].append(atom)
            made[f"closing|programme||{month.year}"].append(atom)
        made[f"closing|programme||{month:%Y-%m}"].append(atom)
        if month == last:
            made[f"usable|{code}"].append(atom)
    for code, day, value, ami, is_soon in stock:
        atoms[f"stock|{code}|{day}"] += float(value)
        made[f"stock of call|{ami}|{day}"].append(f"stock|{code}|{day}")
        if is_soon:
            made[f"lapsing|{code}"].append(f"stock|{code}|{day}")
        made[f"stock||{day}"].append(f"stock|{code}|{day}")
        made[f"stock of|{code}"].append(f"stock|{code}|{day}")
    steps = ("delivered", "prescribed", "started", "reimbursed")
    for code, ami, status, *past, value in lives:
        atom = f"state|{code}|{status}|{past}"
        atoms[atom] += float(value)
        names = [
            f"life {status}",
            "step issued",
            *(f"step {step}" for step, is_past in zip(steps, past, strict=True) if is_past),
        ]
        names += ["step used"] if status == "used" else []
        for name in names:
            for place in (f"territory|{code}", f"ami|{ami}", "programme|"):
                made[f"{name}|{place}"].append(atom)
    values = dict(atoms) | {cell: sum(atoms[atom] for atom in set(parts)) for cell, parts in made.items()}
    sums = [(cell, sorted(set(parts))) for cell, parts in made.items() if sorted(set(parts)) != [cell]]
    return values, sums + _ties(values), made


def _nothing(moves: list) -> list[tuple[str, date, str, int, float]]:
    """Territories and months of which a measure says nothing, where the programme has some: a zero, that a page may not
    tell."""
    places = {(code, ami) for _, _, code, ami, _ in moves}
    some = {(measure, month, code) for measure, month, code, _, _ in moves}
    months = {(measure, month) for measure, month, *_ in moves}
    return [
        (measure, month, code, ami, 0.0)
        for measure, month in sorted(months)
        for code, ami in sorted(places, key=str)
        if (measure, month, code) not in some
    ]


def _nowhere(lieux: list) -> list[tuple[str, str, date, float]]:
    """Lieux and quarters without a use, where some lieu has one: a zero, that a page may not tell."""
    quarters = {date(month.year, 3 * ((month.month - 1) // 3) + 1, 1) for _, _, month, _ in lieux}
    places = {(siret, code) for siret, code, *_ in lieux}
    return [(siret, code, quarter, 0.0) for siret, code in sorted(places) for quarter in sorted(quarters)]


def _ends(month: date, moves: list) -> list[str]:
    every = sorted({m for _, m, *_ in moves})
    return [f"{m:%Y-%m}" for m in every if m >= month]


def _into(made: dict[str, list[str]], atom: str, name: str, month: date, *places: tuple[str, object]) -> None:
    spans = (f"{month:%Y-%m}", f"{month.year}-T{(month.month + 2) // 3}", f"{month.year}", "tout")
    for kind, place in places:
        for span in spans:
            made[f"{name}|{kind}|{place}|{span}"].append(atom)


def _ties(values: dict[str, float]) -> list[tuple[str, list[str]]]:
    """What two ways of counting have in common: lieux and territories, flows and both, the account, what is left."""
    ties: list[tuple[str, list[str]]] = []
    for cell in list(values):
        name, *rest = cell.split("|")
        if cell.startswith("used|lieux|*|"):
            ties.append((f"used|programme||{rest[2]}", [cell]))
        elif name == "flows from":
            ties.append((f"used|territory|{rest[0]}|tout", [cell]))
        elif name == "flows to":
            ties.append((f"used|lieux|{rest[0]}|tout", [cell]))
        elif name == "stock of":
            ties.append((f"usable|{rest[0]}", [cell]))
        elif name.startswith("life ") and name.removeprefix("life ") in ("used", "expired", "cancelled"):
            ties.append((f"{name.removeprefix('life ')}|{rest[0]}|{rest[1]}|tout", [cell]))
        elif name == "closing":
            ties += _account(values, cell, *rest)
    return [
        (total, parts) for total, parts in ties if abs(values.get(total, -1) - sum(values[p] for p in parts)) < 1e-6
    ]


def _account(values: dict[str, float], cell: str, kind: str, place: str, span: str) -> list[tuple[str, list[str]]]:
    """Opening + issued = used + expired + cancelled + closing, by a cell that stands for both sides."""
    ends = sorted(
        c.rsplit("|", 1)[1]
        for c in values
        if c.startswith(f"closing|{kind}|{place}|") and len(c.rsplit("|", 1)[1]) == len(span)
    )
    before = ends[ends.index(span) - 1] if ends.index(span) else None
    left = [c for name in ("used", "expired", "cancelled") if (c := f"{name}|{kind}|{place}|{span}") in values] + [cell]
    brought = [c for c in (f"issued|{kind}|{place}|{span}", f"closing|{kind}|{place}|{before}") if c in values]
    both = f"supply|{kind}|{place}|{span}"
    values[both] = sum(values[part] for part in left)
    return [(both, left), (both, brought)]


def tables(version: Path, seen: Iterable[Seen], threshold: int) -> tuple[Tables, frozenset[str]]:
    """What readers who put together `seen` may write, and the cells that it withholds. Zeros that no page gives are
    unknown too. Raises AssertionError where a page gives a wrong value."""
    values, sums, _ = truth(version)
    told: Seen = {}
    for one in seen:
        for cell, value in one.items():
            _note(told, cell, value)
            true = values.get(cell, 0.0)
            assert value is None or abs(true - value) < 1e-6, f"{cell}: {value} is shown, {true} is true"
    # What counts: each figure, in a page or not, but the two sides of an account and the balance of a month.
    counts = frozenset(cell for cell in values if not cell.startswith(("supply|", "balance|")))
    # A level of time that no page gives at all (lieux by quarter, of a small programme) hides nothing else: its small
    # counts are to be safe, and a large one may be the total that is shown above it. Where the zeros of a place are
    # given, and nothing else, what is not one is at least one.
    given = {_level(cell) for cell, value in told.items() if value}
    zeros = {_own_level(cell) for cell, value in told.items() if value is not None and cell in values}
    published = frozenset(
        cell for cell in told
        if cell in values and (_level(cell) in given or (0 < values[cell] < threshold and _own_level(cell) in zeros))
    )  # fmt: skip
    hidden = frozenset(cell for cell in published if told[cell] is None)
    veiled = frozenset(cell for cell in values if values[cell] == 0 and told.get(cell) is None)
    made = Tables(values, tuple((total, tuple(parts)) for total, parts in sums), counts, published, veiled=veiled)
    return made, hidden


def _own_level(cell: str) -> tuple[str, str, int, str]:
    """The level of a cell, and its place."""
    return *_level(cell), cell.rpartition("|")[0]


def _level(cell: str) -> tuple[str, str, int]:
    """What a cell counts, of which kind of place, and how long."""
    name, kind, *rest = cell.split("|")
    span = rest[-1] if rest else ""
    return name, kind if rest else "", 0 if span == "tout" else len(span) + span.count("T")
