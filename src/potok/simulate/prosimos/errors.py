"""What can be wrong with models from and for Prosimos."""

from potok.core.errors import BadDataError


class BrokenProsimosError(BadDataError):
    """Files of a Prosimos model that cannot be read, or hold what a model here cannot."""

    code = "POTOK-S010"


class NotExportableError(BadDataError):
    """A model that holds what Prosimos cannot simulate."""

    code = "POTOK-S011"
