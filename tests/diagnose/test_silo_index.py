"""The silo index: what it must be, and what must not move it."""

from random import Random

import numpy as np
import pytest

from potok.diagnose.silos.boundary_time import compute_boundary_time, list_boundary_cases, share_bounds
from potok.diagnose.silos.findings import find_silos, list_silo_finding_cases
from potok.diagnose.silos.resampling import draw_weights, percentile_bounds
from potok.diagnose.silos.silo_index import compute_silo_index
from potok.diagnose.silos.silo_index_interval import GroupedWaits, index_bounds, resample
from support.tiny_store import SECOND, TinyEvent, TinyLog, write_store

ACTIVITIES = ("A", "B", "C")
HOUR = 3600


def made_up(
    cases: int, *, extra: float = 0.0, units: int = 2, seed: int = 7, constant: bool = False, prefix: str = "u"
) -> TinyLog:
    """Cases of eight instances by departments at random; waits of an hour on average, `extra` hours more at a boundary.

    Waits depend on the activity, and on nothing else but the boundary.
    """
    random = Random(seed)
    events = []
    for case in range(cases):
        at = random.randrange(30 * 24) * HOUR
        unit = None
        for number in range(8):
            activity, before = random.choice(ACTIVITIES), unit
            unit = f"{prefix}{random.randrange(units)}"
            scale = HOUR * (1 + ACTIVITIES.index(activity))
            wait = scale if constant else random.expovariate(1 / scale)
            if number and unit != before:
                wait += extra * HOUR
            at += round(wait)
            events.append(TinyEvent(f"{case:05}", activity, completed=at * SECOND, org_unit=unit))
    return TinyLog(tuple(events))


def index_of(log: TinyLog, folder):
    return compute_silo_index(write_store(log, folder))


def test_without_any_difference_it_is_exactly_zero(tmp_path):
    found = index_of(made_up(60, constant=True), tmp_path / "s")
    assert (found.value, found.lower, found.upper) == (0, 0, 0)
    assert (found.wait_ratio, found.excess_seconds) == (1, 0)


def test_without_boundary_effect_chance_alone_is_told_from_one(tmp_path):
    found = index_of(made_up(400), tmp_path / "s")
    assert found.lower == 0
    assert found.value < 0.06


def test_it_is_the_planted_share_and_rises_with_it(tmp_path):
    """Waits of two hours on average with d more at boundaries: d / (2 + d) of the waiting there is the boundary's."""
    values = []
    for extra in (1.0, 4.0, 16.0):
        found = index_of(made_up(400, extra=extra), tmp_path / str(extra))
        assert found.lower <= extra / (2 + extra) <= found.upper
        assert found.lower > 0
        assert found.excess_seconds == pytest.approx(found.crossings * extra * HOUR, rel=0.25)
        values.append(found.value)
    assert values == sorted(values)


def test_cutting_departments_into_smaller_ones_does_not_move_it(tmp_path):
    few, many = (index_of(made_up(400, extra=4, units=units), tmp_path / str(units)) for units in (2, 12))
    assert many.crossings > 1.5 * few.crossings
    assert few.lower <= 4 / 6 <= few.upper
    assert many.lower <= 4 / 6 <= many.upper


def test_names_do_not_move_it(tmp_path):
    one, other = (index_of(made_up(80, extra=2, prefix=prefix), tmp_path / prefix) for prefix in ("u", "Отдел "))
    assert (one.value, one.lower, one.upper) == (other.value, other.lower, other.upper)


def test_more_cases_narrow_its_interval(tmp_path):
    small, large = (index_of(made_up(n, extra=2), tmp_path / str(n)) for n in (60, 960))
    assert large.upper - large.lower < 0.5 * (small.upper - small.lower)


def test_the_mix_of_activities_at_boundaries_does_not_fool_it(tmp_path):
    """Slow work crosses boundaries more often but waits no longer there: crude means differ, the index does not."""
    random, events = Random(3), []
    for case in range(400):
        at, unit = 0, "u0"
        for _ in range(8):
            is_slow = random.random() < 0.5
            crosses = random.random() < (0.9 if is_slow else 0.1)
            unit = ("u1" if unit == "u0" else "u0") if crosses else unit
            at += 100 * HOUR if is_slow else HOUR
            events.append(TinyEvent(f"{case:05}", "slow" if is_slow else "fast", completed=at * SECOND, org_unit=unit))
    assert index_of(TinyLog(tuple(events)), tmp_path / "s").value == 0


