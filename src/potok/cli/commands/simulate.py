"""``potok simulate``: what a change would bring, with intervals."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potok.cli.console import TerminalProgress, guarded, write_note
from potok.cli.forecast_file import check_forecast_file, write_forecast_file
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.model_files import check_model_files, is_bpmn, read_model, save_model
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.core.regulations import Regulation
    from potok.report.tables import Table
    from potok.simulate.changes import Scenario
    from potok.simulate.discovery.fit import ModelFit
    from potok.simulate.experiments.forecast import Forecast, Settings, Source
    from potok.simulate.experiments.metrics import Metric
    from potok.simulate.experiments.search import Search
    from potok.simulate.experiments.sensitivity import Sensitivity
    from potok.simulate.experiments.sizing import Sizing
    from potok.simulate.model import ProcessModel


class SimulateOptionsError(UsageError):
    """Options of a simulation that cannot be, or not together."""

    code = "POTOK-S120"


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """What is to be changed, as given on the command line."""

    change: Annotated[
        list[Path] | None,
        typer.Option("--change", help=_("TOML file with changes; may be repeated."), metavar="FILE"),
    ] = None
    term: Annotated[
        str, typer.Option("--term", help=_("Term: 10d, 10wd, 40wh, or a name of the regulation's."), metavar="TERM")
    ] = ""
    regulation: Annotated[
        Path | None, typer.Option("--regulation", help=_("TOML file with the terms of the service."), metavar="FILE")
    ] = None
    calendar: Annotated[
        str, typer.Option("--calendar", help=_("Calendar of the term's working days."), metavar="CALENDAR")
    ] = ""
    prosimos: Annotated[
        Path | None,
        typer.Option("--prosimos", help=_("Parameters of a Prosimos model whose BPMN is SOURCE."), metavar="FILE"),
    ] = None
    model_out: Annotated[
        Path | None,
        typer.Option("--model-out", help=_("Write the model, .toml, .json, or .bpmn for Prosimos."), metavar="FILE"),
    ] = None
    log_out: Annotated[
        Path | None,
        typer.Option("--log-out", help=_("Write one run, of the last scenario, as a log store."), metavar="FOLDER"),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option("--out", help=_("Write a report, .html with an animation, .docx or .pdf."), metavar="FILE"),
    ] = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How runs are made, as given on the command line."""

    cases: Annotated[
        int | None, typer.Option("--cases", help=_("How many cases count, in the steady state."), metavar="NUMBER")
    ] = None
    start: Annotated[
        str, typer.Option("--start", help=_("Instant from which to simulate, ISO 8601."), metavar="INSTANT")
    ] = ""
    until: Annotated[
        str, typer.Option("--until", help=_("Instant up to which to simulate: a horizon."), metavar="INSTANT")
    ] = ""
    replications: Annotated[int, typer.Option("--replications", help=_("Runs of each scenario."), metavar="NUMBER")] = (
        30
    )
    draws: Annotated[
        int, typer.Option("--draws", help=_("Models learned anew from cases drawn; 0: none."), metavar="NUMBER")
    ] = 60
    seed: Annotated[int, typer.Option("--seed", help=_("Of all random numbers."), metavar="NUMBER", min=0)] = 1
    level: Annotated[float, typer.Option("--level", help=_("Confidence of intervals, 0 to 1."), metavar="SHARE")] = 0.9


