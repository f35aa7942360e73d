"""Effects as canonical JSON: ``potok.effect/1``, the same bytes wherever it is recomputed.

Nothing in it depends on the language, on the clock, or on the order of a source's rows. Numbers are rounded to ten
significant digits, so that processors that add in another order agree. `effect_sha256` is the hash of all the rest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import isfinite
from typing import Any, Final

from potok.inference.estimate import Estimate
from potok.inference.unmeasured import EValue
from potok.verify.effect import (
    ArmFollowUp,
    ClusteredHarm,
    EffectEstimate,
    HonestyCheck,
    PeriodEffect,
    QualityEffect,
    RatioEffect,
    Reason,
    SecondOpinion,
)
from potok.verify.protocol.canonical import protocol_as_mapping
from potok.verify.verification import Verification

SCHEMA: Final = "potok.effect/1"
DIGITS: Final = 10
_CODE: Final = ("core", "inference", "verify")


def effect_as_json(verification: Verification) -> dict[str, Any]:
    """Return an effect with its hash as plain values."""
    record = _rounded(_record(verification))
    return {**record, "effect_sha256": hashlib.sha256(canonical_bytes(record)).hexdigest()}


def canonical_bytes(record: Mapping[str, Any]) -> bytes:
    """Return the one way of writing a record: keys sorted, no spaces, UTF-8."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def is_untouched(record: Mapping[str, Any]) -> bool:
    """Return whether a record still has the content that its hash was made of."""
    rest = {key: value for key, value in record.items() if key != "effect_sha256"}
    return hashlib.sha256(canonical_bytes(rest)).hexdigest() == record.get("effect_sha256")


@cache
def code_sha256() -> str:
    """Return the hash of the source code that decides about an effect."""
    digest = hashlib.sha256()
    for layer in _CODE:
        for name, content in sorted(_sources(files("potok").joinpath(layer), layer)):
            digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _sources(folder: Traversable, name: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, path)
        elif entry.name.endswith(".py"):
            yield path, entry.read_bytes()


def _record(verification: Verification) -> dict[str, Any]:
    effect, study = verification.effect, verification.study
    decision = effect.decision
    return {
        "schema": SCHEMA,
        "protocol": {
            "name": effect.protocol_name,
            "sha256": effect.protocol_sha256,
            "registered_sha256": effect.registered_sha256,
            "is_late": effect.is_late,
            "content": protocol_as_mapping(verification.protocol),
        },
        "logs": [
            {"content_sha256": one.content_sha256, "cases": one.cases, "extraction": one.extraction.value}
            for one in sorted(study.sources, key=lambda one: one.content_sha256)
        ],
        "code": {"version": effect.code_version, "sha256": code_sha256()},
        "looked_on": effect.looked_on.isoformat(),
        "decided_on": effect.decided_on.isoformat(),
        "verdict": decision.verdict.value,
        "rule": decision.rule,
        "is_undecided": decision.is_undecided,
        "reasons": _reasons(decision.reasons),
        "remedies": _reasons(decision.remedies),
        "deviations": _reasons(effect.deviations),
        "unit": effect.unit,
        "cases": cases_by_side(verification),
        "months": _months(verification),
        "estimate": _estimate(effect.estimate, verification.bands),
        "ratio": _ratio(effect.ratio),
        "days_saved": _interval(effect.days_saved),
        "second_opinions": [_opinion(one) for one in effect.second_opinions],
        "follow_up": [_followed(one) for one in effect.follow_up],
        "quality": [_quality(one) for one in effect.quality],
        "checks": [_check(one) for one in effect.checks],
        "diagnostics": [_check(one) for one in effect.diagnostics],
        "unreviewed_sentinels": list(effect.unreviewed_sentinels),
        "replicates": verification.protocol.replicates or None,
    }


def cases_by_side(verification: Verification) -> dict[str, int]:
    """Return how many cases stand where in the study."""
    from potok.verify.study import Side

    side = verification.arms.side
    return {one.name.lower(): int((side == one).sum()) for one in Side}


