"""What a report of a forecast holds, whatever the document: sentences, figures, charts and tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.report.catalogue.entry import text as text_column
from potok.report.drawing.interval_chart import IntervalRow, draw_intervals
from potok.report.formats import compose, format_count, format_share, instant_of
from potok.report.sections.headline import KeyFigure
from potok.report.simulation.fit_tables import fit_tables, poor_fits
from potok.report.simulation.tables import forecast_tables, search_table, sensitivity_table, sizing_table
from potok.report.simulation.words import describe_changes, name_metric, write_figure, write_interval
from potok.report.tables import Table
from potok.simulate.changes import Scenario
from potok.simulate.discovery.fit import ModelFit
from potok.simulate.experiments.estimates import Estimate
from potok.simulate.experiments.forecast import Forecast, ScenarioForecast
from potok.simulate.experiments.metrics import Metric, MetricName, Unit
from potok.simulate.experiments.search import Search
from potok.simulate.experiments.sensitivity import Sensitivity
from potok.simulate.experiments.sizing import Sizing

DURATION: Final = Metric(MetricName.CASE_DURATION_MEAN)
_KEY_FIGURES: Final = (DURATION, Metric(MetricName.CASE_DURATION_P90), Metric(MetricName.SHARE_IN_TERM))


@dataclass(frozen=True, slots=True)
class ForecastResults:
    """Everything that was computed for a report.

    Parameters
    ----------
    forecast
        The figures.
    fit_warnings
        What in the log the model does not describe well, in words.
    sensitivity, sizing, search
        What else was asked.
    fit
        How the model fits its log; None of a given model.
    origin
        What the model was learned from, in words (`describe_origin`); empty of a given model.
    """

    forecast: Forecast
    fit_warnings: tuple[str, ...] = ()
    sensitivity: Sensitivity | None = None
    sizing: Sizing | None = None
    search: tuple[Search, Scenario] | None = None
    fit: ModelFit | None = None
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, its caption, and the text that stands for it."""

    caption: str
    picture: Markup
    text: str


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """A report, ready to be set.

    Parameters
    ----------
    title
        Of the document.
    warnings
        What must be read before any figure.
    headline
        What the change would do, in plain sentences.
    figures
        To be seen at once.
    charts
        Figures with their intervals.
    comparison, answers
        Tables of the scenarios and of what else was asked, each without notes said elsewhere.
    summary
        Instead of `comparison` on paper: with several scenarios the figures that decide, a row for each.
    fit, fit_warnings
        What the model does not describe well, and how it fits.
    basis
        What the figures rest on.
    footer
        How it was made.
    known_on
        First day of the forecast: the date in files that must have one, as the day of writing would make no two of them
        the same.
    """

    title: str
    warnings: tuple[str, ...]
    headline: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    charts: tuple[Chart, ...]
    comparison: tuple[Table, ...]
    answers: tuple[Table, ...]
    summary: tuple[Table, ...]
    fit: tuple[Table, ...]
    fit_warnings: tuple[str, ...]
    basis: tuple[str, ...]
    footer: str
    known_on: date


def make_forecast_report(results: ForecastResults) -> ForecastReport:
    """Put the report of a forecast together, in the current language."""
    found = results.forecast
    tables = forecast_tables(found)
    notes = tuple(dict.fromkeys(tables[0].notes))
    warnings = (*map(_, found.warnings), *_saturations(found, tables[0]))
    poor = poor_fits(results.fit) if results.fit else ()
    comparison = tuple(_without_notes(table, notes) for table in tables)
    return ForecastReport(
        title=_("Forecast: {name}").format(name=found.model.name),
        warnings=(*warnings, *poor),
        headline=_headline(found),
        figures=_key_figures(found),
        charts=_charts(found),
        comparison=comparison,
        summary=(_summary_table(found), comparison[-1]) if len(found.scenarios) > 1 else comparison,
        answers=_answers(results),
        fit=fit_tables(results.fit) if results.fit else (),
        fit_warnings=(*poor, *results.fit_warnings),
        basis=(*results.origin, *(note for note in notes if note not in (*warnings, *_own_notes(found)))),
        footer=_("A forecast, not a proof: what a change has brought is told by a comparison after it was made."),
        known_on=instant_of(found.chosen.frame.count_from_us, zone=found.model.zone).date(),
    )


def _own_notes(found: Forecast) -> tuple[str, ...]:
    """Return notes that belong to one table alone: what its scenario changes."""
    said = _("What changes: {changes}.")
    return tuple(said.format(changes=describe_changes(one.scenario.changes)) for one in found.scenarios)


