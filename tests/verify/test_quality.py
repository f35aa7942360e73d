"""Harm to quality: against Newcombe's published example, and over many made-up histories."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from potok.verify.arms import assign_arms
from potok.verify.protocol.model import Direction
from potok.verify.quality import estimate_quality
from support.small_studies import make_protocol, make_study, margin

CHANGE = date(2025, 1, 1)


def history(before, after, *, seed=0, months=6, margins=None):
    """Cases spread over the months before and after a change; before and after are (bad, cases)."""
    rows, flags = [], []
    generator = np.random.default_rng(seed)
    for (bad, cases), since in ((before, CHANGE - timedelta(days=30 * months)), (after, CHANGE)):
        order = generator.permutation(cases)
        for place in range(cases):
            day = since + timedelta(days=place * (30 * months) // cases)
            rows.append((f"{since}-{place:05}", "А", day.isoformat(), 1.0))
            flags.append("да" if order[place] < bad else None)
    study = make_study(rows, look="2025-12-31", жалоба=flags)
    protocol = make_protocol({"А": CHANGE.isoformat()}, quality=margins or [margin("жалоба")])
    return study, protocol


def judge(before, after, **options):
    study, protocol = history(before, after, **options)
    return estimate_quality(study, assign_arms(study, protocol), protocol)


def test_the_published_interval():
    """Newcombe (1998): 56 of 70 against 48 of 80; the months scatter by no more than chance."""
    found = judge((48, 80), (56, 70), seed=3)[0]
    assert (found.before_share, found.after_share) == (0.6, 0.8)
    assert found.harm.lower == pytest.approx(0.0524, abs=5e-5)
    assert found.harm.upper == pytest.approx(0.3339, abs=5e-5)
    assert found.lower_adjusted == found.harm.lower


def test_less_is_worse_where_the_indicator_says_so():
    turned = [margin("жалоба", direction=Direction.HIGHER_IS_BETTER)]
    found = judge((48, 80), (56, 70), seed=3, margins=turned)[0]
    assert found.harm.value == pytest.approx(-0.2)
    assert found.harm.upper == pytest.approx(-0.0524, abs=5e-5)


def test_several_indicators_share_the_level():
    one = judge((30, 1000), (52, 1000), seed=1)[0]
    assert one.lower_adjusted > 0
    margins = [margin("жалоба", name=f"показатель {place}") for place in range(4)]
    four = judge((30, 1000), (52, 1000), seed=1, margins=margins)
    assert {effect.lower_adjusted < one.lower_adjusted for effect in four} == {True}
    assert {effect.harm for effect in four} == {one.harm}


def test_holm_goes_on_only_while_harms_are_shown():
    study, protocol = history((30, 1000), (75, 1000), margins=[margin("жалоба", name="а"), margin("нет", name="б")])
    strong, none = estimate_quality(study, assign_arms(study, protocol), protocol)
    assert strong.lower_adjusted > 0
    assert none.lower_adjusted <= 0


def test_shares_that_scatter_between_months_count_for_less():
    study, protocol = history((100, 1000), (100, 1000), seed=5)
    flags = study.cases.attributes[0]
    spread = estimate_quality(study, assign_arms(study, protocol), protocol)[0]
    month = assign_arms(study, protocol).month
    uneven = np.where(month % 2 == 0, flags.codes, -1)
    lumpy = replace(study, cases=replace(study.cases, attributes=(replace(flags, codes=uneven),)))
    scattered = estimate_quality(lumpy, assign_arms(lumpy, protocol), protocol)[0]
    relative = (scattered.harm.upper - scattered.harm.lower) / (spread.harm.upper - spread.harm.lower)
    assert relative > 1.5


def test_too_young_cases_are_not_complete():
    study, protocol = history((30, 1000), (30, 1000), margins=[margin("жалоба", follow_up_days=300.0)])
    assert not estimate_quality(study, assign_arms(study, protocol), protocol)[0].is_complete


def test_how_many_cases_the_margin_needs_is_said():
    """A rate of 2 % and a margin of one point need about 3,100 cases on each side."""
    found = judge((20, 1000), (20, 1000), margins=[margin("жалоба", share=0.01)])[0]
    assert found.needed_cases == pytest.approx(3100, rel=0.02)


def test_without_cases_on_one_side_nothing_is_shown():
    found = judge((30, 1000), (0, 0))[0]
    assert np.isnan(found.harm.value)
    assert found.harm.upper == np.inf
    assert not found.is_complete


def test_false_harm_is_as_rare_as_promised():
    generator = np.random.default_rng(8)
    wrong = 0
    runs = 80
    for seed in range(runs):
        before, after = generator.binomial(600, 0.05, 2)
        wrong += judge((before, 600), (after, 600), seed=seed)[0].harm.lower > 0
    assert wrong / runs <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / runs)


def test_what_no_log_records_has_no_limits():
    found = judge((0, 2000), (0, 2000))[0]
    assert not found.is_recorded
    assert (found.harm.lower, found.harm.upper, found.lower_adjusted) == (-np.inf, np.inf, -np.inf)


@pytest.mark.parametrize(("silent", "is_recorded"), [(100, True), (400, False)])
def test_an_agency_that_never_records_an_indicator_shows_nothing(silent, is_recorded):
    """Of 1,000 cases each before and after, so many lie in an agency whose column is empty."""
    rows, flags = [], []
    for since in (CHANGE - timedelta(days=180), CHANGE):
        for place in range(1000):
            day = since + timedelta(days=place * 180 // 1000)
            is_silent = place % 10 < silent // 100
            rows.append((f"{since}-{place:05}", "Б" if is_silent else "А", day.isoformat(), 1.0))
            flags.append(None if is_silent else ("да" if place % 50 == 49 else "нет"))
    study = make_study(rows, look="2025-12-31", жалоба=flags)
    protocol = make_protocol(dict.fromkeys("АБ", CHANGE.isoformat()), quality=[margin("жалоба")])
    found = estimate_quality(study, assign_arms(study, protocol), protocol)[0]
    assert found.is_recorded is is_recorded
    assert np.isfinite(found.harm.upper) == is_recorded


def test_cases_that_newly_lack_a_value_count_as_bad_in_the_upper_limit():
    study, protocol = history((20, 1000), (20, 1000))
    arms, column = assign_arms(study, protocol), study.cases.attribute("жалоба")
    codes = np.where(column.codes < 0, 1, 0)  # "да" is 0, "нет" is 1
    is_hidden = (study.cases.opened_us >= arms.change_us) & (codes == 1) & (np.arange(len(codes)) % 20 == 0)

    def judged(hidden):
        flags = [None if none else ("да", "нет")[code] for code, none in zip(codes, hidden, strict=True)]
        rows = [(name, "А", day.isoformat(), 1.0) for name, day in zip(study.cases.case_ids, _days(study), strict=True)]
        known = make_study(rows, look="2025-12-31", жалоба=flags)
        return estimate_quality(known, assign_arms(known, protocol), protocol)[0].harm

    whole, hidden = judged(np.zeros(len(codes), bool)), judged(is_hidden)
    assert hidden.value == whole.value
    assert hidden.lower == whole.lower
    assert hidden.upper > whole.upper + is_hidden.mean() * 2 * 0.9


def _days(study):
    return [date(1970, 1, 1) + timedelta(microseconds=int(opened)) for opened in study.cases.opened_us]
