"""Where each case of a study stands: before or after the change, compared, or left out and why."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, local_date, midnight_us
from potok.core.time_units import DAY_US
from potok.log.mapping import ExtractionKind
from potok.verify.outcomes.values import OutcomeValues, outcome_values
from potok.verify.protocol.model import Estimand, Protocol
from potok.verify.study import UNKNOWN, Arms, Flags, Integers, Side, Study

NEVER_US: Final = int(np.iinfo(np.int64).max)


def assign_arms(study: Study, protocol: Protocol, *, calendar: Calendar | None = None) -> Arms:
    """Place every case of a study by the day on which it opened, never by how long it took.

    A case takes part if it opened after openings are complete in the logs, outside the transition window of its
    agency, and early enough to have been followed for the whole horizon up to the look.

    Parameters
    ----------
    calendar
        Of working days; needed where the protocol's clock runs in them.
    """
    cases, estimand = study.cases, protocol.estimand
    values = outcome_values(study, protocol, calendar=calendar)
    months = tuple(_months(study))
    starts = np.asarray([midnight_us(load_zone(study.zone), month) for month in months], np.int64)
    month = np.clip(np.searchsorted(starts, cases.opened_us, side="right") - 1, 0, None)
    change_us, change_month = _change_days(study, protocol, starts)
    side = np.select(
        [
            ~study.in_population,
            _is_unfollowed(study, estimand, values),
            values.is_unwatched,
            _in_transition(cases.opened_us, change_us, estimand),
            change_us == NEVER_US,
            cases.opened_us < change_us,
        ],
        [Side.OUTSIDE, Side.UNFOLLOWED, Side.UNWATCHED, Side.TRANSITION, Side.COMPARED, Side.BEFORE],
        Side.AFTER,
    ).astype(np.int64)
    return Arms(
        side=side,
        change_us=change_us,
        outcome=values.outcome,
        watched_from=values.watched_from,
        month=month,
        months=months,
        change_month=change_month,
        is_closed_only=any(source.extraction is ExtractionKind.CLOSED for source in study.sources),
    )


def place_by_opening(study: Study, arms: Arms, estimand: Estimand, *, is_unwatched: Flags) -> Arms:
    """Return arms in which cases stand by their opening alone, however long they could be followed.

    For estimators that count a case for as long as it was watched: cases opened too late to be followed for the whole
    horizon, and cases that came under observation after their opening, take part.

    Parameters
    ----------
    is_unwatched
        Shape (n,): cases in no estimate (`potok.verify.outcomes.values.ClockedCases`).
    """
    opened = study.cases.opened_us
    conditions = [
        ~study.in_population,
        is_unwatched,
        _in_transition(opened, arms.change_us, estimand),
        arms.change_us == NEVER_US,
        opened < arms.change_us,
    ]
    sides = [Side.OUTSIDE, Side.UNWATCHED, Side.TRANSITION, Side.COMPARED, Side.BEFORE]
    return replace(arms, side=np.select(conditions, sides, Side.AFTER).astype(np.int64))


def _months(study: Study) -> Iterator[date]:
    zone = load_zone(study.zone)
    opened = study.cases.opened_us
    if not len(opened):
        return
    month = local_date(zone, int(opened.min())).replace(day=1)
    last = local_date(zone, int(opened.max()))
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _change_days(study: Study, protocol: Protocol, starts: Integers) -> tuple[Integers, Integers]:
    """Return the instant and the month of the change of each case's agency, (n,) each."""
    agency, zone = study.cases.agency, load_zone(study.zone)
    by_agency = {wave.agency: midnight_us(zone, wave.on) for wave in protocol.change.waves}
    change_us = np.asarray([*(by_agency.get(label, NEVER_US) for label in agency.labels), NEVER_US], np.int64)
    place = np.searchsorted(starts, change_us, side="right") - 1
    is_within = (change_us != NEVER_US) & (place >= 0)
    month = np.where(is_within, place, UNKNOWN)
    return change_us[agency.codes], month[agency.codes]


def _in_transition(opened_us: Integers, change_us: Integers, estimand: Estimand) -> Flags:
    is_changing = change_us != NEVER_US
    since = np.where(is_changing, change_us, 0) - estimand.transition_before_days * DAY_US
    until = np.where(is_changing, change_us, 0) + estimand.transition_after_days * DAY_US
    return np.asarray(is_changing & (opened_us >= since) & (opened_us < until))


def _is_unfollowed(study: Study, estimand: Estimand, values: OutcomeValues) -> Flags:
    """Return which cases opened too late to be followed for the horizon, or before openings are complete."""
    is_late = values.cases.followed < estimand.horizon_days
    return np.asarray(is_late | (study.cases.opened_us < study.first_us))
