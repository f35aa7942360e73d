"""Durations, queues and flow in plain Python, case by case and day by day; see `support.reference`."""

import math
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from scipy import stats

from inference.samples import Sample, is_cut_short, survival
from potok.inference.estimate import Estimate
from potok.log.mapping import ExtractionKind
from potok.measure.arrivals import ArrivalsAndThroughput, Clock, HourFlow, SpanFlow, Takt
from potok.measure.case_survival import HORIZON_DAYS, SurvivalSummary, TimeEstimate
from potok.measure.daily_flow import Period
from potok.measure.lead_times import ClockedLeadTimes, DurationSummary, LeadTimeGroup, LeadTimes
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import DayLoad, LoadReason, QueueTrend, QueueVerdict, WorkInProcess
from potok.measure.open_ages import OpenAge, OpenAges
from potok.measure.outcome_shares import OutcomeShare, OutcomeShares
from potok.measure.sampling import Sampling, SurvivalRefusal
from support.flow_cases import compute_case_times, end_of, midnight, moment, timely
from support.flow_logs import FlowCase, FlowLog
from support.reference import in_seconds, quantile
from support.tiny_store import SECOND

DAY = 86_400 * SECOND
Z95 = stats.norm.ppf(0.975)


def durations(log: FlowLog, cases: list[FlowCase]) -> DurationSummary:
    known = [end_of(log, case) - case.opened for case in cases if end_of(log, case) is not None]
    return DurationSummary(
        cases=len(known),
        min_seconds=in_seconds(min(known, default=None)),
        median_seconds=in_seconds(quantile(known, 0.5)),
        p90_seconds=in_seconds(quantile(known, 0.9)),
        max_seconds=in_seconds(max(known, default=None)),
        mean_seconds=in_seconds(sum(known) / len(known)) if known else None,
    )


def sample_of(log: FlowLog, cases: list[FlowCase], sampling: Sampling, causes=None) -> tuple[Sample, list[FlowCase]]:
    entry, lasted, found, kept = [], [], [], []
    for case in cases:
        end = end_of(log, case)
        watched = case.opened
        if sampling.kind == ExtractionKind.ACTIVE and sampling.watched_from_us is not None:
            watched = max(case.opened, sampling.watched_from_us)
        left = log.extracted if end is None else end
        if watched > case.opened and watched >= left:
            continue
        entry.append(watched - case.opened)
        lasted.append(left - case.opened)
        found.append(0 if end is None else 1 if causes is None else causes[case.outcome])
        kept.append(case)
    return Sample(tuple(entry), tuple(lasted), tuple(found)), kept


def band(sample: Sample) -> list[tuple[int, float, float, float]]:
    """Time, share waiting, lower and upper bound."""
    variance, rows, last_upper = Fraction(0), [], 1.0
    for time, share in survival(sample):
        d, n = sample.ended(time), sample.at_risk(time)
        if 0 < d < n:
            variance += Fraction(d, n * (n - d))
        if 0 < share < 1:
            theta = Z95 * math.sqrt(variance) / math.log(share)
            lower, last_upper = float(share) ** math.exp(-theta), float(share) ** math.exp(theta)
        elif share == 1:
            lower = last_upper = 1.0
        else:
            lower = 0.0
        rows.append((time, float(share), lower, last_upper))
    return rows


def time_by(sample: Sample, q: float) -> TimeEstimate:
    rows = band(sample)

    def first(column: int) -> float | None:
        return next((row[0] / SECOND for row in rows if row[column] <= 1 - q + 1e-12), None)

    return TimeEstimate(first(1), first(2), first(3))


def follow_up(log: FlowLog, case: FlowCase) -> int:
    return log.extracted - case.opened


