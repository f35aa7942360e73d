"""Declarative rules checked in the engine."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import ibis
import pyarrow as pa

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.diagnose.conformance.checks import Check, CheckKind, CheckResult, Prepared, Unprepared, run_check
from potok.diagnose.conformance.conditions import cases_table, instances_table, matching_cases, matching_instances
from potok.diagnose.conformance.elements import ELEMENTS, judged_instances
from potok.diagnose.conformance.marks import marked_instances, seen_around
from potok.diagnose.conformance.rules import WHOLE_CASE, Role, Rule
from potok.diagnose.conformance.verdicts import case_verdicts
from potok.diagnose.conformance.whole_case import whole_case_verdicts
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.running import MICROSECONDS, activity_labels

_CASES: Final = "rule_cases"
_ACTIVITIES: Final = "rule_activities"
_TARGETS: Final = "rule_targets"


class UnknownRuleActivitiesError(BadDataError):
    """Rules name activities that the log does not have."""

    code = "POTOK-D043"


def check_rules(store: LogStore, rules: Sequence[Rule], *, engine: Engine | None = None) -> tuple[CheckResult, ...]:
    """Check declarative rules; one that names activities unknown to the log cannot be told.

    Raises
    ------
    UnknownAttributeError
        If a rule has a condition on an attribute that the log does not have.
    """
    return tuple(run_check(prepared, store, engine=engine) for prepared in prepare_rules(store, rules, engine=engine))


def prepare_rules(
    store: LogStore, rules: Sequence[Rule], *, engine: Engine | None = None
) -> tuple[Prepared | Unprepared, ...]:
    """Make checks of rules."""
    codes = {label: code for code, label in activity_labels(store, engine).items()}
    return tuple(_prepare(store, rule, codes) for rule in rules)


def refuse_unknown_activities(store: LogStore, rules: Sequence[Rule], *, engine: Engine | None = None) -> None:
    """Check that a log has every activity that rules name.

    Raises
    ------
    UnknownRuleActivitiesError
        If it lacks some; all are named, with the nearest labels.
    """
    known = set(activity_labels(store, engine).values())
    missing = list(dict.fromkeys(label for rule in rules for label in _named(rule) if label not in known))
    if not missing:
        return
    near = [quoted(close[0]) for name in missing if (close := get_close_matches(name, sorted(known), n=1))]
    raise UnknownRuleActivitiesError(
        ngettext(
            "The rules name {count} activity that the log does not have: {names}.",
            "The rules name {count} activities that the log does not have: {names}.",
            len(missing),
        ).format(count=len(missing), names=", ".join(map(quoted, missing))),
        remedy=_("Write the labels as the log has them, such as {near}.").format(near=", ".join(dict.fromkeys(near)))
        if near
        else _("Write the labels as the log has them, or rename the log's activities in the mapping."),
    )


def _named(rule: Rule) -> tuple[str, ...]:
    return (*rule.activities, *rule.targets)


def _prepare(store: LogStore, rule: Rule, codes: Mapping[str, int]) -> Prepared | Unprepared:
    check = Check(CheckKind.RULE, rule.activities, rule.targets, article=rule.article, rule=rule)
    if any(label not in codes for label in _named(rule)):
        return Unprepared(check, ("unknown_activity",))
    activities, targets = ([codes[label] for label in labels] for labels in (rule.activities, rule.targets))
    given: dict[str, pa.Table] = {}
    cases = CASES
    if conditions := rule.conditions_of(Role.CASE):
        given[_CASES] = matching_cases(store, conditions)
        cases = CASES.semi_join(cases_table(_CASES), "case")
    matches: list[ibis.Table | None] = [None, None]
    for place, (role, name, wanted) in enumerate(
        ((Role.ACTIVITY, _ACTIVITIES, activities), (Role.TARGET, _TARGETS, targets))
    ):
        if conditions := rule.conditions_of(role):
            given[name] = matching_instances(store, conditions, activities=wanted)
            matches[place] = instances_table(name)
    marked = marked_instances(EVENTS, cases, activities=activities, targets=targets, matches=(matches[0], matches[1]))
    verdicts = rule_verdicts(marked, EVENTS, cases, rule, extracted_us=store.extracted_us)
    return Prepared(check, verdicts, cases, given or None)


def rule_verdicts(
    marked: ibis.Table, events: ibis.Table, cases: ibis.Table, rule: Rule, *, extracted_us: int
) -> ibis.Table:
    """Return the verdict of a rule on each case that it judges.

    Parameters
    ----------
    marked
        As `potok.diagnose.conformance.marks.marked_instances` returns them.
    cases
        Those to which the rule applies.

    Returns
    -------
    ibis.Table
        `potok.diagnose.conformance.verdicts.COLUMNS`; cases in which nothing activates the rule are left out.
    """
    within_us = None if rule.within_seconds is None else int(rule.within_seconds * MICROSECONDS)
    if rule.template in WHOLE_CASE:
        return whole_case_verdicts(marked, events, cases, rule, within_us=within_us, extracted_us=extracted_us)
    judged = [
        judged_instances(
            seen_around(marked, is_reversed=element.is_reversed),
            element,
            within_us=within_us,
            extracted_us=extracted_us,
        )
        for element in ELEMENTS[rule.template]
    ]
    return case_verdicts(judged)
