"""Changes, figures and assumptions in words."""

from math import isfinite

from potok.core.change import (
    AddStaff,
    Automate,
    Change,
    ChangeCalendar,
    ChangeDemand,
    ChangePriority,
    ChangeSkills,
    CheckByRisk,
    Merge,
    Move,
    Parallelise,
    Remove,
    Reorder,
    Reroute,
    Split,
    SwitchBatching,
)
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.report.formats import compose, format_count, format_decimal, format_duration, format_share
from potok.simulate.experiments.estimates import Estimate
from potok.simulate.experiments.metrics import Metric, MetricName, Unit
from potok.simulate.experiments.sensitivity import Assumption, Effect
from potok.simulate.experiments.sizing import SizingVerdict

UNKNOWN = "–"
_SMALL = 10
_SMALL_SHARE = 0.01


def name_metric(metric: Metric) -> str:
    """Name a figure."""
    named = {
        MetricName.CASE_DURATION_MEAN: _("Case duration, mean"),
        MetricName.CASE_DURATION_MEDIAN: _("Case duration, median"),
        MetricName.CASE_DURATION_P90: _("Case duration, 90th percentile"),
        MetricName.WAITING_MEAN: _("Waiting in a case, mean"),
        MetricName.WAITING_MEDIAN: _("Waiting in a case, median"),
        MetricName.WAITING_P90: _("Waiting in a case, 90th percentile"),
        MetricName.SHARE_IN_TERM: _("Share within the term"),
        MetricName.CASES: _("Cases counted"),
        MetricName.THROUGHPUT: _("Cases closed a day"),
        MetricName.MEAN_OPEN_CASES: _("Open cases, mean"),
        MetricName.OPEN_AT_END: _("Open cases at the end"),
        MetricName.UNFINISHED_SHARE: _("Cases that never come to an end"),
        MetricName.STAFF_TIME_PER_CASE: _("Work of staff per case"),
        MetricName.STAFF_TIME_PER_DAY: _("Work of staff a day"),
        MetricName.COST_PER_CASE: _("Cost per case"),
        MetricName.APPLICANT_TIME_PER_CASE: _("Applicant's own time per case"),
        MetricName.UTILISATION: _("Utilisation of {subject}"),
        MetricName.OFFERED_LOAD: _("Work that comes to {subject}, of what it can do"),
        MetricName.ADVERSE_SHARE: _("Expected share of cases with {subject}"),
    }
    return named[metric.name].format(subject=quoted(metric.subject))


def write_figure(value: float, metric: Metric, *, is_difference: bool = False) -> str:
    """Write a figure in its unit; a difference with its sign, of shares in percentage points."""
    if not isfinite(value):
        return UNKNOWN
    sign = ("−" if value < 0 else "+" if value > 0 else "") if is_difference else ("−" if value < 0 else "")
    size = abs(value)
    if metric.unit is Unit.SECONDS:
        # What is under a second has no sign that matters.
        return (sign if size >= 1 else "") + format_duration(size)
    if metric.unit is Unit.SHARE:
        if is_difference:
            digits = 2 if size < _SMALL_SHARE else 1
            shown = format_decimal(100 * size, digits=digits)
            return (sign if round(100 * size, digits) else "") + _("{n} points").format(n=shown)
        return sign + format_share(size)
    if metric.name in (MetricName.CASES, MetricName.OPEN_AT_END) and size >= _SMALL:
        return sign + format_count(round(size))
    digits = 2 if size < _SMALL else 1
    return (sign if round(size, digits) else "") + format_decimal(size, digits=digits)


def write_interval(estimate: Estimate, metric: Metric, *, is_difference: bool = False) -> str:
    """Write the interval of a figure."""
    if not (isfinite(estimate.lower) and isfinite(estimate.upper)):
        return UNKNOWN
    lower, upper = (
        write_figure(value, metric, is_difference=is_difference) for value in (estimate.lower, estimate.upper)
    )
    return lower if lower == upper else _("{lower} to {upper}").format(lower=lower, upper=upper)


def describe_changes(changes: tuple[Change, ...]) -> str:
    """Say in words what a scenario changes."""
    return "; ".join(map(describe_change, changes))


def describe_change(change: Change) -> str:
    """Say in words what a change does, without a full stop."""
    match change:
        case Remove() | CheckByRisk() | Automate() | SwitchBatching():
            return _describe_work(change)
        case AddStaff() | ChangeSkills() | ChangeCalendar() | ChangePriority() | ChangeDemand():
            return _describe_conditions(change)
        case _:
            return _describe_route(change)


