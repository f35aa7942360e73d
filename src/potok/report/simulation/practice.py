"""Practice grounds in words and as JSON."""

from typing import Any

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.formats import format_decimal
from potok.report.simulation.words import describe_changes, name_metric, write_figure, write_interval
from potok.simulate.experiments.estimates import Estimate
from potok.simulate.practice import Figure, PracticeGround, Ranked, Trial

SCHEMA = "potok.practice_trial/1"


def describe_ground(ground: PracticeGround, as_is: Trial) -> str:
    """Say what the task is, how the process runs now, and what may be done."""
    lines = [ground.name, "", ground.task, "", _("Now:")]
    lines += [f"  {_name(one)}: {write_figure(one.value.value, one.metric)}" for one in as_is.figures]
    lines += ["", _("Budget: {points}. What may be done:").format(points=_points(ground.budget))]
    for number, measure in enumerate(ground.measures, start=1):
        lines.append(f"  {number}. {measure.name} ({_points(sum(measure.prices))})")
        lines.append(f"     {describe_changes(measure.changes)}")
    return "\n".join(lines)


def describe_trial(ground: PracticeGround, trial: Trial) -> str:
    """Say what the chosen measures would bring, and whether they keep to the budget and to the quality."""
    chosen = ", ".join(ground.measures[number].name for number in trial.chosen) or _("nothing")
    lines = [
        _("Chosen: {names} ({points} of {budget})").format(
            names=chosen, points=_points(trial.price), budget=format_decimal(ground.budget, digits=0)
        )
    ]
    if trial.refusal:
        return "\n".join([*lines, _("These cannot be done together: {reason}").format(reason=trial.refusal)])
    lines += [_describe_figure(one) for one in trial.figures]
    if not trial.is_affordable:
        lines.append(_("This is beyond the budget and does not count."))
    lines += [_("Quality falls: {name}. This does not count.").format(name=name) for name in trial.harmed]
    return "\n".join(lines)


def _describe_figure(figure: Figure) -> str:
    return _("  {name}: {value}; change {difference} ({interval})").format(
        name=_name(figure),
        value=write_figure(figure.value.value, figure.metric),
        difference=write_figure(figure.difference.value, figure.metric, is_difference=True),
        interval=write_interval(figure.difference, figure.metric, is_difference=True),
    )


def describe_rank(ground: PracticeGround, ranked: Ranked) -> str:
    """Say how a trial compares with the best that the budget and the quality allow."""
    names = ", ".join(ground.measures[number].name for number in ranked.best.chosen) or _("nothing")
    gain = write_figure(ranked.best.figures[0].difference.value, ranked.best.figures[0].metric, is_difference=True)
    lines = [
        _("The best that can be had: {names}, for {points}: {gain} on average.").format(
            names=names, points=_points(ranked.best.price), gain=gain
        )
    ]
    if ranked.place:
        lines.append(
            _("Yours is number {place} of {count} and brings {share} % of that.").format(
                place=ranked.place, count=ranked.of, share=format_decimal(100 * ranked.reached_share, digits=0)
            )
        )
    else:
        lines.append(_("Yours does not count: it breaks the budget or the quality."))
    lines.append(_("The same random numbers were used for all. It is a model: a real process may answer otherwise."))
    return "\n".join(lines)


def practice_as_json(ground: PracticeGround, trial: Trial, ranked: Ranked | None) -> dict[str, Any]:
    """Return a trial as plain values; times in seconds, shares 0–1."""
    return {
        "schema": SCHEMA,
        "ground": ground.name,
        "budget": ground.budget,
        "allowed_harm_share": ground.allowed_harm_share,
        "measures": [
            {"number": number, "name": one.name, "price": sum(one.prices)}
            for number, one in enumerate(ground.measures, start=1)
        ],
        "trial": _trial(trial),
        "comparison": None
        if ranked is None
        else {
            "best": _trial(ranked.best),
            "place": ranked.place,
            "of": ranked.of,
            "reached_share": ranked.reached_share,
        },
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "chosen": [number + 1 for number in trial.chosen],
        "price": trial.price,
        "is_affordable": trial.is_affordable,
        "harmed": list(trial.harmed),
        "refusal": trial.refusal,
        "figures": [
            {
                "metric": one.metric.name.value,
                "subject": one.metric.subject,
                "unit": one.metric.unit.value,
                "value": _estimate(one.value),
                "difference": _estimate(one.difference),
            }
            for one in trial.figures
        ],
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def _name(figure: Figure) -> str:
    return name_metric(figure.metric)


def _points(amount: float) -> str:
    return ngettext("{count} point", "{count} points", round(amount)).format(count=format_decimal(amount, digits=0))
