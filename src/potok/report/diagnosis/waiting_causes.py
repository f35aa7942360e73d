"""Causes of waiting as tables and as JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.waiting_causes import CAUSES, REASONS, WaitingCauses, WaitingGroup
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.catalogue.notes import enablement_note
from potok.report.formats import format_count
from potok.report.tables import Column, Table

SCHEMA: Final = "potok.waiting_causes/1"
MOST_ROWS: Final = 100


def cause_titles() -> dict[str, str]:
    """Return the names of the causes in the reader's language, in the order in which an instant is given to them."""
    return {
        "batching": _("Batching"),
        "contention": _("Queue"),
        "prioritisation": _("Later work first"),
        "unavailability": _("Off duty"),
        "residual": _("Free and on duty"),
        "unattributed": _("Not known"),
    }


def waiting_causes_tables(found: WaitingCauses, *, zone: str = "UTC") -> tuple[Table, ...]:
    """Return the tables of waiting by cause: in all, and by activity, performer, department and hand-off.

    Where no wait is known, nothing is tabulated by cause: a sentence says so, and waits have upper bounds alone.
    """
    if not found.overall.waits:
        return _unknown_tables(found, zone)
    place = _("Department") if found.hand_off_place == "org_unit" else _("Performer")
    tables = [
        waiting_totals_table(found, zone=zone),
        _groups_table("waiting_by_activity", _("Causes of waiting by activity"), _("Activity"), found.activities, zone),
        _groups_table(
            "waiting_by_resource", _("Causes of waiting by performer"), _("Performer"), found.resources, zone
        ),
    ]
    if found.org_units:
        title = _("Causes of waiting by department")
        tables.append(_groups_table("waiting_by_org_unit", title, _("Department"), found.org_units, zone))
    if found.hand_offs:
        tables.append(_hand_offs_table(found.hand_offs, place, zone))
    return tuple(tables)


def _unknown_tables(found: WaitingCauses, zone: str) -> tuple[Table, ...]:
    columns = (text("cause", _("Cause")), duration("case_seconds", _("Cases waited")))
    if not found.overall.unknown_waits:
        return (Table("waiting_causes", _("Causes of waiting"), columns, (), zone, _notes(found)),)
    said = _("It cannot be told how long activities waited, nor for what; only how long they waited at most.")
    none = Table("waiting_causes", _("Causes of waiting"), columns, (), zone, (said, *_notes(found)))
    bounded = (
        text("label", _("Activity")),
        count("unknown_waits", _("Executions")),
        duration("most_seconds", _("Waited at most")),
    )
    groups = sorted(found.activities, key=lambda group: -group.most_seconds)
    rows = tuple((one.label or _("unknown"), one.unknown_waits, one.most_seconds) for one in groups[:MOST_ROWS])
    notes = (_("Up to the completion: the work itself is in it."), *_cut_note(len(groups)))
    return (none, Table("waiting_bounds", _("Longest possible waiting by activity"), bounded, rows, zone, notes))


def waiting_totals_table(found: WaitingCauses, *, zone: str = "UTC") -> Table:
    """Tabulate how long cases waited for which cause."""
    columns = (
        text("cause", _("Cause")),
        duration("case_seconds", _("Cases waited")),
        share("share", _("Share of waiting")),
        share("lead_time_share", _("Share of lead time")),
        duration("seconds", _("Activities waited")),
        text("meaning", _("What it means")),
    )
    total = found.overall.case_waiting.total
    rows = tuple(
        (
            title,
            (owed := getattr(found.overall.case_waiting, cause)),
            owed / total if total else None,
            owed / found.lead_seconds if found.lead_seconds else None,
            getattr(found.overall.waiting, cause),
            _meanings()[cause],
        )
        for cause, title in cause_titles().items()
    )
    return Table("waiting_causes", _("Causes of waiting"), columns, rows, zone, _notes(found))


