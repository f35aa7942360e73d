"""Groups compared, and what goes with lateness, as tables."""

from collections.abc import Sequence
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.diagnose.comparison.causes import LOAD, WEEKDAY, Causes, CauseVerdict, Rule, Target
from potok.diagnose.comparison.covariates import REASONS, Condition
from potok.diagnose.comparison.result import Comparison, GroupComparison, Verdict
from potok.inference.estimate import Estimate
from potok.measure.case_groups import ATTRIBUTE_PREFIX
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.diagnosis.drift import difference_text, feature_text, figure_text
from potok.report.formats import compose, format_count, format_decimal, format_duration, format_share
from potok.report.tables import Column, Table

_SHOWN_DIFFERENCES: Final = 5


def comparison_tables(found: Comparison, causes: Sequence[Causes], *, zone: str) -> tuple[Table, ...]:
    """Tabulate groups, what the mix explains, how they differ in flow and terms, and what goes with lateness."""
    tables = [_groups_table(found, zone), _parts_table(found, zone), _flow_table(found, zone)]
    if any(group.terms for group in found.groups):
        tables.append(_terms_table(found, zone))
    tables += [_causes_table(causes, zone), _rules_table(causes, zone), _facts_table(found, zone)]
    return tuple(tables)


def places_table(compared: Sequence[Comparison], *, zone: str) -> Table:
    """Tabulate several comparisons of one log in short: a row per group, those surely slower first."""
    columns = (
        text("by", _("Compared by")),
        text("label", _("Group")),
        count("cases", _("Cases followed up to the horizon")),
        text("verdict", _("Beside all others")),
        duration("total", _("Difference to all others")),
        duration("explained", _("Explained by the mix of cases")),
        duration("unexplained", _("Left over on such cases")),
        duration("lower", _("from")),
        duration("upper", _("to")),
        number("p_value", _("Probability by chance")),
    )
    groups = [(found.by, group) for found in compared for group in found.groups]
    order = {verdict: place for place, verdict in enumerate(Verdict)}
    groups.sort(key=lambda one: (order[one[1].verdict], -(one[1].p_value is not None), one[1].p_value or 0.0))
    rows = tuple(
        (
            fact_text(by),
            group.label,
            group.used_cases,
            verdict_text(group.verdict),
            group.total.value if group.total else None,
            group.explained.value if group.explained else None,
            *(getattr(group.unexplained, name) if group.unexplained else None for name in ("value", "lower", "upper")),
            group.p_value,
        )
        for by, group in groups
    )
    return Table("differences", _("Groups compared"), columns, rows, zone, _places_notes(compared))


def _places_notes(compared: Sequence[Comparison]) -> tuple[str, ...]:
    levels = [part.confidence for found in compared for group in found.groups if (part := group.total)]
    notes = [
        compose(_("The horizon is {time}."), time=format_duration(found.horizon_seconds or 0)) for found in compared
    ]
    if levels:
        said = _("As {n} comparisons are made, the intervals hold with a probability of {share} each.")
        notes.append(said.format(n=format_count(len(compared)), share=format_share(levels[0])))
    assumed = dict.fromkeys(_(assumption) for found in compared for assumption in found.assumptions)
    return (*dict.fromkeys(notes), *assumed)


def verdict_text(verdict: Verdict) -> str:
    """Say how a group stands to the others."""
    return {
        Verdict.SLOWER: _("slower than others on such cases"),
        Verdict.FASTER: _("faster than others on such cases"),
        Verdict.CANNOT_TELL: _("cannot be told apart"),
        Verdict.TOO_FEW: _("too few cases"),
        Verdict.NOT_COMPARABLE: _("others have too few such cases"),
    }[verdict]


def target_text(causes: Causes) -> str:
    """Name the outcome that is to be explained."""
    return {
        Target.LATE: _("late under the term {term}").format(term=quoted(causes.term)),
        Target.SLOW: _("slower than four in five cases"),
        Target.REWORK: _("an activity repeated"),
    }[causes.target]


def cause_verdict_text(causes: Causes) -> str:
    """Say whether anything goes with an outcome."""
    return {
        CauseVerdict.RULES_HOLD: _("the rules tell later cases apart"),
        CauseVerdict.NOTHING_EXPLAINS: _("nothing known at the opening explains it"),
        CauseVerdict.CANNOT_TELL: _("too few cases to tell"),
    }[causes.verdict]


def fact_text(name: str) -> str:
    """Name what is known of a case."""
    return _known_facts().get(name, name.removeprefix(ATTRIBUTE_PREFIX))