def _months(verification: Verification) -> dict[str, str] | None:
    """Return the first and last month of opening of the cases that take part."""
    arms = verification.arms
    if not arms.takes_part.any():
        return None
    month = arms.month[arms.takes_part]
    first, last = (arms.months[int(place)].strftime("%Y-%m") for place in (month.min(), month.max()))
    return {"first": first, "last": last}


def _estimate(one: EffectEstimate | None, bands: Sequence[Estimate]) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "design": one.design.value,
        "improvement": _interval(one.improvement),
        "relative": _interval(one.relative),
        "without": one.without,
        "with_change": one.with_change,
        "is_applicable": one.is_applicable,
        "limits": list(one.limits),
        "p_value": one.p_value,
        "admissible_assignments": one.admissible_assignments,
        "degrees_of_freedom": one.degrees,
        "cases_before": one.cases_before,
        "cases_after": one.cases_after,
        "cases_compared": one.cases_compared,
        "cases_alone": one.cases_alone,
        "months_before": one.months_before,
        "months_after": one.months_after,
        "e_value": _e_value(one.e_value),
        "periods": [
            _period(period, bands[place] if len(bands) == len(one.periods) else None)
            for place, period in enumerate(one.periods)
        ],
        "assumptions": list(one.assumptions),
    }


def _period(one: PeriodEffect, band: Estimate | None) -> dict[str, Any]:
    return {
        "label": one.label,
        "is_before": one.is_before,
        "improvement": _interval(one.improvement),
        "simultaneous": _interval(band),
    }


def _opinion(one: SecondOpinion) -> dict[str, Any]:
    return {
        "method": one.method,
        "improvement": _interval(one.improvement),
        "e_value": _e_value(one.e_value),
        "note": one.note,
    }


def _e_value(one: EValue | None) -> dict[str, Any] | None:
    return None if one is None else {"estimate": one.estimate, "limit": one.limit}


def _ratio(one: RatioEffect | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "ratio": _interval(one.ratio),
        "improvement": _interval(one.improvement),
        "p_value": one.p_value,
        "note": one.note,
    }


def _followed(one: ArmFollowUp) -> dict[str, Any]:
    return {
        "arm": one.arm,
        "period": one.period,
        "cases": one.cases,
        "left_open": one.left_open,
        "entered_late": one.entered_late,
        "mean": _interval(one.mean),
        "decided": _interval(one.decided),
        "refused": _interval(one.refused),
        "withdrawn": _interval(one.withdrawn),
        "untold": _interval(one.untold),
        "waiting": one.waiting,
        "refused_of_ended": _interval(one.refused_of_ended),
    }


def _clustered(one: ClusteredHarm | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "clustered_by": one.clustered_by,
        "clusters": one.clusters,
        "harm": _interval(one.harm),
        "ratio": _interval(one.ratio),
        "ratio_margin": one.ratio_margin,
        "p_difference": one.p_difference,
        "p_ratio": one.p_ratio,
        "p_equivalent": one.p_equivalent,
    }


def _quality(one: QualityEffect) -> dict[str, Any]:
    return {
        "name": one.name,
        "attribute": one.attribute,
        "value": one.value,
        "margin_share": one.margin_share,
        "harm": _interval(one.harm),
        "lower_adjusted": one.lower_adjusted,
        "before_share": one.before_share,
        "after_share": one.after_share,
        "cases_before": one.cases_before,
        "cases_after": one.cases_after,
        "is_complete": one.is_complete,
        "needed_cases": one.needed_cases,
        "clustered": _clustered(one.clustered),
        "is_recorded": one.is_recorded,
    }


def _check(one: HonestyCheck) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "verdict": one.verdict.value,
        "is_blocking": one.is_blocking,
        "figure": _interval(one.figure),
        "unit": one.unit,
        "limit": one.limit,
        "reason": one.reason,
        "arguments": dict(one.arguments),
        "case_ids": list(one.case_ids),
    }


def _reasons(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [{"text": one.text, "arguments": dict(one.arguments)} for one in reasons]


def _interval(one: Estimate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "value": one.value,
        "lower": one.lower,
        "upper": one.upper,
        "standard_error": one.standard_error,
        "confidence": one.confidence,
    }


def _rounded(value: Any) -> Any:
    """Round numbers, and write what is not a number, or without bound, as null."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0 if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
