"""What can be wrong with a protocol."""

from potok.core.errors import BadDataError, UsageError


class BrokenProtocolError(BadDataError):
    """A file that is no protocol, or one that contradicts itself."""

    code = "POTOK-V001"


class ImpossibleDrawError(UsageError):
    """Agencies that cannot be dealt out to waves as asked."""

    code = "POTOK-V002"
