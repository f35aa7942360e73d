"""Made-up agencies, case by case: whole studies with a known effect, which the fakes of `verification_fakes` dress.

A draft holds what truly happened and what the log will say of it, in days since the first month; `as_study` turns it
into what a verification looks at. Nothing here is read from a log, so a thousand studies take a minute.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.log.mapping import ExtractionKind
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Declarations,
    Direction,
    Estimand,
    Look,
    LookKind,
    OutcomeKind,
    PlannedChange,
    Protocol,
    QualityMargin,
    Wave,
)
from potok.verify.study import UNKNOWN, CaseFeatures, Labels, MonthlyWork, Study, StudyCases, StudySource

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST_DAY: Final = date(2021, 1, 1)
DAY_US: Final = 86_400_000_000
HORIZON_DAYS: Final = 60.0
MINIMUM_DAYS: Final = 1.0
LEVEL_DAYS: Final = 16.0
"""Median of an easy case."""
HARD_FACTOR: Final = 3.0
HARD_SHARE: Final = 0.3
VARIATION: Final = 0.6
"""Standard deviation of the logarithm of a duration."""
STEPS: Final = ("приём", "проверка", "решение", "выдача")
POPULATION: Final = "услуга"
NEIGHBOUR: Final = "соседняя услуга"
RECODED: Final = "услуга, новый код"
GRANTED, REFUSED, RETURNED = "выдано", "отказ", "возврат"
OUTCOMES: Final = (GRANTED, REFUSED, RETURNED)


@dataclass(frozen=True, slots=True)
class World:
    """A project and its surroundings.

    Parameters
    ----------
    kind
        Against what it is held: `OWN_PAST` has one agency that changes and another in the logs, `WAVES` six agencies
        in three waves.
    effect
        Share by which the change truly shortens every case.
    months, change_month
        Length of the logs; the month of the (first) change.
    cases_per_month
        Of the service that changes, in an agency of ordinary size; half as many come to its neighbour.
    season, wandering
        Amplitude of the season of durations; standard deviation of an agency's own wandering from month to month.
    """

    kind: ComparisonKind = ComparisonKind.OWN_PAST
    effect: float = 0.3
    months: int = 40
    change_month: int = 24
    cases_per_month: float = 150.0
    season: float = 0.1
    wandering: float = 0.04
    autocorrelation: float = 0.3

    @property
    def agencies(self) -> tuple[str, ...]:
        """All agencies of the logs, sorted."""
        count = 2 if self.kind is ComparisonKind.OWN_PAST else 6
        return tuple(f"ведомство {place + 1}" for place in range(count))

    @property
    def change_months(self) -> Integers:
        """Month of each agency's change; `UNKNOWN` for those that never change."""
        if self.kind is ComparisonKind.OWN_PAST:
            return np.asarray([self.change_month, UNKNOWN], np.int64)
        return self.change_month + np.asarray([-4, -4, 0, 0, 4, 4], np.int64)


