"""What can be wrong with a register as a whole."""

from potok.core.errors import BadDataError, UsageError


class NoNameColumnError(BadDataError):
    """No sheet of the register has a column with the names of processes."""

    code = "POTOK-D050"


class EmptyRegisterError(BadDataError):
    """The register has a heading and not one process."""

    code = "POTOK-D051"


class UnreadableRegisterError(BadDataError):
    """The file cannot be read as a register at all."""

    code = "POTOK-D052"


class UnknownProcessError(UsageError):
    """A log or a pilot is given for a process that the register does not have, or has more than once."""

    code = "POTOK-D053"


class PilotsError(UsageError):
    """A list of pilots that cannot be used."""

    code = "POTOK-D054"
