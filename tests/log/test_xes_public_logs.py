"""Public event logs, counted as their descriptions say."""

from pathlib import Path

import pytest

from potok.engine.duckdb import connect
from potok.log.sources.base import StagingOptions
from potok.log.sources.xes import stage_xes
from support.examples import unless_thorough

pytestmark = pytest.mark.data

# Traces, events, activities.
SMALL_LOGS = {
    "running-example/running-example.xes": (6, 42, 8),
    "wabo-receipt/receipt.xes.gz": (1434, 8577, 27),
    "sepsis/sepsis.xes.gz": (1050, 15214, 16),
    "helpdesk/helpdesk.xes.gz": (4580, 21348, 14),
    "court-brazil/colombo_vara_da_fazenda_publica_tjpr.xes.gz": (316, 8661, 23),
    "interval-log/interval_event_log.xes.gz": (1266, 8109, 8),
    "reviewing/reviewing.xes.gz": (100, 3730, 14),
    "road-traffic-fines/roadtraffic100traces.xes.gz": (100, 390, 10),
    "road-traffic-fines/roadtraffic_1_trace_per_variant.xes.gz": (231, 1891, 11),
}
LARGE_LOGS = {
    "drift-bose/bose_log.xes.gz": (6000, 58838, 15),
    "teleclaims/teleclaims.xes.gz": (3512, 46138, 11),
    "fairness-synthetic/hiring_log_high.xes.gz": (10000, 63869, 12),
    "fairness-synthetic/lending_log_high.xes.gz": (10000, 58822, 12),
    "bpic12-loan/bpic2012.xes.gz": (13087, 262200, 24),
    "bpic13-incidents/bpic2013_incidents.xes.gz": (7554, 65533, 4),
    "bpic15-building-permits/BPIC15_1.xes.gz": (1199, 52217, 398),
    "bpic15-building-permits/BPIC15_2.xes.gz": (832, 44354, 410),
    "bpic15-building-permits/BPIC15_4.xes.gz": (1053, 47293, 356),
    "bpic20-travel/DomesticDeclarations.xes.gz": (10500, 56437, 17),
    "bpic20-travel/InternationalDeclarations.xes.gz": (6449, 72151, 34),
    "bpic20-travel/PermitLog.xes.gz": (7065, 86581, 51),
}
ALIKE = (
    "fairness-synthetic/lending_log_high.xes.gz",
    "bpic15-building-permits/BPIC15_2.xes.gz",
    "bpic15-building-permits/BPIC15_4.xes.gz",
    "bpic20-travel/DomesticDeclarations.xes.gz",
    "bpic20-travel/InternationalDeclarations.xes.gz",
)
"""Written by the same program as another of these logs."""


def count(path: Path, folder: Path) -> tuple[int, int, int, int]:
    staged = stage_xes(path, options=StagingOptions(folder=folder))
    with connect() as connection:
        counts = connection.execute(
            'SELECT count(DISTINCT "@trace"), count(*), count(DISTINCT "concept:name"), '
            f'count(DISTINCT "case:concept:name") FROM {staged.relation}'
        ).fetchall()[0]
    assert counts[:2] == (staged.facts["traces"], staged.facts["events"])
    return counts


@pytest.mark.parametrize("name", SMALL_LOGS)
def test_small_logs_are_counted_as_published(name: str, shared_data: Path, tmp_path: Path) -> None:
    assert count(shared_data / name, tmp_path)[:3] == SMALL_LOGS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", unless_thorough(ALIKE, of=LARGE_LOGS))
def test_large_logs_are_counted_as_published(name: str, shared_data: Path, tmp_path: Path) -> None:
    assert count(shared_data / name, tmp_path)[:3] == LARGE_LOGS[name]


def test_traces_that_share_an_id_stay_apart(shared_data: Path, tmp_path: Path) -> None:
    traces, _, _, case_ids = count(shared_data / "drift-bose" / "bose_log.xes.gz", tmp_path)

    assert (traces, case_ids) == (6000, 1200)


def test_capitalised_booleans_and_missing_values_are_not_replaced(shared_data: Path, tmp_path: Path) -> None:
    sepsis = stage_xes(shared_data / "sepsis" / "sepsis.xes.gz", options=StagingOptions(folder=tmp_path))
    receipt = stage_xes(shared_data / "wabo-receipt" / "receipt.xes.gz", options=StagingOptions(folder=tmp_path))
    with connect() as connection:
        infections = connection.execute(
            f'SELECT "InfectionSuspected", count(*) FROM {sepsis.relation} GROUP BY 1 ORDER BY 1'
        ).fetchall()
        without_group = connection.execute(
            f'SELECT count(*) FROM {receipt.relation} WHERE "case:group" IS NULL'
        ).fetchall()

    assert infections == [("False", 202), ("True", 848), (None, 14164)]
    assert without_group == [(4961,)]
    assert receipt.facts["declared_defaults"]["trace"]["group"] == "UNKNOWN"
