"""What can keep a model from being run."""

from potok.core.errors import BadDataError, UsageError


class NoEndInSightError(BadDataError):
    """Work that is not done within the longest time that a run may cover."""

    code = "POTOK-S050"


class BadWindowError(UsageError):
    """A time to simulate that ends before it begins, or is too long."""

    code = "POTOK-S051"


class NobodyDoesItError(BadDataError):
    """Activities that are not automatic and that nobody can do."""

    code = "POTOK-S052"


class EndlessBatchError(BadDataError):
    """A batch that nothing makes ready."""

    code = "POTOK-S053"


class UnroutableHistoryError(BadDataError):
    """A history for which the model does not say what follows, or a graph that cannot be walked."""

    code = "POTOK-S054"


class TooManyArrivalsError(BadDataError):
    """More cases than a run can hold."""

    code = "POTOK-S055"
