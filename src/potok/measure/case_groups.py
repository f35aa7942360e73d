"""What cases can be grouped by: the period of their opening, the unit that opened them, or what is known of them.

Every grouping gives each case one label, or none where it is unknown, so that groups never overlap and no case is lost.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import ibis
import pyarrow as pa

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.engine.base import Given
from potok.engine.duckdb import connect
from potok.engine.sql import quote_file, quote_identifier
from potok.engine.tables import EVENTS, UNITS
from potok.log.store import LogStore
from potok.log.zones import Steps
from potok.measure.case_times import CaseTimes
from potok.measure.local_time import step_value, zone_of
from potok.measure.months import MONTHS_A_YEAR, month_steps

# Months in a cohort.
COHORTS: Final = {"cohort": 1, "cohort_quarter": 3, "cohort_year": MONTHS_A_YEAR}
COLUMNS: Final = ("channel", "service", "agency", "outcome")
GROUPINGS: Final = (*COHORTS, *COLUMNS, "org_unit")
ATTRIBUTE_PREFIX: Final = "attr:"
MOST_GROUPS: Final = 1_000
_LABELS: Final = "case_labels"


class UnknownGroupingError(UsageError, ValueError):
    """Cases are to be grouped by what they do not have."""

    code = "POTOK-M045"


class TooManyGroupsError(BadDataError):
    """Cases are to be grouped by an attribute that has almost as many values as there are cases."""

    code = "POTOK-M046"


@dataclass(frozen=True, slots=True)
class CaseGroups:
    """How cases get their labels.

    Parameters
    ----------
    by
        One of `GROUPINGS`, or ``attr:NAME``; None gives no labels.
    steps
        For cohorts: the number of the local month (year × 12 + month − 1) by instant; None without cases.
    given
        For attributes: labels by case, with which every analysis of `labelled` cases has to be run.
    """

    by: str | None = None
    steps: Steps | None = None
    given: Given | None = None

    def labelled(self, cases: ibis.Table) -> ibis.Table:
        """Return a table of cases with a column ``label``: text, null where unknown or without grouping."""
        if self.by is None or (self.by in COHORTS and self.steps is None):
            return cases.mutate(label=ibis.null("string").cast("string"))
        if self.by in COLUMNS:
            return cases.mutate(label=cases[self.by].cast("string"))
        if self.steps is not None:
            return cases.mutate(label=cohort_label(cases.opened_us, self.steps, months=COHORTS[self.by]))
        held = opening_units() if self.by == "org_unit" else ibis.table({"case": "int64", "label": "string"}, _LABELS)
        joined = cases.left_join(held, "case")
        return joined.select(*(joined[column] for column in cases.columns), "label")


NO_GROUPS: Final = CaseGroups()


def cohort_label(opened_us: ibis.Value, steps: Steps, *, months: int) -> ibis.Value:
    """Return the label of the cohort of an opening: ``2024-03``, ``2024-Q1`` or ``2024``."""
    month = step_value(opened_us, steps).cast("int64")
    within = month % MONTHS_A_YEAR
    year = ((month - within) / MONTHS_A_YEAR).round().cast("int64").cast("string").lpad(4, "0")
    if months == MONTHS_A_YEAR:
        return year.cast("string")
    if months == 1:
        return year.concat("-", (within + 1).cast("string").lpad(2, "0"))
    quarter = ((within - within % months) / months).round().cast("int64") + 1
    return year.concat("-Q", quarter.cast("string"))


def opening_units() -> ibis.Table:
    """Return one row per case whose first activity instance has a unit: `case`, `label`."""
    first = EVENTS.filter(EVENTS.position == 0)
    held = first.inner_join(UNITS, first.org_unit == UNITS.org_unit)
    return held.select("case", label="label")


def group_cases(store: LogStore, by: str | None, *, times: CaseTimes) -> CaseGroups:
    """Return how the cases of a log are grouped.

    Parameters
    ----------
    by
        ``cohort`` (local month of the opening), ``cohort_quarter``, ``cohort_year``; ``channel``, ``service``,
        ``agency``, ``outcome``; ``org_unit`` (of the case's first activity instance); ``attr:NAME``, or the bare name
        of an attribute that never differs within a case.
    times
        Of the same log.

    Raises
    ------
    UnknownGroupingError
        If there is no such grouping; those that there are are named.
    TooManyGroupsError
        If the attribute has more than a thousand values.
    TooManyMonthsError
        If cohorts would reach over more than a hundred years.
    """
    if by is None or by in COLUMNS or by == "org_unit":
        return CaseGroups(by)
    if by in COHORTS:
        if times.first_opened_us is None:
            return CaseGroups(by)
        return CaseGroups(by, month_steps(times.first_opened_us, store.extracted_us, zone=zone_of(store)))
    attributes = case_attributes(store)
    name = by if by.startswith(ATTRIBUTE_PREFIX) else ATTRIBUTE_PREFIX + by
    if name not in attributes:
        raise _unknown(by, attributes)
    return CaseGroups(name, given=_attribute_labels(store, name))


def case_attributes(store: LogStore) -> tuple[str, ...]:
    """Return the attributes that never differ within a case, as ``attr:NAME``, sorted."""
    with closing(connect()) as connection:
        return _attributes(connection, store)


def read_case_attributes(store: LogStore) -> Iterator[tuple[str, pa.Table]]:
    """Read every attribute that never differs within a case and has few enough values to group by.

    Yields
    ------
    tuple[str, pyarrow.Table]
        Its name as ``attr:NAME``, in the order of names, and one row per case in the order of codes: `case`, `label`
        (text as filters write it, null where unknown).
    """
    with closing(connect()) as connection:
        for name in _attributes(connection, store):
            if _count_values(connection, store, name) <= MOST_GROUPS:
                yield name, _read_labels(connection, store, name)


def _attribute_labels(store: LogStore, name: str) -> Given:
    with closing(connect()) as connection:
        values = _count_values(connection, store, name)
        if values > MOST_GROUPS:
            raise TooManyGroupsError(
                _("The attribute “{name}” has {count} different values, too many for groups.").format(
                    name=name.removeprefix(ATTRIBUTE_PREFIX), count=values
                ),
                where=name,
                remedy=_("Group by an attribute with at most {most} values.").format(most=MOST_GROUPS),
            )
        return {_LABELS: _read_labels(connection, store, name)}


def _attributes(connection: Any, store: LogStore) -> tuple[str, ...]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {_cases_of(store)}").fetchall()
    return tuple(sorted(row[0] for row in rows if row[0].startswith(ATTRIBUTE_PREFIX)))


def _count_values(connection: Any, store: LogStore, name: str) -> int:
    query = f"SELECT count(DISTINCT {quote_identifier(name)}) FROM {_cases_of(store)}"
    ((values,),) = connection.execute(query).fetchall()
    return int(values)


def _read_labels(connection: Any, store: LogStore, name: str) -> pa.Table:
    column = quote_identifier(name)
    query = f'SELECT "case", CAST({column} AS VARCHAR) AS label FROM {_cases_of(store)} ORDER BY "case"'
    return connection.sql(query).to_arrow_table()


def _cases_of(store: LogStore) -> str:
    return f"read_parquet({quote_file(store.folder / 'cases.parquet')})"


def _unknown(by: str, attributes: tuple[str, ...]) -> UnknownGroupingError:
    return UnknownGroupingError(
        _("Cases cannot be grouped by “{by}”.").format(by=by),
        where="--by",
        remedy=_("Use one of: {labels}.").format(labels=", ".join((*GROUPINGS, *attributes))),
    )
