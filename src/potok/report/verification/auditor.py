"""The report for an auditor: everything that it takes to judge an effect and to compute it again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from potok.core.language import gettext as _
from potok.report.formats import format_day
from potok.report.sections.headline import KeyFigure
from potok.report.tables import Table
from potok.report.verification.amounts import Amounts, amounts_for
from potok.report.verification.board_words import say_verdict
from potok.report.verification.charts import (
    Chart,
    control_chart,
    distribution_chart,
    event_study_chart,
    margins_chart,
    series_chart,
)
from potok.report.verification.drawing.marks import MARK_OF_VERDICT
from potok.report.verification.further_tables import clustered_table, further_tables
from potok.report.verification.protocol_tables import protocol_tables
from potok.report.verification.quality_words import Mark
from potok.report.verification.results import EffectResults
from potok.report.verification.study_tables import flow_table, panel_table, sources_table
from potok.report.verification.tables import (
    basis_table,
    cases_to_see_table,
    checks_table,
    decision_table,
    describe_rule,
    deviations_table,
    estimate_table,
    opinions_table,
    periods_table,
    quality_table,
)
from potok.report.verification.words import describe_design, name_outcome
from potok.verify.effect import Effect, EffectEstimate, Verdict
from potok.verify.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Parameters
    ----------
    anchor
        snake_case English.
    title
        Heading.
    texts
        Sentences before anything else.
    charts
        Pictures, each with the table that says the same or None where one of `tables` does.
    tables
        Shown.
    further
        Long tables, folded on a page and left to the workbook on paper.
    """

    anchor: str
    title: str
    texts: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    further: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditorReport:
    """A report, ready to be set.

    Parameters
    ----------
    title
        Of the document.
    verdict, mark, sentence
        The verdict.
    figures
        To be seen at once.
    sections
        In the order of an audit.
    footer
        How it was made.
    known_on
        The day as of which the logs were read.
    """

    title: str
    verdict: Verdict
    mark: Mark
    sentence: str
    figures: tuple[KeyFigure, ...]
    sections: tuple[Section, ...]
    footer: str
    known_on: date


def make_auditor_report(results: EffectResults) -> AuditorReport:
    """Put everything together, in the current language."""
    effect, protocol = results.effect, results.protocol
    amounts = amounts_for(effect, protocol)
    sections = tuple(
        found for section in _sections(results, amounts) if _holds_something(found := _without_empty(section))
    )
    return AuditorReport(
        title=_("Verification: {name}").format(name=protocol.name),
        verdict=effect.decision.verdict,
        mark=MARK_OF_VERDICT[effect.decision.verdict],
        sentence=say_verdict(effect, protocol, amounts),
        figures=_figures(effect, amounts),
        sections=sections,
        footer=_("Logs read as of {looked_on}, verdict given on {decided_on}. Made by Potok {version}.").format(
            looked_on=format_day(effect.looked_on),
            decided_on=format_day(effect.decided_on),
            version=effect.code_version,
        ),
        known_on=effect.looked_on,
    )


def _without_empty(section: Section) -> Section:
    tables, further = (tuple(table for table in some if table.rows) for some in (section.tables, section.further))
    return replace(section, tables=tables, further=further)


def _holds_something(section: Section) -> bool:
    return bool(section.texts or section.charts or section.tables or section.further)


def _figures(effect: Effect, amounts: Amounts) -> tuple[KeyFigure, ...]:
    estimate = effect.estimate
    if estimate is None:
        return ()
    one = estimate.improvement
    applicable = "" if estimate.is_applicable else _("outside its limits of applicability")
    digits = amounts.digits([one.value, one.lower, one.upper])
    return (
        KeyFigure(
            _("Improvement"),
            amounts.write_signed(one.value, digits=digits),
            "; ".join(filter(None, (amounts.write_range(one), applicable))),
        ),
        KeyFigure(_("Rule"), str(effect.decision.rule), describe_rule(effect.decision.rule).partition(": ")[2]),
    )


def _sections(results: EffectResults, amounts: Amounts) -> Iterator[Section]:
    yield _decision(results.effect, amounts)
    yield _protocol(results, amounts)
    yield _sources(results)
    if results.effect.estimate is not None:
        yield _estimate(results, results.effect.estimate, amounts)
        yield _periods(results, results.effect.estimate, amounts)
    yield _cases(results)
    yield _quality(results.effect, margins_chart(results))
    yield _checks(results.effect, amounts)
    yield _again(results)


