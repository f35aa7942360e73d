"""Superfluous steps as tables and as JSON."""

from collections.abc import Callable
from typing import Any, Final

from potok.core.finding import Finding
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.diagnose.superfluous.continuation import InformationGate, ReactionGate
from potok.diagnose.superfluous.findings import finding_of
from potok.diagnose.superfluous.legal import LegalGate
from potok.diagnose.superfluous.quality import QualityGate, QualityTest, SkippersGate
from potok.diagnose.superfluous.reasons import REASONS, Reason, Verdict
from potok.diagnose.superfluous.steps import Step, Superfluous
from potok.diagnose.superfluous.verdicts import Gates, skipper_doubts
from potok.inference.estimate import Estimate
from potok.inference.noninferiority import NonInferiority
from potok.inference.power import SampleSize
from potok.inference.proportions import RateBound
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.formats import compose, format_count, format_decimal, format_duration, format_share
from potok.report.tables import Table

SCHEMA: Final = "potok.superfluous/1"
_SHARES: Final = frozenset({"at_most", "rate", "lower", "upper", "share", "outside", "harm"})
_DURATIONS: Final = frozenset({"own", "later"})
_COUNTS: Final = frozenset({"runs", "altered"})
_MONTH_DAYS: Final = 30.44


def name_verdict(step: Step) -> str:
    """Name the verdict on a step, with what it needs or what binds it."""
    judgement = step.judgement
    if judgement.verdict is Verdict.PILOT_FIRST:
        if judgement.trial is None:
            return _("pilot first (n needed depends on the margin)")
        return _("pilot first ({n} cases needed)").format(n=format_count(judgement.trial.total))
    if judgement.verdict is Verdict.BOUND_BY_LAW:
        return _("bound by law (amend {articles})").format(articles="; ".join(step.gates.legal.articles))
    return verdict_text(judgement.verdict)


def verdict_text(verdict: Verdict) -> str:
    """Name a verdict."""
    return {
        Verdict.REMOVAL_CANDIDATE: _("removal candidate"),
        Verdict.MOVE_LATER: _("move later"),
        Verdict.CHECK_BY_RISK: _("check by risk"),
        Verdict.KEEP: _("keep"),
        Verdict.PILOT_FIRST: _("pilot first"),
        Verdict.BOUND_BY_LAW: _("bound by law"),
        Verdict.CANNOT_TELL: _("cannot tell"),
    }[verdict]


def reason_text(reason: Reason) -> str:
    """Write a reason as a sentence with its figures."""
    values = {name: _figure(name, value) for name, value in reason.figures}
    return compose(_(REASONS[reason.key]), names=", ".join(map(_name, reason.names)), **values)


def _name(name: str) -> str:
    return {"fraud": _("fraud"), "safety": _("safety"), "rights": _("rights"), "deterrence": _("deterrence")}.get(
        name, name
    )


def _figure(name: str, value: float) -> str:
    if name in _SHARES:
        return ("−" if value < 0 else "") + format_share(abs(value))
    if name in _DURATIONS:
        return format_duration(value)
    if name in _COUNTS:
        return format_count(round(value))
    return format_decimal(value, digits=3 if abs(value) < 1 else 1)


def superfluous_tables(found: Superfluous, *, zone: str) -> tuple[Table, ...]:
    """Tabulate verdicts with their gates, quality where steps were passed by, and checks that end cases."""
    return (_steps_table(found, zone), _quality_table(found, zone), _knock_out_table(found, zone))


def _steps_table(found: Superfluous, zone: str) -> Table:
    columns = (
        text("activity", _("Activity")),
        text("org_unit", _("Level")),
        text("verdict", _("Verdict")),
        count("runs", _("Runs")),
        count("altered_cases", _("Altered cases")),
        share("reaction_at_most", _("Reaction rate at most (95 %)")),
        share("information", _("Information")),
        count("skippers", _("Skippers")),
        number("effective_skippers", _("Effective skippers")),
        text("margin_kept", _("Margins kept")),
        text("legal", _("Law")),
        text("why", _("Why")),
        text("missing", _("Missing")),
    )
    rows = tuple(_step_row(step) for step in found.steps)
    return Table("superfluous_steps", _("Steps by five gates"), columns, rows, zone, _notes(found))


