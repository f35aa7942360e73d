"""The kinds of filters: by time, values of the case, activities, variants, endpoints, duration and follower."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import ibis

from potok.core.language import gettext as _
from potok.measure.filters.base import CaseFilter, FilteredLog, unknown_target
from potok.measure.filters.errors import FilterValueError
from potok.measure.filters.local_time import instant_us
from potok.measure.running import MICROSECONDS
from potok.measure.sequences import variant_passages

WindowMode = Literal["contained", "intersecting", "started", "completed"]

WINDOW_MODES: Final[tuple[WindowMode, ...]] = ("contained", "intersecting", "started", "completed")
CASE_COLUMNS: Final = ("channel", "outcome", "service", "agency")
ATTRIBUTE_PREFIX: Final = "attr:"


@dataclass(frozen=True, slots=True)
class TimeWindow(CaseFilter):
    """Cases by where they lie in time: half-open ``[begins, ends)``.

    Parameters
    ----------
    begins, ends
        ISO 8601 dates or instants, local to the log unless they carry an offset; None for no limit.
    mode
        ``started``: opened within. ``completed``: closed within. ``contained``: opened and closed within (an open case
        only if `ends` is None). ``intersecting``: some instant of the case within, from opening to closing or
        extraction.
    """

    begins: str | None = None
    ends: str | None = None
    mode: WindowMode = "contained"
    kind: ClassVar[str] = "time"

    def __post_init__(self) -> None:
        if self.mode not in WINDOW_MODES:
            raise FilterValueError(
                _("A time window cannot be “{value}”.").format(value=self.mode),
                remedy=_("Use one of: {labels}.").format(labels=", ".join(WINDOW_MODES)),
            )
        limits = [instant_us(text) for text in (self.begins, self.ends) if text is not None]
        if not limits:
            raise FilterValueError(_("A time window needs a beginning or an end."))
        if len(limits) > 1 and limits[0] >= limits[1]:
            raise FilterValueError(
                _("The time window ends ({ends}) before it begins ({begins}).").format(
                    begins=self.begins, ends=self.ends
                )
            )

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Compare opening and closing with the limits."""
        cases = log.cases
        first, last = {
            "started": (cases.opened_us, cases.opened_us),
            "completed": (cases.closed_us, cases.closed_us),
            "contained": (cases.opened_us, cases.closed_us),
            "intersecting": (cases.end_us, cases.opened_us),
        }[self.mode]
        limits = []
        if self.begins is not None:
            limits.append(first >= instant_us(self.begins, log.zone))
        if self.ends is not None:
            limits.append(last < instant_us(self.ends, log.zone))
        return ibis.and_(*limits).fill_null(False)


@dataclass(frozen=True, slots=True)
class CaseValues(CaseFilter):
    """Cases with one of some values in a column.

    Parameters
    ----------
    column
        One of `CASE_COLUMNS`, or ``attr:NAME`` for an attribute that never differs within a case.
    values
        As text; None for cases in which it is unknown.
    """

    column: str
    values: tuple[str | None, ...]
    kind: ClassVar[str] = "case_value"

    def __post_init__(self) -> None:
        if not self.column.startswith(ATTRIBUTE_PREFIX) and self.column not in CASE_COLUMNS:
            raise FilterValueError(
                _("Cases cannot be filtered by “{value}”.").format(value=self.column),
                remedy=_("Use one of: {labels}.").format(labels=", ".join((*CASE_COLUMNS, f"{ATTRIBUTE_PREFIX}…"))),
            )
        _require(self.values)

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Compare the column, as text, with the values."""
        if self.column not in log.cases.columns:
            held = [name for name in log.cases.columns if name.startswith(ATTRIBUTE_PREFIX)]
            raise unknown_target(
                _("Cases of this log have no attribute “{name}”.").format(name=self.column), [*CASE_COLUMNS, *held]
            )
        text = log.cases[self.column].cast("string")
        named = [value for value in self.values if value is not None]
        known_values = log.values.get(self.column)
        for value in named:
            if known_values is not None and value not in known_values:
                message = _("No case has “{value}” as {column}.").format(value=value, column=self.column)
                raise unknown_target(message, sorted(known_values))
        is_named = text.isin(named).fill_null(False) if named else ibis.literal(False)
        return is_named | text.isnull() if None in self.values else is_named

    def columns(self) -> frozenset[str]:
        """Return the column."""
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class HasActivity(CaseFilter):
    """Cases in which at least one of some activities occurs at least so many times; its negation: none does.

    Parameters
    ----------
    activities
        Labels.
    times
        How many times one of them must occur (2: it is repeated).
    """

    activities: tuple[str, ...]
    times: int = 1
    kind: ClassVar[str] = "activity"

    def __post_init__(self) -> None:
        _require(self.activities)
        if self.times < 1:
            raise FilterValueError(_("An activity cannot be asked to occur {times} times.").format(times=self.times))

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Count the activities in the variants."""
        positions = log.positions()
        held = positions.filter(positions.activity.isin([log.code(activity) for activity in self.activities]))
        counted = held.group_by("variant", "activity").aggregate(times=held.count().cast("int64"))
        return log.has_variant(counted.filter(counted.times >= self.times))


