"""Names of honesty checks and diagnostics, and what each one asks."""

from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark


@dataclass(frozen=True, slots=True)
class CheckWords:
    """What a check is called, and what it asks; marked texts."""

    name: str
    question: str


def name_check(kind: str) -> str:
    """Name a check; one that is not known here is named by its kind."""
    known = CHECKS.get(kind)
    return _(known.name) if known else kind.replace("_", " ")


def ask_check(kind: str) -> str:
    """Say what a check asks; empty if it is not known here."""
    known = CHECKS.get(kind)
    return _(known.question) if known else ""


CHECKS: Final[dict[str, CheckWords]] = {
    "case_mix": CheckWords(
        mark("Easier cases than before"),
        mark("Would the figure have improved anyway, because the cases that came were other ones?"),
    ),
    "clock_restarted": CheckWords(
        mark("Clock started anew"),
        mark("Are cases registered again, so that their time begins from nothing?"),
    ),
}
