"""What the parts of a process map say to somebody who points at them or listens to them."""

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsNode
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_duration


def no_name() -> str:
    """Return what stands for a label that is empty."""
    return _("(no name)")


def describe_start() -> str:
    """Say what the start of the map is."""
    return _("Start: the first event of a case in the log")


def describe_end() -> str:
    """Say what the end of the map is; for an open case it is not the end of the case."""
    return _("End: the last event of a case in the log, whether the case is closed or still open")


def describe_activity(node: DirectlyFollowsNode) -> str:
    """Describe an activity: how often, in how many cases, how long."""
    text = _("“{activity}”: {executions} in {cases}").format(
        activity=_name(node.activity), executions=count_executions(node.instances), cases=count_cases(node.cases)
    )
    if node.median_processing_seconds is None:
        return text
    return text + "; " + _("median processing time {time}").format(time=format_duration(node.median_processing_seconds))


def describe_passage(edge: DirectlyFollowsEdge, *, has_start_times: bool) -> str:
    """Describe a passage between two activities: how often, how long, and what the time holds."""
    text = _("From “{activity}” to “{next_activity}”: {times} in {cases}").format(
        activity=_name(edge.activity),
        next_activity=_name(edge.next_activity),
        times=count_times(edge.count),
        cases=count_cases(edge.cases),
    )
    if edge.median_seconds is None or edge.p90_seconds is None:
        return text + "; " + _("the time between is not known")
    times = {"median": format_duration(edge.median_seconds), "p90": format_duration(edge.p90_seconds)}
    if has_start_times:
        return text + "; " + _("median wait {median}, one in ten over {p90}").format(**times)
    return text + "; " + _("median time {median}, one in ten over {p90} (waiting and work together)").format(**times)


def describe_first(node: DirectlyFollowsNode) -> str:
    """Say how many cases begin with an activity."""
    return _("{cases} begin with “{activity}”").format(cases=count_cases(node.starts), activity=_name(node.activity))


def describe_last(node: DirectlyFollowsNode) -> str:
    """Say for how many cases an activity is the last in the log."""
    return _("“{activity}” is the last event of {cases} in the log").format(
        activity=_name(node.activity), cases=count_cases(node.ends)
    )


def describe_indirect(source: str, target: str) -> str:
    """Say that only activities not shown lie between two that are."""
    return _("From “{source}” to “{target}” only through activities not shown at this level of detail").format(
        source=_name(source), target=_name(target)
    )


def count_cases(number: int) -> str:
    """Write a number of cases."""
    return ngettext("{n} case", "{n} cases", number).format(n=format_count(number))


def count_executions(number: int) -> str:
    """Write a number of activity instances."""
    return ngettext("{n} execution", "{n} executions", number).format(n=format_count(number))


def count_times(number: int) -> str:
    """Write how often something happened."""
    return ngettext("{n} time", "{n} times", number).format(n=format_count(number))


def _name(label: str) -> str:
    return make_visible(label) or no_name()
