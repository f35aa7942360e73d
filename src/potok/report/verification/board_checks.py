"""Quality and honesty checks on the page for a board: a mark and a sentence each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.formats import format_share
from potok.report.verification.amounts import Amounts
from potok.report.verification.check_words import name_check
from potok.report.verification.quality_words import Mark, judge_quality
from potok.report.verification.quoting import quoted
from potok.report.verification.reasons import say_check
from potok.report.verification.words import write_share
from potok.verify.effect import CheckVerdict, Effect, HonestyCheck

_MOST_INDICATORS: Final = 6
_MOST_FAILED: Final = 3
_MOST_NAMES: Final = 5
_NOTHING: Final = 0.05


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A mark, what it is about, and a sentence."""

    mark: Mark
    title: str
    text: str


def quality_lines(effect: Effect) -> tuple[BoardLine, ...]:
    """Say of each declared indicator whether it was kept; those that were not stand first."""
    if not effect.quality:
        return (BoardLine(Mark.OPEN, _("No indicator declared"), _("whether quality held cannot be shown")),)
    order = {Mark.BAD: 0, Mark.OPEN: 1, Mark.GOOD: 2, Mark.LOOK: 3}
    judged = sorted(((judge_quality(one), one) for one in effect.quality), key=lambda pair: order[pair[0].mark])
    lines = [
        BoardLine(
            found.mark,
            one.name,
            _("{before} → {after}: {judgement}").format(
                before=write_share(one.before_share), after=write_share(one.after_share), judgement=found.sentence
            )
            if isfinite(one.before_share) and isfinite(one.after_share)
            else found.sentence,
        )
        for found, one in judged
    ]
    left = len(lines) - _MOST_INDICATORS
    if left > 0:
        more = ngettext(
            "{n} more indicator is in the auditor's report", "{n} more indicators are in the auditor's report", left
        )
        lines[_MOST_INDICATORS:] = [BoardLine(judged[_MOST_INDICATORS][0].mark, more.format(n=left), "")]
    return tuple(lines)


def check_lines(effect: Effect, amounts: Amounts) -> tuple[BoardLine, ...]:
    """Say how many honesty checks passed, which failed, and which ask for a look or could not be made."""
    if not effect.checks:
        return ()
    return tuple(_check_lines(effect, amounts))


def _check_lines(effect: Effect, amounts: Amounts) -> Iterator[BoardLine]:
    by_verdict = {verdict: [check for check in effect.checks if check.verdict is verdict] for verdict in CheckVerdict}
    passed, failed = by_verdict[CheckVerdict.PASSED], by_verdict[CheckVerdict.FAILED]
    said = _("{n} of {all} checks passed").format(n=len(passed), all=len(effect.checks))
    yield BoardLine(Mark.BAD if failed else Mark.GOOD, said, "")
    for check in failed[:_MOST_FAILED]:
        yield BoardLine(Mark.BAD, name_check(check.kind), say_seen(check, effect, amounts))
    if len(failed) > _MOST_FAILED:
        yield BoardLine(Mark.BAD, _("Also failed"), list_names(failed[_MOST_FAILED:]))
    if flagged := by_verdict[CheckVerdict.FLAGGED]:
        yield BoardLine(Mark.LOOK, _("To be looked at"), list_names(flagged))
    if untold := by_verdict[CheckVerdict.CANNOT_TELL]:
        yield BoardLine(Mark.OPEN, _("Could not be made"), list_names(untold))


def list_names(checks: Sequence[HonestyCheck], most: int = _MOST_NAMES) -> str:
    """List the names of checks; of many the first ones and how many more."""
    names = [quoted(name_check(check.kind)) for check in checks[:most]]
    left = len(checks) - len(names)
    return ", ".join(names) + (_(" and {n} more").format(n=left) if left > 0 else "")


def say_seen(check: HonestyCheck, effect: Effect, amounts: Amounts) -> str:
    """Say what a check saw, and in plain words what it leaves of the improvement, if any was measured.

    How much is left is said as a share: checks hold cases against cases, and their figure is not the page's.
    """
    said = say_check(check, amounts)
    gained, left = (float(check.arguments.get(name, nan)) for name in ("improvement", "undone"))
    if not isfinite(left) or not gained > 0:
        return said
    fact = said.partition(". ")[0].rstrip(".")
    if effect.estimate is not None and not effect.estimate.improvement.value > 0:
        return f"{fact}."
    if left / gained < _NOTHING:
        return _("{fact}. Without that nothing would be left of the improvement.").format(fact=fact)
    return _("{fact}. Without that {share} of the improvement would be left.").format(
        fact=fact, share=format_share(left / gained)
    )
