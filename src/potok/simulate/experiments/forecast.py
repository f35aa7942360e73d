"""Forecasts: as it is, as it would be, and the difference, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from potok.core.change import ChangeDemand
from potok.core.language import gettext as _
from potok.core.language import mark
from potok.core.progress import Progress, SilentProgress
from potok.core.time_units import DAY_US
from potok.simulate.changes import Scenario, apply_changes
from potok.simulate.experiments.comparison import Ranking, rank_options
from potok.simulate.experiments.errors import ExperimentValueError, NoArrivalsError, NoFigureError
from potok.simulate.experiments.estimates import (
    FEWEST_DRAWS,
    Estimate,
    IntervalKind,
    correct_draws,
    estimate_forecast,
    estimate_means,
)
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.experiments.keeping import KeptRows, Reals, content_hash
from potok.simulate.experiments.metrics import Metric, MetricName, list_metrics
from potok.simulate.experiments.scenarios import Alternatives, Bootstrap, run_draws, run_replications
from potok.simulate.experiments.settling import (
    ChosenFrame,
    FrameKind,
    check_horizon,
    choose_steady_frame,
)
from potok.simulate.model import DistributionKind, LoadResponse, ProcessModel

STRUCTURE: Final = mark(
    "The intervals do not show whether the model's structure is right: hidden work of the same people, habits that "
    "change with the load, or a process that changed are outside of them."
)
NO_CASES: Final = mark("The model was given, not learned: the intervals show chance in the runs alone.")
DELAYS_STAY: Final = mark(
    "Delays that neither people nor hours explain are taken to stay as they are when the load changes."
)
BEAT_MOVES: Final = mark(
    "Cases arrive on a fixed beat. With more or fewer of them the beat is another, and meets the opening hours "
    "elsewhere: this alone may shorten or lengthen cases, whatever the load does."
)
SATURATED: Final = mark(
    "More work comes than can be done: there is no steady state, only a course over the time shown, and it would go on "
    "getting worse."
)
UNFINISHED: Final = mark(
    "Some cases never come to an end here: a batch does not fill, work awaits what never comes, or the case was cut at "
    "the model's greatest length. They count up to the end of the run, which is less than they would take."
)
NOT_SETTLED: Final = mark("The runs did not settle within their time: the figures still depend on its length.")
GROWS: Final = mark("Arrivals grow: the figures are of the time shown, not of a steady state.")
DRAWS_LEFT_OUT: Final = mark("In some draws of cases a change could not be applied; they were left out.")
FEW_DRAWS: Final = mark("There are fewer than 20 draws: the ends of the intervals are rough.")
BY_DURATION: Final = Metric(MetricName.CASE_DURATION_MEAN)
_TRIFLE: Final = 0.001
_DEFAULT_CASES: Final = 1000
_DEFAULT_DAYS: Final = 91


@dataclass(frozen=True, slots=True)
class Settings:
    """How a forecast is made.

    Parameters
    ----------
    seed
        Of all random numbers.
    replications
        Runs of the model learned from all cases.
    draws, draw_replications
        Models learned from cases drawn anew, and runs of each; without a history there are none.
    level
        Of confidence, 0–1.
    cases
        How many are to count in the steady state; None: as many as were learned from, at least 200, at most 2,000.
    start_at, until_at
        The horizon; None for both: the steady state, if there is one.
    """

    seed: int = 1
    replications: int = 30
    draws: int = 60
    draw_replications: int = 4
    level: float = 0.9
    cases: int | None = None
    start_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a forecast is made from.

    Parameters
    ----------
    model
        As it is.
    run
        Runs models.
    bootstrap
        Learns models anew; None: there is only this one.
    key
        Hash of what `bootstrap` learns from and what `run` starts with; empty without them.
    horizon
        The time that is taken where none is stated and there is no steady state; None: a quarter from the model's own
        beginning.
    """

    model: ProcessModel
    run: Runner
    bootstrap: Bootstrap | None = None
    key: str = ""
    horizon: Frame | None = None


