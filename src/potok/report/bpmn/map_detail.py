"""How much of the directly-follows map is drawn when the reader says it in shares."""

from typing import Final

from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.report.drawing.detail import RULES, DetailName, DetailRule, MapDetail, choose_details

# A share given by hand is meant: no bound of the prepared levels cuts it short.
_NO_BOUND: Final = 10**6


def choose_map_detail(
    graph: DirectlyFollowsGraph, *, activity_share: float | None, passage_share: float | None
) -> MapDetail:
    """Choose what a map shows: the level called overview, or what the shares given by hand ask for.

    Parameters
    ----------
    activity_share
        Share of activity instances that the activities shown should cover, 0–1; None as in the overview.
    passage_share
        Share of the passages between them that should be drawn, 0–1; None as in the overview.
    """
    overview = next(rule for rule in RULES if rule.name is DetailName.OVERVIEW)
    rule = DetailRule(
        name=DetailName.OVERVIEW,
        activity_share=overview.activity_share if activity_share is None else activity_share,
        fewest_activities=overview.fewest_activities if activity_share is None else 1,
        most_activities=overview.most_activities if activity_share is None else _NO_BOUND,
        passage_share=overview.passage_share if passage_share is None else passage_share,
        passages_per_activity=overview.passages_per_activity if passage_share is None else _NO_BOUND,
    )
    return choose_details(graph, rules=(rule,))[0]
