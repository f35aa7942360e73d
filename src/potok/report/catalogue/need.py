"""What some measures need besides the log, and how it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.measure.cost_model import CostModel
from potok.measure.tariffs import Tariffs


class Need(StrEnum):
    """Something that people declare and no log knows."""

    REGULATION = "regulation"
    TARIFFS = "tariffs"
    COST_MODEL = "cost_model"
    VALUE_ADDING = "value_adding"


class RegulationNeededError(UsageError):
    """A measure of terms is asked for without a regulation."""

    code = "POTOK-R004"


class InputNeededError(UsageError):
    """A measure is asked for without what people have to declare for it."""

    code = "POTOK-K030"


class InputUnusedError(UsageError):
    """A measure is given what it takes no account of."""

    code = "POTOK-K031"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is declared for a measure.

    Parameters
    ----------
    by
        What to group by; empty for no groups, or those that the measure has of itself.
    tariffs
        What an hour of staff costs.
    cost_model
        What applicants have to do.
    value_adding
        Activities that add value.
    """

    by: str = ""
    tariffs: Tariffs | None = None
    cost_model: CostModel | None = None
    value_adding: tuple[str, ...] = ()

    def given(self) -> frozenset[Need]:
        """Return which needs are met."""
        held = {
            Need.TARIFFS: self.tariffs,
            Need.COST_MODEL: self.cost_model,
            Need.VALUE_ADDING: self.value_adding or None,
        }
        return frozenset(need for need, value in held.items() if value is not None)


OPTIONS: Final = {
    Need.REGULATION: "--regulation",
    Need.TARIFFS: "--tariffs",
    Need.COST_MODEL: "--cost-model",
    Need.VALUE_ADDING: "--value-adding",
}
_MISSING: Final[dict[Need, Callable[[], tuple[str, str]]]] = {
    Need.REGULATION: lambda: (
        _("The measure «{name}» needs a regulation."),
        _("Name the file in which the terms of the service are written: --regulation FILE.toml."),
    ),
    Need.TARIFFS: lambda: (
        _("The measure «{name}» needs tariffs."),
        _("Name the file that says what an hour of staff costs: --tariffs FILE.toml."),
    ),
    Need.COST_MODEL: lambda: (
        _("The measure «{name}» needs a cost model."),
        _("Name the file that says what applicants have to do: --cost-model FILE.toml."),
    ),
    Need.VALUE_ADDING: lambda: (
        _("The measure «{name}» needs the activities that add value; no log knows them."),
        _("Name them: --value-adding ACTIVITY; the option may be repeated."),
    ),
}


def need_error(need: Need, name: str) -> UsageError:
    """Return the error for a measure that lacks what it needs."""
    message, remedy = _MISSING[need]()
    kind = RegulationNeededError if need is Need.REGULATION else InputNeededError
    return kind(message.format(name=name), where=OPTIONS[need], remedy=remedy)


def unused_error(option: str, name: str) -> InputUnusedError:
    """Return the error for what a measure takes no account of."""
    return InputUnusedError(
        _("The measure «{name}» takes no account of {option}.").format(name=name, option=option),
        where=option,
        remedy=_("Leave the option out, or ask for a measure that uses it."),
    )