def _saturations(found: Forecast, table: Table) -> tuple[str, ...]:
    """Return the notes that say which pool cannot keep up: a table has them right after its warnings."""
    first = len(found.warnings) + bool(found.scenarios)
    return table.notes[first : first + len(found.chosen.saturated)]


def _without_notes(table: Table, notes: Sequence[str]) -> Table:
    first = table.notes[:1] if table.name == "scenario" else ()
    kept = (*first, *(note for note in table.notes if note not in notes and note not in first))
    return Table(table.name, table.title, table.columns, table.rows, table.zone, kept)


def _summary_table(found: Forecast) -> Table:
    """Tabulate the figures that decide: as it is and of each scenario, and the differences under them."""
    metrics = [(found.metrics.index(metric), metric) for metric in _key_metrics(found)]
    columns = [text_column("scenario", _("Scenario"))]
    for _place, metric in metrics:
        columns += [
            text_column(f"figure_{metric.name}", name_metric(metric)),
            text_column(f"figure_{metric.name}_interval", _("Difference")),
        ]
    difference = _("difference {amount} ({interval})")
    rows: list[tuple[str, ...]] = [
        (
            _("as is"),
            *(cell for place, metric in metrics for cell in (write_figure(found.as_is[place].value, metric), "")),
        )
    ]
    for one in found.scenarios:
        cells = [one.scenario.name]
        for place, metric in metrics:
            change = one.difference[place]
            amount = write_figure(change.value, metric, is_difference=True)
            interval = write_interval(change, metric, is_difference=True)
            cells += [write_figure(one.to_be[place].value, metric), difference.format(amount=amount, interval=interval)]
        rows.append(tuple(cells))
    return Table("summary", _("Scenarios compared"), tuple(columns), tuple(rows))


def _answers(results: ForecastResults) -> tuple[Table, ...]:
    found: list[Table] = []
    if results.sensitivity is not None:
        found.append(sensitivity_table(results.sensitivity))
    if results.sizing is not None:
        found.append(sizing_table(results.sizing))
    if results.search is not None:
        found.append(search_table(*results.search))
    return tuple(found)


def _headline(found: Forecast) -> tuple[str, ...]:
    place = found.metrics.index(DURATION)
    before, level = found.as_is[place], format_share(found.settings.level)
    if not found.scenarios:
        return (
            compose(
                _("As it is, a case takes {time} on average ({level} interval: {interval})."),
                time=write_figure(before.value, DURATION),
                level=level,
                interval=write_interval(before, DURATION),
            ),
        )
    best = _best(found)
    said = (_say_effect(found, best, before, level), _say_best(found, best), *_say_harm(found, best))
    return tuple(filter(None, said))


def _say_harm(found: Forecast, one: ScenarioForecast) -> Iterator[str]:
    """Say which indicators of quality would worsen: no time saved makes up for it."""
    for metric, before, after, change in zip(found.metrics, found.as_is, one.to_be, one.difference, strict=True):
        if metric.name is MetricName.ADVERSE_SHARE and change.lower > 0:
            yield compose(
                _("But quality would worsen. {figure}: {to_be} instead of {as_is}."),
                figure=name_metric(metric),
                to_be=write_figure(after.value, metric),
                as_is=write_figure(before.value, metric),
            )


def _best(found: Forecast) -> ScenarioForecast:
    """Return the scenario to speak of: the best by rank; as it is may be better still."""
    if found.ranking is None or len(found.scenarios) == 1:
        return found.scenarios[0]
    ranks = found.ranking.ranks[1:]
    return found.scenarios[min(range(len(ranks)), key=lambda number: ranks[number] or len(ranks) + 2)]


def _say_effect(found: Forecast, one: ScenarioForecast, before: Estimate, level: str) -> str:
    place = found.metrics.index(DURATION)
    after, change = one.to_be[place], one.difference[place]
    return compose(
        _effect_template(change),
        name=quoted(one.scenario.name),
        amount=write_figure(abs(change.value), DURATION),
        level=level,
        interval=write_interval(change, DURATION, is_difference=True),
        to_be=write_figure(after.value, DURATION),
        as_is=write_figure(before.value, DURATION),
    )


def _effect_template(change: Estimate) -> str:
    if not isfinite(change.value):
        return _("What {name} would do to how long a case takes cannot be told.")
    if change.value == 0 and change.lower == change.upper == 0:
        return _("With {name} a case would take as long as it does now: {as_is} on average.")
    if isfinite(change.upper) and change.upper < 0:
        return _(
            "With {name} a case would take {to_be} on average instead of {as_is}: {amount} less "
            "({level} interval of the difference: {interval})."
        )
    if isfinite(change.lower) and change.lower > 0:
        return _(
            "With {name} a case would take {to_be} on average instead of {as_is}: {amount} more "
            "({level} interval of the difference: {interval})."
        )
    return _(
        "Whether a case would take less or more time with {name} cannot be told: {to_be} on average instead of "
        "{as_is}, and the {level} interval of the difference, {interval}, holds zero."
    )


