"""Declarative rules: the usual templates of Declare, with conditions on time and data.

A rule says what must not happen rather than how a process has to go. *Activities* activate it, *targets* answer; both
may name several activities, any of which counts. A rule that nothing activates in a case is kept *vacuously*, which is
reported apart.

References
----------
Pesic, Schonenberg, van der Aalst (2007), "DECLARE: full support for loosely-structured processes";
De Giacomo, Vardi (2013) for the semantics on finite traces.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Template(StrEnum):
    """What a rule asks; A stands for its activities, B for its targets."""

    EXISTENCE = "existence"
    """A happens at least `times` times."""
    ABSENCE = "absence"
    """A happens fewer than `times` times; once: never."""
    EXACTLY = "exactly"
    """A happens `times` times."""
    INIT = "init"
    """The case begins with A."""
    END = "end"
    """The case ends with A."""
    CHOICE = "choice"
    """A or B happens."""
    EXCLUSIVE_CHOICE = "exclusive_choice"
    """A or B happens, not both."""
    RESPONDED_EXISTENCE = "responded_existence"
    """Where A happens, B happens before or after."""
    CO_EXISTENCE = "co_existence"
    """A and B happen both or neither."""
    RESPONSE = "response"
    """After each A comes a B."""
    PRECEDENCE = "precedence"
    """Before each B comes an A."""
    SUCCESSION = "succession"
    """After each A comes a B, before each B an A."""
    ALTERNATE_RESPONSE = "alternate_response"
    """After each A comes a B before the next A."""
    ALTERNATE_PRECEDENCE = "alternate_precedence"
    """Before each B comes an A after the previous B."""
    ALTERNATE_SUCCESSION = "alternate_succession"
    """A and B alternate, A first."""
    CHAIN_RESPONSE = "chain_response"
    """A is followed by B at once."""
    CHAIN_PRECEDENCE = "chain_precedence"
    """B is preceded by A at once."""
    CHAIN_SUCCESSION = "chain_succession"
    """A and B are always one right after the other."""
    NOT_CO_EXISTENCE = "not_co_existence"
    """A and B do not both happen."""
    NOT_SUCCESSION = "not_succession"
    """After A no B comes."""
    NOT_CHAIN_SUCCESSION = "not_chain_succession"
    """A is not followed by B at once."""


COUNTED: Final = frozenset({Template.EXISTENCE, Template.ABSENCE, Template.EXACTLY})
ENDPOINTS: Final = frozenset({Template.INIT, Template.END})
CHOICES: Final = frozenset({Template.CHOICE, Template.EXCLUSIVE_CHOICE})
UNARY: Final = COUNTED | ENDPOINTS
WHOLE_CASE: Final = UNARY | CHOICES
"""Templates that judge a case as a whole; the others judge each instance that activates them."""


class Role(StrEnum):
    """What a condition is about."""

    CASE = "case"
    ACTIVITY = "activity"
    TARGET = "target"


class Operator(StrEnum):
    """How a value is compared."""

    ONE_OF = "one_of"
    NONE_OF = "none_of"
    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on an attribute; where the attribute is unknown it does not hold.

    Parameters
    ----------
    of
        The case, the activating instance or the answering one.
    attribute
        Name of an attribute, or ``channel``, ``service``, ``agency`` of cases, ``org_unit``, ``resource`` of instances.
    operator, values
        Texts for `ONE_OF` and `NONE_OF`, one number for the others.
    """

    of: Role
    attribute: str
    operator: Operator
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A declarative rule.

    Parameters
    ----------
    template
        What it asks.
    activities, targets
        Labels of A and B, any of which counts; no targets for templates about A alone.
    times
        For `COUNTED` templates.
    within_seconds
        How far an answer may be from what it answers, calendar time; for `EXISTENCE`, from the opening of the case.
        None: any time. In `NOT_CO_EXISTENCE` and `NOT_SUCCESSION` only answers within it are forbidden.
    conditions
        All must hold: of a case, for the rule to apply to it; of an instance, for it to count.
    article
        The act behind the rule, or a note; may be empty.
    """

    template: Template
    activities: tuple[str, ...]
    targets: tuple[str, ...] = ()
    times: int = 1
    within_seconds: float | None = None
    conditions: tuple[Condition, ...] = ()
    article: str = ""

    def conditions_of(self, role: Role) -> tuple[Condition, ...]:
        """Return the conditions on one thing."""
        return tuple(condition for condition in self.conditions if condition.of is role)