def choose_horizon(log: FlowLog, cases: list[FlowCase], sample: Sample) -> int | None:
    followed = [
        days * DAY
        for days in HORIZON_DAYS
        if cases and 2 * sum(follow_up(log, case) >= days * DAY for case in cases) >= len(cases)
    ]
    if not followed:
        return None
    if not is_cut_short(sample):
        reach = time_by(sample, 0.99).seconds
        reached = [days for days in followed if reach is not None and reach <= days / SECOND]
        if reached:
            return reached[0]
    return followed[-1]


def mean_up_to(sample: Sample, horizon: int) -> TimeEstimate:
    value, variance, previous, share, steps = Fraction(0), 0.0, 0, Fraction(1), []
    for time, after in [*survival(sample), (horizon, None)]:
        if time >= horizon:
            steps.append((previous, horizon, share))
            break
        steps.append((previous, time, share))
        previous, share = time, after
    value = sum(share * (stop - start) for start, stop, share in steps)
    for time, _start, _share in steps[1:]:
        d, n = sample.ended(time), sample.at_risk(time)
        if 0 < d < n:
            beyond = sum(share * (stop - start) for start, stop, share in steps if start >= time)
            variance += float(beyond**2 * Fraction(d, n * (n - d)))
    margin = Z95 * math.sqrt(variance)
    return TimeEstimate(
        float(value) / SECOND, max(0.0, float(value) - margin) / SECOND, min(horizon, float(value) + margin) / SECOND
    )


def group(log, label, cases, sampling, horizon, refusal=None) -> LeadTimeGroup:
    still_open = sum(end_of(log, case) is None for case in cases)
    refusal = refusal or sampling.refusal
    if refusal:
        return LeadTimeGroup(label, durations(log, cases), still_open, None, refusal)
    sample, kept = sample_of(log, cases, sampling)
    if not kept:
        return LeadTimeGroup(label, durations(log, cases), still_open, None, SurvivalRefusal.NO_CASES)
    if is_cut_short(sample):
        return LeadTimeGroup(label, durations(log, cases), still_open, None, SurvivalRefusal.RISK_SET_EMPTIES)
    mean, mature = None, []
    if horizon is not None:
        mature = [case for case in kept if follow_up(log, case) >= horizon]
        old, _ = sample_of(log, mature, sampling)
        if mature and min(old.entry) == 0 and not is_cut_short(old):
            mean = mean_up_to(old, horizon)
    return LeadTimeGroup(
        label,
        durations(log, cases),
        still_open,
        SurvivalSummary(
            cases=len(kept),
            open_cases=sum(end_of(log, case) is None for case in kept),
            late_entries=sum(start > 0 for start in sample.entry),
            median=time_by(sample, 0.5),
            p90=time_by(sample, 0.9),
            restricted_mean=mean,
            restricted_mean_cases=len(mature),
        ),
        None,
    )


def sampling_for(log: FlowLog, sampling: Sampling | None) -> Sampling:
    found = sampling or Sampling(ExtractionKind(log.extraction))
    return Sampling(ExtractionKind.CLOSED, found.watched_from_us) if log.closing_basis == "all" else found


def label_of(log: FlowLog, case: FlowCase, by: str | None) -> str | None:
    opened = moment(log, case.opened)
    match by:
        case "cohort":
            return opened.strftime("%Y-%m")
        case "cohort_quarter":
            return f"{opened.year}-Q{(opened.month + 2) // 3}"
        case "cohort_year":
            return str(opened.year)
        case _:
            return getattr(case, by)


def compute_lead_times(log: FlowLog, *, by=None, sampling=None, horizon_seconds=None) -> LeadTimes:
    found = sampling_for(log, sampling)
    cases = timely(log)
    sample, kept = sample_of(log, cases, found)
    horizon = choose_horizon(log, kept, sample) if horizon_seconds is None else round(horizon_seconds * SECOND)
    grouped = defaultdict(list)
    for case in cases if by else ():
        grouped[label_of(log, case, by)].append(case)
    ordered = sorted(grouped, key=lambda label: (label is None, label))
    refusal = found.refusal or (SurvivalRefusal.OUTCOME_IS_LATER if by == "outcome" else None)
    return LeadTimes(
        times=compute_case_times(log),
        sampling=found,
        unwatched_cases=len(cases) - len(kept),
        by=by,
        confidence=0.95,
        calendar_time=ClockedLeadTimes(
            None if horizon is None else horizon / SECOND,
            group(log, None, cases, found, horizon),
            tuple(group(log, label, grouped[label], found, horizon, refusal) for label in ordered),
        ),
        working_time=None,
    )


