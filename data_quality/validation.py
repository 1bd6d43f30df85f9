"""Great Expectations itself: its context in memory, frames judged by its expectations, what it found.

One context, one data source and one batch definition serve a whole run: a validation a table. Great Expectations is
imported here alone, and only where something is judged. Does not live here: the SQL that makes the frames (lines,
tables), what becomes of the findings (gate).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from data_quality.context import GateContext
from data_quality.expectations import Expect, expect
from data_quality.on_touch import loaded_on_touch

if TYPE_CHECKING:
    import pandas as pd

os.environ["GX_ANALYTICS_ENABLED"] = "false"
# Before it is imported, which takes seconds and many words.
logging.getLogger("great_expectations").setLevel(logging.WARNING)

#: On the counts of the checks of lines, one row a check: no unit may fail.
NO_FAILING_UNIT = expect("ExpectColumnValuesToBeBetween", column="failing_units", max_value=0)
#: Imported at its start for its tests of distributions and their charts; a third of the whole import.
_UNUSED = ("scipy.stats", "altair")
Key = TypeVar("Key", bound=Hashable)


def load() -> None:
    """Import Great Expectations, which takes seconds, without what it imports for expectations that no suite has."""
    with loaded_on_touch(*_UNUSED):
        import great_expectations.expectations  # noqa: F401


@dataclass(frozen=True)
class Finding:
    """What Great Expectations says of one expectation. `error`: why it could not judge, else empty.

    `rows`: the index of the rows that fail; None where it judges the table as a whole.
    """

    success: bool
    rows: tuple[Any, ...] | None = None
    error: str = ""


class Validator:
    """Great Expectations, opened once for a run: no progress bar, no word on stderr, no folder left behind."""

    def __init__(self) -> None:
        load()
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        # One of its loggers sets its own level: the parent's is not enough.
        for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "great_expectations"]:
            logging.getLogger(name).setLevel(logging.WARNING)
        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
        )
        asset = gx.get_context(mode="ephemeral", project_config=config).data_sources.add_pandas("passnum")
        self._batches = asset.add_dataframe_asset("table").add_batch_definition_whole_dataframe("table")

    def validate(
        self, name: str, frame: pd.DataFrame, expectations: Mapping[Key, Expect], context: GateContext
    ) -> dict[Key, Finding]:
        """Key → finding of each expectation on `frame`, as the suite `name`; the index of `frame` names its rows.

        All are judged without looking for the rows that fail; those that fail are then asked for them.
        """
        made: dict[Key, Any] = {}
        findings: dict[Key, Finding] = {}
        for key, expectation in expectations.items():
            try:
                made[key] = make(expectation, context)
            except Exception as error:  # noqa: BLE001 — refused by Great Expectations: an error of this check alone
                findings[key] = Finding(False, error=say(error))
        batch = self._batches.get_batch({"dataframe": frame})
        findings |= _judge(batch, name, made, "BOOLEAN_ONLY")
        failing = {key: made[key] for key in made if not findings[key].success and not findings[key].error}
        return findings | _judge(batch, name, failing, "COMPLETE")

    def validate_counts(self, name: str, failing_units: Mapping[str, int], context: GateContext) -> Finding:
        """The finding on counts, code of a check → units that fail: its rows are the codes that do not hold."""
        import pandas as pd

        frame = pd.DataFrame({"failing_units": pd.Series(failing_units, dtype="int64")})
        return self.validate(f"{name}_lines", frame, {name: NO_FAILING_UNIT}, context)[name]


def make(expectation: Expect, context: GateContext) -> Any:
    """The expectation as an object of Great Expectations, its settings read from the context."""
    load()
    import great_expectations.expectations as gxe

    kwargs = {name: _as_pandas(value) for name, value in expectation.kwargs_in(context).items()}
    if expectation.when:
        kwargs["row_condition"] = _row_condition(expectation)
    return getattr(gxe, expectation.type)(**kwargs)


def _row_condition(expectation: Expect) -> Any:
    from great_expectations.expectations.row_conditions import AndCondition, Column, ComparisonCondition, Condition

    conditions: list[Condition] = [
        ComparisonCondition(column=Column(column), operator=operator, parameter=value)  # type: ignore[arg-type]
        for column, operator, value in expectation.when
    ]
    return conditions[0] if len(conditions) == 1 else AndCondition(conditions=conditions)


def _as_pandas(value: object) -> object:
    """A day as pandas compares it with a column of days."""
    return datetime(value.year, value.month, value.day) if type(value) is date else value


def _judge(batch: Any, name: str, made: Mapping[Key, Any], result_format: str) -> dict[Key, Finding]:
    import great_expectations as gx

    if not made:
        return {}
    keys = dict(enumerate(made))
    expectations = [made[key].copy(update={"meta": {"rank": rank}}) for rank, key in keys.items()]
    validation = batch.validate(
        gx.ExpectationSuite(name=name, expectations=expectations), result_format={"result_format": result_format}
    )
    return {keys[result.expectation_config.meta["rank"]]: _finding(result) for result in validation.results}


def _finding(result: Any) -> Finding:
    error = " ; ".join(
        str(detail["exception_message"])
        for detail in _exceptions(result.exception_info)
        if detail.get("raised_exception")
    )
    if error:
        return Finding(False, error=error)
    rows = result.result.get("unexpected_index_list")
    return Finding(bool(result.success), None if rows is None else tuple(rows))


def _exceptions(info: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [info] if "raised_exception" in info else list(info.values())


def say(error: Exception) -> str:
    """An exception in one line."""
    return f"{type(error).__name__} : {error}"
