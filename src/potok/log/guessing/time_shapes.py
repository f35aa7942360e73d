"""The shape of one written instant, as a strptime pattern whose day and month may still be open."""

import re
from dataclasses import dataclass
from typing import Final

_TIME: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:(?P<mark>[.,])(?P<fraction>\d+))?)?"
    r"(?P<half>\s?[AaPp][Mm])?"
)
_ZONE: Final = r"(?P<zone>\s?(?:[zZ]|UTC|GMT|[-+−]\d{2}(?::?\d{2})?))?"
_TAIL: Final = rf"(?:(?P<gap>[Tt]|,?\s+){_TIME}{_ZONE})?"
_YEAR_FIRST: Final = re.compile(
    rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_TAIL}"
)
_YEAR_LAST: Final = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<sep>[-/.])(?P<two>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}|\d{{2}})(?:\s?г\.?)?{_TAIL}"
)
_COMPACT: Final = re.compile(r"(?P<year>(?:19|20|21)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])")
_NAMED: Final = re.compile(
    rf"(?P<day>\d{{1,2}})(?P<sep>[-\s.])(?P<name>[A-Za-zА-Яа-яё]{{3,}}\.?)(?P<sep2>[-\s.,]+)(?P<year>\d{{4}}|\d{{2}})"
    rf"(?:\s?г(?:ода|\.)?)?{_TAIL}"
)
_MONTH_STARTS: Final = re.compile(
    r"(?i)(янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|maa|mrt|apr|may|mei|jun|jul|aug|sep|oct|okt|nov|dec)"
)
TIME_OF_DAY: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?|30\.12\.1899 \d{1,2}:\d{2}(:\d{2})?")


@dataclass(frozen=True, slots=True)
class Shape:
    """How one instant is written.

    Parameters
    ----------
    pattern
        strptime pattern; ``%1`` and ``%2`` stand for day and month in unknown order.
    is_iso
        Whether it can be read as ISO 8601.
    """

    pattern: str
    is_iso: bool

    @property
    def is_open(self) -> bool:
        """Whether day and month could be either way round."""
        return "%1" in self.pattern

    @property
    def has_time(self) -> bool:
        """Whether there is a time of day."""
        return "%H" in self.pattern or "%I" in self.pattern

    @property
    def has_zone(self) -> bool:
        """Whether there is an offset."""
        return "%z" in self.pattern

    def resolved(self, *, month_first: bool) -> str:
        """Return the pattern with day and month in order."""
        one, two = ("%m", "%d") if month_first else ("%d", "%m")
        return self.pattern.replace("%1", one).replace("%2", two)


@dataclass(frozen=True, slots=True)
class Written:
    """A value's shape and its two open numbers, (0, 0) if day and month are known."""

    shape: Shape
    one: int = 0
    two: int = 0


def find_shape(text: str) -> Written | None:
    """Return how a text writes an instant, None if it is none."""
    text = text.strip().replace("\u00a0", " ")
    if match := _YEAR_FIRST.fullmatch(text):
        return _year_first(match)
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(match)
    if _COMPACT.fullmatch(text):
        return Written(Shape("%Y%m%d", is_iso=False))
    if (match := _NAMED.fullmatch(text)) and _MONTH_STARTS.match(match["name"]):
        date = f"%d{match['sep']}%B{match['sep2']}{_year(match['year'])}"
        return Written(Shape(date + _tail(match), is_iso=False))
    return None


def _year_first(match: re.Match[str]) -> Written | None:
    if not (1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31):
        return None
    separator, tail = match["sep"], _tail(match)
    is_iso = separator in "-/" and "," not in tail and "%p" not in tail and " %z" not in tail
    return Written(Shape(f"%Y{separator}%m{separator}%d{tail}", is_iso))


def _year_last(match: re.Match[str]) -> Written | None:
    one, two = int(match["one"]), int(match["two"])
    if not (min(one, two) >= 1 and min(one, two) <= 12 and max(one, two) <= 31):
        return None
    separator = match["sep"]
    return Written(Shape(f"%1{separator}%2{separator}{_year(match['year'])}{_tail(match)}", is_iso=False), one, two)


def _year(text: str) -> str:
    return "%Y" if len(text) == 4 else "%y"


def _tail(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    time = ("%I" if match["half"] else "%H") + ":%M" + (":%S" if match["second"] else "")
    if match["fraction"]:
        time += f"{match['mark']}%f"
    if match["half"]:
        time += " %p" if match["half"].startswith(" ") else "%p"
    gap = "T" if match["gap"] in "Tt" else " " if not match["gap"].startswith(",") else ", "
    zone = (" " if match["zone"].startswith(" ") else "") + "%z" if match["zone"] else ""
    return gap + time + zone
