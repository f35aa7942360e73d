"""What stands beside the primary estimate: ratio, quantiles, open cases, ends, E-values, clusters."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from potok.inference.equivalence import compare_sides
from potok.inference.estimate import Estimate
from potok.inference.group_times import BasePeriod, Comparing, Scheme, estimate_group_times
from potok.inference.survival import kaplan_meier, restricted_mean
from potok.inference.unmeasured import e_value, e_value_of_difference
from potok.log.mapping import ExtractionKind
from potok.verify.arms import assign_arms, place_by_opening
from potok.verify.designs import Answer
from potok.verify.designs.choice import DesignChoice, propose_design
from potok.verify.designs.followed import opinion_with_open_cases
from potok.verify.designs.inferring import Panels
from potok.verify.designs.quantiles import QuantileCells, quantile_opinions
from potok.verify.designs.ratios import estimate_ratio
from potok.verify.designs.staggered import staggering
from potok.verify.diagnostics import AssumptionTest, check_pre_trend, judge
from potok.verify.effect import CheckVerdict, Design, HonestyCheck
from potok.verify.following import follow_arms
from potok.verify.outcomes.follow_up import weighted_cell_means
from potok.verify.outcomes.values import outcome_values
from potok.verify.panel import Cells, find_cells, make_panel
from potok.verify.protocol.drawing import is_drawn
from potok.verify.protocol.model import ComparisonKind, Declarations, Direction, OutcomeKind
from potok.verify.quality import estimate_quality
from potok.verify.study import Arms, Panel, Side
from potok.verify.unmeasured import find_e_value, with_e_value
from potok.verify.verification import verify_study
from support.made_up_histories import draw_history
from support.small_studies import labels, make_protocol, make_study, margin

WAVES = {
    f"Ведомство {number}": on
    for number, on in enumerate(["2024-04-01"] * 2 + ["2024-09-01"] * 2 + ["2025-02-01"] * 2, start=1)
}
STAGGERED = DesignChoice(Design.STAGGERED_DIFFERENCES, (), 90, None, 12)


@pytest.fixture(scope="module")
def history():
    study = draw_history(6, WAVES, effect=-0.35, seed=1, per_month=30)
    protocol = make_protocol(
        WAVES, kind=ComparisonKind.WAVES, quality=[margin("жалоба", share=0.02)], horizon_days=40.0, look="2025-12-30"
    )
    return study, replace(protocol, declarations=Declarations(refusal_values=("отказ",)))


def arms_of(months):
    none = np.zeros(0, np.int64)
    return Arms(none, none, np.zeros(0), np.zeros(0), none, (date(2024, 1, 1),) * months, none)


def by_name(opinions):
    return {one.method: one.improvement for one in opinions}


def test_a_change_by_one_share_is_told_exactly_whatever_the_level_of_agencies():
    months = np.arange(24)
    level, season = np.asarray([5.0, 9.0, 14.0, 22.0, 31.0, 44.0]), 1 + 0.1 * np.sin(months / 2)
    first = np.asarray([8, 8, 12, 12, 16, 16])
    mean = level[:, None] * season * np.where(months >= first[:, None], 0.65, 1.0)
    days = tuple(date(2024 + month // 12, month % 12 + 1, 1) for month in range(24))
    panel = Panel(tuple("абвгде"), days, mean, np.full(mean.shape, 30), np.full(mean.shape, 0.1), first, first)
    protocol = make_protocol(WAVES, kind=ComparisonKind.WAVES)
    found = estimate_ratio(Panels(panel, panel), protocol, choice=STAGGERED)
    assert found.ratio.value == pytest.approx(0.65, rel=1e-9)
    assert found.improvement.value == pytest.approx(0.35, rel=1e-9)
    assert found.improvement.lower <= 0.35 <= found.improvement.upper
    more = replace(protocol, estimand=replace(protocol.estimand, direction=Direction.HIGHER_IS_BETTER))
    assert estimate_ratio(Panels(panel, panel), more, choice=STAGGERED).improvement.value == pytest.approx(-0.35)
    empty = replace(panel, mean=np.where(mean > 40, 0.0, mean))
    assert estimate_ratio(Panels(empty, empty), protocol, choice=STAGGERED) is None


def test_quantiles_go_through_the_design(history):
    study, protocol = history
    arms = assign_arms(study, protocol)
    panel = make_panel(study, arms)
    choice = propose_design(panel, protocol)
    found = by_name(quantile_opinions(study, arms, panel, protocol, choice=choice))
    # A gamma of shape 4: median and ninth decile are .918 and 1.67 means.
    for method, share in (("median_by_design", 0.918), ("ninth_decile_by_design", 1.67)):
        truth = 0.35 * 12 * share
        assert found[method].lower < truth < found[method].upper
        assert found[method].value == pytest.approx(truth, rel=0.25)
    cells = find_cells(study, arms, is_known=np.isfinite(arms.outcome))
    slow = QuantileCells.of(cells, arms.outcome).panel(0.9)
    for row, month in np.argwhere(panel.cases > 0)[::17]:
        days = arms.outcome[cells.cell == row * len(arms.months) + month]
        assert slow.mean[row, month] == np.quantile(days, 0.9, method="inverted_cdf")
    assert (slow.cases == panel.cases).all()
    whole = make_panel(study, arms, with_transition=True)
    who = staggering(panel, choice)
    assert who.effect(whole) == pytest.approx(who.randomise(whole).effect.value, rel=1e-12)


def test_the_scatter_of_a_quantile_is_that_of_draws():
    """Medians of exponential times have the variance 1/n, ninth deciles nine times as much."""
    generator = np.random.default_rng(5)
    cells, count = 300, 200
    whole = Cells(np.repeat(np.arange(cells), count), ("А",), arms_of(cells), np.asarray([-1]), np.asarray([-1]))
    values = QuantileCells.of(whole, generator.exponential(1.0, cells * count))
    for share, variance in ((0.5, 1 / count), (0.9, 9 / count)):
        panel = values.panel(share)
        assert panel.mean.var() == pytest.approx(variance, rel=0.25)
        assert panel.variance.mean() == pytest.approx(variance, rel=0.15)


def test_open_cases_count_for_as_long_as_they_were_watched():
    """The look comes before most cases of the last months could be followed; slow ones are open then."""
    generator = np.random.default_rng(6)
    rows = [
        (f"{place:04}", "А", f"{2023 + place // 480}-{place // 40 % 12 + 1:02}-{place % 28 + 1:02}", float(days))
        for place, days in enumerate(generator.exponential(25, 35 * 40))
    ]
    study = make_study(rows, look="2025-11-30")
    protocol = make_protocol({"А": "2025-02-01"}, horizon_days=60.0, look="2025-11-30")
    arms = assign_arms(study, protocol)
    panel, values = make_panel(study, arms), outcome_values(study, protocol)
    placed = place_by_opening(study, arms, protocol.estimand, is_unwatched=values.is_unwatched)
    is_late = (arms.side == Side.UNFOLLOWED) & (placed.side == Side.AFTER)
    assert is_late.sum() > 40
    assert ((arms.side == placed.side) | is_late).all()
    choice = propose_design(panel, protocol)
    found = by_name(opinion_with_open_cases(study, arms, panel, protocol, choice=choice, values=values))
    assert found["kaplan_meier"].lower < 0 < found["kaplan_meier"].upper
    shares = replace(protocol, estimand=replace(protocol.estimand, outcome=OutcomeKind.WITHIN_TERM_SHARE, term_days=20))
    found = by_name(opinion_with_open_cases(study, arms, panel, shares, choice=choice, values=values))
    assert found["inverse_probability"].lower < 0 < found["inverse_probability"].upper
    cost = replace(protocol, estimand=replace(protocol.estimand, outcome=OutcomeKind.COST))
    assert by_name(opinion_with_open_cases(study, arms, panel, cost, choice=choice, values=values)) == {}
    # Shares within a term are what the curve has come down by.
    cases, cell = values.cases, np.where(placed.side == Side.AFTER, 0, -1)
    within = (cases.is_closed & (cases.duration <= 20)).astype(float)
    mean = weighted_cell_means(cases, within, cell=cell, cells=1, horizon_days=20.0)
    taken = cell == 0
    assert mean.mean[0] == pytest.approx(1 - kaplan_meier(cases.duration[taken], cases.is_closed[taken]).at(20.0))
    assert mean.censored[0] == (~cases.is_closed & (cases.duration < 20) & taken).sum() > 0
    assert mean.standard_error[0] == pytest.approx(np.sqrt(mean.mean[0] * (1 - mean.mean[0]) / taken.sum()), rel=0.1)
    young = weighted_cell_means(cases, within, cell=np.where(cases.followed < 15, 0, -1), cells=1, horizon_days=20.0)
    assert np.isnan(young.mean[0])


def test_arms_are_followed_to_their_ends():
    """Watching begins in March 2024: cases opened earlier and still open count from then on."""
    generator = np.random.default_rng(3)
    rows, ends = [], []
    for place in range(900):
        month = place // 50
        agency = "А" if place % 2 else "Б"
        opened = f"{2024 + month // 12}-{month % 12 + 1:02}-{place % 28 + 1:02}"
        rows.append((f"{place:04}", agency, opened, float(generator.exponential(20))))
        ends.append(("выдано", "отказ", "отозвано", None)[generator.choice(4, p=[0.6, 0.2, 0.15, 0.05])])
    study = make_study(rows, look="2025-07-01", first="2024-03-01")
    protocol = make_protocol({"А": "2024-10-01"}, kind=ComparisonKind.OTHER_AGENCIES, horizon_days=30.0)
    declared = Declarations(refusal_values=("отказ",), withdrawal_values=("отозвано",))
    watched = np.maximum(study.cases.opened_us, study.first_us)
    kept = study.cases.left_us > study.first_us
    outcome = labels("outcome", np.asarray(ends, object).tolist())
    cases = replace(study.cases, watched_us=watched, outcome=replace(outcome, codes=outcome.codes)).where(kept)
    cases = replace(cases, outcome=replace(cases.outcome, codes=np.where(cases.is_closed, cases.outcome.codes, -1)))
    study = replace(study, cases=cases, in_population=study.in_population[kept])
    protocol = replace(protocol, declarations=declared)
    values = outcome_values(study, protocol)
    arms = assign_arms(study, protocol)
    found = {(one.arm, one.period): one for one in follow_arms(study, arms, protocol, values=values)}
    assert set(found) == {(arm, period) for arm in ("changed", "compared") for period in ("before", "after")}
    before = found["changed", "before"]
    assert before.entered_late > 0
    assert found["changed", "after"].left_open > 0
    is_before = cases.agency.equals("А") & (cases.opened_us < np.datetime64("2024-10-01", "us").astype(np.int64))
    assert before.cases == is_before.sum()
    on_clock = values.cases
    curve = kaplan_meier(
        on_clock.duration[is_before], cases.is_closed[is_before], entry=on_clock.watched_from[is_before]
    )
    assert before.mean == restricted_mean(curve, 30.0)
    for one in found.values():
        ended = one.decided.value + one.refused.value + one.withdrawn.value + one.untold.value
        assert ended + one.waiting == pytest.approx(1)
        assert one.refused.value == pytest.approx(0.2 * ended, abs=3 * one.refused.standard_error)
        assert one.refused_of_ended.value == pytest.approx(0.2, abs=3 * one.refused_of_ended.standard_error)
    silent = replace(study, cases=replace(cases, outcome=labels("outcome", [None] * len(cases))))
    after = follow_arms(silent, arms, protocol, values=values)[1]
    assert (after.decided, after.untold) == (None, None)
    assert after.waiting == found["changed", "after"].waiting
    unsaid = replace(protocol, declarations=Declarations())
    for one in follow_arms(study, assign_arms(study, unsaid), unsaid, values=values):
        assert (one.refused, one.withdrawn, one.refused_of_ended) == (None, None, None)
        assert one.decided.value > 0.6
    closed = replace(study, sources=(replace(study.sources[0], extraction=ExtractionKind.CLOSED),))
    assert follow_arms(closed, assign_arms(closed, protocol), protocol, values=values) == ()


def test_an_e_value_stands_where_chance_did_not_deal_out_the_dates(history):
    study, protocol = history
    found = verify_study(study, protocol)
    estimate, arms = found.effect.estimate, found.arms
    sides = [arms.outcome[(arms.side == side) & np.isfinite(arms.outcome)] for side in (Side.BEFORE, Side.AFTER)]
    spread = np.sqrt(sum(((side - side.mean()) ** 2).sum() for side in sides) / (sum(map(len, sides)) - 2))
    assert estimate.e_value == e_value_of_difference(estimate.improvement, standard_deviation=float(spread))
    adjusted = next(one for one in found.effect.second_opinions if one.method == "case_mix_adjusted")
    assert adjusted.e_value.estimate > adjusted.e_value.limit > 1
    assert {one.method for one in found.effect.second_opinions if one.e_value} == {"case_mix_adjusted"}
    assert found.effect.ratio.ratio.lower < 0.65 < found.effect.ratio.ratio.upper
    chance = (
        replace(protocol, comparison=replace(protocol.comparison, is_order_drawn=True, seed=n)) for n in range(999)
    )
    drawn = next(one for one in chance if is_drawn(one))
    assert with_e_value(replace(estimate, e_value=None), arms, drawn).e_value is None
    share = replace(
        protocol,
        estimand=replace(
            protocol.estimand, outcome=OutcomeKind.WITHIN_TERM_SHARE, direction=Direction.HIGHER_IS_BETTER
        ),
    )
    better = replace(estimate.improvement, value=0.2, lower=0.1, upper=0.3)
    ratio = replace(better, value=0.9 / 0.7, lower=0.9 / 0.8, upper=0.9 / 0.6)
    told = find_e_value(better, arms, share, with_change=0.9)
    assert (told.estimate, told.limit) == pytest.approx((e_value(ratio).estimate, e_value(ratio).limit))
    assert find_e_value(replace(better, value=np.nan), arms, share, with_change=0.9) is None
    constant = replace(arms, outcome=np.full(len(arms.outcome), 5.0))
    assert find_e_value(better, constant, protocol, with_change=5.0) is None


def test_a_course_of_its_own_before_the_change_fails_unless_the_order_was_drawn():
    """Twelve agencies of thirty drift from the others in the seven months before they change."""
    generator = np.random.default_rng(8)
    drift = np.where(np.arange(30)[:, None] < 12, np.arange(12), 0)
    found = []
    for steepness in (0.0, 0.5):
        mean = 10 + generator.normal(0, 1, (30, 1)) + generator.normal(0, 0.3, (30, 12)) + steepness * drift
        first = np.where(np.arange(30) < 12, 8, -1)
        effects = estimate_group_times(mean, first_treated=first, comparing=Comparing(base_period=BasePeriod.UNIVERSAL))
        answer = Answer(None, event_study=effects.aggregate(Scheme.DYNAMIC))
        found.append(check_pre_trend(answer))
    assert [one.judged(one.p_value).verdict for one in found] == [CheckVerdict.PASSED, CheckVerdict.FAILED]
    drawn = [one.judged(one.p_value, worst=CheckVerdict.NOTED).verdict for one in found]
    assert drawn == [CheckVerdict.PASSED, CheckVerdict.NOTED]
    assert found[0].figure.value > 0.01 > found[1].figure.value
    assert found[0].arguments["months"] == 7
    assert check_pre_trend(Answer(None)).verdict is CheckVerdict.CANNOT_TELL
    few = slice(8, 14)
    effects = estimate_group_times(
        mean[few], first_treated=first[few], comparing=Comparing(base_period=BasePeriod.UNIVERSAL)
    )
    answer = Answer(None, event_study=effects.aggregate(Scheme.DYNAMIC))
    assert check_pre_trend(answer).verdict is CheckVerdict.CANNOT_TELL


def test_tests_of_assumptions_are_adjusted_together():
    """Each of two p-values of .03 would fail alone; after Holm both are .06, and none does."""
    figure = Estimate(0.03, np.nan, np.nan, np.nan, 0.95)
    one = AssumptionTest("placebo_in_time", 0.03, figure, "p_value", 0.05, "quiet", "found", {})
    said = HonestyCheck("pre_trend", CheckVerdict.CANNOT_TELL, None, "outcome", None, "untold")
    assert [check.verdict for check in judge(one, one)] == [CheckVerdict.PASSED, CheckVerdict.PASSED]
    assert [check.verdict for check in judge(one, said)] == [CheckVerdict.FAILED, CheckVerdict.CANNOT_TELL]
    assert [check.reason for check in judge(one, replace(one, p_value=0.02))] == ["found", "found"]
    assert judge(said) == (said,)


def test_quality_is_also_judged_by_agency_or_by_month(history):
    study, protocol = history
    arms = assign_arms(study, protocol)
    clustered = estimate_quality(study, arms, protocol)[0].clustered
    assert (clustered.clustered_by, clustered.clusters) == ("agency", 6)
    is_bad = study.cases.attributes[0].equals("да")
    since = arms.side == Side.BEFORE
    last = study.cases.opened_us[since].max()
    chosen = (arms.side == Side.AFTER) | (since & (study.cases.opened_us > last - 365 * 86_400_000_000))
    expected = compare_sides(
        is_bad[chosen].astype(float),
        is_second=arms.side[chosen] == Side.AFTER,
        clusters=study.cases.agency.codes[chosen],
    )
    assert clustered.harm == expected.difference
    assert clustered.ratio == expected.ratio
    assert clustered.ratio_margin == pytest.approx((expected.first + 0.02) / expected.first)
    assert clustered.p_difference == expected.difference_within(-0.02, 0.02).p_not_above < 0.025
    assert clustered.p_equivalent >= clustered.p_difference
    alone = replace(protocol, change=replace(protocol.change, waves=protocol.change.waves[:1]))
    assert estimate_quality(study, assign_arms(study, alone), alone)[0].clustered.clustered_by == "month"


def test_where_no_case_takes_part_there_is_no_panel():
    study = make_study([("1", "А", "2024-05-10", 5.0), ("2", "Б", "2024-06-10", None)], look="2024-06-20")
    protocol = make_protocol({"А": "2024-04-01"}, kind=ComparisonKind.OTHER_AGENCIES, horizon_days=60.0)
    found = verify_study(study, protocol)
    assert (found.panel.agencies, found.panel.mean.shape) == ((), (0, 2))
    assert found.effect.estimate is None
    assert found.effect.ratio is None
