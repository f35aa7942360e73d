"""What all checks look at: who is compared with whom, the claim, and durations on the protocol's clock."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

import numpy as np

from potok.core.calendars.zones import load_zone, midnight_us
from potok.core.time_units import DAY_US
from potok.verify.checks.contrast import Cells, Contrast, cells_of_cases, contrast
from potok.verify.checks.weighing import Claim
from potok.verify.outcomes.clocks import CALENDAR_DAYS, DayClock, clock_of
from potok.verify.outcomes.errors import MissingCalendarError
from potok.verify.protocol.model import ComparisonKind, Direction, OutcomeKind, Protocol
from potok.verify.study import Arms, Flags, Floats, Integers, Panel, Side, Study, StudyCases

UNITS: Final = {OutcomeKind.CASE_DURATION: "days", OutcomeKind.COST: "money"}
TIMED: Final = (OutcomeKind.CASE_DURATION, OutcomeKind.WITHIN_TERM_SHARE)
NEVER_US: Final = int(np.iinfo(np.int64).max)
FEWEST_MONTHLY: Final = 5.0
"""Openings a month below which an agency's counts say nothing."""


@dataclass(frozen=True)
class Setting:
    """A project as the checks see it; arrays have shape (n,) over all cases of the study.

    Parameters
    ----------
    study, arms, protocol, panel
        What is verified.
    """

    study: Study
    arms: Arms
    protocol: Protocol
    panel: Panel

    @property
    def cases(self) -> StudyCases:
        """The cases."""
        return self.study.cases

    @property
    def horizon(self) -> float:
        """τ in days of the clock."""
        return self.protocol.estimand.horizon_days

    @cached_property
    def is_after(self) -> Flags:
        """Cases that take part and opened after the change."""
        return np.asarray(self.arms.side == Side.AFTER)

    @cached_property
    def is_before(self) -> Flags:
        """Cases of agencies that change that take part and opened before it."""
        return np.asarray(self.arms.side == Side.BEFORE)

    @cached_property
    def is_compared(self) -> bool:
        """Whether agencies that do not change, or change at other times, stand beside."""
        return self.protocol.comparison.kind is not ComparisonKind.OWN_PAST

    @cached_property
    def clock(self) -> DayClock:
        """The protocol's clock; calendar days where its calendar is not at hand."""
        try:
            return clock_of(self.protocol.estimand, zone=self.study.zone)
        except MissingCalendarError:
            return CALENDAR_DAYS

    @cached_property
    def duration(self) -> Floats:
        """Days of the clock from opening to closing or look."""
        return self.clock.days(self.cases.opened_us, np.maximum(self.cases.left_us, self.cases.opened_us))

    @cached_property
    def sign(self) -> int:
        """Turn a change of the primary outcome into an improvement."""
        return -1 if self.protocol.estimand.direction is Direction.LOWER_IS_BETTER else 1

    @property
    def unit(self) -> str:
        """Unit of the primary outcome."""
        return UNITS.get(self.protocol.estimand.outcome, "share")

    def compare(self, values: Floats, chosen: Flags | None = None) -> Contrast | None:
        """Estimate the change of a value over the cases that take part; nan are left out."""
        taken = self.arms.takes_part if chosen is None else chosen
        return self.compare_sides(values, taken, self.is_after)

    @cached_property
    def quality_margins(self) -> dict[str, float]:
        """The smallest margin by which each attribute is judged."""
        margins: dict[str, float] = {}
        for one in self.protocol.quality:
            margins[one.attribute] = min(one.margin_share, margins.get(one.attribute, one.margin_share))
        return margins

    def compare_sides(
        self, values: Floats, taken: Flags, is_after: Flags, *, beside: Flags | None = None
    ) -> Contrast | None:
        """Estimate the change of a value over some cases, on sides of one's own; those `beside` are a third side.

        Cases that name no agency have nothing to be compared with, and are left out.
        """
        taken = taken & (self.cases.agency.codes >= 0)
        cells = cells_of_cases(
            values[taken],
            agency=self.cases.agency.codes[taken],
            month=self.arms.month[taken],
            is_after=is_after[taken],
            beside=None if beside is None else beside[taken],
        )
        return contrast(cells, months=self.arms.months)

    @cached_property
    def claim(self) -> Claim | None:
        """The improvement of the primary outcome."""
        found = self.compare(self.arms.outcome * self.sign)
        if found is None:
            return None
        return Claim(found.change, self.protocol.estimand.minimum_improvement, abs(found.before), self.unit, True)

    @cached_property
    def time_claim(self) -> Claim | None:
        """The improvement in days up to the horizon: what time explains is held against it."""
        outcome = self.protocol.estimand.outcome
        if outcome is OutcomeKind.CASE_DURATION:
            return self.claim
        found = self.compare(-np.minimum(self.duration, self.horizon))
        return None if found is None else Claim(found.change, None, abs(found.before), "days", outcome in TIMED)

    @cached_property
    def changing(self) -> dict[str, tuple[int, int]]:
        """The last instant before, and the first after the transition of each agency that changes, µs UTC."""
        zone, estimand = load_zone(self.study.zone), self.protocol.estimand
        return {
            wave.agency: (
                midnight_us(zone, wave.on - timedelta(days=estimand.transition_before_days)),
                midnight_us(zone, wave.on + timedelta(days=estimand.transition_after_days)),
            )
            for wave in self.protocol.change.waves
        }

    @cached_property
    def standing(self) -> tuple[str, ...]:
        """Agencies that take part and never change."""
        codes = np.unique(self.cases.agency.codes[self.arms.side == Side.COMPARED]).tolist()
        return tuple(self.cases.agency.labels[code] for code in codes)

    @cached_property
    def month_starts(self) -> Integers:
        """First instants of `arms.months`, and of the month after them, (T + 1,)."""
        zone = load_zone(self.study.zone)
        last = (self.arms.months[-1] + timedelta(days=32)).replace(day=1)
        return np.asarray([midnight_us(zone, month) for month in (*self.arms.months, last)], np.int64)

    def compare_months(self, table: Floats, *, weight: Floats, sampling: Floats) -> Contrast | None:
        """Estimate the change of a figure of months; arrays of shape (agencies, `arms.months`), nan are left out.

        Months in which the transition lies, and those not wholly within the logs, are left out.
        """
        side = self.month_sides()
        known = np.isfinite(table) & (side >= 0)
        agency, month = np.nonzero(known)
        cells = Cells(agency, month, side[known] == 1, table[known], weight[known], sampling[known])
        return contrast(cells, months=self.arms.months)

    def monthly_counts(self, chosen: Flags) -> Floats:
        """Return openings by agency and month, (agencies, `arms.months`); cases that name no agency are in none."""
        taken = chosen & (self.cases.agency.codes >= 0)
        counts = np.zeros((len(self.cases.agency.labels), len(self.arms.months)))
        np.add.at(counts, (self.cases.agency.codes[taken], self.arms.month[taken]), 1.0)
        return counts

    def compare_openings(self, chosen: Flags, base: Flags | None = None) -> Contrast | None:
        """Estimate the change of some cases' openings a month, as a share of those before, of these or of others."""
        counts = self.monthly_counts(chosen)
        return self.compare_counts(counts, counts if base is None else self.monthly_counts(base))

    def compare_counts(self, counts: Floats, basis: Floats) -> Contrast | None:
        """Estimate the change of monthly counts as a share of what `basis` usually was before.

        Parameters
        ----------
        counts, basis
            Shape (agencies, `arms.months`); months with nan are left out.
        """
        side = self.month_sides()
        side = np.where(np.isfinite(counts) & np.isfinite(basis), side, -1)
        with np.errstate(invalid="ignore", divide="ignore"):
            usual = np.where(side == 0, basis, 0.0).sum(axis=1) / (side == 0).sum(axis=1)
            table = np.where((usual[:, None] >= FEWEST_MONTHLY) & (side >= 0), counts / usual[:, None], np.nan)
            sampling = np.where(usual > 0, 1 / usual, 0.0)
        weight = np.where(np.isfinite(table), usual[:, None], 0.0)
        return self.compare_months(table, weight=weight, sampling=np.broadcast_to(sampling[:, None], table.shape))

    def month_sides(self) -> Integers:
        """Return −1 for months left out, 0 for those before, 1 for those after; (agencies, months)."""
        begins, ends = self.month_starts[:-1], self.month_starts[1:]
        is_whole = (begins >= self.study.first_us - DAY_US) & (ends <= self.study.look_us)
        side = np.full((len(self.cases.agency.labels), len(begins)), -1, np.int64)
        for code, agency in enumerate(self.cases.agency.labels):
            if agency in self.changing:
                until, since = self.changing[agency]
                side[code] = np.where(begins >= since, 1, np.where(ends <= until, 0, -1))
            elif agency in self.standing:
                side[code] = 0
        return np.where(is_whole, side, -1)

    def worst_cases(self, amount: Floats, chosen: Flags | None = None) -> tuple[str, ...]:
        """Return the ids of at most a hundred cases after the change, largest amount first."""
        places = np.flatnonzero((self.is_after if chosen is None else chosen) & (amount > 0))
        order = places[np.argsort(-amount[places], kind="stable")][:100]
        return tuple(str(one) for one in self.cases.case_ids[order])
