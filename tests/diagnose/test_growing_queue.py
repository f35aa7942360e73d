"""Growing queues: a planted one is found with its cases, one that only wanders or is never cleared up is not."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from potok.core.finding import Confidence, FindingKind
from potok.core.time_units import DAY_US
from potok.diagnose.further_findings import diagnose, identify_further, list_further_cases, stand_on
from potok.diagnose.growing_queue import (
    LEAST_CASES,
    compute_growing_queues,
    find_growing_queues,
    find_watch,
    judge_growth,
    list_queue_cases,
)
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn
from potok.measure.evidence import UnknownPlaceError
from potok.measure.load import QueueVerdict, compute_work_in_process
from potok.report.diagnosis.details import detail_tables
from potok.report.finding_words import describe_finding
from support.flow_logs import FlowCase, FlowLog, write_flow
from support.importing import import_text

BEGINS_US = 19_723 * DAY_US  # 2024-01-01
OTHERS = (
    "returns",
    "ping_pong",
    "boundaries",
    "approvals",
    "deviations",
    "digitalisation",
    "resources",
    "superfluous",
    "drift",
    "differences",
    "late_starts",
)
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("time",)),
    closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",)),
)


def single_server(random: Random, *, days: int, arrivals: float, services: float) -> list[tuple[float, float]]:
    """Return when cases come and go, days, with one server who takes them in the order of their coming."""
    now, free, found = 0.0, 0.0, []
    while (now := now + random.expovariate(arrivals)) < days:
        free = max(now, free) + random.expovariate(services)
        found.append((now, free))
    return found


def flow_of(times: list[tuple[float, float]], *, days: int, extraction: str = "opened") -> FlowLog:
    at = [(BEGINS_US + int(come * DAY_US), BEGINS_US + int(gone * DAY_US)) for come, gone in times]
    end = BEGINS_US + days * DAY_US
    cases = tuple(FlowCase(f"{n:05}", come, gone if gone < end else None) for n, (come, gone) in enumerate(at))
    return FlowLog(cases, end, extraction=extraction)


def weekly(times: list[tuple[float, float]], *, days: int) -> tuple[np.ndarray, int]:
    """Return a watch's weekly growth and its last queue, counted by plain Python."""
    age = days / 2
    weeks = int(age // 7)
    start = days - 7 * weeks
    stays = [(come, min(gone, come + age)) for come, gone in times]
    inside = [sum(come < start + 7 * week <= gone for come, gone in stays) for week in range(weeks + 1)]
    return np.diff(inside), inside[-1]


def test_a_planted_growing_queue_is_found_where_it_grows(tmp_path: Path):
    # Six cases come a day; to weigh them takes a day and a half or so, to check them one person manages five a day.
    random = Random(3)
    days = 300
    lines, checked, waiting = ["case,activity,time"], 0.0, []
    for number in range(6 * days):
        come = number / 6
        weighed = come + random.uniform(1, 2)
        checked = max(weighed, checked) + random.uniform(0.15, 0.25)
        for activity, at in (("Register", come), ("Weigh", weighed), ("Check", checked), ("Close", checked + 0.5)):
            if at < days:
                stamp = np.datetime64(BEGINS_US + int(at * DAY_US), "us").item()
                lines.append(f"{number},{activity},{stamp:%Y-%m-%d %H:%M:%S}")
        if weighed < days - 1 <= checked:
            waiting.append(str(number))
    ground = stand_on(import_text(tmp_path, "\n".join(lines) + "\n", mapping=MAPPING))
    (diagnosis,) = diagnose(ground, without=OTHERS)
    found = {finding.where.activity: finding for finding in diagnosis.findings}
    assert set(found) == {"", "Weigh"}
    finding = found["Weigh"]
    assert finding.kind is FindingKind.GROWING_QUEUE
    assert finding.confidence is Confidence.INFERRED
    assert finding.applicant_seconds == finding.lead_time_share == 0
    assert describe_finding(finding, has_start_times=False) == "ever more cases stay after “Weigh”"
    assert describe_finding(found[""], has_start_times=False) == "ever more cases are open"
    (grown,) = [queue for queue in diagnosis.result if queue.activity == "Weigh"]
    assert grown.cases_per_week.lower < 7 < grown.cases_per_week.upper
    listed = list_further_cases(ground, finding)
    # Registered up to the last midnight before the last event, the extraction as long as none is declared.
    assert abs(len(listed) - len(waiting)) <= 12
    assert len(listed) == finding.cases == grown.at_end
    assert sum(case.seconds for case in listed) == pytest.approx(finding.affected_seconds)
    assert [case.case for case in listed[:10]] == list(finding.example_cases)
    assert list_further_cases(ground, finding, limit=2) == listed[:2]
    assert len({identify_further(one, ground) for one in found.values()}) == 2
    (table,) = detail_tables(diagnosis, zone="UTC")
    assert len(table.rows) == 2
    with pytest.raises(UnknownPlaceError):
        list_queue_cases(ground.store, replace(finding, where=replace(finding.where, activity="Fly")))


def test_a_stable_queue_under_heavy_load_is_not_taken_for_a_growing_one(tmp_path: Path):
    days, taken = 500, 0
    for seed in range(40):
        growth, at_end = weekly(single_server(Random(seed), days=days, arrivals=2, services=2.5), days=days)
        taken += judge_growth(growth, at_end=at_end, confidence=0.975) is not None
    assert taken == 0
    for seed in range(2):
        times = single_server(Random(seed), days=days, arrivals=2, services=2.5)
        assert compute_growing_queues(write_flow(flow_of(times, days=days), tmp_path / str(seed))) == ()


def test_the_engine_counts_as_plain_python_does(tmp_path: Path):
    days = 400
    times = single_server(Random(5), days=days, arrivals=2, services=1.2)
    # The log is complete from the day by which 5 % of its cases came: put the early ones at its beginning.
    early = [(0.0, 0.5)] * (len(times) // 15)
    store = write_flow(flow_of(early + times, days=days), tmp_path / "log")
    growth, at_end = weekly(times, days=days)
    whole, after = compute_growing_queues(store)
    assert (whole.activity, after.activity) == (None, "A")
    assert (whole.at_end, whole.at_start) == (after.at_end, after.at_start) == (at_end, at_end - growth.sum())
    assert whole.cases_per_week == judge_growth(growth, at_end=at_end, confidence=0.975)
    assert [finding.cases for finding in find_growing_queues((whole, after))] == [at_end, at_end]


def test_cases_that_nobody_ever_closes_are_no_growing_queue(tmp_path: Path):
    random = Random(7)
    times = [(n / 4, n / 4 + (1e6 if random.random() < 0.15 else random.expovariate(0.3))) for n in range(4 * 400)]
    store = write_flow(flow_of(times, days=400), tmp_path / "log")
    assert compute_work_in_process(store).trend.verdict is QueueVerdict.GROWING
    assert compute_growing_queues(store) == ()


def test_what_cannot_be_told_is_not_told(tmp_path: Path):
    days = 400
    growing = single_server(Random(5), days=days, arrivals=2, services=1)
    told = flow_of(growing, days=days)
    untold = {
        "closed": replace(told, extraction="closed"),
        "all closed": replace(told, closing_basis="all"),
        "active, not known since when": replace(told, extraction="active"),
        "too short": flow_of([times for times in growing if times[0] < 80], days=80),
        "nothing": FlowLog((), told.extracted),
    }
    assert compute_growing_queues(write_flow(told, tmp_path / "told"))
    for name, log in untold.items():
        store = write_flow(log, tmp_path / name)
        assert find_watch(store) is None, name
        assert compute_growing_queues(store) == (), name


@pytest.mark.parametrize(
    ("growth", "at_end", "is_found"),
    [
        ([3, 4, 2, 3, 4, 3, 2, 3, 4, 3], 40, True),
        ([3, 4, 2, 3, 4, 3, 2, 3, 4, 3], LEAST_CASES - 1, False),
        ([3, 4, 2, 3, 4, 3, 2, 3, 4, 3], 4000, False),  # surely, but a trifle
        ([6, 6, 7, 6, 6, 0, -1, 1, 0, 0], 40, False),  # no more
        ([0, 0, 0, 0, 0, 30, 0, 0, 0, 0], 40, False),  # once
        ([-3, -4, -2, -3, -4, -3, -2, -3, -4, -3], 40, False),
    ],
    ids=["grows", "few", "trifle", "stopped", "one leap", "shrinks"],
)
def test_growth_must_be_sure_go_on_and_matter(growth, at_end, is_found):
    assert (judge_growth(np.array(growth), at_end=at_end, confidence=0.95) is not None) is is_found
