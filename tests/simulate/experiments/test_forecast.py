"""Forecasts of a queue whose answers are known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from potok.core.change import AddStaff, Automate, ChangeDemand, Remove
from potok.core.errors import PotokError
from potok.simulate.changes import Scenario
from potok.simulate.experiments.estimates import (
    IntervalKind,
    correct_draws,
    estimate_forecast,
    estimate_means,
)
from potok.simulate.experiments.forecast import (
    FEW_DRAWS,
    GROWS,
    NO_CASES,
    NOT_SETTLED,
    SATURATED,
    STRUCTURE,
    Settings,
    Source,
    make_forecast,
)
from potok.simulate.experiments.keeping import KeptRows, content_hash
from potok.simulate.experiments.metrics import Metric, MetricName
from potok.simulate.experiments.scenarios import Bootstrap, draw_cases
from potok.simulate.experiments.settling import FrameKind
from potok.simulate.experiments.warm_up import find_warm_up
from simulate.experiments.made_runs import START_AT, QueueRunner, queue_model, relearn_queue

DURATION = Metric(MetricName.CASE_DURATION_MEAN)
ONE_MORE = Scenario("one more", (AddStaff(pool="Clerks"),), (0.0,))
# Three intervals hold at once but once in 300 seeds.
LEVEL = 0.999
QUICK = Settings(replications=6, cases=1500)


def estimate(forecast, estimates, metric=DURATION):
    return estimates[forecast.metrics.index(metric)]


@pytest.fixture(scope="module")
def forecast():
    source = Source(queue_model(per_day=70.0), QueueRunner())
    return make_forecast(source, [ONE_MORE], settings=replace(QUICK, replications=12, cases=4000, level=LEVEL))


def test_as_is_to_be_and_their_difference_agree_with_queueing_theory(forecast):
    # M/M/1 at ρ = 0.7: 864 s / 0.3; M/M/2 at ρ = 0.35: 864 s / (1 − 0.35²); a minute for the machine.
    as_is, to_be = 864 / 0.3 + 60, 864 / (1 - 0.35**2) + 60
    before = estimate(forecast, forecast.as_is)
    after = estimate(forecast, forecast.scenarios[0].to_be)
    assert before.lower <= as_is <= before.upper
    assert after.lower <= to_be <= after.upper
    difference = estimate(forecast, forecast.scenarios[0].difference)
    assert difference.value == pytest.approx(after.value - before.value)
    assert difference.lower <= to_be - as_is <= difference.upper


def test_the_steady_state_is_taken_after_a_warm_up_and_said_to_be(forecast):
    assert forecast.chosen.kind is FrameKind.STEADY_STATE
    assert forecast.chosen.warm_up.is_found
    assert forecast.chosen.saturated == ()
    assert forecast.interval is IntervalKind.MONTE_CARLO
    assert forecast.assumptions == (STRUCTURE, NO_CASES)
    assert forecast.ranking.ranks == (2, 1)
    assert forecast.ranking.best_shares == (0.0, 1.0)


def test_common_random_numbers_narrow_the_difference(forecast):
    apart = [
        np.hypot(*(estimate(forecast, one).standard_error for one in pair))
        for pair in [(forecast.as_is, forecast.scenarios[0].to_be)]
    ]
    assert estimate(forecast, forecast.scenarios[0].difference).standard_error < apart[0]


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    source = Source(queue_model(), QueueRunner())
    first = make_forecast(source, [ONE_MORE], settings=QUICK)
    assert make_forecast(source, [ONE_MORE], settings=QUICK) == first
    other = make_forecast(source, [ONE_MORE], settings=replace(QUICK, seed=2))
    assert estimate(other, other.as_is) != estimate(first, first.as_is)


def test_a_saturated_process_has_a_horizon_only():
    source = Source(queue_model(per_day=120.0), QueueRunner())
    found = make_forecast(source, [ONE_MORE], settings=QUICK)
    assert found.chosen.kind is FrameKind.HORIZON
    assert [(one.scenario, one.pool) for one in found.chosen.saturated] == [(0, "Clerks")]
    assert found.chosen.saturated[0].offered_load == pytest.approx(1.2, rel=0.05)
    assert SATURATED in found.warnings
    assert found.chosen.frame.days == 91
    # After a quarter: 20 cases a day more than can be done.
    assert estimate(found, found.as_is, Metric(MetricName.OPEN_AT_END)).value == pytest.approx(20 * 91, rel=0.1)


def test_a_scenario_that_saturates_takes_the_steady_state_from_all():
    found = make_forecast(
        Source(queue_model(), QueueRunner()), [Scenario("more", (ChangeDemand(2.0),), (0.0,))], settings=QUICK
    )
    assert found.chosen.kind is FrameKind.HORIZON
    assert [one.scenario for one in found.chosen.saturated] == [1]


def test_a_stated_horizon_is_taken():
    settings = replace(QUICK, start_at=START_AT + timedelta(days=1), until_at=START_AT + timedelta(days=15))
    found = make_forecast(Source(queue_model(), QueueRunner()), settings=settings)
    assert (found.chosen.kind, found.chosen.frame.days) == (FrameKind.HORIZON, 14.0)
    assert found.scenarios == ()
    assert found.ranking is None


def test_growth_has_no_steady_state_in_the_strict_sense():
    model = queue_model()
    model = replace(model, arrivals=replace(model.arrivals, growth_per_year=0.1))
    assert GROWS in make_forecast(Source(model, QueueRunner()), settings=QUICK).warnings


def test_with_seasons_only_whole_years_are_steady():
    model = queue_model(per_day=5.0)
    model = replace(model, arrivals=replace(model.arrivals, month_factors=(1.5, 0.5) * 6))
    found = make_forecast(Source(model, QueueRunner()), settings=replace(QUICK, replications=2, cases=20))
    assert found.chosen.frame.days == 364


def test_what_only_the_change_says_of_quality_counts_as_it_is_too():
    change = Remove("Decide", indicator="fraud", share_with=0.02, share_without=0.3)
    found = make_forecast(Source(queue_model(), QueueRunner()), [Scenario("x", (change,), (0.0,))], settings=QUICK)
    fraud = Metric(MetricName.ADVERSE_SHARE, "fraud")
    assert estimate(found, found.as_is, fraud).value == pytest.approx(0.02)
    assert estimate(found, found.scenarios[0].to_be, fraud).value == pytest.approx(0.3)
    assert estimate(found, found.scenarios[0].difference, fraud).value == pytest.approx(0.28)


def bootstrapped(draws=24, cases=200):
    model = queue_model(per_day=50.0)
    services = np.random.default_rng(5).exponential(864.0, cases)
    learned = relearn_queue(model, services)
    return Source(learned(np.ones(cases)), QueueRunner(), Bootstrap(learned, cases, draws=draws, replications=2), "key")


def test_draws_widen_the_interval_by_what_the_log_does_not_tell():
    source = bootstrapped()
    found = make_forecast(source, [ONE_MORE], settings=replace(QUICK, draws=24))
    assert found.interval is IntervalKind.BOOTSTRAP
    assert NO_CASES not in found.assumptions
    known = make_forecast(replace(source, bootstrap=None), [ONE_MORE], settings=QUICK)
    wide, narrow = estimate(found, found.as_is), estimate(known, known.as_is)
    # The value is corrected by what the draws show, which is less than what they do not know.
    assert wide.lower < narrow.value < wide.upper
    assert wide.upper - wide.lower > 2 * (narrow.upper - narrow.lower)
    assert wide.lower < wide.value < wide.upper


def test_few_draws_are_said_to_be_few():
    found = make_forecast(bootstrapped(draws=5), settings=replace(QUICK, draws=5))
    assert FEW_DRAWS in found.warnings
    assert found.settings.draws == 5


def test_draws_in_which_a_change_cannot_be_applied_are_left_out():
    source = bootstrapped(draws=6)
    relearn = source.bootstrap.relearn

    def forgetful(weights):
        model = relearn(weights)
        if weights.sum() % 2:
            return model
        automatic = replace(model.activities[0], is_automatic=True)
        return replace(model, activities=(automatic, model.activities[1]))

    source = replace(source, bootstrap=replace(source.bootstrap, relearn=forgetful))
    scenario = Scenario("machine", (Automate("Decide"),), (0.0,))
    found = make_forecast(source, [scenario], settings=replace(QUICK, draws=6))
    parity = [draw_cases(200, seed=1, number=number).sum() % 2 for number in range(6)]
    assert found.draws_left_out == parity.count(0) > 0


def test_what_was_computed_before_an_interruption_is_not_run_again(tmp_path):
    settings = replace(QUICK, cases=200)
    whole = make_forecast(bootstrapped(), [ONE_MORE], settings=settings, folder=tmp_path / "whole")

    class Interrupting(QueueRunner):
        def __call__(self, model, frame, *, seed, replications):
            for log in super().__call__(model, frame, seed=seed, replications=replications):
                if self.runs > 60:
                    raise KeyboardInterrupt
                yield log

    source, folder = bootstrapped(), tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        make_forecast(replace(source, run=Interrupting()), [ONE_MORE], settings=settings, folder=folder)
    runner = QueueRunner()
    again = make_forecast(replace(source, run=runner), [ONE_MORE], settings=settings, folder=folder)
    assert replace(again, model=whole.model) == whole
    fresh = QueueRunner()
    make_forecast(replace(source, run=fresh), [ONE_MORE], settings=settings)
    assert runner.runs < fresh.runs - 30


def test_damaged_rows_are_computed_again(tmp_path):
    kept = KeptRows(tmp_path, "draw", (2, 2))
    row = np.array([[1.5, np.nan], [-0.1, np.inf]])
    kept.put(3, row)
    assert np.array_equal(kept.get(3), row, equal_nan=True)
    assert kept.get(4) is None
    (tmp_path / "draw-000003.json").write_text("[1")
    assert kept.get(3) is None
    assert KeptRows(None, "draw", (1,)).get(0) is None


def test_the_hash_of_a_model_is_of_its_content():
    assert content_hash(queue_model()) == content_hash(queue_model())
    assert content_hash(queue_model()) != content_hash(queue_model(people=2))
    assert content_hash(np.arange(3)) != content_hash(np.arange(3.0))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (replace(QUICK, replications=1), "POTOK-S110"),
        (replace(QUICK, draws=-1), "POTOK-S110"),
        (replace(QUICK, level=1.0), "POTOK-S110"),
        (replace(QUICK, until_at=START_AT - timedelta(days=1)), "POTOK-S110"),
        (replace(QUICK, until_at=START_AT + timedelta(seconds=1)), "POTOK-S111"),
    ],
)
def test_what_cannot_be_is_refused(settings, code):
    with pytest.raises(PotokError) as caught:
        make_forecast(Source(queue_model(), QueueRunner()), settings=settings)
    assert caught.value.code == code


def test_a_model_without_arrivals_is_refused():
    with pytest.raises(PotokError) as caught:
        make_forecast(Source(queue_model(per_day=0.0), QueueRunner()), settings=QUICK)
    assert caught.value.code == "POTOK-S111"


def test_warm_up_is_the_beginning_that_differs():
    generator = np.random.default_rng(1)
    series = [generator.normal(100.0, 5.0, 1000) for _number in range(5)]
    assert find_warm_up(series).cases <= 50
    for one in series:
        one[:200] -= np.linspace(80.0, 0.0, 200)
    found = find_warm_up(series)
    assert found.is_found
    assert 100 <= found.cases <= 250
    growing = [np.arange(1000.0)] * 3
    assert not find_warm_up(growing).is_found
    assert not find_warm_up([np.ones(7)]).is_found
    # One case, and pilots that double to eight: too few to tell.
    settings = replace(QUICK, cases=1)
    assert NOT_SETTLED in make_forecast(Source(queue_model(per_day=1.0), QueueRunner()), settings=settings).warnings


def test_intervals_are_students_and_percentiles():
    values = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, np.nan]])
    mean, single = estimate_means(values, level=0.9)
    # t of 0.95 with 2 degrees of freedom: 2.91999.
    assert (mean.value, mean.upper) == (2.0, pytest.approx(2.0 + 2.91999 / np.sqrt(3), rel=1e-5))
    assert single.value == 5.0
    assert np.isnan(single.lower)
    sure = np.full((3, 1), 2.0)
    # The least of 99 draws stands for a hundredth.
    drawn = np.arange(99.0)[:, None]
    (found,) = estimate_forecast(np.array([2.0]), sure, drawn[:, None], drawn, level=0.9)
    assert (found.value, found.lower, found.upper) == pytest.approx((2.0, 4.0, 94.0))
    # Three draws of standard deviation 1, on either side of the value.
    three = np.array([[11.0], [12.0], [13.0]])
    (few,) = estimate_forecast(np.array([2.0]), sure, three[:, None], three, level=0.9)
    assert (few.value, few.lower) == (2.0, pytest.approx(2.0 - 2.91999, rel=1e-5))
    (nothing,) = estimate_means(np.full((3, 1), np.nan), level=0.9)
    assert np.isnan(nothing.value)


def test_draws_that_lie_apart_put_values_back():
    values = np.array([[[10.0, 0.5, 1.0]]] * 2)
    around = np.linspace(-0.01, 0.01, 40)[:, None, None, None]
    # Twice as long, odds of four, and two more where zeros forbid ratios; then hardly anything.
    draws = np.concatenate([20.0 * np.exp(around), 0.8 + around / 10, np.abs(3.0 + around)], axis=3)
    draws[0, ..., 2] = 0.0
    corrected, found = correct_draws(draws, values)
    assert found[0, :2] == pytest.approx((5.0, 0.2), rel=0.01)
    assert np.median(corrected[:, 0, :2], axis=0) == pytest.approx((5.0, 0.2), rel=0.01)
    assert 0.0 <= found[0, 2] < 0.1
    near, same = correct_draws(10.0 + around, values[..., :1])
    assert same[0, 0] == 10.0
    assert near[:, 0, 0].tolist() == (10.0 + around).ravel().tolist()
    # Of nineteen nothing is told.
    assert correct_draws(draws[:19], values)[1].tolist() == values[0].tolist()


def test_intervals_cover_though_what_is_learned_errs_on_one_side():
    """The exponential of a mean errs upwards, as a queue's length does; its draws err once more."""
    generator = np.random.default_rng(3)
    hits, plain, errors = [], [], []
    for _number in range(400):
        sample = generator.normal(1.0, 3.0, 60)
        # Noise is taken for variation: it is added, and twice as much in draws.
        noise = 2.0 * sample.var() / 60
        value = np.full((2, 1, 1), np.exp(sample.mean() + noise))
        again = sample[generator.integers(0, 60, (60, 60))]
        draws = np.exp(again.mean(axis=1) + 2 * noise)[:, None, None, None]
        corrected, found = correct_draws(draws, value)
        (one,) = estimate_forecast(found[0], value[:, 0], draws[:, :, 0], corrected[:, 0], level=0.9)
        hits.append(one.lower <= np.e <= one.upper)
        plain.append(np.quantile(draws, 0.05) <= np.e <= np.quantile(draws, 0.95))
        errors.append((np.log(value[0, 0, 0]) - 1, np.log(one.value) - 1))
    assert 0.83 <= np.mean(hits) <= 0.95
    assert np.mean(hits) > np.mean(plain) + 0.05
    before, after = np.abs(np.mean(errors, axis=0))
    assert after < before / 2


