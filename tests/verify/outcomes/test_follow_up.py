"""Restricted means by cell, ends that compete, and weighted shares, against lifelines and each other."""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from potok.verify.outcomes.follow_up import End, case_ends, end_shares, restricted_cell_means, weighted_share
from potok.verify.outcomes.values import ClockedCases
from verify.outcomes.study_logs import make_protocol
from verify.outcomes.test_values import labels

HORIZON = 12.0


def clocked(duration, is_closed, *, watched=None, is_closed_only=False):
    duration = np.asarray(duration, np.float64)
    entry = np.zeros(len(duration)) if watched is None else np.asarray(watched, np.float64)
    return ClockedCases(
        duration=duration,
        watched_from=entry,
        followed=duration,
        is_closed=np.asarray(is_closed, np.bool_),
        is_unwatched=entry > duration,
        stopped=np.zeros(len(duration)),
        calendar_id="",
        is_closed_only=is_closed_only,
    )


@pytest.fixture
def sample():
    """Three hundred cases: gamma times, looked at after 1 to 40 days, some watched late."""
    random = np.random.default_rng(5)
    time, look = random.gamma(2.0, 5.0, 300), random.uniform(1, 40, 300)
    watched = np.where(random.random(300) < 0.3, random.uniform(0, 5, 300), 0.0)
    duration = np.minimum(time, look)
    seen = watched < duration
    return clocked(duration[seen], (time <= look)[seen], watched=watched[seen]), random


def test_cells_are_means_where_all_is_known_and_curves_where_it_is_not(sample):
    cases, random = sample
    cell = random.integers(-1, 6, len(cases.duration))
    found = restricted_cell_means(cases, cell=cell, cells=7, horizon_days=HORIZON)
    for place in range(6):
        own = cell == place
        fitter = KaplanMeierFitter().fit(cases.duration[own], cases.is_closed[own], entry=cases.watched_from[own])
        assert found.mean[place] == pytest.approx(restricted_mean_survival_time(fitter, t=HORIZON), rel=1e-9)
        assert found.cases[place] == own.sum()
        assert found.censored[place] == (~cases.is_closed & (cases.duration < HORIZON) & own).sum() > 0
    assert np.isnan(found.mean[6])
    assert found.cases.sum() == (cell >= 0).sum()


def test_the_curve_equals_the_mean_where_nothing_is_censored():
    random = np.random.default_rng(2)
    time = random.gamma(2.0, 5.0, 80)
    whole = clocked(time, np.ones(80))
    plain = restricted_cell_means(whole, cell=np.zeros(80, np.int64), cells=1, horizon_days=HORIZON)
    cut = np.minimum(time, HORIZON)
    assert plain.mean[0] == pytest.approx(cut.mean(), rel=1e-12)
    assert plain.standard_error[0] == pytest.approx(cut.std(ddof=1) / np.sqrt(80), rel=1e-12)
    late = clocked(time, np.ones(80), watched=np.full(80, 1e-9))
    late.watched_from[1:] = 0.0
    curve = restricted_cell_means(late, cell=np.zeros(80, np.int64), cells=1, horizon_days=HORIZON)
    assert curve.mean[0] == pytest.approx(cut.mean(), rel=1e-9)
    assert curve.standard_error[0] == pytest.approx(cut.std() / np.sqrt(80), rel=1e-6)


def test_open_cases_would_be_flattered_by_the_known_ones():
    """A truth of 10 days, of which half are looked at too early: the plain mean of the known is too short."""
    random = np.random.default_rng(8)
    time, look = random.exponential(10.0, 4000), random.uniform(0, 2 * HORIZON, 4000)
    cases = clocked(np.minimum(time, look), time <= look)
    found = restricted_cell_means(cases, cell=np.zeros(4000, np.int64), cells=1, horizon_days=HORIZON)
    truth = 10 * (1 - np.exp(-HORIZON / 10))
    assert abs(found.mean[0] - truth) < 3 * found.standard_error[0] < 0.5
    assert np.minimum(time, HORIZON)[time <= look].mean() < truth - 1.5


