"""Tells whoever waits that something is made ready that this machine needs only once."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from potok.core.language import gettext as _

_listener: Final[ContextVar[Callable[[str], None] | None]] = ContextVar("_listener", default=None)


def listen_for_first_use(listener: Callable[[str], None]) -> None:
    """Let a sentence be passed on, once, if work in this context begins with making something ready."""
    _listener.set(listener)


def announce_first_use() -> None:
    """Say that something is made ready, if anybody listens; only the first time."""
    listener = _listener.get()
    if listener is not None:
        _listener.set(None)
        listener(_("Calculations are being made ready for this machine; this happens once and may take half a minute."))
