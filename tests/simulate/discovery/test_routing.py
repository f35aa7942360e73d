import numpy as np
import pytest

from potok.discover.concurrency import Concurrency, ConcurrentPair
from potok.simulate.discovery.routing import learn_contexts, transitions_of
from potok.simulate.discovery.sequences import normal_order
from potok.simulate.model import END

NAMES = ("a", "b", "c", "d")


def learn(sequences, *, open_cases=(), types=None, type_names=("case",), weights=None):
    case = np.repeat(np.arange(len(sequences)), [len(one) for one in sequences])
    activity = np.array([NAMES.index(letter) for one in sequences for letter in one])
    is_open = np.isin(np.arange(len(sequences)), list(open_cases))
    found = transitions_of(case, activity, is_open, len(NAMES))
    kinds = np.zeros(len(sequences), np.int64) if types is None else np.asarray(types)
    counts = np.ones(len(sequences)) if weights is None else np.asarray(weights, float)
    return learn_contexts(found, counts, names=NAMES, types=kinds, type_names=type_names)


def by_history(contexts):
    return {(one.history, one.is_start, one.case_type): dict(one.following) for one in contexts}


def test_what_follows_the_last_activity_is_learnt():
    contexts, fit = learn(["ab"] * 30 + ["ac"] * 10)

    shares = by_history(contexts)
    assert shares[(), True, ""] == {"a": 1.0}
    assert shares[("a",), False, ""] == {"b": 0.75, "c": 0.25}
    assert shares[("b",), False, ""] == {END: 1.0}
    assert fit.longest == 1


def test_a_longer_history_is_kept_where_it_tells_more():
    contexts, fit = learn(["acb"] * 50 + ["bcd"] * 50)

    shares = by_history(contexts)
    assert shares[("a", "c"), False, ""] == {"b": 1.0}
    assert shares[("b", "c"), False, ""] == {"d": 1.0}
    assert fit.log_likelihood > fit.first_order_log_likelihood


def test_a_memory_through_steps_that_tell_nothing_is_found():
    contexts, _fit = learn(["acccb"] * 50 + ["bcccd"] * 50)

    shares = by_history(contexts)
    assert shares[("a", "c", "c", "c"), False, ""] == {"b": 1.0}


def test_chance_makes_no_longer_history():
    generator = np.random.default_rng(1)
    contexts, fit = learn(["".join(["a" if x else "b" for x in generator.integers(0, 2, 6)]) for _ in range(200)])

    # Only that a case ends after its sixth activity is there to be found.
    assert all(END in dict(one.following) or len(one.history) <= 6 for one in contexts)
    assert fit.longest <= 7


def test_open_cases_tell_no_end():
    contexts, _fit = learn(["ab"] * 20 + ["a"] * 20, open_cases=range(20, 40))

    assert by_history(contexts)[("a",), False, ""] == {"b": 1.0}


def test_types_have_shares_of_their_own_only_where_they_differ():
    sequences = ["acb"] * 40 + ["acd"] * 40
    contexts, fit = learn(sequences, types=[0] * 40 + [1] * 40, type_names=("x", "y"))

    shares = by_history(contexts)
    assert shares[("c",), False, "x"] == {"b": 1.0}
    assert shares[("c",), False, "y"] == {"d": 1.0}
    assert fit.typed_contexts == 2


def test_weights_count_as_repetitions():
    weighted, _fit = learn(["ab", "ac", "ad"] * 12, weights=[2, 1, 0] * 12)
    repeated, _again = learn(["ab", "ab", "ac"] * 12)

    assert by_history(weighted) == by_history(repeated)


def test_shares_sum_to_one():
    generator = np.random.default_rng(4)
    sequences = ["".join(generator.choice(list("abcd"), generator.integers(1, 9))) for _ in range(300)]

    contexts, _fit = learn(sequences)

    assert all(sum(dict(one.following).values()) == pytest.approx(1.0) for one in contexts)
    assert any(one.history == () and not one.is_start for one in contexts)


def test_what_runs_side_by_side_is_put_into_one_order():
    concurrency = Concurrency(4, (ConcurrentPair(1, 2, 5, 5, 0, 0.0),), 0.9)
    case = np.repeat([7, 8, 9], 4)
    activity = np.array([0, 1, 2, 3, 0, 2, 1, 3, 2, 0, 1, 3], np.int32)

    order = normal_order(case, activity, concurrency)

    assert activity[order].reshape(3, 4).tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [2, 0, 1, 3]]
