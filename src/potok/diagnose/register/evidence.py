"""What stands behind a proposal beyond the text of the cards: the logs of processes, and pilots that were verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable, read_toml
from potok.diagnose.register.errors import PilotsError, UnknownProcessError
from potok.diagnose.register.model import Register
from potok.diagnose.register.pilots import VERIFIED, read_verified_effect
from potok.diagnose.register.words import root_set

SAME_STEPS: Final = 0.6
PILOTS_SCHEMA: Final = "potok.pilots/1"


class EvidenceClass(StrEnum):
    """What a proposal rests on."""

    TEXT = "A"
    LOG = "B"
    PILOT = "C"


@dataclass(frozen=True, slots=True)
class ProcessLog:
    """What the log of a process says of it as a whole.

    Parameters
    ----------
    content_sha256
        Of the log.
    cases, cases_per_year
        Opened in it; per year, None if the log reaches over less than a month.
    mean_lead_time_seconds
        Restricted mean: from opening to closing or to `horizon_seconds`, whichever is shorter, open cases taken into
        account; None where the log cannot tell, as one of closed cases only.
    horizon_seconds
        How long cases were followed for it; what lies beyond counts as the horizon, so that it is rather too short.
    activities
        Labels.
    days_since_last_case
        From the last opening to the extraction; None for a log without cases.
    verdict
        Of an analysis of superfluous steps for the process as a whole, such as ``removal_candidate``; empty if there
        was none.
    """

    content_sha256: str
    cases: int
    cases_per_year: float | None
    mean_lead_time_seconds: float | None
    activities: tuple[str, ...]
    days_since_last_case: float | None
    verdict: str = ""
    horizon_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Pilot:
    """A verified project that did without a process, or merged or automated it.

    Parameters
    ----------
    document, sha256
        The effect, and its `effect_sha256`.
    verdict
        Only ``verified`` counts.
    """

    document: str
    sha256: str
    verdict: str
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Logs and pilots by the number of their process."""

    logs: Mapping[int, ProcessLog] = field(default_factory=dict)
    pilots: Mapping[int, Pilot] = field(default_factory=dict)

    def has_pilot(self, numbers: Sequence[int]) -> bool:
        """Return whether every one of some processes has a verified pilot."""
        return bool(numbers) and all(n in self.pilots and self.pilots[n].verdict == VERIFIED for n in numbers)

    def logs_support_removal(self, number: int) -> bool:
        """Return whether the log of a process supports its removal: no case for a year, or a verdict that says so."""
        log = self.logs.get(number)
        if log is None:
            return False
        is_idle = log.days_since_last_case is not None and log.days_since_last_case > 365
        return log.verdict == "removal_candidate" or is_idle

    def logs_support_merging(self, numbers: Sequence[int]) -> bool:
        """Return whether all of some processes have logs, and these show much the same steps."""
        logs = [self.logs.get(number) for number in numbers]
        known = [log for log in logs if log is not None]
        if len(known) < max(2, len(numbers)):
            return False
        return all(_share_of_steps(one, other) >= SAME_STEPS for one in known for other in known if one is not other)


def _share_of_steps(one: ProcessLog, other: ProcessLog) -> float:
    """Return which share of the steps of two logs are in both; words of the same roots name the same step."""
    left = {root_set([name]) for name in one.activities}
    right = {root_set([name]) for name in other.activities}
    return len(left & right) / len(left | right) if left | right else 0.0


def find_process(register: Register, name: str) -> int:
    """Return the number of the process that a code or a name means.

    Raises
    ------
    UnknownProcessError
        If there is none, or more than one.
    """
    wanted = _plain(name)
    found = [p.number for p in register.processes if p.code == name.strip()] or [
        p.number for p in register.processes if _plain(p.name) == wanted
    ]
    if len(found) != 1:
        message = (
            _("The register has no process “{name}”.") if not found else _("Several processes are called “{name}”.")
        )
        raise UnknownProcessError(
            message.format(name=name),
            where=str(register.path),
            remedy=_("Give the code or the whole name of a process, such as {code}.").format(
                code=register.processes[found[0] if found else 0].code
            ),
        )
    return found[0]


def load_pilots(path: Path, register: Register) -> dict[int, Pilot]:
    """Read a list of pilots from a TOML file, and the effects that it names, seen from its folder.

    Raises
    ------
    PilotsError
        If it cannot be read, or holds what it cannot; or if an effect is missing, altered, or not verified.
    UnknownProcessError
        If it names a process that the register does not have.
    """
    top = TomlTable(read_toml(path, PilotsError), file=str(path), place="", error=PilotsError)
    top.choice("schema", (PILOTS_SCHEMA,))
    found = {}
    for entry in top.tables("pilots"):
        number = find_process(register, entry.text("process"))
        found[number] = _read_pilot(entry, path.parent)
    top.finish()
    return found


def _read_pilot(entry: TomlTable, folder: Path) -> Pilot:
    document, sha256 = entry.text("document"), entry.text("sha256")
    verdict = entry.choice("verdict", (VERIFIED,))
    decided = entry.value("decided_on", date, _("a date"), None)
    entry.finish()
    effect = read_verified_effect(entry, folder / document, sha256=sha256)
    if decided is not None and effect.get("decided_on") != decided.isoformat():
        raise entry.failure(
            "decided_on",
            _("The effect in {path} was decided on {found}, not on {given}.").format(
                path=folder / document, found=effect.get("decided_on"), given=decided
            ),
            _("Give the day that the effect names, or leave it out."),
        )
    return Pilot(document, sha256, verdict, decided)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())
