"""Why a change cannot be applied."""

from collections.abc import Iterable
from difflib import get_close_matches

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import quoted

_MOST_LISTED = 20


class ChangeError(UsageError):
    """A change that cannot be applied to a model."""

    code = "POTOK-S100"


class BrokenChangesError(ChangeError):
    """A file of changes that cannot be read, or says what it cannot say."""

    code = "POTOK-S101"


class UnknownNameError(ChangeError):
    """A change names an activity, a pool, a person, a case type or a calendar that the model does not have."""

    code = "POTOK-S102"


class NoEffectError(ChangeError):
    """A change asks for what is so already, or for what cannot have an effect in this model."""

    code = "POTOK-S103"


class UndecidedChangeError(ChangeError):
    """A change leaves open what has to be decided before it can be simulated."""

    code = "POTOK-S104"


class ImpossibleChangeError(ChangeError):
    """A change after which nothing, or nobody, is left to do the work, or that contradicts the model."""

    code = "POTOK-S105"


class WrongValueError(ChangeError):
    """A change has a value that it cannot take."""

    code = "POTOK-S106"


def unknown(message: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not known; `message` holds ``{name}``."""
    names = list(dict.fromkeys(known))
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    # Names written in another case or with other spaces are near, too.
    folded = [one for one in names if one.casefold().split() == name.casefold().split() and one not in near]
    chosen = [*folded, *near]
    remedy = _("Did you mean {names}?") if chosen else _("Choose one of: {names}.")
    shown = ", ".join(quoted(one) for one in (chosen or names[:_MOST_LISTED]))
    return UnknownNameError(message.format(name=name), remedy=remedy.format(names=shown or "–"))
