"""What a panel may lack for a synthetic comparison."""

from potok.core.errors import BadDataError


class TooFewControlsError(BadDataError):
    """Fewer than two untreated agencies, or months before the change, have all outcomes; or nobody is treated."""

    code = "POTOK-N042"
