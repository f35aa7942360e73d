"""A cost model of applicants as a file: what they have to do, how long it takes, and how many of them there are.

The figures of the Standard Cost Model come from people, not from a log. One of them a log may know: how many cases are
opened a year. A duty whose population is ``"log"`` takes it from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ibis

from potok.core.language import gettext as _
from potok.core.time_units import DAY_US, HOUR_SECONDS, MINUTE_SECONDS
from potok.core.toml_reading import TomlTable, read_toml
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_times import timely
from potok.measure.running import run
from potok.measure.sampling import sampling_of
from potok.measure.standard_cost import InformationDuty, StandardCost, StandardCostError, compute_standard_cost

SCHEMA: Final = "potok.cost-model/1"
FROM_LOG: Final = "log"
YEAR_DAYS: Final = 365
_SECONDS: Final = {"minutes": MINUTE_SECONDS, "hours": HOUR_SECONDS}


class CostModelError(StandardCostError):
    """A cost model that cannot be read, or holds what it cannot."""

    code = "POTOK-M047"


class YearlyCasesUnknownError(StandardCostError):
    """The log cannot tell how many cases are opened a year."""

    code = "POTOK-M048"


@dataclass(frozen=True, slots=True)
class ModelDuty:
    """A duty as the file states it: as `InformationDuty`, but `population` is None where the log is to give it."""

    name: str
    tariff_per_hour: float
    seconds: float
    population: float | None
    frequency_per_year: float
    acquisitions_per_year: float
    acquisition_per_time: float


@dataclass(frozen=True, slots=True)
class CostModel:
    """What applicants have to do.

    Parameters
    ----------
    name
        As it is to be shown; may be empty.
    currency
        Of all amounts.
    duties
        At least one.
    """

    name: str
    currency: str
    duties: tuple[ModelDuty, ...]

    @property
    def needs_log(self) -> bool:
        """Whether the log has to tell how many cases are opened a year."""
        return any(duty.population is None for duty in self.duties)


def load_cost_model(path: Path) -> CostModel:
    """Read a cost model.

    Raises
    ------
    CostModelError
        If the file cannot be read, a key is unknown or missing, or a value cannot be; the key is named.
    """
    top = TomlTable(read_toml(path, CostModelError), file=str(path), place="", error=CostModelError)
    top.choice("schema", (SCHEMA,), SCHEMA)
    name, currency = top.text("name", ""), top.text("currency")
    top.text("note", "")
    general = {"default": top.number("tariff_per_hour")} if top.has("tariff_per_hour") else {}
    duties = tuple(_duty(table, general) for table in top.tables("duties"))
    top.finish()
    if not duties:
        raise top.failure("duties", _("No duty is given, so there is nothing to cost."), _("Add [[duties]]."))
    return CostModel(name, currency, duties)


def _duty(table: TomlTable, general: Mapping[str, float]) -> ModelDuty:
    duty = ModelDuty(
        name=table.text("name"),
        tariff_per_hour=table.number("tariff_per_hour", **general),
        seconds=_seconds(table),
        population=_population(table),
        frequency_per_year=table.number("frequency_per_year", 1.0),
        acquisitions_per_year=table.number("acquisitions_per_year", 0.0),
        acquisition_per_time=table.number("acquisition_per_time", 0.0),
    )
    table.finish()
    return duty


def _seconds(table: TomlTable) -> float:
    given = [unit for unit in _SECONDS if table.has(unit)]
    if len(given) != 1:
        raise table.failure(
            given[-1] if given else "minutes",
            _("The time of a duty is given in minutes and in hours.") if given else _("The time of a duty is missing."),
            _("Give one of: minutes, hours."),
        )
    return table.number(given[0]) * _SECONDS[given[0]]


def _population(table: TomlTable) -> float | None:
    expected = _("the number of applicants a year, or “log” for the cases opened in the log's last year")
    found = table.value("population", (int, float, str), expected)
    if found == FROM_LOG:
        return None
    if isinstance(found, str):
        raise table.wrong_value("population", found, expected)
    return table.number("population")


def cases_opened_since(cases: ibis.Table, *, from_us: int) -> ibis.Table:
    """Return one row: `opened` (cases opened from an instant on) and `first_us` (the earliest opening of all)."""
    is_late = ibis.ifelse(cases.opened_us >= from_us, 1, 0)
    return cases.aggregate(
        opened=is_late.sum().fill_null(0).cast("int64"), first_us=cases.opened_us.min().cast("int64")
    )


def compute_yearly_cases(store: LogStore, *, engine: Engine | None = None) -> int:
    """Count the cases opened in the 365 days before the extraction.

    Raises
    ------
    YearlyCasesUnknownError
        If the log does not reach back so far, or does not hold every case opened in that time.
    """
    if sampling_of(store).kind in (ExtractionKind.CLOSED, ExtractionKind.ACTIVE):
        raise _unknown(_("The log does not hold all cases opened in a year, but closed or active ones."))
    from_us = store.extracted_us - YEAR_DAYS * DAY_US
    kept = timely(CASES, extracted_us=store.extracted_us)
    ((opened, first_us),) = run(cases_opened_since(kept, from_us=from_us), store, engine)
    if first_us is None or first_us > from_us:
        raise _unknown(_("The log covers less than a year, so it does not tell how many cases are opened in one."))
    return int(opened)


def _unknown(message: str) -> YearlyCasesUnknownError:
    return YearlyCasesUnknownError(
        message, where="population", remedy=_("Write the number of applicants a year in place of “log”.")
    )


def compute_model_cost(model: CostModel, *, yearly_cases: Callable[[], int]) -> StandardCost:
    """Compute what a model's duties cost a year.

    Parameters
    ----------
    yearly_cases
        Called only if a duty takes its population from the log.

    Raises
    ------
    StandardCostError
        If a figure is negative or not finite; all such figures are named.
    """
    opened = float(yearly_cases()) if model.needs_log else 0.0
    duties = []
    for duty in model.duties:
        population = opened if duty.population is None else duty.population
        times = population * duty.frequency_per_year
        acquired = duty.acquisitions_per_year + duty.acquisition_per_time * times
        duties.append(
            InformationDuty(
                duty.name, duty.tariff_per_hour, duty.seconds, population, duty.frequency_per_year, acquired
            )
        )
    return compute_standard_cost(duties)
