"""What can be wrong with a protocol."""

from potok.core.errors import BadDataError, UsageError


class BrokenProtocolError(BadDataError):
    """A file that is no protocol, or one that contradicts itself."""

    code = "POTOK-V001"


class ImpossibleDrawError(UsageError):
    """Agencies that cannot be dealt out to waves as asked."""

    code = "POTOK-V002"


class MissingAnswerError(UsageError):
    """A question about a new protocol that has no usual answer and was not answered."""

    code = "POTOK-V003"


class BadAnswerError(UsageError):
    """An answer to a question about a new protocol that cannot be used."""

    code = "POTOK-V004"


class UnknownAnswerError(UsageError):
    """Answers that no question asks for, or a file of answers that cannot be read."""

    code = "POTOK-V005"
