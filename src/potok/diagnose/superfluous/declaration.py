"""What people declare about the steps of a process before its log may say that one could go.

A log shows what happened. How much worse quality may get, how bad a missed fault is, what else may lie behind the
choice of cases that skip a step, whom a step protects and what the law says are for people to say, beforehand, in a
file that can be read and argued about.
"""

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.regulations.regulation import Direction, Regulation
from potok.core.toml_reading import TomlTable, read_toml

SCHEMA: Final = "potok.step-rules/1"
BRANCHING: Final = "branching"
"""Declared as the result of a step: what it decides shows in the activity that follows."""
_MOST_DAYS: Final = 3_660


class BrokenStepRulesError(BadDataError):
    """A file of step rules that cannot be read, or holds what such rules cannot."""

    code = "POTOK-D030"


class LegalStatus(StrEnum):
    """Whether the law lets a step go."""

    FREE = "free"
    BOUND = "bound"
    UNKNOWN = "unknown"


class Safeguard(StrEnum):
    """What a step protects, whether or not a log shows it."""

    FRAUD = "fraud"
    SAFETY = "safety"
    RIGHTS = "rights"
    DETERRENCE = "deterrence"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A share of cases that must not worsen.

    Parameters
    ----------
    name
        Unique.
    activities, outcomes
        A case counts if, after the step, it has one of the activities or ends with one of the outcomes.
    counts_rework
        Whether a case counts if, after the step, an activity is done that had been done before.
    direction
        Which way is good.
    margin_share
        Largest acceptable worsening as a difference of shares, 0–1; None where nobody has declared one.
    reason
        Why the margin is what it is.
    is_recorded
        Whether the log has anything by which it shows: what a log never records is not thereby zero.
    """

    name: str
    activities: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    counts_rework: bool = False
    direction: Direction = Direction.LOWER_IS_BETTER
    margin_share: float | None = None
    reason: str = ""
    is_recorded: bool = True

    def within(self, activities: Container[str], outcomes: Container[str]) -> "Indicator":
        """Return the indicator as far as a log with these activities and outcomes of cases can show it."""
        known = tuple(name for name in self.activities if name in activities)
        is_recorded = self.counts_rework or bool(known) or any(name in outcomes for name in self.outcomes)
        return replace(self, activities=known, is_recorded=is_recorded)


@dataclass(frozen=True, slots=True)
class StepRule:
    """What is declared about one step.

    Parameters
    ----------
    activity
        Its label in the log.
    result
        Column of the log that holds its result, or `BRANCHING`; empty if nobody has said.
    natural_results
        Results that alter nothing; empty takes the most frequent one.
    severity
        Loss, in the declared unit, if one alteration is missed; None if not declared.
    safeguards
        What it protects.
    legal, article
        What the law says, and where.
    used_by
        Later activities or acts that use its document; None if nobody has looked.
    is_check
        Whether cases that end with it have been rejected by it.
    """

    activity: str
    result: str = ""
    natural_results: tuple[str, ...] = ()
    severity: float | None = None
    safeguards: tuple[Safeguard, ...] = ()
    legal: LegalStatus = LegalStatus.UNKNOWN
    article: str = ""
    used_by: tuple[str, ...] | None = None
    is_check: bool = False


@dataclass(frozen=True, slots=True)
class StepRules:
    """What is declared about the steps of a process.

    Parameters
    ----------
    indicators
        Of quality.
    steps
        Declared steps, each at most once.
    gamma
        Confounding bound Γ ≥ 1: by what factor unrecorded circumstances may at most multiply or divide the odds that a
        case skips a step. 1 says that they play no part, as under a lottery. None if nobody has declared one.
    gamma_reason
        Why the bound is believed.
    acceptable_loss
        Loss per run that is acceptable, in the unit of the severities; None if not declared.
    loss_unit
        What severities are counted in.
    follow_up_days
        How long cases are followed from the moment at which the step was due; None takes it from the log.
    case_mix
        Columns of cases that describe their mix; None takes all that are suitable.
    regulation
        The act that regulates the service; None if none was given.
    source
        The file read, for messages.
    content_id
        SHA-256 over what is declared; empty if nothing is.
    """

    indicators: tuple[Indicator, ...] = ()
    steps: tuple[StepRule, ...] = ()
    gamma: float | None = None
    gamma_reason: str = ""
    acceptable_loss: float | None = None
    loss_unit: str = ""
    follow_up_days: int | None = None
    case_mix: tuple[str, ...] | None = None
    regulation: Regulation | None = field(default=None, compare=False)
    source: str = field(default="", compare=False)
    content_id: str = field(default="", compare=False)

    @property
    def own_indicators(self) -> tuple[Indicator, ...]:
        """The indicators beside those of the regulation."""
        regulated = indicators_of(self.regulation)
        return tuple(indicator for indicator in self.indicators if indicator not in regulated)

    def under(self, regulation: Regulation | None) -> "StepRules":
        """Return the rules with the duties and the quality indicators of a regulation, in place of those of another.

        Raises
        ------
        BrokenStepRulesError
            If an indicator of the regulation has the name of a declared one.
        """
        given = self.own_indicators + indicators_of(regulation)
        _check_different(
            TomlTable({}, file=self.source, place="", error=BrokenStepRulesError),
            "indicators",
            [indicator.name for indicator in given],
        )
        return replace(self, indicators=given, regulation=regulation)

    def rule(self, activity: str) -> StepRule:
        """Return what is declared about a step; an empty rule if nothing is."""
        for step in self.steps:
            if step.activity == activity:
                return step
        return StepRule(activity)

    def activities_named(self) -> Iterator[str]:
        """Return every activity that is named outside the regulation; acts that use a document are free text."""
        yield from (step.activity for step in self.steps)
        for indicator in self.own_indicators:
            yield from indicator.activities


def load_step_rules(path: str | Path, *, regulation: Regulation | None = None) -> StepRules:
    """Read step rules from a TOML file.

    Parameters
    ----------
    regulation
        The act, whose quality indicators count as declared as well.

    Raises
    ------
    BrokenStepRulesError
        If the file does not describe step rules.
    """
    file = Path(path)
    return step_rules_from_mapping(read_toml(file, BrokenStepRulesError), file=str(file), regulation=regulation)


def step_rules_from_mapping(
    content: Mapping[str, Any], *, file: str = "step rules", regulation: Regulation | None = None
) -> StepRules:
    """Make step rules from the content of a TOML document.

    Raises
    ------
    BrokenStepRulesError
        If it does not describe step rules.
    """
    table = TomlTable(content, file=file, place="", error=BrokenStepRulesError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    table.text("note", "")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    rules = StepRules(
        indicators=tuple(map(_read_indicator, table.tables("indicators"))),
        steps=tuple(map(_read_step, table.tables("steps"))),
        gamma=_read_gamma(table),
        gamma_reason=table.text("gamma_reason", ""),
        acceptable_loss=table.number("acceptable_loss") if table.has("acceptable_loss") else None,
        loss_unit=table.text("loss_unit", ""),
        follow_up_days=_read_days(table),
        case_mix=table.texts("case_mix") if table.has("case_mix") else None,
        source=file,
        content_id=hashlib.sha256(text.encode()).hexdigest(),
    )
    table.finish()
    _check_different(table, "steps", [step.activity for step in rules.steps])
    return rules.under(regulation)


def indicators_of(regulation: Regulation | None) -> tuple[Indicator, ...]:
    """Return the quality indicators of a regulation, with the values and activities of the outcomes that they name."""
    if regulation is None:
        return ()
    outcomes = {outcome.name: outcome for outcome in regulation.outcomes}
    return tuple(
        Indicator(
            name=indicator.name,
            activities=(
                *indicator.activities,
                *(activity for name in indicator.outcomes for activity in outcomes[name].activities),
            ),
            outcomes=tuple(value for name in indicator.outcomes for value in outcomes[name].values),
            direction=indicator.direction,
            margin_share=indicator.margin_share,
            reason=indicator.article,
        )
        for indicator in regulation.quality_indicators
    )


def _read_gamma(table: TomlTable) -> float | None:
    if not table.has("gamma"):
        return None
    gamma = table.number("gamma")
    if gamma < 1:
        raise table.wrong_value("gamma", gamma, _("1 for none, or a factor above 1 such as 1.5"))
    if not table.has("gamma_reason"):
        raise table.failure(
            "gamma_reason",
            _("A confounding bound is declared without a reason."),
            _("Say in gamma_reason why nothing unrecorded can matter more."),
        )
    return gamma


def _read_days(table: TomlTable) -> int | None:
    return table.integer("follow_up_days", least=1, most=_MOST_DAYS) if table.has("follow_up_days") else None


def _read_indicator(table: TomlTable) -> Indicator:
    indicator = Indicator(
        name=table.text("name"),
        activities=table.texts("activities", []),
        outcomes=table.texts("outcomes", []),
        counts_rework=table.boolean("counts_rework", default=False),
        direction=Direction(table.choice("direction", tuple(Direction), Direction.LOWER_IS_BETTER)),
        margin_share=table.share("margin_share") if table.has("margin_share") else None,
        reason=table.text("reason", ""),
    )
    table.finish()
    if not (indicator.activities or indicator.outcomes or indicator.counts_rework):
        raise table.failure(
            "activities", _("Nothing shows this indicator."), _("Name activities or outcomes, or set counts_rework.")
        )
    return indicator


def _read_step(table: TomlTable) -> StepRule:
    rule = StepRule(
        activity=table.text("activity"),
        result=table.text("result", ""),
        natural_results=table.texts("natural_results", []),
        severity=table.number("severity") if table.has("severity") else None,
        safeguards=tuple(
            Safeguard(_known(table, "safeguards", name, tuple(Safeguard))) for name in table.texts("safeguards", [])
        ),
        legal=LegalStatus(table.choice("legal", tuple(LegalStatus), LegalStatus.UNKNOWN)),
        article=table.text("article", ""),
        used_by=_read_used_by(table),
        is_check=table.boolean("is_check", default=False),
    )
    table.finish()
    if rule.legal is LegalStatus.BOUND and not rule.article:
        raise table.failure("article", _("It is not said what binds this step."), _("Name the act and its article."))
    return rule


def _read_used_by(table: TomlTable) -> tuple[str, ...] | None:
    if not table.has("used_by"):
        return None
    # An empty list says something here: people have looked, and nothing uses the document.
    found = table.value("used_by", list, _("a list of activities or acts; an empty one if nothing uses it"))
    if not all(isinstance(name, str) and name.strip() for name in found):
        raise table.wrong_value("used_by", found, _("a list of activities or acts; an empty one if nothing uses it"))
    return tuple(found)


def _known(table: TomlTable, key: str, found: str, choices: tuple[str, ...]) -> str:
    if found not in choices:
        raise table.wrong_value(key, found, _("one of {choices}").format(choices=", ".join(choices)))
    return found


def _check_different(table: TomlTable, key: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise table.failure(key, _("“{name}” stands here twice.").format(name=name), _("Keep one of them."))
