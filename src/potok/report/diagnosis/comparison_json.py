"""Groups compared, and what goes with lateness, as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.comparison.causes import Causes, Rule
from potok.diagnose.comparison.result import Comparison, GroupComparison
from potok.inference.estimate import Estimate
from potok.report.diagnosis.comparison import condition_text, rule_text
from potok.report.diagnosis.drift import change_record

SCHEMA: Final = "potok.compare/1"


def comparison_as_json(
    found: Comparison, causes: Sequence[Causes], *, zone: str, content_sha256: Sequence[str]
) -> dict[str, Any]:
    """Return a comparison as plain values: durations in seconds, shares 0–1; null where something cannot be told."""
    return {
        "schema": SCHEMA,
        "logs": [{"content_sha256": sha, "zone": zone} for sha in content_sha256],
        "by": found.by,
        "horizon_seconds": found.horizon_seconds,
        "groups": [_group_record(group) for group in found.groups],
        "compared_groups": found.compared_groups,
        "between_sd_seconds": found.between_sd_seconds,
        "unlabelled_cases": found.unlabelled_cases,
        "unwatched_cases": found.unwatched_cases,
        "left_out_groups": found.left_out_groups,
        "covariates": list(found.covariates),
        "left_out": [{"name": name, "reason": reason.value} for name, reason in found.left_out],
        "causes": [_causes_record(one) for one in causes],
        "notes": [_(assumption) for assumption in found.assumptions],
    }


def _group_record(group: GroupComparison) -> dict[str, Any]:
    funnel = None if group.funnel_lower is None else [group.funnel_lower, group.funnel_upper]
    return {
        "label": group.label,
        "cases": group.cases,
        "open_cases": group.open_cases,
        "used_cases": group.used_cases,
        "median_seconds": _estimate(group.median),
        "restricted_mean_seconds": _estimate(group.restricted_mean),
        "total_seconds": _estimate(group.total),
        "explained_seconds": _estimate(group.explained),
        "unexplained_seconds": _estimate(group.unexplained),
        "explained_share": group.explained_share,
        "overlap_share": group.overlap_share,
        "effective_cases": group.effective_cases,
        "verdict": group.verdict.value,
        "p_value": group.p_value,
        "pooled_seconds": _estimate(group.pooled),
        "place": None if group.rank_lower is None else [group.rank_lower, group.rank_upper],
        "funnel_seconds": funnel,
        "first_time": asdict(group.first_time),
        "terms": [{"term": part.term, **asdict(part.in_time)} for part in group.terms],
        "flow": [change_record(change) for change in group.flow],
    }


def _causes_record(causes: Causes) -> dict[str, Any]:
    return {
        "target": causes.target.value,
        "term": causes.term or None,
        "verdict": causes.verdict.value,
        "cases": causes.cases,
        "with_outcome": causes.with_outcome,
        "learned_cases": causes.learned_cases,
        "tried_cases": causes.tried_cases,
        "area": _estimate(causes.area),
        "rules": [_rule_record(rule) for rule in causes.rules],
        "used": list(causes.used),
        "left_out": [{"name": name, "reason": reason.value} for name, reason in causes.left_out],
    }


def _rule_record(rule: Rule) -> dict[str, Any]:
    return {
        "text": rule_text(rule),
        "conditions": [
            {
                "fact": condition.fact,
                "value": condition.value or None,
                "at_least": condition.at_least,
                "is_unknown": condition.is_unknown,
                "holds": holds,
                "text": condition_text(condition, holds=holds),
            }
            for condition, holds in rule.conditions
        ],
        "learned": asdict(rule.learned),
        "tried": asdict(rule.tried),
        "difference": _estimate(rule.difference),
        "is_confirmed": rule.is_confirmed,
    }


def _estimate(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None:
        return None
    bounds = {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    return {name: None if abs(bound) == float("inf") else bound for name, bound in bounds.items()}
