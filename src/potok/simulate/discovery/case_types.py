"""Types of cases: values of an attribute that go different ways, or take different times.

An attribute with few values is looked at twice: whether what follows what differs between its values (likelihood ratio
over all activities), and whether the cases' durations do (analysis of variance of their logarithms). With several
attributes the level of significance is divided among all the tests (Bonferroni), and the attribute that tells most is
taken.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import SECOND_US
from potok.discover.priorities.features import attribute_name
from potok.discover.resource_calendars.work import Flags, Integers
from potok.simulate.discovery.history import History
from potok.simulate.model import CaseType

Reals = npt.NDArray[np.float64]

MOST_TYPES: Final = 12
LEAST_SHARE: Final = 0.02
LEAST_CASES: Final = 30
LEVEL: Final = 0.001
ANY: Final = "case"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class FoundTypes:
    """Types of the cases of a log.

    Parameters
    ----------
    types
        As the model has them.
    of_case
        (m,) int64: place of each case's type.
    attribute
        By which they are told; empty if there is one type.
    tested
        Attributes that were looked at.
    p_value
        Of the attribute taken, after Bonferroni; 1 if none was.
    """

    types: tuple[CaseType, ...]
    of_case: Integers
    attribute: str
    tested: int
    p_value: float


def find_case_types(history: History) -> FoundTypes:
    """Find by which attribute cases differ in their way or duration."""
    coded = {name: found for name, values in history.attributes.values.items() if (found := _coded(values)) is not None}
    one = FoundTypes((CaseType(ANY, 1.0),), np.zeros(history.cases, np.int64), "", len(coded), 1.0)
    if not coded:
        return one
    pairs = _pairs(history)
    p_values = {name: min(1.0, 2 * len(coded) * _p_value(history, code, pairs)) for name, (code, _l) in coded.items()}
    best = min(sorted(p_values), key=lambda name: p_values[name])
    if p_values[best] > LEVEL:
        return one
    code, labels = coded[best]
    share = np.bincount(code, minlength=len(labels)) / len(code)
    name = attribute_name(best)
    types = tuple(
        CaseType(f"{name}: {label}", float(share[place]), {name: label} if label != OTHER else {})
        for place, label in enumerate(labels)
    )
    return FoundTypes(types, code, name, len(coded), p_values[best])


def weighted_types(found: FoundTypes, weights: Reals) -> tuple[CaseType, ...]:
    """Return the types with their shares among weighted cases."""
    share = np.bincount(found.of_case, weights=weights, minlength=len(found.types))
    share = share / share.sum()
    return tuple(
        CaseType(one.name, float(share[place]), one.attributes, one.priority) for place, one in enumerate(found.types)
    )


def _coded(values: npt.NDArray[np.generic]) -> tuple[Integers, tuple[str, ...]] | None:
    """Return codes and labels of an attribute with few values, rare ones as `OTHER`; None if it has not."""
    if values.dtype.kind == "f":
        return None
    labels, code, counts = np.unique(values, return_inverse=True, return_counts=True)
    if not 2 <= len(labels) <= 3 * MOST_TYPES:
        return None
    is_kept: Flags = (counts >= max(LEAST_CASES, LEAST_SHARE * len(values))) & (labels != "")
    if not 1 <= is_kept.sum() <= MOST_TYPES or (is_kept.sum() == 1 and is_kept.all()):
        return None
    place = np.where(is_kept, np.cumsum(is_kept) - 1, is_kept.sum())
    found = place[code.reshape(-1)].astype(np.int64)
    names = [str(label) for label in labels[is_kept].tolist()]
    return (found, (*names, OTHER)) if (found == len(names)).any() else (found, tuple(names))


def _pairs(history: History) -> tuple[Integers, Integers]:
    """Return pairs of successive activities in one number, and the case of each."""
    sequence = history.instances.activity[history.order].astype(np.int64)
    case, size = history.case, len(history.activities) + 1
    is_last = np.append(case[1:] != case[:-1], True)
    following = np.append(sequence[1:], size - 1)
    following[is_last] = size - 1
    is_known = ~(is_last & history.is_open[case])
    return (sequence * size + following)[is_known], case[is_known]


def _p_value(history: History, code: Integers, pairs: tuple[Integers, Integers]) -> float:
    from scipy.stats import chi2, f

    kinds, size = int(code.max()) + 1, len(history.activities) + 1
    distinct, place = np.unique(pairs[0], return_inverse=True)
    table = np.zeros((len(distinct), kinds))
    np.add.at(table, (place.reshape(-1), code[pairs[1]]), 1.0)
    before = distinct // size
    totals = np.zeros((size, kinds))
    np.add.at(totals, before, table)
    branches = np.bincount(before, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = totals[before] * (table.sum(axis=1) / totals[before].sum(axis=1))[:, np.newaxis]
        statistic = 2.0 * float(np.where(table > 0, table * np.log(table / expected), 0.0).sum())
    freedom = int(((branches - 1).clip(min=0) * ((totals > 0).sum(axis=1) - 1).clip(min=0)).sum())
    by_way = float(chi2.sf(statistic, freedom)) if freedom else 1.0
    closed = ~history.is_open & (history.end_us > history.opened_us)
    held = np.log((history.end_us[closed] - history.opened_us[closed]) / SECOND_US)
    groups, sizes = code[closed], np.bincount(code[closed], minlength=kinds)
    if len(held) <= kinds or (sizes > 0).sum() < 2:
        return by_way
    means = np.bincount(groups, weights=held, minlength=kinds) / np.maximum(sizes, 1)
    between = float(sizes @ (means - held.mean()) ** 2) / ((sizes > 0).sum() - 1)
    within = float(((held - means[groups]) ** 2).sum()) / (len(held) - (sizes > 0).sum())
    by_time = float(f.sf(between / within, (sizes > 0).sum() - 1, len(held) - (sizes > 0).sum())) if within > 0 else 1.0
    return min(by_way, by_time)