@dataclass(frozen=True, slots=True)
class ScenarioForecast:
    """What a scenario would bring.

    Parameters
    ----------
    scenario
        Its name and changes.
    to_be, difference
        An estimate for each metric of the forecast: of the scenario, and of the scenario less as it is, run by run.
    """

    scenario: Scenario
    to_be: tuple[Estimate, ...]
    difference: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Figures of a process as it is and as it would be.

    Parameters
    ----------
    model
        As it is.
    metrics
        What the estimates are of, in their order.
    as_is
        An estimate for each.
    scenarios
        What each scenario would bring.
    ranking
        Which is best by the objective; None without scenarios.
    chosen
        The time that runs cover, and why.
    interval
        What intervals take into account.
    settings
        How it was made; `draws` as they were in truth.
    draws_left_out
        Draws in which a change could not be applied.
    assumptions, warnings
        Marked sentences that must be read with the figures.
    """

    model: ProcessModel
    metrics: tuple[Metric, ...]
    as_is: tuple[Estimate, ...]
    scenarios: tuple[ScenarioForecast, ...]
    ranking: Ranking | None
    chosen: ChosenFrame
    interval: IntervalKind
    settings: Settings
    draws_left_out: int
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Computed:
    """Figures of all runs: (r, models, metrics) and (draws, runs, models, metrics)."""

    alternatives: Alternatives
    replications: Reals
    draws: Reals


def make_forecast(
    source: Source,
    scenarios: Sequence[Scenario] = (),
    *,
    settings: Settings | None = None,
    objective: Metric = BY_DURATION,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast a process as it is and after each scenario, under the same random numbers.

    Parameters
    ----------
    source
        The model, what runs it, and what learns it anew.
    scenarios
        Changes to compare; none: as it is alone.
    objective
        The figure by which scenarios are ranked.
    folder
        Where what was computed is kept, so that the same call goes on after an interruption; None: nowhere.

    Raises
    ------
    ChangeError
        If a change cannot be applied.
    ExperimentValueError
        If a setting cannot be.
    NoArrivalsError
        If no case arrives.
    """
    settings = _checked(settings or Settings(), source)
    progress = progress or SilentProgress()
    changes = ((), *(one.changes for one in scenarios))
    models = tuple(apply_changes(source.model, each) for each in changes)
    metrics = list_metrics(models)
    _check_objective(objective, metrics)
    chosen = choose_frame(models, source, settings)
    alternatives = Alternatives(models, changes, chosen.frame, metrics)
    key = content_hash(models, chosen.frame, settings.seed, source.key, settings.draw_replications)
    kept = None if folder is None else folder / key[:32]
    progress.start(_("Runs"), total=settings.replications)
    replications = run_replications(
        alternatives,
        source.run,
        seed=settings.seed,
        replications=settings.replications,
        kept=KeptRows(kept, "replication", alternatives.shape),
        progress=progress,
    )
    progress.finish()
    draws = _run_draws(alternatives, source, settings, kept, progress)
    computed = _Computed(alternatives, replications, draws)
    return _summarise(source, tuple(scenarios), settings, chosen, computed=computed, objective=objective)


def _check_objective(objective: Metric, metrics: tuple[Metric, ...]) -> None:
    if objective not in metrics:
        named = (f"{one.name}:{one.subject}" if one.subject else one.name.value for one in metrics)
        raise NoFigureError(
            _("The model does not tell the figure {name}.").format(
                name=f"{objective.name}:{objective.subject}".strip(":")
            ),
            where="--objective",
            remedy=_("Choose one of: {names}.").format(names=", ".join(named)),
        )


def _checked(settings: Settings, source: Source) -> Settings:
    for name, value, least in (
        ("--replications", settings.replications, 2),
        ("--draws", settings.draws, 0),
        ("--cases", 1 if settings.cases is None else settings.cases, 1),
        ("draw_replications", settings.draw_replications, 1),
    ):
        if value < least:
            raise ExperimentValueError(
                _("{option} cannot be «{value}».").format(option=name, value=value),
                where=name,
                remedy=_("Give at least {least}.").format(least=least),
            )
    if not 0.0 < settings.level < 1.0:
        raise ExperimentValueError(
            _("{option} cannot be «{value}».").format(option="--level", value=settings.level),
            where="--level",
            remedy=_("Give a share above 0 and below 1, such as 0.9."),
        )
    draws = min(settings.draws, source.bootstrap.draws) if source.bootstrap else 0
    return replace(settings, draws=draws)


def choose_frame(models: Sequence[ProcessModel], source: Source, settings: Settings) -> ChosenFrame:
    """Choose the time that runs cover: the one stated, else the steady state, else the source's own horizon."""
    horizon = source.horizon or _default_horizon(models[0])
    if settings.start_at is not None or settings.until_at is not None:
        start_us = _us(settings.start_at) if settings.start_at else horizon.start_us
        end_us = _us(settings.until_at) if settings.until_at else start_us + horizon.end_us - horizon.start_us
        if end_us <= start_us:
            raise ExperimentValueError(
                _("The time to simulate ends before it begins."),
                where="--until",
                remedy=_("Give an instant after the start."),
            )
        # Open cases are of the instant of extraction: at another one they would not be.
        is_today = horizon.starts_with_open_cases and start_us == horizon.start_us
        frame = Frame(start_us, end_us, start_us, is_today)
        saturated = check_horizon(models, source.run, frame, seed=settings.seed)
        return ChosenFrame(frame, FrameKind.HORIZON, None, saturated)
    learned = min(max(source.bootstrap.cases, 200), 2000) if source.bootstrap else _DEFAULT_CASES
    return choose_steady_frame(
        models,
        source.run,
        seed=settings.seed,
        cases=learned if settings.cases is None else settings.cases,
        fallback=horizon,
    )


