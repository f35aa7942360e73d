"""Where an audit's figures come from and what they mean, as tables for its workbook."""

from collections.abc import Iterator

from potok.core.language import gettext as _
from potok.report.catalogue.entry import text
from potok.report.formats import format_count, format_instant
from potok.report.measured import Audit
from potok.report.sections.source import filter_text
from potok.report.tables import Table


def source_table(audit: Audit) -> Table:
    """Tabulate what an auditor needs to compute the figures again: files and hashes, zone, filter, version."""
    columns = (text("property", _("What")), text("value", _("Value")))
    return Table("source", _("Source"), columns, tuple(_list_origins(audit)), audit.zone)


def _list_origins(audit: Audit) -> Iterator[tuple[str, str]]:
    manifest = audit.manifest
    for file in manifest["source"]["files"]:
        yield _("File"), file["name"]
        yield _("SHA-256 of the file"), file["sha256"]
    yield _("Hash of the log’s content"), manifest["content_sha256"]
    yield _("Version of Potok"), manifest["potok_version"]
    yield _("Time zone"), audit.zone
    yield _("First event"), format_instant(audit.counts.first_us, zone=audit.zone)
    yield _("Last event"), format_instant(audit.counts.last_us, zone=audit.zone)
    yield _("Log reaches to"), format_instant(manifest["log"]["extracted_us"], zone=audit.zone)
    yield _("Events read"), format_count(manifest["log"]["events"])
    yield _("Rows not taken"), format_count(manifest["log"]["rejected_rows"])
    yield _("Filter"), filter_text(manifest) or _("none: all cases")
    calendar = audit.times.calendar
    yield _("Working calendar"), calendar.name if calendar else _("none: calendar time only")
    yield _("Regulation"), audit.terms.regulation.service if audit.terms else _("none")


def definitions_table(audit: Audit) -> Table:
    """Tabulate what the words in the headings mean."""
    columns = (text("term", _("Word")), text("definition", _("Meaning")))
    notes = (_("Durations are days as decimal numbers."),)
    return Table("definitions", _("Definitions"), columns, tuple(_list_definitions()), audit.zone, notes)


def _list_definitions() -> Iterator[tuple[str, str]]:
    yield (
        _("Time of applicants"),
        _("time for which cases are open; each moment of a case counts in one finding at most"),
    )
    yield _("Time of staff"), _("time for which somebody works; another ledger, never added to the time of applicants")
    yield (
        _("Time concerned"),
        _("time of the cases that a finding beyond the ledger touches; it may overlap with others"),
    )
    yield _("Share of all lead time"), _("time of applicants in the finding over that of all cases of the log")
    yield _("Lead time"), _("from the opening of a case to its closing, or to where the log ends for open cases")
    yield _("Waiting time"), _("from when an activity could have been begun to when it was begun")
    yield _("Processing time"), _("from when an activity was begun to when it was completed")
    yield _("Sojourn time"), _("waiting and processing together")
    yield _("Rework"), _("an activity executed again in the same case")
    yield _("Hand-over"), _("work passes from one employee or department to another")
    yield _("Work in process"), _("cases open at an instant")
    yield _("First-time-through"), _("share of closed cases without a return")
    yield _("Median"), _("half of the values are no greater")
    yield _("Ninth decile"), _("nine tenths of the values are no greater")
    yield _("Interval"), _("holds the true value in 95 of 100 such logs, unless the heading gives another share")
    yield _("Kind of waste"), _("one of the wastes of GOST R 56908")
    yield _("Rests on"), _("whether a finding was measured or estimated, and what was assumed")
    yield _("ID"), _("name by which potok cases SOURCE --finding ID lists all cases of a finding")
