"""What is wrong with a series."""

from potok.core.errors import BadDataError, UsageError


class TooFewMonthsError(BadDataError):
    """A series with too few months before the change to fit its trend, or with none after it."""

    code = "POTOK-N020"


class UnusableMonthsError(BadDataError):
    """Arrays of a series that do not fit together, or months whose values, numbers or variances are impossible."""

    code = "POTOK-N021"


class UnusableOptionError(UsageError):
    """An option of a series' test outside what it allows."""

    code = "POTOK-N022"
