"""How cases came into a log, and what that allows to say about their times (see the method, section 1)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from potok.log.mapping import ClosingBasis, ExtractionKind
from potok.log.store import LogStore


class SurvivalRefusal(StrEnum):
    """Why no estimate is made that takes open cases into account."""

    CLOSED_ONLY = "closed_only"  # right-truncated: open cases are not in the log
    WINDOW_START_UNKNOWN = "window_start_unknown"  # active cases, but since when they were watched is not declared
    OUTCOME_IS_LATER = "outcome_is_later"  # groups by outcome: an open case belongs to none yet
    NO_CASES = "no_cases"
    NEVER_FROM_OPENING = "never_from_opening"  # every case came under observation after its opening
    RISK_SET_EMPTIES = "risk_set_empties"  # nobody left under observation before others come under it


@dataclass(frozen=True, slots=True)
class Sampling:
    """How cases were chosen for the extract.

    Parameters
    ----------
    kind
        Cases opened, active or closed in the window; unknown is taken for opened, and said.
    watched_from_us
        For active cases: since when they were watched, microseconds UTC. Earlier closings are not in such a log.
    """

    kind: ExtractionKind = ExtractionKind.UNKNOWN
    watched_from_us: int | None = None

    @property
    def is_closed_only(self) -> bool:
        """Whether open cases are missing from the log."""
        return self.kind is ExtractionKind.CLOSED

    @property
    def refusal(self) -> SurvivalRefusal | None:
        """Why open cases cannot be taken into account; None if they can."""
        if self.is_closed_only:
            return SurvivalRefusal.CLOSED_ONLY
        if self.kind is ExtractionKind.ACTIVE and self.watched_from_us is None:
            return SurvivalRefusal.WINDOW_START_UNKNOWN
        return None


def sampling_of(store: LogStore, declared: Sampling | None = None) -> Sampling:
    """Return how a log's cases were chosen: as declared, else as the manifest says.

    A closing rule by which every case is closed makes a log of closed cases, whatever else is said.
    """
    manifest = store.manifest
    extraction = manifest.get("extraction", {})
    kind = ExtractionKind(extraction.get("kind", ExtractionKind.UNKNOWN))
    found = declared or Sampling(kind, extraction.get("watched_from_us"))
    if manifest.get("closing", {}).get("basis") == ClosingBasis.ALL:
        return replace(found, kind=ExtractionKind.CLOSED)
    return found
