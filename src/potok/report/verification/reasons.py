"""Sentences with figures in them: marked texts whose placeholders say what their values are."""

import re
from collections.abc import Mapping
from datetime import date
from math import isfinite, nan
from string import Formatter
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import mark
from potok.report.formats import NARROW_SPACE, compose, format_count, format_day, format_decimal, format_share
from potok.report.verification.amounts import UNKNOWN, Amounts
from potok.report.verification.check_words import name_check
from potok.report.verification.quoting import nest_quotes
from potok.verify.effect import HonestyCheck, Reason

_OUTCOMES: Final = frozenset({"outcome", "genitive", "bare"})
_NUMBER: Final = re.compile(r"[.,]?\d*[a-z%]?")
Values = Mapping[str, str | int | float]


def say_reason(reason: Reason, amounts: Amounts) -> str:
    """Write a reason in the current language."""
    return say(reason.text, reason.arguments, amounts)


def say_check(check: HonestyCheck, amounts: Amounts) -> str:
    """Write what a check saw, in the current language."""
    return say(check.reason, check.arguments, amounts)


def say(text: str, arguments: Values, amounts: Amounts) -> str:
    """Write a marked sentence.

    What a value is, its placeholder says after a colon: ``outcome`` (an amount of the primary outcome; ``genitive`` and
    ``bare`` are its other forms), ``share``, ``points``, ``ratio``, ``days``, ``count``, ``date`` (ISO 8601), ``check``
    (name of an honesty check). Amounts of the outcome in one sentence have as many decimals as it takes to tell them
    apart. A placeholder without a value stays visible as a dash.
    """
    if not text:
        return ""
    text = _with_open_range(text, arguments)
    said = _Writer(amounts, text, arguments).vformat(_(text), (), arguments)
    return compose("{said}", said=nest_quotes(said))


def _with_open_range(text: str, arguments: Values) -> str:
    """Return the sentence that says of a range without an end that it has none."""
    if "{upper:share}" in text and not isfinite(float(arguments.get("upper", nan))):
        return _NO_CASES
    if "{lower:outcome}" not in text:
        return text
    is_known = tuple(isfinite(float(arguments.get(name, nan))) for name in ("lower", "upper"))
    if all(is_known):
        return text
    if not any(is_known):
        return _NO_RANGE
    if is_known[1]:
        return _NO_LOWER
    return _NO_UPPER_ENOUGH if float(arguments["lower"]) > float(arguments.get("minimum", nan)) else _NO_UPPER


class _Writer(Formatter):
    """Writes values as their placeholders ask for."""

    def __init__(self, amounts: Amounts, text: str, arguments: Values) -> None:
        self._amounts = amounts
        named = {name for _literal, name, spec, _conversion in self.parse(text) if name and spec in _OUTCOMES}
        values = [float(arguments[name]) for name in named if isinstance(arguments.get(name), int | float)]
        self._digits = amounts.digits(values)

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, UNKNOWN)

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return _write_text(value, format_spec)
        if format_spec in _OUTCOMES:
            return self._write_outcome(float(value), format_spec)
        return write_value(value, format_spec)

    def _write_outcome(self, value: float, form: str) -> str:
        if form == "bare":
            return self._amounts.bare(value, digits=self._digits)
        return self._amounts.write(value, digits=self._digits, is_genitive=form == "genitive")


def _write_text(value: str, form: str) -> str:
    if form == "date":
        try:
            return format_day(date.fromisoformat(value))
        except ValueError:
            return value
    if form == "check":
        return name_check(value)
    # What every log may have is called by its name, as in the tables.
    return {"service": _("service"), "channel": _("channel")}.get(value, value)


def write_value(value: float, form: str) -> str:
    """Write a number by what it is: its unit, or a number format."""
    if not isfinite(value):
        return UNKNOWN
    match form:
        case "share":
            return _write_share(value)
        case "points":
            return Amounts("share").write(value)
        case "days":
            return Amounts("days").write(value)
        case "ratio":
            return _write_share(value)
        case "number":
            return format_decimal(value, digits=2)
        case "p_value":
            return format_decimal(value, digits=3)
        case "count" | "cases":
            return format_count(round(value))
    if form and _NUMBER.fullmatch(form):
        digits = re.search(r"\.(\d+)", form)
        return format_decimal(100 * value, digits=0) + "%" if form.endswith("%") else _plain(value, digits)
    return _plain(value, None)


def _plain(value: float, digits: re.Match[str] | None) -> str:
    if isinstance(value, int) or float(value).is_integer():
        return format_count(int(value))
    return format_decimal(value, digits=int(digits[1]) if digits else 2)


def _write_share(value: float) -> str:
    """Write a share or a relative change, which may be negative; what is almost nothing is no more than that."""
    text = format_share(abs(value))
    if value >= 0:
        return text
    return f"−{text}" if text[0].isdigit() else f">{NARROW_SPACE}−{text.lstrip('<' + NARROW_SPACE)}"


_NO_RANGE: Final = mark(
    "How large the improvement may be cannot be told: the outcome hardly differs from case to case, or there are too "
    "few months."
)
_NO_LOWER: Final = mark(
    "The improvement is at most {upper:outcome}, and may be any worsening; that it is more than {minimum:outcome} is "
    "not shown."
)
_NO_UPPER: Final = mark(
    "The improvement is at least {lower:outcome}; that it is more than {minimum:outcome} is not shown."
)
_NO_UPPER_ENOUGH: Final = mark("The improvement is at least {lower:outcome}, more than the promised {minimum:outcome}.")
_NO_CASES: Final = mark(
    "{name}: whether it worsened cannot be told, as too few cases are known on a side of the change."
)
