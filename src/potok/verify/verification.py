"""The whole road of a verification: from log stores and a protocol to an effect with its verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from potok import __version__
from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, local_date
from potok.core.language import mark
from potok.engine.base import Engine
from potok.inference.estimate import Estimate
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.verify.arms import NEVER_US, assign_arms
from potok.verify.checks import check_honesty
from potok.verify.decision import REWRITTEN, Evidence, decide
from potok.verify.designs import DesignChoice, estimate_effect, propose_design
from potok.verify.designs.answers import mean_after
from potok.verify.designs.case_mix import adjust_case_mix
from potok.verify.designs.further import Evaluated
from potok.verify.diagnostics import diagnose
from potok.verify.effect import Design, Effect, EffectEstimate, Reason, SecondOpinion
from potok.verify.following import follow_arms
from potok.verify.outcomes import outcome_values, read_study
from potok.verify.outcomes.values import OutcomeValues
from potok.verify.panel import make_panel
from potok.verify.population import check_population
from potok.verify.protocol.canonical import is_registered, protocol_sha256
from potok.verify.protocol.model import LookKind, OutcomeKind, Protocol
from potok.verify.quality import estimate_quality
from potok.verify.sentinels import unreviewed
from potok.verify.study import Arms, Panel, Side, Study
from potok.verify.unmeasured import opinions_with_e_values, with_e_value

UNIT_OF_OUTCOME = {OutcomeKind.CASE_DURATION: "days", OutcomeKind.COST: "money"}


@dataclass(frozen=True, slots=True)
class Verification:
    """An effect, and what it was made of: what pages draw and an auditor recounts.

    Parameters
    ----------
    effect
        The result.
    protocol, study, arms, panel, choice
        What it rests on.
    bands
        Limits of the effect's periods that hold for all of them at once; empty where there are none.
    """

    effect: Effect
    protocol: Protocol
    study: Study
    arms: Arms
    panel: Panel
    choice: DesignChoice
    bands: tuple[Estimate, ...] = ()


def verify_stores(
    stores: Sequence[LogStore],
    protocol: Protocol,
    *,
    decided_on: date | None = None,
    design: Design | None = None,
    calendar: Calendar | None = None,
    registered_sha256: str | None = None,
    engine: Engine | None = None,
) -> Verification:
    """Verify a project from log stores.

    Parameters
    ----------
    decided_on
        The day on which the verdict is given; the logs' last day by default.
    design
        Another design than the rules propose: shown, and never a ground for `verified`.
    calendar
        Of working days, where the protocol's clock runs in them.
    registered_sha256
        Hash of the protocol as it was registered, from where it is kept; a protocol that promises something else now
        can never give `verified`.

    Notes
    -----
    With a fixed look the logs are read as of that day, whatever came after it; otherwise as of the day of the verdict.
    """
    extracted_us = min(store.extracted_us for store in stores)
    last = local_date(load_zone(zone_of(stores[0])), extracted_us - 1)
    today = decided_on or last
    asked = protocol.look.on if protocol.look.kind is LookKind.FIXED else min(today, protocol.look.last_on)
    study = read_study(stores, protocol, looked_on=min(asked, today), calendar=calendar, engine=engine)
    return verify_study(
        study, protocol, decided_on=today, design=design, calendar=calendar, registered_sha256=registered_sha256
    )


def verify_study(
    study: Study,
    protocol: Protocol,
    *,
    decided_on: date | None = None,
    design: Design | None = None,
    calendar: Calendar | None = None,
    registered_sha256: str | None = None,
) -> Verification:
    """Verify a project from cases already read; see `verify_stores`."""
    looked_on = local_date(load_zone(study.zone), study.look_us - 1)
    arms = assign_arms(study, protocol, calendar=calendar)
    panel = make_panel(study, arms)
    choice = propose_design(panel, protocol)
    asked = choice if design is None else choice.overruled(design)
    answer = estimate_effect(study, arms, panel, protocol, choice=asked)
    values = outcome_values(study, protocol, calendar=calendar)
    evaluated = Evaluated(study, arms, panel, protocol, asked, values)
    estimated = mean_after(panel)[1] if answer.estimate is None else answer.estimate.cases_after
    missing = tuple(_missing(study, arms, panel, protocol, looked_on, estimated=estimated))
    if answer.estimate is None:
        missing += tuple(map(Reason, asked.limits))
    quality = estimate_quality(study, arms, protocol, differences=answer.differences)
    checks = check_honesty(study, arms, protocol, panel)
    diagnostics = (check_population(study, arms, protocol), *diagnose(panel, protocol, answer=answer, choice=asked))
    evidence = Evidence(
        estimate=answer.estimate,
        minimum_improvement=protocol.estimand.minimum_improvement,
        quality=quality,
        checks=checks,
        diagnostics=diagnostics,
        unreviewed_sentinels=unreviewed(study, arms, protocol),
        is_late=protocol.is_late,
        is_outcome_changed=False,
        is_overruled=asked is not choice,
        is_closed_only=arms.is_closed_only,
        is_look_over=protocol.look.kind is LookKind.FIXED and looked_on >= protocol.look.on,
        missing=missing,
        decided_on=decided_on or looked_on,
        last_on=protocol.look.last_on,
        is_rewritten=registered_sha256 is not None and not is_registered(protocol, registered_sha256),
    )
    effect = Effect(
        protocol_name=protocol.name,
        protocol_sha256=protocol_sha256(protocol),
        looked_on=looked_on,
        decided_on=evidence.decided_on,
        is_late=protocol.is_late,
        deviations=tuple(_deviations(protocol, evidence, looked_on)),
        decision=decide(evidence),
        estimate=None if answer.estimate is None else with_e_value(answer.estimate, arms, protocol),
        unit=UNIT_OF_OUTCOME.get(protocol.estimand.outcome, "share"),
        second_opinions=(
            *answer.second_opinions,
            *_without_stops(study, arms, protocol, values=values, choice=asked),
            *_further(evaluated, answer.estimate),
        ),
        quality=quality,
        checks=checks,
        diagnostics=diagnostics,
        unreviewed_sentinels=evidence.unreviewed_sentinels,
        days_saved=_days_saved(answer.estimate, protocol),
        sources=tuple(sorted(source.content_sha256 for source in study.sources)),
        code_version=__version__,
        ratio=None if answer.estimate is None else evaluated.ratio(),
        follow_up=follow_arms(study, arms, protocol, values=values),
        registered_sha256=registered_sha256,
    )
    return Verification(effect, protocol, study, arms, panel, asked, answer.bands)


def _without_stops(
    study: Study, arms: Arms, protocol: Protocol, *, values: OutcomeValues, choice: DesignChoice
) -> Iterator[SecondOpinion]:
    """Yield the same estimate of times without the declared clock stops."""
    if not protocol.declarations.clock_stop_activities or protocol.estimand.outcome is not OutcomeKind.CASE_DURATION:
        return
    running = replace(arms, outcome=values.without_stops)
    found = estimate_effect(study, running, make_panel(study, running), protocol, choice=choice).estimate
    if found is not None:
        yield SecondOpinion("without_clock_stops", found.improvement, _WITHOUT_STOPS)


def _further(evaluated: Evaluated, estimate: EffectEstimate | None) -> tuple[SecondOpinion, ...]:
    """Return what other figures and cases say; without an estimate, cases alone."""
    if estimate is None:
        return tuple(adjust_case_mix(evaluated.study, evaluated.arms, evaluated.protocol))
    return opinions_with_e_values(
        tuple(evaluated.opinions()), evaluated.arms, evaluated.protocol, with_change=estimate.with_change
    )


def _missing(
    study: Study, arms: Arms, panel: Panel, protocol: Protocol, looked_on: date, *, estimated: int
) -> Iterator[Reason]:
    """Say why the question cannot be answered yet, and when it could be."""
    look = protocol.look
    if looked_on < look.on:
        yield Reason(_TOO_EARLY, {"looked_on": looked_on.isoformat(), "on": look.on.isoformat()})
    if any(source.extraction is ExtractionKind.UNKNOWN for source in study.sources):
        yield Reason(_UNSTATED)
    agencies = set(study.cases.agency.labels)
    for wave in protocol.change.waves:
        if wave.agency not in agencies:
            yield Reason(_NO_AGENCY, {"agency": wave.agency})
    for agency in _lost_controls(study, arms, protocol):
        yield Reason(_NO_CONTROL, {"agency": agency})
    after = int((arms.side == Side.AFTER).sum())
    if not after:
        first = min(wave.on for wave in protocol.change.waves)
        estimand = protocol.estimand
        possible = first + timedelta(days=estimand.transition_after_days + int(estimand.horizon_days) + 1)
        yield Reason(_NO_AFTER, {"on": possible.isoformat()})
    elif estimated < look.minimum_cases:
        yield Reason(_FEW_CASES, {"cases": estimated, "minimum": look.minimum_cases})
    if not (arms.side == Side.BEFORE).any():
        yield Reason(_NO_BEFORE)
    if after:
        yield from _missing_months(panel, protocol)


def _missing_months(panel: Panel, protocol: Protocol) -> Iterator[Reason]:
    """Name the agencies that were not followed for so many months as the protocol wants, and one month at the least."""
    minimum, waves = max(protocol.look.minimum_months, 1), protocol.change.waves
    for wave in waves:
        months = _months_after(panel, wave.agency)
        if months >= minimum:
            continue
        if len(waves) == 1:
            yield Reason(_FEW_MONTHS, {"months": months, "minimum": minimum})
        else:
            yield Reason(_FEW_MONTHS_OF, {"agency": wave.agency, "months": months, "minimum": minimum})


def _months_after(panel: Panel, agency: str) -> int:
    """Return the months with cases after the change of an agency; none where no whole month was followed."""
    if agency not in panel.agencies:
        return 0
    row = panel.agencies.index(agency)
    first = int(panel.first_changed[row])
    return 0 if first < 0 else int((panel.cases[row, first:] > 0).sum())


def _lost_controls(study: Study, arms: Arms, protocol: Protocol) -> Iterator[str]:
    """Return the named agencies to compare with that have no cases from the first change on."""
    first_us = int(arms.change_us.min(initial=NEVER_US))
    is_there = arms.takes_part & (study.cases.opened_us >= first_us)
    present = {study.cases.agency.labels[code] for code in np.unique(study.cases.agency.codes[is_there]).tolist()}
    if first_us != NEVER_US and is_there.any():
        yield from (agency for agency in protocol.comparison.controls if agency not in present)


def _deviations(protocol: Protocol, evidence: Evidence, looked_on: date) -> Iterator[Reason]:
    if protocol.is_late:
        first = min(wave.on for wave in protocol.change.waves)
        yield Reason(_LATE, {"registered_on": protocol.registered_on.isoformat(), "on": first.isoformat()})
    if evidence.is_rewritten:
        yield Reason(REWRITTEN)
    if evidence.is_overruled:
        yield Reason(_OVERRULED)
    if evidence.decided_on > protocol.look.last_on:
        yield Reason(_AFTER_LAST, {"decided_on": evidence.decided_on.isoformat()})
    if looked_on < protocol.look.on:
        yield Reason(_BEFORE_LOOK, {"looked_on": looked_on.isoformat()})


def _days_saved(estimate: EffectEstimate | None, protocol: Protocol) -> Estimate | None:
    if estimate is None or protocol.estimand.outcome is not OutcomeKind.CASE_DURATION:
        return None
    one, cases = estimate.improvement, estimate.cases_after
    return Estimate(one.value * cases, one.lower * cases, one.upper * cases, one.standard_error * cases, one.confidence)


_WITHOUT_STOPS = mark("The same, of times without the declared clock stops.")
_TOO_EARLY = mark("The logs reach {looked_on:date}; the protocol fixes the look on {on:date}.")
_UNSTATED = mark(
    "It is not stated how the cases of a log were chosen. A log of closed cases lacks the slow ones of late months; "
    "say when importing what yours holds: --extraction opened, active or closed."
)
_NO_AGENCY = mark("No log holds cases of «{agency}», which the protocol says changes.")
_NO_AFTER = mark(
    "No case opened after the change has been followed for the whole horizon; from {on:date} on there can be."
)
_FEW_CASES = mark("{cases} cases after the change, the protocol wants {minimum}.")
_NO_BEFORE = mark("No case opened before the change: there is nothing to compare with.")
_FEW_MONTHS = mark("{months} months of openings after the change, the protocol wants {minimum}.")
_FEW_MONTHS_OF = mark("{agency}: {months} months of openings after the change, the protocol wants {minimum}.")
_NO_CONTROL = mark(
    "No case of «{agency}» after the change can be compared, though the protocol names it to compare with."
)
_LATE = mark("Registered on {registered_on:date}, the change began on {on:date}.")
_OVERRULED = mark("Another design was asked for than the rules propose.")
_AFTER_LAST = mark("The verdict is given on {decided_on:date}, after the protocol's last day.")
_BEFORE_LOOK = mark("The logs end on {looked_on:date}, before the day fixed for the look.")
