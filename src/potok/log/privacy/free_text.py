"""Telling free text from labels and codes."""

import re
from collections.abc import Sequence
from statistics import fmean
from typing import Final

FEWEST_DISTINCT_TEXTS: Final = 20
FEWEST_WORDS: Final = 4.0
SMALLEST_DISTINCT_SHARE: Final = 0.05
LONG_TEXT_CHARACTERS: Final = 200
# Words that follow a space: a list of labels ("Bouw,Reclame,Milieu") is no sentence.
_WORD: Final = re.compile(r"(?<!\S)[^\W\d_]{2,}")


def looks_like_free_text(values: Sequence[str], *, rows: int | None = None) -> bool:
    """Return whether a column holds sentences that people typed, rather than labels, codes or names of things.

    Parameters
    ----------
    values
        Values of the column, empty ones left out. Repeats may be left out too if `rows` is given.
    rows
        How many rows have a value: cases for what belongs to a case, else events. None takes `values` as the rows.

    Notes
    -----
    Free text has on average at least four words a value and is seldom repeated: 20 different values or more, and at
    least one different value per 20 rows. Labels repeat, codes have no words. With one value of 200 characters or more
    it is free text however few values there are.
    """
    distinct = sorted(set(filter(str.strip, values)))
    if not distinct:
        return False
    if fmean(len(_WORD.findall(value)) for value in distinct) < FEWEST_WORDS:
        return False
    if max(map(len, distinct)) >= LONG_TEXT_CHARACTERS:
        return True
    enough = len(distinct) >= FEWEST_DISTINCT_TEXTS
    return enough and len(distinct) >= SMALLEST_DISTINCT_SHARE * (len(values) if rows is None else rows)
