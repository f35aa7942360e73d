"""Random observations, and the estimators once more as sums over subjects in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st


@dataclass(frozen=True)
class Sample:
    """Entry, duration and cause (0: censored) of each subject; whole numbers, so that ties abound."""

    entry: tuple[int, ...]
    durations: tuple[int, ...]
    causes: tuple[int, ...]

    @property
    def observed(self) -> list[bool]:
        return [cause > 0 for cause in self.causes]

    def at_risk(self, time: int) -> int:
        return sum(
            (entry < time or entry == time == 0) and duration >= time
            for entry, duration in zip(self.entry, self.durations, strict=True)
        )

    def ended(self, time: int, cause: int | None = None) -> int:
        return sum(
            duration == time and (found > 0 if cause is None else found == cause)
            for duration, found in zip(self.durations, self.causes, strict=True)
        )


@st.composite
def samples(draw, *, late: bool = False, causes: int = 1, size: int = 25, latest: int = 12):
    n = draw(st.integers(1, size))
    entry = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 5]) if late else st.just(0), min_size=n, max_size=n))
    durations = [draw(st.integers(start + 1 if start else 0, latest)) for start in entry]
    found = draw(st.lists(st.integers(0, causes), min_size=n, max_size=n))
    return Sample(tuple(entry), tuple(durations), tuple(found))


@st.composite
def samples_without_mixed_ties(draw, *, causes: int):
    """At each time events are of one cause only; someone is watched from the beginning beyond the last event."""
    n = draw(st.integers(1, 25))
    cause_at = draw(st.lists(st.integers(1, causes), min_size=31, max_size=31))
    durations = draw(st.lists(st.integers(6, 30), min_size=n, max_size=n))
    entry = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 5]), min_size=n, max_size=n))
    is_seen = [True, *draw(st.lists(st.booleans(), min_size=n - 1, max_size=n - 1))]
    found = [cause_at[time] if seen else 0 for time, seen in zip(durations, is_seen, strict=True)]
    return Sample((0, *entry), (40, *durations), (0, *found))


def survival(sample: Sample) -> list[tuple[int, Fraction]]:
    share, curve = Fraction(1), []
    for time in sorted(set(sample.durations)):
        if sample.ended(time):
            share *= 1 - Fraction(sample.ended(time), sample.at_risk(time))
        curve.append((time, share))
    return curve


def incidence(sample: Sample, cause: int) -> list[Fraction]:
    before, total, curve = Fraction(1), Fraction(0), []
    for time, share in survival(sample):
        if sample.ended(time):
            total += before * Fraction(sample.ended(time, cause), sample.at_risk(time))
        curve.append(total)
        before = share
    return curve


def is_cut_short(sample: Sample) -> bool:
    """Whether all at risk are served before the last subject has entered."""
    return any(share == 0 and 0 < time <= max(sample.entry) for time, share in survival(sample))
