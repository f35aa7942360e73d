"""Options that every command measuring a log shares: which cases, on which clock, under which rules."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from potok.cli.console import write_note
from potok.cli.source_options import SourceOptions
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import quoted

if TYPE_CHECKING:
    from potok.core.regulations import Regulation
    from potok.diagnose.declared import Declared
    from potok.log.store import LogStore
    from potok.report.catalogue.entry import Request
    from potok.report.catalogue.need import Inputs

COHORTS: Final = {"month": "cohort", "quarter": "cohort_quarter", "year": "cohort_year"}


class GroupingOptionsError(UsageError):
    """Options of grouping that cannot be, or not together."""

    code = "POTOK-K033"


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """Which cases of a log are meant, as given on the command line."""

    case_filter: Annotated[
        str,
        typer.Option(
            "--filter", help=_('Only cases that pass, such as "duration>30d and channel=МФЦ".'), metavar="EXPRESSION"
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class MeasureOptions(FilterOptions):
    """How a log is to be measured, as given on the command line."""

    regulation: Annotated[
        Path | None, typer.Option("--regulation", help=_("TOML file with the terms of the service."), metavar="FILE")
    ] = None
    calendar: Annotated[
        str, typer.Option("--calendar", help=_("Calendar of working time: a name or a TOML file."), metavar="CALENDAR")
    ] = ""
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown",
            help=_("Leave out what of the regulation names activities unknown to the log, and say so."),
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class DeclaredOptions:
    """What people declare of the process for its diagnosis, as given on the command line."""

    declared: Annotated[
        Path | None,
        typer.Option(
            "--declared", help=_("TOML file with hours of duty, approvals, media and holders of cases."), metavar="FILE"
        ),
    ] = None

    rules: Annotated[
        Path | None,
        typer.Option("--rules", help=_("TOML file with margins, bounds and tags of steps."), metavar="FILE"),
    ] = None

    def read(self) -> "Declared | None":
        """Read the files; None if none is given.

        Raises
        ------
        PotokError
            If one cannot be read.
        """
        from potok.diagnose.declared import Declared, load_declared

        declared = load_declared(self.declared) if self.declared else None
        if not self.rules:
            return declared
        from potok.diagnose.superfluous.declaration import load_step_rules

        return replace(declared or Declared(), step_rules=load_step_rules(self.rules))


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What people declare for single measures, as given on the command line."""

    by: Annotated[
        str,
        typer.Option(
            "--by",
            help=_("Group by channel, service, agency, outcome, org_unit or an attribute of cases."),
            metavar="NAME",
        ),
    ] = ""
    cohort: Annotated[
        str, typer.Option("--cohort", help=_("Group by the opening: month, quarter or year."), metavar="PERIOD")
    ] = ""
    tariffs: Annotated[
        Path | None,
        typer.Option("--tariffs", help=_("TOML file with what an hour of staff costs."), metavar="FILE"),
    ] = None
    cost_model: Annotated[
        Path | None,
        typer.Option("--cost-model", help=_("TOML file with what applicants have to do."), metavar="FILE"),
    ] = None
    value_adding: Annotated[
        list[str] | None,
        typer.Option("--value-adding", help=_("Activity that adds value; may be repeated."), metavar="ACTIVITY"),
    ] = None


def open_filtered(source: str, options: SourceOptions, filtering: FilterOptions) -> "LogStore":
    """Open a source and keep the cases that pass the filter.

    Raises
    ------
    PotokError
        If the source cannot be read, or the filter not understood.
    """
    from potok.cli.requests import open_source
    from potok.measure.filters.derived import apply_filter
    from potok.measure.filters.expression import parse_filter

    # What is quick to check comes before the import of a large source.
    chosen = parse_filter(filtering.case_filter) if filtering.case_filter else None
    store = open_source(source, options)
    return store if chosen is None else apply_filter(store, chosen)


def open_request(
    source: str, options: SourceOptions, measuring: MeasureOptions, *, inputs: "Inputs | None" = None
) -> "Request":
    """Open a source as the options say: its store, filtered, with calendar and regulation.

    Raises
    ------
    PotokError
        If any of them cannot be read.
    """
    from potok.core.regulations import load_regulation
    from potok.report.catalogue.clock import find_calendars, request_on
    from potok.report.catalogue.entry import Request
    from potok.report.catalogue.need import Inputs

    rules = load_regulation(measuring.regulation) if measuring.regulation else None
    store = open_filtered(source, options, measuring)
    if rules is not None and measuring.skip_unknown:
        rules = known_regulation(rules, store)
    calendars = find_calendars(measuring.calendar, regulation=rules, store=store)
    return request_on(calendars, Request(store, regulation=rules, inputs=inputs or Inputs()))


def known_regulation(regulation: "Regulation", store: "LogStore") -> "Regulation":
    """Return what of a regulation a log can be judged by, and say what was left out.

    Raises
    ------
    UnknownActivitiesError
        If no term is left.
    """
    from potok.core.regulations import known_part
    from potok.measure.running import activity_labels

    kept, unknown = known_part(regulation, tuple(activity_labels(store, None).values()))
    if unknown:
        write_note(
            _("Note: the log does not have {names}; what the regulation says of them is left out.").format(
                names=", ".join(quoted(name) for name in unknown)
            )
        )
    return kept


def read_inputs(given: InputOptions) -> "Inputs":
    """Read what is declared for a measure.

    Raises
    ------
    PotokError
        If a file cannot be read, or options contradict each other.
    """
    from potok.measure.cost_model import load_cost_model
    from potok.measure.tariffs import load_tariffs
    from potok.report.catalogue.need import Inputs

    return Inputs(
        by=grouping_of(given.by, given.cohort),
        tariffs=load_tariffs(given.tariffs) if given.tariffs else None,
        cost_model=load_cost_model(given.cost_model) if given.cost_model else None,
        value_adding=tuple(given.value_adding or ()),
    )


def grouping_of(by: str, cohort: str) -> str:
    """Return what cases are grouped by, empty where nothing says it.

    Raises
    ------
    GroupingOptionsError
        If a name and a period are given, or a period that is none.
    """
    if by and cohort:
        raise GroupingOptionsError(
            _("Cases are to be grouped in two ways."), where="--by, --cohort", remedy=_("Give one of them.")
        )
    if cohort and cohort not in COHORTS:
        raise GroupingOptionsError(
            _("{option} cannot be «{value}».").format(option="--cohort", value=cohort),
            where="--cohort",
            remedy=_("Choose one of: {values}.").format(values=", ".join(COHORTS)),
        )
    return COHORTS.get(cohort, by)
