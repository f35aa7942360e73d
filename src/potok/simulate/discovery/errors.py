"""What keeps a model from being discovered."""

from potok.core.errors import BadDataError


class TooFewCasesError(BadDataError):
    """A log of too few cases to learn a model from."""

    code = "POTOK-S070"


class NoInstantsError(BadDataError):
    """A log whose instances have no times."""

    code = "POTOK-S071"


class TooManyActivitiesError(BadDataError):
    """A log of so many activities that no model could be read."""

    code = "POTOK-S072"
