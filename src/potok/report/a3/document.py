"""What stands on an A3, whatever it is written as: seven parts, of which people fill in what no log can know."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from potok.core.finding import Finding
from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.drawing.map_texts import count_cases
from potok.report.drawing.svg import make_visible
from potok.report.finding_words import describe_change, name_confidence
from potok.report.formats import compose, format_count, format_date, instant_of
from potok.report.measured import Audit
from potok.report.sections.value_stream import StreamSection, make_value_stream
from potok.report.sections.value_stream_facts import StreamFact
from potok.report.sections.value_stream_problems import StreamProblem

MOST_CAUSES: Final = 6
MOST_CHANGES: Final = 6
PICTURE_CELLS: Final = 6
LONGEST_TEXT: Final = 170
_LONGEST_FIELD: Final = 140
_LONGEST_NOTE: Final = 260


@dataclass(frozen=True, slots=True)
class A3Table:
    """A table to be filled in: headings, and rows of cells, of which most are empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class A3Item:
    """A numbered item: its number on the map, what it is, and what it rests on."""

    number: str
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class A3Document:
    """An A3.

    Parameters
    ----------
    title
        Heading of the sheet.
    fields
        Title block: name and value; what is empty is left as a line.
    headings
        Of the seven parts, in order.
    background
        Sentences, and lines to be filled in (empty texts).
    facts
        Name and value of the figures of the current state.
    picture, picture_text
        The value-stream map, empty if there is none; and what to say instead of it or about it.
    goal, plan, results
        Tables to be filled in.
    causes, changes
        The first problems with what they rest on, and what could be tried against them.
    causes_note, changes_note
        What must be read with them.
    footer
        Source and content hash.
    known_on
        The day until which the log knows the process, for the file's properties.
    """

    title: str
    fields: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    background: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    picture: Markup
    picture_text: str
    goal: A3Table
    causes: tuple[A3Item, ...]
    causes_note: str
    changes: tuple[A3Item, ...]
    changes_note: str
    plan: A3Table
    results: A3Table
    footer: str
    known_on: date


def make_a3(audit: Audit) -> A3Document:
    """Put an audit on one sheet, in the current language."""
    stream = make_value_stream(audit, has_links=False, most_cells=PICTURE_CELLS)
    problems = stream.problems if stream else ()
    facts = stream.facts if stream else ()
    return A3Document(
        title=_("A3: {process}").format(process=_shorten(audit.head.process, _LONGEST_FIELD) or _source(audit)),
        fields=_make_fields(audit),
        headings=(
            _("1. Background"),
            _("2. Current state"),
            _("3. Goal"),
            _("4. Causes"),
            _("5. Proposed changes"),
            _("6. Plan"),
            _("7. Results and follow-up"),
        ),
        background=_make_background(audit),
        facts=tuple((fact.title, _shorten(_say_fact(fact), LONGEST_TEXT)) for fact in facts),
        picture=stream.picture if stream else Markup(""),
        picture_text=_say_picture(stream),
        goal=_make_goal(facts),
        causes=tuple(_make_cause(problem) for problem in problems[:MOST_CAUSES]),
        causes_note=_say_causes(problems),
        changes=_make_changes(problems),
        changes_note=_say_changes(problems),
        plan=_make_plan(),
        results=_make_results(facts),
        footer=_say_source(audit),
        known_on=instant_of(audit.manifest["log"]["extracted_us"], zone=audit.zone).date(),
    )


def _shorten(text: str, most: int) -> str:
    visible = " ".join(make_visible(text).split())
    return visible if len(visible) <= most else visible[: most - 1].rstrip() + "…"


def _source(audit: Audit) -> str:
    names = [file["name"] for file in audit.manifest["source"]["files"]]
    return _shorten(", ".join(names), _LONGEST_FIELD)


def _make_fields(audit: Audit) -> tuple[tuple[str, str], ...]:
    head, counts = audit.head, audit.counts
    period = ""
    if counts.cases:
        period = f"{format_date(counts.first_us, zone=audit.zone)} – {format_date(counts.last_us, zone=audit.zone)}"
    fields = (
        (_("Organisation"), head.organisation),
        (_("Process"), head.process),
        (_("Owner of the flow"), head.owner),
        (_("Author"), head.author),
        (_("Date"), head.on),
        (_("Period of the data"), period),
    )
    return tuple((name, _shorten(value, _LONGEST_FIELD)) for name, value in fields)


