"""``potok drift``: when a process changed, in which respect, and by how much."""

from dataclasses import dataclass
from typing import Annotated

import typer

from potok.cli.console import guarded
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _


class UnknownAspectError(UsageError):
    """A process is to be searched for changes of what it does not have."""

    code = "POTOK-K040"


@dataclass(frozen=True, slots=True)
class DriftOptions:
    """What is to be searched, and how surely, as given on the command line."""

    aspect: Annotated[
        list[str] | None,
        typer.Option("--aspect", help=_("Search this aspect only; may be repeated."), metavar="NAME"),
    ] = None
    error_rate: Annotated[
        float,
        typer.Option("--error-rate", help=_("Allowed probability of any false alarm."), metavar="SHARE"),
    ] = 0.05


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("drift", cls=PotokCommand, help=_("Find when the process changed, in which respect, and by how much."))(
        guarded(with_source_options(_with_table(_with_filter(_with_drift(drift_command)))))
    )


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_drift = with_shared_options("drift", DriftOptions)


def drift_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    drift: DriftOptions,
) -> None:
    """Find when the process changed."""
    form = table_format(table)
    from potok.diagnose.drift.detect import find_drift
    from potok.diagnose.drift.result import Aspect
    from potok.inference.estimate import check_share
    from potok.measure.local_time import zone_of
    from potok.report.diagnosis.drift import drift_as_json, drift_tables

    unknown = sorted(set(drift.aspect or ()) - set(Aspect))
    if unknown:
        raise UnknownAspectError(
            _("{option} cannot be «{value}».").format(option="--aspect", value=unknown[0]),
            where="--aspect",
            remedy=_("Choose one of: {values}.").format(values=", ".join(Aspect)),
        )
    check_share(drift.error_rate, name="--error-rate")
    store = open_filtered(source, options, filtering)
    aspects = tuple(aspect for aspect in Aspect if not drift.aspect or aspect in drift.aspect)
    found = find_drift(store, error_rate=drift.error_rate, aspects=aspects)
    if form is TableFormat.JSON:
        record = drift_as_json(found, zone=zone_of(store), content_sha256=store.content_sha256)
        deliver_json(record, table.output)
    else:
        deliver_all(drift_tables(found, zone=zone_of(store)), form, table.output)
