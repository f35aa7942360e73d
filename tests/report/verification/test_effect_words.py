"""Amounts, reasons and names of a verification in words."""

from math import inf, nan

import pytest

from potok.inference.estimate import Estimate
from potok.report.verification.amounts import Amounts
from potok.report.verification.quality_words import Mark, judge_quality
from potok.report.verification.quoting import nest_quotes
from potok.report.verification.reasons import say, say_reason
from potok.verify import decision
from potok.verify.effect import Reason
from report.verification.made_up_effects import interval, quality

DAYS, SHARES, MONEY = Amounts("days"), Amounts("share"), Amounts("money")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("amounts", "value", "said"),
    [
        (DAYS, 1.0, "1 day"),
        (DAYS, 5.24, "5.2 days"),
        (DAYS, -0.04, "0.0 days"),
        (DAYS, 21.0, "21 days"),
        (DAYS, 23.7, "24 days"),
        (DAYS, nan, "–"),
        (Amounts("days", is_working=True), 2.0, "2 working days"),
        (SHARES, 0.042, "4.2 percentage points"),
        (SHARES, 0.01, "1 percentage point"),
        (MONEY, 1250.0, "1,250"),
    ],
)
def test_an_amount_has_the_unit_of_its_outcome(amounts: Amounts, value: float, said: str):
    assert plain(amounts.write(value)) == said


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (3.06, 7.42, "3.1 to 7.4 days"),
        (-1.1, 1.1, "−1.1 to 1.1 days"),
        # Both would be 2.0: one more decimal tells them apart.
        (2.0, 2.04, "2.00 to 2.04 days"),
        (3.0, inf, "at least 3 days"),
        (-inf, 3.0, "at most 3 days"),
        (-inf, inf, "–"),
    ],
)
def test_a_range_says_where_it_is_open(lower: float, upper: float, said: str):
    assert plain(DAYS.write_range(Estimate(0.0, lower, upper, nan, 0.95))) == said


def test_a_limit_is_never_written_as_the_same_number_as_what_exceeds_it():
    reason = Reason(decision._GROUND_EFFECT, {"lower": 2.04, "upper": 3.0, "minimum": 2.0})
    assert "between 2.04 days and 3.00 days, wholly above the promised 2.00 days" in plain(say_reason(reason, DAYS))


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (nan, nan, "How large the improvement may be cannot be told"),
        (-inf, inf, "How large the improvement may be cannot be told"),
        (0.5, inf, "The improvement is at least 0.5 days; that it is more than 2.0 days is not shown."),
        (2.5, inf, "The improvement is at least 2.5 days, more than the promised 2.0 days."),
        (-inf, 3.5, "The improvement is at most 3.5 days, and may be any worsening"),
    ],
)
def test_a_range_without_an_end_is_no_dash(lower: float, upper: float, said: str):
    reason = Reason(decision._INTERVAL_OPEN, {"lower": lower, "upper": upper, "minimum": 2.0})
    assert plain(say_reason(reason, DAYS)).startswith(said)


def test_an_indicator_without_cases_has_no_dash_for_a_figure():
    reason = Reason(decision._MARGIN_OPEN, {"name": "Жалобы", "upper": nan, "margin": 0.02, "needed": 0})
    assert say_reason(reason, DAYS).startswith("Жалобы: whether it worsened cannot be told")


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        ("«Присвоение звания «Ветеран труда»»", "«Присвоение звания „Ветеран труда“»"),
        ("«А», «Б «В»», «Г»", "«А», «Б „В“», «Г»"),
        ("«без конца", "«без конца"),
    ],
)
def test_quotes_within_quotes_are_inner_ones(text: str, nested: str):
    assert nest_quotes(text) == nested


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("{a:share} of {n}", {"a": 0.043, "n": 1200}, "4.3% of 1,200"),
        ("{a:share} {b:ratio}", {"a": -0.0002, "b": -0.16}, ">\u202f−0.1% −16%"),
        ("{a:points}", {"a": -0.02}, "−2 percentage points"),
        ("{a:days}", {"a": 3.5}, "3.5 days"),
        ("{a:ratio}, {b:p_value}, {c:count}", {"a": -0.2, "b": 0.0312, "c": 3.0}, "−20%, 0.031, 3"),
        ("{a:.1f} {b:.0%} {c}", {"a": 2.25, "b": 0.5, "c": 2.5}, "2.2 50% 2.50"),
        ("since {on:date}", {"on": "2025-03-01"}, "since 2025-03-01"),
        ("«{check:check}»", {"check": "no_such_check"}, "«no such check»"),
        # What is missing stays visible, and is no failure.
        ("{a} and {b:share}", {"a": "x"}, "x and –"),
        ("{a:outcome}", {"a": inf}, "–"),
    ],
)
def test_placeholders_say_what_their_values_are(text: str, arguments: dict, said: str):
    assert plain(say(text, arguments, DAYS)) == said


@pytest.mark.parametrize(
    ("harm", "changed", "mark"),
    [
        (interval(0.001, -0.009, 0.011), {}, Mark.GOOD),
        (interval(0.006, 0.001, 0.012), {}, Mark.GOOD),
        (interval(0.001, -0.009, 0.011), {"is_complete": False}, Mark.OPEN),
        (interval(0.004, -0.018, 0.026), {"lower_adjusted": -0.02}, Mark.OPEN),
        # Before the adjustment it had certainly worsened, after it no longer.
        (interval(0.013, 0.001, 0.026), {"lower_adjusted": -0.001}, Mark.OPEN),
        (interval(0.044, 0.024, 0.064), {"lower_adjusted": 0.019}, Mark.BAD),
    ],
)
def test_quality_is_marked_as_the_rule_judges_it(harm: Estimate, changed: dict, mark: Mark):
    assert judge_quality(quality("Жалобы", harm, 0.02, 0.03, **changed)).mark is mark
