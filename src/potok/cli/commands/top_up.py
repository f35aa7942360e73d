"""``potok top-up``: a store brought up to date by a later export."""

from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("top-up", cls=PotokCommand, help=_("Bring a store up to date with a later export, as a new store."))(
        guarded(with_source_options(top_up_command))
    )


def top_up_command(
    *,
    store: Annotated[Path, typer.Argument(help=_("The store so far."), metavar="STORE")],
    sources: Annotated[list[str], typer.Argument(help=_("The later export."), metavar="SOURCE")],
    options: SourceOptions,
    into: Annotated[Path, typer.Option("--into", help=_("Folder of the new store."), metavar="FOLDER")],
    as_json: Annotated[bool, typer.Option("--json", help=_("Write the manifest as JSON."))] = False,
) -> None:
    """Bring a store up to date."""
    from potok.cli.requests import build_request, require_key
    from potok.cli.summaries import summarise
    from potok.log.importing.merging import top_up
    from potok.log.store import open_store

    old = open_store(store)
    key = require_key(options) if old.manifest["key_id"] else None
    new = top_up(old, build_request(sources, options, into=into, key=key), into=into)
    changed = next(check for check in new.manifest["quality"] if check["check"] == "changed_past_cases")
    if as_json:
        write_json(new.manifest)
    else:
        line = _("Cases whose past changed: {count}.").format(count=changed["count"])
        write_data("\n".join([*summarise(new.manifest), "", line]))
