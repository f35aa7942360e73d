"""Breaking a label into lines that fit a box; Russian official words are long."""

import re
from typing import Final

from potok.report.drawing.font import FontWeight, measure_text

ELLIPSIS: Final = "…"
HYPHEN: Final = "-"

_VOWELS: Final = frozenset("аеёиоуыэюяaeiouyAEIOUYАЕЁИОУЫЭЮЯөүӨҮәӘ")
_NEVER_FIRST: Final = frozenset("ьъйЬЪЙ")
_SHORTEST_PART: Final = 3
_LONGEST_LABEL: Final = 400
# A break is allowed after these, as after a space.
_PIECES: Final = re.compile(r"\s+|(?<=[/_\-–—.,;:+&)\]])(?=\w)|(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")


def wrap_label(
    text: str, *, size: float, max_width: float, max_lines: int, weight: FontWeight = "regular"
) -> tuple[str, ...]:
    """Break a label into at most `max_lines` lines no wider than `max_width`.

    Breaks at spaces, after punctuation and at a capital inside a word; a word wider than the box is hyphenated
    between syllables. What does not fit is cut, and the last line then ends with an ellipsis.

    Returns
    -------
    tuple of str
        At least one line.
    """
    if len(text) > _LONGEST_LABEL:
        text = text[:_LONGEST_LABEL] + ELLIPSIS
    lines: list[str] = []
    for piece, is_glued in _split_into_pieces(text):
        _append_piece(lines, piece, is_glued=is_glued, fits=_Fits(size, max_width, weight))
    if not lines:
        return ("",)
    if len(lines) <= max_lines:
        return tuple(lines)
    return (*lines[: max_lines - 1], _cut(lines[max_lines - 1], fits=_Fits(size, max_width, weight)))


class _Fits:
    """Says whether a text fits the line."""

    def __init__(self, size: float, max_width: float, weight: FontWeight) -> None:
        self._size, self._max_width, self._weight = size, max_width, weight

    def __call__(self, text: str) -> bool:
        return measure_text(text, size=self._size, weight=self._weight) <= self._max_width


def _split_into_pieces(text: str) -> list[tuple[str, bool]]:
    """Return pieces of text, each with whether it follows the one before without a space."""
    pieces: list[tuple[str, bool]] = []
    for word in text.split():
        parts = [part for part in _PIECES.split(word) if part]
        pieces.extend((part, index > 0) for index, part in enumerate(parts))
    return pieces


def _append_piece(lines: list[str], piece: str, *, is_glued: bool, fits: _Fits) -> None:
    if lines:
        joined = lines[-1] + ("" if is_glued else " ") + piece
        if fits(joined):
            lines[-1] = joined
            return
    while not fits(piece):
        head = _longest_syllables(piece, fits=fits)
        lines.append(head + HYPHEN)
        piece = piece[len(head) :]
    lines.append(piece)


def _longest_syllables(word: str, *, fits: _Fits) -> str:
    """Return the longest beginning of a word that may be followed by a hyphen and fits with it."""
    fitting = [end for end in range(1, len(word)) if fits(word[:end] + HYPHEN)] or [1]
    allowed = [end for end in fitting if _may_break(word, end)]
    bearable = [end for end in fitting if word[end : end + 1] not in _NEVER_FIRST]
    return word[: (allowed or bearable or fitting)[-1]]


def _may_break(word: str, end: int) -> bool:
    head, tail = word[:end], word[end:]
    if min(len(head), len(tail)) < _SHORTEST_PART or tail[0] in _NEVER_FIRST:
        return False
    if not (_VOWELS & set(head) and _VOWELS & set(tail)):
        return False
    return head[-1] in _VOWELS or tail[0] not in _VOWELS


def _cut(line: str, *, fits: _Fits) -> str:
    while line and not fits(line + ELLIPSIS):
        line = line[:-1]
    return line.rstrip(" " + HYPHEN) + ELLIPSIS
