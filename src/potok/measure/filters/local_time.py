"""Dates and instants in filters: local to the log, and periods as short as they are written."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from potok.core.language import gettext as _
from potok.measure.filters.errors import FilterValueError

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS: Final = 12


def instant_us(text: str, zone: tzinfo = UTC) -> int:
    """Return a date (its midnight) or an instant as microseconds UTC.

    Parameters
    ----------
    text
        ISO 8601.
    zone
        Of texts without an offset.

    Raises
    ------
    FilterValueError
        If it is neither.
    """
    try:
        instant = datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        return (aware.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise FilterValueError(
            _("“{value}” is no date.").format(value=text),
            remedy=_("Write it as 2026, 2026-03, 2026-03-31 or 2026-03-31T18:00."),
        ) from error


def period_of(text: str) -> tuple[str, str]:
    """Return the half-open period that a year, month, day or instant stands for, as ISO 8601.

    Raises
    ------
    FilterValueError
        If it is none of them.
    """
    try:
        if match := re.fullmatch(r"(\d{4})", text):
            year = int(match[1])
            return date(year, 1, 1).isoformat(), date(year + 1, 1, 1).isoformat()
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            year, month = int(match[1]), int(match[2])
            following = date(year + month // MONTHS, month % MONTHS + 1, 1)
            return date(year, month, 1).isoformat(), following.isoformat()
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return day.isoformat(), (day + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError) as error:
        raise FilterValueError(
            _("“{value}” is no date.").format(value=text),
            remedy=_("Write it as 2026, 2026-03, 2026-03-31 or 2026-03-31T18:00."),
        ) from error
    instant_us(text)
    return text, text
