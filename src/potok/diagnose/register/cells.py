"""What one cell of a register says: lists, durations, numbers, yes and no."""

import re
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
    """Return a lead time written as “5 р.д.”, “до 10 рабочих дней”, “2 часа” or “5–7 дней”.

    Parameters
    ----------
    unit
        Of a number that stands alone; a unit in the text itself goes before it.

    Returns
    -------
    LeadTime or None
        None if there is no number, or no unit.
    """
    lower = text.casefold()
    amounts = [number_of(match.group()) for match in _AMOUNT.finditer(lower)]
    own = read_unit(re.sub(r"\d", " ", lower))
    chosen = own or unit
    if not amounts or chosen is None or max(amounts) <= 0:
        return None
    return LeadTime(max(amounts), chosen)


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
