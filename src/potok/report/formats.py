"""Numbers, shares, durations and instants as people read them, in the current language."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from potok.core.language import current_language, pgettext

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
_MINUS: Final = "\u2212"
MINUTE_SECONDS: Final = 60
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 86400
_DOUBLE_STOP: Final = re.compile(r"(?<!\.)\.\.(?!\.)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Beyond these, the smaller of two units says nothing that matters.
_MINUTES_WITHOUT_SECONDS: Final = 10
_HOURS_WITHOUT_MINUTES: Final = 10
_DAYS_WITHOUT_HOURS: Final = 10
_LEAST_HOURS: Final = 0.1


def format_count(number: int) -> str:
    """Write a whole number with its thousands set apart."""
    return _localise(f"{number:,}")


def format_decimal(number: float, *, digits: int = 1) -> str:
    """Write a number with a fixed number of decimals."""
    return _localise(f"{number:,.{digits}f}")


def _localise(text: str) -> str:
    if current_language() == "ru":
        return text.replace(",", NARROW_SPACE).replace(".", ",").replace("-", _MINUS)
    return text.replace("-", _MINUS)


def compose(template: str, **values: str) -> str:
    """Fill a sentence's template; a figure that ends in a full stop (“3 дн.”) takes the place of the sentence's own."""
    return _DOUBLE_STOP.sub(".", template.format(**values))


def format_share(share: float) -> str:
    """Write a share (0–1) in percent; never rounds to 0 % or 100 % what is not."""
    percent = share * 100
    if -0.1 < percent < 0:
        return ">" + NARROW_SPACE + _percent(format_decimal(-0.1))
    if -99.9 <= percent < 0:
        return _MINUS + format_share(-share)
    if 0 < percent < 0.1:
        return "<" + NARROW_SPACE + _percent(format_decimal(0.1))
    if 99.9 < percent < 100:
        return ">" + NARROW_SPACE + _percent(format_decimal(99.9))
    digits = 1 if (0 < percent < 10 or 99 < percent < 100) and round(percent, 1) != round(percent) else 0
    return _percent(format_decimal(percent, digits=digits))


def _percent(number: str) -> str:
    return f"{number}{NO_BREAK_SPACE}%" if current_language() == "ru" else f"{number}%"


def format_hours(seconds: float) -> str:
    """Write a length of time in hours, as sums over many cases are read; never rounds to 0 what is not."""
    hours = seconds / HOUR_SECONDS
    number = format_count(round(hours)) if hours >= 10 or hours == 0 else format_decimal(hours)
    if 0 < hours < _LEAST_HOURS / 2:
        number = "<" + NARROW_SPACE + format_decimal(_LEAST_HOURS)
    return pgettext("hours, abbreviated", "{n} h").format(n=number).replace(" ", NO_BREAK_SPACE)


def format_duration(seconds: float) -> str:
    """Write a length of time in the one or two largest units that matter."""
    if 0 < seconds < 1:
        return pgettext("duration", "under 1 s").replace(" ", NO_BREAK_SPACE)
    amounts = _split(max(0.0, seconds))
    texts = [_unit(unit).format(n=format_count(amount)) for unit, amount in amounts]
    return " ".join(texts).replace(" ", NO_BREAK_SPACE)


def format_known(seconds: float | None) -> str:
    """Write a length of time, or a dash where it is not known."""
    return "–" if seconds is None else format_duration(seconds)


def _split(seconds: float) -> list[tuple[str, int]]:
    """Split into units, rounding once, in the smallest unit shown."""
    if round(seconds) < MINUTE_SECONDS:
        return [("s", round(seconds))]
    if round(seconds) < _MINUTES_WITHOUT_SECONDS * MINUTE_SECONDS:
        return _two("min", "s", *divmod(round(seconds), MINUTE_SECONDS))
    minutes = round(seconds / MINUTE_SECONDS)
    if minutes < 60:
        return [("min", minutes)]
    if minutes < _HOURS_WITHOUT_MINUTES * 60:
        return _two("h", "min", *divmod(minutes, 60))
    hours = round(seconds / HOUR_SECONDS)
    if hours < 24:
        return [("h", hours)]
    if hours < _DAYS_WITHOUT_HOURS * 24:
        return _two("d", "h", *divmod(hours, 24))
    return [("d", round(seconds / DAY_SECONDS))]


def _two(large: str, small: str, amount: int, rest: int) -> list[tuple[str, int]]:
    return [(large, amount), (small, rest)] if rest else [(large, amount)]


def _unit(unit: str) -> str:
    return {
        "s": pgettext("duration", "{n} s"),
        "min": pgettext("duration", "{n} min"),
        "h": pgettext("duration", "{n} h"),
        "d": pgettext("duration", "{n} d"),
    }[unit]


def instant_of(microseconds: int, *, zone: str) -> datetime:
    """Return an instant in a zone, from microseconds since 1970-01-01 UTC."""
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(ZoneInfo(zone))


def format_day(day: date) -> str:
    """Write a day."""
    if current_language() == "ru":
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def format_date(microseconds: int, *, zone: str) -> str:
    """Write the local date of an instant."""
    return format_day(instant_of(microseconds, zone=zone))


def format_instant(microseconds: int, *, zone: str) -> str:
    """Write the local date and time of an instant, to the minute."""
    at = instant_of(microseconds, zone=zone)
    return f"{format_date(microseconds, zone=zone)}{NO_BREAK_SPACE}{at.hour:02}:{at.minute:02}"
