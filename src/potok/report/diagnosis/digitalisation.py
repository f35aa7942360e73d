"""Digitalisation as tables and as JSON."""

from collections.abc import Sequence
from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.digitalisation.automation import AutomationCandidate
from potok.diagnose.digitalisation.batch_registration import REFUSALS, BatchRegistration
from potok.diagnose.digitalisation.index import Digitalisation
from potok.diagnose.digitalisation.single_entry import SingleEntry
from potok.diagnose.digitalisation.steps import BASES
from potok.diagnose.digitalisation.words import Medium
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.diagnosis.plain_results import plain_result
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of

SCHEMA: Final = "potok.digitalisation/1"


def digitalisation_tables(
    found: Digitalisation,
    *,
    candidates: Sequence[AutomationCandidate],
    entries: SingleEntry,
    batches: BatchRegistration,
    zone: str = "UTC",
) -> tuple[Table, ...]:
    """Return the tables of the index, of media by activity, and of what could be automated or entered once."""
    return (
        digitalisation_table(found, zone=zone),
        media_table(found, zone=zone),
        step_media_table(found, zone=zone),
        automation_table(candidates, zone=zone),
        single_entry_table(entries, zone=zone),
        batch_registration_table(batches, zone=zone),
    )


def digitalisation_as_json(
    found: Digitalisation,
    *,
    candidates: Sequence[AutomationCandidate],
    entries: SingleEntry,
    batches: BatchRegistration,
) -> dict[str, Any]:
    """Return the JSON of digitalisation, schema ``potok.digitalisation/1``."""
    return {
        "schema": SCHEMA,
        "digitalisation": plain_result(found),
        "automation_candidates": plain_result(list(candidates)),
        "single_entry": plain_result(entries),
        "batch_registration": plain_result(batches),
    }


def digitalisation_table(found: Digitalisation, *, zone: str = "UTC") -> Table:
    """Tabulate the digitalisation index."""
    columns = (
        number("index", _("Digitalisation index (0–1)")),
        number("lower_index", _("at least")),
        number("upper_index", _("at most")),
        share("known_share", _("Steps of known medium")),
        count("cases", _("Cases")),
        count("digital_cases", _("Cases digital throughout")),
    )
    notes = [
        _(
            "The mean over cases of the share of their steps that are automatic or electronic; bounds take every "
            "step of unknown medium for paper, or for electronic."
        )
    ]
    if found.index is None:
        notes.append(_("The medium of less than half of the steps is known, so that the index cannot be told."))
    return Table("digitalisation", _("Digitalisation"), columns, rows_of([found], columns), zone, tuple(notes))


def media_table(found: Digitalisation, *, zone: str = "UTC") -> Table:
    """Tabulate the share of each medium."""
    columns = (
        text("medium", _("Medium")),
        count("instances", _("Steps")),
        share("instance_share", _("Share of steps")),
        count("cases", _("Cases with any")),
        share("case_share", _("Share of cases")),
    )
    rows = tuple((name_medium(row[0]), *row[1:]) for row in rows_of(found.media, columns))
    return Table("media", _("Steps by medium"), columns, rows, zone)


def step_media_table(found: Digitalisation, *, zone: str = "UTC") -> Table:
    """Tabulate by which medium each activity is done."""
    columns = (
        text("activity", _("Activity")),
        text("medium", _("Medium")),
        text("basis", _("Recognised")),
        count("instances", _("Executions")),
        count("system_instances", _("by a machine")),
        share("night_share", _("at night")),
        share("instant_share", _("within a second")),
        duration("median_seconds", _("Median processing")),
        duration("staff_seconds", _("Time of staff")),
    )
    rows = tuple((row[0], name_medium(row[1]), _(BASES[row[2]]), *row[3:]) for row in rows_of(found.steps, columns))
    return Table("step_media", _("Medium of each activity"), columns, rows, zone)


def automation_table(candidates: Sequence[AutomationCandidate], *, zone: str = "UTC") -> Table:
    """Tabulate what a machine could perhaps do."""
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        count("cases", _("Cases")),
        text("next_activity", _("Mostly followed by")),
        share("next_share", _("Share of its passages")),
        _flag("is_short", _("Short")),
        _flag("is_even", _("Even")),
        duration("median_seconds", _("Median processing")),
        duration("staff_seconds", _("Time of staff")),
        duration("waiting_seconds", _("Waiting before it")),
    )
    notes = (
        _(
            "Done often, by people, nearly always followed by the same: whether a rule could do it must be examined on "
            "the step itself."
        ),
        _("Hours are those spent, not those that a machine would save."),
    )
    title = _("Candidates for automation")
    return Table("automation_candidates", title, columns, rows_of(candidates, columns), zone, notes)


def single_entry_table(found: SingleEntry, *, zone: str = "UTC") -> Table:
    """Tabulate what is entered or asked for again."""
    columns = (
        text("attribute", _("Attribute")),
        text("activity", _("Activity")),
        _flag("is_request", _("Asks for papers")),
        count("later_entries", _("Later entries")),
        count("same_entries", _("with the same value")),
        share("same_share", _("Share")),
        count("cases", _("Cases")),
        duration("staff_seconds", _("Time of staff in these steps")),
    )
    notes = (_("The log does not say whether a value was typed again or copied by the system."),)
    title = _("Candidates for single entry")
    return Table("single_entry", title, columns, rows_of(found.entries, columns), zone, notes)


def batch_registration_table(found: BatchRegistration, *, zone: str = "UTC") -> Table:
    """Tabulate which cases are registered by the batch."""
    columns = (
        text("activity", _("Activity")),
        count("cases", _("Cases")),
        count("batches", _("Batches")),
        count("batched_cases", _("Cases in batches")),
        count("largest_batch", _("Largest batch")),
    )
    notes = [
        _(
            "Five cases or more, registered by the same performer within the same minute. What applications waited "
            "before is not in the log."
        )
    ]
    if found.refusal:
        notes.append(_("It cannot be told: {reason}").format(reason=_(REFUSALS[found.refusal])))
    title = _("Registration by the batch")
    return Table("batch_registration", title, columns, rows_of(found.activities, columns), zone, tuple(notes))


def name_medium(medium: Medium) -> str:
    """Name a medium."""
    return {
        Medium.AUTOMATIC: _("automatic"),
        Medium.DIGITAL: _("electronic"),
        Medium.COUNTER: _("at a counter or by telephone"),
        Medium.PAPER: _("paper"),
        Medium.UNKNOWN: _("not known"),
    }[medium]


def _flag(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.FLAG)
