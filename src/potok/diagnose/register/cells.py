"""What one cell of a register says: lists, durations, numbers, yes and no."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from potok.diagnose.register.model import LeadTime, TimeUnit

HOUR_SECONDS: Final = 3600.0
DAY_SECONDS: Final = 86_400.0
# An applicant waits through nights and days off: five working days are a week, forty working hours too.
UNIT_SECONDS: Final = {
    TimeUnit.MINUTE: 60.0,
    TimeUnit.HOUR: HOUR_SECONDS,
    TimeUnit.WORKING_HOUR: 7 * DAY_SECONDS / 40,
    TimeUnit.DAY: DAY_SECONDS,
    TimeUnit.WORKING_DAY: 7 * DAY_SECONDS / 5,
    TimeUnit.WEEK: 7 * DAY_SECONDS,
    TimeUnit.MONTH: 365.25 / 12 * DAY_SECONDS,
}
"""Calendar seconds of each unit; holidays are left out of account."""

# Working units first: “рабочих дней” is also “дней”.
_UNITS: Final = (
    (TimeUnit.WORKING_HOUR, r"раб\w*\.?\s*час\w*|р\.?\s*ч\b\.?|working hours?|business hours?"),
    (TimeUnit.WORKING_DAY, r"раб\w*\.?\s*(?:дн\w*|день)\.?|р\.?\s*/?\s*д\b\.?|working days?|business days?"),
    (TimeUnit.MINUTE, r"мин\w*|minutes?|mins?\b"),
    (TimeUnit.HOUR, r"час\w*|ч\b\.?|hours?|hrs?\b|h\b"),
    (TimeUnit.DAY, r"(?:календ\w*\.?\s*)?(?:дн\w*|день)|к\.?\s*/?\s*д\b\.?|д\b\.?|сут\w*|(?:calendar )?days?|d\b"),
    (TimeUnit.WEEK, r"нед\w*|weeks?"),
    (TimeUnit.MONTH, r"мес\w*|months?"),
)
_UNIT_PATTERNS: Final = tuple((unit, re.compile(rf"\b(?:{pattern})")) for unit, pattern in _UNITS)
_AMOUNT: Final = re.compile(r"\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?")
# “5”, “5–7”, “от 5 до 7”, “10-ти”, “10 (десяти)”, up to where the unit begins.
_SPAN: Final = re.compile(
    rf"{_AMOUNT.pattern}(?:\s*(?:[-–—…]|до|to)\s*{_AMOUNT.pattern})?(?:-?(?:ти|ми|и|х|го)\b)?(?:\s*\([^()\d]*\))?[\s-]*"
)
_REFERENCE: Final = re.compile(
    r"\d+\s*-\s*(?:фкз|фз|пп|од|з|н)\b|(?:№|\bn\b|\b(?:ст|п|пп|гл|статья|статьи|статье|пункт|пункта|пункту|часть|части)\b\.?)"
    r"\s*\d+(?:\.\d+)*|\b\d{1,2}\.\d{1,2}\.\d{4}\b"
)
_OR: Final = re.compile(r"\b(?:либо|или|or)\b")
_AND: Final = re.compile(r"\s*(?:и|and)?\s*")
# Each unit is a part of those before it in its chain; working days and hours of the calendar do not add up.
_CHAINS: Final = (
    (TimeUnit.MONTH, TimeUnit.WEEK, TimeUnit.DAY, TimeUnit.HOUR, TimeUnit.MINUTE),
    (TimeUnit.WORKING_DAY, TimeUnit.WORKING_HOUR),
)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?")
_BULLET: Final = re.compile(r"^\s*(?:[-–—•*·]|\d{1,2}[.)])\s+")
_NOTHING: Final = re.compile(
    r"[\s\-–—_./]*|нет(?: данных| сведений)?|н/?д|н\.\s?д\.|отсутству\w+|не (?:определ\w+|назнач\w+|"
    r"установл\w+|указан\w*|"
    r"предусмотр\w+|требу\w+|имеется)|none|n/?a|null|no|not (?:defined|set|known)|unknown|tbd",
)
_YES: Final = frozenset(
    {"да", "yes", "y", "true", "истина", "1", "+", "v", "х", "x", "✓", "✔", "включить", "предлагается"}
)
_NO: Final = frozenset({"нет", "no", "n", "false", "ложь", "0", "-", "–", "—", "не предлагается", "не включать"})


def text_of(value: Any) -> str:
    """Return a cell as text, blanks joined; a whole number without decimals."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()) if value is not None else ""


