"""What event studies may lack."""

from potok.core.errors import BadDataError


class NoTrendError(BadDataError):
    """An event study without the places before or after the change that its trend would be told from."""

    code = "POTOK-N033"
