"""Forecasts, sensitivity, sizing and search as tables."""

from math import isfinite

from potok.core.change import Automate, CheckByRisk, Merge, Remove
from potok.core.language import gettext as _
from potok.core.language import ngettext, pgettext, quoted
from potok.core.regulations import Term
from potok.report.catalogue.entry import count, number, share, text
from potok.report.formats import format_count, format_date, format_decimal, format_share
from potok.report.simulation.words import (
    describe_change,
    describe_changes,
    describe_verdict,
    name_assumption,
    name_metric,
    write_figure,
    write_interval,
)
from potok.report.tables import Table
from potok.simulate.changes import Scenario
from potok.simulate.experiments.estimates import FEWEST_DRAWS, IntervalKind
from potok.simulate.experiments.forecast import Forecast, ScenarioForecast
from potok.simulate.experiments.metrics import Metric, MetricName
from potok.simulate.experiments.preparing import is_simplified
from potok.simulate.experiments.search import Search, SearchMethod
from potok.simulate.experiments.sensitivity import Sensitivity
from potok.simulate.experiments.settling import FrameKind
from potok.simulate.experiments.sizing import Sizing
from potok.simulate.model import ProcessModel

_SHOWN = 15
_SHOWN_ACTIVITIES = 4


def forecast_tables(found: Forecast) -> tuple[Table, ...]:
    """Tabulate a forecast: as it is, a table for each scenario, and which is best if there are several."""
    if not found.scenarios:
        return (_as_is_table(found),)
    tables = tuple(_scenario_table(found, one, is_first=not number) for number, one in enumerate(found.scenarios))
    return (*tables, _ranking_table(found)) if len(tables) > 1 else tables


def figures_table(found: Forecast) -> Table:
    """Tabulate all figures as numbers, for a workbook: durations in seconds, shares 0–1."""
    columns = (
        text("scenario", _("Scenario")),
        text("kind", _("What")),
        text("figure", _("Figure")),
        text("unit", _("Unit")),
        number("value", _("Value")),
        number("lower", pgettext("bounds", "From")),
        number("upper", pgettext("bounds", "To")),
    )
    groups = [("", _("as is"), found.as_is)]
    for one in found.scenarios:
        groups += [
            (one.scenario.name, _("to be"), one.to_be),
            (one.scenario.name, _("difference"), one.difference),
        ]
    rows = tuple(
        (
            scenario,
            kind,
            name_metric(metric),
            metric.unit.value,
            *map(_known, (estimate.value, estimate.lower, estimate.upper)),
        )
        for scenario, kind, estimates in groups
        for metric, estimate in zip(found.metrics, estimates, strict=True)
    )
    return Table("figures", _("All figures"), columns, rows)


def _as_is_table(found: Forecast) -> Table:
    columns = (text("figure", _("Figure")), text("as_is", _("As is")), text("interval", _interval_title(found)))
    rows = tuple(
        (name_metric(metric), write_figure(one.value, metric), write_interval(one, metric))
        for metric, one in zip(found.metrics, found.as_is, strict=True)
        if _is_shown(found, metric)
    )
    return Table("as_is", _("As it is"), columns, rows, notes=_notes(found))


def _scenario_table(found: Forecast, one: ScenarioForecast, *, is_first: bool) -> Table:
    columns = (
        text("figure", _("Figure")),
        text("as_is", _("As is")),
        text("as_is_interval", _interval_title(found)),
        text("to_be", _("To be")),
        text("to_be_interval", _interval_title(found)),
        text("difference", _("Difference")),
        text("difference_interval", _interval_title(found)),
    )
    rows = tuple(
        (
            name_metric(metric),
            write_figure(before.value, metric),
            write_interval(before, metric),
            write_figure(after.value, metric),
            write_interval(after, metric),
            write_figure(change.value, metric, is_difference=True),
            write_interval(change, metric, is_difference=True),
        )
        for metric, before, after, change in zip(found.metrics, found.as_is, one.to_be, one.difference, strict=True)
        if _is_shown(found, metric)
    )
    title = _("As is and to be: {name}").format(name=one.scenario.name)
    changes = _("What changes: {changes}.").format(changes=describe_changes(one.scenario.changes))
    return Table("scenario", title, columns, rows, notes=(changes, *(_notes(found) if is_first else ())))


def _is_shown(found: Forecast, metric: Metric) -> bool:
    if metric.name is MetricName.UNFINISHED_SHARE:
        place = found.metrics.index(metric)
        return any(one[place].value > 0 for one in (found.as_is, *(scenario.to_be for scenario in found.scenarios)))
    # Where nobody is overloaded, what comes to a pool is what it does.
    return metric.name is not MetricName.OFFERED_LOAD or bool(found.chosen.saturated)


