"""``potok key``: the key of the pseudonyms."""

from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded, write_data
from potok.cli.parser_help import PotokCommand, PotokGroup
from potok.core.language import gettext as _

FileOption = Annotated[
    Path | None, typer.Option("--file", help=_("Key file (else the installation's)."), metavar="FILE")
]


def register(app: typer.Typer) -> None:
    """Declare the group of commands."""
    group = typer.Typer(
        cls=PotokGroup, help=_("Make and check the key of the pseudonyms."), no_args_is_help=True, rich_markup_mode=None
    )
    group.command("init", cls=PotokCommand, help=_("Make a key. One per agency; keep it apart from the stores."))(
        guarded(init_command)
    )
    group.command("show", cls=PotokCommand, help=_("Show the key's id, never the key."))(guarded(show_command))
    group.command("conceal", cls=PotokCommand, help=_("Show the pseudonym of a case id that you know."))(
        guarded(conceal_command)
    )
    app.add_typer(group, name="key")


def init_command(*, file: FileOption = None) -> None:
    """Make a key."""
    from potok.log.privacy.keys import create_key, default_key_path

    path = file or default_key_path()
    key = create_key(path)
    write_data(
        _("Key {id} was made at {path}.").format(id=key.identifier, path=path)
        + "\n"
        + _("Keep a copy in a safe place: if the key is lost, no pseudonym can be led back to its case.")
    )


def show_command(*, file: FileOption = None) -> None:
    """Show the key's id."""
    from potok.log.privacy.keys import default_key_path, load_key

    path = file or default_key_path()
    write_data(f"{load_key(path).identifier}\t{path}")


def conceal_command(
    *,
    case_id: Annotated[str, typer.Argument(help=_("Case id as in the source."), metavar="ID")],
    file: FileOption = None,
) -> None:
    """Show the pseudonym of a known case id."""
    from potok.log.privacy.keys import default_key_path, load_key
    from potok.log.privacy.reveal import conceal

    write_data(conceal(case_id, key=load_key(file or default_key_path())))