@dataclass(slots=True)
class Draft:
    """Cases as they were and as they will be told, days since the first month; every array has shape (n,).

    Parameters
    ----------
    agency, service, is_hard
        Codes; 1 is the neighbouring service.
    opened, first
        When the clock starts; the first event.
    duration
        From opening to closing.
    outcome, is_complained, recorded_after
        Code in `OUTCOMES`; whether there is a complaint; days from the closing to its being entered.
    stopped, applicant
        Days within clock stops and within the applicant's activities.
    applicant_id, number
        Who applied; the case's number in its agency's register.
    instances, after_closing, registrations
        Counts of what the events show.
    has_quality
        Whether the columns of quality are filled.
    code
        Suffix of the outcome's name, 0 for none.
    outside_share, whole_share, staff
        Shape (agencies, months): shares of the work outside office hours and without a time of day; people.
    """

    world: World
    agency: Integers
    service: Integers
    is_hard: Flags
    opened: Floats
    first: Floats
    duration: Floats
    outcome: Integers
    is_complained: Flags
    recorded_after: Floats
    stopped: Floats
    applicant: Floats
    applicant_id: Integers
    number: Integers
    instances: Integers
    after_closing: Integers
    registrations: Integers
    has_quality: Flags
    code: Integers
    outside_share: Floats
    whole_share: Floats
    staff: Floats
    look_month: int = 0
    look_offset_days: int = 0
    parallel: tuple[str, ...] = ()
    was_worst: bool | None = False

    def __len__(self) -> int:
        return len(self.opened)

    @property
    def month(self) -> Integers:
        """Month of opening."""
        return np.clip(np.searchsorted(starts(self.world.months), self.opened, side="right") - 1, 0, None)

    @property
    def change(self) -> Floats:
        """Day of the change of the case's agency; infinite where it never changes."""
        months = self.world.change_months
        days = np.where(months >= 0, starts(self.world.months)[np.maximum(months, 0)], np.inf)
        return days[self.agency]

    @property
    def is_target(self) -> Flags:
        """Whether a case belongs to the project: its service, in an agency that changes."""
        return (self.service == 0) & np.isfinite(self.change)

    @property
    def is_after(self) -> Flags:
        """Whether such a case opened after the change."""
        return self.is_target & (self.opened >= self.change)

    def where(self, chosen: Flags | Integers) -> "Draft":
        """Return some of the cases."""
        columns = {name: getattr(self, name)[chosen] for name in PER_CASE}
        return replace(self, **columns)


WHOLE: Final = (
    "world",
    "outside_share",
    "whole_share",
    "staff",
    "look_month",
    "look_offset_days",
    "parallel",
    "was_worst",
)
PER_CASE: Final = tuple(name for name in Draft.__dataclass_fields__ if name not in WHOLE)


def starts(months: int) -> Floats:
    """Return the first days of months, counted from the first of them; one more than there are months."""
    found, day = [], FIRST_DAY
    for _month in range(months + 1):
        found.append((day - FIRST_DAY).days)
        day = (day + timedelta(days=32)).replace(day=1)
    return np.asarray(found, np.float64)


def restricted(duration: Floats) -> Floats:
    """Return durations up to the horizon."""
    return np.minimum(duration, HORIZON_DAYS)


def draft_cases(world: World, generator: np.random.Generator) -> Draft:
    """Draw an honest project."""
    first = starts(world.months)
    shape = (len(world.agencies), 2, world.months)
    rate = world.cases_per_month * np.asarray([1.0, 0.5])[None, :, None]
    rate = rate * np.exp(generator.normal(0, 0.2, (shape[0], 1, 1))) * (1 + 0.12 * _season(world, generator))
    drift = np.exp(generator.normal(0, 0.03, (shape[0], shape[1], 1)) * np.arange(world.months) / 12)
    arrivals = generator.poisson(generator.gamma(60.0, rate * drift / 60.0, shape))
    agency, service, month = (np.repeat(place, arrivals.ravel()) for place in np.indices(shape).reshape(3, -1))
    opened = first[month] + generator.uniform(0, 1, len(month)) * (first[month + 1] - first[month])
    order = np.argsort(opened, kind="stable")
    agency, service, month, opened = agency[order], service[order], month[order], opened[order]
    duration, is_hard = _durations(world, generator, agency, service, month)
    changed = world.change_months[agency]
    duration = np.where((service == 0) & (changed >= 0) & (month >= changed), duration * (1 - world.effect), duration)
    return _finish(world, generator, agency, service, opened, duration, is_hard)


def _season(world: World, generator: np.random.Generator) -> Floats:
    return np.sin(2 * np.pi * (np.arange(world.months) + generator.uniform(0, 12)) / 12)


