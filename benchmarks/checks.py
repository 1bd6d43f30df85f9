"""The time the checks add to a run: `python benchmarks/checks.py WAREHOUSE.duckdb [TIMES]`.

With TIMES, the facts of the file are repeated that many times in a copy (38,000 carnets × 26 = a million): the same
lieux and days, so alarms about what a lieu can host are expected there. Prints seconds by suite, the slowest checks
and the peak of memory.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.timing import measure_call

_FACTS = ("dim_carnet", "dim_person", "fct_pass", "fct_prescription", "fct_redemption", "fct_attendance")
_KEYS = {
    "carnet_number", "pass_number", "redemption_id", "attendance_id", "session_id", "prescription_id", "person_key",
    "holding_prescription_id", "beneficiary_key",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Time the suites on the file named by the first argument."""
    if not arguments:
        print("Donnez le fichier d'un entrepôt : python benchmarks/checks.py data/warehouse/passnum.duckdb [26]")
        return
    path, times = Path(arguments[0]).resolve(), int(arguments[1]) if len(arguments) > 1 else 1
    with tempfile.TemporaryDirectory() as folder:
        if times > 1:
            path = _repeat(path, Path(folder) / "repeated.duckdb", times)
        _measure(path)


def _repeat(source: Path, target: Path, times: int) -> Path:
    shutil.copyfile(source, target)
    with duckdb.connect(str(target)) as con:
        for table in _FACTS:
            names = {name for name, *_ in con.execute(f"describe core.{table}").fetchall()}
            keys = ", ".join(f"{key} || '~' || copy as {key}" for key in sorted(_KEYS & names))
            con.execute(
                f"create or replace table core.{table} as "
                f"select * exclude (copy) replace ({keys}) from core.{table} cross join range({times}) as t(copy)"
            )
        con.execute("checkpoint")
    return target


def _measure(path: Path) -> None:
    from data_quality.validation import load

    loading = measure_call(load)

    from data_quality.context import GateContext
    from data_quality.gate import run_checks, run_suites
    from data_quality.registry import all_checks, all_suites

    print(f"import de Great Expectations : {loading.wall:.1f} s")
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute("select max(as_of) from marts.programme_progress").fetchone()
        sizes = con.execute(
            "select (select count(*) from core.dim_carnet), (select count(*) from core.fct_redemption)"
        ).fetchone()
        assert row is not None and sizes is not None
        context = GateContext(as_of=row[0])
        results = []
        whole = measure_call(lambda: results.extend(run_suites(con, context)))
        found = {status: sum(result.status == status for result in results) for status in ("ok", "ko", "erreur")}
        print(f"{sizes[0]} carnets, {sizes[1]} utilisations : {len(results)} contrôles en {whole.wall:.1f} s, {found}")
        for suite, checks in all_suites().items():
            cost = measure_call(partial(run_checks, con, context, checks))
            print(f"  {suite:20} {len(checks):3} contrôles {cost.wall:6.2f} s")
        each = ((measure_call(partial(run_checks, con, context, [check])).wall, check.code) for check in all_checks())
        slowest = sorted(each, reverse=True)[:5]
        print("  les plus lents : " + ", ".join(f"{code} {seconds:.2f} s" for seconds, code in slowest))
    print(f"mémoire au plus haut : {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} Mo")


if __name__ == "__main__":
    main(sys.argv[1:])