def compute_outcome_shares(log: FlowLog, *, horizon_seconds: float, sampling=None) -> OutcomeShares:
    """Only where every case used was followed up to the horizon, so that shares are plain ones."""
    found = sampling_for(log, sampling)
    horizon = round(horizon_seconds * SECOND)
    used = [case for case in timely(log) if follow_up(log, case) >= horizon]
    grouped = defaultdict(list)
    for case in used:
        if end_of(log, case) is not None:
            grouped[case.outcome].append(end_of(log, case) - case.opened)
    shares = []
    for outcome, lasted in grouped.items():
        share = sum(time <= horizon for time in lasted) / len(used)
        lower = upper = share
        if 0 < share < 1:
            theta = Z95 * math.sqrt(share * (1 - share) / len(used)) / (share * math.log(share))
            lower, upper = share ** math.exp(-theta), share ** math.exp(theta)
        shares.append(OutcomeShare(outcome, len(lasted), share, lower, upper))
    ended = sum(end_of(log, case) is not None and end_of(log, case) - case.opened <= horizon for case in used)
    return OutcomeShares(
        times=compute_case_times(log),
        sampling=found,
        refusal=None,
        horizon_seconds=horizon_seconds,
        cases=len(used),
        open_share=1 - ended / len(used),
        by_outcome=tuple(sorted(shares, key=lambda s: (-s.closed_cases, s.outcome is None, s.outcome or ""))),
        confidence=0.95,
    )


# --- queues ---


def days_of(log: FlowLog, period: Period | None) -> list[date]:
    first = moment(log, min((case.opened for case in timely(log)), default=log.extracted)).date()
    last = moment(log, log.extracted).date()
    if period:
        first, last = max(first, period.from_on), min(last, period.until_on - timedelta(days=1))
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def overlap(log: FlowLog, case: FlowCase, start: int, stop: int) -> int:
    end = end_of(log, case)
    return max(0, min(log.extracted if end is None else end, stop) - max(case.opened, start))


def day_load(log: FlowLog, day: date) -> DayLoad:
    start, over = midnight(log, day), midnight(log, day + timedelta(days=1))
    stop = max(start, min(over, log.extracted))
    ends = [(case.opened, end_of(log, case)) for case in timely(log)]
    time = sum(overlap(log, case, start, stop) for case in timely(log))
    return DayLoad(
        on=day,
        open_at_start=sum(opened < start and (end is None or end >= start) for opened, end in ends),
        arrivals=sum(start <= opened < over for opened, _end in ends),
        completions=sum(end is not None and start <= end < over for _opened, end in ends),
        mean_cases=time / (stop - start) if stop > start else None,
        is_complete=over <= log.extracted,
    )


def settled(log: FlowLog, complete: list[DayLoad]) -> list[DayLoad]:
    if log.extraction == "active":
        return complete
    # As the older measure of durations has it: cases that end before they open count as 0.
    closed = [max(0, case.closed - case.opened) for case in log.cases if case.closed is not None]
    skipped = math.ceil((quantile(closed, 0.9) or 0) / DAY)
    return complete[skipped:]


def interval(values: list[float]) -> Estimate:
    mean = sum(values) / len(values)
    error = stats.sem(values)
    margin = stats.t.ppf(0.975, len(values) - 1) * error
    return Estimate(mean, mean - margin, mean + margin, float(error), 0.95)


def is_closed_only(log: FlowLog) -> bool:
    return log.extraction == "closed" or log.closing_basis == "all"