def test_intervals_of_a_figure_that_jumps_cover_as_well():
    """A percentile beside a gap: a day longer in runs in which one case in ten waits over the weekend."""
    generator = np.random.default_rng(8)
    share, cases, wanted = 0.088, 400, 40

    def runs(shares, count):
        return 22.0 + 45.0 * (generator.binomial(cases, shares[:, None], (len(shares), count)) > wanted)

    truth = runs(np.array([share]), 200_000).mean()
    hits = []
    for seen in generator.binomial(cases, share, 400) / cases:
        value = runs(np.array([seen]), 30)[0][:, None, None]
        draws = runs(generator.binomial(cases, seen, 40) / cases, 4)[..., None, None]
        corrected, found = correct_draws(draws, value)
        (one,) = estimate_forecast(found[0], value[:, 0], draws[:, :, 0], corrected[:, 0], level=0.9)
        hits.append(one.lower <= truth <= one.upper)
    assert 0.85 <= np.mean(hits) <= 0.97


def test_intervals_of_the_mean_cover_as_often_as_they_say():
    generator = np.random.default_rng(11)
    samples = generator.normal(size=(8, 4000))
    hits = [one.lower <= 0 <= one.upper for one in estimate_means(samples, level=0.9)]
    assert np.mean(hits) == pytest.approx(0.9, abs=0.015)
