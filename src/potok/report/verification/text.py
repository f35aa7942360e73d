"""A verification on a terminal: the verdict in words, and the tables that decide."""

from textwrap import fill
from typing import Final

from potok.core.language import gettext as _
from potok.report.tables.as_text import as_text
from potok.report.verification.amounts import amounts_for
from potok.report.verification.board_words import say_next, say_unsaid, say_verdict, say_why
from potok.report.verification.tables import checks_table, estimate_table, quality_table
from potok.verify.effect import Effect
from potok.verify.protocol.model import Protocol

WIDTH: Final = 100


def effect_as_text(effect: Effect, protocol: Protocol) -> str:
    """Return what a verification says, for a terminal: sentences are wrapped, tables are as wide as they need."""
    amounts = amounts_for(effect, protocol)
    parts = [_wrap([say_verdict(effect, protocol, amounts), *say_why(effect, amounts)])]
    if effect.estimate is not None:
        parts.append(as_text(estimate_table(effect, effect.estimate, amounts)))
    if effect.quality:
        parts.append(as_text(quality_table(effect)))
    for name, title, checks in (
        ("checks", _("Honesty checks"), effect.checks),
        ("diagnostics", _("Whether the comparison itself stands"), effect.diagnostics),
    ):
        if checks:
            parts.append(as_text(checks_table(name, title, checks, amounts)))
    parts.append(_listed(_("What this does not say"), say_unsaid(effect, protocol)))
    parts.append(_listed(_("What to do now"), say_next(effect, amounts)))
    return "\n\n".join(part for part in parts if part)


def _wrap(sentences: list[str]) -> str:
    return "\n".join(fill(sentence, WIDTH) for sentence in sentences)


def _listed(title: str, sentences: tuple[str, ...]) -> str:
    lines = [fill(sentence, WIDTH, initial_indent="– ", subsequent_indent="  ") for sentence in sentences]
    return "\n".join([title, *lines]) if lines else ""
