"""Why work waited, and what of it is done in batches: the figures behind the causes in the applicants' ledger."""

from dataclasses import dataclass

from potok.core.calendars import CalendarSet
from potok.diagnose.batch_practice import BatchPractice, compute_batch_practice
from potok.diagnose.caused_gaps import derive_waits
from potok.diagnose.waiting_causes import WaitingCauses, compute_waiting_causes
from potok.engine.base import Engine
from potok.log.store import LogStore


@dataclass(frozen=True, slots=True)
class Waits:
    """Causes of waiting by activity, performer and department, and the batches of each activity."""

    causes: WaitingCauses
    practice: BatchPractice

    @property
    def residual(self) -> dict[str, float]:
        """Waiting that nobody's absence or work explains, seconds by the label of the activity that waited."""
        return {group.label: group.waiting.residual for group in self.causes.activities if group.waits}


def compute_waits(store: LogStore, *, duty: CalendarSet | None = None, engine: Engine | None = None) -> Waits:
    """Add up the waits of a log by cause, and find its batches.

    Parameters
    ----------
    duty
        When people are on duty; None lets it be discovered.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that a calendar does not know.
    """
    tables = derive_waits(store, duty=duty, engine=engine)
    causes = compute_waiting_causes(store, tables=tables, engine=engine)
    return Waits(causes, compute_batch_practice(store, duty=duty, engine=engine))
