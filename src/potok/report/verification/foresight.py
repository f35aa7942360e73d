"""What a protocol can prove, and what was drawn: as lines and as JSON."""

from collections.abc import Iterator
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.report.formats import format_count, format_day, format_decimal, format_share
from potok.report.verification.amounts import Amounts, amounts_of
from potok.report.verification.reasons import say_reason
from potok.report.verification.words import write_level
from potok.verify.protocol.concerns import Concern, check_protocol
from potok.verify.protocol.drawing import SCHEME, Draw
from potok.verify.protocol.foresight import Foresight, MarginForesight
from potok.verify.protocol.model import Protocol

CHECK_SCHEMA: Final = "potok.protocol_check/1"
DRAW_SCHEMA: Final = "potok.protocol_draw/1"


def find_concerns(protocol: Protocol, foreseen: Foresight | None) -> tuple[Concern, ...]:
    """Return everything to know before the change: first what forbids `verified`."""
    found = (*check_protocol(protocol), *(foreseen.concerns if foreseen else ()))
    return tuple(sorted(found, key=lambda concern: not concern.is_fatal))


def check_lines(protocol: Protocol, foreseen: Foresight | None) -> Iterator[str]:
    """Yield what a protocol can and cannot prove, for reading."""
    yield protocol.name
    yield f"SHA-256: {protocol.sha256}"
    if foreseen is not None:
        yield ""
        yield from _foresight_lines(protocol, foreseen)
    concerns = find_concerns(protocol, foreseen)
    amounts = amounts_of(protocol.estimand)
    for is_fatal, heading in (
        (True, _("As things stand, the verdict cannot be “verified”:")),
        (False, _("To know beforehand:")),
    ):
        said = [say_reason(concern.reason, amounts) for concern in concerns if concern.is_fatal is is_fatal]
        if said:
            yield from ("", heading, *(f"  – {text}" for text in said))
    if not any(concern.is_fatal for concern in concerns):
        yield ""
        yield _("Nothing here forbids the verdict “verified”.")


def check_as_json(protocol: Protocol, foreseen: Foresight | None) -> dict[str, Any]:
    """Return the check of a protocol as JSON values; the texts are in the current language."""
    concerns, amounts = find_concerns(protocol, foreseen), amounts_of(protocol.estimand)
    return {
        "schema": CHECK_SCHEMA,
        "name": protocol.name,
        "sha256": protocol.sha256,
        "can_be_verified": not any(concern.is_fatal for concern in concerns),
        "concerns": [
            {
                "kind": concern.kind,
                "is_fatal": concern.is_fatal,
                "text": say_reason(concern.reason, amounts),
                "arguments": dict(concern.reason.arguments),
            }
            for concern in concerns
        ],
        "foresight": None if foreseen is None else _foresight_as_json(foreseen, amounts),
    }


def draw_lines(draw: Draw) -> Iterator[str]:
    """Yield a drawn order for reading, then as parts of a protocol."""
    for day in sorted({wave.on for wave in draw.waves}):
        names = "; ".join(wave.agency for wave in draw.waves if wave.on == day)
        yield f"{format_day(day)}  {names}"
    yield ""
    orders = ngettext("{n} possible order, each as likely.", "{n} possible orders, each as likely.", draw.assignments)
    yield orders.format(n=format_count(draw.assignments))
    digits = 3 if draw.smallest_p_value >= _SMALL else 6
    yield _("Smallest p-value: {p}.").format(p=format_decimal(draw.smallest_p_value, digits=digits))
    if not draw.is_enough:
        yield _("That is too few for a verdict “verified”: at least 40 are needed. Take in more agencies or waves.")
    yield ""
    for wave in draw.waves:
        yield f'[[change.waves]]\nagency = "{_escaped(wave.agency)}"\non = {wave.on.isoformat()}\n'
    yield '[comparison]\nkind = "waves"\nis_order_drawn = true'
    yield f"seed = {draw.seed}"
    if draw.strata:
        groups = ", ".join("[" + ", ".join(f'"{_escaped(one)}"' for one in group) + "]" for group in draw.strata)
        yield f"strata = [{groups}]"


def draw_as_json(draw: Draw) -> dict[str, Any]:
    """Return a drawn order as JSON values."""
    return {
        "schema": DRAW_SCHEMA,
        "scheme": SCHEME,
        "seed": draw.seed,
        "waves": [{"agency": wave.agency, "on": wave.on.isoformat()} for wave in draw.waves],
        "strata": [list(group) for group in draw.strata],
        "assignments": draw.assignments,
        "smallest_p_value": draw.smallest_p_value,
        "is_enough": draw.is_enough,
    }


def _foresight_lines(protocol: Protocol, foreseen: Foresight) -> Iterator[str]:
    amounts = amounts_of(protocol.estimand)
    for name, value in (
        (_("Whole months before the change"), format_count(foreseen.months_before)),
        (_("Cases a month"), format_decimal(foreseen.cases_a_month, digits=0)),
        (_("Cases expected before and after"), _sides(foreseen)),
        (_("Mean outcome before"), _level(foreseen, amounts)),
        (_("Improvement promised"), amounts.write(protocol.estimand.minimum_improvement)),
        (_("Improvement that would be verified with 80 % power"), _detectable(foreseen, amounts)),
    ):
        yield f"{name}: {value}"
    for margin in foreseen.margins:
        yield f"{margin.name}: {_margin_text(margin)}"


def _sides(foreseen: Foresight) -> str:
    return _("{before} and {after}").format(
        before=format_count(foreseen.expected_before), after=format_count(foreseen.expected_after)
    )


def _level(foreseen: Foresight, amounts: Amounts) -> str:
    return "–" if foreseen.mean_before is None else write_level(foreseen.mean_before, amounts)


def _detectable(foreseen: Foresight, amounts: Amounts) -> str:
    if foreseen.detectable is None:
        return "–"
    return _("about {amount}").format(amount=amounts.write(foreseen.detectable, is_genitive=True))


def _margin_text(margin: MarginForesight) -> str:
    if margin.needed_cases is None or margin.base_share is None:
        return _("unknown")
    return _("{base} before; a margin of {margin} takes {needed} cases per side, {expected} are expected").format(
        base=format_share(margin.base_share),
        margin=Amounts("share").write(margin.margin_share),
        needed=format_count(margin.needed_cases),
        expected=format_count(margin.expected_cases),
    )


def _foresight_as_json(foreseen: Foresight, amounts: Amounts) -> dict[str, Any]:
    return {
        "unit": amounts.unit,
        "months_before": foreseen.months_before,
        "cases_a_month": foreseen.cases_a_month,
        "expected_before": foreseen.expected_before,
        "expected_after": foreseen.expected_after,
        "mean_before": foreseen.mean_before,
        "standard_error": foreseen.standard_error,
        "detectable": foreseen.detectable,
        "margins": [
            {
                "name": margin.name,
                "margin_share": margin.margin_share,
                "base_share": margin.base_share,
                "needed_cases": margin.needed_cases,
                "expected_cases": margin.expected_cases,
                "is_provable": margin.is_provable,
            }
            for margin in foreseen.margins
        ],
    }


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_SMALL: Final = 0.001