def _describe_work(change: Change) -> str:
    match change:
        case Remove(activity=name):
            return _("leave out {activity}").format(activity=quoted(name))
        case CheckByRisk(activity=name, share=share) if share is not None:
            return _("do {activity} in {share} of the cases").format(activity=quoted(name), share=format_share(share))
        case Automate(activity=name, duration_seconds=None):
            return _("let a machine do {activity}").format(activity=quoted(name))
        case Automate(activity=name, duration_seconds=float() | int() as seconds):
            return compose(
                _("let a machine do {activity} in {time}"), activity=quoted(name), time=format_duration(seconds)
            )
        case SwitchBatching(activity=name, is_on=True):
            return _("collect cases before {activity}").format(activity=quoted(name))
        case SwitchBatching(activity=name):
            return _("do {activity} at once instead of collecting cases").format(activity=quoted(name))
    return change.verb.value


def _describe_conditions(change: Change) -> str:
    match change:
        case AddStaff(count=count) if count >= 0:
            text = ngettext("{n} person more for {what}", "{n} people more for {what}", count)
            return text.format(n=count, what=quoted(change.pool or change.activity))
        case AddStaff(count=count):
            text = ngettext("{n} person fewer for {what}", "{n} people fewer for {what}", -count)
            return text.format(n=-count, what=quoted(change.pool or change.activity))
        case ChangeSkills(add=add, drop=drop):
            added = [_("{who} does {activities} too").format(who=quoted(_who(change)), activities=_list(add))]
            dropped = [
                _("{who} does not do {activities} any more").format(who=quoted(_who(change)), activities=_list(drop))
            ]
            return ", ".join([*(added if add else []), *(dropped if drop else [])])
        case ChangeCalendar(calendar=calendar):
            named = quoted(calendar) if calendar else _("new hours")
            return _("{calendar} for {what}").format(calendar=named, what=quoted(change.pool or change.activity))
        case ChangePriority(activity=name, discipline=discipline):
            order = {
                "fifo": _("in the order in which they come"),
                "priority": _("by priority"),
                "earliest_due": _("by their due dates"),
            }[discipline]
            if not name:
                return _("take cases {order}").format(order=order)
            return _("take cases for {activity} {order}").format(activity=quoted(name), order=order)
        case ChangeDemand(factor=factor):
            share = format_share(abs(factor - 1.0))
            text = _("{share} more cases") if factor >= 1.0 else _("{share} fewer cases")
            cases = text.format(share=share)
            if not change.case_type:
                return cases
            return _("{cases} of the type {name}").format(cases=cases, name=quoted(change.case_type))
    return change.verb.value


def _describe_route(change: Change) -> str:
    match change:
        case Merge(activities=names):
            return _("do {activities} in one go").format(activities=_list(names))
        case Split(activity=name, into=into):
            return _("split {activity} into {activities}").format(activity=quoted(name), activities=_list(into))
        case Parallelise(activities=names):
            return _("let {activities} run side by side").format(activities=_list(names))
        case Reorder(activities=names):
            return _("do {activities} in this order").format(activities=_list(names))
        case Move(activity=name, after=after):
            return _("do {activity} right after {after}").format(activity=quoted(name), after=quoted(after))
        case Reroute(to_activity=later, share=share) if later and share is not None:
            return _("let {share} of the cases go from {activity} on to {later}").format(
                share=format_share(share), activity=quoted(change.activity), later=quoted(later)
            )
        case Reroute(activity=name, to_unit=unit):
            return _("let {unit} do {activity}").format(unit=quoted(unit), activity=quoted(name))
    return change.verb.value


def _who(change: ChangeSkills) -> str:
    return change.pool or change.person


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, names))


def name_assumption(effect: Effect) -> str:
    """Say in words what was altered."""
    subject = quoted(effect.subject) if effect.subject else ""
    if effect.assumption is Assumption.DELAY_RESPONSE:
        return {
            "fixed": _("delays stay as they are whatever the load"),
            "proportional": _("delays grow with the load"),
        }[effect.amount]
    text = {
        Assumption.ARRIVAL_RATE: _("cases arriving: {amount}"),
        Assumption.DURATION: _("work on {subject}: {amount}") if subject else _("all work: {amount}"),
        Assumption.STAFF: _("people in {subject}: {amount}"),
        Assumption.AVAILABILITY: _("time that {subject} has for this work: {amount}"),
        Assumption.EXTRANEOUS_DELAY: _("delays that nobody's absence explains: {amount}"),
        Assumption.ROUTING_SHARE: _("share of {subject}: {amount}"),
    }[effect.assumption]
    return text.format(subject=subject, amount=effect.amount.replace("-", "−"))


def describe_verdict(verdict: SizingVerdict) -> str:
    """Say what a search for the least number of people found."""
    return {
        SizingVerdict.FOUND: _("The least number of people was found."),
        SizingVerdict.STAFF_DOES_NOT_HELP: _(
            "More people in this pool do not bring the share to the target: what is late is late for other reasons."
        ),
        SizingVerdict.TOO_MANY: _("No number of people up to a thousand brings the share to the target."),
    }[verdict]
