"""Checks: one demand on the cases of a log, from a regulation or a file of rules, and what came of it."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

import ibis

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import mark
from potok.diagnose.conformance.rules import Rule
from potok.diagnose.conformance.verdicts import (
    VerdictCounts,
    count_verdicts,
    example_cases,
    list_broken_cases,
)
from potok.engine.base import Engine, Given
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence

REASONS: Final = {
    "unknown_activity": mark("The log does not have all the activities that the rule names."),
    "unknown_performer": mark("The log does not have any of the performers that the regulation names."),
    "unknown_attribute": mark("The log does not have the attribute that the rule names."),
    "tied_instants": mark(
        "Some activities carry the same instant, so that nobody knows which came first; such cases are undecided."
    ),
    "reply_unknown": mark("The log does not say when a request was answered."),
}


class UnknownCheckError(BadDataError):
    """Cases are asked for of a check that was not made."""

    code = "POTOK-D042"


class CheckKind(StrEnum):
    """What a check demands."""

    ORDER = "order"
    MANDATORY_STEP = "mandatory_step"
    FORBIDDEN_STEP = "forbidden_step"
    LIMIT = "limit"
    DOCUMENT_REQUEST = "document_request"
    HELD_PAPER = "held_paper"
    DECISION_MAKER = "decision_maker"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Check:
    """A demand.

    Parameters
    ----------
    kind
        What it demands.
    activities, targets
        Labels: of an order rule what comes first and what later, of requests the requests and the replies.
    article
        The rule of the act.
    at_most
        Of limits and requests: how often they may happen.
    subject
        Of held papers the paper and who holds it, of decision makers who may decide.
    rule
        Of `CheckKind.RULE`: the declarative rule.
    """

    kind: CheckKind
    activities: tuple[str, ...]
    targets: tuple[str, ...] = ()
    article: str = ""
    at_most: int | None = None
    subject: tuple[str, ...] = ()
    rule: Rule | None = None

    @property
    def identifier(self) -> str:
        """Id that stays the same as long as the demand does."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return "C-" + hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def label(self) -> str:
        """Name of the demand among places: what it demands of which activities."""
        demand = self.rule.template if self.rule else self.kind
        sides = [", ".join(side) for side in (self.activities, self.targets) if side]
        return f"{demand}({' → '.join(sides)})"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A check that can be run.

    Parameters
    ----------
    check
        What it demands.
    verdicts
        One row per case that it judges: `potok.diagnose.conformance.verdicts.COLUMNS`.
    cases
        Cases of which it can speak.
    given
        Tables that both are run with.
    reasons
        What keeps it from telling more: keys of `REASONS`.
    """

    check: Check
    verdicts: ibis.Table
    cases: ibis.Table
    given: Given | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unprepared:
    """A check that cannot be run, and why: keys of `REASONS`."""

    check: Check
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check.

    Parameters
    ----------
    check
        What it demands.
    counts
        Over all cases; None where the log cannot tell.
    example_cases
        Codes of violated cases, those with most time concerned first; at most ten.
    reasons
        What keeps it from telling (more): keys of `REASONS`.
    """

    check: Check
    counts: VerdictCounts | None
    example_cases: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


def run_check(prepared: Prepared | Unprepared, store: LogStore, *, engine: Engine | None = None) -> CheckResult:
    """Run a check and count what came of it."""
    if isinstance(prepared, Unprepared):
        return CheckResult(prepared.check, None, reasons=prepared.reasons)
    counts = count_verdicts(prepared.verdicts, prepared.cases, store, given=prepared.given, engine=engine)
    examples: tuple[int, ...] = ()
    if counts.violated_cases:
        examples = example_cases(prepared.verdicts, store, given=prepared.given, engine=engine)
    reasons = prepared.reasons + (("tied_instants",) if counts.undecided_cases else ())
    return CheckResult(prepared.check, counts, examples, reasons)


def list_check_cases(
    prepared: Prepared | Unprepared, store: LogStore, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases that violate a check, those with most time concerned first; none where the log cannot tell."""
    if isinstance(prepared, Unprepared):
        return ()
    return list_broken_cases(prepared.verdicts, store, limit=limit, given=prepared.given, engine=engine)


def find_check(prepared: tuple[Prepared | Unprepared, ...], identifier: str) -> Prepared | Unprepared:
    """Return the check of an id, or of the label by which a finding names it (`Place.rule`).

    Raises
    ------
    UnknownCheckError
        If none has it.
    """
    known = {one.check.identifier: one for one in prepared}
    by_label = {one.check.label: one for one in prepared}
    if identifier in by_label:
        return by_label[identifier]
    if identifier not in known:
        raise UnknownCheckError(
            _("No check has the id {id}.").format(id=identifier),
            where="--check",
            remedy=_("Checks made here: {ids}.").format(ids=", ".join(known) or "–"),
        )
    return known[identifier]


def with_reason(prepared: Prepared, reason: str) -> Prepared:
    """Return a check with one more reason."""
    return replace(prepared, reasons=(*prepared.reasons, reason))
