"""Why a row is not taken, in words; the codes stand in ``rejected.parquet``."""

from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark

REASONS: Final = {
    "missing_case_id": mark("no case number"),
    "missing_activity": mark("no activity"),
    "missing_time": mark("no time"),
    "unreadable_time": mark("the time cannot be read"),
    "implausible_year": mark("a year that cannot be"),
    "too_few_fields": mark("too few fields"),
    "too_many_fields": mark("too many fields"),
    "quote_not_closed": mark("a quotation mark is not closed"),
    "text_after_quote": mark("text after a closing quotation mark"),
    "nul_character": mark("a NUL character"),
    "record_too_long": mark("longer than any real row"),
}


def name_reason(reason: str) -> str:
    """Name a reason in the current language; one without words of its own is named by its code."""
    return _(REASONS[reason]) if reason in REASONS else reason.replace("_", " ")