def _step_row(step: Step) -> tuple[object, ...]:
    gates, judgement = step.gates, step.judgement
    overlap = gates.skippers.overlap
    return (
        step.activity,
        step.org_unit,
        name_verdict(step),
        step.runs,
        gates.reaction.altered_cases,
        gates.reaction.rate.at_most if gates.reaction.runs else None,
        gates.information.share.value if gates.information.share else None,
        gates.skippers.skipped.events if gates.skippers.at_risk else None,
        overlap.effective_skippers if overlap else None,
        _kept_text(gates.quality),
        _legal_text(gates.legal),
        " ".join(map(reason_text, judgement.reasons)),
        " ".join(_(REASONS[key]) for key in judgement.missing),
    )


def _kept_text(quality: QualityGate) -> str:
    if quality.p_value is None:
        return _("not tested")
    return _("yes") if all(test.test and test.test.is_shown for test in quality.tests) else _("not shown")


def _legal_text(legal: LegalGate) -> str:
    return {"free": _("free"), "bound": _("bound"), "unknown": _("not declared")}[legal.status]


def _notes(found: Superfluous) -> tuple[str, ...]:
    notes = [
        _(
            "A verdict says what a log and the declarations allow to be said. "
            "Deterrence and rare events cannot be seen in a log."
        ),
        _("A step becomes a removal candidate only if people have declared margins, bounds, severity, law and use."),
    ]
    regulation = found.rules.regulation
    log_has = {step.activity for step in found.steps}
    missing = [name for _place, name in regulation.activities_named() if name not in log_has] if regulation else []
    if missing:
        note = _(
            "The regulation names activities that the log does not have; what it binds there cannot be told: {names}."
        )
        notes.append(note.format(names=", ".join(map(quoted, dict.fromkeys(missing)))))
    if found.guessed_result:
        note = _(
            "Results were read from the column {name}, going by its name alone: "
            "they count as not logged until declared."
        )
        notes.append(note.format(name=quoted(found.guessed_result.removeprefix("attr:"))))
    if found.every > 1:
        note = _("Of this large log one case in {n} was taken.")
        notes.append(note.format(n=format_count(found.every)))
    return tuple(notes)


def _mix_notes(found: Superfluous) -> tuple[str, ...]:
    names = {step.gates.skippers.case_mix for step in found.steps} - {()}
    said = _("Cases were made alike by: {names}, the time of opening, and what came before the step.")
    return tuple(
        said.format(names=", ".join(quoted(name.removeprefix("attr:")) for name in one)) for one in sorted(names)
    )


def _quality_table(found: Superfluous, zone: str) -> Table:
    columns = (
        text("activity", _("Activity")),
        text("org_unit", _("Level")),
        text("indicator", _("Quality indicator")),
        share("base_share", _("Share of cases")),
        share("harm", _("Worse without the step by")),
        share("lower", _("from")),
        share("upper", _("to")),
        share("margin_share", _("Margin")),
        number("gamma", _("Bound Γ")),
        share("worst_upper", _("At most, within the bound")),
        number("tipping_gamma", _("Holds up to Γ")),
        number("p_value", _("p")),
        text("cases_needed", _("Cases a pilot needs")),
    )
    rows = tuple(
        (step.activity, step.org_unit, *_test_row(test)) for step in found.steps for test in step.gates.quality.tests
    )
    notes = (
        _("Shares of cases with an adverse outcome; p is one-sided, for a harm that reaches the margin."),
        _("Cases a pilot needs: both arms, at 80 % power; for 1, 2 and 5 points where no margin is declared."),
        *_mix_notes(found),
    )
    return Table("superfluous_quality", _("Quality where a step was passed by"), columns, rows, zone, notes)


def _test_row(test: QualityTest) -> tuple[object, ...]:
    harm, held = test.harm, test.test
    return (
        _(test.indicator.name),
        test.base_share,
        *((harm.value, harm.lower, harm.upper) if harm else (None, None, None)),
        test.indicator.margin_share,
        *((held.gamma, held.worst_upper, held.tipping_gamma, held.p_value) if held else (None, None, None, None)),
        "; ".join(f"{format_share(size.margin)}: {format_count(size.total)}" for size in test.trials),
    )


