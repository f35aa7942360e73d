"""The axis of months: a label at the beginning of each year, and between as there is room; or months since a change."""

from collections.abc import Sequence
from typing import Final

from potok.core.language import gettext as _
from potok.report.drawing.axes import Tick

_MOST: Final = 9


def month_ticks(labels: Sequence[str], places: Sequence[float], *, is_relative: bool) -> tuple[Tick, ...]:
    """Return labels for months, at most about nine.

    Parameters
    ----------
    labels
        ISO months, or months since the change.
    is_relative
        Whether they are months since the change.
    """
    if is_relative:
        return _relative(labels, places)
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if len(labels) / step <= _MOST or step == 120)
    chosen = [number for number, label in enumerate(labels) if (_months(label)) % step == 0]
    return tuple(Tick(places[number], _write(labels[number])) for number in chosen or range(len(labels)))


def _relative(labels: Sequence[str], places: Sequence[float]) -> tuple[Tick, ...]:
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if len(labels) / step <= 1.5 * _MOST or step == 120)
    numbers = [round(place) for place in places]
    return tuple(
        Tick(place, "−" + label[1:] if label.startswith("-") else label)
        for number, place, label in zip(numbers, places, labels, strict=True)
        if number % step == 0
    )


def _months(label: str) -> int:
    year, month = label.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def _write(label: str) -> str:
    year, month = label.split("-")[:2]
    return _("{month}/{year}").format(month=month, year=year)
