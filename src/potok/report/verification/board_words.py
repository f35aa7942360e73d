"""What a verification says to people who are not statisticians."""

from collections.abc import Iterator
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.formats import format_count
from potok.report.verification.amounts import Amounts
from potok.report.verification.board_checks import list_names
from potok.report.verification.quoting import quoted
from potok.report.verification.reasons import say_check, say_reason
from potok.report.verification.words import name_verdict, write_share
from potok.verify.designs.choice import FEW_ASSIGNMENTS
from potok.verify.effect import CheckVerdict, Design, Effect, EffectEstimate, Reason, Verdict
from potok.verify.protocol.model import Direction, Estimand, OutcomeKind, Protocol

_MOST_REASONS: Final = 2
_MOST_STEPS: Final = 4
_OF_TRENDS: Final = ("pre_trend", "placebo_in_time", "parallel_trends")


def say_verdict(effect: Effect, protocol: Protocol, amounts: Amounts) -> str:
    """Say the verdict in one plain sentence."""
    verdict = effect.decision.verdict
    name = name_verdict(verdict)
    if verdict is Verdict.VERIFIED and effect.estimate is not None:
        return f"{name}: {_say_improvement(effect.estimate, protocol.estimand, amounts)}"
    if verdict is Verdict.HARM_TO_QUALITY:
        return f"{name}: {_say_harm(effect)}"
    first = next(iter(_plain_reasons(effect, amounts)), "")
    return f"{name}. {first}" if first else f"{name}."


def _say_improvement(estimate: EffectEstimate, estimand: Estimand, amounts: Amounts) -> str:
    one = estimate.improvement
    digits = amounts.digits([one.value, one.lower, one.upper])
    amount = amounts.write(one.value, digits=digits)
    is_lower = estimand.direction is Direction.LOWER_IS_BETTER
    match estimand.outcome:
        case OutcomeKind.CASE_DURATION if is_lower:
            template = _("a case takes {amount} less than it would have taken without the change.")
        case OutcomeKind.WITHIN_TERM_SHARE if not is_lower:
            template = _("the share of cases closed in time is {amount} higher than without the change.")
        case OutcomeKind.FIRST_TIME_THROUGH_SHARE if not is_lower:
            template = _("the share of cases closed without a return is {amount} higher than without the change.")
        case OutcomeKind.COST if is_lower:
            template = _("a case costs {amount} less than it would have cost without the change.")
        case OutcomeKind.ATTRIBUTE_SHARE:
            return _attribute_template(is_lower=is_lower).format(value=quoted(estimand.value), amount=amount)
        case _:
            template = _("the indicator is {amount} better than it would have been without the change.")
    return template.format(amount=amount)


def _attribute_template(*, is_lower: bool) -> str:
    if is_lower:
        return _("the share of cases marked {value} is {amount} lower than without the change.")
    return _("the share of cases marked {value} is {amount} higher than without the change.")


def _say_harm(effect: Effect) -> str:
    harmed = [one for one in effect.quality if one.lower_adjusted > 0 and one.harm.upper >= one.margin_share]
    if effect.estimate is not None and effect.estimate.design is not Design.INTERRUPTED_SERIES:
        # Against other agencies shares may stand still where they fell elsewhere.
        points = Amounts("share")
        net = _("{name} – by {amount} against what it would have been")
        return "; ".join(net.format(name=quoted(one.name), amount=points.write(one.harm.value)) for one in harmed) + "."
    said = [
        _("{name} – from {before} to {after}").format(
            name=quoted(one.name), before=write_share(one.before_share), after=write_share(one.after_share)
        )
        for one in harmed
    ]
    return "; ".join(said) + "."


