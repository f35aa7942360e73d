"""Filters as one line of text: ``duration>30d and channel=МФЦ and not follows(A, B)``.

Values may be written in quotes (``"…"``, ``«…»``); without them they end at a comma, a bracket, ``&``, ``|``, or the
words `and` and `or` between spaces.
"""

import re
from collections.abc import Callable
from typing import Final

from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS
from potok.measure.filters.base import CaseFilter
from potok.measure.filters.errors import FilterSyntaxError, FilterValueError
from potok.measure.filters.kinds import (
    ATTRIBUTE_PREFIX,
    CASE_COLUMNS,
    CaseValues,
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
    WindowMode,
)
from potok.measure.filters.local_time import period_of

_MICROSECOND: Final = 1e-6
_PERCENT: Final = 100
_QUOTES: Final = {'"': '"', "'": "'", "«": "»", "“": "”"}
_UNIT_SECONDS: Final = {
    **dict.fromkeys(("s", "sec", "с", "сек"), 1),
    **dict.fromkeys(("m", "min", "м", "мин"), 60),
    **dict.fromkeys(("h", "ч", "час"), 3600),
    **dict.fromkeys(("d", "д", "дн"), DAY_SECONDS),
    **dict.fromkeys(("w", "нед"), 7 * DAY_SECONDS),
}
_WINDOWS: Final[dict[str, WindowMode]] = {
    "opened": "started",
    "closed": "completed",
    "within": "contained",
    "touches": "intersecting",
}
_RUSSIAN: Final = {
    "операция": "activity",
    "начало": "start",
    "конец": "end",
    "канал": "channel",
    "исход": "outcome",
    "услуга": "service",
    "ведомство": "agency",
    "вариант": "variant",
    "частые_варианты": "top_variants",
    "длительность": "duration",
    "открыто": "opened",
    "закрыто": "closed",
    "внутри": "within",
    "пересекает": "touches",
    "следует": "follows",
    "сразу_следует": "directly_follows",
    "повторяется": "repeats",
    "неизвестно": "unknown",
    "не_закрыто": "open",
}
_FUNCTIONS: Final[dict[str, tuple[int, Callable[..., CaseFilter]]]] = {
    "follows": (2, lambda first, second: Follows(first, second)),
    "directly_follows": (2, lambda first, second: Follows(first, second, directly=True)),
    "repeats": (1, lambda activity: HasActivity((activity,), times=2)),
    "unknown": (1, lambda column: CaseValues(column, (None,))),
}
_FIELDS: Final = ("activity", "start", "end", *CASE_COLUMNS, f"{ATTRIBUTE_PREFIX}…", "variant", "top_variants",
                  "duration", *_WINDOWS)  # fmt: skip


