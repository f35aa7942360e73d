"""Whether numbers have a decimal comma."""

import re
from collections.abc import Sequence
from typing import Final

from potok.log.guessing.profiles import ColumnProfile
from potok.log.sources.base import ColumnKind

_COMMA: Final = re.compile(r"[-+−]?(\d+|\d{1,3}([\s.]\d{3})+),\d+")
_POINT: Final = re.compile(r"[-+−]?(\d+|\d{1,3}([\s,]\d{3})+)\.\d+")


def columns_with_comma(profiles: Sequence[ColumnProfile]) -> tuple[str, ...]:
    """Return the columns whose numbers have a decimal comma, if there are more of these than with a point."""
    texts = [profile for profile in profiles if profile.column.kind is ColumnKind.TEXT]
    comma = {p.name: count for p in texts if (count := _count(p, _COMMA)) > 0.5 * p.filled}
    point = sum(count for p in texts if (count := _count(p, _POINT)) > 0.5 * p.filled)
    return tuple(comma) if sum(comma.values()) > point else ()


def _count(profile: ColumnProfile, form: re.Pattern[str]) -> int:
    return sum(1 for value in profile.values if value is not None and form.fullmatch(value))
