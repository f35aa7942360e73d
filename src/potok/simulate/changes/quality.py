"""What it does to quality when an activity is left out."""

from dataclasses import replace
from typing import Final

from potok.core.change import CheckByRisk, Remove
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import UndecidedChangeError, WrongValueError
from potok.simulate.model import Consequence, ProcessModel

ADVERSE: Final = "adverse"
"""What an indicator of quality is called that a change does not name."""


def declare_consequence(model: ProcessModel, change: Remove | CheckByRisk) -> ProcessModel:
    """Put what a change says that an activity prevents into the model."""
    given = (change.share_with, change.share_without)
    if given == (None, None):
        return model
    if change.share_with is None or change.share_without is None:
        raise UndecidedChangeError(
            _("What {name} prevents needs two shares.").format(name=quoted(change.activity)),
            remedy=_("Give both share_with and share_without."),
        )
    for name, share in (("share_with", change.share_with), ("share_without", change.share_without)):
        if not 0.0 <= share <= 1.0:
            raise WrongValueError(
                _("{name} cannot be {value}.").format(name=name, value=share), remedy=_("Give a share from 0 to 1.")
            )
    known = [one.indicator for one in model.consequences if one.activity == change.activity]
    indicator = change.indicator or (known[0] if len(known) == 1 else ADVERSE)
    kept = tuple(one for one in model.consequences if (one.indicator, one.activity) != (indicator, change.activity))
    declared = Consequence(indicator, change.activity, change.share_with, change.share_without)
    return replace(model, consequences=(*kept, declared))


def share_caught(model: ProcessModel, change: CheckByRisk) -> ProcessModel:
    """Let the cases left out be those with less risk.

    Of what the activity prevents, ``d = share_without − share_with`` a case, the cases chosen hold the part
    `caught_share`. The rest, ``(1 − caught_share) d``, falls on the share ``1 − share`` of the cases left out, so that
    among them it happens in ``share_with + (1 − caught_share) d / (1 − share)``.
    """
    if change.caught_share is None or change.share is None:
        return model
    if not 0.0 <= change.caught_share <= 1.0:
        raise WrongValueError(
            _("{name} cannot be {value}.").format(name="caught_share", value=change.caught_share),
            remedy=_("Give a share from 0 to 1."),
        )
    prevented = [one for one in model.consequences if one.activity == change.activity]
    if not prevented:
        raise UndecidedChangeError(
            _("The model does not say what {name} prevents.").format(name=quoted(change.activity)),
            remedy=_("Give share_with and share_without as well, or a consequence in the model."),
        )
    spread = (1.0 - change.caught_share) / (1.0 - change.share)
    return replace(
        model,
        consequences=tuple(
            replace(one, share_without=min(one.share_with + spread * (one.share_without - one.share_with), 1.0))
            if one.activity == change.activity
            else one
            for one in model.consequences
        ),
    )
