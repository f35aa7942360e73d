"""Times and work in process of an audit as tables, for its workbook."""

from dataclasses import replace

from potok.core.language import gettext as _
from potok.measure.sampling import SurvivalRefusal
from potok.report.catalogue import basics
from potok.report.catalogue.entry import duration, share
from potok.report.catalogue.load import (
    REFUSALS,
    lead_times_table,
    littles_law_table,
    open_ages_table,
    work_in_process_table,
)
from potok.report.catalogue.times import activity_times_table
from potok.report.measured import Audit, AuditLoad, ClockedTimes
from potok.report.sections.survival import survival_steps
from potok.report.tables import Table
from potok.report.tables.model import rows_of


def times_tables(audit: Audit) -> tuple[Table, ...]:
    """Return how long cases and activities take, in calendar time and then in working time."""
    times, zone = audit.times, audit.zone
    clocks = [(_("calendar time"), times.calendar_time)]
    clocks += [(_("working time"), times.working_time)] if times.working_time else []
    return (
        *(_titled(basics.case_durations_table(found.durations, zone), clock) for clock, found in clocks),
        lead_times_table(times.lead_times, zone),
        *(_titled(_curve(found, zone), clock) for clock, found in clocks),
        *(_titled(activity_times_table(found.activities, audit.manifest), clock) for clock, found in clocks),
    )


def _titled(table: Table, clock: str) -> Table:
    return replace(table, title=_("{title}, {clock}").format(title=table.title, clock=clock))


def _curve(found: ClockedTimes, zone: str) -> Table:
    columns = (
        duration("seconds", _("Time since the opening")),
        share("share", _("Still open")),
        share("lower", _("from")),
        share("upper", _("to")),
    )
    title = _("Share still open")
    if isinstance(found.curve, SurvivalRefusal):
        return Table("survival", title, columns, (), zone, (_(REFUSALS[found.curve]),))
    return Table("survival", title, columns, rows_of(survival_steps(found.curve), columns), zone)


def load_tables(load: AuditLoad | None, zone: str) -> tuple[Table, ...]:
    """Return work in process by day, Little's law and the ages of open cases; nothing where they cannot be told."""
    if load is None:
        return ()
    return (
        work_in_process_table(load.in_process, zone),
        littles_law_table(load.law, zone),
        open_ages_table(load.ages, zone),
    )
