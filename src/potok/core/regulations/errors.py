"""What can be wrong with a regulation."""

from potok.core.errors import BadDataError, UsageError


class BrokenRegulationError(BadDataError):
    """A regulation file that cannot be read, or holds what a regulation cannot."""

    code = "POTOK-C020"


class ImpossibleTermError(BrokenRegulationError):
    """A term that no case can keep or break, such as one that ends with what it starts with."""

    code = "POTOK-C021"


class MixedUnitsError(BrokenRegulationError):
    """A term whose parts are given in different units of measure."""

    code = "POTOK-C022"


class UnknownActivitiesError(BadDataError):
    """A regulation that names activities which the log does not have."""

    code = "POTOK-C023"


class UnknownTermError(UsageError):
    """A term that the regulation does not state."""

    code = "POTOK-C024"
