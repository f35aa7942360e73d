"""A verification as tables: verdict, protocol, estimate, quality, honesty checks."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate
from potok.report.catalogue.entry import text
from potok.report.drawing.map_texts import count_cases
from potok.report.formats import NO_BREAK_SPACE, format_count, format_day, format_decimal, format_share
from potok.report.tables import Table
from potok.report.verification.amounts import UNKNOWN, Amounts, amounts_for, write_days
from potok.report.verification.check_words import ask_check, name_check
from potok.report.verification.further_tables import clustered_table, further_tables
from potok.report.verification.protocol_tables import protocol_tables
from potok.report.verification.quality_words import judge_quality
from potok.report.verification.reasons import say, say_check, say_reason
from potok.report.verification.words import (
    name_check_verdict,
    name_design,
    name_method,
    name_month,
    name_verdict,
    write_figure,
    write_level,
    write_probability,
    write_share,
)
from potok.verify.effect import Effect, EffectEstimate, HonestyCheck, PeriodEffect, QualityEffect
from potok.verify.protocol.model import Protocol

Row = tuple[Any, ...]
_SHARES: Final = frozenset({"share", "ratio"})
_SMALL: Final = 0.01


def effect_tables(effect: Effect, protocol: Protocol) -> tuple[Table, ...]:
    """Tabulate everything that an effect and its protocol say, in the current language.

    Figures are written with their units, each interval in the column after its figure (``…_interval``).
    """
    amounts = amounts_for(effect, protocol)
    tables = [decision_table(effect, amounts), *protocol_tables(protocol), deviations_table(effect, amounts)]
    if effect.estimate is not None:
        tables += [
            estimate_table(effect, effect.estimate, amounts),
            opinions_table(effect, amounts),
            periods_table(effect.estimate, amounts),
        ]
    tables += [
        *further_tables(effect, amounts),
        quality_table(effect),
        clustered_table(effect),
        checks_table("checks", _("Honesty checks"), effect.checks, amounts),
        checks_table("diagnostics", _("Whether the comparison itself stands"), effect.diagnostics, amounts),
        cases_to_see_table(effect),
        basis_table(effect),
    ]
    return tuple(table for table in tables if table.rows)


def decision_table(effect: Effect, amounts: Amounts) -> Table:
    """Tabulate the verdict, the rule that gave it, why, and what would change it."""
    decision = effect.decision
    verdict, undecided = name_verdict(decision.verdict), _("undecided")
    rows: list[Row] = [
        (_("Verdict"), f"{verdict} ({undecided})" if decision.is_undecided else verdict),
        (_("Rule that decided"), describe_rule(decision.rule)),
        *((_("Why"), say_reason(reason, amounts)) for reason in decision.reasons),
        *((_("What would change it"), say_reason(reason, amounts)) for reason in decision.remedies),
        (_("Logs read as of"), format_day(effect.looked_on)),
        (_("Verdict given on"), format_day(effect.decided_on)),
    ]
    return Table("decision", _("Verdict"), _pairs(), tuple(rows))


def describe_rule(rule: int) -> str:
    """Say one of the four rules, which are tried in this order."""
    return {
        1: _("1: an indicator certainly worsened, and not certainly by less than its margin"),
        2: _("2: late protocol, changed outcome, a failed honesty check, or no more than the promised improvement"),
        3: _("3: more than the promised improvement, quality kept, every check and diagnostic without a failure"),
        4: _("4: none of the first three holds; undecided until the protocol's last day"),
    }[rule]


def deviations_table(effect: Effect, amounts: Amounts) -> Table:
    """Tabulate what departs from the protocol."""
    rows = tuple((str(place), say_reason(one, amounts)) for place, one in enumerate(effect.deviations, start=1))
    columns = (text("number", _("No.")), text("deviation", _("What departs")))
    return Table("deviations", _("Departures from the protocol"), columns, rows)


def estimate_table(effect: Effect, estimate: EffectEstimate, amounts: Amounts) -> Table:
    """Tabulate the primary outcome: the improvement, and what it rests on."""
    rows = [*_estimate_rows(effect, estimate, amounts)]
    rows += [(_("What must hold"), say(assumption, {}, amounts), "") for assumption in estimate.assumptions]
    rows += [(_("Why it is not enough"), say(limit, {}, amounts), "") for limit in estimate.limits]
    columns = (
        text("what", _("What")),
        text("said", _("Value")),
        text("range", _("{level} interval").format(level=format_share(estimate.improvement.confidence))),
    )
    return Table("estimate", _("Primary outcome"), columns, tuple(rows))


def _estimate_rows(effect: Effect, estimate: EffectEstimate, amounts: Amounts) -> Iterator[Row]:
    one = estimate.improvement
    digits = amounts.digits([one.value, one.lower, one.upper])
    yield _("How it was estimated"), name_design(estimate.design), ""
    yield _("Within its limits of applicability"), _("yes") if estimate.is_applicable else _("no"), ""
    yield _("Improvement"), amounts.write_signed(one.value, digits=digits), amounts.write_range(one)
    if estimate.relative is not None:
        yield _("Improvement, share of what it would have been"), *_share_with_range(estimate.relative)
    levels = amounts.digits([estimate.without, estimate.with_change])
    yield _("Without the change it would have been"), write_level(estimate.without, amounts, digits=levels), ""
    yield _("With the change it was"), write_level(estimate.with_change, amounts, digits=levels), ""
    if effect.days_saved is not None:
        saved = effect.days_saved
        yield _("Applicants' days saved"), write_days(saved.value), _days_range(saved)
    if isfinite(one.standard_error):
        yield _("Standard error"), amounts.write(one.standard_error), ""
    yield _("p-value of no improvement, two-sided"), write_probability(estimate.p_value), ""
    if estimate.admissible_assignments is not None:
        yield _("Admissible assignments"), format_count(estimate.admissible_assignments), ""
    if estimate.degrees is not None:
        yield _("Degrees of freedom"), format_decimal(estimate.degrees), ""
    yield _("Cases before, after, compared"), " / ".join(map(format_count, _cases(estimate))), ""
    if estimate.cases_alone:
        yield _("Cases after the change with nobody left to compare with"), format_count(estimate.cases_alone), ""
    yield _("Months before, after"), f"{estimate.months_before} / {estimate.months_after}", ""


def _cases(estimate: EffectEstimate) -> tuple[int, int, int]:
    return estimate.cases_before, estimate.cases_after, estimate.cases_compared


def opinions_table(effect: Effect, amounts: Amounts) -> Table:
    """Tabulate what other methods say about the same question."""
    columns = (
        text("method", _("Method")),
        text("figure_improvement", _("Improvement")),
        text("figure_improvement_interval", _("Interval")),
        text("note", _("What it says")),
    )
    rows = tuple(
        (
            name_method(one.method),
            amounts.write_signed(one.improvement.value),
            amounts.write_range(one.improvement),
            say(one.note, {}, amounts),
        )
        for one in effect.second_opinions
    )
    note = _("Shown beside the primary outcome, never in its place.")
    return Table("second_opinions", _("Second opinions"), columns, rows, notes=(note,))


def periods_table(estimate: EffectEstimate, amounts: Amounts) -> Table:
    """Tabulate the improvement period by period."""
    columns = (
        text("period", _("Period")),
        text("side", _("Before or after")),
        text("figure_improvement", _("Improvement")),
        text("figure_range", _("Interval")),
    )
    rows = tuple(
        (
            name_period(period),
            _("before the change") if period.is_before else _("after the change"),
            amounts.write_signed(period.improvement.value),
            _range_of_period(period.improvement, amounts),
        )
        for period in estimate.periods
    )
    notes = [_("Before the change there should be nothing: intervals there are expected to hold zero.")]
    if estimate.admissible_assignments is not None:
        notes.append(
            _("With few agencies the intervals of single periods are too narrow; the verdict does not rest on them.")
        )
    return Table("periods", _("Improvement by period"), columns, rows, notes=tuple(notes))


def _range_of_period(one: Estimate, amounts: Amounts) -> str:
    return _("what the others are held against") if one.lower == one.upper == 0 else amounts.write_range(one)


def name_period(period: PeriodEffect) -> str:
    """Name a period: a calendar month, or the number of months since the change."""
    if not period.label.lstrip("+-−").isdigit():
        return name_month(period.label)
    months = int(period.label.replace("−", "-"))
    return _("month {n}").format(n=format_decimal(months, digits=0))


def quality_table(effect: Effect) -> Table:
    """Tabulate what happened to the declared indicators."""
    columns = (
        text("name", _("Indicator")),
        text("figure_before", _("Before")),
        text("figure_before_interval", _("Cases before")),
        text("figure_after", _("After")),
        text("figure_after_interval", _("Cases after")),
        text("figure_worsening", _("Worsening")),
        text("figure_worsening_interval", _("Interval")),
        text("figure_margin", _("Margin")),
        text("judgement", _("What it says")),
    )
    return Table("quality", _("Quality"), columns, tuple(map(_quality_row, effect.quality)))


def _quality_row(one: QualityEffect) -> Row:
    points = Amounts("share")
    return (
        one.name,
        write_share(one.before_share),
        count_cases(one.cases_before),
        write_share(one.after_share),
        count_cases(one.cases_after),
        points.write_signed(one.harm.value),
        points.write_range(one.harm),
        points.write(one.margin_share),
        judge_quality(one).sentence,
    )


def checks_table(name: str, title: str, checks: Sequence[HonestyCheck], amounts: Amounts) -> Table:
    """Tabulate honesty checks or diagnostics: figure, limit, verdict and what was seen."""
    columns = (
        text("check", _("Check")),
        text("verdict", _("Verdict")),
        text("figure_value", _("Figure")),
        text("figure_value_interval", _("Interval")),
        text("figure_limit", _("Looked at from")),
        text("seen", _("What was seen")),
    )
    return Table(name, title, columns, tuple(_check_row(check, amounts) for check in checks))


def _check_row(check: HonestyCheck, amounts: Amounts) -> Row:
    figure = check.figure
    return (
        name_check(check.kind),
        name_check_verdict(check.verdict),
        UNKNOWN if figure is None else write_figure(figure.value, check.unit, amounts),
        "" if figure is None else _check_range(figure, check.unit, amounts),
        UNKNOWN if check.limit is None else write_figure(check.limit, check.unit, amounts),
        " ".join(filter(None, (ask_check(check.kind), say_check(check, amounts)))),
    )


def _check_range(figure: Estimate, unit: str, amounts: Amounts) -> str:
    if not isfinite(figure.lower) or not isfinite(figure.upper) or figure.lower == figure.upper:
        return ""
    if unit in _SHARES and max(abs(figure.lower), abs(figure.upper)) < _SMALL:
        lower, upper = (format_decimal(100 * limit, digits=2) for limit in (figure.lower, figure.upper))
        return _("{lower} to {upper}").format(lower=lower, upper=f"{upper}{NO_BREAK_SPACE}%")
    lower, upper = (write_figure(limit, unit, amounts) for limit in (figure.lower, figure.upper))
    return _("{lower} to {upper}").format(lower=lower, upper=upper) if lower != upper else ""


def cases_to_see_table(effect: Effect) -> Table:
    """Tabulate the cases to look at, by check, and those of grave events that nobody has reviewed."""
    found = [(name_check(check.kind), check.case_ids) for check in (*effect.checks, *effect.diagnostics)]
    found.append((_("grave event without a review"), effect.unreviewed_sentinels))
    rows = tuple((name, case) for name, cases in found for case in cases)
    columns = (text("check", _("Check")), text("case_id", _("Case")))
    return Table("cases_to_see", _("Cases to look at"), columns, rows)


def basis_table(effect: Effect) -> Table:
    """Tabulate hashes and the version: what a second computation must begin with."""
    rows: list[Row] = [
        (_("Protocol"), effect.protocol_sha256),
        *((_("Log {n}").format(n=place), source) for place, source in enumerate(effect.sources, start=1)),
        (_("Version of Potok"), effect.code_version),
    ]
    return Table("basis", _("Content hashes (SHA-256)"), _pairs(), tuple(rows))


def _share_with_range(one: Estimate) -> tuple[str, str]:
    def write(value: float) -> str:
        return ("−" if value < 0 else "") + format_share(abs(value)) if isfinite(value) else UNKNOWN

    return write(one.value), _("{lower} to {upper}").format(lower=write(one.lower), upper=write(one.upper))


def _days_range(saved: Estimate) -> str:
    if not isfinite(saved.lower) or not isfinite(saved.upper):
        return UNKNOWN
    return _("{lower} to {upper}").format(lower=write_days(saved.lower), upper=write_days(saved.upper))


def _pairs() -> tuple[Any, ...]:
    return text("what", _("What")), text("said", _("Value"))