def _interval_title(found: Forecast) -> str:
    return _("{level} interval").format(level=format_share(found.settings.level))


def _ranking_table(found: Forecast) -> Table:
    columns = (
        text("scenario", _("Scenario")),
        text("changes", _("What changes")),
        count("rank", _("Rank")),
        share("best_share", _("Probability of being best")),
        number("mean_rank", _("Mean rank")),
    )
    ranking = found.ranking
    if ranking is None:
        return Table("ranking", _("Which is best"), columns, ())
    scenarios = (Scenario(_("as is"), (), ()), *(one.scenario for one in found.scenarios))
    ordered = sorted(
        zip(scenarios, ranking.ranks, ranking.best_shares, ranking.mean_ranks, strict=True), key=lambda row: row[1]
    )
    rows = tuple(
        (scenario.name, describe_changes(scenario.changes) or "–", rank, best, mean)
        for scenario, rank, best, mean in ordered
        if rank
    )
    note = _(
        "By: {figure}. It says nothing of what the changes cost; what differs by less than 0.1% is equally good."
    ).format(figure=name_metric(ranking.metric))
    circumstances = _("How many people apply is no measure: scenarios that change nothing else are not ranked.")
    is_complete = len(rows) == len(scenarios)
    return Table("ranking", _("Which is best"), columns, rows, notes=(note,) if is_complete else (note, circumstances))


def _notes(found: Forecast) -> tuple[str, ...]:
    return (
        *map(_, found.warnings),
        *_saturation_notes(found),
        *_frame_notes(found),
        _interval_note(found),
        *map(_, found.assumptions),
        *_term_notes(found.model.term),
        *_pool_notes(found.model),
    )


def _saturation_notes(found: Forecast) -> tuple[str, ...]:
    names = [_("as is"), *(one.scenario.name for one in found.scenarios)]
    note = _("{scenario}: {load} of what {pool} can do comes to it.")
    return tuple(
        note.format(scenario=names[one.scenario], load=format_share(one.offered_load), pool=quoted(one.pool))
        for one in found.chosen.saturated
    )


def _frame_notes(found: Forecast) -> tuple[str, ...]:
    chosen, zone = found.chosen, found.model.zone
    since, until = (format_date(at, zone=zone) for at in (chosen.frame.count_from_us, chosen.frame.end_us))
    if chosen.kind is FrameKind.STEADY_STATE:
        skipped = chosen.warm_up.cases if chosen.warm_up else 0
        if not skipped:
            return (_("Steady state, over {days} days.").format(days=format_decimal(chosen.frame.days, digits=0)),)
        return (
            ngettext(
                "Steady state, over {days} days; {n} case before it, while the process fills up, is left out.",
                "Steady state, over {days} days; {n} cases before it, while the process fills up, are left out.",
                skipped,
            ).format(days=format_decimal(chosen.frame.days, digits=0), n=format_count(skipped)),
        )
    text_ = (
        _("Cases that arrive from {since} to {until}, beginning with those open now.")
        if chosen.frame.starts_with_open_cases
        else _("Cases that arrive from {since} to {until}, beginning with none open.")
    )
    return (text_.format(since=since, until=until),)


def _interval_note(found: Forecast) -> str:
    settings = found.settings
    if found.interval is IntervalKind.BOOTSTRAP:
        note = (
            _(
                "Intervals: from {draws} models learned from cases drawn anew, {runs} runs each; values: from {n} "
                "runs, corrected by what the draws show of their error on the whole."
            )
            if settings.draws - found.draws_left_out >= FEWEST_DRAWS
            else _(
                "Intervals: from {draws} models learned from cases drawn anew, {runs} runs each; values: from {n} runs."
            )
        )
        draws = settings.draws - found.draws_left_out
        return note.format(draws=draws, runs=settings.draw_replications, n=settings.replications)
    return _("Intervals: from {n} runs.").format(n=settings.replications)


def _term_notes(term: Term | None) -> tuple[str, ...]:
    if term is None or not is_simplified(term):
        return ()
    return (_("The term is counted from arrival to closing, without clock stops and extensions."),)


def _pool_notes(model: ProcessModel) -> tuple[str, ...]:
    """Say who the pools are: those that were discovered have numbers for names."""
    return tuple(
        ngettext(
            "{pool}: {n} person, for {activities}.", "{pool}: {n} people, for {activities}.", len(pool.people)
        ).format(pool=quoted(pool.name), n=format_count(len(pool.people)), activities=_shortened(pool.does))
        for pool in model.pools
    )


