"""What a guess yields: the mapping, and why each column got its role."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import mark
from potok.log.mapping import Mapping

SHOWN_COLUMNS: Final = 30
SHOWN_VALUES: Final = 3
SHOWN_LENGTH: Final = 24

ROLE_NAMES: Final[Dictionary[str, str]] = {
    "case_id": mark("the case"),
    "activity": mark("the activity"),
    "completed_at": mark("the time of completion"),
    "started_at": mark("the time of start"),
    "enabled_at": mark("the time from which work could start"),
    "resource": mark("the employee"),
    "org_unit": mark("the department"),
    "cost": mark("the cost"),
    "lifecycle": mark("the life-cycle transition"),
    "instance": mark("the number of the activity instance"),
    "outcome": mark("the outcome of the case"),
    "channel": mark("the channel"),
    "service": mark("the service"),
    "agency": mark("the agency"),
    "closing": mark("the time of closing"),
    "decimal": mark("the decimal mark"),
}


class MissingRoleError(BadDataError):
    """No column was found for a role without which there is no event log."""

    code = "POTOK-L082"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a role was given to a column.

    Parameters
    ----------
    role
        Field of `potok.log.mapping.Mapping`.
    columns
        The columns chosen.
    confidence
        0–1: 1 for a standard key or a preset, below 0.5 for a guess by values alone.
    code
        ``standard_key``, ``preset``, ``header``, ``values`` or ``given``, whatever the language.
    text
        The reason as a sentence, in the user's language.
    """

    role: str
    columns: tuple[str, ...]
    confidence: float
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping complete enough to import by, and how it came about.

    Parameters
    ----------
    mapping
        What was given, with the rest guessed.
    reasons
        One per guessed role.
    warnings
        Sentences about what could be read in two ways, and which was chosen.
    """

    mapping: Mapping
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]


def role_name(role: str) -> str:
    """Return a role in the user's language."""
    return _(ROLE_NAMES[role])


def missing_roles(roles: Sequence[str], values: Dictionary[str, Sequence[str | None]]) -> MissingRoleError:
    """Build the error that lists the columns with examples and says how to name roles."""
    shown = [_column_with_examples(name, texts) for name, texts in list(values.items())[:SHOWN_COLUMNS]]
    if len(values) > SHOWN_COLUMNS:
        shown.append(_("and {count} more").format(count=len(values) - SHOWN_COLUMNS))
    return MissingRoleError(
        _("No column was found for {roles}.").format(roles=", ".join(map(role_name, roles))),
        where=_("Columns: {columns}").format(columns="; ".join(shown)),
        remedy=_(
            "Name the columns: --case COLUMN --activity COLUMN --completed COLUMN, "
            "and --started COLUMN if there is one."
        ),
    )


def _column_with_examples(name: str, texts: Sequence[str | None]) -> str:
    examples = list(dict.fromkeys(text[:SHOWN_LENGTH] for text in texts if text))[:SHOWN_VALUES]
    return f"“{name}” ({', '.join(examples)})" if examples else _("“{name}” (empty)").format(name=name)