def _durations(
    world: World, generator: np.random.Generator, agency: Integers, service: Integers, month: Integers
) -> tuple[Floats, Flags]:
    count, shape = len(agency), (len(world.agencies), 2, world.months)
    steps = generator.normal(size=shape)
    for place in range(1, world.months):
        fresh = np.sqrt(1 - world.autocorrelation**2)
        steps[:, :, place] = world.autocorrelation * steps[:, :, place - 1] + fresh * steps[:, :, place]
    level = LEVEL_DAYS * np.exp(generator.normal(0, 0.15, (shape[0], shape[1], 1)) + world.wandering * steps)
    level = level * (1 + world.season * _season(world, generator))
    hard_share = np.clip(HARD_SHARE + generator.normal(0, 0.015, shape), 0.05, 0.95)
    is_hard = generator.uniform(size=count) < hard_share[agency, service, month]
    scatter = np.exp(VARIATION * generator.normal(size=count))
    return level[agency, service, month] * np.where(is_hard, HARD_FACTOR, 1.0) * scatter, is_hard


def _finish(
    world: World,
    generator: np.random.Generator,
    agency: Integers,
    service: Integers,
    opened: Floats,
    duration: Floats,
    is_hard: Flags,
) -> Draft:
    """Add what honest logs also hold: refusals, returns, second applications, complaints, stops, work afterwards."""
    count = len(agency)
    outcome = generator.choice(3, size=count, p=[0.9, 0.06, 0.04])
    stopped = np.where(generator.uniform(size=count) < 0.25, duration * generator.uniform(0.1, 0.4, count), 0.0)
    gap = np.where(generator.uniform(size=count) < 0.4, generator.exponential(0.5, count), 0.0)
    sparse = np.where(generator.uniform(size=count) < 0.05, 0, 1)
    shape = (len(world.agencies), world.months)
    draft = Draft(
        world=world,
        agency=agency,
        service=service,
        is_hard=is_hard,
        opened=opened,
        first=opened - gap,
        duration=duration,
        outcome=outcome,
        is_complained=generator.uniform(size=count) < 0.03 + 0.04 * (restricted(duration) / HORIZON_DAYS),
        recorded_after=generator.exponential(0.2, count),
        stopped=stopped,
        applicant=stopped * 0.8,
        applicant_id=np.arange(count),
        number=_numbers(agency, generator),
        instances=4 + generator.poisson(1.0, count),
        after_closing=(generator.uniform(size=count) < 0.03).astype(np.int64),
        registrations=sparse,
        has_quality=generator.uniform(size=count) >= 0.02,
        code=np.zeros(count, np.int64),
        outside_share=np.clip(0.05 + generator.normal(0, 0.006, shape), 0.0, 1.0),
        whole_share=np.clip(0.1 + generator.normal(0, 0.01, shape), 0.0, 1.0),
        staff=np.maximum(np.rint(25 * np.exp(generator.normal(0, 0.02, shape)) * _careers(shape, generator)), 2),
        look_month=world.months,
    )
    registered_again = generator.uniform(size=count) < 0.01
    draft.registrations = np.where(registered_again, 2, draft.registrations)
    _return_applicants(draft, generator)
    return draft


def _careers(shape: tuple[int, int], generator: np.random.Generator) -> Floats:
    """Return how an agency's staff grows or shrinks over the years: some per cent."""
    return np.asarray(np.exp(generator.normal(0, 0.01, (shape[0], 1)) * np.arange(shape[1]) / 12))


def _numbers(agency: Integers, generator: np.random.Generator) -> Integers:
    """Give the cases of each agency numbers in the order of opening, with one left out here and there."""
    numbers = np.zeros(len(agency), np.int64)
    for one in np.unique(agency).tolist():
        chosen = np.flatnonzero(agency == one)
        numbers[chosen] = np.cumsum(1 + (generator.uniform(size=len(chosen)) < 0.01))
    return numbers


