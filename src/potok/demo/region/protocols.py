"""Protocol files of the region's projects: what was promised before anything changed."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from potok.demo.region.agencies import load_agency
from potok.demo.region.projects import Project, load_quality

SCHEMA: Final = "potok.protocol/1"
TRANSITION_DAYS: Final = 30
HORIZON_DAYS: Final = 60
LOOK_DAYS: Final = 180


def render_protocol(project: Project, *, last_on: date) -> str:
    """Return a project's protocol as TOML: change, estimand, comparison, quality margins, and what would be failure.

    Parameters
    ----------
    last_on
        The last day on which a verdict may be given.
    """
    return "\n".join((*_head(project), *_estimand(project), *_quality(), *_look(project, last_on), ""))


def _head(project: Project) -> Iterator[str]:
    yield f'schema = "{SCHEMA}"'
    yield f"name = {_text(project.name)}"
    yield f"registered_on = {project.registered_on.isoformat()}"
    yield ""
    yield "[change]"
    yield f"what = {_text(project.name)}"
    yield f"services = {_texts(project.services)}"
    for agency, day in project.waves.items():
        yield ""
        yield "[[change.waves]]"
        yield f"agency = {_text(load_agency(agency).name)}"
        yield f"on = {day.isoformat()}"


def _estimand(project: Project) -> Iterator[str]:
    yield ""
    yield "[estimand]"
    yield 'outcome = "case_duration"'
    yield 'clock = "calendar_days"'
    yield f"horizon_days = {HORIZON_DAYS}"
    yield f"transition_days = {TRANSITION_DAYS}"
    yield f"minimum_improvement_days = {project.minimum_improvement_days}"
    yield ""
    yield "[comparison]"
    yield f'design = "{project.design}"'


def _quality() -> Iterator[str]:
    quality = load_quality()
    for column, margin in (("Решение отменено", quality.margin_reversed), ("Жалоба", quality.margin_complaints)):
        yield ""
        yield "[[quality]]"
        yield f"attribute = {_text(column)}"
        yield f"value = {_text('да')}"
        yield 'direction = "lower_is_better"'
        yield f"margin = {margin}"


def _look(project: Project, last_on: date) -> Iterator[str]:
    looked = max(project.waves.values()) + timedelta(days=LOOK_DAYS)
    yield ""
    yield "[look]"
    yield f"fixed_on = {min(looked, last_on).isoformat()}"
    yield f"last_on = {last_on.isoformat()}"
    yield ""
    yield "[failure]"
    yield f"text = {_text('Среднее время дела не сократилось на обещанное, или решения отменяют или обжалуют чаще.')}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
