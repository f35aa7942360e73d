"""Whether a verified effect lasts.

The effect is estimated again 3, 6 and 12 months after the look, on the cases that opened since: the months that gave
the verdict take no part. With E the verified improvement and [L, U] the interval on the later cases, U < E/2 is
`eroded`, L ≥ E/2 is `persists`, anything else is postponed. Where every agency has changed by then, nobody is left to
compare with: each agency is held against its own past, and the answer is labelled as being without contemporary
control.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, local_date
from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.engine.base import Engine
from potok.inference.estimate import Estimate
from potok.inference.interrupted_series import TooFewMonthsError, estimate_interruption
from potok.inference.randomisation import NoContrastError
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.verify.arms import assign_arms
from potok.verify.designs import DesignChoice, propose_design
from potok.verify.designs.answers import as_improvement, sign_of
from potok.verify.designs.pooled import pool_series
from potok.verify.designs.staggered import staggering
from potok.verify.effect import Design, Verdict
from potok.verify.effect_json import SCHEMA as EFFECT_SCHEMA
from potok.verify.effect_json import is_untouched
from potok.verify.outcomes import read_study
from potok.verify.panel import make_panel
from potok.verify.protocol.canonical import protocol_sha256
from potok.verify.protocol.model import Protocol
from potok.verify.study import UNKNOWN, Panel

LATER_MONTHS: Final = (3, 6, 12)
HELD_SHARE: Final = 0.5
CONFIDENCE: Final = 0.95


class TouchedEffectError(BadDataError):
    """An effect whose content is not what its hash was made of."""

    code = "POTOK-V095"
    exit_code = 4


class NoEffectError(BadDataError):
    """A file that should hold an effect and does not."""

    code = "POTOK-V097"


class OtherProtocolError(UsageError):
    """An effect of another protocol, or one that was not verified."""

    code = "POTOK-V096"


class Lasting(StrEnum):
    """Whether the effect lasts."""

    PERSISTS = "persists"
    ERODED = "eroded"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Persistence:
    """The effect on later cases.

    Parameters
    ----------
    months
        How many months after the look.
    lasting
        The answer.
    improvement
        On the cases that opened since the look; None where there are none yet, or nothing can be estimated.
    cases
        How many these are.
    is_compared
        Whether other agencies that had not changed stood beside them.
    """

    months: int
    lasting: Lasting
    improvement: Estimate | None
    cases: int
    is_compared: bool


def read_effect(path: Path) -> dict[str, Any]:
    """Read an effect from its JSON.

    Raises
    ------
    NoEffectError
        If the file cannot be read or holds something else.
    """
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _no_effect(path) from error
    if not isinstance(record, dict) or record.get("schema") != EFFECT_SCHEMA:
        raise _no_effect(path)
    return record


def _no_effect(path: Path) -> "NoEffectError":
    return NoEffectError(
        _("The file holds no effect."),
        where=str(path),
        remedy=_("Give the file that potok verify --json wrote."),
    )


def persist_stores(
    stores: Sequence[LogStore],
    protocol: Protocol,
    effect: Mapping[str, Any],
    *,
    looked_on: date | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> tuple[Persistence, ...]:
    """Estimate a verified effect again from later logs.

    Parameters
    ----------
    effect
        The verdict's `potok.effect/1`.
    looked_on
        As of which day; the logs' last day by default.
    calendar
        Of working days, where the protocol's clock runs in them.

    Raises
    ------
    TouchedEffectError
        If the effect's content is not what its hash was made of.
    OtherProtocolError
        If the effect is of another protocol, or was not verified.
    """
    _check(protocol, effect)
    last = local_date(load_zone(zone_of(stores[0])), min(store.extracted_us for store in stores) - 1)
    study = read_study(stores, protocol, looked_on=looked_on or last, calendar=calendar, engine=engine)
    panel = make_panel(study, assign_arms(study, protocol, calendar=calendar))
    year, month = map(int, str(effect["months"]["last"]).split("-"))
    return judge_persistence(
        panel,
        protocol,
        verified=float(effect["estimate"]["improvement"]["value"]),
        verified_until=date(year + month // 12, month % 12 + 1, 1),
        choice=propose_design(panel, protocol),
    )


def _check(protocol: Protocol, effect: Mapping[str, Any]) -> None:
    if not is_untouched(effect):
        raise TouchedEffectError(
            _("The effect's content is not what its hash was made of."),
            where="effect_sha256",
            remedy=_("Verify again, and keep the file as it was written."),
        )
    if effect["protocol"]["sha256"] != protocol_sha256(protocol) or effect["verdict"] != Verdict.VERIFIED.value:
        raise OtherProtocolError(
            _("The effect was not verified under this protocol."),
            where="protocol",
            remedy=_("Give the effect that was verified, with its own protocol."),
        )


def judge_persistence(
    panel: Panel, protocol: Protocol, *, verified: float, verified_until: date, choice: DesignChoice
) -> tuple[Persistence, ...]:
    """Estimate a verified effect again on later cases.

    Parameters
    ----------
    panel
        As of a later day than the verdict's.
    verified
        The verified improvement, in the outcome's unit, above zero.
    verified_until
        First day of the month after the last one that took part in the verdict.
    choice
        The verdict's design.
    """
    return tuple(_judge(panel, protocol, verified, verified_until, choice, months) for months in LATER_MONTHS)


def _judge(
    panel: Panel, protocol: Protocol, verified: float, since: date, choice: DesignChoice, months: int
) -> Persistence:
    first = sum(month < since for month in panel.months)
    later = _only(panel, first, first + months)
    rows = later.first_changed >= 0
    cases = int(later.cases[rows, first:].sum()) if rows.any() else 0
    is_whole = len(panel.months) >= first + months
    improvement, is_compared = _improve(later, protocol, choice) if cases and is_whole else (None, False)
    return Persistence(months, _lasting(improvement, verified), improvement, cases, is_compared)


def _lasting(improvement: Estimate | None, verified: float) -> Lasting:
    if improvement is None:
        return Lasting.POSTPONED
    if improvement.upper < HELD_SHARE * verified:
        return Lasting.ERODED
    return Lasting.PERSISTS if improvement.lower >= HELD_SHARE * verified else Lasting.POSTPONED


def _only(panel: Panel, first: int, until: int) -> Panel:
    """Return the months before the change, and of those after it only the later ones."""
    place = np.arange(len(panel.months))
    changed = panel.first_changed[:, None]
    is_dropped = (changed != UNKNOWN) & (place >= changed) & (place < first)
    kept = slice(0, until)
    return replace(
        panel,
        months=panel.months[kept],
        mean=np.where(is_dropped, np.nan, panel.mean)[:, kept],
        cases=np.where(is_dropped, 0, panel.cases)[:, kept],
        variance=np.where(is_dropped, np.nan, panel.variance)[:, kept],
    )


def _improve(later: Panel, protocol: Protocol, choice: DesignChoice) -> tuple[Estimate | None, bool]:
    """Return the improvement, and whether somebody was compared."""
    sign = sign_of(protocol)
    if choice.design is not Design.INTERRUPTED_SERIES:
        try:
            found = staggering(later, choice).randomise(later, confidence=CONFIDENCE)
        except NoContrastError:
            pass
        else:
            return as_improvement(found.effect, sign), True
    parts = list(_own_pasts(later))
    return (as_improvement(_mean(parts), sign), False) if parts else (None, False)


def _own_pasts(later: Panel) -> Iterator[tuple[int, Estimate, float]]:
    """Yield the later cases, the effect and the degrees of freedom of each agency held against its own past."""
    for row in np.flatnonzero(later.first_changed >= 0).tolist():
        one = replace(
            later,
            agencies=(later.agencies[row],),
            mean=later.mean[[row]],
            cases=later.cases[[row]],
            variance=later.variance[[row]],
            first_changed=later.first_changed[[row]],
            change_month=later.change_month[[row]],
        )
        series = pool_series(one)
        try:
            fitted = estimate_interruption(
                series.mean, is_after=series.is_after, variances=series.variance, season_months=series.season_months
            )
        except TooFewMonthsError:
            continue
        yield int(series.cases[series.is_after].sum()), fitted.effect, fitted.degrees


def _mean(parts: list[tuple[int, Estimate, float]]) -> Estimate:
    """Average effects by cases; the reach is Student's with the fewest degrees of any part."""
    from scipy.stats import t

    weights = np.asarray([cases for cases, _effect, _degrees in parts], np.float64)
    weights /= weights.sum()
    value = float(sum(weight * effect.value for weight, (_cases, effect, _degrees) in zip(weights, parts, strict=True)))
    squares = [
        (weight * effect.standard_error) ** 2 for weight, (_cases, effect, _degrees) in zip(weights, parts, strict=True)
    ]
    error = float(np.sqrt(sum(squares)))
    reach = float(t.ppf((1 + CONFIDENCE) / 2, min(degrees for _cases, _effect, degrees in parts))) * error
    return Estimate(value, value - reach, value + reach, error, CONFIDENCE)