def say_why(effect: Effect, amounts: Amounts, *, most: int = _MOST_REASONS) -> tuple[str, ...]:
    """Say further reasons, those that the verdict's sentence has not said.

    Parameters
    ----------
    most
        How many; of others it is said how many they are.
    """
    verdict = effect.decision.verdict
    if verdict is Verdict.VERIFIED:
        return ()
    if verdict is Verdict.HARM_TO_QUALITY:
        return (_("Faster work does not make up for it: what is worse for people is not counted as a success."),)
    said = [*_plain_reasons(effect, amounts)][1:]
    left = len(said) - most
    if left > 0:
        more = ngettext(
            "{n} more reason is in the auditor's report.", "{n} more reasons are in the auditor's report.", left
        )
        return (*said[:most], more.format(n=left))
    return tuple(said)


def _plain_reasons(effect: Effect, amounts: Amounts) -> Iterator[str]:
    """Say the reasons of the verdict, without the words of statistics, each once."""
    seen: set[str] = set()
    for reason in effect.decision.reasons:
        said = _say_plainly(effect, reason, amounts)
        if said not in seen:
            seen.add(said)
            yield said


def _say_plainly(effect: Effect, reason: Reason, amounts: Amounts) -> str:
    if reason.text == FEW_ASSIGNMENTS:
        return _("There is too little to compare with: the change cannot be told from chance.")
    failed = next((check for check in effect.diagnostics if check.kind == reason.arguments.get("check")), None)
    if failed is not None and failed.kind in _OF_TRENDS:
        return _(
            "What the figure was compared with does not hold: the figures had been drifting apart before the change."
        )
    return say_reason(reason, amounts) if failed is None else say_check(failed, amounts)


def say_unsaid(effect: Effect, protocol: Protocol) -> tuple[str, ...]:
    """Say what nobody should read out of the page."""
    return tuple(_unsaid(effect, protocol))


def _unsaid(effect: Effect, protocol: Protocol) -> Iterator[str]:
    if effect.decision.verdict is Verdict.VERIFIED:
        yield _("Whether it lasts: only later months will tell.")
    yield _("Whether the same would happen elsewhere: it was seen in these agencies and services only.")
    if effect.quality:
        yield _("Whether anything else worsened: only the quality listed here was looked at.")
    if effect.estimate is not None and effect.estimate.design is Design.INTERRUPTED_SERIES:
        yield _("Whether something else of the same months took part: there were no other agencies to compare with.")
    if protocol.declarations.parallel_projects:
        yield _("Which part other projects of the same time had in it: {projects}.").format(
            projects="; ".join(protocol.declarations.parallel_projects)
        )


def say_next(effect: Effect, amounts: Amounts) -> tuple[str, ...]:
    """Say what to do next."""
    return tuple(dict.fromkeys(_next_steps(effect, amounts)))[:_MOST_STEPS]


def _next_steps(effect: Effect, amounts: Amounts) -> Iterator[str]:
    if effect.unreviewed_sentinels and effect.decision.verdict is not Verdict.CANNOT_TELL_YET:
        number = len(effect.unreviewed_sentinels)
        said = ngettext("Have {n} grave event reviewed.", "Have {n} grave events reviewed.", number)
        yield said.format(n=format_count(number))
    for remedy in effect.decision.remedies:
        yield say_reason(remedy, amounts)
    flagged = [check for check in effect.checks if check.verdict is CheckVerdict.FLAGGED]
    if with_cases := [check for check in flagged if check.case_ids]:
        yield _("Look at the cases behind: {checks}.").format(checks=list_names(with_cases, 3))
    if others := [check for check in flagged if not check.case_ids]:
        yield _("Find out what is behind: {checks}.").format(checks=list_names(others, 3))
    match effect.decision.verdict:
        case Verdict.VERIFIED:
            yield _("Verify again on the cases of later months, after 3, 6 and 12 months.")
            yield _("Keep the new way of work, and offer it to other agencies as a trial with a protocol of their own.")
        case Verdict.CANNOT_TELL_YET:
            yield _("Until then announce nothing.")
        case _:
            yield _("Announce no success.")
