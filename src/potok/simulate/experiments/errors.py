"""Why an experiment cannot be made."""

from potok.core.errors import BadDataError, UsageError


class ExperimentValueError(UsageError):
    """A setting of an experiment that cannot be."""

    code = "POTOK-S110"


class NoArrivalsError(BadDataError):
    """A model in which no case arrives in the time asked for."""

    code = "POTOK-S111"


class NoTermError(UsageError):
    """The share within the term is asked for, but there is no term."""

    code = "POTOK-S112"


class NoFigureError(UsageError):
    """A figure that the experiment does not tell."""

    code = "POTOK-S113"