@dataclass(frozen=True, slots=True)
class Endpoints(CaseFilter):
    """Cases that start, or end (or stand, while open), with one of some activities.

    Parameters
    ----------
    activities
        Labels.
    end
        ``start`` or ``end``.
    """

    activities: tuple[str, ...]
    end: Literal["start", "end"] = "start"
    kind: ClassVar[str] = "endpoint"

    def __post_init__(self) -> None:
        _require(self.activities)
        if self.end not in ("start", "end"):
            raise FilterValueError(
                _("A case has no “{value}”.").format(value=self.end),
                remedy=_("Use one of: {labels}.").format(labels="start, end"),
            )

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Look at the first or last activity of the variants."""
        positions = log.positions()
        place = 0 if self.end == "start" else positions.n_events - 1
        codes = [log.code(activity) for activity in self.activities]
        return log.has_variant(positions.filter(positions.position == place, positions.activity.isin(codes)))


@dataclass(frozen=True, slots=True)
class Follows(CaseFilter):
    """Cases in which an activity is followed by another, at once or at some time later in the log's order."""

    first: str
    second: str
    directly: bool = False
    kind: ClassVar[str] = "follows"

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Look for the pair in the variants."""
        first, second = log.code(self.first), log.code(self.second)
        if self.directly:
            pairs = variant_passages(log.variants)
            return log.has_variant(pairs.filter(pairs.activity == first, pairs.next_activity == second))
        positions = log.positions()
        befores = positions.filter(positions.activity == first)
        afters = positions.filter(positions.activity == second)
        earliest = befores.group_by("variant").aggregate(earliest=befores.position.min())
        latest = afters.group_by("variant").aggregate(latest=afters.position.max())
        both = earliest.inner_join(latest, "variant")
        return log.has_variant(both.filter(both.earliest < both.latest))


@dataclass(frozen=True, slots=True)
class Variants(CaseFilter):
    """Cases of some variants, by their codes in the unfiltered log (0 is the most frequent)."""

    variants: tuple[int, ...]
    kind: ClassVar[str] = "variant"

    def __post_init__(self) -> None:
        _require(self.variants)

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Compare the variant's code."""
        return log.cases.variant.isin(sorted(set(self.variants)))


@dataclass(frozen=True, slots=True)
class TopVariants(CaseFilter):
    """Cases of the most frequent variants, as many of them as it takes to cover a share of all cases.

    Parameters
    ----------
    share
        0–1, above 0. Of equally frequent variants those with lower codes go first.
    """

    share: float
    kind: ClassVar[str] = "top_variants"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise FilterValueError(
                _("A share of variants must lie above 0 and not above 1 (100 %), not at {share}.").format(
                    share=self.share
                )
            )

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Take variants while those before them do not yet cover the share."""
        variants = log.variants
        # Codes are ranks by frequency, so the variants before one are those with lower codes.
        before = ibis.window(order_by=variants.variant, preceding=(None, 1))
        covered = variants.mutate(
            before=variants.cases.sum().over(before).fill_null(0).cast("int64"),
            all_cases=variants.cases.sum().over(ibis.window()).cast("int64"),
        )
        is_needed = covered.before.cast("float64") < covered.all_cases.cast("float64") * self.share
        return log.has_variant(covered.filter(is_needed))


@dataclass(frozen=True, slots=True)
class Duration(CaseFilter):
    """Cases by their lead time, half-open ``[at_least_seconds, less_than_seconds)``; open ones by their age.

    Parameters
    ----------
    at_least_seconds, less_than_seconds
        Calendar seconds, to the microsecond; None for no limit.
    """

    at_least_seconds: float | None = None
    less_than_seconds: float | None = None
    kind: ClassVar[str] = "duration"

    def __post_init__(self) -> None:
        limits = [limit for limit in (self.at_least_seconds, self.less_than_seconds) if limit is not None]
        if not limits or (len(limits) > 1 and limits[0] >= limits[1]) or min(limits) < 0:
            raise FilterValueError(
                _("No duration lies between {lower} and {upper} seconds.").format(
                    lower=self.at_least_seconds, upper=self.less_than_seconds
                ),
                remedy=_("Give a lower limit, an upper one above it, or both; none below zero."),
            )

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Compare the lead time."""
        lead_us = log.cases.lead_us
        limits = []
        if self.at_least_seconds is not None:
            limits.append(lead_us >= round(self.at_least_seconds * MICROSECONDS))
        if self.less_than_seconds is not None:
            limits.append(lead_us < round(self.less_than_seconds * MICROSECONDS))
        return ibis.and_(*limits)


@dataclass(frozen=True, slots=True)
class IsOpen(CaseFilter):
    """Cases that are not closed."""

    kind: ClassVar[str] = "open"

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Look for a closing."""
        return log.cases.closed_us.isnull()


KINDS: Final = {
    kind.kind: kind
    for kind in (TimeWindow, CaseValues, HasActivity, Endpoints, Follows, Variants, TopVariants, Duration, IsOpen)
}


def _require(values: tuple[object, ...]) -> None:
    if not values:
        raise FilterValueError(_("A filter needs at least one value."))