def waiting_causes_as_json(found: WaitingCauses) -> dict[str, Any]:
    """Return the JSON of waiting causes, schema ``potok.waiting_causes/1``."""
    return {
        "schema": SCHEMA,
        "enablement": found.enablement,
        "reasons": list(found.reasons),
        "instances": found.instances,
        "lead_seconds": found.lead_seconds,
        "batches": found.batches,
        "batched_instances": found.batched_instances,
        "concurrent_pairs": found.concurrent_pairs,
        "fixed_delays": found.fixed_delays,
        "overall": _group_record(found.overall),
        "by_activity": [{"activity": group.label, **_group_record(group)} for group in found.activities],
        "by_resource": [{"resource": group.label, **_group_record(group)} for group in found.resources],
        "by_org_unit": [{"org_unit": group.label, **_group_record(group)} for group in found.org_units],
        "hand_off_place": found.hand_off_place,
        "by_hand_off": [
            {"from": group.from_label, "to": group.label, **_group_record(group)} for group in found.hand_offs
        ],
    }


def _meanings() -> dict[str, str]:
    return {
        "batching": _("until the last of a batch could be begun"),
        "contention": _("the performer was busy with work that could be begun no later"),
        "prioritisation": _("the performer was busy with work that could be begun only later"),
        "unavailability": _("the performer was off duty"),
        "residual": _("the performer was on duty and not busy with anything that the log shows"),
        "unattributed": _("the performer, or when they are on duty, is not known"),
    }


def _notes(found: WaitingCauses) -> tuple[str, ...]:
    reasons = [_(REASONS[reason]) for reason in found.reasons if not reason.startswith("enablement")]
    unknown = found.overall.unknown_waits
    if unknown:
        reasons.append(_("Of {n} activities it is not known how long they waited.").format(n=format_count(unknown)))
    return (
        enablement_note(found.enablement),
        _("Each moment belongs to the first cause that holds. Where activities of a case wait at once, they share it."),
        *reasons,
    )


def _cause_columns() -> tuple[Column, ...]:
    return tuple(duration(f"{cause}_seconds", title) for cause, title in cause_titles().items())


def _figures(group: WaitingGroup) -> tuple[Any, ...]:
    waiting = group.case_waiting
    return (group.waits, group.cases, waiting.total, *(getattr(waiting, cause) for cause in CAUSES))


def _counted_columns() -> tuple[Column, ...]:
    return (count("waits", _("Waits")), count("cases", _("Cases")), duration("total_seconds", _("Cases waited")))


def _groups_table(name: str, title: str, heading: str, groups: Iterable[WaitingGroup], zone: str) -> Table:
    columns = (text("label", heading), *_counted_columns(), *_cause_columns())
    held = tuple(groups)
    rows = tuple((group.label or _("unknown"), *_figures(group)) for group in held[:MOST_ROWS])
    return Table(name, title, columns, rows, zone, _cut_note(len(held)))


def _hand_offs_table(groups: tuple[WaitingGroup, ...], place: str, zone: str) -> Table:
    columns = (
        text("from_label", _("{place}: from").format(place=place)),
        text("label", _("to")),
        *_counted_columns(),
        *_cause_columns(),
    )
    rows = tuple((group.from_label, group.label, *_figures(group)) for group in groups[:MOST_ROWS])
    title = _("Causes of waiting after a hand-off")
    return Table("waiting_by_hand_off", title, columns, rows, zone, _cut_note(len(groups)))


def _cut_note(found: int) -> tuple[str, ...]:
    if found <= MOST_ROWS:
        return ()
    note = _("The {shown} of {n} rows with most waiting are shown.")
    return (note.format(shown=format_count(MOST_ROWS), n=format_count(found)),)


def _group_record(group: WaitingGroup) -> dict[str, Any]:
    return {
        "waits": group.waits,
        "unknown_waits": group.unknown_waits,
        "cases": group.cases,
        "waiting_seconds": asdict(group.waiting),
        "case_waiting_seconds": asdict(group.case_waiting),
        "total_seconds": group.case_waiting.total,
        "most_seconds": group.most_seconds,
    }