def fact_heading(name: str) -> str:
    """Name what is known of a case over a column; attributes stay as the log writes them."""
    known = _known_facts().get(name)
    return name.removeprefix(ATTRIBUTE_PREFIX) if known is None else known[:1].upper() + known[1:]


def _known_facts() -> dict[str, str]:
    return {
        "cohort": _("month of the opening"),
        "cohort_quarter": _("quarter of the opening"),
        "cohort_year": _("year of the opening"),
        "channel": _("channel"),
        "service": _("service"),
        "agency": _("agency"),
        "outcome": _("outcome"),
        "org_unit": _("opening department"),
        WEEKDAY: _("weekday of the opening"),
        LOAD: _("open cases at the opening"),
        "log": _("log"),
    }


def condition_text(condition: Condition, *, holds: bool) -> str:
    """Write a condition of a rule, such as “channel is paper”."""
    name = fact_text(condition.fact)
    if condition.at_least is not None:
        template = _("{name} at least {value}") if holds else _("{name} below {value}")
        return template.format(name=name, value=format_decimal(condition.at_least, digits=0))
    if condition.is_unknown:
        return (_("{name} unknown") if holds else _("{name} known")).format(name=name)
    template = _("{name} is {value}") if holds else _("{name} is not {value}")
    return template.format(name=name, value=quoted(condition.value))


def rule_text(rule: Rule) -> str:
    """Write a rule."""
    if not rule.conditions:
        return _("all cases")
    return _(" and ").join(condition_text(condition, holds=holds) for condition, holds in rule.conditions)


def interval_text(estimate: Estimate | None) -> str:
    """Write the interval of a duration or of a difference of durations."""
    if estimate is None:
        return ""
    return f"{_signed(estimate.lower)} … {_signed(estimate.upper)}"


def _signed(seconds: float) -> str:
    if seconds in (float("inf"), float("-inf")):
        return "…"
    return ("−" if seconds < 0 else "") + format_duration(abs(seconds))


def _groups_table(found: Comparison, zone: str) -> Table:
    columns = (
        text("label", fact_heading(found.by)),
        count("cases", _("Cases")),
        count("open_cases", _("Open cases")),
        duration("median", _("Median lead time")),
        duration("mean", _("Mean up to the horizon")),
        text("interval", _("95% interval")),
        share("first_time", _("Without repetition")),
        text("verdict", _("Beside all others")),
        text("place", _("Place, 1 is fastest")),
    )
    rows = tuple(
        (
            group.label,
            group.cases,
            group.open_cases,
            group.median.value if group.median else None,
            group.restricted_mean.value if group.restricted_mean else None,
            interval_text(group.restricted_mean),
            group.first_time.share,
            verdict_text(group.verdict),
            _place(group, found.compared_groups),
        )
        for group in found.groups
    )
    return Table("comparison", _("Groups compared"), columns, rows, zone, _notes(found))


def _place(group: GroupComparison, groups: int) -> str:
    if group.rank_lower is None or groups < 2:
        return ""
    if group.rank_lower == group.rank_upper:
        return format_count(group.rank_lower)
    return f"{group.rank_lower}–{group.rank_upper}"


def _parts_table(found: Comparison, zone: str) -> Table:
    columns = (
        text("label", fact_heading(found.by)),
        duration("total", _("Difference to all others")),
        text("total_interval", _("95% interval")),
        duration("explained", _("Explained by the mix of cases")),
        text("explained_interval", _("95% interval")),
        duration("unexplained", _("Left over on such cases")),
        text("unexplained_interval", _("95% interval")),
        text("funnel", _("Expected by chance")),
        duration("pooled", _("Drawn together with others")),
        number("p_value", _("Probability by chance")),
    )
    rows = tuple(
        (
            group.label,
            *_figures(group.total),
            *_figures(group.explained),
            *_figures(group.unexplained),
            f"{_signed(group.funnel_lower)} … {_signed(group.funnel_upper)}"
            if group.funnel_lower is not None and group.funnel_upper is not None
            else "",
            group.pooled.value if group.pooled else None,
            group.p_value,
        )
        for group in found.groups
    )
    return Table("comparison_parts", _("What the mix of cases explains"), columns, rows, zone)


def _figures(estimate: Estimate | None) -> tuple[float | None, str]:
    return (estimate.value if estimate else None), interval_text(estimate)


