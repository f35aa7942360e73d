"""Growing queues as a table."""

from collections.abc import Sequence

from potok.core.language import gettext as _
from potok.diagnose.growing_queue import ASSUMPTION, GrowingQueue
from potok.report.catalogue.entry import count, number, text
from potok.report.formats import format_share
from potok.report.tables import Table


def growing_queues_table(found: Sequence[GrowingQueue], *, zone: str = "UTC") -> Table:
    """Tabulate the queues that grow: a row per queue, that of all open cases first."""
    columns = (
        text("activity", _("Cases stay after")),
        count("at_start", _("Cases at the beginning")),
        count("at_end", _("Cases at the end")),
        number("growth", _("Growth, cases a week")),
        number("lower", _("from")),
        number("upper", _("to")),
    )
    rows = tuple(_row(queue) for queue in found)
    notes: tuple[str, ...] = (
        _("Cases count up to an age at which the log has all of them: others are open, too."),
        _(ASSUMPTION),
    )
    if found:
        said = _("As several queues are looked at, the intervals hold with a probability of {share} each.")
        notes = (*notes, said.format(share=format_share(found[0].cases_per_week.confidence)))
    return Table("growing_queues", _("Queues that grow"), columns, rows, zone, notes)


def _row(queue: GrowingQueue) -> tuple[str, int, int, float, float, float]:
    grown = queue.cases_per_week
    name = queue.activity or _("(all open cases)")
    return name, queue.at_start, queue.at_end, grown.value, grown.lower, grown.upper