def _make_background(audit: Audit) -> tuple[str, ...]:
    counts = audit.counts
    sentences = [
        _("{cases} in the log, of which {closed} are closed and {open} open at the extraction.").format(
            cases=count_cases(counts.cases),
            closed=format_count(counts.cases - counts.open_cases),
            open=format_count(counts.open_cases),
        )
    ]
    if audit.terms and (kept := [term for term in audit.terms.compliance if term.late]):
        worst = max(kept, key=lambda term: term.late)
        sentences.append(
            compose(
                _("The term “{term}” was missed in {late}."),
                term=make_visible(worst.term),
                late=count_cases(worst.late),
            )
        )
    sentences.append(_("Why this process, and for whom (fill in):"))
    return (*sentences, "", "")


def _say_fact(fact: StreamFact) -> str:
    return fact.value


def _say_picture(stream: StreamSection | None) -> str:
    if stream is None or stream.failure:
        return stream.failure if stream else _("The audit was made without a value-stream map.")
    return _("Means over closed cases; they add up. Minimum–median–maximum beside them do not and are not to be added.")


def _make_goal(facts: tuple[StreamFact, ...]) -> A3Table:
    columns = (_("Indicator"), _("Current"), _("Goal, date"), _("Ideal, date"))
    return A3Table(columns, tuple((title, value, "", "") for title, value in _indicators(facts)))


def _indicators(facts: tuple[StreamFact, ...]) -> list[tuple[str, str]]:
    """Return the figures that a goal may be set for, and a line for one of one's own."""
    wanted = (_("Lead time (LT), mean"), _("Flow efficiency (VT / LT)"), _("Stock, counted"), _("First time through"))
    known = {fact.title: fact.value for fact in facts}
    return [*((title, known[title]) for title in wanted if title in known), ("", "")]


def _make_cause(problem: StreamProblem) -> A3Item:
    finding = problem.audited.finding
    note = f"{problem.extent}. {_say_confidence(finding)}"
    return A3Item(str(problem.number), _shorten(problem.title, LONGEST_TEXT), _shorten(note, _LONGEST_NOTE))


def _say_confidence(finding: Finding) -> str:
    said = _capital(name_confidence(finding.confidence)) + "."
    return f"{said} {_(finding.assumption)}" if finding.assumption else said


def _say_causes(problems: tuple[StreamProblem, ...]) -> str:
    left = len(problems) - MOST_CAUSES
    if not problems:
        return _("No place was found in which cases lose time.")
    text = _("Hours are those that applicants spent there, not hours that could be saved. Why it is so (fill in):")
    if left > 0:
        more = ngettext("{n} more problem is in the report.", "{n} more problems are in the report.", left)
        return more.format(n=format_count(left)) + " " + text
    return text


def _make_changes(problems: tuple[StreamProblem, ...]) -> tuple[A3Item, ...]:
    items = [
        A3Item(str(problem.number), _shorten(_capital(describe_change(change)), LONGEST_TEXT), _say_reason(problem))
        for problem in problems
        for change in problem.audited.finding.changes
    ]
    return tuple(items[:MOST_CHANGES])


def _say_reason(problem: StreamProblem) -> str:
    """Name the problem that a change is for, where it is not among the causes shown beside it."""
    return _shorten(problem.title, LONGEST_TEXT) if problem.number > MOST_CAUSES else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _say_changes(problems: tuple[StreamProblem, ...]) -> str:
    if any(problem.audited.finding.changes for problem in problems):
        return _(
            "To be examined, each with its problem's number. What it would bring, only a simulation or a trial tells."
        )
    return _("The log suggests none by itself. Fill in, with the number of the problem:")


def _make_plan() -> A3Table:
    columns = (_("Stage"), _("Action"), _("Responsible"), _("From – to"))
    stages = (
        _("Opening and preparation"),
        _("Diagnosis and target state"),
        _("Implementation"),
        _("Consolidation and closing"),
    )
    return A3Table(columns, tuple((stage, "", "", "") for stage in stages))


def _make_results(facts: tuple[StreamFact, ...]) -> A3Table:
    columns = (_("Indicator"), _("Before"), _("After 3 months"), _("After 6 months"), _("After 12 months"))
    return A3Table(columns, tuple((title, value, "", "", "") for title, value in _indicators(facts)))


def _say_source(audit: Audit) -> str:
    manifest = audit.manifest
    return _("Source: {source}. Content hash of the log: {hash}. Made by Potok {version}.").format(
        source=_source(audit), hash=manifest["content_sha256"], version=manifest["potok_version"]
    )
