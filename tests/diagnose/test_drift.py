"""Drift: planted changes are found in their aspect, named and dated; public logs change where they are known to."""

import csv
from itertools import pairwise

import numpy as np
import pytest

from potok.core.finding import LEDGER_KINDS, FindingKind
from potok.diagnose.drift.cases import OrderedCases, read_ordered_cases
from potok.diagnose.drift.detect import find_drift, search_series
from potok.diagnose.drift.findings import find_drift_findings
from potok.diagnose.drift.flow import flow_series
from potok.diagnose.drift.load import load_series
from potok.diagnose.drift.result import Aspect, DriftRefusal, FeatureKind, Measured
from potok.diagnose.drift.series import rank_scores
from potok.inference.estimate import InvalidShareError
from potok.log.cache import open_or_import
from potok.log.importing.request import ImportRequest
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn
from potok.measure.daily_flow import read_daily_flow
from support import changing_logs as made
from support.importing import import_text

CLOSED = ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",))
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("time",)),
    channel="channel",
    resource="who",
    closing=CLOSED,
)
NEAR = 25


def drift_of(folder, text, **parameters):
    return find_drift(import_text(folder, text, mapping=MAPPING), **parameters)


def aspect(found, name):
    return next(one for one in found.aspects if one.aspect is name)


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (made.without_weighing, Aspect.CONTROL_FLOW),
        (made.far_swapped, Aspect.CONTROL_FLOW),
        (made.slower, Aspect.LEAD_TIME),
        (made.slower, Aspect.ACTIVITY_TIMES),
        (made.by_portal, Aspect.MIX),
        (made.by_boris, Aspect.RESOURCES),
    ],
)
def test_a_planted_change_is_found_in_its_aspect(tmp_path, after, changed):
    found = drift_of(tmp_path, made.changing_log(after=after))
    (point,) = aspect(found, changed).points
    assert abs(point.index - 250) <= NEAR
    assert point.lower_us <= point.at_us <= point.upper_us
    assert point.p_value <= found.error_rate
    assert point.changes
    untouched = {Aspect.MIX, Aspect.RESOURCES} - {changed}
    assert all(not aspect(found, name).points for name in untouched)


def test_it_is_said_what_changed_from_what_to_what(tmp_path):
    found = drift_of(tmp_path, made.changing_log(after=made.without_weighing), aspects=(Aspect.CONTROL_FLOW,))
    (point,) = found.aspects[0].points
    weighed = next(
        change
        for change in point.changes
        if change.feature.kind is FeatureKind.ACTIVITY and change.feature.name == "Weigh"
    )
    assert (weighed.measured, weighed.before, weighed.after) == (Measured.SHARE, 1.0, 0.0)
    assert weighed.lower <= weighed.difference == -1.0 <= weighed.upper


def test_a_steady_process_shows_no_change(tmp_path):
    found = drift_of(tmp_path, made.changing_log(cases=500))
    assert [one.aspect for one in found.aspects if one.points] == []


def test_the_order_of_the_file_is_of_no_consequence(tmp_path):
    # The lines of the file are shuffled; the second log has its cases numbered backwards as well.
    text = made.changing_log(after=made.without_weighing)
    head, *lines = text.splitlines()
    back = "\n".join([head, *(f"{999 - int(line.split(',')[0])},{line.split(',', 1)[1]}" for line in reversed(lines))])
    (tmp_path / "a").mkdir()
    points = [
        aspect(drift_of(folder, log), Aspect.CONTROL_FLOW).points[0]
        for folder, log in ((tmp_path, text), (tmp_path / "a", back + "\n"))
    ]
    assert points[0].at_us == points[1].at_us
    assert points[0].changes == points[1].changes


def test_findings_claim_no_time_of_the_ledger(tmp_path):
    store = import_text(tmp_path, made.changing_log(after=made.without_weighing), mapping=MAPPING)
    cases = read_ordered_cases(store, engine=None)
    findings = find_drift_findings(find_drift(store), cases, zone="UTC")
    assert {finding.kind for finding in findings} == {FindingKind.DRIFT}
    assert FindingKind.DRIFT not in LEDGER_KINDS
    assert all(finding.applicant_seconds == 0 and finding.affected_seconds is None for finding in findings)
    assert findings[0].where.rule == "control_flow"
    assert findings[0].where.since.startswith("2023-01-2")
    assert len({finding.identifier("log") for finding in findings}) == len(findings)


def test_young_cases_are_left_out_and_counted(tmp_path):
    found = drift_of(tmp_path, made.changing_log())
    assert found.young_cases > 0
    assert found.cases == 400 == found.used_cases + found.young_cases


@pytest.mark.parametrize(
    "text",
    [
        "case,activity,time,channel,who\n1,Close,2024-01-01 10:00:00,office,Anna\n",
        "case,activity,time,channel,who\n"
        + "".join(f"{case},Close,2024-01-01 00:00:00,office,Anna\n" for case in range(200)),
        "case,activity,time,channel,who\n"
        + "".join(f"{case},Register,2024-01-{1 + case % 28:02} 00:00:00,,\n" for case in range(200))
        + "200,Close,2024-01-01 00:00:00,,\n",
    ],
    ids=["one case", "one instant", "all but one open, no resource"],
)
def test_too_little_is_said_and_nothing_found(tmp_path, text):
    found = drift_of(tmp_path, text)
    assert all(one.points == () for one in found.aspects)
    assert aspect(found, Aspect.CONTROL_FLOW).refusal in set(DriftRefusal)


