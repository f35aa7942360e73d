"""Control flow as features of cases: activities, repetitions, orders, and whole variants."""

from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np

from potok.diagnose.drift.cases import OrderedCases
from potok.diagnose.drift.result import Aspect, Feature, FeatureKind
from potok.diagnose.drift.series import Flags, Integers, Series, nothing, share_series

MOST_ACTIVITIES: Final = 300
MOST_PAIRED: Final = 40
MOST_VARIANTS: Final = 50


def flow_series(cases: OrderedCases, paths: dict[int, tuple[int, ...]], labels: dict[int, str]) -> Series:
    """Return the control flow of cases, in order.

    Each activity that varies between cases is a feature (the three hundred that vary most), and whether it is repeated;
    for the forty that vary most, so is whether one directly, or at any time, follows another; and the fifty commonest
    variants. Relations beyond directly follows are needed where activities become parallel, or swap their places far
    apart.

    Parameters
    ----------
    paths
        Activities of each variant, as codes.
    labels
        Of activities.
    """
    if not len(cases.case):
        return nothing(Aspect.CONTROL_FLOW)
    codes, place, counts = np.unique(cases.variant, return_inverse=True, return_counts=True)
    traces = [paths[int(code)] for code in codes]
    used = _worth_naming(traces, counts)
    first, last, repeats = _positions(traces, used)
    held = first >= 0
    weight = counts @ held
    busy = np.argsort(-np.minimum(weight, len(cases.case) - weight), kind="stable")[:MOST_PAIRED]
    # Activities that every case has may still change their places.
    constant = [column for column in range(len(used)) if column not in set(busy.tolist())]
    chosen = np.sort(np.array([*busy.tolist(), *constant[: MOST_PAIRED - len(busy)]], np.int64))
    features = [Feature(FeatureKind.ACTIVITY, labels[code]) for code in used]
    features += [Feature(FeatureKind.REPEATED, labels[code]) for code in used]
    direct = _directly_follows(traces, {used[column]: row for row, column in enumerate(chosen)})
    eventual = _eventually_follows(first[:, chosen], last[:, chosen])
    pairs = [(labels[used[a]], labels[used[b]]) for a in chosen for b in chosen]
    features += [Feature(FeatureKind.DIRECTLY_FOLLOWS, *pair) for pair in pairs]
    features += [Feature(FeatureKind.EVENTUALLY_FOLLOWS, *pair) for pair in pairs]
    common = np.argsort(-counts, kind="stable")[:MOST_VARIANTS]
    features += [
        Feature(FeatureKind.VARIANT, path=tuple(labels[code] for code in traces[variant])) for variant in common
    ]
    is_variant = np.zeros((len(traces), len(common)), bool)
    is_variant[common, np.arange(len(common))] = True
    by_variant = np.concatenate([held, repeats, direct, eventual, is_variant], axis=1)
    kept = _worth_looking_at(by_variant, counts)
    return share_series(
        Aspect.CONTROL_FLOW, cases.opened_us, [features[column] for column in kept], by_variant[:, kept][place]
    )


def _worth_looking_at(by_variant: Flags, counts: Integers) -> Integers:
    """Return the features that vary between cases at all, so that nothing else is laid out case by case."""
    weight = counts @ by_variant
    return np.flatnonzero((weight > 0) & (weight < counts.sum()))


def _worth_naming(traces: list[tuple[int, ...]], counts: Integers) -> list[int]:
    """Return the activities that vary most between cases, and those that most cases have, in order of their codes."""
    cases: Counter[int] = Counter()
    for trace, count in zip(traces, counts.tolist(), strict=True):
        cases.update(dict.fromkeys(set(trace), count))
    total = int(counts.sum())
    varying = sorted(cases, key=lambda code: (-min(cases[code], total - cases[code]), code))[:MOST_ACTIVITIES]
    common = sorted(cases, key=lambda code: (-cases[code], code))[:MOST_PAIRED]
    return sorted({*varying, *common})


def _positions(traces: list[tuple[int, ...]], used: list[int]) -> tuple[Integers, Integers, Flags]:
    """Return first and last position of each activity in each trace (−1 if it is not there), and whether it repeats."""
    column = {activity: number for number, activity in enumerate(used)}
    first = np.full((len(traces), len(used)), -1, np.int64)
    last = np.full_like(first, -1)
    for row, trace in enumerate(traces):
        for position, activity in enumerate(trace):
            here = column.get(activity)
            if here is None:
                continue
            if first[row, here] < 0:
                first[row, here] = position
            last[row, here] = position
    return first, last, last > first


def _directly_follows(traces: list[tuple[int, ...]], places: dict[int, int]) -> Flags:
    size = len(places)
    found = np.zeros((len(traces), size * size), bool)
    for row, trace in enumerate(traces):
        ends = [places.get(activity, -1) for activity in trace]
        hit = [a * size + b for a, b in pairwise(ends) if a >= 0 and b >= 0]
        found[row, hit] = True
    return found


def _eventually_follows(first: Integers, last: Integers) -> Flags:
    """Return whether some instance of one activity comes before some of another, for all pairs."""
    earlier = (first[:, :, None] < last[:, None, :]) & (first[:, :, None] >= 0)
    size = first.shape[1]
    return earlier.reshape(len(first), size * size)
