"""Declarative rules: by regular expressions on every short word, and by the definition with times, ties, open cases."""

import random
import re

import pytest

from potok.diagnose.conformance.declare import prepare_rules
from potok.diagnose.conformance.rules import UNARY, WHOLE_CASE, Rule, Template
from potok.diagnose.conformance.verdicts import count_verdicts
from potok.measure.running import run
from support.reference_rules import PATTERNS, WORDS, Trace, judge
from support.tiny_store import SECOND, TinyEvent, TinyLog, write_store

HOUR = 3600
INSTANCE_TEMPLATES = [template for template in Template if template not in WHOLE_CASE]
FEW = [Template.RESPONSE, Template.ALTERNATE_SUCCESSION, Template.NOT_CO_EXISTENCE, Template.INIT]


def rule_about(template, *, within=None):
    return Rule(template, ("a",), () if template in UNARY else ("b",), within_seconds=within)


def verdicts_by_case(store, rule, engine):
    (prepared,) = prepare_rules(store, [rule], engine=engine)
    rows = run(prepared.verdicts, store, engine, given=prepared.given)
    return {case: numbers for case, *numbers in rows}


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    events = [
        TinyEvent(f"{number:04d}", letter, completed=(number * 10 + place) * HOUR * SECOND)
        for number, word in enumerate(WORDS)
        for place, letter in enumerate(word)
    ]
    return write_store(TinyLog(tuple(events)), tmp_path_factory.mktemp("words") / "store")


def check_words(store, template, engine):
    found = verdicts_by_case(store, rule_about(template), engine)
    for number, word in enumerate(WORDS):
        is_broken = number in found and found[number][1] > 0
        assert is_broken == (re.fullmatch(PATTERNS[template], word) is None), word


@pytest.mark.parametrize("template", list(Template))
def test_rules_are_the_regular_expressions_on_every_short_word(words, template, duckdb_engine):
    check_words(words, template, duckdb_engine)


def test_cases_that_nothing_activates_are_counted_apart(words, duckdb_engine):
    (prepared,) = prepare_rules(words, [rule_about(Template.RESPONSE)], engine=duckdb_engine)
    counts = count_verdicts(prepared.verdicts, prepared.cases, words, engine=duckdb_engine)
    without = sum("a" not in word for word in WORDS)
    assert (counts.cases, counts.vacuous_cases) == (len(WORDS), without)
    broken = sum(re.fullmatch(PATTERNS["response"], word) is None for word in WORDS)
    assert counts.violated_share == broken / (len(WORDS) - without)
    assert counts.undecided_cases == counts.pending_cases == 0


@pytest.mark.spark
@pytest.mark.parametrize("template", FEW)
def test_spark_agrees(words, template, spark_engine):
    check_words(words, template, spark_engine)


@pytest.fixture(scope="module")
def random_traces(tmp_path_factory):
    generator = random.Random(7)
    traces = []
    for _number in range(250):
        ats = sorted(generator.randrange(6) for _step in range(generator.randrange(1, 8)))
        steps = tuple((generator.choice("aabbc"), at * HOUR) for at in ats)
        traces.append(Trace(steps, is_open=generator.random() < 0.4, extracted=8 * HOUR))
    events = [
        TinyEvent(f"{number:04d}", label, completed=at * SECOND)
        for number, trace in enumerate(traces)
        for label, at in trace.steps
    ]
    log = TinyLog(
        tuple(events),
        open_cases=frozenset(f"{number:04d}" for number, trace in enumerate(traces) if trace.is_open),
        opened={f"{number:04d}": number for number in range(len(traces))},
        extracted=8 * HOUR * SECOND,
    )
    return traces, write_store(log, tmp_path_factory.mktemp("random") / "store")


@pytest.mark.parametrize("within", [None, 2 * HOUR])
@pytest.mark.parametrize("template", INSTANCE_TEMPLATES)
def test_rules_are_their_definition_with_times_ties_and_open_cases(random_traces, template, within, duckdb_engine):
    traces, store = random_traces
    found = verdicts_by_case(store, rule_about(template, within=within), duckdb_engine)
    for number, trace in enumerate(traces):
        expected = judge(trace, template, within)
        assert tuple(found.get(number, (0, 0, 0, 0, None))[:4]) == expected, trace
