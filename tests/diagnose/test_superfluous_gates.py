"""Single gates on handmade traces: what alters a case, who was due, what follows, in plain sight."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import entropy

from potok.diagnose.superfluous.approvals import approval_levels, is_approval
from potok.diagnose.superfluous.case_mix import fetch_case_mix
from potok.diagnose.superfluous.continuation import count_passages, measure_information, measure_reaction
from potok.diagnose.superfluous.declaration import Indicator
from potok.diagnose.superfluous.knock_out import KnockOut, find_later_check, measure_knock_out
from potok.diagnose.superfluous.quality import adverse_flags
from potok.diagnose.superfluous.results import names_result
from potok.diagnose.superfluous.risk_set import find_risk_set
from potok.diagnose.superfluous.targeting import find_targeting
from potok.diagnose.superfluous.traces import END, OPEN, START, Traces, fetch_traces
from potok.diagnose.superfluous.worked import fetch_worked_seconds
from potok.engine.base import Engine
from potok.engine.run import default_engine
from potok.inference.proportions import clopper_pearson
from potok.log.mapping import Mapping
from support.importing import import_text
from support.measuring import ENGINES
from support.tiny_store import TinyEvent, TinyLog, write_store

SECOND = 1_000_000


@pytest.fixture
def duckdb_engine() -> Engine:
    return default_engine()


def log_of(traces: dict[str, int], *, open_traces: tuple[str, ...] = (), extracted: int = 10_000) -> TinyLog:
    """Return a log with traces of one-letter activities, each so many times; their instants are seconds."""
    events, open_cases = [], set()
    number = 0
    for trace, times, is_open in [
        *((trace, times, False) for trace, times in traces.items()),
        *((trace, 1, True) for trace in open_traces),
    ]:
        for _time in range(times):
            case = f"c{number:04}"
            number += 1
            if is_open:
                open_cases.add(case)
            events += [
                TinyEvent(case, letter, completed=(number + place) * SECOND, org_unit=f"U{place % 2}")
                for place, letter in enumerate(trace)
            ]
    return TinyLog(tuple(events), open_cases=frozenset(open_cases), extracted=extracted * SECOND)


def traces_of(folder: Path, traces: dict[str, int], **options) -> tuple[Traces, dict[str, int]]:
    log = log_of(traces, **options)
    letters = sorted({event.activity for event in log.events})
    return fetch_traces(write_store(log, folder / "store")), {letter: code for code, letter in enumerate(letters)}


@pytest.mark.parametrize("kind", ENGINES[1:])
def test_traces_are_framed(request: pytest.FixtureRequest, tmp_path: Path, kind: str):
    engine = request.getfixturevalue(f"{kind}_engine")
    store = write_store(log_of({"ABA": 1, "B": 1}, open_traces=("AC",)), tmp_path / "store")
    traces = fetch_traces(store, engine=engine)
    assert traces.activity.tolist() == [START, 0, 1, 0, END, START, 1, END, START, 0, 2, OPEN]
    assert traces.is_again.tolist() == [False] * 3 + [True] + [False] * 8
    assert traces.position.tolist() == [-1, 0, 1, 2, -1, -1, 0, -1, -1, 0, 1, -1]
    assert traces.closed_us.tolist() == [3 * SECOND, 2 * SECOND, 10_000 * SECOND]
    assert fetch_worked_seconds(store, engine) == {}
    assert fetch_traces(store, engine=engine, most_cases=2).case.tolist() == [0, 2]


def test_leaving_the_natural_continuation_alters(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABC": 90, "AB": 4, "ABAC": 3, "ABX": 3})
    found = measure_reaction(traces, codes["B"], passages=count_passages(traces))
    assert (found.basis, found.is_logged, found.runs) == ("branching", False, 100)
    assert found.altered_cases == 10  # ended early, sent back, or turned aside
    assert found.natural == codes["C"]


def test_side_by_side_is_no_alteration_but_a_loop_is(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABCD": 50, "ACBD": 45, "ABBCD": 5})
    found = measure_reaction(traces, codes["B"], passages=count_passages(traces))
    assert (found.runs, found.altered_cases) == (105, 5)
    looped, codes = traces_of(tmp_path / "loop", {"ABC": 80, "ABRBC": 20})
    found = measure_reaction(looped, codes["B"], passages=count_passages(looped))
    assert (found.runs, found.judged_cases, found.altered_cases) == (120, 100, 20)
    assert (found.rate.share, found.rate.trials) == (0.2, 100)  # of cases: runs of one case go together


def test_what_open_cases_do_next_is_not_known(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABC": 30}, open_traces=("AB",))
    found = measure_reaction(traces, codes["B"], passages=count_passages(traces))
    assert (found.runs, found.altered_cases) == (30, 0)


def test_logged_results_decide_where_they_are(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABC": 10})
    results = np.where(traces.activity == codes["B"], 0, -1)
    results[np.flatnonzero(results == 0)[:3]] = 1
    found = measure_reaction(traces, codes["B"], passages=count_passages(traces), results=results)
    assert (found.basis, found.is_logged, found.altered_cases) == ("result", False, 3)
    told = measure_reaction(traces, codes["B"], passages=count_passages(traces), results=results, is_declared=True)
    assert told.is_logged
    both = frozenset({0, 1})
    held = measure_reaction(traces, codes["B"], passages=count_passages(traces), results=results, natural_results=both)
    assert held.altered_cases == 0


def test_information_equals_its_definition():
    context, result, follows = (np.repeat(column, 25) for column in np.indices((2, 2, 2)).reshape(3, -1))
    kept = ~((context == 0) & (result == follows))  # in one context the opposite always follows, in the other anything
    found = measure_information(
        context[kept], result[kept], follows[kept], basis="result", generator=np.random.default_rng(1)
    )
    # One bit in 50 of 150 runs of the first context, none in the second, of one bit everywhere.
    whole = entropy([0.5, 0.5])
    exact = (50 * whole) / (50 * whole + 100 * whole)
    assert found.share is not None
    assert found.share.value == pytest.approx(exact, abs=0.02)
    assert found.share.lower < exact < found.share.upper
    assert found.p_value == pytest.approx(1 / 200)


def test_no_information_is_found_where_there_is_none():
    values = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        columns = (generator.integers(0, size, 300) for size in (2, 3, 4))
        found = measure_information(*columns, basis="result", generator=generator)
        assert found.share is not None
        values.append((found.p_value, found.share.value))
    p_values, shares = np.array(values).T
    assert (p_values <= 0.05).mean() < 0.15
    assert shares.mean() < 0.01


def test_only_cases_that_went_straight_on_have_skipped(tmp_path: Path):
    # After A comes the check B and then C; cases that turn to X instead were never due for it.
    traces, codes = traces_of(tmp_path, {"ABCE": 60, "ACE": 20, "AXE": 15, "ACBE": 5, "BCE": 2})
    found = find_risk_set(traces, codes["B"], follow_up_us=100 * SECOND)
    assert (len(found.due), int(found.is_skipped.sum())) == (85, 20)
    assert found.elsewhere == 2  # B without A before it
    assert found.unfollowed == 0
    assert find_risk_set(traces, codes["B"], follow_up_us=20_000 * SECOND).unfollowed == 85


def test_adverse_outcomes_count_within_the_follow_up_only(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABCRE": 10, "ACE": 10, "ABCDR": 10})
    store = write_store(log_of({"ABCRE": 10, "ACE": 10, "ABCDR": 10}), tmp_path / "again")
    mix = fetch_case_mix(store, traces.case, traces.opened_us, asked=None)
    indicator = Indicator("returned", activities=("R",), margin_share=0.1)

    def adverse(seconds: int) -> int:
        risk = find_risk_set(traces, codes["B"], follow_up_us=seconds * SECOND)
        flags = adverse_flags(traces, risk, mix, indicator, codes=(codes["R"],), activity=codes["B"])
        return int(flags.sum())

    assert adverse(3) == 10
    assert adverse(4) == 20
    rework = Indicator("rework", counts_rework=True)
    risk = find_risk_set(traces, codes["B"], follow_up_us=100 * SECOND)
    assert not adverse_flags(traces, risk, mix, rework, codes=(), activity=codes["B"]).any()


def test_knock_outs_are_cases_that_end_there(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABC": 15, "AB": 4}, open_traces=("AB",))
    found = measure_knock_out(traces, codes["B"], worked_seconds=40.0)
    assert (found.rate.events, found.rate.trials, found.cases) == (5, 20, 20)
    assert (found.closed_rate.events, found.closed_rate.trials) == (4, 19)
    assert found.is_early
    assert (found.effort_seconds_per_case, found.effort_seconds_per_knock_out) == (2.0, 8.0)
    assert not measure_knock_out(traces, codes["C"], worked_seconds=None).is_early


def test_a_dear_check_is_moved_behind_a_cheap_one():
    def check(ended: int, effort: float) -> KnockOut:
        return KnockOut(1000, 1000, clopper_pearson(ended, 1000), clopper_pearson(ended, 1000), True, effort, None)

    order = {1: np.arange(1000), 2: np.arange(1000) + 1}
    labels = {1: "dear", 2: "cheap"}
    checks = {1: check(20, 600.0), 2: check(300, 60.0)}
    found = find_later_check(1, checks, labels, order=order, barred=frozenset())
    assert found is not None
    assert found.activity == "cheap"
    assert find_later_check(1, checks, labels, order=order, barred=frozenset({2})) is None
    assert find_later_check(2, checks, labels, order=order, barred=frozenset()) is None
    alike = {1: check(20, 60.0), 2: check(22, 60.0)}
    assert find_later_check(1, alike, labels, order=order, barred=frozenset()) is None


def test_alterations_that_the_mix_tells_can_be_targeted():
    generator = np.random.default_rng(2)
    hard = generator.random(2000) < 0.3
    design = np.column_stack([hard, generator.random(2000) < 0.5]).astype(float)
    told = find_targeting(design, hard & (generator.random(2000) < 0.1), seed=1)
    assert told is not None
    assert told.caught.lower >= 0.8
    assert find_targeting(design, generator.random(2000) < 0.03, seed=1) is None
    assert find_targeting(design, np.zeros(2000, bool), seed=1) is None


def test_an_approval_by_several_units_has_levels(tmp_path: Path):
    traces, codes = traces_of(tmp_path, {"ABA": 20})
    labels = {code: {"A": "Согласование проекта", "B": "Проверка"}[letter] for letter, code in codes.items()}
    assert [is_approval(label) for label in ("Request approval", "Подписание решения", "Check papers")] == [
        True,
        True,
        False,
    ]
    assert approval_levels(traces, labels, {0: "U0", 1: "U1"}) == {}  # one unit only
    moved = write_store(log_of({"AAB": 20}), tmp_path / "levels")
    levels = approval_levels(fetch_traces(moved), labels, {0: "Отдел", 1: "Министр"})
    assert sorted(levels.values()) == [(0, "Министр"), (0, "Отдел")]


def test_attributes_that_speak_of_later_are_no_case_mix(tmp_path: Path):
    rows = ["case,activity,time,district,case_status,стадия рассмотрения,решение"]
    rows += [f"{n},A,2024-01-{1 + n % 28:02} 10:00,{n % 2},{n % 3},{n % 2},{n % 3 == 0}" for n in range(60)]
    store = import_text(tmp_path, "\n".join(rows) + "\n", mapping=Mapping())
    traces = fetch_traces(store)
    mix = fetch_case_mix(store, traces.case, traces.opened_us, asked=None)
    assert [name for name in mix.names if "district" not in name] == []


@pytest.mark.parametrize(
    ("column", "is_result"),
    [
        ("Решение", True),
        ("результат_проверки", True),
        ("reviewResult", True),
        ("Исход", True),
        ("Исходящий тип документа", False),
        ("Разрешение", False),
        ("resulting_unit", False),
    ],
)
def test_a_column_of_results_is_known_by_whole_words(column, is_result):
    assert names_result(column) is is_result
