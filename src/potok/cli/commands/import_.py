"""``potok import``: a source becomes a log store."""

from pathlib import Path
from typing import Annotated

import typer

from potok.cli.console import guarded, write_data, write_json, write_note
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_source_options
from potok.core.language import gettext as _


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command("import", cls=PotokCommand, help=_("Read event histories and store them as a log store."))(
        guarded(with_source_options(import_command))
    )


def import_command(
    *,
    sources: Annotated[list[str], typer.Argument(help=_("Files or database URLs, read as one log."), metavar="SOURCE")],
    options: SourceOptions,
    into: Annotated[Path, typer.Option("--into", help=_("Folder of the new store."), metavar="FOLDER")],
    replace: Annotated[bool, typer.Option("--replace", help=_("Replace a store that is there."))] = False,
    save_mapping: Annotated[
        Path | None,
        typer.Option("--save-mapping", help=_("Write the mapping used to a file."), metavar="FILE"),
    ] = None,
    keep_map: Annotated[
        Path | None,
        typer.Option("--keep-map", help=_("Write the encrypted map of pseudonyms to a file."), metavar="FILE"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write the manifest as JSON."))] = False,
) -> None:
    """Read event histories and store them."""
    from dataclasses import replace as changed

    from potok.cli.requests import build_request, require_key
    from potok.cli.summaries import summarise
    from potok.log.importing.pipeline import import_log
    from potok.log.mapping_file import save_mapping as write_mapping
    from potok.log.mapping_record import mapping_from_record

    request = build_request(sources, options, into=into, key=require_key(options))
    store = import_log(changed(request, replace=replace, keep_map=keep_map))
    if save_mapping is not None:
        write_mapping(mapping_from_record(store.manifest["mapping"]), save_mapping)
        write_note(_("The mapping was written to {path}.").format(path=save_mapping))
    if as_json:
        write_json(store.manifest)
    else:
        write_data("\n".join(summarise(store.manifest)))
