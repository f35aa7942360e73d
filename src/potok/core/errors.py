"""Errors that a user may meet, each with a stable code, a place and a remedy.

An error's code is ``POTOK-`` plus a layer letter and a number (``L`` log, ``E`` engine, ``M`` measure, ``R`` report,
``C`` core, ``N`` inference, ``D`` discover, ``K`` command line, ``P`` demo). Codes are never reused: scripts and
auditors quote them.
"""

from typing import ClassVar, Final

EXIT_PROBLEMS_FOUND: Final = 1
EXIT_USAGE: Final = 2
EXIT_BAD_DATA: Final = 3
EXIT_INTEGRITY: Final = 4
EXIT_ENVIRONMENT: Final = 5
EXIT_INTERRUPTED: Final = 130


class PotokError(Exception):
    """Base of every anticipated failure.

    Parameters
    ----------
    message
        What is wrong, with the value found, in the user's language.
    where
        The place: file, row, column or case. Empty if there is none.
    remedy
        What the user can do about it. Empty only if nothing can be done.
    """

    code: ClassVar[str] = "POTOK-C000"
    exit_code: ClassVar[int] = EXIT_BAD_DATA

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def as_record(self) -> dict[str, str]:
        """Return ``code``, ``message``, ``where`` and ``remedy`` for ``--json``."""
        return {"code": self.code, "message": self.message, "where": self.where, "remedy": self.remedy}


class UsageError(PotokError):
    """An option or argument that cannot be used as given."""

    code = "POTOK-C001"
    exit_code = EXIT_USAGE


class BadDataError(PotokError):
    """Input that cannot be read or trusted as it is."""

    code = "POTOK-C002"
    exit_code = EXIT_BAD_DATA


class IntegrityError(PotokError):
    """A stored result that does not match its hash or signature."""

    code = "POTOK-C003"
    exit_code = EXIT_INTEGRITY


class EnvironmentFailureError(PotokError):
    """The machine refuses: no space, no permission, a missing program."""

    code = "POTOK-C004"
    exit_code = EXIT_ENVIRONMENT
