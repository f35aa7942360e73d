"""What comes in, and who works on it, as features of cases."""

from collections.abc import Iterable
from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.diagnose.comparison.facts import OPENING_UNIT, Fact
from potok.diagnose.drift.cases import OrderedCases
from potok.diagnose.drift.result import Aspect, Feature, FeatureKind
from potok.diagnose.drift.series import LEAST_OCCURRENCES, Flags, Integers, Series, nothing, share_series
from potok.measure.case_groups import ATTRIBUTE_PREFIX

MOST_VALUES: Final = 30
MOST_RESOURCES: Final = 100

_KINDS: Final = {
    "channel": FeatureKind.CHANNEL,
    "service": FeatureKind.SERVICE,
    "agency": FeatureKind.AGENCY,
    OPENING_UNIT: FeatureKind.OPENING_UNIT,
}


def resource_cases(events: ibis.Table, chosen: ibis.Table) -> ibis.Table:
    """Return one row per case looked at and resource in it: `case`, `resource`."""
    known = events.filter(events.resource.notnull()).select("case", "resource")
    return known.inner_join(chosen, "case").select("case", "resource").distinct()


def mix_series(cases: OrderedCases, facts: Iterable[Fact]) -> Series:
    """Return which values the attributes of incoming cases have.

    Parameters
    ----------
    facts
        Of the same cases. Of those with more than thirty values the commonest thirty count.
    """
    features: list[Feature] = []
    flags: list[Flags] = []
    for fact in facts:
        known = np.array([value or "" for value in fact.values])
        kind = _KINDS.get(fact.name, FeatureKind.ATTRIBUTE)
        column = fact.name.removeprefix(ATTRIBUTE_PREFIX) if kind is FeatureKind.ATTRIBUTE else ""
        labels, place, counts = np.unique(known, return_inverse=True, return_counts=True)
        for code in np.argsort(-counts, kind="stable")[:MOST_VALUES]:
            if counts[code] >= LEAST_OCCURRENCES:
                features.append(Feature(kind, name=str(labels[code]), column=column))
                flags.append(place == code)
    if not flags:
        return nothing(Aspect.MIX)
    return share_series(Aspect.MIX, cases.opened_us, features, np.stack(flags, axis=1))


def resource_series(cases: OrderedCases, rows: pa.Table, labels: dict[int, str]) -> Series:
    """Return which resources work on cases, for the hundred that work on most.

    Parameters
    ----------
    rows
        Answer to `resource_cases`.
    labels
        Of resources.
    """
    resource = rows["resource"].to_numpy()
    codes, counts = np.unique(resource, return_counts=True)
    used = codes[np.argsort(-counts, kind="stable")[:MOST_RESOURCES]]
    if not len(used):
        return nothing(Aspect.RESOURCES)
    flags = np.zeros((len(cases.case), len(used)), bool)
    row = rows_of_cases(cases, rows["case"].to_numpy())
    for column, code in enumerate(used):
        flags[row[resource == code], column] = True
    features = [Feature(FeatureKind.RESOURCE, labels[int(code)]) for code in used]
    return share_series(Aspect.RESOURCES, cases.opened_us, features, flags)


def rows_of_cases(cases: OrderedCases, wanted: Integers) -> Integers:
    """Return the places of cases, given by their codes, in the order of opening."""
    by_case = np.argsort(cases.case)
    places: Integers = by_case[np.searchsorted(cases.case[by_case], wanted)]
    return places