def _knock_out_table(found: Superfluous, zone: str) -> Table:
    columns = (
        text("activity", _("Activity")),
        text("org_unit", _("Level")),
        count("cases", _("Cases")),
        count("ended", _("Cases that end with it")),
        share("rate", _("Knock-out rate")),
        share("lower", _("from")),
        share("upper", _("to")),
        share("closed_rate", _("Among closed cases")),
        duration("effort_seconds_per_knock_out", _("Work per knock-out")),
    )
    held = sorted(found.steps, key=lambda step: (-step.knock_out.rate.events, step.activity, step.org_unit))
    rows = tuple(
        (
            step.activity,
            step.org_unit,
            step.knock_out.cases,
            step.knock_out.rate.events,
            step.knock_out.rate.share if step.knock_out.cases else None,
            step.knock_out.rate.lower,
            step.knock_out.rate.upper,
            step.knock_out.closed_rate.share if step.knock_out.closed_rate.trials else None,
            step.knock_out.effort_seconds_per_knock_out,
        )
        for step in held
        if step.knock_out.rate.events
    )
    notes = (
        _("Cases whose last activity it is, over cases that have it. A log cannot tell a refusal from a natural end."),
    )
    return Table("knock_outs", _("Activities that end cases"), columns, rows, zone, notes)


def superfluous_as_json(
    found: Superfluous, *, content_sha256: str, identify: Callable[[Finding], str] | None = None
) -> dict[str, Any]:
    """Return all steps as one JSON document.

    Parameters
    ----------
    identify
        What gives a step that is a finding the id under which its cases are listed; None gives none.
    """
    return {
        "schema": SCHEMA,
        "content_sha256": content_sha256,
        "cases": found.cases,
        "every": found.every,
        "declared": {
            "gamma": found.rules.gamma,
            "gamma_reason": found.rules.gamma_reason or None,
            "acceptable_loss": found.rules.acceptable_loss,
            "loss_unit": found.rules.loss_unit or None,
            "indicators": [indicator.name for indicator in found.indicators],
        },
        "steps": [
            {**_step_json(step, found.inflow_per_day), "finding": _finding_id(step, identify)} for step in found.steps
        ],
        "notes": list(_notes(found)),
    }


def _finding_id(step: Step, identify: Callable[[Finding], str] | None) -> str | None:
    finding = finding_of(step)
    return identify(finding) if identify and finding else None


def _step_json(step: Step, inflow_per_day: float | None) -> dict[str, Any]:
    gates, judgement = step.gates, step.judgement
    return {
        "activity": step.activity,
        "org_unit": step.org_unit or None,
        "runs": step.runs,
        "cases": step.cases,
        "staff_seconds": step.staff_seconds,
        "information": _information_json(gates.information),
        "reaction_rate": _reaction_json(gates.reaction),
        "skippers": {**_skippers_json(gates.skippers), "reason": _why_not_compared(gates)},
        "noninferiority": {**_quality_json(gates.quality), "reason": _why_not_tested(gates)},
        "legal": {
            "status": gates.legal.status.value,
            "articles": list(gates.legal.articles),
            "safeguards": [safeguard.value for safeguard in gates.legal.safeguards],
            "used_by": None if gates.legal.used_by is None else list(gates.legal.used_by),
        },
        "knock_out": _knock_out_json(step),
        "verdict": judgement.verdict.value,
        "verdict_text": name_verdict(step),
        "n_needed": _trial_json(judgement.trial, inflow_per_day),
        "reasons": [
            {"key": reason.key, "figures": reason.values, "names": list(reason.names), "text": reason_text(reason)}
            for reason in judgement.reasons
        ],
        "missing": [{"key": key, "text": _(REASONS[key])} for key in judgement.missing],
        "change": step.change.as_record() if step.change else None,
    }


def _bound_json(bound: RateBound) -> dict[str, Any]:
    known = bound.trials > 0
    return {
        "value": bound.share if known else None,
        "lower": bound.lower,
        "upper": bound.upper,
        "at_most": bound.at_most,
        "events": bound.events,
        "trials": bound.trials,
    }


