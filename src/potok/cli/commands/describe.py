"""``potok describe``: what a log holds and how good it is, as text."""

from typing import Annotated, Any

import typer

from potok.cli.commands.import_ import guesses
from potok.cli.console import guarded, write_data, write_json
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.language import gettext as _

SCHEMA = "potok.describe/1"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("describe", help=_("Describe a log: counts, span, quality, durations."))(
        guarded(with_source_options(describe_command))
    )


def describe_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write JSON."))] = False,
) -> None:
    """Describe a log."""
    from potok.cli.requests import open_source
    from potok.report.audit import build_audit
    from potok.report.audit_json import audit_as_json

    store = open_source(source, options)
    record = audit_as_json(build_audit(store))
    if as_json:
        write_json({"schema": SCHEMA, **{key: record[key] for key in ("log", "quality", "measures")}})
    else:
        write_data("\n".join(_lines(record, store.manifest)))


def _lines(record: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    log = record["log"]
    counts = {
        _("Cases"): log["cases"],
        _("of them open"): log["open_cases"],
        _("Events"): log["events"],
        _("Activity instances"): log["activity_instances"],
        _("Activities"): log["activities"],
        _("Variants"): log["variants"],
        _("Rejected rows"): log["rejected_rows"],
        _("First"): log["first_at"],
        _("Last"): log["last_at"],
    }
    width = max(map(len, counts))
    lines = [f"{name:<{width}}  {value}" for name, value in counts.items()]
    doubts = [check for check in manifest["quality"] if check["severity"] != "info"]
    if doubts:
        lines += ["", _("Quality:")]
        lines += [f"  {check['check']}: {check['count']} {check['of']} {check['where']}".rstrip() for check in doubts]
    found = guesses(manifest)
    return [*lines, "", _("Guessed:"), *(f"  {line}" for line in found)] if found else lines
