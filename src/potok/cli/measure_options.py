"""Options that every command measuring a log shares: which cases, on which clock, under which rules."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.source_options import SourceOptions
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.report.catalogue.entry import Request


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """How a log is to be measured, as given on the command line."""

    case_filter: Annotated[
        str,
        typer.Option(
            "--filter", help=_('Only cases that pass, such as "duration>30d and channel=МФЦ".'), metavar="EXPRESSION"
        ),
    ] = ""
    regulation: Annotated[
        Path | None, typer.Option("--regulation", help=_("TOML file with the terms of the service."), metavar="FILE")
    ] = None
    calendar: Annotated[
        str, typer.Option("--calendar", help=_("Calendar of working time: a name or a TOML file."), metavar="CALENDAR")
    ] = ""


def open_request(source: str, options: SourceOptions, measuring: MeasureOptions) -> "Request":
    """Open a source as the options say: its store, filtered, with calendar and regulation.

    Raises
    ------
    PotokError
        If any of them cannot be read.
    """
    from potok.cli.requests import open_source
    from potok.core.regulations import load_regulation
    from potok.measure.filters.derived import apply_filter
    from potok.measure.filters.expression import parse_filter
    from potok.report.catalogue.clock import find_calendar
    from potok.report.catalogue.entry import Request

    # What is quick to check comes before the import of a large source.
    rules = load_regulation(measuring.regulation) if measuring.regulation else None
    chosen = parse_filter(measuring.case_filter) if measuring.case_filter else None
    store = open_source(source, options)
    if chosen is not None:
        store = apply_filter(store, chosen)
    return Request(store, find_calendar(measuring.calendar, regulation=rules, store=store), rules)
