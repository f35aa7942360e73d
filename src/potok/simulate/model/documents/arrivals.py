"""Arrivals and case types in a document."""

from collections.abc import Mapping
from typing import Final

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.time_units import HOUR_SECONDS, MINUTE_SECONDS
from potok.core.toml_reading import TomlTable
from potok.simulate.model.arrivals import ArrivalKind, Arrivals, CaseType
from potok.simulate.model.documents.distributions import distribution_as_mapping, read_optional_distribution
from potok.simulate.model.documents.taking import (
    Mapped,
    read_date_key,
    read_instant,
    read_number_list,
    read_signed,
    rounded_to_one,
    without_defaults,
)

HOURS_A_DAY: Final = 24
_MINUTES_AN_HOUR: Final = HOUR_SECONDS // MINUTE_SECONDS
_MOST_PRIORITY: Final = 1_000_000
_ALWAYS: Final = (1.0,) * 12


def read_arrivals(table: TomlTable, calendars: Mapping[str, Calendar]) -> Arrivals:
    """Read how cases arrive.

    Parameters
    ----------
    calendars
        Those of the model: `spread_over` names one over whose weekly hours arrivals are spread evenly.
    """
    days = table.table("day_factors")
    arrivals = Arrivals(
        kind=ArrivalKind(table.choice("kind", tuple(ArrivalKind))),
        start_at=read_instant(table, "start_at"),
        per_day=table.number("per_day", 0.0),
        hour_of_week_shares=_read_hours(table, calendars),
        month_factors=read_number_list(table, "month_factors", _ALWAYS),
        growth_per_year=read_signed(table, "growth_per_year", 0.0),
        day_factors={read_date_key(days, key): days.number(key) for key in days.keys()},  # noqa: SIM118
        dispersion=table.number("dispersion", 0.0),
        inter_arrival=read_optional_distribution(table, "inter_arrival"),
        calendar=table.text("calendar", ""),
        is_put_off=table.boolean("is_put_off", default=False),
    )
    table.finish()
    return arrivals


def _read_hours(table: TomlTable, calendars: Mapping[str, Calendar]) -> tuple[float, ...]:
    spread_over = table.text("spread_over", "")
    if not spread_over:
        return tuple(rounded_to_one(list(read_number_list(table, "hour_of_week_shares", ()))))
    if table.has("hour_of_week_shares") or spread_over not in calendars:
        raise table.wrong_value(
            "spread_over",
            spread_over,
            _("the name of a calendar of the model ({names}), and no hour_of_week_shares beside it").format(
                names=", ".join(calendars)
            ),
        )
    return spread_over_week(calendars[spread_over])


def spread_over_week(calendar: Calendar) -> tuple[float, ...]:
    """Return the 168 shares of arrivals that are spread evenly over a calendar's weekly hours."""
    minutes = [
        sum(
            max(0, min(end, (hour + 1) * _MINUTES_AN_HOUR) - max(start, hour * _MINUTES_AN_HOUR))
            for start, end in spans
        )
        for spans in calendar.weekly
        for hour in range(HOURS_A_DAY)
    ]
    total = sum(minutes)
    return tuple(minute / total for minute in minutes) if total else ()


def arrivals_as_mapping(arrivals: Arrivals) -> Mapped:
    """Write how cases arrive."""
    shares = arrivals.hour_of_week_shares
    values: Mapped = {
        "kind": str(arrivals.kind),
        "start_at": arrivals.start_at.isoformat(),
        "per_day": arrivals.per_day,
        "hour_of_week_shares": [
            list(shares[first : first + HOURS_A_DAY]) for first in range(0, len(shares), HOURS_A_DAY)
        ],
        "month_factors": list(arrivals.month_factors),
        "growth_per_year": arrivals.growth_per_year,
        "day_factors": {day.isoformat(): factor for day, factor in arrivals.day_factors.items()},
        "dispersion": arrivals.dispersion,
        "inter_arrival": distribution_as_mapping(arrivals.inter_arrival) if arrivals.inter_arrival else None,
        "calendar": arrivals.calendar,
        "is_put_off": arrivals.is_put_off,
    }
    defaults: Mapped = {
        "per_day": 0.0,
        "hour_of_week_shares": [],
        "month_factors": list(_ALWAYS),
        "growth_per_year": 0.0,
        "day_factors": {},
        "dispersion": 0.0,
        "inter_arrival": None,
        "calendar": "",
        "is_put_off": False,
    }
    return without_defaults(values, defaults)


def read_case_types(table: TomlTable) -> tuple[CaseType, ...]:
    """Read the types of cases; a document without any has one, of all cases."""
    if not table.has("case_types"):
        return (CaseType(_("all cases"), 1.0),)
    tables = list(table.tables("case_types"))
    default = 1.0 if len(tables) == 1 else None
    shares = rounded_to_one([one.number("share", default) if default else one.number("share") for one in tables])
    return tuple(_read_case_type(one, share) for one, share in zip(tables, shares, strict=True))


def _read_case_type(table: TomlTable, share: float) -> CaseType:
    attributes = table.table("attributes")
    case_type = CaseType(
        name=table.text("name"),
        share=share,
        attributes={key: str(attributes.value(key, str, _("a text"))) for key in attributes.keys()},  # noqa: SIM118
        priority=table.integer("priority", least=-_MOST_PRIORITY, most=_MOST_PRIORITY, default=0),
    )
    table.finish()
    return case_type


def case_type_as_mapping(case_type: CaseType) -> Mapped:
    """Write a type of cases."""
    return without_defaults(
        {
            "name": case_type.name,
            "share": case_type.share,
            "attributes": dict(case_type.attributes),
            "priority": case_type.priority,
        },
        {"attributes": {}, "priority": 0},
    )
