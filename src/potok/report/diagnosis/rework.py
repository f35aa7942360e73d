"""Return loops, reasons of returns and ping-pong as tables and as JSON."""

from collections.abc import Sequence
from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.rework.ping_pong import PingPong
from potok.diagnose.rework.return_loops import Reach, ReturnLoops
from potok.diagnose.rework.return_reasons import ReturnReasons
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.diagnosis.plain_results import plain_result
from potok.report.formats import compose, format_count, format_hours, format_share
from potok.report.tables import Table
from potok.report.tables.model import rows_of

SCHEMA: Final = "potok.rework/1"
MOST_ROWS: Final = 100


def rework_tables(
    loops: ReturnLoops,
    *,
    reasons: Sequence[ReturnReasons] = (),
    ping_pong: Sequence[PingPong] = (),
    zone: str = "UTC",
) -> tuple[Table, ...]:
    """Return tables of loops, of reasons by each way of telling them, and of ping-pong by each kind of holder."""
    return (
        return_loops_table(loops, zone=zone),
        *(return_reasons_table(found, zone=zone) for found in reasons),
        *(ping_pong_table(found, zone=zone) for found in ping_pong),
    )


def rework_as_json(
    loops: ReturnLoops, *, reasons: Sequence[ReturnReasons] = (), ping_pong: Sequence[PingPong] = ()
) -> dict[str, Any]:
    """Return the JSON of return loops, schema ``potok.rework/1``."""
    return {
        "schema": SCHEMA,
        "loops": plain_result(loops),
        "reasons": plain_result(list(reasons)),
        "ping_pong": plain_result(list(ping_pong)),
    }


def return_loops_table(found: ReturnLoops, *, zone: str = "UTC") -> Table:
    """Tabulate from where cases go back to where."""
    columns = (
        text("source", _("From")),
        text("target", _("Back to")),
        text("reach", _("Kind")),
        count("returns", _("Times")),
        count("cases", _("Cases")),
        duration("loop_seconds", _("Time in the loop")),
        duration("median_seconds", _("Median time in the loop")),
        duration("staff_seconds", _("Work done again")),
    )
    rows = tuple((*row[:2], name_reach(row[2]), *row[3:]) for row in rows_of(found.loops[:MOST_ROWS], columns))
    return Table("return_loops", _("Return loops"), columns, rows, zone, _loop_notes(found))


def return_reasons_table(found: ReturnReasons, *, zone: str = "UTC") -> Table:
    """Tabulate why closed cases did not go through at the first time."""
    columns = (
        text("label", _reason_title(found.by)),
        count("cases", _("Closed cases")),
        share("closed_share", _("Share of closed cases")),
        share("returned_share", _("Share of those sent back")),
    )
    notes = [_("A case counts once, with what came right before its first step back.")]
    if found.through_share is not None:
        said = _("Of {n} closed cases {share} went through at the first time.")
        notes.append(compose(said, n=format_count(found.closed_cases), share=format_share(found.through_share)))
    name = "return_reasons_by_" + found.by.replace(":", "_")
    rows = rows_of(found.reasons[:MOST_ROWS], columns)
    return Table(name, _("First-time-through by reason of return"), columns, rows, zone, tuple(notes))


def ping_pong_table(found: PingPong, *, zone: str = "UTC") -> Table:
    """Tabulate between whom cases go back and forth."""
    columns = (
        text("first", _("One side")),
        text("second", _("Other side")),
        count("cases", _("Cases")),
        count("episodes", _("Times")),
        count("turns", _("Turns")),
        count("longest_turns", _("Most turns at a time")),
        duration("seconds", _("Time")),
        duration("median_seconds", _("Median time")),
    )
    notes = [_("From leaving the one to coming back for good; passing to and fro may have been asked for.")]
    if found.case_share is not None:
        said = _("In {n} cases, {share} of those with a known holder.")
        notes.append(compose(said, n=format_count(found.cases), share=format_share(found.case_share)))
    name = "ping_pong_by_" + found.holder.replace(":", "_")
    rows = rows_of(found.pairs[:MOST_ROWS], columns)
    return Table(name, name_ping_pong(found.holder), columns, rows, zone, tuple(notes))


def name_reach(reach: Reach) -> str:
    """Say what kind of return it is."""
    return {
        "same_activity": _("the same once more"),
        "no_usual_order": _("in no usual order"),
        "within_phase": _("within the phase"),
        "other_phase": _("to another phase"),
        "unknown_phase": _("to an earlier activity"),
    }[reach]


def name_ping_pong(holder: str) -> str:
    """Name the table of ping-pong between holders of one kind."""
    return {
        "org_unit": _("Back and forth between departments"),
        "resource": _("Back and forth between performers"),
    }.get(holder, _("Back and forth by “{attribute}”").format(attribute=holder.removeprefix("attr:")))


def _reason_title(by: str) -> str:
    return {
        "activity": _("Activity before the return"),
        "org_unit": _("Department that sent back"),
        "outcome": _("Outcome"),
    }.get(by, by.removeprefix("attr:"))


def _loop_notes(found: ReturnLoops) -> tuple[str, ...]:
    notes = [
        _("A return goes from an activity back to one that the case had begun before."),
        _("Going back need not be a fault: the log cannot tell a correction from a planned second visit."),
        _("Loops of one case may lie within each other, so that their times must not be added up."),
    ]
    if found.loop_share is not None and found.returned_cases:
        said = _("Each moment counted once, {n} cases spent {hours} in loops, {share} of all lead time.")
        figures = {"n": format_count(found.returned_cases), "hours": format_hours(found.loop_seconds)}
        notes.append(compose(said, **figures, share=format_share(found.loop_share)))
    if found.staff_seconds is None and found.loops:
        notes.append(_("The log has no processing times, so that the work done again is not known."))
    return tuple(notes)