@dataclass(frozen=True, slots=True)
class QuestionOptions:
    """What else is asked, as given on the command line."""

    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help=_("Show which assumption moves the answer most."))
    ] = False
    validate: Annotated[
        bool,
        typer.Option("--validate", help=_("Instead: learn from earlier cases, and compare with later ones.")),
    ] = False
    size: Annotated[str, typer.Option("--size", help=_("Find how many people this pool needs."), metavar="POOL")] = ""
    target: Annotated[
        float,
        typer.Option("--target", help=_("Share of cases within the term to reach, with --size."), metavar="SHARE"),
    ] = 0.95
    budget: Annotated[
        float | None,
        typer.Option("--budget", help=_("Find the best of the changes whose prices stay within."), metavar="AMOUNT"),
    ] = None
    objective: Annotated[
        str, typer.Option("--objective", help=_("Figure to better, and to rank by."), metavar="FIGURE")
    ] = "case_duration_mean"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command = _with_change(_with_runs(_with_questions(simulate_command)))
    app.command("simulate", cls=PotokCommand, help=_("Forecast what a change would bring, with intervals."))(
        guarded(with_source_options(_with_table(_with_filter(command))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_change = with_shared_options("changed", ChangeOptions)
_with_runs = with_shared_options("runs", RunOptions)
_with_questions = with_shared_options("questions", QuestionOptions)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is simulated: the source of runs, what it is called in JSON, and what the log does not show well."""

    source: "Source"
    record: dict[str, Any]
    fit_warnings: tuple[str, ...]
    fit: "ModelFit | None" = None
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was asked besides the forecast."""

    sensitivity: "Sensitivity | None" = None
    sizing: "Sizing | None" = None
    search: "tuple[Search, Scenario] | None" = None


def simulate_command(
    *,
    source: Annotated[
        str, typer.Argument(help=_("File, database URL, log store, or a model's file."), metavar="SOURCE")
    ],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    changed: ChangeOptions,
    runs: RunOptions,
    questions: QuestionOptions,
) -> None:
    """Forecast what a change would bring."""
    form = table_format(table)
    from potok.core.regulations import load_regulation
    from potok.log.cache import cache_folder
    from potok.simulate.experiments.forecast import make_forecast

    # What is quick to check comes before the import of a large source.
    check_forecast_file(changed.out)
    check_model_files(source, changed.prosimos, changed.model_out)
    scenarios = _scenarios(changed)
    regulation = load_regulation(changed.regulation) if changed.regulation else None
    settings = _settings(runs)
    objective = _objective(questions.objective)
    if questions.validate:
        _validate(source, options, filtering, runs, table)
        return
    opened = _open(source, options, filtering, (changed, regulation, settings.start_at))
    forecast = make_forecast(
        opened.source,
        () if questions.budget is not None else scenarios,
        settings=settings,
        objective=objective,
        folder=cache_folder() / "simulate",
        progress=TerminalProgress(),
    )
    answers = _answer(opened.source, forecast, scenarios, questions, objective)
    _write_files(opened.source, forecast, scenarios, changed)
    if changed.out is not None:
        _write_report(changed.out, opened, forecast, answers)
    _deliver(opened, forecast, answers, form, table)


def _validate(
    source: str, options: SourceOptions, filtering: FilterOptions, runs: RunOptions, table: TableOptions
) -> None:
    """Show how closely a model of the earlier cases repeats the later ones."""
    from potok.report.simulation.validation import validation_as_json, validation_table
    from potok.simulate.experiments.preparing import is_model_file
    from potok.simulate.validation import validate

    if is_bpmn(source) or is_model_file(source):
        raise SimulateOptionsError(
            _("A model has no later cases to be compared with."),
            where="--validate",
            remedy=_("Give the log from which it was learned."),
        )
    store = open_filtered(source, options, filtering)
    found = validate(store, replications=max(runs.replications, 1), seed=runs.seed)
    form = table_format(table)
    if form is TableFormat.JSON:
        record = {
            "kind": "log",
            "name": Path(source).name,
            "content_sha256": str(store.manifest["content_sha256"]),
        }
        deliver_json(validation_as_json(found, source=record), table.output)
        return
    deliver_all([validation_table(found)], form, table.output)


def _scenarios(changed: ChangeOptions) -> "tuple[Scenario, ...]":
    from potok.simulate.changes import load_scenarios

    found = tuple(one for path in changed.change or () for one in load_scenarios(path))
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise SimulateOptionsError(
            _("Two scenarios have the same name."),
            where="--change",
            remedy=_("Give each scenario, and each file, a name of its own."),
        )
    return found


def _settings(runs: RunOptions) -> "Settings":
    from potok.simulate.experiments.forecast import Settings

    return Settings(
        seed=runs.seed,
        replications=runs.replications,
        draws=runs.draws,
        level=runs.level,
        cases=runs.cases,
        start_at=_instant("--start", runs.start),
        until_at=_instant("--until", runs.until),
    )


def _instant(option: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_instant(option, text) from error
    if found.tzinfo is None:
        raise _no_instant(option, text)
    return found


def _no_instant(option: str, text: str) -> SimulateOptionsError:
    return SimulateOptionsError(
        _("{option} cannot be «{value}».").format(option=option, value=text),
        where=option,
        remedy=_("Write an instant with its offset, such as 2025-03-01T00:00:00+03:00."),
    )


def _objective(text: str) -> "Metric":
    from potok.simulate.experiments.metrics import Metric, MetricName

    name, _sign, subject = text.partition(":")
    try:
        return Metric(MetricName(name), subject)
    except ValueError as error:
        raise SimulateOptionsError(
            _("{option} cannot be «{value}».").format(option="--objective", value=text),
            where="--objective",
            remedy=_("Choose one of: {names}.").format(names=", ".join(MetricName)),
        ) from error


def _open(
    source: str,
    options: SourceOptions,
    filtering: FilterOptions,
    given: "tuple[ChangeOptions, Regulation | None, datetime | None]",
) -> _Opened:
    from potok.simulate.experiments.preparing import is_model_file, source_of_model, source_of_store

    changed, regulation, start_at = given
    if is_bpmn(source) or is_model_file(source):
        read = read_model(source, changed.prosimos, zone=options.zone, start_at=start_at)
        for note in read.notes:
            write_note(_("Note: {warning}").format(warning=note))
        model = _finished(read.model, source, changed, regulation)
        return _Opened(source_of_model(model), {"kind": "model", "name": model.name}, (), origin=read.notes)
    from potok.report.simulation.fit import describe_fit
    from potok.report.simulation.origin import describe_origin
    from potok.simulate.discovery import discover_model

    store = open_filtered(source, options, filtering)
    discovered = discover_model(store)
    # A log that was imported just now lies in the cache under a name that says nothing.
    named = replace(discovered.model, name=Path(source).name)
    model = _finished(named, source, changed, regulation)
    record = {"kind": "log", "name": model.name, "content_sha256": str(store.manifest["content_sha256"])}
    opened = source_of_store(store, model=model, found=discovered)
    return _Opened(opened, record, describe_fit(discovered.fit), discovered.fit, describe_origin(store.manifest))


def _finished(
    model: "ProcessModel", source: str, changed: ChangeOptions, regulation: "Regulation | None"
) -> "ProcessModel":
    """Return the model with its term, checked, and written where that was asked."""
    from potok.simulate.experiments.preparing import put_term
    from potok.simulate.model import check_model

    finished = put_term(model, term=changed.term, regulation=regulation, calendar=changed.calendar)
    check_model(finished, file=source)
    if changed.model_out is not None:
        for note in save_model(finished, changed.model_out):
            write_note(_("Note: {warning}").format(warning=note))
    return finished


def _answer(
    source: "Source",
    forecast: "Forecast",
    scenarios: "tuple[Scenario, ...]",
    questions: QuestionOptions,
    objective: "Metric",
) -> _Answers:
    from potok.simulate.experiments.search import SearchSettings, search_changes
    from potok.simulate.experiments.sensitivity import SensitivitySettings, compute_sensitivity
    from potok.simulate.experiments.sizing import SizingSettings, size_pool

    model, run, frame = source.model, source.run, forecast.chosen.frame
    seed, level, progress = forecast.settings.seed, forecast.settings.level, TerminalProgress()
    sensitivity = sizing = search = None
    if questions.sensitivity:
        changes = scenarios[0].changes if scenarios else ()
        chosen = SensitivitySettings(objective, seed=seed, level=level)
        sensitivity = compute_sensitivity(model, changes, run, frame, settings=chosen, progress=progress)
    if questions.size:
        chosen_size = SizingSettings(seed=seed, level=level)
        sizing = size_pool(
            model, run, frame, pool=questions.size, target=questions.target, settings=chosen_size, progress=progress
        )
    if questions.budget is not None:
        candidates = _candidates(scenarios)
        chosen_search = SearchSettings(objective, questions.budget, seed=seed, level=level)
        found = search_changes(model, candidates, run, frame, settings=chosen_search, progress=progress)
        search = (found, candidates)
    return _Answers(sensitivity, sizing, search)


def _candidates(scenarios: "tuple[Scenario, ...]") -> "Scenario":
    if len(scenarios) != 1:
        raise SimulateOptionsError(
            _("A budget chooses among the changes of one scenario; {n} are given.").format(n=len(scenarios)),
            where="--budget",
            remedy=_("Give one file of changes with their prices: --change FILE."),
        )
    return scenarios[0]


def _write_files(
    source: "Source", forecast: "Forecast", scenarios: "tuple[Scenario, ...]", changed: ChangeOptions
) -> None:
    if changed.log_out is None:
        return
    from potok.simulate.changes import apply_changes
    from potok.simulate.kernel import write_simulated_store

    model = apply_changes(source.model, scenarios[-1].changes if scenarios else ())
    frame, seed = forecast.chosen.frame, forecast.settings.seed
    (log,) = source.run(model, frame, seed=seed, replications=range(1))
    write_simulated_store(log, model, changed.log_out)


def _write_report(target: Path, opened: _Opened, forecast: "Forecast", answers: _Answers) -> None:
    from potok.report.simulation.report import ForecastResults

    results = ForecastResults(
        forecast, opened.fit_warnings, answers.sensitivity, answers.sizing, answers.search, opened.fit, opened.origin
    )
    write_forecast_file(target, results, opened.source.run)


def _deliver(opened: _Opened, forecast: "Forecast", answers: _Answers, form: TableFormat, table: TableOptions) -> None:
    from potok.report.simulation.json import forecast_as_json
    from potok.report.simulation.tables import figures_table

    if form is TableFormat.JSON:
        record = forecast_as_json(
            forecast,
            source=opened.record,
            fit_warnings=opened.fit_warnings,
            sensitivity=answers.sensitivity,
            sizing=answers.sizing,
            search=answers.search,
        )
        deliver_json(record, table.output)
        return
    for warning in opened.fit_warnings:
        write_note(_("Note: {warning}").format(warning=warning))
    tables = [*_iterate_tables(forecast, answers)]
    deliver_all([*tables, *((figures_table(forecast),) if form is TableFormat.XLSX else ())], form, table.output)


def _iterate_tables(forecast: "Forecast", answers: _Answers) -> "Iterator[Table]":
    from potok.report.simulation.tables import forecast_tables, search_table, sensitivity_table, sizing_table

    yield from forecast_tables(forecast)
    if answers.sensitivity is not None:
        yield sensitivity_table(answers.sensitivity)
    if answers.sizing is not None:
        yield sizing_table(answers.sizing)
    if answers.search is not None:
        yield search_table(*answers.search)
