"""What was read, how good it is, what was assumed, and what depends on that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from potok.core.language import current_language, mark, ngettext
from potok.core.language import gettext as _
from potok.measure.filters.record import filter_from_record
from potok.measure.filters.wording import filter_as_text
from potok.report.drawing.map_texts import count_cases
from potok.report.drawing.svg import make_visible
from potok.report.formats import compose, format_count, format_date, format_duration, format_share
from potok.report.measured import Audit
from potok.report.sections.checks import CheckLine, describe_check
from potok.report.sections.table import Table, figure_column, make_row, text_column

_SHOWN_VALUES: Final = 12
_ABSENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_start_times": mark("When work began: waiting and work cannot be told apart."),
        "no_resource": mark("Who did the work: hand-overs between people cannot be seen."),
        "no_org_unit": mark("In which department: hand-overs between departments cannot be seen."),
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known about the source: what, and its value."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something assumed when the log was read, and what depends on it."""

    title: str
    text: str
    depends: str
    is_guess: bool


@dataclass(frozen=True, slots=True)
class SourceSection:
    """What was read.

    Parameters
    ----------
    selection
        By which filter which part of a log was chosen; empty for a whole log.
    notes
        What was noticed when columns were guessed, as sentences.
    limits
        What the log does not record at all, so that nothing can be said about it.
    verdict
        One sentence about the checks.
    striking
        Checks that found a problem or something doubtful, problems first.
    remarks
        Checks that found something harmless.
    passed
        Names of checks that found nothing.
    """

    facts: tuple[Fact, ...]
    files: Table
    selection: str
    notes: tuple[str, ...]
    limits: tuple[str, ...]
    verdict: str
    striking: tuple[CheckLine, ...]
    remarks: tuple[CheckLine, ...]
    passed: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    guesses: Table | None


def make_source(audit: Audit) -> SourceSection:
    """Show what was read and its quality."""
    absent = {check["check"] for check in audit.manifest["quality"] if _is_absence(check)}
    checks = [
        (check["count"], describe_check(check)) for check in audit.manifest["quality"] if check["check"] not in absent
    ]
    found = [line for count, line in checks if count]
    striking = [line for line in found if line.severity == "problem"]
    striking += [line for line in found if line.severity == "warning"]
    return SourceSection(
        facts=tuple(_list_facts(audit)),
        files=_tabulate_files(audit.manifest),
        selection=_say_selection(audit.manifest),
        notes=tuple(audit.manifest.get("notes", {}).get(current_language(), ())),
        limits=tuple(_(text) for name, text in _ABSENCES.items() if name in absent),
        verdict=_say_verdict(len(striking)),
        striking=tuple(striking),
        remarks=tuple(line for line in found if line.severity == "info"),
        passed=tuple(line.title for count, line in checks if not count),
        assumptions=tuple(_list_assumptions(audit)),
        guesses=_tabulate_guesses(audit.manifest),
    )


def filter_text(manifest: Mapping[str, Any]) -> str:
    """Return the filter by which a log was made from another as an expression; empty for a whole log."""
    origin = manifest.get("derived_from")
    return "" if origin is None else filter_as_text(filter_from_record(origin["filter"]))


def _say_selection(manifest: Mapping[str, Any]) -> str:
    text = filter_text(manifest)
    if not text:
        return ""
    left, whole = manifest["log"]["cases"], manifest["derived_from"]["cases"]
    return _("Only cases that pass the filter “{filter}”: {left} of {whole}.").format(
        filter=make_visible(text), left=format_count(left), whole=count_cases(whole)
    )


def _is_absence(check: Mapping[str, Any]) -> bool:
    """Return whether a check says that something is recorded nowhere in the log, which is no fault of single rows."""
    return check["check"] in _ABSENCES and check["severity"] == "warning"


def _list_facts(audit: Audit) -> Iterator[Fact]:
    log, counts = audit.manifest["log"], audit.counts
    yield Fact(_("Events read"), format_count(log["events"]))
    yield Fact(_("Rows not taken"), format_count(log["rejected_rows"]))
    yield Fact(_("Executions of activities"), format_count(counts.activity_instances))
    yield Fact(_("Cases"), format_count(counts.cases))
    yield Fact(_("Of them open"), format_count(counts.open_cases))
    yield Fact(_("First event"), format_date(counts.first_us, zone=audit.zone))
    yield Fact(_("Last event"), format_date(counts.last_us, zone=audit.zone))
    yield Fact(_("Log reaches to"), format_date(log["extracted_us"], zone=audit.zone))
    free_text = audit.manifest.get("dropped_free_text", ())
    if free_text:
        yield Fact(_("Free text not stored"), make_visible(", ".join(free_text)))