def test_open_cases_that_are_still_young_are_no_change(tmp_path):
    # Every case is registered; only the first one was ever closed, at the end of the log.
    rows = [f"{case},Register,2024-01-{1 + case // 10:02} {case % 10:02}:00:00,office,Anna" for case in range(200)]
    text = "\n".join(["case,activity,time,channel,who", *rows, "0,Close,2024-01-20 12:00:00,office,Anna"]) + "\n"
    found = drift_of(tmp_path, text)
    assert aspect(found, Aspect.CONTROL_FLOW).refusal is DriftRefusal.TOO_YOUNG
    assert aspect(found, Aspect.LEAD_TIME).refusal is DriftRefusal.TOO_YOUNG
    assert found.assumptions


def test_the_error_rate_must_be_a_share(tmp_path):
    with pytest.raises(InvalidShareError):
        drift_of(tmp_path, made.changing_log(cases=3), error_rate=5)


def test_features_are_those_of_looking_at_each_trace():
    generator = np.random.default_rng(1)
    traces = [tuple(generator.integers(0, 4, generator.integers(1, 7)).tolist()) for _case in range(120)]
    paths = dict(enumerate(sorted(set(traces))))
    codes = {path: code for code, path in paths.items()}
    cases = OrderedCases(
        case=np.arange(120),
        opened_us=np.arange(120),
        variant=np.array([codes[trace] for trace in traces]),
        lead_us=np.zeros(120, np.int64),
        all_cases=120,
        young_cases=0,
        settling_us=0,
        every=1,
        includes_young=False,
    )
    series = flow_series(cases, paths, {code: "ABCD"[code] for code in range(4)})
    assert {feature.kind for feature in series.features} >= {FeatureKind.ACTIVITY, FeatureKind.EVENTUALLY_FOLLOWS}
    for column, feature in enumerate(series.features):
        assert series.raw[:, column].tolist() == [float(holds(feature, trace)) for trace in traces]


def holds(feature, trace):
    word = ["ABCD"[code] for code in trace]
    pairs = {(a, b) for place, a in enumerate(word) for b in word[place + 1 :]}
    match feature.kind:
        case FeatureKind.ACTIVITY:
            return feature.name in word
        case FeatureKind.REPEATED:
            return word.count(feature.name) > 1
        case FeatureKind.DIRECTLY_FOLLOWS:
            return (feature.name, feature.next_name) in set(pairwise(word))
        case FeatureKind.EVENTUALLY_FOLLOWS:
            return (feature.name, feature.next_name) in pairs
        case _:
            return tuple(word) == feature.path


def test_rank_scores_are_centred_and_leave_unknown_values_out():
    scores = rank_scores(np.array([[3.0], [np.nan], [1.0], [2.0], [2.0]]))[:, 0]
    assert scores.tolist() == [0.75, 0.0, -0.75, 0.0, 0.0]


def test_arrivals_that_double_are_found(tmp_path):
    random_cases = [
        made.MadeCase(made.BEGINS + made.timedelta(days=day, hours=8 * part), ("Register", "Close"), (0.0, 5.0))
        for day in range(120)
        for part in range(2 if day < 70 else 4)
    ]
    store = import_text(tmp_path, made.csv_of(random_cases), mapping=MAPPING)
    flow = read_daily_flow(store)
    arrivals, inside = load_series(flow, settling_us=0, is_closed_only=False)
    found, _inside = search_series([arrivals, inside], error_rate=0.05)
    (point,) = found.points
    assert (found.unit, abs(point.index - 70) <= 3) == ("day", True)
    (change,) = point.changes
    assert (change.before, change.after) == (pytest.approx(2, abs=0.1), pytest.approx(4, abs=0.2))


def test_cases_followed_beyond_the_last_opening_are_no_end_of_arrivals(tmp_path):
    opened = [
        made.MadeCase(made.BEGINS + made.timedelta(days=day), ("Register", "Close"), (0.0, 24.0 * 80))
        for day in range(100)
    ]
    found = find_drift(import_text(tmp_path, made.csv_of(opened), mapping=MAPPING))
    for name in (Aspect.ARRIVALS, Aspect.WORK_IN_PROCESS):
        assert aspect(found, name).points == ()


@pytest.mark.data
@pytest.mark.parametrize("pattern", ["cf", "pm", "sw"])
def test_public_logs_change_where_they_are_known_to(shared_data, tmp_path, monkeypatch, pattern):
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path))
    source = shared_data / "drift-ceravolo" / f"sudden_trace_noise0_1000_{pattern}.xes.gz"
    store = open_or_import(ImportRequest((str(source),), tmp_path / "none", Mapping()))
    (found,) = find_drift(store, aspects=(Aspect.CONTROL_FLOW,)).aspects
    assert [abs(point.index - 500) <= 100 for point in found.points] == [True]


@pytest.mark.data
def test_the_four_changes_of_the_insurance_log_are_found(shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path))
    folder = shared_data / "drift-bose"
    request = ImportRequest((str(folder / "bose_log.xes.gz"),), tmp_path / "none", Mapping(split_cases_on="trace"))
    found = find_drift(open_or_import(request), aspects=(Aspect.CONTROL_FLOW,), error_rate=0.008)
    assert found.cases == 6_000
    with (folder / "change_points.csv").open() as lines:
        true = [int(row["cases_before_change_by_start_time"]) for row in csv.DictReader(lines)]
    places = [point.index for point in found.aspects[0].points]
    assert [min(abs(place - point) for point in places) <= 100 for place in true] == [True] * 4
