"""What must be known of a model that was learned from a log."""

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.report.formats import format_share
from potok.simulate.discovery.fit import ModelFit
from potok.simulate.discovery.learning import NOTES
from potok.simulate.discovery.people import REASONS


def describe_fit(fit: ModelFit) -> tuple[str, ...]:
    """Say what could not be learned, what is assumed, and who is hardly ever free."""
    busy = _("In the log {pool} worked {share} of the time on duty: small changes of load make large ones in waiting.")
    return (
        *(_(REASONS[key]) for key in fit.reasons),
        *(_(NOTES[key]) for key in fit.notes),
        *(
            busy.format(pool=quoted(one.pool), share=format_share(one.utilisation))
            for one in fit.pools
            if one.is_saturated
        ),
    )
