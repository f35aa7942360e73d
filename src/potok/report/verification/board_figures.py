"""The figures that a board sees at once; none is shown that the data do not bear."""

from collections.abc import Iterator
from math import isfinite

from potok.core.language import gettext as _
from potok.report.drawing.map_texts import count_cases
from potok.report.formats import format_count
from potok.report.sections.headline import KeyFigure
from potok.report.verification.amounts import Amounts, write_days
from potok.report.verification.words import write_level
from potok.verify.effect import Effect, EffectEstimate, Verdict
from potok.verify.protocol.model import Protocol


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
    title = _name_difference(effect, one.value)
    if one.value < 0:
        shown = (
            _("from {worse} worse to {better} better").format(
                worse=amounts.write(-one.lower, digits=digits, is_genitive=True),
                better=amounts.write(one.upper, digits=digits, is_genitive=True),
            )
            if one.upper > 0
            else ""
        )
    else:
        shown = amounts.write_range(one)
    return KeyFigure(title, value, "; ".join(filter(None, (shown, promised))))


def _name_difference(effect: Effect, value: float) -> str:
    """Name the figure: an improvement only where it is verified."""
    if effect.decision.verdict is Verdict.VERIFIED:
        return _("Improvement")
    return _("Measured improvement") if value >= 0 else _("Measured worsening")


def _levels(estimate: EffectEstimate, amounts: Amounts) -> KeyFigure:
    digits = amounts.digits([estimate.without, estimate.with_change])
    before = amounts.bare(estimate.without, digits=digits)
    if amounts.unit == "share":
        before = write_level(estimate.without, amounts)
    after = write_level(estimate.with_change, amounts, digits=digits)
    return KeyFigure(_("On average"), f"{before} → {after}", _("as it would have been → as it was"))


def _saved(effect: Effect) -> KeyFigure:
    saved = effect.days_saved
    title = _("Days saved for applicants")
    if saved is None or effect.decision.verdict is not Verdict.VERIFIED:
        return KeyFigure(title, _("not counted"), _("counted only for what is verified"))
    note = _("{lower} to {upper}; over all cases since the change").format(
        lower=format_count(round(saved.lower)), upper=format_count(round(saved.upper))
    )
    return KeyFigure(title, write_days(saved.value), note)


def _cases(estimate: EffectEstimate) -> KeyFigure:
    note = _("after the change; before it {before}").format(before=format_count(estimate.cases_before))
    if estimate.cases_compared:
        note += _(", elsewhere {compared}").format(compared=format_count(estimate.cases_compared))
    return KeyFigure(_("Looked at"), count_cases(estimate.cases_after), note)
