"""Reading text by strptime patterns in SQL: which pattern for which value, months by name, slips of writing."""

import re
from collections.abc import Sequence
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.engine.sql import quote_literal

ALLOWED_DIRECTIVES: Final = ("%d", "%m", "%Y", "%y", "%H", "%I", "%p", "%M", "%S", "%f", "%z", "%B", "%b", "%j")
MONTHS: Final = (
    ("янв", "jan"),
    ("фев", "feb"),
    ("мар", "mar", "maa", "mrt"),
    ("апр", "apr"),
    ("май", "мая", "may", "mei"),
    ("июн", "jun"),
    ("июл", "jul"),
    ("авг", "aug"),
    ("сен", "sep"),
    ("окт", "oct", "okt"),
    ("ноя", "nov"),
    ("дек", "dec"),
)
MONTH_WORD: Final = r"(?i)[a-zа-яё]{3,}\.?"
# 24:00 closes a day; strptime knows hours up to 23 only.
_MIDNIGHT: Final = r"(^|[ T,])24:00(:00([.,]0+)?)?\s*$"


class TimeFormatError(UsageError):
    """A time format that cannot be used."""

    code = "POTOK-L081"


def check_patterns(patterns: Sequence[str]) -> None:
    """Refuse patterns that nothing could be read by.

    Raises
    ------
    TimeFormatError
        If there is none, or one has an unknown directive or no year.
    """
    if not patterns:
        raise _unusable(_("A time format is missing."))
    for pattern in patterns:
        directives = re.findall(r"%-?.?", pattern.replace("%%", ""))
        unknown = [found for found in directives if found.replace("-", "") not in ALLOWED_DIRECTIVES]
        if unknown:
            raise _unusable(
                _("The time format “{pattern}” has “{directive}”, which is unknown.").format(
                    pattern=pattern, directive=unknown[0]
                )
            )
        if not {"%Y", "%y"} & set(directives):
            raise _unusable(_("The time format “{pattern}” has no year.").format(pattern=pattern))


def _unusable(message: str) -> TimeFormatError:
    return TimeFormatError(
        message,
        where=_("time format"),
        remedy=_("Write a pattern such as %d.%m.%Y %H:%M from these parts: {parts}.").format(
            parts=" ".join(ALLOWED_DIRECTIVES)
        ),
    )


def is_zoned(pattern: str) -> bool:
    """Tell whether values of a pattern carry their offset."""
    return "%z" in pattern


def has_time_of_day(pattern: str) -> bool:
    """Tell whether a pattern goes below the day."""
    return "%H" in pattern or "%I" in pattern


def date_part(pattern: str) -> str:
    """Return the pattern up to the time of day."""
    return re.split(r"[ T,]*%-?[HI]", pattern, maxsplit=1)[0]


def time_part(pattern: str) -> str:
    """Return the pattern from the time of day on."""
    found = re.search(r"%-?[HI].*", pattern)
    return found[0] if found else "%H:%M:%S"


def numbered_months(text: str, patterns: Sequence[str]) -> str:
    """Return SQL in which a month's name has become its number, if a pattern wants a name."""
    if not any(re.search(r"%[Bb]", pattern) for pattern in patterns):
        return text
    start = f"left(lower(regexp_extract({text}, '{MONTH_WORD}')), 3)"
    cases = " ".join(
        f"WHEN {start} IN ({', '.join(map(quote_literal, names))}) THEN '{number:02d}'"
        for number, names in enumerate(MONTHS, start=1)
    )
    return f"regexp_replace({text}, '{MONTH_WORD}', CASE {cases} END)"


def pattern_timestamp(text: str, patterns: Sequence[str]) -> str:
    """Return SQL for the timestamp that the first fitting pattern reads.

    A pattern that does not fit costs ten times as much as one that fits. So values are told apart by the number of
    colons first; only patterns with equally many are tried one after the other.
    """
    filled = f"CASE WHEN {text} <> '' THEN {text} END"
    # %Y would read 24 in 05.03.24 as the year 24.
    ordered = sorted((_plain(pattern) for pattern in patterns), key=lambda pattern: "%y" not in pattern)
    by_colons = {count: [p for p in ordered if _colons(p) == count] for count in sorted({_colons(p) for p in ordered})}
    if len(by_colons) == 1:
        return _first_fitting(filled, ordered)
    *fewer, most = by_colons.items()
    branches = [f"WHEN {text} NOT LIKE '%{':%' * (count + 1)}' THEN {_first_fitting(filled, p)}" for count, p in fewer]
    return f"CASE {' '.join(branches)} ELSE {_first_fitting(filled, most[1])} END"


def _plain(pattern: str) -> str:
    return pattern.replace("%-", "%").replace("%B", "%m").replace("%b", "%m")


def _colons(pattern: str) -> int:
    # An offset may be written with or without a colon.
    return 9 if is_zoned(pattern) else pattern.count(":")


def _first_fitting(text: str, patterns: Sequence[str]) -> str:
    tries = [f"try_strptime({text}, {quote_literal(pattern)})" for pattern in patterns]
    return tries[0] if len(tries) == 1 else f"coalesce({', '.join(tries)})"


def normalised(text: str, patterns: Sequence[str]) -> str:
    """Return SQL for a text whose patterns did not fit, with slips of writing put right.

    Blanks of any kind, more than six digits of a second, a decimal comma where the pattern has a point, ``Z`` or
    ``UTC`` for an offset, «г.» after the year.
    """
    text = f"trim(regexp_replace(translate({text}, '−\u00a0\u202f\u2009', '-   '), '\\s+', ' ', 'g'))"
    text = f"regexp_replace({text}, '([.,]\\d{{6}})\\d+', '\\1')"
    text = f"regexp_replace({text}, '(\\d) ?г(\\.|ода)?($|[ ,])', '\\1\\3')"
    if any(".%f" in pattern for pattern in patterns):
        text = f"regexp_replace({text}, '(:\\d\\d),(\\d)', '\\1.\\2')"
    if any(is_zoned(pattern) for pattern in patterns):
        text = f"regexp_replace({text}, '(?i)(z|utc|gmt)$', '+00:00')"
    return text


def closing_midnight(text: str, patterns: Sequence[str]) -> str:
    """Return SQL for the timestamp of a text in which 24:00 closes the day, NULL for others."""
    begun = f"CASE WHEN regexp_matches({text}, '{_MIDNIGHT}') THEN replace({text}, '24:00', '00:00') END"
    return f"{pattern_timestamp(begun, patterns)} + INTERVAL 1 DAY"
