"""The first lines: what was looked at, how long it takes, where most of the time goes."""

from dataclasses import dataclass

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.drawing.map_texts import count_cases
from potok.report.finding_words import describe_finding
from potok.report.formats import compose, format_count, format_date, format_duration, format_hours, format_share
from potok.report.measured import Audit


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure to be seen at once: what, how much, and a word about it."""

    title: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The beginning of the report."""

    title: str
    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]


def make_headline(audit: Audit) -> Headline:
    """Say in a few sentences what the audit shows."""
    names = [file["name"] for file in audit.manifest["source"]["files"]]
    return Headline(
        title=_("Process audit: {source}").format(source=", ".join(names)),
        sentences=tuple(filter(None, (_say_extent(audit), _say_duration(audit), _say_worst(audit)))),
        figures=_make_figures(audit),
    )


def _say_extent(audit: Audit) -> str:
    counts = audit.counts
    if not counts.cases:
        return _("The log holds no case.")
    extent = _("The log holds {cases} from {first} to {last}.").format(
        cases=count_cases(counts.cases),
        first=format_date(counts.first_us, zone=audit.zone),
        last=format_date(counts.last_us, zone=audit.zone),
    )
    if not counts.open_cases:
        return extent + " " + _("All of them are closed.")
    still_open = ngettext("{n} case is still open.", "{n} cases are still open.", counts.open_cases)
    return extent + " " + still_open.format(n=format_count(counts.open_cases))


def _say_duration(audit: Audit) -> str:
    durations = audit.durations
    if not audit.counts.cases:
        return ""
    if durations.median_seconds is None or durations.p90_seconds is None:
        return _("No case is closed by the rule in force, so how long a case takes cannot be told yet.")
    return compose(
        _("Half of the closed cases took no longer than {median}, one in ten longer than {p90}."),
        median=format_duration(durations.median_seconds),
        p90=format_duration(durations.p90_seconds),
    )


def _say_worst(audit: Audit) -> str:
    if not audit.findings:
        return ""
    worst = audit.findings[0].finding
    return _(
        "The largest single part of the applicants’ time: {place} – {hours} in {cases}, "
        "{share} of the time all cases were open."
    ).format(
        place=describe_finding(worst, has_start_times=audit.graph.has_start_times),
        hours=format_hours(worst.applicant_seconds),
        cases=count_cases(worst.cases),
        share=format_share(worst.lead_time_share),
    )


def _make_figures(audit: Audit) -> tuple[KeyFigure, ...]:
    counts, durations = audit.counts, audit.durations
    return (
        KeyFigure(_("Cases"), format_count(counts.cases), _say_open_share(audit)),
        _duration_figure(_("Median duration"), durations.median_seconds),
        _duration_figure(_("Nine in ten within"), durations.p90_seconds),
        KeyFigure(
            _("Activities"),
            format_count(counts.activities),
            ngettext("executed {n} time", "executed {n} times", counts.activity_instances).format(
                n=format_count(counts.activity_instances)
            ),
        ),
        KeyFigure(_("Variants"), format_count(counts.variants), _("different sequences of activities")),
        KeyFigure(_("Applicants’ time"), format_hours(durations.total_seconds), _("all cases together, while open")),
    )


def _say_open_share(audit: Audit) -> str:
    counts = audit.counts
    if not counts.cases:
        return ""
    if not counts.open_cases:
        return _("all closed")
    return _("{n} open ({share})").format(
        n=format_count(counts.open_cases), share=format_share(counts.open_cases / counts.cases)
    )


def _duration_figure(title: str, seconds: float | None) -> KeyFigure:
    if seconds is None:
        return KeyFigure(title, "–", _("no closed case"))
    return KeyFigure(title, format_duration(seconds), _("closed cases, calendar time"))