def _decision(effect: Effect, amounts: Amounts) -> Section:
    rules = tuple(describe_rule(rule) for rule in (1, 2, 3, 4))
    order = _("The rules are tried in this order: {rules}.").format(rules="; ".join(rules))
    return Section("decision", _("Verdict"), (order,), tables=(decision_table(effect, amounts),))


def _protocol(results: EffectResults, amounts: Amounts) -> Section:
    effect, protocol = results.effect, results.protocol
    deviations = deviations_table(effect, amounts)
    texts = [say_estimand(protocol, amounts)]
    if not deviations.rows:
        texts.append(_("Nothing departs from the protocol."))
    tables = (*protocol_tables(protocol)[:-1], deviations)
    further = protocol_tables(protocol)[-1:]
    return Section("protocol", _("Estimand and protocol"), tuple(texts), tables=tables, further=further)


def _sources(results: EffectResults) -> Section:
    tables = []
    if results.study is not None:
        tables.append(sources_table(results.study))
    if results.arms is not None:
        tables.append(flow_table(results.arms))
    return Section("sources", _("Logs and cases"), tables=tuple(tables))


def _estimate(results: EffectResults, estimate: EffectEstimate, amounts: Amounts) -> Section:
    tables = (
        estimate_table(results.effect, estimate, amounts),
        opinions_table(results.effect, amounts),
        *further_tables(results.effect, amounts),
    )
    diagnostics = checks_table(
        "diagnostics", _("Whether the comparison itself stands"), results.effect.diagnostics, amounts
    )
    charts = _known(series_chart(results), control_chart(results))
    texts = (describe_design(estimate.design),)
    further = () if results.panel is None else (panel_table(results.panel, amounts),)
    return Section("estimate", _("Design and estimate"), texts, charts, (*tables, diagnostics), further)


def _periods(results: EffectResults, estimate: EffectEstimate, amounts: Amounts) -> Section:
    charts = _known(event_study_chart(results))
    return Section("periods", _("Improvement by period"), charts=charts, further=(periods_table(estimate, amounts),))


def _cases(results: EffectResults) -> Section:
    return Section("durations", _("Cases by duration"), charts=_known(distribution_chart(results)))


def _quality(effect: Effect, chart: Chart | None) -> Section:
    return Section(
        "quality", _("Quality"), charts=_known(chart), tables=(quality_table(effect), clustered_table(effect))
    )


def _checks(effect: Effect, amounts: Amounts) -> Section:
    texts = (
        _("A check that failed forbids “verified”; one to be looked at does not, and its cases are listed."),
        _("A check asks for a look where its figure is beyond chance and reaches the limit shown beside it."),
        _(
            "Checks take apart the plain difference of the cases before and after the change; what they call the "
            "improvement is that difference, and not the estimate of the design."
        ),
    )
    checks = checks_table("checks", _("Honesty checks"), effect.checks, amounts)
    further = (cases_to_see_table(effect),)
    return Section("checks", _("Honesty checks"), texts if checks.rows else (), tables=(checks,), further=further)


def _again(results: EffectResults) -> Section:
    return Section(
        "again", _("How to compute it again"), say_recomputing(results), tables=(basis_table(results.effect),)
    )


def _known(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart is not None)


def say_estimand(protocol: Protocol, amounts: Amounts) -> str:
    """Say in one sentence what is estimated: what, for whom, over which time, against what."""
    estimand = protocol.estimand
    return _(
        "What is estimated: how much the {outcome}, of cases that opened after the change and counted up to "
        "{horizon}, differs from what it would have been without the change, in {agencies} agencies. Promised: at "
        "least {minimum}."
    ).format(
        outcome=name_outcome(estimand),
        horizon=Amounts("days", amounts.is_working).write(estimand.horizon_days, is_genitive=True),
        agencies=len(protocol.change.waves),
        minimum=amounts.write(estimand.minimum_improvement, is_genitive=True),
    )


def say_recomputing(results: EffectResults) -> tuple[str, ...]:
    """Say how to get the same figures from the same logs."""
    command = results.command or "potok verify LOG… --protocol PROTOCOL.toml --json"
    return (
        _("Command: {command}").format(command=command),
        _("The same logs, protocol and version give the same bytes; the hashes below tell whether they are the same."),
    )
