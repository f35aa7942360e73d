"""``potok map``: the process as a picture, or as a BPMN model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potok.cli.console import guarded, write_data, write_json
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.log.store import LogStore

SCHEMA = "potok.map/1"
PICTURES = (".svg", ".png")
MODELS = (".bpmn", ".json")


class MapFormatError(UsageError):
    """The name of the file does not say what to write."""

    code = "POTOK-R011"


@dataclass(frozen=True, slots=True)
class MapOptions:
    """How the process is to be shown, as given on the command line."""

    model: Annotated[
        bool, typer.Option("--model", help=_("Draw the BPMN model instead of the directly-follows map."))
    ] = False
    activities: Annotated[
        float | None,
        typer.Option(
            "--activities",
            help=_("Take the most frequent activities that make up this share of all executions (1 takes all)."),
            metavar="SHARE",
            show_default=False,
            min=0,
            max=1,
        ),
    ] = None
    paths: Annotated[
        float | None,
        typer.Option(
            "--paths",
            help=_("Draw the most frequent passages that make up this share of all (map only)."),
            metavar="SHARE",
            show_default=False,
            min=0,
            max=1,
        ),
    ] = None
    noise: Annotated[
        float,
        typer.Option(
            "--noise",
            help=_("What the model leaves out as infrequent: 0 (nothing) to 1."),
            metavar="SHARE",
            min=0,
            max=1,
        ),
    ] = 0.2


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command(
        "map", cls=PotokCommand, help=_("Draw the process, or discover its BPMN model: .svg, .png, .bpmn or .json.")
    )(guarded(with_source_options(_with_filter(_with_drawing(map_command)))))


_with_filter = with_shared_options("filtering", FilterOptions)
_with_drawing = with_shared_options("drawing", MapOptions)


def map_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    filtering: FilterOptions,
    drawing: MapOptions,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help=_("File to write: .svg, .png, .bpmn or .json."), metavar="FILE"),
    ],
    as_json: Annotated[bool, typer.Option("--json", help=_("Write what was made as JSON."))] = False,
) -> None:
    """Draw a process or write its model."""
    _check_format(output)
    store = open_filtered(source, options, filtering)
    if output.suffix.lower() in PICTURES and not drawing.model:
        _write_map(store, output, activities=drawing.activities, paths=drawing.paths)
        said: tuple[str, ...] = (str(output),)
        record: dict[str, Any] = {"schema": SCHEMA, "file": str(output)}
    else:
        said, record = _write_model(
            store,
            output,
            noise=drawing.noise,
            activity_share=1.0 if drawing.activities is None else drawing.activities,
        )
    if as_json:
        write_json(record)
    else:
        write_data("\n".join(said))


def _check_format(output: Path) -> None:
    if output.suffix.lower() not in PICTURES + MODELS:
        raise MapFormatError(
            _("The file {name} does not say what to write.").format(name=output.name),
            where="--output",
            remedy=_("Give a name that ends in .svg, .png, .bpmn or .json."),
        )


def _write_map(store: "LogStore", output: Path, *, activities: float | None, paths: float | None) -> None:
    from potok.measure.directly_follows import compute_directly_follows_graph
    from potok.report.bpmn.map_detail import choose_map_detail
    from potok.report.bpmn.picture import write_picture
    from potok.report.drawing.process_map import draw_map
    from potok.report.drawing.standalone import make_standalone

    graph = compute_directly_follows_graph(store)
    detail = choose_map_detail(graph, activity_share=activities, passage_share=paths)
    write_picture(output, make_standalone(draw_map(graph, detail)))


def _write_model(
    store: "LogStore", output: Path, *, noise: float, activity_share: float
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Discover and write a model; return what is said of it, as lines and as a record."""
    import json

    from potok.discover.bpmn import convert_to_bpmn
    from potok.discover.process_models import compute_process_model
    from potok.log.importing.folder import replace_file
    from potok.report.bpmn.drawing import draw_bpmn
    from potok.report.bpmn.layout import lay_out_bpmn
    from potok.report.bpmn.picture import make_model_standalone, write_picture
    from potok.report.bpmn.summary import describe_model, model_as_record
    from potok.report.bpmn.xml import write_bpmn

    model = compute_process_model(store, noise_threshold=noise, activity_share=activity_share)
    bpmn = convert_to_bpmn(model.tree)
    said, record = describe_model(model), model_as_record(model, bpmn)
    kind = output.suffix.lower()
    if kind == ".json":
        replace_file(output, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    elif kind == ".bpmn":
        text = write_bpmn(bpmn, lay_out_bpmn(bpmn), name=output.stem, documentation="\n".join(said))
        replace_file(output, text)
    else:
        write_picture(output, make_model_standalone(draw_bpmn(lay_out_bpmn(bpmn))))
    return (str(output), *said), {**record, "file": str(output)}
