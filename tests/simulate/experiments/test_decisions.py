"""Comparison, sizing, search and sensitivity."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from potok.core.change import AddStaff, Automate, ChangeDemand, Remove
from potok.core.errors import PotokError
from potok.core.time_units import DAY_US
from potok.simulate.changes import Scenario, apply_changes
from potok.simulate.experiments.comparison import rank_alternatives
from potok.simulate.experiments.frames import Frame
from potok.simulate.experiments.metrics import Metric, MetricName, compute_outcomes
from potok.simulate.experiments.search import SearchMethod, SearchSettings, search_changes
from potok.simulate.experiments.sensitivity import (
    Assumption,
    SensitivitySettings,
    compute_sensitivity,
    list_perturbations,
)
from potok.simulate.experiments.sizing import SizingSettings, SizingVerdict, size_pool
from potok.simulate.model import ExtraneousDelay, exponential
from simulate.changes.made_models import permit_model
from simulate.experiments.made_runs import START_AT, QueueRunner, queue_model

START = round(START_AT.timestamp() * 1e6)
FRAME = Frame(START, START + 12 * DAY_US, START + 2 * DAY_US)
DURATION = Metric(MetricName.CASE_DURATION_MEAN)


def test_ranks_and_the_probability_of_being_best():
    values = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [1.0, 1.0, 9.0], [np.nan, 0.0, 0.0]])
    found = rank_alternatives(values, metric=DURATION)
    assert found.ranks == (1, 1, 3)
    assert found.mean_ranks == pytest.approx((1.5, 1.5, 3.0))
    assert found.best_shares == pytest.approx((0.5, 0.5, 0.0))
    upwards = rank_alternatives(values, metric=Metric(MetricName.THROUGHPUT))
    assert upwards.ranks == (2, 2, 1)
    assert rank_alternatives(np.full((2, 2), np.nan), metric=DURATION).ranks == (0, 0)


def test_what_hardly_differs_is_equally_good():
    values = np.array([[100.0, 100.05, 101.0], [100.05, 100.0, 99.0]])
    found = rank_alternatives(values, metric=DURATION)
    assert found.ranks == (1, 1, 1)
    assert found.mean_ranks == pytest.approx((2.0, 2.0, 2.0))
    assert found.best_shares == pytest.approx((0.25, 0.25, 0.5))


def share_in_term(model, replications=3):
    logs = QueueRunner()(model, FRAME, seed=1, replications=range(replications))
    metrics = (Metric(MetricName.SHARE_IN_TERM),)
    return np.mean([compute_outcomes(log, model, FRAME, metrics=metrics) for log in logs])


@pytest.mark.parametrize("people", [1, 4, 20])
def test_the_least_number_of_people_is_that_of_trying_them_all(people):
    model = queue_model(per_day=410.0, people=people)
    found = size_pool(model, QueueRunner(), FRAME, pool="Clerks", target=0.95, settings=SizingSettings(replications=3))
    tried = {
        count: share_in_term(
            model if count == people else apply_changes(model, [AddStaff(pool="Clerks", count=count - people)])
        )
        for count in range(1, 8)
    }
    assert found.verdict is SizingVerdict.FOUND
    assert found.people == min(count for count, share in tried.items() if share >= 0.95)
    assert found.people_now == people
    assert found.people_surely >= found.people
    assert all(step.share.value == pytest.approx(tried[step.people]) for step in found.steps if step.people in tried)


def test_people_do_not_help_where_the_work_itself_takes_too_long():
    model = queue_model(per_day=2.0, service_seconds=200_000.0, people=8)
    found = size_pool(model, QueueRunner(), FRAME, pool="Clerks", target=0.95)
    assert (found.verdict, found.people, found.people_surely) == (SizingVerdict.STAFF_DOES_NOT_HELP, None, None)


def test_no_number_is_enough_where_all_are_late():
    model = queue_model(per_day=2.0, service_seconds=1e9, people=900)
    found = size_pool(model, QueueRunner(), FRAME, pool="Clerks", target=0.95)
    assert found.verdict is SizingVerdict.TOO_MANY


@pytest.mark.parametrize(
    ("model", "pool", "target", "code"),
    [
        (replace(queue_model(), term=None), "Clerks", 0.9, "POTOK-S112"),
        (queue_model(), "Clerks", 95, "POTOK-S110"),
        (queue_model(), "Clarks", 0.9, "POTOK-S102"),
    ],
)
def test_sizing_that_cannot_be_is_refused(model, pool, target, code):
    with pytest.raises(PotokError) as caught:
        size_pool(model, QueueRunner(), FRAME, pool=pool, target=target)
    assert caught.value.code == code


CANDIDATES = Scenario(
    "ideas",
    (AddStaff(pool="Clerks"), ChangeDemand(0.8), Automate("Decide"), Automate("Decide", duration_seconds=5.0)),
    (50.0, 30.0, 40.0, 60.0),
)


def test_the_best_set_within_the_budget_is_that_of_trying_them_all():
    model, runner = queue_model(per_day=90.0), QueueRunner()
    settings = SearchSettings(DURATION, 90.0, replications=3)
    found = search_changes(model, CANDIDATES, runner, FRAME, settings=settings)
    assert found.method is SearchMethod.EXHAUSTIVE
    prices = CANDIDATES.prices
    affordable = {
        chosen
        for size in range(5)
        for chosen in combinations(range(4), size)
        if sum(prices[number] for number in chosen) <= 90.0
    }
    assert {one.changes for one in found.options} == affordable
    values = [one.value.value for one in found.options]
    assert values == sorted(values)
    assert found.options[0].changes == (1, 3)
    assert found.options[0].difference.value < 0
    assert next(one for one in found.options if not one.changes).difference.value == 0


def test_sets_that_contradict_each_other_are_told():
    found = search_changes(
        queue_model(), CANDIDATES, QueueRunner(), FRAME, settings=SearchSettings(DURATION, 100.0, replications=2)
    )
    assert [one.changes for one in found.refused] == [(2, 3)]
    assert "A machine does “Decide” already" in found.refused[0].reason


def test_many_changes_are_added_one_by_one():
    ideas = Scenario("many", (AddStaff(pool="Clerks"),) * 12, (10.0,) * 12)
    found = search_changes(
        queue_model(per_day=150.0),
        ideas,
        QueueRunner(),
        FRAME,
        settings=SearchSettings(DURATION, 25.0, replications=2),
    )
    assert found.method is SearchMethod.GREEDY
    assert len(found.options[0].changes) == 2
    assert found.best_share == pytest.approx(1.0 / sum(len(one.changes) == 2 for one in found.options), abs=0.5)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (SearchSettings(DURATION, -1.0), "POTOK-S110"),
        (SearchSettings(Metric(MetricName.UTILISATION, "x"), 1.0), "POTOK-S113"),
    ],
)
def test_a_search_that_cannot_be_is_refused(settings, code):
    with pytest.raises(PotokError) as caught:
        search_changes(queue_model(), CANDIDATES, QueueRunner(), FRAME, settings=settings)
    assert caught.value.code == code


def test_the_assumption_that_moves_the_answer_most_stands_first():
    model = queue_model(per_day=85.0)
    settings = SensitivitySettings(DURATION, replications=3)
    found = compute_sensitivity(model, (), QueueRunner(), FRAME, settings=settings)
    assert not found.is_difference
    moves = [abs(one.moved.value) for one in found.effects]
    assert moves == sorted(moves, reverse=True)
    by_key = {(one.assumption, one.subject, one.amount): one.moved.value for one in found.effects}
    assert by_key[Assumption.ARRIVAL_RATE, "", "+10%"] > 0 > by_key[Assumption.ARRIVAL_RATE, "", "-10%"]
    assert by_key[Assumption.STAFF, "Clerks", "+1"] < 0
    assert (Assumption.STAFF, "Clerks", "-1") not in by_key
    # Routes do not matter to this queue, hours of work do.
    assert found.effects[0].assumption in (Assumption.DURATION, Assumption.ARRIVAL_RATE)
    assert by_key[Assumption.ROUTING_SHARE, "Decide → Send", "+10%"] == 0


def test_of_a_scenario_the_difference_is_the_answer():
    settings = SensitivitySettings(DURATION, replications=2)
    found = compute_sensitivity(queue_model(), (Remove("Decide"),), QueueRunner(), FRAME, settings=settings)
    assert found.is_difference
    assert found.answer.value < 0


@pytest.mark.parametrize("is_graph", [False, True])
def test_every_alteration_alters_the_model(is_graph):
    model = permit_model(is_graph=is_graph)
    delayed = replace(model.activities[0], delay=ExtraneousDelay(exponential(60.0)))
    person = replace(model.pools[0].people[0], durations=(("Check", exponential(100.0)),))
    clerks = replace(model.pools[0], people=(person, *model.pools[0].people[1:]))
    model = replace(model, activities=(delayed, *model.activities[1:]), pools=(clerks, model.pools[1]))
    found = list(list_perturbations(model))
    assert {one.assumption for one in found} == set(Assumption)
    assert all(one.alter(model) != model for one in found)
    assert {one.subject for one in found if one.assumption is Assumption.ROUTING_SHARE} == {"Check → Refuse"}
