"""The page for a board: one side of A4 that can be understood without statistics."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from potok.core.language import gettext as _
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_day
from potok.report.sections.headline import KeyFigure
from potok.report.verification.amounts import amounts_for
from potok.report.verification.board_checks import BoardLine, check_lines, quality_lines
from potok.report.verification.board_figures import board_figures, is_told
from potok.report.verification.board_words import say_next, say_unsaid, say_verdict, say_why
from potok.report.verification.charts import Chart, series_chart
from potok.report.verification.drawing.marks import MARK_OF_VERDICT
from potok.report.verification.quality_words import Mark
from potok.report.verification.results import EffectResults
from potok.report.verification.words import describe_design
from potok.verify.effect import Effect, Verdict
from potok.verify.protocol.model import Protocol

_CHART_HEIGHT: Final = 150.0
_LONGEST_TITLE: Final = 120
_LONGEST_CHANGE: Final = 260
_LONGEST_WHERE: Final = 260
_LONGEST_SERVICES: Final = 200
_HASH: Final = 16
# A no-break space is none of them.
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_MOST_HASHES: Final = 3


@dataclass(frozen=True, slots=True)
class Board:
    """What stands on the page.

    Parameters
    ----------
    title, subtitle
        The project, and what this page is.
    verdict, mark
        The verdict and its mark.
    sentence
        The verdict in one plain sentence.
    why
        Further reasons.
    changed
        What changed, where and since when: names and values.
    figures
        To be seen at once.
    how
        What the figures after the change were held against.
    chart
        The one picture; None without months.
    quality, checks
        Marks with their sentences.
    unsaid, next_steps
        What cannot be said; what to do.
    foot
        Hashes and dates, small.
    known_on
        The day as of which the logs were read.
    """

    title: str
    subtitle: str
    verdict: Verdict
    mark: Mark
    sentence: str
    why: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    figures: tuple[KeyFigure, ...]
    how: str
    chart: Chart | None
    quality: tuple[BoardLine, ...]
    checks: tuple[BoardLine, ...]
    unsaid: tuple[str, ...]
    next_steps: tuple[str, ...]
    foot: str
    known_on: date


def make_board(results: EffectResults) -> Board:
    """Put an effect on one page, in the current language."""
    effect, protocol = results.effect, results.protocol
    amounts = amounts_for(effect, protocol)
    has_figure = effect.estimate is not None and is_told(effect.estimate)
    return Board(
        title=shorten(protocol.name, _LONGEST_TITLE),
        subtitle=_("Did it work? Result of the verification as of {day}").format(day=format_day(effect.looked_on)),
        verdict=effect.decision.verdict,
        mark=MARK_OF_VERDICT[effect.decision.verdict],
        sentence=say_verdict(effect, protocol, amounts),
        why=say_why(effect, amounts),
        changed=_changed(protocol),
        figures=board_figures(effect, protocol, amounts),
        how=describe_design(effect.estimate.design) if effect.estimate is not None and has_figure else "",
        chart=series_chart(results, height=_CHART_HEIGHT, has_without=has_figure),
        quality=quality_lines(effect),
        checks=check_lines(effect, amounts),
        unsaid=say_unsaid(effect, protocol),
        next_steps=say_next(effect, amounts),
        foot=_say_foot(effect, protocol),
        known_on=effect.looked_on,
    )


def shorten(text: str, most: int) -> str:
    """Return a text on one line, cut with an ellipsis where it is too long for the page."""
    visible = _SPACES.sub(" ", make_visible(text)).strip()
    return visible if len(visible) <= most else visible[: most - 1].rstrip() + "…"


def _changed(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    change = protocol.change
    rows = []
    if change.what.strip().rstrip(".") != protocol.name.strip().rstrip("."):
        rows.append((_("What changes"), shorten(change.what, _LONGEST_CHANGE)))
    rows.append((_("Where and since when"), shorten(_say_waves(protocol), 2 * _LONGEST_WHERE)))
    if change.services:
        rows.append((_("Services"), list_some(change.services, _LONGEST_SERVICES)))
    if change.channels:
        rows.append((_("Channels"), list_some(change.channels, _LONGEST_SERVICES)))
    return tuple(rows)


def _say_waves(protocol: Protocol) -> str:
    by_day: dict[date, list[str]] = {}
    for wave in protocol.change.waves:
        by_day.setdefault(wave.on, []).append(wave.agency)
    since, room = _("{agencies} – from {day}"), _LONGEST_WHERE // len(by_day)
    return "; ".join(
        since.format(agencies=list_some(agencies, room), day=format_day(on)) for on, agencies in sorted(by_day.items())
    )


def list_some(names: Sequence[str], most: int) -> str:
    """List names, as many as stay within a length, and how many more there are; the first one is always named."""
    shown = [shorten(names[0], most)]
    for name in names[1:]:
        if len(", ".join((*shown, name))) > most:
            break
        shown.append(shorten(name, most))
    left = len(names) - len(shown)
    return ", ".join(shown) + (_(" and {n} more").format(n=left) if left else "")


def _say_foot(effect: Effect, protocol: Protocol) -> str:
    registered = _("Protocol registered on {day} (content hash {hash}).").format(
        day=format_day(protocol.registered_on), hash=_begin(effect.protocol_sha256)
    )
    logs = _("Content hashes of the logs ({hashes}).").format(hashes=_list_hashes(effect.sources))
    made = _(
        "Verdict given on {day}. Potok {version}. Full hashes and all figures are in the auditor's report."
    ).format(day=format_day(effect.decided_on), version=effect.code_version)
    return " ".join((registered, logs, made))


def _begin(sha256: str) -> str:
    return sha256[:_HASH] + "…" if len(sha256) > _HASH else sha256 or "–"


def _list_hashes(sources: Sequence[str]) -> str:
    shown = [_begin(source) for source in sources[:_MOST_HASHES]]
    left = len(sources) - len(shown)
    return ", ".join(shown) + (_(" and {n} more").format(n=left) if left > 0 else "")
