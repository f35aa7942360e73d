"""Models of processes from TOML or JSON, checked strictly: what is misspelt or impossible is named with its place."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.core.toml_reading import TomlTable, read_toml
from potok.simulate.model.checking import check_model
from potok.simulate.model.documents.activities import read_activity, read_consequence
from potok.simulate.model.documents.arrivals import read_arrivals, read_case_types
from potok.simulate.model.documents.calendars import read_calendars, read_term
from potok.simulate.model.documents.pools import read_pool
from potok.simulate.model.documents.routing import read_routing, read_rules
from potok.simulate.model.errors import BrokenModelError
from potok.simulate.model.process_model import SCHEMA, ProcessModel

MAXIMUM_BYTES: Final = 100_000_000


def load_model(path: str | Path) -> ProcessModel:
    """Read a model from a file that ends in ``.toml`` or ``.json``.

    Raises
    ------
    BrokenModelError
        If the file cannot be read or its model cannot be simulated; all contradictions are listed together.
    """
    file = Path(path)
    content = _read_json(file) if file.suffix.lower() == ".json" else read_toml(file, BrokenModelError)
    return model_from_mapping(content, file=str(file), folder=file.parent)


def model_from_mapping(content: Mapping[str, Any], *, file: str = "model", folder: Path | None = None) -> ProcessModel:
    """Make a model from the content of a document.

    Parameters
    ----------
    content
        What the document holds.
    file
        What errors call it.
    folder
        Where calendar files lie that are named by a relative path.

    Raises
    ------
    BrokenModelError
        If it describes no model, or one that contradicts itself.
    """
    table = TomlTable(content, file=file, place="", error=BrokenModelError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    table.text("note", "")
    zone = table.text("zone")
    calendars = read_calendars(table.table("calendars"), zone=zone, folder=folder)
    model = ProcessModel(
        name=table.text("name"),
        zone=zone,
        arrivals=read_arrivals(table.table("arrivals"), calendars),
        case_types=read_case_types(table),
        routing=read_routing(table.table("routing")),
        activities=tuple(map(read_activity, table.tables("activities"))),
        pools=tuple(map(read_pool, table.tables("pools"))),
        calendars=calendars,
        rules=read_rules(table.table("rules")),
        consequences=tuple(map(read_consequence, table.tables("consequences"))),
        term=read_term(table, content, file),
        term_calendar=table.text("term_calendar", ""),
        currency=table.text("currency", ""),
    )
    table.finish()
    check_model(model, file=file)
    return model


def _read_json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size <= MAXIMUM_BYTES:
            content = json.loads(file.read_bytes().decode("utf-8-sig"), parse_constant=_refuse_constant)
            if isinstance(content, dict):
                return content
            reason = _("it holds no object")
        else:
            reason = _("it is larger than {size} bytes").format(size=MAXIMUM_BYTES)
    except OSError as failure:
        reason = system_reason(failure)
    except (ValueError, RecursionError) as failure:
        reason = str(failure)
    raise BrokenModelError(
        _("The file {path} cannot be read: {reason}.").format(path=file, reason=reason),
        where=str(file),
        remedy=_("Give a JSON file encoded in UTF-8."),
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(_("{name} is no number").format(name=name))
