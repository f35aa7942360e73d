"""Findings of change and of difference: what was planted is found, claims no time, and leads to its own cases."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from potok.core.finding import Finding, FindingKind
from potok.diagnose.comparison.places import find_place_differences, list_difference_cases
from potok.diagnose.drift.findings import list_drift_cases, search_drift
from potok.diagnose.drift.result import Aspect
from potok.diagnose.further_findings import Ground, diagnose, identify_further, list_further_cases, stand_on
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn
from potok.report.diagnosis.details import detail_tables
from potok.report.finding_words import describe_finding
from support import changing_logs as made
from support.importing import import_text
from support.tiny_store import tiny_log, write_store

OTHERS = ("returns", "ping_pong", "boundaries", "approvals", "deviations", "digitalisation", "resources", "superfluous")
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("time",)),
    channel="channel",
    resource="who",
    closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",)),
)
CASES, CHANGE = 900, 500
POST_HOURS = 48.0


def planted_cases() -> list[made.MadeCase]:
    """Return cases that are no longer weighed from one day on, and that take two days longer if they come by post."""
    random = Random(1)
    cases = []
    for number in range(CASES):
        case = (made.usual_case if number < CHANGE else made.without_weighing)(random)
        channel = random.choice(["post", "office", "portal"])
        late = POST_HOURS if channel == "post" else 0.0
        hours = (*case.hours[:-1], case.hours[-1] + late)
        opened = made.BEGINS + timedelta(hours=2 * number)
        cases.append(replace(case, opened=opened, hours=hours, channel=channel))
    return cases


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return stand_on(import_text(tmp_path_factory.mktemp("log"), made.csv_of(planted_cases()), mapping=MAPPING))


@pytest.fixture(scope="module")
def found(ground: Ground):
    return {one.name: one for one in diagnose(ground, without=OTHERS)}


def test_the_planted_change_is_found_on_its_day_with_the_cases_since(ground, found):
    change = made.BEGINS + timedelta(hours=2 * CHANGE)
    (finding,) = [one for one in found["drift"].findings if one.where.rule == "control_flow"]
    assert finding.kind is FindingKind.DRIFT
    assert abs(int(finding.where.since[-2:]) - change.day) <= 2
    assert finding.where.since[:7] == f"{change:%Y-%m}"
    assert describe_finding(finding, has_start_times=False) == f"changed on {finding.where.since}: order of steps"
    listed = list_further_cases(ground, finding)
    assert len(listed) == finding.cases
    assert [case.case for case in listed[:10]] == list(finding.example_cases)
    assert [case.seconds for case in listed] == sorted((case.seconds for case in listed), reverse=True)
    # The tail of the log is too young to be told of; all others after the change are there.
    assert CASES - CHANGE - 60 <= finding.cases <= CASES - CHANGE + 25


def test_the_planted_difference_is_found_alone_with_its_cases(ground, found):
    (finding,) = found["differences"].findings
    assert finding.where.group == "channel=post"
    assert describe_finding(finding, has_start_times=False) == "channel “post”: longer than others on such cases"
    assert finding.affected_seconds == pytest.approx(POST_HOURS * 3600 * finding.cases, rel=0.1)
    by_post = {str(number) for number, case in enumerate(planted_cases()) if case.channel == "post"}
    listed = list_further_cases(ground, finding)
    assert len(listed) == finding.cases
    assert len(by_post) - 40 <= finding.cases <= len(by_post)
    assert list_further_cases(ground, finding, limit=3) == listed[:3]


def test_neither_claims_time_of_the_ledger_nor_depends_on_a_regulation(ground, found):
    findings = [finding for diagnosis in found.values() for finding in diagnosis.findings]
    assert all(finding.applicant_seconds == 0 == finding.lead_time_share for finding in findings)
    assert len({identify_further(finding, ground) for finding in findings}) == len(findings)


def test_tables_show_what_was_searched_and_compared(found):
    (places,) = detail_tables(found["differences"], zone="UTC")
    assert places.rows[0][:2] == ("channel", "post")
    points, *_others = detail_tables(found["drift"], zone="UTC")
    assert points.name == "drift"


def test_a_trifle_is_no_finding(found):
    result = found["differences"].result
    assert find_place_differences(result, lead_seconds=1e15) == ()


def test_what_the_log_does_not_have_is_refused(ground, found):
    finding: Finding = found["differences"].findings[0]
    for group in ("channel=pigeon", "agency=post"):
        with pytest.raises(ValueError, match=group):
            list_difference_cases(ground.store, replace(finding, where=replace(finding.where, group=group)))
    with pytest.raises(ValueError, match="no change"):
        list_drift_cases(ground.store, replace(finding, where=replace(finding.where, rule="mix", since="1990-01-01")))


@pytest.mark.parametrize(
    "text",
    [
        "case,activity,time,channel,who\n1,Close,2024-01-01 10:00:00,office,Anna\n",
        "case,activity,time,channel,who\n"
        + "".join(f"{case},Register,2024-01-01 00:00:00,{case},\n" for case in range(70))
        + "70,Close,2024-01-01 00:00:00,,\n",
    ],
    ids=["one case", "open, each its own channel"],
)
def test_where_nothing_can_be_told_nothing_is_found(tmp_path, text):
    ground = stand_on(import_text(tmp_path, text, mapping=MAPPING))
    for diagnosis in diagnose(ground, without=OTHERS):
        assert diagnosis.findings == ()
        detail_tables(diagnosis, zone="UTC")


def test_a_slip_of_centuries_leaves_the_load_out(tmp_path):
    log = tiny_log(
        """
        case | activity | completed
        1    | Register | 0
        2    | Register | 9000000000
        """
    )
    found = search_drift(write_store(log, tmp_path / "log.potok"))
    assert {one.aspect for one in found.aspects}.isdisjoint({Aspect.ARRIVALS, Aspect.WORK_IN_PROCESS})
