"""How long work reports what it has done."""

from typing import Protocol


class Progress(Protocol):
    """Receives the advance of long work; a terminal shows it, a test ignores it."""

    def start(self, stage: str, *, total: int | None = None, unit: str = "") -> None:
        """Begin a stage; `total` is in `unit` (``"bytes"``, ``"rows"``), None if unknown."""
        ...

    def advance_to(self, done: int) -> None:
        """Say how much of the current stage is done, in its unit."""
        ...

    def finish(self) -> None:
        """End the current stage."""
        ...


class SilentProgress:
    """A `Progress` that shows nothing."""

    def start(self, stage: str, *, total: int | None = None, unit: str = "") -> None:
        """Ignore a beginning."""

    def advance_to(self, done: int) -> None:
        """Ignore an advance."""

    def finish(self) -> None:
        """Ignore an end."""