def _default_horizon(model: ProcessModel) -> Frame:
    start_us = _us(model.arrivals.start_at)
    return Frame(start_us, start_us + _DEFAULT_DAYS * DAY_US, start_us)


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _run_draws(
    alternatives: Alternatives, source: Source, settings: Settings, kept: Path | None, progress: Progress
) -> Reals:
    if source.bootstrap is None or not settings.draws:
        return np.zeros((0, settings.draw_replications, *alternatives.shape))
    bootstrap = replace(source.bootstrap, draws=settings.draws, replications=settings.draw_replications)
    progress.start(_("Models learned anew"), total=settings.draws)
    draws = run_draws(
        alternatives,
        bootstrap,
        source.run,
        seed=settings.seed,
        kept=KeptRows(kept, "draw", (settings.draw_replications, *alternatives.shape)),
        progress=progress,
    )
    progress.finish()
    return draws


def _summarise(
    source: Source,
    scenarios: tuple[Scenario, ...],
    settings: Settings,
    chosen: ChosenFrame,
    *,
    computed: _Computed,
    objective: Metric,
) -> Forecast:
    alternatives, replications, draws = computed.alternatives, computed.replications, computed.draws
    cases = replications[:, 0, alternatives.metrics.index(Metric(MetricName.CASES))]
    if not cases.any():
        raise NoArrivalsError(
            _("No case arrives in the time simulated."),
            where=source.model.name,
            remedy=_("Simulate a longer time, or another one."),
        )
    is_usable = ~np.isnan(draws).all(axis=(1, 2, 3))
    usable = draws[is_usable]
    corrected, values = correct_draws(usable, replications)

    def estimate(number: int, *, base: int | None = None) -> tuple[Estimate, ...]:
        runs, drawn, near, value = (one[..., number, :] for one in (replications, usable, corrected, values))
        if base is not None:
            runs, drawn = runs - replications[:, base], drawn - usable[:, :, base]
            near, value = near - corrected[:, base], value - values[base]
        if len(usable) > 1:
            return estimate_forecast(value, runs, drawn, near, level=settings.level)
        return estimate_means(runs, level=settings.level)

    outcomes = tuple(
        ScenarioForecast(scenario, estimate(number), estimate(number, base=0))
        for number, scenario in enumerate(scenarios, start=1)
    )
    left_out = int((~is_usable).sum())
    return Forecast(
        model=source.model,
        metrics=alternatives.metrics,
        as_is=estimate(0),
        scenarios=outcomes,
        ranking=_rank(alternatives, scenarios, replications, usable, objective),
        chosen=chosen,
        interval=IntervalKind.BOOTSTRAP if len(usable) > 1 else IntervalKind.MONTE_CARLO,
        settings=settings,
        draws_left_out=left_out,
        assumptions=_assumptions(source.model, scenarios, has_draws=len(usable) > 1),
        warnings=_warnings(
            source.model,
            chosen,
            draws=len(draws),
            left_out=left_out,
            is_unfinished=bool(
                (np.nanmean(_of(MetricName.UNFINISHED_SHARE, alternatives, replications), 0) > _TRIFLE).any()
            ),
        ),
    )


def _rank(
    alternatives: Alternatives, scenarios: Sequence[Scenario], replications: Reals, draws: Reals, metric: Metric
) -> Ranking | None:
    """Rank what somebody could decide; how many people apply is nobody's decision."""
    is_option = [any(not isinstance(one, ChangeDemand) for one in scenario.changes) for scenario in scenarios]
    if not any(is_option):
        return None
    place = alternatives.metrics.index(metric)
    known = draws.mean(axis=1) if len(draws) > 1 else replications
    return rank_options(known[:, :, place], (True, *is_option), metric=metric)


def _assumptions(model: ProcessModel, scenarios: Sequence[Scenario], *, has_draws: bool) -> tuple[str, ...]:
    changes_demand = any(isinstance(change, ChangeDemand) for one in scenarios for change in one.changes)
    beat = model.arrivals.inter_arrival
    has_beat = beat is not None and beat.kind is DistributionKind.FIXED
    delays = [one.delay for one in model.activities if one.delay is not None]
    return (
        STRUCTURE,
        *(() if has_draws else (NO_CASES,)),
        *((DELAYS_STAY,) if any(one.load_response is LoadResponse.UNKNOWN for one in delays) else ()),
        *((BEAT_MOVES,) if has_beat and changes_demand else ()),
    )


def _of(name: MetricName, alternatives: Alternatives, replications: Reals) -> Reals:
    """Return a figure of each run and model, (r, models)."""
    return np.asarray(replications[:, :, alternatives.metrics.index(Metric(name))])


def _warnings(
    model: ProcessModel, chosen: ChosenFrame, *, draws: int, left_out: int, is_unfinished: bool
) -> tuple[str, ...]:
    said = {
        UNFINISHED: is_unfinished,
        SATURATED: bool(chosen.saturated),
        NOT_SETTLED: chosen.warm_up is not None and not chosen.warm_up.is_found,
        GROWS: model.arrivals.growth_per_year != 0.0 and chosen.kind is FrameKind.STEADY_STATE,
        DRAWS_LEFT_OUT: left_out > 0,
        FEW_DRAWS: 1 < draws - left_out < FEWEST_DRAWS,
    }
    return tuple(text for text, applies in said.items() if applies)