def test_cells_that_cannot_tell_are_empty():
    """Nobody followed to the horizon; nobody watched from the opening; a log of closed cases only; no case."""
    young = clocked([3.0, 4.0], [True, False])
    late = clocked([8.0, 20.0], [True, True], watched=[2.0, 3.0])
    closed = clocked([3.0, 4.0], [True, True], is_closed_only=True)
    cell = np.zeros(2, np.int64)
    for cases in (young, late, closed):
        found = restricted_cell_means(cases, cell=cell, cells=2, horizon_days=HORIZON)
        assert np.isnan(found.mean).all()
        assert np.isnan(found.standard_error).all()
        assert found.cases.tolist() == [2, 0]
    ends = np.array([End.DECIDED, End.DECIDED])
    everyone = np.ones(2, np.bool_)
    for cases in (late, closed, young):
        assert end_shares(cases, ends * cases.is_closed, chosen=everyone, horizon_days=HORIZON) is None
    assert end_shares(young, ends, chosen=~everyone, horizon_days=HORIZON) is None


def test_ends_are_told_by_the_declared_outcomes():
    protocol = make_protocol()
    declared = type(protocol.declarations)(refusal_values=("refused",), withdrawal_values=("withdrawn", "returned"))
    outcome = labels("outcome", ["granted", "refused", "returned", "", "refused", "withdrawn"])
    is_closed = np.array([True, True, True, True, False, True])
    told = type(protocol)(**{**{f: getattr(protocol, f) for f in protocol.__slots__}, "declarations": declared})
    assert case_ends(outcome, is_closed, told).tolist() == [1, 2, 3, 4, 0, 3]
    assert case_ends(outcome, is_closed, protocol).tolist() == [1, 1, 1, 4, 0, 1]


@pytest.mark.filterwarnings("ignore")  # lifelines jitters ties, and says so
def test_shares_of_ends_are_those_of_aalen_and_johansen(sample):
    cases, random = sample
    ends = np.where(cases.is_closed, random.integers(1, 5, len(cases.duration)), 0)
    at_opening = cases.watched_from == 0  # lifelines has no delayed entry here
    found = end_shares(cases, ends, chosen=at_opening, horizon_days=HORIZON)
    assert sum(share.value for share in found.shares) + found.waiting == pytest.approx(1, rel=1e-12)
    assert found.cases == at_opening.sum()
    for end in End:
        fitter = AalenJohansenFitter(calculate_variance=False).fit(
            cases.duration[at_opening], ends[at_opening], event_of_interest=int(end)
        )
        curve = fitter.cumulative_density_
        expected = curve[curve.index <= HORIZON].iloc[-1, 0]
        assert found.shares[end - 1].value == pytest.approx(expected, rel=1e-9)


def test_a_weighted_share_is_the_ratio_of_competing_ends(sample):
    """Weighting by the inverse probability of censoring and counting competing ends are the same estimator."""
    cases, random = sample
    chosen = cases.watched_from == 0
    duration, is_closed = cases.duration[chosen], cases.is_closed[chosen]
    # What shows at the end goes with how long it took, so that the quick ones among the known would mislead.
    has = duration > random.uniform(0, 20, len(duration))
    share = weighted_share(has, known_after=duration, is_known=is_closed, horizon_days=HORIZON)
    ends = np.where(is_closed, np.where(has, End.REFUSED, End.DECIDED), 0)
    everyone = np.ones(len(duration), np.bool_)
    found = end_shares(clocked(duration, is_closed), ends, chosen=everyone, horizon_days=HORIZON)
    with_it, without = found.shares[End.REFUSED - 1].value, found.shares[End.DECIDED - 1].value
    assert share.value == pytest.approx(with_it / (with_it + without), rel=1e-9)
    plain = has[is_closed & (duration <= HORIZON)].mean()
    assert share.value > plain + 0.005
    assert share.lower < share.value < share.upper


def test_a_share_of_nothing_is_unknown_and_without_censoring_plain():
    nothing = weighted_share(np.array([True]), known_after=np.array([3.0]), is_known=np.array([False]), horizon_days=5)
    assert (np.isnan(nothing.value), nothing.lower, nothing.upper) == (True, 0.0, 1.0)
    has = np.array([True, False, False, True, True])
    whole = weighted_share(has, known_after=np.arange(5.0), is_known=np.ones(5, np.bool_), horizon_days=9)
    assert whole.value == pytest.approx(0.6)
    assert (whole.lower, whole.upper) == pytest.approx((0.2307, 0.8824), abs=1e-4)  # Wilson's, 3 of 5
