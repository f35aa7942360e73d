"""A verification on a terminal: the verdict in words, and the tables that decide."""

from dataclasses import replace
from textwrap import fill
from typing import Final

from potok.core.language import gettext as _
from potok.report.tables import Table
from potok.report.tables.as_text import WIDEST_CELL, as_text
from potok.report.verification.amounts import Amounts, amounts_for
from potok.report.verification.board_words import say_next, say_unsaid, say_verdict, say_why
from potok.report.verification.check_words import name_check
from potok.report.verification.reasons import say_check
from potok.report.verification.tables import checks_table, estimate_table, quality_table
from potok.verify.effect import CheckVerdict, Effect, HonestyCheck
from potok.verify.protocol.model import Protocol

WIDTH: Final = 100
_EVERY: Final = 1000


def effect_as_text(effect: Effect, protocol: Protocol) -> str:
    """Return what a verification says, for a terminal: sentences are wrapped, tables are as wide as they need."""
    amounts = amounts_for(effect, protocol)
    parts = [_wrap([say_verdict(effect, protocol, amounts), *say_why(effect, amounts, most=_EVERY)])]
    if effect.estimate is not None:
        parts.append(_whole(estimate_table(effect, effect.estimate, amounts)))
    if effect.quality:
        parts.append(as_text(quality_table(effect)))
    for name, title, checks in (
        ("checks", _("Honesty checks"), effect.checks),
        ("diagnostics", _("Whether the comparison itself stands"), effect.diagnostics),
    ):
        if checks:
            parts.append(as_text(_without_seen(checks_table(name, title, checks, amounts))))
            parts.append(_listed(_("What these checks saw"), _seen(checks, amounts)))
    parts.append(_listed(_("What this does not say"), say_unsaid(effect, protocol)))
    parts.append(_listed(_("What to do now"), say_next(effect, amounts)))
    return "\n\n".join(part for part in parts if part)


def _whole(table: Table) -> str:
    """Return a table, and below it as sentences the rows that would be cut off in it."""
    long = [row for row in table.rows if any(len(str(cell)) > WIDEST_CELL for cell in row)]
    short = replace(table, rows=tuple(row for row in table.rows if row not in long))
    said = [fill(f"{row[0]}: {row[1]}", WIDTH, initial_indent="– ", subsequent_indent="  ") for row in long]
    return "\n".join([as_text(short), *([""] if said else []), *said])


def _without_seen(table: Table) -> Table:
    """Leave out what checks saw: that is said in sentences."""
    return replace(table, columns=table.columns[:-1], rows=tuple(row[:-1] for row in table.rows))


def _seen(checks: tuple[HonestyCheck, ...], amounts: Amounts) -> tuple[str, ...]:
    """Say what the checks saw that did not pass."""
    untold = [check for check in checks if check.verdict is not CheckVerdict.PASSED]
    return tuple(f"{name_check(check.kind)}: {say_check(check, amounts)}" for check in untold)


def _wrap(sentences: list[str]) -> str:
    return "\n".join(fill(sentence, WIDTH) for sentence in sentences)


def _listed(title: str, sentences: tuple[str, ...]) -> str:
    lines = [fill(sentence, WIDTH, initial_indent="– ", subsequent_indent="  ") for sentence in sentences]
    return "\n".join([title, *lines]) if lines else ""