def parse_filter(text: str) -> CaseFilter:
    """Return the filter that an expression describes.

    Raises
    ------
    FilterSyntaxError
        If the expression cannot be understood; the character is named.
    FilterValueError
        If a value cannot be taken.
    """
    reader = _Reader(text)
    found = reader.read_alternatives()
    reader.skip_spaces()
    if not reader.is_at_end:
        raise reader.error(_("“and”, “or” or the end is expected"))
    return found


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    @property
    def is_at_end(self) -> bool:
        return self._place >= len(self._text)

    def skip_spaces(self) -> None:
        while not self.is_at_end and self._text[self._place].isspace():
            self._place += 1

    def read_alternatives(self) -> CaseFilter:
        found = self._read_conjunction()
        while self._accept(r"\||or\b"):
            found = found | self._read_conjunction()
        return found

    def _read_conjunction(self) -> CaseFilter:
        found = self._read_negation()
        while self._accept(r"&|and\b"):
            found = found & self._read_negation()
        return found

    def _read_negation(self) -> CaseFilter:
        if self._accept(r"!|~|not\b|не\b"):
            return ~self._read_negation()
        if self._accept(r"\("):
            found = self.read_alternatives()
            self._expect(r"\)", ")")
            return found
        return self._read_question()

    def _read_question(self) -> CaseFilter:
        self.skip_spaces()
        begin = self._place
        name = self._read_name()
        try:
            if name in _FUNCTIONS:
                count, make = _FUNCTIONS[name]
                return make(*self._read_arguments(count))
            if name == "open":
                return IsOpen()
            return self._read_comparison(name, begin)
        except FilterValueError as error:
            raise FilterValueError(error.message, where=self._where(begin), remedy=error.remedy) from error

    def _read_name(self) -> str:
        match = self._match(r"\w+")
        name = match.lower() if match else ""
        name = _RUSSIAN.get(name, name)
        if name == ATTRIBUTE_PREFIX.removesuffix(":") and self._accept(":"):
            return ATTRIBUTE_PREFIX + (self._read_quoted() or (self._match(r"[^=!<>()]+") or "").strip())
        return name

    def _read_comparison(self, name: str, begin: int) -> CaseFilter:
        if name not in _FIELDS and not name.startswith(ATTRIBUTE_PREFIX):
            self._place = begin
            raise self.error(_("one of {names} is expected").format(names=", ".join((*_FIELDS, *_FUNCTIONS, "open"))))
        allowed = r">=|<=|=|>|<" if name == "duration" or name in _WINDOWS else r"!=|="
        if name == "top_variants":
            allowed = "="
        operator = self._match(allowed)
        if operator is None:
            shown = allowed.replace("|", " ")
            raise self.error(_("one of {names} is expected").format(names=shown))
        if name == "duration":
            # A decimal comma parts no values here.
            return _duration(operator, ",".join(self._read_values()))
        if name in _WINDOWS:
            return _window(_WINDOWS[name], operator, self._read_value())
        chosen = _choice(name, self._read_values())
        return ~chosen if operator == "!=" else chosen

    def _read_arguments(self, count: int) -> list[str]:
        self._expect(r"\(", "(")
        begin = self._place
        values = self._read_values()
        if len(values) != count:
            self._place = begin
            raise self.error(_("{count} values are expected, not {found}").format(count=count, found=len(values)))
        self._expect(r"\)", ")")
        return values

    def _read_values(self) -> list[str]:
        values = [self._read_value()]
        while self._accept(","):
            values.append(self._read_value())
        return values

    def _read_value(self) -> str:
        self.skip_spaces()
        value = self._read_quoted()
        if value is None:
            value = self._read_bare()
        if not value:
            raise self.error(_("a value is expected"))
        return value

    def _read_quoted(self) -> str | None:
        self.skip_spaces()
        closing = None if self.is_at_end else _QUOTES.get(self._text[self._place])
        if closing is None:
            return None
        end = self._text.find(closing, self._place + 1)
        if end < 0:
            raise self.error(_("the quotation mark is never closed"))
        value = self._text[self._place + 1 : end]
        self._place = end + 1
        return value

    def _read_bare(self) -> str:
        begin, depth = self._place, 0
        while not self.is_at_end:
            rest = self._text[self._place :]
            if depth == 0 and re.match(r"[,)&|]|\s+(and|or)\s", rest):
                break
            depth += {"(": 1, ")": -1}.get(rest[0], 0)
            self._place += 1
        return self._text[begin : self._place].strip()

    def _match(self, pattern: str) -> str | None:
        self.skip_spaces()
        match = re.compile(pattern).match(self._text, self._place)
        if match is None:
            return None
        self._place = match.end()
        return match[0]

    def _accept(self, pattern: str) -> bool:
        return self._match(pattern) is not None

    def _expect(self, pattern: str, shown: str) -> None:
        if not self._accept(pattern):
            raise self.error(_("“{sign}” is expected").format(sign=shown))

    def _where(self, place: int) -> str:
        return _("filter “{text}”, character {number}").format(text=self._text, number=place + 1)

    def error(self, reason: str) -> FilterSyntaxError:
        """Return the error for what stands at the present place."""
        found = self._text[self._place : self._place + 20].strip() or _("the end")
        return FilterSyntaxError(
            _("The filter cannot be understood at “{found}”: {reason}.").format(found=found, reason=reason),
            where=self._where(self._place),
            remedy=_("Write it like {example}.").format(example="duration>30d and channel=МФЦ and not follows(A, B)"),
        )


def _choice(name: str, values: list[str]) -> CaseFilter:
    match name:
        case "activity":
            return HasActivity(tuple(values))
        case "start":
            return Endpoints(tuple(values), end="start")
        case "end":
            return Endpoints(tuple(values), end="end")
        case "variant":
            return Variants(tuple(_variant(value) for value in values))
        case "top_variants":
            return TopVariants(_share(",".join(values)))
        case _:
            return CaseValues(name, tuple(values))


def _variant(text: str) -> int:
    if not re.fullmatch(r"\d+", text):
        raise FilterValueError(_("“{value}” is no code of a variant.").format(value=text))
    return int(text)


def _share(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(%?)", text)
    if match is None:
        raise FilterValueError(
            _("“{value}” is no share.").format(value=text), remedy=_("Write it like {example}.").format(example="80%")
        )
    number = float(match[1].replace(",", "."))
    return number / _PERCENT if match[2] else number


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-zа-я]+)\.?", text.lower())
    if match is None or match[2] not in _UNIT_SECONDS:
        raise FilterValueError(
            _("“{value}” is no duration.").format(value=text),
            remedy=_("Write a number and a unit: 45min, 4h, 30d or 2w."),
        )
    return float(match[1].replace(",", ".")) * _UNIT_SECONDS[match[2]]


def _duration(operator: str, text: str) -> Duration:
    if operator == "=":
        lower, separator, upper = text.partition("..")
        if not separator:
            raise FilterValueError(
                _("A duration is compared with two limits, not with one."),
                remedy=_("Write it like {example}.").format(example="duration=1d..30d"),
            )
        return Duration(_seconds(lower.strip()), _seconds(upper.strip()))
    limit = _seconds(text)
    # Lead times are whole microseconds, so that "longer than" is "at least one more".
    beyond = limit + _MICROSECOND if operator in (">", "<=") else limit
    return Duration(at_least_seconds=beyond) if operator in (">", ">=") else Duration(less_than_seconds=beyond)


def _window(mode: WindowMode, operator: str, text: str) -> TimeWindow:
    first, separator, last = text.partition("..")
    begins, ends = period_of(first.strip())
    if separator:
        ends = period_of(last.strip())[1]
    match operator:
        case "=":
            return TimeWindow(begins, ends, mode)
        case ">=":
            return TimeWindow(begins, None, mode)
        case ">":
            return TimeWindow(ends, None, mode)
        case "<":
            return TimeWindow(None, begins, mode)
        case _:
            return TimeWindow(None, ends, mode)
