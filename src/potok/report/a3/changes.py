"""Proposed changes in words: what could be tried, never what it would bring."""

from potok.core.change import (
    AddStaff,
    Automate,
    Change,
    ChangeCalendar,
    ChangePriority,
    CheckByRisk,
    Merge,
    Move,
    Parallelise,
    Remove,
    Reroute,
    SwitchBatching,
)
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_share


def describe_change(change: Change) -> str:
    """Say in words what a change does, without a full stop."""
    text = _describe_flow(change) or _describe_resources(change)
    return text or f"{change.verb}"


def _describe_flow(change: Change) -> str:
    match change:
        case Remove(activity=activity):
            return _("try without {activity}").format(activity=_name(activity))
        case Merge(activities=activities, into=into):
            text = _("do in one go: {activities}").format(activities=_names(activities))
            return f"{text} ({make_visible(into)})" if into else text
        case Automate(activity=activity):
            return _("let a machine do {activity}").format(activity=_name(activity))
        case Parallelise(activities=activities):
            return _("do side by side: {activities}").format(activities=_names(activities))
        case Move(activity=activity, after=after):
            if not after:
                return _("move {activity} to another place").format(activity=_name(activity))
            return _("do {activity} after {after}").format(activity=_name(activity), after=_name(after))
        case CheckByRisk(activity=activity, share=share):
            if share is None:
                return _("do {activity} only in cases chosen by their risk").format(activity=_name(activity))
            text = _("do {activity} only in {share} of the cases, chosen by their risk")
            return text.format(activity=_name(activity), share=format_share(share))
        case _:
            return ""


def _describe_resources(change: Change) -> str:
    match change:
        case Reroute(from_unit=unit, to_unit=to_unit) if unit == to_unit:
            return _("let {unit} keep the case instead of passing it on").format(unit=_name(unit))
        case Reroute(from_unit=unit, to_unit=to_unit):
            return _("pass the case from {unit} to {to_unit}").format(unit=_name(unit), to_unit=_name(to_unit))
        case SwitchBatching(activity=activity, is_on=is_on):
            text = _("collect cases before {activity}") if is_on else _("stop collecting cases before {activity}")
            return text.format(activity=_name(activity))
        case AddStaff(count=count):
            text = ngettext("{n} person more for {place}", "{n} people more for {place}", abs(count))
            if count < 0:
                text = ngettext("{n} person fewer for {place}", "{n} people fewer for {place}", abs(count))
            return text.format(n=abs(count), place=_name(change.activity or change.pool))
        case ChangeCalendar():
            text = _("change the hours in which {place} is worked on")
            return text.format(place=_name(change.activity or change.pool))
        case ChangePriority(activity=activity, discipline=discipline):
            is_due = discipline == "earliest_due"
            text = (
                _("take the case due first at {activity}") if is_due else _("take cases in their order at {activity}")
            )
            return text.format(activity=_name(activity))
        case _:
            return ""


def _names(activities: tuple[str, ...]) -> str:
    return ", ".join(_name(activity) for activity in activities)


def _name(label: str) -> str:
    return quoted(make_visible(label) or no_name())
