"""What a check is: its code, sentence, severity, owner, threshold and reason, and what Great Expectations judges.

A `TableCheck` names expectations of Great Expectations on the columns of a `Table`; a `LineCheck` counts in SQL, its
lines being too many to leave DuckDB. Does not live here: running them (gate), the checks themselves (suites/).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from data_quality.context import GateContext
from warehouse.check_result import Severity

if TYPE_CHECKING:
    import pyarrow as pa

#: Answers a query of DuckDB's on the candidate's lines, where DuckDB is not the engine that holds them.
Ask = Callable[[str], "pa.Table"]
Bound = float | Callable[[GateContext], float]
Kind = Literal["count", "share", "decimal", "days"]
Owner = Literal["MGP", "prescripteur", "lieu", "#APTIC"]
#: A column, an operator of row_condition (==, !=, <, <=, >, >=), a value.
Condition = tuple[str, str, bool | float | str]


@dataclass(frozen=True, kw_only=True)
class Check(ABC):
    """What every check says of itself, whichever way it is judged.

    `unit` is the French singular of what is judged. `sentence`, `expected`, `why` and `mend` are French: the rule, its
    threshold (a setting in braces is written with its value: « {expected_delivery_days} jours »), the reason of that
    threshold, what its owner should do. `needs_previous`: there is nothing to judge where no version was published
    before. Units are made by SQL of one row a unit: at least `value` and `detail` (French, with no pass, carnet or
    beneficiary number), and where it makes sense `territory_code`, `lieu_siret`, `prescriber_siret`, `source_file_id`,
    `source_lines`, `passes`, `amount_eur`, `hours`.
    """

    code: str
    table_name: str
    owner: Owner
    sentence: str
    expected: str
    why: str
    mend: str
    unit: str
    severity: Severity = "avertissement"
    needs_previous: bool = False

    def expected_in(self, context: GateContext) -> str:
        """`expected` with the values of the settings it names."""
        share = f"{100 * context.max_rejected_share:g}".replace(".", ",") + "\u00a0%"
        return self.expected.format(max_rejected_share=share, expected_delivery_days=context.expected_delivery_days)

    @property
    @abstractmethod
    def value_kind(self) -> Kind | None:
        """How the value nearest the threshold is written where the check holds; None: there is nothing to write."""

    @property
    @abstractmethod
    def worst_is_lowest(self) -> bool:
        """Whether the worst unit is the one of the lowest value."""


@dataclass(frozen=True, kw_only=True)
class LineCheck(Check):
    """A check of lines (passes, prescriptions, carnets, rejected values), by who must mend them.

    `profile`: SQL of one row a unit judged (a day of a lieu, a file of a prescriber…). A null value is not judged;
    every other lies between `minimum` and `maximum`. DuckDB counts; only failing units are ever fetched.
    """

    profile: str
    maximum: Bound | None = 0
    minimum: Bound | None = None
    kind: Kind = "count"

    @property
    def value_kind(self) -> Kind | None:
        """Nothing to write where no unit at all is admitted."""
        return None if self.kind == "count" and self.maximum == 0 else self.kind

    @property
    def worst_is_lowest(self) -> bool:
        """With a minimum, whatever the maximum."""
        return self.minimum is not None

    def bounds(self, context: GateContext) -> tuple[float | None, float | None]:
        """Minimum and maximum with the settings of this build. Raises ValueError where none lies between them."""
        minimum, maximum = in_context_of(self.minimum, context), in_context_of(self.maximum, context)
        if minimum is not None and maximum is not None and minimum > maximum:
            raise ValueError(f"{self.code} : le minimum {minimum} dépasse le maximum {maximum}")
        return minimum, maximum


@dataclass(frozen=True)
class Table:
    """A table of marts' size (files, lieux, territories, months…) as Great Expectations receives it.

    `grain` is French: what one row is. `sql`: the table of the warehouse with the columns that its checks name.
    """

    name: str
    grain: str
    sql: str


@dataclass(frozen=True)
class Expect:
    """One expectation, by the name of its class in Great Expectations, whose import takes seconds: made when judged.

    `kwargs` are those of the class; a function among them is given the context. `when`: its row_condition, all of them.
    """

    type: str
    kwargs: Mapping[str, object]
    when: tuple[Condition, ...] = ()

    @property
    def judged(self) -> list[str]:
        """The columns that it judges."""
        named = [self.kwargs[name] for name in ("column", "column_A", "column_B") if name in self.kwargs]
        listed = self.kwargs.get("column_list", ())
        return [*map(str, named), *listed]  # type: ignore[misc]

    @property
    def columns(self) -> list[str]:
        """The columns that it names: those it judges, those of its condition."""
        return [*self.judged, *(column for column, _, _ in self.when)]

    def kwargs_in(self, context: GateContext) -> dict[str, object]:
        """`kwargs` with the settings of this build."""
        return {name: in_context_of(value, context) for name, value in self.kwargs.items()}


def expect(type: str, /, *, when: tuple[Condition, ...] = (), **kwargs: object) -> Expect:
    """An expectation written as in Great Expectations: `expect("ExpectColumnValuesToBeBetween", column=…, …)`."""
    return Expect(type, kwargs, when)


@dataclass(frozen=True, kw_only=True)
class TableCheck(Check):
    """A check of a table of marts' size, by expectations of Great Expectations on its own columns.

    `units`: SQL that describes the rows `chosen` of the table (those that fail) as units. `kind`: how the value of the
    unit nearest the threshold is written where the check holds, None where it says nothing.
    """

    table: Table
    expectations: tuple[Expect, ...]
    units: str
    kind: Kind | None = None
    lowest_first: bool = False

    @property
    def value_kind(self) -> Kind | None:
        """As the check says."""
        return self.kind

    @property
    def worst_is_lowest(self) -> bool:
        """As the check says."""
        return self.lowest_first


def in_context_of(value: Any, context: GateContext) -> Any:
    """A value that may be a function of the settings."""
    return value(context) if callable(value) else value