def _return_applicants(draft: Draft, generator: np.random.Generator) -> None:
    """Let some come again to the same agency and service within weeks: three in ten of those returned."""
    chance = np.where(draft.outcome == 2, 0.3, 0.015)
    for place in np.flatnonzero(generator.uniform(size=len(draft)) < chance).tolist():
        link(draft, place, after_days=float(generator.uniform(5, 45)))


def link(draft: Draft, place: int, *, after_days: float, other: bool = False) -> None:
    """Make the next case that opens so much later one of the same applicant.

    Parameters
    ----------
    other
        Whether it opens in another agency.
    """
    later = int(np.searchsorted(draft.opened, draft.opened[place] + after_days))
    for candidate in range(later, min(later + 60, len(draft))):
        is_same = draft.agency[candidate] == draft.agency[place]
        if draft.service[candidate] == draft.service[place] and is_same != other:
            draft.applicant_id[candidate] = draft.applicant_id[place]
            return


def make_protocol(draft: Draft) -> Protocol:
    """Make the protocol of a draft's project, with everything declared that a log can show."""
    world = draft.world
    days = starts(world.months)
    on = [FIRST_DAY + timedelta(days=int(days[month])) if month >= 0 else None for month in world.change_months]
    waves = [Wave(name, day) for name, day in zip(world.agencies, on, strict=True) if day is not None]
    look_on = FIRST_DAY + timedelta(days=int(days[draft.look_month]) - 1)
    is_waves = world.kind is ComparisonKind.WAVES
    return Protocol(
        name="Проект",
        registered_on=min(wave.on for wave in waves) - timedelta(days=60),
        change=PlannedChange(
            "что меняется", tuple(sorted(waves, key=lambda wave: (wave.on, wave.agency))), (POPULATION,)
        ),
        estimand=Estimand(
            OutcomeKind.CASE_DURATION, Direction.LOWER_IS_BETTER, Clock.CALENDAR_DAYS, HORIZON_DAYS, MINIMUM_DAYS
        ),
        comparison=ComparisonPlan(world.kind, is_order_drawn=is_waves, seed=1 if is_waves else None),
        look=Look(LookKind.FIXED, look_on, look_on + timedelta(days=90)),
        quality=(
            QualityMargin("отмены", "отменено", "да", Direction.LOWER_IS_BETTER, 0.05, HORIZON_DAYS),
            QualityMargin("жалобы", "жалоба", "да", Direction.LOWER_IS_BETTER, 0.04, HORIZON_DAYS),
        ),
        declarations=Declarations(
            applicant_attribute="заявитель",
            registration_activity="регистрация",
            clock_stop_activities=("приостановление",),
            applicant_activities=("запрос документов",),
            refusal_values=(REFUSED,),
            withdrawal_values=(RETURNED,),
            complaint_attribute="жалоба",
            complaint_value="да",
            complexity_attributes=("сложность",),
            recorded_attribute="внесено",
            parallel_projects=draft.parallel,
            was_chosen_as_worst=draft.was_worst,
        ),
        sha256="2" * 64,
    )


