"""Models of processes as TOML or JSON; reading them back gives the same model, bit by bit."""

import json
from pathlib import Path
from typing import Any, Final

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.simulate.model.documents.activities import activity_as_mapping, consequence_as_mapping
from potok.simulate.model.documents.arrivals import arrivals_as_mapping, case_type_as_mapping
from potok.simulate.model.documents.calendars import calendar_as_mapping, term_as_mapping
from potok.simulate.model.documents.pools import pool_as_mapping
from potok.simulate.model.documents.routing import routing_as_mapping, rules_as_mapping
from potok.simulate.model.documents.taking import without_defaults
from potok.simulate.model.process_model import SCHEMA, ProcessModel
from potok.simulate.model.toml_writing import write_toml

_LEFT_OUT: Final[dict[str, Any]] = {
    "currency": "",
    "calendars": {},
    "pools": [],
    "rules": {},
    "consequences": [],
    "term": {},
    "term_calendar": "",
}


def model_as_mapping(model: ProcessModel) -> dict[str, Any]:
    """Return a model as texts, numbers, lists and mappings, as its document in TOML or JSON holds it."""
    values = {
        "schema": SCHEMA,
        "name": model.name,
        "zone": model.zone,
        "currency": model.currency,
        "term_calendar": model.term_calendar,
        "arrivals": arrivals_as_mapping(model.arrivals),
        "case_types": list(map(case_type_as_mapping, model.case_types)),
        "routing": routing_as_mapping(model.routing),
        "rules": rules_as_mapping(model.rules),
        "activities": list(map(activity_as_mapping, model.activities)),
        "pools": list(map(pool_as_mapping, model.pools)),
        "consequences": list(map(consequence_as_mapping, model.consequences)),
        "term": term_as_mapping(model.term) if model.term else {},
        "calendars": {name: calendar_as_mapping(calendar, name) for name, calendar in model.calendars.items()},
    }
    return without_defaults(values, _LEFT_OUT)


def write_model(model: ProcessModel, path: str | Path) -> Path:
    """Write a model to a file: JSON if it ends in ``.json``, else TOML.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    EnvironmentFailureError
        If the file cannot be written.
    """
    file = Path(path)
    content = model_as_mapping(model)
    is_json = file.suffix.lower() == ".json"
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n" if is_json else write_toml(content)
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as failure:
        raise EnvironmentFailureError(
            _("The file {path} cannot be written: {reason}.").format(path=file, reason=system_reason(failure)),
            where=str(file),
            remedy=_("Choose another place."),
        ) from failure
    return file
