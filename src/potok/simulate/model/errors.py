"""What can be wrong with the model of a process."""

from dataclasses import dataclass

from potok.core.errors import BadDataError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a model that cannot be.

    Parameters
    ----------
    place
        Where in the document, such as ``activities[2].duration``; counted from 1.
    message
        What is wrong, with the value found, in the user's language.
    """

    place: str
    message: str


class BrokenModelError(BadDataError):
    """A model of a process that cannot be read, or contradicts itself.

    Parameters
    ----------
    problems
        All that was found; of a document that could not be read to its end, none.
    """

    code = "POTOK-S001"

    def __init__(self, message: str, *, where: str = "", remedy: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.problems = problems
