"""The order of waves is drawn so that anybody can repeat it, and each order is as likely."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from potok.inference.randomisation import count_assignments
from potok.verify.protocol.drawing import count_orders, draw_order, is_drawn
from potok.verify.protocol.errors import ImpossibleDrawError
from potok.verify.protocol.model import Wave
from verify.protocol.example import FULL

SIX = ("А", "Б", "В", "Г", "Д", "Е")
THREE = (date(2024, 4, 1), date(2024, 9, 1), date(2025, 2, 1))


def test_the_order_is_that_of_lots_which_anybody_can_compute() -> None:
    draw = draw_order(SIX, THREE, seed=2024)
    lots = {one: hashlib.sha256(b"potok.draw/1\n2024\n" + one.encode()).hexdigest() for one in SIX}
    expected = sorted(SIX, key=lots.__getitem__)
    for day, pair in zip(THREE, (expected[:2], expected[2:4], expected[4:]), strict=True):
        assert {wave.agency for wave in draw.waves if wave.on == day} == set(pair)
    assert draw.assignments == 90
    assert draw.is_enough
    assert draw.smallest_p_value == pytest.approx(0.0111, abs=1e-4)


def test_the_order_of_names_and_days_plays_no_part() -> None:
    assert draw_order(SIX[::-1], THREE[::-1], seed=5) == draw_order(SIX, THREE, seed=5)


def test_every_order_comes_as_often() -> None:
    days = (date(2024, 1, 1), date(2024, 2, 1))
    seen = Counter(draw_order("абвг", days, seed=seed).waves for seed in range(3_000))
    assert len(seen) == 6
    # Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand times.
    assert sum((count - 500) ** 2 / 500 for count in seen.values()) < 20.5


def test_waves_are_as_equal_as_possible_or_of_the_sizes_asked_for() -> None:
    assert sizes(draw_order(SIX[:5], THREE, seed=1).waves) == [2, 2, 1]
    assert sizes(draw_order(SIX, THREE, seed=1, sizes=(1, 2, 3)).waves) == [1, 2, 3]
    assert draw_order(SIX, THREE, seed=1, sizes=(1, 2, 3)).assignments == 60


def test_strata_are_each_spread_over_the_waves() -> None:
    groups = (("А", "Б", "В"), ("Г", "Д", "Е"))
    days = THREE[:2]
    draw = draw_order(SIX, days, seed=3, strata=groups)
    assert sizes(draw.waves) == [3, 3]
    for group in groups:
        assert {len([w for w in draw.waves if w.on == day and w.agency in group]) for day in days} == {1, 2}
    assert draw.assignments == 9


def test_orders_are_counted_as_inference_counts_them() -> None:
    waves = draw_order(SIX, THREE, seed=1).waves
    protocol = replace(FULL, change=replace(FULL.change, waves=waves), comparison=replace(FULL.comparison, strata=()))
    import numpy as np

    places = np.asarray([THREE.index(wave.on) for wave in waves], np.int64)
    assert count_orders(protocol) == count_assignments(places) == 90
    every = {tuple(sorted(zip(order, (0, 0, 1, 1, 2, 2), strict=True))) for order in permutations(SIX)}
    assert len(every) == 90


def test_a_protocol_shows_whether_its_order_was_drawn() -> None:
    drawn = draw_order("абвг", THREE[:2], seed=9, strata=(("а", "б"), ("в", "г")))
    plan = replace(FULL.comparison, seed=9, strata=drawn.strata)
    protocol = replace(FULL, change=replace(FULL.change, waves=drawn.waves), comparison=plan)
    assert is_drawn(protocol)
    assert count_orders(protocol) == 4
    other = {Wave(wave.agency, next(day for day in THREE[:2] if day != wave.on)) for wave in drawn.waves}
    assert not is_drawn(replace(protocol, change=replace(protocol.change, waves=tuple(other))))
    assert not is_drawn(replace(protocol, comparison=replace(plan, is_order_drawn=False, seed=None)))


@pytest.mark.parametrize(
    ("agencies", "days", "options", "message"),
    [
        (("А", "А"), THREE[:1], {}, "twice"),
        (("А", "Б"), (THREE[0], THREE[0]), {}, "twice"),
        (("А", "Б"), (), {}, "cannot be dealt out"),
        (("А",), THREE[:1], {}, "1 agencies"),
        (("А", "Б"), THREE, {}, "to 3 waves"),
        (SIX, THREE, {"sizes": (2, 2, 1)}, "do not fit"),
        (SIX, THREE, {"sizes": (6, 0, 0)}, "do not fit"),
        (SIX, THREE, {"strata": (("А", "Б"),)}, "strata"),
        (SIX, THREE, {"strata": (SIX, ("А",))}, "strata"),
    ],
)
def test_what_cannot_be_drawn_is_refused(agencies, days, options, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ImpossibleDrawError, match=message):
        draw_order(agencies, days, seed=1, **options)


def sizes(waves: tuple[Wave, ...]) -> list[int]:
    return [count for _day, count in sorted(Counter(wave.on for wave in waves).items())]


def test_one_day_is_no_order() -> None:
    drawn = draw_order("абвг", THREE[:1], seed=9)
    plan = replace(FULL.comparison, seed=9, strata=())
    assert not is_drawn(replace(FULL, change=replace(FULL.change, waves=drawn.waves), comparison=plan))
    assert FULL.comparison.is_order_drawn