def _flow_table(found: Comparison, zone: str) -> Table:
    columns = (
        text("label", fact_heading(found.by)),
        text("feature", _("Figure")),
        text("others", _("All others")),
        text("group", _("The group")),
        text("difference", _("Difference")),
        number("p_value", _("Probability by chance")),
    )
    rows = tuple(
        (
            group.label,
            feature_text(change.feature),
            figure_text(change.before, change.measured),
            figure_text(change.after, change.measured),
            difference_text(change.difference, change.measured),
            change.p_value,
        )
        for group in found.groups
        for change in group.flow[:_SHOWN_DIFFERENCES]
    )
    return Table("comparison_flow", _("How the groups' steps differ"), columns, rows, zone)


def _terms_table(found: Comparison, zone: str) -> Table:
    columns = (
        text("label", fact_heading(found.by)),
        text("term", _("Term")),
        count("cases", _("Judged cases")),
        share("share", _("In time")),
        share("lower", _("At least (95%)")),
        share("upper", _("At most (95%)")),
    )
    rows = tuple(
        (group.label, part.term, part.in_time.cases, part.in_time.share, part.in_time.lower, part.in_time.upper)
        for group in found.groups
        for part in group.terms
    )
    return Table("comparison_terms", _("How the groups keep terms"), columns, rows, zone)


def _causes_table(causes: Sequence[Causes], zone: str) -> Table:
    columns = (
        text("target", _("What is to be explained")),
        count("cases", _("Cases")),
        count("with_outcome", _("Of these it happened in")),
        text("verdict", _("Answer")),
        number("area", _("Area under the curve, 0.5 is chance")),
        number("lower", _("At least (95%)")),
        number("upper", _("At most (95%)")),
    )
    rows = tuple(
        (
            target_text(one),
            one.cases,
            one.with_outcome,
            cause_verdict_text(one),
            one.area.value if one.area else None,
            one.area.lower if one.area else None,
            one.area.upper if one.area else None,
        )
        for one in causes
    )
    notes = (
        _("Rules are learned from the cases opened first and tried on those opened later."),
        _("What goes with an outcome need not cause it."),
    )
    return Table("causes", _("What goes with lateness and rework"), columns, rows, zone, notes)


def _rules_table(causes: Sequence[Causes], zone: str) -> Table:
    columns = (
        text("target", _("What is to be explained")),
        text("rule", _("Rule")),
        count("learned_cases", _("Earlier cases")),
        share("learned_share", _("It happened in")),
        count("tried_cases", _("Later cases")),
        share("tried_share", _("It happened in")),
        text("difference", _("Beside other later cases")),
        text("confirmed", _("Confirmed")),
    )
    rows = tuple(
        (
            target_text(one),
            rule_text(rule),
            rule.learned.cases,
            rule.learned.share,
            rule.tried.cases,
            rule.tried.share,
            _points(rule.difference),
            _("yes") if rule.is_confirmed else _("no"),
        )
        for one in causes
        if one.verdict is CauseVerdict.RULES_HOLD
        for rule in one.rules
    )
    return Table("cause_rules", _("Rules that hold on later cases"), columns, rows, zone)


def _points(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    low, high = (format_decimal(100 * bound) for bound in (estimate.lower, estimate.upper))
    value = format_decimal(100 * estimate.value)
    return _("{value} points ({low} to {high})").format(value=value, low=low, high=high)


def _facts_table(found: Comparison, zone: str) -> Table:
    columns: tuple[Column, ...] = (text("fact", _("What is known of cases")), text("use", _("Use")))
    used = [(fact_text(name), _("adjusted for")) for name in found.covariates]
    left_out = [(fact_text(name), _(REASONS[reason])) for name, reason in found.left_out]
    return Table("comparison_facts", _("What cases were made comparable by"), columns, (*used, *left_out), zone)


def _notes(found: Comparison) -> tuple[str, ...]:
    notes = [_(assumption) for assumption in found.assumptions]
    if found.horizon_seconds is not None:
        notes.insert(0, compose(_("The horizon is {time}."), time=format_duration(found.horizon_seconds)))
    else:
        notes.insert(0, _("No case was followed long enough for a mean."))
    if found.between_sd_seconds == 0:
        notes.append(_("Chance alone explains how the groups differ on cases like their own."))
    for number_of, template in (
        (found.unlabelled_cases, _("Cases of no group, left out: {n}.")),
        (found.unwatched_cases, _("Cases opened before the log was watched, left out: {n}.")),
        (found.left_out_groups, _("Smaller groups, not shown: {n}.")),
    ):
        if number_of:
            notes.append(template.format(n=format_count(number_of)))
    return tuple(notes)
