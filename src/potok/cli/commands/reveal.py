"""``potok reveal``: the id behind a pseudonym, for whoever holds the key; written down."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from potok.cli.commands.key import FileOption
from potok.cli.console import guarded, write_data, write_note
from potok.cli.parser_help import PotokCommand
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("reveal", cls=PotokCommand, help=_("Open a single case by its pseudonym; this is written down."))(
        guarded(reveal_command)
    )


def reveal_command(
    *,
    pseudonym: Annotated[str, typer.Argument(help=_("Pseudonym as the store shows it."), metavar="PSEUDONYM")],
    sealed_map: Annotated[Path, typer.Option("--map", help=_("Encrypted map kept at import."), metavar="FILE")],
    reason: Annotated[str, typer.Option("--reason", help=_("What it is needed for."), metavar="TEXT")],
    journal: Annotated[
        Path | None, typer.Option("--journal", help=_("Journal (else beside the map)."), metavar="FILE")
    ] = None,
    file: FileOption = None,
) -> None:
    """Open a single case by its pseudonym."""
    from potok.log.privacy.keys import default_key_path, load_key
    from potok.log.privacy.reveal import reveal_case
    from potok.log.privacy.sealed_map import open_sealed_map

    key = load_key(file or default_key_path())
    record = journal or sealed_map.with_name(sealed_map.name + ".journal")
    identifier = reveal_case(
        pseudonym,
        sealed_map=open_sealed_map(sealed_map, key=key),
        journal=record,
        by=getpass.getuser(),
        reason=reason,
        now=datetime.now(tz=UTC),
    )
    write_data(identifier)
    write_note(_("Written down in {path}.").format(path=record))
