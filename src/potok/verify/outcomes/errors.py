"""What can be wrong with log stores and a protocol that do not fit each other: all are errors of use."""

from potok.core.errors import UsageError


class NoStoresError(UsageError):
    """A verification without a single log store."""

    code = "POTOK-V030"


class StoresDifferError(UsageError):
    """Log stores whose times, closings or zones mean different things."""

    code = "POTOK-V031"


class ExtractionsDifferError(UsageError):
    """A log store of closed cases only beside others that hold open cases."""

    code = "POTOK-V032"


class AgencyTwiceError(UsageError):
    """An agency whose cases lie in two log stores."""

    code = "POTOK-V033"


class CaseTwiceError(UsageError):
    """A case id that occurs in two log stores."""

    code = "POTOK-V034"


class UnknownProtocolAttributeError(UsageError):
    """An attribute that the protocol judges by and that no log store has."""

    code = "POTOK-V035"


class UnknownProtocolActivityError(UsageError):
    """An activity that the protocol declares and that no log store has."""

    code = "POTOK-V036"


class WatchUnknownError(UsageError):
    """An extract of active cases that does not say since when they were watched."""

    code = "POTOK-V037"


class AgencyNamesError(UsageError):
    """Names of agencies that do not fit the log stores."""

    code = "POTOK-V038"


class UnknownProtocolValueError(UsageError):
    """A service or channel that the protocol names and that no case has."""

    code = "POTOK-V039"


class MissingCalendarError(UsageError):
    """A clock of working days without a calendar."""

    code = "POTOK-V040"