def test_a_returning_crossing_goes_to_a_holder_that_had_the_case(tmp_path):
    events = [
        TinyEvent(f"{case:03}", "A", completed=number * HOUR * SECOND, org_unit=unit)
        for case in range(30)
        for number, unit in enumerate(("x", "x", "y", "x", "z", "y"))
    ]
    found = index_of(TinyLog(tuple(events)), tmp_path / "s")
    assert (found.crossings, found.returning_crossings, found.returning_share) == (120, 60, 0.5)


@pytest.mark.parametrize(
    ("log", "refusal"),
    [
        (made_up(40, units=1), "no_crossings"),
        (made_up(10), "too_few_cases"),
        (
            TinyLog(
                tuple(
                    TinyEvent(f"{case:03}", activity, completed=number * SECOND, org_unit=activity)
                    for case in range(30)
                    for number, activity in enumerate("ABC")
                )
            ),
            "nothing_to_compare",
        ),
        (TinyLog((TinyEvent("1", "A", completed=0),)), "no_crossings"),
    ],
    ids=["one holder", "few cases", "every activity in one department", "one instance"],
)
def test_it_refuses_where_it_cannot_tell(log, refusal, tmp_path):
    found = index_of(log, tmp_path / "s")
    assert (found.value, found.lower, found.refusal) == (None, None, refusal)


def test_findings_name_boundaries_beyond_chance_and_lead_to_their_cases(tmp_path):
    store = write_store(made_up(200, extra=8), tmp_path / "s")
    index, boundaries = (compute(store) for compute in (compute_silo_index, compute_boundary_time))
    findings = find_silos(index, boundaries, store)
    assert {(f.where.org_unit, f.where.next_org_unit) for f in findings} == {("u0", "u1"), ("u1", "u0")}
    for finding in findings:
        listed = list_silo_finding_cases(store, finding)
        assert len(listed) == finding.cases
        assert sum(case.seconds for case in listed) == pytest.approx(finding.affected_seconds)
        assert finding.applicant_seconds == 0
        assert finding.example_cases == tuple(case.case for case in listed[:10])
    calm = write_store(made_up(200), tmp_path / "calm")
    index = compute_silo_index(calm)
    assert find_silos(index, compute_boundary_time(calm), calm) == ()


def test_time_between_departments_is_counted_apart_from_time_within(tmp_path):
    log = TinyLog(
        tuple(
            TinyEvent(case, "A", completed=at * SECOND, org_unit=unit)
            for case in ("1", "2")
            for at, unit in ((0, "x"), (10, "x"), (40, "y"), (100, None), (110, "x"), (115, "EMPTY"), (120, "x"))
        )
    )
    store = write_store(log, tmp_path / "s")
    found = compute_boundary_time(store)
    assert (found.between_seconds, found.within_seconds, found.unknown_seconds) == (60, 20, 160)
    assert (found.between_share, found.lower_share) == (60 / 240, None)
    assert [(b.source, b.target, b.count, b.cases, b.boundary_share) for b in found.boundaries] == [("x", "y", 2, 2, 1)]
    assert (found.effective_boundaries, found.most_of_time_boundaries) == (1, 1)
    assert [case.seconds for case in list_boundary_cases(store, "x", "y")] == [30, 30]


def test_the_interval_of_the_share_covers_it():
    """Of 200 samples of 150 cases each about 95 % of the intervals hold the share of all cases, 1/3."""
    generator, held = np.random.default_rng(5), 0
    for _ in range(200):
        between, within = generator.exponential(1, 150), generator.exponential(2, 150)
        lower, upper = share_bounds(between, between + within)
        held += lower <= 1 / 3 <= upper
    assert 180 <= held <= 198