def _tabulate_files(manifest: dict[str, Any]) -> Table:
    return Table(
        caption=_("Files"),
        columns=(text_column(_("File")), figure_column(_("Bytes")), text_column("SHA-256")),
        rows=tuple(
            make_row(make_visible(file["name"]), format_count(file["size_bytes"]), file["sha256"])
            for file in manifest["source"]["files"]
        ),
    )


def _say_verdict(number: int) -> str:
    if not number:
        return _("No check found anything doubtful.")
    return ngettext(
        "{n} check found something that the reader should know before trusting the figures.",
        "{n} checks found something that the reader should know before trusting the figures.",
        number,
    ).format(n=format_count(number))


def _list_assumptions(audit: Audit) -> Iterator[Assumption]:
    closing, extraction = audit.manifest["closing"], audit.manifest.get("extraction", {})
    yield _assume_closing(closing)
    yield Assumption(
        title=_("Time zone: {zone}").format(zone=audit.zone),
        text=_("Times written without an offset were read as local times of this zone."),
        depends=_("With another zone, dates near midnight and durations across a change of the clocks would shift."),
        is_guess=any(guess["role"] == "zone" for guess in audit.manifest["guesses"]),
    )
    if extraction.get("kind", "unknown") == "unknown":
        yield Assumption(
            title=_("How cases were chosen: unknown"),
            text=_("Nobody has said whether the extract holds cases opened, active or closed in its period."),
            depends=_(
                "If it holds closed cases only, long ones are missing and every duration looks shorter than it is."
            ),
            is_guess=False,
        )


def _assume_closing(closing: dict[str, Any]) -> Assumption:
    return Assumption(
        title=_("When a case is closed"),
        text=" ".join(filter(None, (_say_closing(closing), _say_silence(closing)))),
        depends=_(
            "On this depend the number of open cases, the durations of closed ones and the applicants’ time in all."
        ),
        is_guess=bool(closing["guessed"]),
    )


def _say_closing(closing: dict[str, Any]) -> str:
    values = ", ".join(
        _("“{value}”").format(value=make_visible(str(value))) for value in closing["values"][:_SHOWN_VALUES]
    )
    hidden = len(closing["values"]) - _SHOWN_VALUES
    if hidden > 0:
        values = _("{values} and {n} more").format(values=values, n=format_count(hidden))
    match closing["basis"]:
        case "all":
            return _("The extract is declared to hold closed cases only.")
        case "field":
            return _("A case is closed at the time that its closing field holds.")
        case "status":
            return _("A case is closed when its last status is one of: {values}.").format(values=values)
        case _ if not values:
            return _("No activity was found that closes cases, so every case counts as open.")
        case _:
            return _("A case is closed when its last activity is one of: {values}.").format(values=values)


def _say_silence(closing: dict[str, Any]) -> str:
    seconds = closing.get("settled_after_seconds")
    if not closing["guessed"] or not seconds:
        return ""
    template = _(
        "Potok guessed this: in cases silent for more than {time}, these activities are usually the last. "
        "A closing rule given at import replaces the guess."
    )
    return compose(template, time=format_duration(seconds))


def _tabulate_guesses(manifest: dict[str, Any]) -> Table | None:
    guesses = manifest["guesses"]
    if not guesses:
        return None
    return Table(
        caption=_("What Potok guessed about columns"),
        columns=(
            text_column(_("Role")),
            text_column(_("Column")),
            figure_column(_("Confidence")),
            text_column(_("Why")),
        ),
        rows=tuple(
            make_row(
                name_role(guess["role"]),
                make_visible(str(guess["column"])),
                _say_confidence(guess["confidence"]),
                name_reason(str(guess["reason"])),
            )
            for guess in guesses
        ),
    )


def name_role(role: str) -> str:
    """Name the role of a column; an unknown one by its code."""
    names = {
        "case_id": _("case number"),
        "activity": _("activity"),
        "completed_at": _("time of completion"),
        "started_at": _("time when work began"),
        "enabled_at": _("time when work became possible"),
        "resource": _("performer"),
        "org_unit": _("department"),
        "cost": _("cost"),
        "lifecycle": _("life-cycle transition"),
        "instance": _("activity instance"),
        "outcome": _("outcome"),
        "channel": _("channel"),
        "service": _("service"),
        "agency": _("agency"),
        "zone": _("time zone"),
        "decimal": _("decimal mark"),
        "closing": _("time of closing"),
    }
    return names.get(role, role.replace("_", " "))


def name_reason(reason: str) -> str:
    """Say why a column was given its role; an unknown reason as it is."""
    names = {
        "standard_key": _("a key of the standard"),
        "preset": _("the ready mapping says so"),
        "header": _("by its name"),
        "values": _("by its values"),
        "given": _("as you said"),
    }
    return names.get(reason, make_visible(reason.replace("_", " ")))


def _say_confidence(confidence: object) -> str:
    return format_share(confidence) if isinstance(confidence, float | int) else str(confidence)
