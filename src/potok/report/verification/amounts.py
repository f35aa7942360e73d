"""Amounts of an outcome in words: days, percentage points or money, the noun in the form that the sentence needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import ngettext, pgettext
from potok.inference.estimate import Estimate
from potok.report.formats import NO_BREAK_SPACE, format_count, format_decimal
from potok.verify.effect import Effect
from potok.verify.protocol.model import Clock, Estimand, OutcomeKind, Protocol

UNKNOWN: Final = "–"
_MOST_DIGITS: Final = 3
_LARGE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Amounts:
    """How amounts of an outcome are written.

    Parameters
    ----------
    unit
        ``days``, ``share`` or ``money``, as in `potok.verify.effect.Effect`.
    is_working
        Whether days are working days.
    """

    unit: str
    is_working: bool = False

    def scale(self, value: float) -> float:
        """Return a value as it is written: shares in hundredths."""
        return 100 * value if self.unit == "share" else value

    def digits(self, values: Iterable[float]) -> int:
        """Return with how many decimals values are told apart: none for large ones, seldom more than one."""
        known = {self.scale(value) for value in values if isfinite(value)}
        least = min(map(abs, known), default=0.0)
        first = 0 if least >= _LARGE or all(value == round(value) for value in known) else 1
        for digits in range(first, _MOST_DIGITS):
            if len({format_decimal(value, digits=digits) for value in known}) == len(known):
                return digits
        return _MOST_DIGITS if first else first

    def bare(self, value: float, *, digits: int | None = None) -> str:
        """Write a value without its unit; a minus for what lies below zero."""
        if not isfinite(value):
            return UNKNOWN
        text = format_decimal(self.scale(value), digits=self.digits([value]) if digits is None else digits)
        return text if _is_not_nothing(text) else text.lstrip("−")

    def write(self, value: float, *, digits: int | None = None, is_genitive: bool = False) -> str:
        """Write a value with its unit.

        Parameters
        ----------
        digits
            Decimals; None: as many as it needs.
        is_genitive
            Whether the unit follows a word such as “up to”, which in Russian changes its form.
        """
        if not isfinite(value):
            return UNKNOWN
        text = self.bare(value, digits=digits)
        template = self._template(text, is_genitive=is_genitive)
        return template.format(n=text).replace(" ", NO_BREAK_SPACE)

    def write_signed(self, value: float, *, digits: int | None = None) -> str:
        """Write a value with its unit, and with a plus where it lies above zero."""
        text = self.write(value, digits=digits)
        return f"+{text}" if isfinite(value) and value > 0 and _is_not_nothing(text) else text

    def write_range(self, estimate: Estimate) -> str:
        """Write between which values something lies, in a plain range; open ends are said to be open."""
        lower, upper = estimate.lower, estimate.upper
        digits = self.digits([lower, upper])
        if not isfinite(lower) and not isfinite(upper):
            return UNKNOWN
        if not isfinite(upper):
            return _("at least {amount}").format(amount=self.write(lower, digits=digits, is_genitive=True))
        if not isfinite(lower):
            return _("at most {amount}").format(amount=self.write(upper, digits=digits, is_genitive=True))
        return _("{lower} to {upper}").format(
            lower=self.bare(lower, digits=digits), upper=self.write(upper, digits=digits, is_genitive=True)
        )

    def _template(self, text: str, *, is_genitive: bool) -> str:
        number = _whole(text)
        if self.unit == "money":
            return pgettext("money", "{n}")
        if number is None:
            return self._fraction()
        if not is_genitive:
            return self._count(number)
        return self._genitive(number)

    def _fraction(self) -> str:
        if self.unit == "share":
            return pgettext("a fraction", "{n} percentage points")
        return pgettext("a fraction", "{n} working days") if self.is_working else pgettext("a fraction", "{n} days")

    def _count(self, number: int) -> str:
        if self.unit == "share":
            return ngettext("{n} percentage point", "{n} percentage points", number)
        if self.is_working:
            return ngettext("{n} working day", "{n} working days", number)
        return ngettext("{n} day", "{n} days", number)

    def _genitive(self, number: int) -> str:
        if number == 1:
            return {
                "share": pgettext("genitive of one", "{n} percentage point"),
                "working": pgettext("genitive of one", "{n} working day"),
                "days": pgettext("genitive of one", "{n} day"),
            }[self._noun()]
        if number % 10 == 1 and number % 100 != 11:
            return {
                "share": pgettext("genitive of twenty-one", "{n} percentage points"),
                "working": pgettext("genitive of twenty-one", "{n} working days"),
                "days": pgettext("genitive of twenty-one", "{n} days"),
            }[self._noun()]
        return {
            "share": pgettext("genitive of many", "{n} percentage points"),
            "working": pgettext("genitive of many", "{n} working days"),
            "days": pgettext("genitive of many", "{n} days"),
        }[self._noun()]

    def _noun(self) -> str:
        return "share" if self.unit == "share" else "working" if self.is_working else "days"


def amounts_of(estimand: Estimand) -> Amounts:
    """Return how amounts of an estimand's outcome are written."""
    if estimand.outcome is OutcomeKind.CASE_DURATION:
        return Amounts("days", estimand.clock is Clock.WORKING_DAYS)
    return Amounts("money" if estimand.outcome is OutcomeKind.COST else "share")


def amounts_for(effect: Effect, protocol: Protocol) -> Amounts:
    """Return how amounts of an effect's outcome are written."""
    return Amounts(effect.unit, amounts_of(protocol.estimand).is_working)


def write_days(days: float) -> str:
    """Write a large number of calendar days, such as a sum over many cases, in whole days."""
    number = round(abs(days))
    sign = "−" if days < 0 and number else ""
    text = ngettext("{n} day", "{n} days", number).format(n=format_count(number))
    return sign + text.replace(" ", NO_BREAK_SPACE)


def _is_not_nothing(text: str) -> bool:
    return any(letter in "123456789" for letter in text)


def _whole(text: str) -> int | None:
    """Return the number that a written text without decimals shows; None where it has decimals."""
    digits = "".join(letter for letter in text if letter.isdigit())
    return int(digits) if digits and not _has_decimals(text) else None


def _has_decimals(text: str) -> bool:
    mark = format_decimal(0.5)[1]
    return mark in text
