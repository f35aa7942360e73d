"""Options that every command taking a source shares, declared once.

`with_source_options` gives a command the options as command-line parameters and hands it one `SourceOptions`.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from potok.core.language import gettext as _

ROLES = _("Column roles")
READING = _("Reading")
RULES = _("Rules")
PRIVACY = _("Personal data")


def _option(name: str, help_text: str, panel: str, metavar: str | None = None) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=panel, metavar=metavar, show_default=False)


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is to be read, as given on the command line."""

    case: Annotated[str, _option("--case", _("Column of the case id."), ROLES, "COLUMN")] = ""
    activity: Annotated[
        list[str] | None, _option("--activity", _("Column of the activity; several are joined."), ROLES, "COLUMN")
    ] = None
    completed: Annotated[
        list[str] | None,
        _option("--completed", _("Column of the completion time; give it twice for date and time."), ROLES, "COLUMN"),
    ] = None
    started: Annotated[list[str] | None, _option("--started", _("Column of the start time."), ROLES, "COLUMN")] = None
    enabled: Annotated[
        list[str] | None, _option("--enabled", _("Column of the time from which work could start."), ROLES, "COLUMN")
    ] = None
    time_format: Annotated[
        list[str] | None,
        _option("--time-format", _("Time format, such as %d.%m.%Y %H:%M; may be repeated."), ROLES, "FORMAT"),
    ] = None
    resource: Annotated[str, _option("--resource", _("Column of the employee."), ROLES, "COLUMN")] = ""
    org_unit: Annotated[str, _option("--org-unit", _("Column of the department."), ROLES, "COLUMN")] = ""
    cost: Annotated[str, _option("--cost", _("Column of the cost."), ROLES, "COLUMN")] = ""
    lifecycle_column: Annotated[
        str, _option("--lifecycle-column", _("Column of start/complete transitions."), ROLES, "COLUMN")
    ] = ""
    instance: Annotated[
        str, _option("--instance", _("Column that ties transitions of one piece of work."), ROLES, "COLUMN")
    ] = ""
    outcome: Annotated[str, _option("--outcome", _("Column of the case's outcome."), ROLES, "COLUMN")] = ""
    channel: Annotated[str, _option("--channel", _("Column of the channel."), ROLES, "COLUMN")] = ""
    service: Annotated[str, _option("--service", _("Column of the service."), ROLES, "COLUMN")] = ""
    agency: Annotated[str, _option("--agency", _("Column of the agency."), ROLES, "COLUMN")] = ""
    mapping: Annotated[
        Path | None, _option("--mapping", _("Mapping file (TOML); other options override it."), READING, "FILE")
    ] = None
    preset: Annotated[str, _option("--preset", _("Ready mapping: epgu or sed."), READING, "NAME")] = ""
    case_table: Annotated[
        str, _option("--case-table", _("File with one row per case beside the events."), READING, "FILE")
    ] = ""
    encoding: Annotated[str, _option("--encoding", _("Encoding of a text file."), READING, "NAME")] = ""
    delimiter: Annotated[str, _option("--delimiter", _("Delimiter of a text file."), READING, "CHARACTER")] = ""
    decimal: Annotated[str, _option("--decimal", _("Decimal mark, . or ,"), READING, "CHARACTER")] = ""
    sheet: Annotated[str, _option("--sheet", _("Sheet of a workbook; * joins all."), READING, "NAME")] = ""
    object_type: Annotated[
        str, _option("--object-type", _("OCEL: object type that becomes the case."), READING, "TYPE")
    ] = ""
    query: Annotated[str, _option("--query", _("Database: the SELECT to run."), READING, "SQL")] = ""
    zone: Annotated[
        str, _option("--zone", _("Time zone of times without offset, such as Europe/Kaliningrad."), READING, "ZONE")
    ] = ""
    lifecycle: Annotated[
        str, _option("--lifecycle", _("Transitions: auto, pair or raw (every event as it is)."), RULES, "MODE")
    ] = ""
    closed_by_activity: Annotated[
        list[str] | None,
        _option("--closed-by-activity", _("Activity that closes a case; may be repeated."), RULES, "ACTIVITY"),
    ] = None
    closed_by_status: Annotated[
        list[str] | None,
        _option("--closed-by-status", _("Final status: COLUMN=VALUE; may be repeated."), RULES, "COLUMN=VALUE"),
    ] = None
    closed_by_field: Annotated[
        str, _option("--closed-by-field", _("Column with the closing time."), RULES, "COLUMN")
    ] = ""
    all_closed: Annotated[
        bool, typer.Option("--all-closed", help=_("The extract holds closed cases only."), rich_help_panel=RULES)
    ] = False
    extraction: Annotated[
        str, _option("--extraction", _("How cases were chosen: opened, active or closed."), RULES, "KIND")
    ] = ""
    extracted_at: Annotated[
        str, _option("--extracted-at", _("When the extract was made (else its last time)."), RULES, "TIME")
    ] = ""
    watched_from: Annotated[
        str, _option("--watched-from", _("For active cases: since when they were watched."), RULES, "TIME")
    ] = ""
    exclude: Annotated[
        list[str] | None,
        _option("--exclude", _("Leave out cases: COLUMN=VALUE; may be repeated."), RULES, "COLUMN=VALUE"),
    ] = None
    split_cases_on: Annotated[
        str,
        _option("--split-cases-on", _("Split cases that share an id: trace, gap:30d or a column."), RULES, "RULE"),
    ] = ""
    max_rejected: Annotated[
        float | None,
        typer.Option(
            "--max-rejected",
            help=_("Share of unusable rows that is allowed (0.1)."),
            rich_help_panel=RULES,
            metavar="SHARE",
            show_default=False,
            min=0,
            max=1,
        ),
    ] = None
    key: Annotated[Path | None, _option("--key", _("Key file of the pseudonyms."), PRIVACY, "FILE")] = None
    plain_ids: Annotated[
        bool, typer.Option("--plain-ids", help=_("Store ids as they are (public data)."), rich_help_panel=PRIVACY)
    ] = False
    drop_column: Annotated[
        list[str] | None, _option("--drop-column", _("Do not store a column."), PRIVACY, "COLUMN")
    ] = None
    keep_text: Annotated[
        list[str] | None, _option("--keep-text", _("Store a column of free text."), PRIVACY, "COLUMN")
    ] = None
    pseudonymise: Annotated[
        list[str] | None, _option("--pseudonymise", _("Store pseudonyms of a column."), PRIVACY, "COLUMN")
    ] = None
    allow_personal: Annotated[
        list[str] | None,
        _option("--allow-personal", _("Store a column although it holds personal data; recorded."), PRIVACY, "COLUMN"),
    ] = None
    memory: Annotated[str, _option("--memory", _("Memory limit, such as 2GB."), READING, "SIZE")] = ""


def with_source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options to a command that takes them as ``options``."""
    return with_shared_options("options", SourceOptions)(command)


def with_shared_options(name: str, kind: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command the options that the fields of a dataclass declare.

    Parameters
    ----------
    name
        Keyword under which the command receives them as one object.
    kind
        The dataclass; each field is annotated with its option. One without a default must be given.
    """
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=_default(f), annotation=hints[f.name])
        for f in fields(kind)
    ]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != name]

        @wraps(command)
        def run(**arguments: Any) -> Any:
            given = {parameter.name: arguments.pop(parameter.name) for parameter in shared}
            return command(**{name: kind(**given)}, **arguments)

        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # functions accept it at run time
            [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + shared
        )
        run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
        return run

    return decorate


def _default(field: "Field[Any]") -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