def as_study(draft: Draft, generator: np.random.Generator) -> Study:
    """Turn a draft into a study as of the draft's look."""
    world = draft.world
    look = starts(world.months)[draft.look_month] + draft.look_offset_days
    draft = draft.where(
        np.flatnonzero(draft.opened < look)[np.argsort(draft.opened[draft.opened < look], kind="stable")]
    )
    count, epoch = (
        len(draft),
        int(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC).timestamp() * 1e6),
    )
    is_closed = draft.opened + draft.duration <= look

    def us(days: Floats) -> Integers:
        return epoch + np.rint(days * DAY_US).astype(np.int64)

    left_us = us(np.where(is_closed, draft.opened + draft.duration, look))
    recorded = [
        str(np.datetime64(one, "us")) for one in us(draft.opened + draft.duration + draft.recorded_after).tolist()
    ]
    reversal = np.where(generator.uniform(size=count) < 0.02, "да", "нет")
    blank = ~draft.has_quality
    outcomes = [f"{OUTCOMES[one]}{code or ''}" for one, code in zip(draft.outcome, draft.code, strict=True)]
    cases = StudyCases(
        case_ids=np.asarray([f"{a + 1}-{n}" for a, n in zip(draft.agency, draft.number, strict=True)], object),
        opened_us=us(draft.opened),
        watched_us=us(draft.opened),
        left_us=left_us,
        is_closed=is_closed,
        agency=label("agency", np.asarray(world.agencies)[draft.agency]),
        service=label("service", np.asarray([POPULATION, NEIGHBOUR, RECODED])[draft.service]),
        channel=label("channel", np.full(count, ""), blank=np.ones(count, np.bool_)),
        outcome=label("outcome", np.asarray(outcomes), blank=~is_closed),
        attributes=(
            label("внесено", np.asarray(recorded), blank=~is_closed),
            label("жалоба", np.where(draft.is_complained, "да", "нет"), blank=blank),
            label("заявитель", np.asarray([f"з{one}" for one in draft.applicant_id.tolist()])),
            label("отменено", reversal, blank=blank),
            label("сложность", np.where(draft.is_hard, "сложное", "простое")),
        ),
        features=CaseFeatures(
            first_us=us(draft.first),
            instances=draft.instances,
            distinct_activities=np.full(count, len(STEPS), np.int64),
            resources=np.full(count, 2, np.int64),
            handovers=np.ones(count, np.int64),
            repetitions=np.maximum(draft.instances - len(STEPS), 0),
            after_closing=np.where(is_closed, draft.after_closing, 0),
            registrations=draft.registrations,
            stopped_us=np.rint(draft.stopped * DAY_US).astype(np.int64),
            applicant_us=np.rint(draft.applicant * DAY_US).astype(np.int64),
            cost=np.full(count, np.nan),
        ),
    )
    is_changing = world.change_months[draft.agency] >= 0
    inside = (draft.service == 0) & (is_changing if world.kind is ComparisonKind.OWN_PAST else True)
    source = StudySource("log.csv", "0" * 64, ExtractionKind.OPENED, int(us(np.asarray([look]))[0]), count, 0, "1" * 64)
    work = _work(draft, generator)
    return Study(cases, np.asarray(inside), work, "UTC", epoch, int(us(np.asarray([look]))[0]), (source,))


def label(name: str, values: NDArray[np.str_], *, blank: Flags | None = None) -> Labels:
    """Make a column of labels; blank rows are unknown."""
    if blank is not None and blank.all():
        return Labels(name, np.full(len(values), UNKNOWN, np.int64), ())
    known = values if blank is None else values[~blank]
    labels, codes = np.unique(known, return_inverse=True)
    whole = np.full(len(values), UNKNOWN, np.int64)
    whole[slice(None) if blank is None else ~blank] = codes
    return Labels(name, whole, tuple(labels.tolist()))


def _work(draft: Draft, generator: np.random.Generator) -> MonthlyWork:
    world = draft.world
    shape = (len(world.agencies), draft.look_month)
    month = np.minimum(draft.month, draft.look_month - 1)
    done = np.zeros(shape, np.int64)
    np.add.at(done, (draft.agency, month), draft.instances)
    parts = np.stack([done // len(STEPS)] * len(STEPS), axis=2)
    days = starts(world.months)
    months = tuple(FIRST_DAY + timedelta(days=int(day)) for day in days[: shape[1]])
    total = parts.sum(axis=2)
    whole = generator.binomial(total, draft.whole_share[:, : shape[1]])
    outside = generator.binomial(total - whole, draft.outside_share[:, : shape[1]])
    staff = draft.staff[:, : shape[1]].astype(np.int64)
    return MonthlyWork(world.agencies, months, tuple(sorted(STEPS)), parts, staff, total - whole, outside, whole)