def is_nothing(text: str) -> bool:
    """Return whether a text only says that there is nothing: a dash, «нет», «не определён»."""
    return _NOTHING.fullmatch(text.casefold().strip().rstrip(".")) is not None


def known(value: Any) -> str:
    """Return a cell as text; empty if it only says that there is nothing."""
    text = text_of(value)
    return "" if is_nothing(text) else text


def split_list(value: Any) -> tuple[str, ...]:
    """Return the members of a list cell, split at semicolons and line ends, each once, without bullets."""
    if value is None:
        return ()
    parts = re.split(r"[;\n\r]+", str(value)) if isinstance(value, str) else [text_of(value)]
    texts = (" ".join(_BULLET.sub("", part).split()).rstrip(",.").strip() for part in parts)
    kept: dict[str, str] = {}
    for text in texts:
        if text and not is_nothing(text):
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


def read_unit(text: str) -> TimeUnit | None:
    """Return the unit of time that a text names; None if it names none."""
    lower = text.casefold()
    return next((unit for unit, pattern in _UNIT_PATTERNS if pattern.search(lower)), None)


def read_lead_time(text: str, unit: TimeUnit | None) -> LeadTime | None:
    """Return a lead time written as “5 р.д.”, “до 10 рабочих дней”, “2 часа”, “5–7 дней” or “2 дня 4 часа”.

    Numbers of acts and paragraphs beside it are passed over.

    Parameters
    ----------
    unit
        Of a number that stands alone; a unit in the text itself goes before it.

    Returns
    -------
    LeadTime or None
        None if there is no number or no unit, or if the text gives several times that are no sum.
    """
    lower = _REFERENCE.sub(" ", text.casefold())
    times = list(_times_in(lower))
    rest = lower
    for _time, start, end in reversed(times):
        rest = f"{rest[:start]} ; {rest[end:]}"
    if not times:
        return _lone_number(rest, read_unit(re.sub(r"\d", " ", rest)) or unit)
    if has_number(rest) or (_OR.search(rest) and read_unit(_OR.split(rest, maxsplit=1)[1]) is not None):
        return None
    between = [lower[one[2] : other[1]] for one, other in pairwise(times)]
    if not all(_AND.fullmatch(gap) for gap in between):
        return None
    found = _sum_of([time for time, _start, _end in times])
    return found if found is not None and found.amount > 0 else None


def _times_in(lower: str) -> Iterator[tuple[LeadTime, int, int]]:
    """Give the numbers, or spans of them, that a unit follows, with where they begin and end."""
    place = 0
    while (number := _SPAN.search(lower, place)) is not None:
        place = number.end()
        for unit, pattern in _UNIT_PATTERNS:
            if (named := pattern.match(lower, place)) is not None:
                place = named.end()
                yield LeadTime(_longest(number.group()), unit), number.start(), place
                break


def _lone_number(text: str, unit: TimeUnit | None) -> LeadTime | None:
    found = list(_SPAN.finditer(text))
    if len(found) != 1 or unit is None or _longest(found[0].group()) <= 0:
        return None
    return LeadTime(_longest(found[0].group()), unit)


def _longest(span: str) -> float:
    return max(number_of(match.group()) for match in _AMOUNT.finditer(span))


def _sum_of(times: Sequence[LeadTime]) -> LeadTime | None:
    """Return times as one in the smallest unit; None unless each unit is a part of the one before."""
    units = [time.unit for time in times]
    if len(units) > 1 and not any(units == [unit for unit in chain if unit in units] for chain in _CHAINS):
        return None
    whole = sum(time.amount * UNIT_SECONDS[time.unit] for time in times)
    return LeadTime(whole / UNIT_SECONDS[units[-1]], units[-1]) if len(units) > 1 else times[0]


def has_number(text: str) -> bool:
    """Return whether there is a number in a text."""
    return _AMOUNT.search(text) is not None


def number_of(text: str) -> float:
    """Return a number written with a decimal comma or point and blanks between thousands."""
    return float(re.sub(r"[ \u00a0\u202f]", "", text).replace(",", "."))


def read_number(value: Any) -> float | None:
    """Return a cell that holds one number that is not negative, maybe with its unit; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if value >= 0 else None
    found = _NUMBER.findall(str(value))
    if len(found) != 1:
        return None
    number = number_of(found[0])
    return number if number >= 0 else None


def read_flag(text: str) -> bool | None:
    """Return yes or no; None for anything else."""
    word = text.casefold().strip().rstrip(".")
    if word in _YES:
        return True
    return False if word in _NO else None


def seconds_of(lead_time: LeadTime) -> float:
    """Return a lead time in calendar seconds."""
    return lead_time.amount * UNIT_SECONDS[lead_time.unit]
