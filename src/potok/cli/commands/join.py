"""``potok join``: logs of one application from several agencies become one."""

from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import TerminalProgress, guarded, write_data, write_json
from potok.cli.parser_help import PotokCommand
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("join", cls=PotokCommand, help=_("Join stores of several agencies on a shared number."))(
        guarded(join_command)
    )


def join_command(
    *,
    stores: Annotated[list[str], typer.Argument(help=_("Stores, each as FOLDER or AGENCY=FOLDER."), metavar="STORE")],
    into: Annotated[Path, typer.Option("--into", help=_("Folder of the new store."), metavar="FOLDER")],
    on: Annotated[
        str, typer.Option("--on", help=_("Case attribute with the shared number (else the case id)."), metavar="NAME")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=_("Write the manifest as JSON."))] = False,
) -> None:
    """Join stores."""
    from potok.cli.summaries import summarise
    from potok.log.importing.merging import join_stores, open_part
    from potok.log.importing.request import ImportRequest

    request = ImportRequest(sources=(), into=into, progress=TerminalProgress())
    store = join_stores([open_part(text) for text in stores], on=on, into=into, request=request)
    if as_json:
        write_json(store.manifest)
    else:
        write_data("\n".join(summarise(store.manifest)))
