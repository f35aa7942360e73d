"""What can be wrong with a filter."""

from potok.core.errors import UsageError


class FilterSyntaxError(UsageError):
    """A filter expression that cannot be understood."""

    code = "POTOK-M030"


class FilterValueError(UsageError):
    """A filter with a value that it cannot take."""

    code = "POTOK-M031"


class UnknownFilterTargetError(UsageError):
    """A filter names an activity, a variant, a column or a value that the log does not have."""

    code = "POTOK-M032"


class NothingLeftError(UsageError):
    """A filter that leaves no case."""

    code = "POTOK-M033"
