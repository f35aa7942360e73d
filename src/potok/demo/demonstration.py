"""What ``potok demo`` makes up: a log, how to read it, and its truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from potok.core.language import gettext as _
from potok.log.mapping import ClosingBasis, ClosingRule, ExtractionKind, Mapping

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A made-up log.

    Parameters
    ----------
    log, truth
        Files.
    mapping
        How the log is read.
    protocols
        Files of the projects; none if there are none.
    """

    log: Path
    truth: Path
    mapping: Mapping
    protocols: tuple[Path, ...] = ()


def make_permits_demonstration(folder: Path, *, cases: int, seed: int, note: Note) -> Demonstration:
    """Make up one permit service."""
    from potok.demo.permit_service import ZONE, generate, write_permit_log

    note(_("Making up {cases} cases …").format(cases=cases))
    files = write_permit_log(folder, log=generate(cases, seed=seed))
    mapping = Mapping(zone=ZONE, extraction=ExtractionKind.OPENED, extracted_at="2026-01-01T00:00:00+02:00")
    return Demonstration(files.utf8, files.truth, mapping)


def make_region_demonstration(folder: Path, *, scale: float, seed: int, note: Note) -> Demonstration:
    """Make up six agencies with their projects."""
    from potok.demo.region.extract import FINAL_RESULTS, RESULT_COLUMN
    from potok.demo.region.writing import UNTIL_ON, ZONE, make_region

    note(_("Making up a region; the first time its simulation is compiled, which takes about a minute …"))
    files = make_region(folder, seed=seed, scale=scale, note=lambda name: note(f"  {name}"))
    mapping = Mapping(
        zone=ZONE,
        outcome=RESULT_COLUMN,
        closing=ClosingRule(ClosingBasis.STATUS, RESULT_COLUMN, FINAL_RESULTS),
        extraction=ExtractionKind.OPENED,
        extracted_at=UNTIL_ON.isoformat(),
    )
    return Demonstration(files.log, files.truth, mapping, files.protocols)