def compute_work_in_process(log: FlowLog, *, period=None) -> WorkInProcess:
    by_day = [day_load(log, day) for day in days_of(log, period)]
    complete = [day for day in by_day if day.is_complete]
    length = midnight(log, complete[-1].on + timedelta(days=1)) - midnight(log, complete[0].on) if complete else 0
    start = midnight(log, complete[0].on) if complete else 0
    time = sum(overlap(log, case, start, start + length) for case in timely(log))
    return WorkInProcess(
        times=compute_case_times(log),
        period=Period(complete[0].on, complete[-1].on + timedelta(days=1)) if complete else None,
        mean_cases=time / length if complete else None,
        max_cases=max((day.open_at_start for day in complete), default=None),
        open_at_end=complete[-1].open_at_start + complete[-1].arrivals - complete[-1].completions if complete else None,
        by_day=tuple(by_day),
        trend=trend(log, complete if period else settled(log, complete)),
    )


def trend(log: FlowLog, days: list[DayLoad]) -> QueueTrend:
    weeks = len(days) // 7
    if is_closed_only(log):
        return QueueTrend(None, None, QueueVerdict.CANNOT_TELL, LoadReason.CLOSED_ONLY)
    if weeks < 8:
        return QueueTrend(None, None, QueueVerdict.CANNOT_TELL, LoadReason.TOO_FEW_WEEKS)
    days = days[-weeks * 7 :]
    growth = interval(
        [sum(day.arrivals - day.completions for day in days[week * 7 : week * 7 + 7]) / 7 for week in range(weeks)]
    )
    verdict = QueueVerdict.NO_CLEAR_TREND
    if growth.lower > 0:
        verdict = QueueVerdict.GROWING
    if growth.upper < 0:
        verdict = QueueVerdict.SHRINKING
    return QueueTrend(Period(days[0].on, days[-1].on + timedelta(days=1)), growth, verdict, None)


