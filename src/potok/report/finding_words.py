"""Findings in words: what was found, where, on what it rests and what could be tried."""

from dataclasses import fields
from datetime import date

from potok.core.change import Change, ChangeVerb
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import gettext as _
from potok.diagnose.drift.result import Aspect
from potok.report.diagnosis.comparison import fact_text
from potok.report.diagnosis.drift import aspect_text
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_day


def describe_finding(finding: Finding, *, has_start_times: bool) -> str:
    """Say in words what was found and where, without a full stop."""
    sentence = _sentence(finding.kind, finding.where, has_start_times=has_start_times)
    return sentence.format(**_names(finding.kind, finding.where))


def _names(kind: FindingKind, place: Place) -> dict[str, str]:
    named = {field.name: _name(getattr(place, field.name)) for field in fields(place)}
    # An activity, a rule or a group may carry the finding: the first that is named stands for all.
    by, _sign, value = place.group.partition("=")
    subject = place.rule or value.removeprefix("attr:") or place.group or place.activity or place.org_unit
    ends = {"from_holder": _name(place.org_unit or place.resource)}
    ends["to_holder"] = _name(place.next_org_unit or place.next_resource)
    said = aspect_text(Aspect(place.rule)) if kind is FindingKind.DRIFT else _name(subject)
    return {**named, **ends, "by": fact_text(by), "subject": said, "since": _day_text(place.since)}


def _day_text(day: str) -> str:
    return format_day(date.fromisoformat(day)) if day else ""


def _sentence(kind: FindingKind, place: Place, *, has_start_times: bool) -> str:
    if kind is FindingKind.LONG_WAIT and not has_start_times:
        return _("between “{activity}” and “{next_activity}”")
    if kind is FindingKind.APPROVAL and place.next_activity:
        return _("approvals “{activity}” and “{next_activity}” run one after the other")
    if kind is FindingKind.GROWING_QUEUE and not place.activity:
        return _("ever more cases are open")
    return {
        FindingKind.LONG_WAIT: _("waiting between “{activity}” and “{next_activity}”"),
        FindingKind.BATCHING: _("“{activity}” waits until a batch is full"),
        FindingKind.CONTENTION: _("“{activity}” waits while those who do it work on what came before"),
        FindingKind.PRIORITISATION: _("“{activity}” waits while what came later is done first"),
        FindingKind.UNAVAILABILITY: _("“{activity}” waits while those who do it are off duty"),
        FindingKind.REWORK: _("before “{activity}” is done again"),
        FindingKind.HAND_OVER: _("when “{org_unit}” hands over to “{next_org_unit}”"),
        FindingKind.LATE: _("beyond the term “{term}”"),
        FindingKind.EXTRANEOUS_DELAY: _("“{activity}” is delayed although someone was free to do it"),
        FindingKind.RETURN_LOOP: _("from “{activity}” back to “{next_activity}”"),
        FindingKind.PING_PONG: _("back and forth between “{from_holder}” and “{to_holder}”"),
        FindingKind.SILO: _("waits are longer when “{from_holder}” passes to “{to_holder}” than inside"),
        FindingKind.APPROVAL: _("approval “{activity}” seldom alters anything"),
        FindingKind.DEVIATION: _("against the rule “{subject}”"),
        FindingKind.REPEATED_REQUEST: _("asked for again: “{subject}”"),
        FindingKind.SUPERFLUOUS: _("“{activity}”: to be examined whether it is needed"),
        FindingKind.DRIFT: _("changed on {since}: {subject}"),
        FindingKind.DIFFERENCE: _("{by} “{subject}”: longer than others on such cases"),
        FindingKind.AUTOMATION: _("“{activity}” could be done by a machine"),
        FindingKind.SINGLE_ENTRY: _("“{subject}” is entered more than once"),
        FindingKind.BATCH_REGISTRATION: _("“{activity}” is registered for many cases at once"),
        FindingKind.LATE_START: _("nothing is done in the first half of the term “{term}”"),
        FindingKind.GROWING_QUEUE: _("ever more cases stay after “{activity}”"),
    }[kind]


