"""What panels and assignments of a randomisation test may lack."""

from potok.core.errors import BadDataError, UsageError


class UnfitPanelError(UsageError):
    """Arrays of a panel, its assignments or weights that do not fit together."""

    code = "POTOK-N040"


class NoContrastError(BadDataError):
    """No agency has months before and after its change with an unchanged agency beside it."""

    code = "POTOK-N041"
