"""By which medium each activity is done, and on what that rests.

An activity is *automatic* if `SYSTEM_SHARE` of its instances with a known performer have one whose name is that of a
machine; or if it behaves like one: `INSTANT_SHARE` of its instances take a second at most, and `NIGHT_SHARE` of them
end between midnight and five o'clock of the log's time zone. Else its own name may say that it is digital, at a counter
or on paper. What no sign tells is unknown.

Instances at midnight sharp are left out of the hours of the night: most of them have lost their time of day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis

from potok.core.finding import Confidence
from potok.core.language import mark
from potok.core.time_units import DAY_US, HOUR_US, SECOND_US
from potok.diagnose.digitalisation.words import Medium, guess_medium, is_system
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.counts import compute_counts
from potok.measure.enablement import compute_time_knowledge
from potok.measure.evidence import find_code
from potok.measure.local_time import local_us, zone_of
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, resource_labels, run, seconds, seconds_if_known

SYSTEM_SHARE: Final = 0.9
INSTANT_SHARE: Final = 0.95
NIGHT_SHARE: Final = 0.1
FEWEST_INSTANCES: Final = 20
_NIGHT_ENDS_US: Final = 5 * HOUR_US

Basis = Literal["declared", "performer_name", "behaviour", "activity_name", "none"]

BASES: Final = {
    "declared": mark("declared"),
    "performer_name": mark("guessed from the name of the performer"),
    "behaviour": mark("told from instant processing and work at night"),
    "activity_name": mark("guessed from the name of the activity"),
    "none": mark("no sign"),
}
_CONFIDENCE: Final = {
    "declared": Confidence.COUNTED,
    "behaviour": Confidence.INFERRED,
    "performer_name": Confidence.SUPPOSED,
    "activity_name": Confidence.SUPPOSED,
    "none": Confidence.SUPPOSED,
}


@dataclass(frozen=True, slots=True)
class StepMedium:
    """One activity and how it is done.

    Parameters
    ----------
    medium, basis
        How, and on what that rests.
    instances
        All of them.
    system_instances, held_instances
        Those by a performer whose name is that of a machine, and those with any known performer.
    night_share, instant_share
        Of the instances with a time of day, those at night; of those with known processing, those of a second at most.
        None where too few are known.
    worked_instances
        Instances with known processing.
    median_seconds, lower_quartile_seconds, upper_quartile_seconds, staff_seconds
        Of processing: quartiles and sum; None where the log knows no processing.
    """

    activity: str
    medium: Medium
    basis: Basis
    instances: int
    system_instances: int
    held_instances: int
    night_share: float | None
    instant_share: float | None
    worked_instances: int
    median_seconds: float | None
    lower_quartile_seconds: float | None
    upper_quartile_seconds: float | None
    staff_seconds: float | None

    @property
    def confidence(self) -> Confidence:
        """How sure the medium is."""
        return _CONFIDENCE[self.basis]


@dataclass(frozen=True, slots=True)
class Clock:
    """How local time is told: a zone, and between which instants (µs UTC)."""

    zone: str
    first_us: int
    last_us: int


def step_facts(events: ibis.Table, *, clock: Clock, system_codes: tuple[int, ...]) -> ibis.Table:
    """Return one row per activity.

    Parameters
    ----------
    system_codes
        Performers whose name is that of a machine.

    Returns
    -------
    ibis.Table
        `activity`, `instances`, `system`, `held`, `timed` (with a time of day), `night`, `worked` (with known
        processing), `instant`, `lower_us`, `median_us`, `upper_us`, `work_us` (null where no processing is known).
    """
    wall = local_us(events.completed_us, zone=clock.zone, first_us=clock.first_us, last_us=clock.last_us)
    within = (wall % DAY_US + DAY_US) % DAY_US
    taken_us = events.completed_us - events.started_us
    marked = events.mutate(
        within_us=within,
        work_us=ibis.ifelse(taken_us >= 0, taken_us, ibis.null("int64")),
        is_system=events.resource.isin(list(system_codes)) if system_codes else ibis.literal(False),
    )
    is_timed = marked.within_us > 0
    figures = marked.group_by("activity").aggregate(
        instances=marked.count().cast("int64"),
        system=_count(marked.is_system),
        held=marked.resource.count().cast("int64"),
        timed=_count(is_timed),
        night=_count(is_timed & (marked.within_us < _NIGHT_ENDS_US)),
        worked=marked.work_us.count().cast("int64"),
        instant=_count(marked.work_us <= SECOND_US),
        quartiles_us=marked.work_us.quantile([0.25, 0.5, 0.75]),
        work_us=exact_sum(marked.work_us),
    )
    quartiles = figures.quartiles_us
    named = dict(zip(("lower_us", "median_us", "upper_us"), range(3), strict=True))
    return figures.mutate(**{name: quartiles[place].cast("float64") for name, place in named.items()}).drop(
        "quartiles_us"
    )


def system_performers(store: LogStore, engine: Engine | None = None) -> tuple[int, ...]:
    """Return the codes of the performers whose name is that of a machine."""
    return tuple(sorted(code for code, label in resource_labels(store, engine).items() if is_system(label)))


def compute_step_media(
    store: LogStore, *, declared: Mapping[str, Medium] | None = None, engine: Engine | None = None
) -> tuple[StepMedium, ...]:
    """Compute by which medium each activity is done, most instances first.

    Parameters
    ----------
    declared
        Medium of activities, by label, where it is known.

    Raises
    ------
    UnknownPlaceError
        If the log does not have a declared activity.
    """
    labels = activity_labels(store, engine)
    for label in declared or ():
        find_code(labels, label)
    counts = compute_counts(store, engine=engine)
    clock = Clock(zone_of(store), counts.first_us, counts.last_us)
    is_worked = compute_time_knowledge(store, engine=engine).is_worked
    facts = step_facts(EVENTS, clock=clock, system_codes=system_performers(store, engine))
    columns = facts.columns
    rows = (dict(zip(columns, row, strict=True)) for row in run(facts, store, engine))
    steps = (_step(row, labels[row["activity"]], declared or {}, is_worked=is_worked) for row in rows)
    return tuple(sorted(steps, key=lambda step: (-step.instances, step.activity)))


def _step(row: Mapping[str, Any], label: str, declared: Mapping[str, Medium], *, is_worked: bool) -> StepMedium:
    night = row["night"] / row["timed"] if row["timed"] >= FEWEST_INSTANCES else None
    has_work = is_worked and row["worked"] >= FEWEST_INSTANCES
    instant = row["instant"] / row["worked"] if has_work else None
    medium, basis = _medium(row, label, declared, (night, instant))
    return StepMedium(
        activity=label,
        medium=medium,
        basis=basis,
        instances=row["instances"],
        system_instances=row["system"],
        held_instances=row["held"],
        night_share=night,
        instant_share=instant,
        worked_instances=row["worked"] if is_worked else 0,
        median_seconds=seconds_if_known(row["median_us"]) if is_worked else None,
        lower_quartile_seconds=seconds_if_known(row["lower_us"]) if is_worked else None,
        upper_quartile_seconds=seconds_if_known(row["upper_us"]) if is_worked else None,
        staff_seconds=seconds(row["work_us"]) if is_worked and row["work_us"] is not None else None,
    )


def _medium(
    row: Mapping[str, Any],
    label: str,
    declared: Mapping[str, Medium],
    signs: tuple[float | None, float | None],
) -> tuple[Medium, Basis]:
    if label in declared:
        return declared[label], "declared"
    if row["held"] and row["system"] >= SYSTEM_SHARE * row["held"]:
        return Medium.AUTOMATIC, "performer_name"
    night, instant = signs
    if night is not None and instant is not None and night >= NIGHT_SHARE and instant >= INSTANT_SHARE:
        return Medium.AUTOMATIC, "behaviour"
    guessed = guess_medium(label)
    return guessed, "none" if guessed is Medium.UNKNOWN else "activity_name"


def _count(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().fill_null(0).cast("int64")
