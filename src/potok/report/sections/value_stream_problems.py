"""The numbered problems of a value-stream map: findings, each at its step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.finding import Place
from potok.core.language import gettext as _
from potok.measure.value_stream import ValueStream
from potok.report.drawing.map_texts import count_cases
from potok.report.finding_words import describe_finding, name_kind
from potok.report.formats import compose, format_hours, format_share
from potok.report.measured import Audit, AuditFinding

MOST_OF_LEDGER: Final = 8
MOST_FURTHER: Final = 4


@dataclass(frozen=True, slots=True)
class StreamProblem:
    """A problem on the map.

    Parameters
    ----------
    number
        From 1, without gaps.
    step
        Position of its step; None where it belongs to the flow as a whole.
    title, kind
        What, in words, and its kind.
    extent
        Hours, cases and share.
    audited
        The finding itself, with its id and its cases.
    """

    number: int
    step: int | None
    title: str
    kind: str
    extent: str
    audited: AuditFinding


def number_problems(audit: Audit, stream: ValueStream) -> tuple[StreamProblem, ...]:
    """Return the first findings of an audit with their numbers, each at its step.

    Those of the applicants' ledger come first, by their time; then those that claim no time of it.
    """
    shown = (*audit.findings[:MOST_OF_LEDGER], *audit.further[:MOST_FURTHER])
    return tuple(_make_problem(audit, stream, audited, number) for number, audited in enumerate(shown, start=1))


def problems_at(problems: Sequence[StreamProblem], step: int | None) -> tuple[int, ...]:
    """Return the numbers of the problems at a step, or of those that belong to the flow as a whole."""
    return tuple(problem.number for problem in problems if problem.step == step)


def _make_problem(audit: Audit, stream: ValueStream, audited: AuditFinding, number: int) -> StreamProblem:
    finding = audited.finding
    title = describe_finding(finding, has_start_times=audit.graph.has_start_times)
    return StreamProblem(
        number=number,
        step=find_step(finding.where, stream),
        title=title[:1].upper() + title[1:],
        kind=name_kind(finding.kind),
        extent=_say_extent(audited),
        audited=audited,
    )


def _say_extent(audited: AuditFinding) -> str:
    finding = audited.finding
    cases = count_cases(finding.cases)
    if finding.applicant_seconds:
        return compose(
            _("{hours} in {cases}, {share} of the time all cases were open"),
            hours=format_hours(finding.applicant_seconds),
            cases=cases,
            share=format_share(finding.lead_time_share),
        )
    if finding.affected_seconds:
        return compose(
            _("{hours} concerned in {cases}; they overlap with other problems"),
            hours=format_hours(finding.affected_seconds),
            cases=cases,
        )
    return cases


def find_step(place: Place, stream: ValueStream) -> int | None:
    """Return the position of the step at which a finding lies; None if it lies at no single one.

    A passage between two activities lies at the second, before which cases wait; a boundary between departments at the
    step that comes after it for most of the time.
    """
    for activity in filter(None, (place.next_activity, place.activity)):
        for number, step in enumerate(stream.steps):
            if activity in step.activities:
                return number
    if place.next_org_unit:
        units = (place.org_unit, place.next_org_unit)
        for boundary in stream.boundaries:
            if (boundary.org_unit, boundary.next_org_unit) == units:
                return boundary.step
    return None
