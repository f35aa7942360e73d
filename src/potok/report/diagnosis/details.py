"""The tables behind findings: those of waits, on which the ledger's causes rest, and of the diagnoses beyond it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from potok.diagnose.comparison.places import ComparedPlaces
from potok.diagnose.further_findings import Boundaries, Diagnosis, Digital, Returns
from potok.diagnose.waits import Waits
from potok.report.diagnosis.approvals import approvals_tables
from potok.report.diagnosis.batches import batches_table
from potok.report.diagnosis.comparison import places_table
from potok.report.diagnosis.conformance_checks import checks_table
from potok.report.diagnosis.digitalisation import digitalisation_tables
from potok.report.diagnosis.drift import drift_tables
from potok.report.diagnosis.growing_queues import growing_queues_table
from potok.report.diagnosis.late_starts import late_starts_tables
from potok.report.diagnosis.resources import resources_tables
from potok.report.diagnosis.rework import ping_pong_table, rework_tables
from potok.report.diagnosis.silos import silos_tables
from potok.report.diagnosis.superfluous import superfluous_tables
from potok.report.diagnosis.waiting_causes import waiting_causes_tables
from potok.report.tables import Table

WAITS: Final = "waits"


@dataclass(frozen=True, slots=True)
class Details:
    """What tables lie behind findings of one kind: the name of their diagnosis, or `WAITS`, and the tables."""

    name: str
    tables: tuple[Table, ...]


def list_details(diagnoses: Iterable[Diagnosis], waits: Waits | None, *, zone: str) -> Iterator[Details]:
    """Yield the tables of waits, where these were added up, and of each diagnosis that has any."""
    if waits is not None:
        found = waiting_causes_tables(waits.causes, zone=zone)
        yield Details(WAITS, (*found, batches_table(waits.practice, zone=zone)))
    residual = waits.residual if waits is not None else None
    for diagnosis in diagnoses:
        tables = detail_tables(diagnosis, zone=zone, residual=residual)
        if tables:
            yield Details(diagnosis.name, tables)


def detail_tables(diagnosis: Diagnosis, *, zone: str, residual: Mapping[str, float] | None = None) -> tuple[Table, ...]:
    """Tabulate what came out of a diagnosis.

    Parameters
    ----------
    residual
        As in `potok.report.diagnosis.resources.resources_tables`.
    """
    if diagnosis.name == "resources":
        return resources_tables(diagnosis.result, zone=zone, residual=residual)
    return _TABLES[diagnosis.name](diagnosis.result, zone)


def _returns(found: Returns, zone: str) -> tuple[Table, ...]:
    return rework_tables(found.loops, reasons=(found.reasons,), zone=zone)


def _boundaries(found: Boundaries, zone: str) -> tuple[Table, ...]:
    return silos_tables(found.time, found.index, zone=zone)


def _digital(found: Digital, zone: str) -> tuple[Table, ...]:
    return digitalisation_tables(
        found.index, candidates=found.candidates, entries=found.entries, batches=found.batches, zone=zone
    )


def _differences(found: ComparedPlaces, zone: str) -> tuple[Table, ...]:
    compared = [comparison for comparison, _people in found.comparisons]
    return (places_table(compared, zone=zone),) if compared else ()


_TABLES: Final[Mapping[str, Callable[[Any, str], tuple[Table, ...]]]] = {
    "returns": _returns,
    "ping_pong": lambda found, zone: (ping_pong_table(found, zone=zone),),
    "boundaries": _boundaries,
    "approvals": lambda found, zone: approvals_tables(found, zone=zone),
    "deviations": lambda found, zone: (checks_table(found, zone=zone),) if found else (),
    "late_starts": lambda found, zone: late_starts_tables(found, zone=zone),
    "digitalisation": _digital,
    "superfluous": lambda found, zone: superfluous_tables(found, zone=zone),
    "drift": lambda found, zone: drift_tables(found, zone=zone),
    "differences": _differences,
    "queues": lambda found, zone: (growing_queues_table(found, zone=zone),) if found else (),
}