def _estimate_json(estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {"value": None, "lower": None, "upper": None}
    return {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def _information_json(gate: InformationGate) -> dict[str, Any]:
    return {
        "basis": gate.basis,
        **_estimate_json(gate.share),
        "p_value": gate.p_value,
        "runs": gate.runs,
        "reason": gate.reason or None,
    }


def _reaction_json(gate: ReactionGate) -> dict[str, Any]:
    return {
        "basis": gate.basis,
        "is_logged": gate.is_logged,
        **_bound_json(gate.rate),
        "runs": gate.runs,
        "altered_cases": gate.altered_cases,
    }


def _skippers_json(gate: SkippersGate) -> dict[str, Any]:
    held = gate.overlap
    return {
        "at_risk": gate.at_risk,
        **_bound_json(gate.skipped),
        "skippers": gate.skipped.events,
        "effective_skippers": held.effective_skippers if held else None,
        "effective_performers": held.effective_performers if held else None,
        "outside_support_share": held.outside_share if held else None,
        "skipper_propensities": list(held.skipper_propensities) if held else None,
        "performer_propensities": list(held.performer_propensities) if held else None,
        "follow_up_seconds": gate.follow_up_seconds,
        "elsewhere_cases": gate.elsewhere,
        "unfollowed_cases": gate.unfollowed,
        "case_mix": list(gate.case_mix),
        "is_enough": gate.is_enough,
    }


def _quality_json(gate: QualityGate) -> dict[str, Any]:
    worst = max(
        (test for test in gate.tests if test.harm), key=lambda test: test.harm.upper if test.harm else 0, default=None
    )
    return {
        **_estimate_json(worst.harm if worst else None),
        "p_value": gate.p_value,
        "adjusted_p_value": gate.adjusted_p,
        "indicators": [_test_json(test) for test in gate.tests],
    }


def _why_not_compared(gates: Gates) -> str | None:
    """Return why skippers cannot stand for the others, as a key of `REASONS`; None if they can."""
    if gates.information.reason == "too_few_runs":
        return gates.information.reason
    return next((doubt.key for doubt in skipper_doubts(gates.skippers)), None)


def _why_not_tested(gates: Gates) -> str | None:
    """Return why quality was not tested against the margins, as a key of `REASONS`; None if it was."""
    if gates.quality.p_value is not None:
        return None
    if any(not test.indicator.is_recorded for test in gates.quality.tests):
        return "lacks_records"
    if any(test.indicator.margin_share is None for test in gates.quality.tests):
        return _why_not_compared(gates) or "lacks_margins"
    return _why_not_compared(gates) or "lacks_gamma"


def _test_json(test: QualityTest) -> dict[str, Any]:
    return {
        "name": test.indicator.name,
        "direction": test.indicator.direction.value,
        "margin_share": test.indicator.margin_share,
        "adverse_share": test.base_share,
        "harm": _estimate_json(test.harm),
        "test": _noninferiority_json(test.test) if test.test else None,
        "cases_needed": [{"margin_share": size.margin, "cases": size.total} for size in test.trials],
    }


def _noninferiority_json(test: NonInferiority) -> dict[str, Any]:
    return {
        "gamma": test.gamma,
        "worst_upper": test.worst_upper,
        "p_value": test.p_value,
        "is_shown": test.is_shown,
        "tipping_gamma": test.tipping_gamma,
        "e_value": test.e_value,
    }


def _trial_json(trial: SampleSize | None, inflow_per_day: float | None) -> dict[str, Any] | None:
    if trial is None:
        return None
    months = trial.total / inflow_per_day / _MONTH_DAYS if inflow_per_day else None
    return {"cases": trial.total, "per_arm": trial.per_arm, "margin_share": trial.margin, "months": months}


def _knock_out_json(step: Step) -> dict[str, Any]:
    held = step.knock_out
    return {
        **_bound_json(held.rate),
        "closed_rate": _bound_json(held.closed_rate),
        "is_early": held.is_early,
        "effort_seconds_per_case": held.effort_seconds_per_case,
        "effort_seconds_per_knock_out": held.effort_seconds_per_knock_out,
    }
