"""From a filter to the cases that pass it."""

from collections.abc import Mapping
from datetime import tzinfo

import ibis

from potok.engine.tables import CASES, VARIANTS
from potok.measure.case_durations import lead_times
from potok.measure.filters.base import CaseFilter, FilteredLog


def filtered_log(
    *,
    extracted_us: int,
    zone: tzinfo,
    codes: Mapping[str, int],
    values: Mapping[str, frozenset[str]] | None = None,
    attributes: tuple[str, ...] = (),
) -> FilteredLog:
    """Return what conditions are written against.

    Parameters
    ----------
    attributes
        Columns ``attr:…`` that the table of cases shall have, as text.
    """
    schema = {**{name: str(kind) for name, kind in CASES.schema().items()}, **dict.fromkeys(attributes, "string")}
    cases = ibis.table(schema, name=CASES.get_name()) if attributes else CASES
    return FilteredLog(lead_times(cases, extracted_us=extracted_us), VARIANTS, zone, codes, values or {})


def selected_cases(case_filter: CaseFilter, log: FilteredLog) -> ibis.Table:
    """Return the cases that pass a filter: `case`.

    Raises
    ------
    UnknownFilterTargetError
        If the filter names what the log does not have.
    """
    return log.cases.filter(case_filter.condition(log)).select("case")
