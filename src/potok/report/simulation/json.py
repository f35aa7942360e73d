"""Forecasts as JSON: ``potok.forecast/1``."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

from potok.core.language import gettext as _
from potok.report.diagnosis.plain_results import plain_result
from potok.report.formats import instant_of
from potok.simulate.changes import Scenario
from potok.simulate.experiments.estimates import Estimate
from potok.simulate.experiments.forecast import Forecast, ScenarioForecast
from potok.simulate.experiments.metrics import Metric, Unit
from potok.simulate.experiments.search import Search
from potok.simulate.experiments.sensitivity import Sensitivity
from potok.simulate.experiments.settling import ChosenFrame
from potok.simulate.experiments.sizing import Sizing

SCHEMA: Final = "potok.forecast/1"


def forecast_as_json(
    found: Forecast,
    *,
    source: dict[str, Any],
    fit_warnings: Sequence[str] = (),
    sensitivity: Sensitivity | None = None,
    sizing: Sizing | None = None,
    search: tuple[Search, Scenario] | None = None,
) -> dict[str, Any]:
    """Return a forecast as plain values.

    Parameters
    ----------
    source
        What it was made from: kind, name and hash.
    fit_warnings
        What in the log the model does not describe well, in words.
    sensitivity, sizing, search
        What else was asked.

    Notes
    -----
    `to_be` and `difference` are of the first scenario; further ones stand in `further_scenarios`.
    """
    first, further = found.scenarios[:1], found.scenarios[1:]
    return {
        "schema": SCHEMA,
        "source": source,
        "settings": {
            "seed": found.settings.seed,
            "replications": found.settings.replications,
            "draws": found.settings.draws - found.draws_left_out,
            "draws_left_out": found.draws_left_out,
            "draw_replications": found.settings.draw_replications,
            "level": found.settings.level,
            "interval": found.interval.value,
        },
        "frame": _frame(found.chosen, zone=found.model.zone),
        "pools": [
            {"name": pool.name, "people": len(pool.people), "does": list(pool.does)} for pool in found.model.pools
        ],
        "saturated": [
            {
                "scenario": found.scenarios[one.scenario - 1].scenario.name if one.scenario else None,
                "pool": one.pool,
                "offered_load": one.offered_load,
            }
            for one in found.chosen.saturated
        ],
        "as_is": _estimates(found.metrics, found.as_is),
        **(_scenario(found.metrics, first[0]) if first else {"changes": [], "to_be": None, "difference": None}),
        "further_scenarios": [_scenario(found.metrics, one) for one in further],
        "ranking": _ranking(found),
        "sensitivity": _sensitivity(sensitivity),
        "sizing": plain_result(sizing),
        "search": _search(*search) if search else None,
        "assumptions": list(map(_, found.assumptions)),
        "warnings": list(map(_, found.warnings)),
        "fit_warnings": list(fit_warnings),
    }


def _frame(chosen: ChosenFrame, *, zone: str) -> dict[str, Any]:
    frame = chosen.frame
    instants = {"start_at": frame.start_us, "count_from_at": frame.count_from_us, "end_at": frame.end_us}
    return {
        "kind": chosen.kind.value,
        **{name: instant_of(at, zone=zone).isoformat() for name, at in instants.items()},
        "starts_with_open_cases": frame.starts_with_open_cases,
        "warm_up_cases": chosen.warm_up.cases if chosen.warm_up else None,
        "is_warm_up_found": chosen.warm_up.is_found if chosen.warm_up else None,
    }


def _scenario(metrics: Sequence[Metric], one: ScenarioForecast) -> dict[str, Any]:
    return {
        "scenario": one.scenario.name,
        "changes": [change.as_record() for change in one.scenario.changes],
        "to_be": _estimates(metrics, one.to_be),
        "difference": _estimates(metrics, one.difference),
    }


def _estimates(metrics: Sequence[Metric], estimates: Sequence[Estimate]) -> list[dict[str, Any]]:
    return [{**_metric(metric), **_estimate(estimate)} for metric, estimate in zip(metrics, estimates, strict=True)]


def _metric(metric: Metric) -> dict[str, Any]:
    suffix = {Unit.SECONDS: "_seconds", Unit.CASES_PER_DAY: "_per_day"}.get(metric.unit, "")
    name = metric.name.value.removesuffix("_per_day") if metric.unit is Unit.CASES_PER_DAY else metric.name.value
    return {"metric": name + suffix, "subject": metric.subject or None, "unit": metric.unit.value}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": _number(estimate.value),
        "lower": _number(estimate.lower),
        "upper": _number(estimate.upper),
        "standard_error": _number(estimate.standard_error),
    }


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _ranking(found: Forecast) -> dict[str, Any] | None:
    if found.ranking is None:
        return None
    names = [None, *(one.scenario.name for one in found.scenarios)]
    return {
        "metric": _metric(found.ranking.metric)["metric"],
        "scenarios": [
            {"scenario": name, "rank": rank, "mean_rank": _number(mean), "best_share": _number(best)}
            for name, rank, mean, best in zip(
                names, found.ranking.ranks, found.ranking.mean_ranks, found.ranking.best_shares, strict=True
            )
        ],
    }


def _sensitivity(found: Sensitivity | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **_metric(found.metric),
        "is_difference": found.is_difference,
        "answer": _estimate(found.answer),
        "effects": [
            {
                "assumption": one.assumption.value,
                "subject": one.subject or None,
                "amount": one.amount,
                "answer": _estimate(one.answer),
                "moved": _estimate(one.moved),
            }
            for one in found.effects
        ],
    }


def _search(found: Search, candidates: Scenario) -> dict[str, Any]:
    changes = [change.as_record() for change in candidates.changes]
    return {
        **_metric(found.metric),
        "budget": found.budget,
        "method": found.method.value,
        "best_share": _number(found.best_share),
        "candidates": [
            {"change": change, "price": price} for change, price in zip(changes, candidates.prices, strict=True)
        ],
        "options": [
            {
                "changes": list(one.changes),
                "price": one.price,
                "value": _estimate(one.value),
                "difference": _estimate(one.difference),
            }
            for one in found.options
        ],
        "refused": [{"changes": list(one.changes), "reason": one.reason} for one in found.refused],
    }
