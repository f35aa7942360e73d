"""Change points: planted ones are found where they are, and series that do not change show none too often."""

import numpy as np
import pytest

from potok.inference.change_points import find_change_points
from potok.inference.change_points_dependence import dependence_length
from potok.inference.change_points_locate import clearest_cut
from potok.inference.change_points_sizes import mean_change, median_change, share_change
from potok.inference.observations import InvalidObservationsError

# Three Monte-Carlo standard errors above the nominal 5 % in so many runs.
RUNS = 60
MOST_ALARMS = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5


def coin_flips(seed, shares, columns=8):
    """Return columns of 0 and 1 with one share throughout; the first column's shares change every 200 rows."""
    generator = np.random.default_rng(seed)
    values = (generator.random((200 * len(shares), columns)) < 0.4).astype(float)
    values[:, 0] = np.concatenate([generator.random(200) < share for share in shares])
    return values


def brute_force_cut(line):
    """Return the cut with the largest two-sample statistic, tried one by one."""
    count = len(line)
    sizes = [
        abs(line[:cut].mean() - line[cut:].mean()) * np.sqrt(cut * (count - cut) / count) for cut in range(1, count)
    ]
    return 1 + int(np.argmax(sizes))


@pytest.mark.parametrize("seed", range(4))
def test_the_clearest_cut_is_that_of_trying_them_all(seed):
    line = np.random.default_rng(seed).standard_normal(60)
    line[20 + seed :] += 1
    assert clearest_cut(line[:, None], within=(1, 59))[0] == brute_force_cut(line)


def test_planted_changes_are_found_in_their_places():
    found = find_change_points(coin_flips(1, [0.2, 0.8, 0.2]))
    assert [abs(point.index - place) <= 10 for point, place in zip(found.points, (200, 400), strict=True)] == [True] * 2
    assert all(point.lower <= place <= point.upper for point, place in zip(found.points, (200, 400), strict=True))
    assert all(point.p_value <= 0.05 for point in found.points)


def test_a_change_that_goes_back_soon_is_found():
    values = np.random.default_rng(3).standard_normal((800, 3))
    values[350:430, 1] += 2
    assert [round(point.index, -1) for point in find_change_points(values).points] == [350, 430]


def test_intervals_hold_the_place():
    inside = []
    for seed in range(30):
        point = find_change_points(coin_flips(seed, [0.3, 0.7]), seed=seed).points[0]
        inside.append(point.lower <= 200 <= point.upper)
    assert np.mean(inside) >= 0.85  # nominal 0.95, less 2.5 Monte-Carlo standard errors


def autoregressive(generator, slope):
    noise = generator.standard_normal(500)
    for place in range(1, len(noise)):
        noise[place] += slope * noise[place - 1]
    return noise[:, None]


@pytest.mark.parametrize("slope", [0.0, 0.6])
def test_false_alarms_are_as_rare_as_asked_for_even_if_observations_depend_on_each_other(slope):
    generator = np.random.default_rng(7)
    alarms = [bool(find_change_points(autoregressive(generator, slope), seed=seed).points) for seed in range(RUNS)]
    assert np.mean(alarms) <= MOST_ALARMS


def test_dependence_is_that_of_the_process():
    generator = np.random.default_rng(1)
    # The integrated autocorrelation time of an autoregression is (1 + slope) / (1 - slope).
    noise = generator.standard_normal(20_000)
    for place in range(1, len(noise)):
        noise[place] += 0.5 * noise[place - 1]
    assert dependence_length(noise[:, None]) == pytest.approx(3, rel=0.15)
    assert dependence_length(generator.standard_normal((2_000, 5))) == pytest.approx(1, abs=0.1)


def test_a_change_of_level_is_not_taken_for_dependence():
    values = np.random.default_rng(1).standard_normal((800, 1))
    values[300:] += 5
    assert dependence_length(values) < 1.3


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (39, 2), (500, 0)])
def test_too_little_to_search_is_said(shape):
    found = find_change_points(np.zeros(shape))
    assert found.points == ()
    assert not found.is_searchable or shape[1] == 0


def test_constant_columns_never_change():
    assert find_change_points(np.ones((300, 4))).points == ()


def test_the_same_seed_finds_the_same():
    values = coin_flips(5, [0.3, 0.6])
    assert find_change_points(values, seed=3) == find_change_points(values, seed=3)


@pytest.mark.parametrize("values", [np.zeros(5), np.full((50, 2), np.nan)])
def test_what_is_no_series_is_refused(values):
    with pytest.raises(InvalidObservationsError, match="two dimensions"):
        find_change_points(values)


def test_a_difference_of_shares_is_newcombes():
    after, before = np.repeat([1.0, 0.0], [56, 14]), np.repeat([1.0, 0.0], [48, 32])
    found = share_change(before, after, dependence=1, confidence=0.95)
    # Newcombe (1998), table II, method 10: 56/70 against 48/80.
    assert (found.lower, found.upper) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_intervals_of_differences_cover():
    generator = np.random.default_rng(4)
    inside = {median_change: 0, mean_change: 0}
    truth = {median_change: np.log(2), mean_change: 1.0}
    for _run in range(200):
        before, after = generator.exponential(1, 150), generator.exponential(2, 120)
        for change, value in truth.items():
            estimate = change(before, after, dependence=1, confidence=0.95)
            inside[change] += estimate.lower <= value <= estimate.upper
    assert all(0.9 <= count / 200 <= 0.99 for count in inside.values())


def test_dependence_widens_intervals():
    sides = np.random.default_rng(1).random((2, 200))
    for change in (mean_change, median_change):
        narrow, wide = (change(*sides, dependence=length, confidence=0.95) for length in (1, 9))
        assert wide.upper - wide.lower > 2 * (narrow.upper - narrow.lower)
