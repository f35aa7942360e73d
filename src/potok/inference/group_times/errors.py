"""What panels may lack from which effects by group and time are wanted."""

from potok.core.errors import BadDataError, UsageError


class UnfitGroupTimesError(UsageError):
    """Outcomes, first treated places, covariates or weights that do not fit together."""

    code = "POTOK-N030"


class NothingComparedError(BadDataError):
    """No group that was watched before its change has anybody untreated beside it."""

    code = "POTOK-N031"


class UnfitCovariatesError(BadDataError):
    """Covariates that are not known for every study unit."""

    code = "POTOK-N032"
