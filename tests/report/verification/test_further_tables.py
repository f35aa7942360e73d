"""Tables of what stands beside the primary outcome."""

from dataclasses import replace
from math import inf, nan

from potok.inference.unmeasured import EValue
from potok.report.verification.auditor import make_auditor_report
from potok.report.verification.tables import effect_tables
from potok.verify.effect import ArmFollowUp, ClusteredHarm, RatioEffect
from report.verification.made_up_effects import interval, make_results

ADJUSTED = "case_mix_adjusted"


def test_everything_beside_the_primary_outcome_is_tabled():
    results = make_results()
    effect, arm = results.effect, interval(12.5, 11.5, 13.5)
    after = ArmFollowUp(
        "changed", "after", 1500, 30, 4, arm, *[interval(0.7, 0.6, 0.8)] * 4, 0.052, interval(0.1, 0.05, 0.2)
    )
    unsaid = replace(after, arm="compared", period="before", mean=None, refused=None, waiting=None)
    ratio = RatioEffect(interval(0.65, 0.5, 0.8), interval(0.35, 0.2, 0.5), 0.0004, "Note.")
    clustered = ClusteredHarm(
        "month", 24, interval(0.004, -0.01, 0.016), interval(1.4, 0.6, 3.1), 3.5, 0.011, 0.02, 0.3
    )
    open_ratio = replace(clustered, clustered_by="agency", clusters=6, ratio=None, ratio_margin=None)
    opinions = tuple(
        replace(one, e_value=EValue(2.5, 1.0) if place == 0 else None)
        for place, one in enumerate(effect.second_opinions)
    )
    quality = tuple(
        replace(one, clustered=clustered if place == 0 else open_ratio) for place, one in enumerate(effect.quality)
    )
    told = replace(
        effect,
        estimate=replace(effect.estimate, e_value=EValue(inf, 3.25)),
        ratio=ratio,
        follow_up=(after, unsaid),
        second_opinions=opinions,
        quality=quality,
    )
    tables = {table.name: table for table in effect_tables(told, results.protocol)}
    assert tables["ratio"].rows[0][1:] == ("0.65", "0.50 to 0.80")
    assert tables["ratio"].rows[1][1:] == ("35%", "20% to 50%")
    assert [row[1:] for row in tables["unmeasured"].rows] == [("∞", "3.25"), ("2.50", "1.00")]
    assert tables["follow_up"].rows[0][1:4] == ("1,500", "30", "4")
    assert tables["follow_up"].rows[1][4] == "–"
    assert tables["ends"].rows[0][1] == "70% (60% to 80%)"
    assert tables["ends"].rows[1][2] == "–"
    assert tables["quality_clustered"].rows[0][1:6:2] == (
        "months: 24",
        "−1.0 to 1.6\xa0percentage\xa0points",
        "0.60 to 3.10",
    )
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)
    shown = {
        table.name
        for section in make_auditor_report(replace(results, effect=told)).sections
        for table in section.tables
    }
    assert {"ratio", "unmeasured", "follow_up", "ends", "quality_clustered"} <= shown
    endless = replace(told, ratio=replace(ratio, ratio=interval(0.65, 0.0, inf), improvement=interval(0.35, -inf, 1.0)))
    table = next(table for table in effect_tables(endless, results.protocol) if table.name == "ratio")
    assert table.rows[0][2] == "–"
    untold = replace(after, decided=interval(nan, nan, nan), withdrawn=interval(0.2, -inf, inf))
    table = next(
        table for table in effect_tables(replace(told, follow_up=(untold,)), results.protocol) if table.name == "ends"
    )
    assert (table.rows[0][1], table.rows[0][3]) == ("–", "20%")
