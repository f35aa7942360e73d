"""Activities and what they prevent in a document."""

import re
from typing import Final

from potok.core.calendars.reading import WEEKDAYS
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.simulate.model.activities import (
    Batching,
    Consequence,
    Discipline,
    ExtraneousDelay,
    LoadResponse,
    ModelActivity,
)
from potok.simulate.model.documents.distributions import distribution_as_mapping, read_required_distribution
from potok.simulate.model.documents.taking import Mapped, without_defaults

_MOST_MEMBERS: Final = 1_000_000
_MOMENT: Final = re.compile(r"([a-z]+) +(\d{1,2}):(\d\d)")
_MINUTES: Final = 60
_HOURS: Final = 24


def read_activity(table: TomlTable) -> ModelActivity:
    """Read an activity."""
    activity = ModelActivity(
        name=table.text("name"),
        duration=read_required_distribution(table, "duration"),
        is_automatic=table.boolean("is_automatic", default=False),
        pauses=table.boolean("pauses", default=True),
        delay=_read_delay(table.table("delay")) if table.has("delay") else None,
        batching=_read_batching(table.table("batching")) if table.has("batching") else None,
        discipline=Discipline(table.choice("discipline", tuple(Discipline), Discipline.FIFO)),
        cost=table.number("cost", 0.0),
        applicant_seconds=table.number("applicant_seconds", 0.0),
        is_logged=table.boolean("is_logged", default=True),
    )
    table.finish()
    return activity


def _read_delay(table: TomlTable) -> ExtraneousDelay:
    delay = ExtraneousDelay(
        delay=read_required_distribution(table, "duration"),
        share=table.number("share", 1.0),
        load_response=LoadResponse(table.choice("load_response", tuple(LoadResponse), LoadResponse.UNKNOWN)),
    )
    table.finish()
    return delay


def _read_batching(table: TomlTable) -> Batching:
    batching = Batching(
        minimum_size=table.integer("minimum_size", least=0, most=_MOST_MEMBERS, default=0),
        maximum_size=table.integer("maximum_size", least=0, most=_MOST_MEMBERS, default=0),
        maximum_wait_seconds=table.number("maximum_wait_seconds", 0.0),
        fires_at=tuple(_read_moment(table, moment) for moment in table.texts("fires_at", [])),
        is_concurrent=table.boolean("is_concurrent", default=False),
        size_factors=_read_size_factors(table),
    )
    table.finish()
    return batching


def _read_moment(table: TomlTable, written: str) -> tuple[int, int]:
    match = _MOMENT.fullmatch(written.strip().lower())
    if match and match[1] in WEEKDAYS and int(match[2]) < _HOURS and int(match[3]) < _MINUTES:
        return WEEKDAYS.index(match[1]), int(match[2]) * _MINUTES + int(match[3])
    raise table.wrong_value("fires_at", written, _("weekdays and times such as “friday 16:00”"))


def _read_size_factors(table: TomlTable) -> tuple[tuple[int, float], ...]:
    expected = _("pairs of a size and a factor, such as [[5, 0.8], [10, 0.6]]")
    found = table.value("size_factors", list, expected, [])
    for pair in found:
        is_pair = isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int
        if not is_pair or type(pair[1]) not in (int, float):
            raise table.wrong_value("size_factors", pair, expected)
    return tuple((size, float(factor)) for size, factor in found)


def activity_as_mapping(activity: ModelActivity) -> Mapped:
    """Write an activity."""
    values: Mapped = {
        "name": activity.name,
        "duration": distribution_as_mapping(activity.duration),
        "is_automatic": activity.is_automatic,
        "pauses": activity.pauses,
        "delay": _delay_as_mapping(activity.delay) if activity.delay else None,
        "batching": _batching_as_mapping(activity.batching) if activity.batching else None,
        "discipline": str(activity.discipline),
        "cost": activity.cost,
        "applicant_seconds": activity.applicant_seconds,
        "is_logged": activity.is_logged,
    }
    defaults: Mapped = {
        "is_automatic": False,
        "pauses": True,
        "delay": None,
        "batching": None,
        "discipline": str(Discipline.FIFO),
        "cost": 0.0,
        "applicant_seconds": 0.0,
        "is_logged": True,
    }
    return without_defaults(values, defaults)


def _delay_as_mapping(delay: ExtraneousDelay) -> Mapped:
    return without_defaults(
        {
            "duration": distribution_as_mapping(delay.delay),
            "share": delay.share,
            "load_response": str(delay.load_response),
        },
        {"share": 1.0, "load_response": str(LoadResponse.UNKNOWN)},
    )


def _batching_as_mapping(batching: Batching) -> Mapped:
    values: Mapped = {
        "minimum_size": batching.minimum_size,
        "maximum_size": batching.maximum_size,
        "maximum_wait_seconds": batching.maximum_wait_seconds,
        "fires_at": [
            f"{WEEKDAYS[weekday]} {minute // _MINUTES:02d}:{minute % _MINUTES:02d}"
            for weekday, minute in batching.fires_at
        ],
        "is_concurrent": batching.is_concurrent,
        "size_factors": [list(pair) for pair in batching.size_factors],
    }
    defaults: Mapped = {
        "minimum_size": 0,
        "maximum_size": 0,
        "maximum_wait_seconds": 0.0,
        "fires_at": [],
        "is_concurrent": False,
        "size_factors": [],
    }
    return without_defaults(values, defaults)


def read_consequence(table: TomlTable) -> Consequence:
    """Read what an activity prevents."""
    consequence = Consequence(
        indicator=table.text("indicator"),
        activity=table.text("activity"),
        share_with=table.number("share_with"),
        share_without=table.number("share_without"),
    )
    table.finish()
    return consequence


def consequence_as_mapping(consequence: Consequence) -> Mapped:
    """Write what an activity prevents."""
    return {
        "indicator": consequence.indicator,
        "activity": consequence.activity,
        "share_with": consequence.share_with,
        "share_without": consequence.share_without,
    }