def _say_best(found: Forecast, best: ScenarioForecast) -> str:
    ranking = found.ranking
    if ranking is None or len(found.scenarios) == 1:
        return ""
    number = found.scenarios.index(best) + 1
    figure = name_metric(ranking.metric)
    if ranking.ranks[0] < ranking.ranks[number]:
        return _("By the figure “{figure}” none of the scenarios is better than leaving everything as it is.").format(
            figure=figure
        )
    options = sum(rank > 0 for rank in ranking.ranks[1:])
    template = ngettext(
        "It is the best of {n} scenario by the figure “{figure}”; the probability that it is, as far as the intervals "
        "tell: {share}.",
        "It is the best of {n} scenarios by the figure “{figure}”; the probability that it is, as far as the intervals "
        "tell: {share}.",
        options,
    )
    share = ranking.best_shares[number]
    return template.format(
        n=format_count(options),
        figure=figure,
        share=format_share(share) if isfinite(share) else "–",
    )


def _key_metrics(found: Forecast) -> tuple[Metric, ...]:
    """Return the figures that decide: times and terms, and every indicator of quality that the model tells."""
    quality = (metric for metric in found.metrics if metric.name is MetricName.ADVERSE_SHARE)
    return (*(metric for metric in _KEY_FIGURES if metric in found.metrics), *quality)


def _key_figures(found: Forecast) -> tuple[KeyFigure, ...]:
    shown = _key_metrics(found)
    if not found.scenarios:
        return tuple(
            KeyFigure(name_metric(metric), write_figure(one.value, metric), write_interval(one, metric))
            for metric in shown
            for one in [found.as_is[found.metrics.index(metric)]]
        )
    best = _best(found)
    made = []
    for metric in shown:
        place = found.metrics.index(metric)
        change = best.difference[place]
        made.append(
            KeyFigure(
                name_metric(metric),
                f"{write_figure(found.as_is[place].value, metric)} → {write_figure(best.to_be[place].value, metric)}",
                _("difference {amount} ({interval})").format(
                    amount=write_figure(change.value, metric, is_difference=True),
                    interval=write_interval(change, metric, is_difference=True),
                ),
            )
        )
    return tuple(made)


def _charts(found: Forecast) -> tuple[Chart, ...]:
    metrics = [metric for metric in (DURATION, Metric(MetricName.SHARE_IN_TERM)) if metric in found.metrics]
    charts = [_levels_chart(found, metric) for metric in metrics]
    if found.scenarios:
        charts[1:1] = [_differences_chart(found, DURATION)]
    return tuple(chart for chart in charts if chart.picture)


def _levels_chart(found: Forecast, metric: Metric) -> Chart:
    place = found.metrics.index(metric)
    named = [(_("as is"), found.as_is[place]), *((one.scenario.name, one.to_be[place]) for one in found.scenarios)]
    rows = [_row(name, one, metric, is_reference=number == 0) for number, (name, one) in enumerate(named)]
    return _chart(rows, metric, name_metric(metric), is_difference=False)


def _differences_chart(found: Forecast, metric: Metric) -> Chart:
    place = found.metrics.index(metric)
    rows = [_row(one.scenario.name, one.difference[place], metric, is_difference=True) for one in found.scenarios]
    title = _("{figure}: difference from as is").format(figure=name_metric(metric))
    return _chart(rows, metric, title, is_difference=True)


def _row(
    name: str, one: Estimate, metric: Metric, *, is_difference: bool = False, is_reference: bool = False
) -> IntervalRow:
    value = write_figure(one.value, metric, is_difference=is_difference)
    interval = write_interval(one, metric, is_difference=is_difference)
    return IntervalRow(name, f"{value} ({interval})", one.value, one.lower, one.upper, is_reference)


def _chart(rows: Sequence[IntervalRow], metric: Metric, title: str, *, is_difference: bool) -> Chart:
    text = "; ".join(f"{row.label}: {row.text}" for row in rows)
    picture = draw_intervals(
        rows,
        title=title,
        description=text,
        write=lambda value: write_figure(value, metric, is_difference=is_difference),
        is_time=metric.unit is Unit.SECONDS,
    )
    return Chart(title, picture, text)
