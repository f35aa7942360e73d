"""Approvals as tables and as JSON."""

from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.approvals.approvals import NOTES, VERDICTS, Approvals, LevelFigures
from potok.diagnose.approvals.levels import BASES
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.diagnosis.plain_results import plain_result
from potok.report.formats import format_share
from potok.report.tables import Table

SCHEMA: Final = "potok.approvals/1"


def approvals_tables(found: Approvals, *, zone: str = "UTC") -> tuple[Table, ...]:
    """Return the tables of the levels and of the levels in series."""
    return approval_levels_table(found, zone=zone), approval_series_table(found, zone=zone)


def approvals_as_json(found: Approvals) -> dict[str, Any]:
    """Return the JSON of approvals, schema ``potok.approvals/1``."""
    return {"schema": SCHEMA, **plain_result(found)}


def approval_levels_table(found: Approvals, *, zone: str = "UTC") -> Table:
    """Tabulate what each level alters, and how long it takes."""
    columns = (
        count("chain", _("Chain")),
        count("rank", _("Level")),
        text("name", _("Approval")),
        text("basis", _("Recognised")),
        count("runs", _("Decisions")),
        count("cases", _("Cases")),
        count("refused_runs", _("Refused")),
        count("returned_runs", _("Sent back")),
        count("corrected_runs", _("Corrected")),
        count("changed_runs", _("Value changed")),
        count("altered_cases", _("Cases altered")),
        share("alteration_share", _("Share of cases altered")),
        share("at_most_share", _("at most (95 %)")),
        duration("median_seconds", _("Median latency")),
        duration("p90_seconds", _("P90 of latency")),
        count("waiting_cases", _("Open cases waiting")),
        duration("pending_median_seconds", _("Median with those waiting")),
    )
    notes = (
        *(_(NOTES[note]) for note in found.notes),
        _("No alteration seen is not none: deterrence and rare events cannot be seen here."),
        _(
            "Latency runs from the completion of the activity before; open cases are taken to wait for the level that "
            "usually comes next."
        ),
    )
    return Table("approval_levels", _("Approvals"), columns, tuple(map(_level_row, found.levels)), zone, notes)


def approval_series_table(found: Approvals, *, zone: str = "UTC") -> Table:
    """Tabulate approvals that follow each other."""
    columns = (
        count("chain", _("Chain")),
        text("before", _("First")),
        text("after", _("Then")),
        count("passages", _("Times")),
        count("cases", _("Cases")),
        duration("series_seconds", _("Time in series")),
        duration("median_seconds", _("Median")),
        text("verdict", _("Does the second use the first?")),
    )
    rows = tuple(
        (
            pair.chain,
            pair.before,
            pair.after,
            pair.passages,
            pair.cases,
            pair.series_seconds,
            pair.median_seconds,
            _(VERDICTS[pair.verdict]),
        )
        for pair in found.pairs
    )
    notes = (
        _("Time in series passes between the two decisions; it is not time that deciding side by side would save."),
        _("A level counts as altering nothing if it altered at most {share} of its cases (95 %).").format(
            share=format_share(found.tolerance)
        ),
    )
    return Table("approval_series", _("Approvals in series"), columns, rows, zone, notes)


def _level_row(figures: LevelFigures) -> tuple[Any, ...]:
    alteration, pending = figures.alteration, figures.pending
    is_judged = alteration.trials > 0
    return (
        figures.chain,
        figures.rank,
        figures.level.name,
        _(BASES[figures.level.basis]),
        figures.runs,
        figures.cases,
        figures.refused_runs,
        figures.returned_runs,
        figures.corrected_runs,
        figures.changed_runs,
        alteration.events,
        alteration.share if is_judged else None,
        alteration.at_most if is_judged else None,
        figures.median_seconds,
        figures.p90_seconds,
        pending.waiting_cases if pending else None,
        pending.median.seconds if pending else None,
    )