def compute_littles_law(log: FlowLog, *, period=None) -> LittlesLaw:
    def none(reason):
        return LittlesLaw(None, 0, None, None, None, None, None, None, None, None, (reason,))

    by_day = [day_load(log, day) for day in days_of(log, period)]
    days = [day for day in by_day if day.is_complete]
    days = days if period else settled(log, days)
    if is_closed_only(log):
        return none(LoadReason.CLOSED_ONLY)
    if not days:
        return none(LoadReason.WINDOW_TOO_SHORT)

    def within(first: date, last: date):
        start, stop = midnight(log, first), midnight(log, last + timedelta(days=1))
        ended = [case for case in timely(log) if end_of(log, case) is not None and start <= end_of(log, case) < stop]
        return (
            stop - start,
            sum(overlap(log, case, start, stop) for case in timely(log)),
            sum(start <= case.opened < stop for case in timely(log)),
            len(ended),
            sum(case.closed - case.opened for case in ended),
        )

    *_, closed, lead = within(days[0].on, days[-1].on)
    if not closed:
        return none(LoadReason.NOTHING_COMPLETED)
    batches = min(20, len(days) // max(1, math.ceil(lead / closed / DAY)))
    if batches < 5:
        return none(LoadReason.WINDOW_TOO_SHORT)
    size = len(days) // batches
    days = days[-batches * size :]
    length, time, arrivals, closed, lead = within(days[0].on, days[-1].on)
    if not closed:
        return none(LoadReason.NOTHING_COMPLETED)
    mean, rate = lead / closed, arrivals / length
    parts = []
    for first in range(0, len(days), size):
        _l, inside, came, went, lasted = within(days[first].on, days[first + size - 1].on)
        each = length / batches
        parts.append(inside / each - came / each * mean - rate * (lasted - mean * went) / each / (closed / length))
    found = interval(parts)
    growth, age = -(arrivals - closed) * mean / length, (time - lead) / length
    holds = bool(found.lower <= 0 <= found.upper)
    reasons = []
    if not holds:
        total = growth + age
        named = [
            (growth, LoadReason.QUEUE_SHRINKS if growth > 0 else LoadReason.QUEUE_GROWS),
            (age, LoadReason.BACKLOG_AGES if age > 0 else LoadReason.BACKLOG_GETS_YOUNGER),
        ]
        reasons = [name for part, name in sorted(named, key=lambda one: -abs(one[0])) if part * total > 0]
    return LittlesLaw(
        period=Period(days[0].on, days[-1].on + timedelta(days=1)),
        batches=batches,
        mean_cases=time / length,
        arrivals_per_day=rate * DAY,
        mean_seconds=mean / SECOND,
        expected_cases=rate * mean,
        difference=found,
        from_queue_growth=growth,
        from_backlog_age=age,
        holds=holds,
        reasons=tuple(reasons),
    )


def compute_open_ages(log: FlowLog) -> OpenAges:
    grouped = defaultdict(list)
    for case in timely(log):
        if end_of(log, case) is None:
            grouped[case.org_unit].append(log.extracted - case.opened)

    def age(unit, ages):
        return OpenAge(
            unit,
            len(ages),
            in_seconds(quantile(ages, 0.5)),
            in_seconds(quantile(ages, 0.9)),
            in_seconds(max(ages, default=None)),
        )

    units = [age(unit, ages) for unit, ages in grouped.items()]
    return OpenAges(
        age(None, [one for ages in grouped.values() for one in ages]),
        tuple(sorted(units, key=lambda one: (-one.open_cases, one.org_unit is None, one.org_unit or ""))),
    )


# --- flow ---


def compute_arrivals(log: FlowLog, *, period=None) -> ArrivalsAndThroughput:
    days = [day_load(log, day) for day in days_of(log, period)]
    complete = [day for day in days if day.is_complete]
    arrivals, completions = sum(day.arrivals for day in complete), sum(day.completions for day in complete)
    last = complete[-1].on + timedelta(days=1) if complete else days[0].on

    def spans(begin, following):
        grouped = defaultdict(list)
        for day in days:
            grouped[begin(day.on)].append(day)
        return tuple(
            SpanFlow(
                Period(start, following(start)),
                sum(day.arrivals for day in inside),
                sum(day.completions for day in inside),
                days[0].on <= start and following(start) <= last,
            )
            for start, inside in grouped.items()
        )

    takt = None
    if complete:
        available = (midnight(log, last) - midnight(log, complete[0].on)) / SECOND
        takt = Takt(
            Clock.CALENDAR,
            available,
            arrivals,
            completions,
            available / arrivals if arrivals else None,
            available / completions if completions else None,
        )
    opened = [moment(log, case.opened) for case in timely(log)]
    closed = [moment(log, end_of(log, case)) for case in timely(log) if end_of(log, case) is not None]
    return ArrivalsAndThroughput(
        times=compute_case_times(log),
        period=Period(complete[0].on, last) if complete else None,
        arrivals_per_day=arrivals / len(complete) if complete else None,
        completions_per_day=completions / len(complete) if complete else None,
        by_day=spans(lambda day: day, lambda day: day + timedelta(days=1)),
        by_week=spans(lambda day: day - timedelta(days=day.weekday()), lambda day: day + timedelta(days=7)),
        by_month=spans(
            lambda day: day.replace(day=1),
            lambda day: date(day.year + day.month // 12, day.month % 12 + 1, 1),
        ),
        by_hour=tuple(
            HourFlow(
                weekday,
                hour,
                sum((at.isoweekday(), at.hour) == (weekday, hour) for at in opened),
                sum((at.isoweekday(), at.hour) == (weekday, hour) for at in closed),
            )
            for weekday in range(1, 8)
            for hour in range(24)
        ),
        takt=takt,
    )


REFERENCES = {
    function.__name__: function
    for function in (
        compute_arrivals,
        compute_case_times,
        compute_lead_times,
        compute_littles_law,
        compute_open_ages,
        compute_outcome_shares,
        compute_work_in_process,
    )
}
