"""``potok cases``: the cases behind a finding."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.measure.evidence import CaseEvidence

SCHEMA = "potok.cases/1"


class UnknownFindingError(UsageError):
    """The log has no finding of that id."""

    code = "POTOK-K003"


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("cases", cls=PotokCommand, help=_("List the cases behind a finding."))(
        guarded(with_source_options(cases_command))
    )


def cases_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    finding: Annotated[str, typer.Option("--finding", help=_("Id of the finding."), metavar="ID")],
    limit: Annotated[int, typer.Option("--limit", help=_("At most so many cases."), metavar="NUMBER", min=1)] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write JSON."))] = False,
) -> None:
    """List the cases behind a finding."""
    from potok.cli.requests import open_source
    from potok.diagnose.first_findings import find_first
    from potok.measure.evidence import list_cases

    store = open_source(source, options)
    found = {f.identifier(store.content_sha256): f for f in find_first(store)}
    if finding not in found:
        raise UnknownFindingError(
            _("The log has no finding {id}.").format(id=finding),
            remedy=_("Findings of this log: {ids}.").format(ids=", ".join(found) or "–"),
        )
    chosen = found[finding]
    cases = list_cases(store, place=chosen.where, kind=chosen.kind, limit=limit)
    if as_json:
        write_json({"schema": SCHEMA, "finding": finding, "cases": [asdict(case) for case in cases]})
        return
    _write_table(cases)


def _write_table(cases: "Sequence[CaseEvidence]") -> None:
    from potok.report.formats import format_known

    header = "\t".join((_("case"), _("time lost"), _("source rows")))
    rows = [f"{c.case_id}\t{format_known(c.seconds)}\t{c.source_rows[0]}–{c.source_rows[1]}" for c in cases]
    write_data("\n".join([header, *rows]))