def test_weights_draw_as_many_groups_as_there_are_and_bounds_want_most_of_the_draws():
    weights = draw_weights(7, draws=50)
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert percentile_bounds(np.array([np.nan, np.nan, 1.0])) is None
    assert percentile_bounds(np.linspace(0, 1, 1001)) == (pytest.approx(0.025), pytest.approx(0.975))


def grouped(generator, *, groups: int = 150, strata: int = 3, effect: float = 1.0) -> GroupedWaits:
    """Skewed waits of cases with a factor of their own, at boundaries `effect` hours longer."""
    inside, crossings = generator.poisson(1.0, (groups, strata)), generator.poisson(4.0, (groups, strata))
    factor = generator.lognormal(0, 0.5, (groups, 1))
    return GroupedWaits(
        inside.astype(float),
        generator.gamma(np.maximum(inside, 1e-9)) * factor * (inside > 0),
        crossings.astype(float),
        generator.gamma(np.maximum(crossings, 1e-9)) * factor * (1 + effect) * (crossings > 0),
    )


def log_ratio_of(inside, inside_seconds, crossings, crossing_seconds) -> float:
    """Return log(E / T) of cases, in the plainest way."""
    expected = sum(
        crossings[:, s].sum() * inside_seconds[:, s].sum() / inside[:, s].sum() for s in range(inside.shape[1])
    )
    return float(np.log(expected / crossing_seconds.sum()))


def columns(waits: GroupedWaits, rows=slice(None)):
    return (waits.inside[rows], waits.inside_seconds[rows], waits.crossings[rows], waits.crossing_seconds[rows])


def test_a_draw_is_the_same_as_a_log_of_the_cases_drawn():
    generator = np.random.default_rng(1)
    waits = grouped(generator)
    weights = draw_weights(150, draws=20)
    drawn = resample(waits, weights)
    for number, weight in enumerate(weights):
        rows = np.repeat(np.arange(150), weight.astype(int))
        assert drawn.log_ratio[number] == pytest.approx(log_ratio_of(*columns(waits, rows)))
        alone = resample(GroupedWaits(*columns(waits, rows)), np.ones((1, 150)))
        assert drawn.error[number] == pytest.approx(alone.error[0])


def test_the_error_is_that_of_leaving_out_one_case_at_a_time():
    waits = grouped(np.random.default_rng(2), groups=400)
    without = np.array([log_ratio_of(*columns(waits, np.arange(400) != case)) for case in range(400)])
    jackknife = np.sqrt(399 / 400 * ((without - without.mean()) ** 2).sum())
    assert resample(waits, np.ones((1, 400))).error[0] == pytest.approx(jackknife, rel=0.03)


def test_the_interval_is_the_bootstrap_t_of_the_log_ratio():
    generator = np.random.default_rng(3)
    waits = grouped(generator)
    value, error = log_ratio_of(*columns(waits)), resample(waits, np.ones((1, 150))).error[0]
    studentised = []
    for _draw in range(3000):
        rows = generator.integers(150, size=150)
        own = GroupedWaits(*columns(waits, rows))
        studentised.append((log_ratio_of(*columns(own)) - value) / resample(own, np.ones((1, 150))).error[0])
    expected = [1 - np.exp(value - t * error) for t in np.quantile(studentised, [0.025, 0.975])]
    assert index_bounds(waits) == pytest.approx(expected, abs=0.03)


def test_there_is_no_interval_where_nobody_waits_or_hardly_anybody_inside():
    waits = grouped(np.random.default_rng(4), groups=30)
    nothing = np.zeros_like(waits.inside_seconds)
    assert index_bounds(GroupedWaits(waits.inside, nothing, waits.crossings, waits.crossing_seconds)) is None
    assert index_bounds(GroupedWaits(waits.inside, waits.inside_seconds, waits.crossings, nothing)) is None
    first, last = (np.arange(30)[:, None] == case for case in (0, 29))
    rare = GroupedWaits(waits.inside, waits.inside_seconds * first, waits.crossings, waits.crossing_seconds * last)
    assert index_bounds(rare) is None
    few = np.arange(30)[:, None] < 4
    assert index_bounds(GroupedWaits(waits.inside * few, waits.inside_seconds * few, *columns(waits)[2:])) is None