def name_kind(kind: FindingKind) -> str:
    """Name a kind of finding."""
    return {
        FindingKind.LONG_WAIT: _("Long wait"),
        FindingKind.BATCHING: _("Collected into batches"),
        FindingKind.CONTENTION: _("Queue for people"),
        FindingKind.PRIORITISATION: _("Others go first"),
        FindingKind.UNAVAILABILITY: _("Off duty"),
        FindingKind.REWORK: _("Rework"),
        FindingKind.HAND_OVER: _("Hand-over"),
        FindingKind.LATE: _("Late"),
        FindingKind.EXTRANEOUS_DELAY: _("Extraneous delay"),
        FindingKind.RETURN_LOOP: _("Return"),
        FindingKind.PING_PONG: _("Ping-pong"),
        FindingKind.SILO: _("Silo"),
        FindingKind.APPROVAL: _("Approval"),
        FindingKind.DEVIATION: _("Deviation from the rules"),
        FindingKind.REPEATED_REQUEST: _("Repeated request"),
        FindingKind.SUPERFLUOUS: _("Step to examine"),
        FindingKind.DRIFT: _("Change of the process"),
        FindingKind.DIFFERENCE: _("Difference"),
        FindingKind.AUTOMATION: _("Work for a machine"),
        FindingKind.SINGLE_ENTRY: _("Entered again"),
        FindingKind.BATCH_REGISTRATION: _("Registered in heaps"),
        FindingKind.LATE_START: _("Late start"),
        FindingKind.GROWING_QUEUE: _("Growing queue"),
    }[kind]


def name_waste(waste: Waste) -> str:
    """Name a waste as GOST R 56908 does."""
    return {
        Waste.OVERPRODUCTION: _("overproduction"),
        Waste.INVENTORY: _("excess work in process"),
        Waste.TRANSPORT: _("transport"),
        Waste.WAITING: _("waiting"),
        Waste.OVERPROCESSING: _("overprocessing"),
        Waste.MOTION: _("motion"),
        Waste.DEFECTS: _("defects"),
        Waste.TALENT: _("unused talent"),
    }[waste]


def name_confidence(confidence: Confidence) -> str:
    """Say on what a finding rests."""
    return {
        Confidence.COUNTED: _("counted in the log"),
        Confidence.INFERRED: _("inferred from the log"),
        Confidence.SUPPOSED: _("supposed from names, to be looked at"),
    }[confidence]


def describe_change(change: Change) -> str:
    """Say in words what could be tried, without a full stop."""
    record = change.as_record()
    names = {"activity": "", "after": "", "from_unit": "", "to_unit": "", "pool": "", **record}
    names["activities"] = ", ".join(f"“{label}”" for label in record.get("activities", ()))
    return {
        ChangeVerb.REMOVE: _("try without “{activity}”"),
        ChangeVerb.MERGE: _("merge {activities}"),
        ChangeVerb.AUTOMATE: _("let a machine do “{activity}”"),
        ChangeVerb.PARALLELISE: _("run {activities} side by side"),
        ChangeVerb.MOVE: _("move “{activity}”"),
        ChangeVerb.CHECK_BY_RISK: _("do “{activity}” by risk, not in every case"),
        ChangeVerb.REROUTE: _("let “{from_unit}” see its cases through"),
        ChangeVerb.BATCHING: _("do “{activity}” at once instead of collecting cases"),
        ChangeVerb.STAFF: _("put more people on “{activity}{pool}”"),
        ChangeVerb.CALENDAR: _("change the hours in which “{activity}{pool}” is done"),
        ChangeVerb.PRIORITY: _("take cases for “{activity}” in the order in which they come"),
    }[change.verb].format(**names)


def _name(label: str) -> str:
    return make_visible(label) or no_name()
