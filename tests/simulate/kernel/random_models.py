"""Small models drawn at random, with everything that the kernel knows."""

import random
from datetime import UTC, datetime

from potok.core.calendars import Calendar
from potok.core.regulations import Term, TermUnit
from potok.simulate.model import (
    END,
    ArrivalKind,
    Arrivals,
    Batching,
    CaseType,
    Context,
    Discipline,
    Distribution,
    DistributionKind,
    ExtraneousDelay,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Person,
    PlanRules,
    ProcessModel,
    exponential,
    fixed,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
DAY_US = 86_400_000_000
NAMES = ("receive", "check", "ask", "decide", "sign", "send")


def random_model(seed: int) -> ProcessModel:
    draw = random.Random(seed)
    calendars = {f"c{number}": _calendar(draw, f"c{number}") for number in range(2)}
    pools = tuple(_pool(draw, number, ("", *calendars)) for number in range(draw.randint(1, 3)))
    able = {name for pool in pools for one in pool.people for name in one.does or pool.does}
    return ProcessModel(
        "random",
        "UTC",
        Arrivals(ArrivalKind.POISSON, START, per_day=draw.choice([5, 30, 80])),
        (CaseType("plain", 0.7), CaseType("urgent", 0.3, priority=-1)),
        HistoryRouting(tuple(_contexts(draw)), concurrent=_pairs(draw), maximum_length=12),
        tuple(_activity(draw, name, is_automatic=name not in able) for name in NAMES),
        pools,
        calendars,
        rules=_rules(draw),
        term=Term("term", 3, TermUnit.WORKING_DAYS),
        term_calendar="c0",
    )


def _time(draw: random.Random) -> Distribution:
    kind = draw.randrange(3)
    if kind == 0:
        return fixed(draw.choice([0, 600, 3600]))
    if kind == 1:
        return exponential(draw.choice([300, 2400]))
    return Distribution(DistributionKind.EMPIRICAL, quantiles_seconds=(0, 60, 900, 7200))


def _calendar(draw: random.Random, name: str) -> Calendar:
    days = []
    for day in range(7):
        open_at = draw.choice([480, 540])
        hours = ((open_at, 780), (840, draw.choice([1020, 1440])))
        days.append(() if day and draw.random() < 0.3 else hours)
    return Calendar(name, "UTC", tuple(days), {}, 2020, 2040)


def _pool(draw: random.Random, number: int, calendars: tuple[str, ...]) -> ModelPool:
    does = tuple(draw.sample(NAMES, draw.randint(1, 4)))
    people = tuple(
        Person(
            f"p{number}-{place}",
            does=tuple(draw.sample(NAMES, 2)) if draw.random() < 0.3 else (),
            calendar=draw.choice(calendars),
            at_once=draw.choice([1, 1, 1, 3]),
            durations=((does[0], exponential(900)),) if draw.random() < 0.3 else (),
        )
        for place in range(draw.randint(1, 3))
    )
    return ModelPool(f"pool{number}", does, people, calendar=draw.choice(calendars))


def _activity(draw: random.Random, name: str, *, is_automatic: bool) -> ModelActivity:
    batching = Batching(
        minimum_size=draw.choice([0, 2, 4]),
        maximum_size=draw.choice([0, 2, 3]),
        maximum_wait_seconds=draw.choice([0, 0.5, 20_000]),
        fires_at=draw.choice([(), ((2, 600), (4, 900))]),
        is_concurrent=draw.random() < 0.5,
        size_factors=draw.choice([(), ((2, 0.8), (3, 0.5))]),
    )
    has_rule = batching.minimum_size or batching.maximum_wait_seconds or batching.fires_at
    return ModelActivity(
        name,
        _time(draw),
        is_automatic=is_automatic or draw.random() < 0.1,
        pauses=draw.random() < 0.6,
        delay=ExtraneousDelay(_time(draw), share=0.5) if draw.random() < 0.3 else None,
        batching=batching if has_rule and draw.random() < 0.4 else None,
        discipline=draw.choice(list(Discipline)),
    )


def _contexts(draw: random.Random):
    yield Context((), _following(draw))
    yield Context((), ((draw.choice(NAMES), 1.0),), is_start=True)
    for name in NAMES:
        yield Context((name,), _following(draw))
        if draw.random() < 0.5:
            yield Context((name,), _following(draw), case_type="urgent")
            yield Context((draw.choice(NAMES), name), _following(draw))
            yield Context((draw.choice(NAMES), name), _following(draw), is_start=True)


def _following(draw: random.Random) -> tuple[tuple[str, float], ...]:
    return ((draw.choice(NAMES), 0.5), (draw.choice(NAMES), 0.3), (END, 0.2))


def _pairs(draw: random.Random) -> tuple[tuple[str, str], ...]:
    return tuple((draw.choice(NAMES), draw.choice(NAMES)) for _pair in range(draw.randrange(4)))


def _rules(draw: random.Random) -> PlanRules:
    if draw.random() < 0.3:
        return PlanRules()
    return PlanRules(
        moved=_pairs(draw)[:2],
        parallel=_pairs(draw)[:2],
        merged=((tuple(draw.sample(NAMES, 2)), draw.choice(NAMES)),) if draw.random() < 0.5 else (),
        skipped=((draw.choice(NAMES), 0.5, draw.choice([(), ("urgent",)])), (draw.choice(NAMES), 0.3, ())),
    )
