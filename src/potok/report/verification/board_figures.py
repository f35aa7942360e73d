"""The figures that a board sees at once; none is shown that the data do not bear."""

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Final

from potok.core.language import gettext as _
from potok.report.drawing.map_texts import count_cases
from potok.report.formats import format_count
from potok.report.sections.headline import KeyFigure
from potok.report.verification.amounts import Amounts, write_days
from potok.report.verification.words import write_level
from potok.verify.effect import Effect, EffectEstimate, Verdict
from potok.verify.protocol.model import Protocol

_DIGITS: Final = 3


def board_figures(effect: Effect, protocol: Protocol, amounts: Amounts) -> tuple[KeyFigure, ...]:
    """Return the improvement, the levels, the days saved and the cases."""
    return tuple(_figures(effect, protocol, amounts))


def _figures(effect: Effect, protocol: Protocol, amounts: Amounts) -> Iterator[KeyFigure]:
    estimate = effect.estimate
    yield _improvement(effect, protocol, amounts)
    if estimate is None:
        return
    if is_told(estimate):
        yield _levels(estimate, amounts)
    if effect.days_saved is not None:
        yield _saved(effect)
    yield _cases(estimate)


def is_told(estimate: EffectEstimate) -> bool:
    """Return whether the figure may be shown: its design fits the data."""
    return estimate.is_applicable and isfinite(estimate.improvement.value)


def _improvement(effect: Effect, protocol: Protocol, amounts: Amounts) -> KeyFigure:
    promised = _("promised: at least {amount}").format(
        amount=amounts.write(protocol.estimand.minimum_improvement, is_genitive=True)
    )
    estimate = effect.estimate
    if estimate is None or not is_told(estimate):
        return KeyFigure(
            _("Improvement"), _("not stated"), _("the data do not bear a figure; {promised}").format(promised=promised)
        )
    one = estimate.improvement
    digits = amounts.digits([one.value, one.lower, one.upper])
    value = amounts.write(abs(one.value), digits=digits)
    if one.lower <= 0 <= one.upper:
        sides = _("{amount} better") if one.value >= 0 else _("{amount} worse")
        shown = (
            _("may be chance: from {worse} worse to {better} better").format(
                worse=amounts.write(-one.lower, digits=digits, is_genitive=True),
                better=amounts.write(one.upper, digits=digits, is_genitive=True),
            )
            if isfinite(one.lower) and isfinite(one.upper)
            else _("may be chance")
        )
        return KeyFigure(_("Measured difference"), sides.format(amount=value), f"{shown}; {promised}")
    if one.value < 0:
        worse = replace(one, value=-one.value, lower=-one.upper, upper=-one.lower)
        return KeyFigure(_("Measured worsening"), value, f"{amounts.write_range(worse)}; {promised}")
    # An improvement is only what is verified.
    title = _("Improvement") if effect.decision.verdict is Verdict.VERIFIED else _("Measured improvement")
    return KeyFigure(title, value, f"{amounts.write_range(one)}; {promised}")


def _levels(estimate: EffectEstimate, amounts: Amounts) -> KeyFigure:
    note, levels = _("as it would have been → as it was"), (estimate.without, estimate.with_change)
    if amounts.unit == "share":
        before, after = (write_level(level, amounts) for level in levels)
        return KeyFigure(_("On average"), f"{before} → {after}", note)
    digits = _fitting_digits(estimate, amounts)
    before, after = (amounts.bare(level, digits=digits) for level in levels)
    if amounts.unit == "days":
        title = _("On average, in working days") if amounts.is_working else _("On average, in days")
        return KeyFigure(title, f"{before} → {after}", note)
    return KeyFigure(_("On average"), f"{before} → {write_level(estimate.with_change, amounts, digits=digits)}", note)


def _fitting_digits(estimate: EffectEstimate, amounts: Amounts) -> int:
    """Return with how many decimals the levels, as written, differ by the improvement, as it is written beside them."""
    one, levels = estimate.improvement, (estimate.without, estimate.with_change)
    shown = amounts.digits([one.value, one.lower, one.upper])
    least = amounts.digits(levels)
    for digits in range(least, least + 2):
        before, after = (round(level, digits) for level in levels)
        if round(abs(before - after), shown) == round(abs(one.value), shown):
            return digits
    return least


def _saved(effect: Effect) -> KeyFigure:
    saved = effect.days_saved
    title = _("Days saved for applicants")
    if saved is None or effect.decision.verdict is not Verdict.VERIFIED:
        return KeyFigure(title, _("not counted"), _("counted only for what is verified"))
    whom = _over_whom(effect.estimate)
    if not isfinite(saved.lower) or not isfinite(saved.upper):
        return KeyFigure(title, write_days(_rounded(saved.value)), whom)
    note = _("{lower} to {upper}; {whom}").format(
        lower=format_count(_rounded(saved.lower)), upper=format_count(_rounded(saved.upper)), whom=whom
    )
    return KeyFigure(title, write_days(_rounded(saved.value)), note)


def _over_whom(estimate: EffectEstimate | None) -> str:
    """Say over which cases days are summed: those of months in which nobody was left to compare with are not."""
    if estimate is None or not estimate.cases_alone:
        return _("over all cases since the change")
    return _("over those since the change that could be compared")


def _rounded(days: float) -> int:
    """Return a sum to three digits: more would look as if it were known."""
    spare = max(len(str(abs(round(days)))) - _DIGITS, 0)
    return int(round(days, -spare))


def _cases(estimate: EffectEstimate) -> KeyFigure:
    note = _("after the change; before it {before}").format(before=format_count(estimate.cases_before))
    if estimate.cases_compared:
        note += _(", elsewhere {compared}").format(compared=format_count(estimate.cases_compared))
    return KeyFigure(_("Looked at"), count_cases(estimate.cases_after), note)