def _shortened(names: tuple[str, ...]) -> str:
    shown = ", ".join(map(quoted, names[:_SHOWN_ACTIVITIES]))
    left = len(names) - _SHOWN_ACTIVITIES
    return shown if left <= 0 else _("{names} and {n} more").format(names=shown, n=format_count(left))


def sensitivity_table(found: Sensitivity) -> Table:
    """Tabulate which assumptions move the answer most."""
    columns = (
        text("assumption", _("What if")),
        text("answer", _("The answer then")),
        text("moved", _("It moves by")),
        text("interval", _("Interval")),
    )
    metric = found.metric
    rows = tuple(
        (
            name_assumption(one),
            write_figure(one.answer.value, metric, is_difference=found.is_difference),
            write_figure(one.moved.value, metric, is_difference=True),
            write_interval(one.moved, metric, is_difference=True),
        )
        for one in found.effects[:_SHOWN]
    )
    answer = write_figure(found.answer.value, metric, is_difference=found.is_difference)
    said = (
        _("The answer: the difference in {figure}, {answer}.")
        if found.is_difference
        else _("The answer: {figure}, {answer}.")
    )
    return Table(
        "sensitivity",
        _("Which assumption moves the answer most"),
        columns,
        rows,
        notes=(
            said.format(figure=quoted(name_metric(metric)), answer=answer),
            _("One assumption at a time: what happens when several are wrong at once is not shown."),
        ),
    )


def sizing_table(found: Sizing) -> Table:
    """Tabulate the numbers of people that were tried."""
    columns = (
        count("people", _("People")),
        share("share", _("Share within the term")),
        share("lower", pgettext("bounds", "From")),
        share("upper", pgettext("bounds", "To")),
        share("utilisation", _("Utilisation")),
    )
    rows = tuple(
        (
            step.people,
            *(_known(value) for value in (step.share.value, step.share.lower, step.share.upper, step.utilisation)),
        )
        for step in found.steps
    )
    notes = [describe_verdict(found.verdict)]
    if found.people is not None:
        notes.append(
            ngettext(
                "{n} person keeps {target} within the term; there are {now} now.",
                "{n} people keep {target} within the term; there are {now} now.",
                found.people,
            ).format(n=found.people, target=format_share(found.target), now=found.people_now)
        )
    if found.people_surely is not None and found.people_surely != found.people:
        notes.append(
            _("With {n} the whole interval lies at or above the target.").format(n=format_count(found.people_surely))
        )
    notes.append(_("Here the intervals show chance in the runs alone, not how well the log shows the process."))
    title = _("How many people {pool} needs").format(pool=quoted(found.pool))
    return Table("sizing", title, columns, rows, notes=tuple(notes))


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _unsaid(candidates: Scenario) -> tuple[str, ...]:
    """Say that a search looks at one figure alone, where a change may do harm to another."""
    if not any(isinstance(one, Remove | CheckByRisk | Merge | Automate) for one in candidates.changes):
        return ()
    return (
        _(
            "The sets are ranked by this figure alone. What they do to quality is told by a forecast of the chosen set "
            "(--change), and only where the consequences of leaving work out are stated."
        ),
    )


def search_table(found: Search, candidates: Scenario) -> Table:
    """Tabulate the sets of changes that were tried, the best first."""
    columns = (
        count("rank", _("Rank")),
        text("changes", _("What changes")),
        number("price", _("Price")),
        text("value", name_metric(found.metric)),
        text("difference", _("Difference")),
        text("interval", _("Interval")),
    )
    rows = tuple(
        (
            rank,
            _set_text(one.changes, candidates),
            one.price,
            write_figure(one.value.value, found.metric),
            write_figure(one.difference.value, found.metric, is_difference=True),
            write_interval(one.difference, found.metric, is_difference=True),
        )
        for rank, one in enumerate(found.options[:_SHOWN], start=1)
    )
    method = (
        _("All sets within the budget were tried.")
        if found.method is SearchMethod.EXHAUSTIVE
        else _("Changes were added one by one, the most helpful for its price first; better sets may exist.")
    )
    best = _("The first was best in {share} of the runs.").format(share=format_share(found.best_share))
    refused = tuple(
        _("Cannot be done together: {changes}. {reason}").format(
            changes=_set_text(one.changes, candidates), reason=one.reason
        )
        for one in found.refused[:_SHOWN]
    )
    return Table(
        "search",
        _("Which changes to make with the budget"),
        columns,
        rows,
        notes=(method, best, *refused, *_unsaid(candidates)),
    )


def _set_text(chosen: tuple[int, ...], candidates: Scenario) -> str:
    return "; ".join(describe_change(candidates.changes[place]) for place in chosen) or _("as is")
