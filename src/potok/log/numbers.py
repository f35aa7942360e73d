"""SQL that reads numbers as people write them: decimal comma, groups of thousands, blanks that do not break."""

from typing import Final

DECIMAL_MARKS: Final = (".", ",")
# Blank, no-break space, narrow no-break space, thin space, apostrophes.
_GROUP_MARKS: Final = " \u00a0\u202f\u2009'’"


def number_expression(text: str, *, decimal: str) -> str:
    """Return SQL for a DOUBLE, NULL where the text is not one finite number.

    Thousands may be set apart by a blank of any kind, an apostrophe, or the mark that is not the decimal one; a mark
    that is neither in its place makes the text unreadable rather than another number (``1.5`` with a decimal comma).

    Parameters
    ----------
    text
        SQL of type VARCHAR.
    decimal
        ``"."`` or ``","``.

    Raises
    ------
    ValueError
        If `decimal` is another mark.
    """
    if decimal not in DECIMAL_MARKS:
        raise ValueError(f"decimal must be one of {', '.join(DECIMAL_MARKS)}, not {decimal!r}")
    other = "," if decimal == "." else "."
    # The engine takes underscores for group marks.
    is_plain = f"NOT contains({text}, '{other}') AND NOT contains({text}, '_')"
    plain = f"CASE WHEN {is_plain} THEN replace({text}, '{decimal}', '.') END"
    written = f"translate(trim({text}, ' \u00a0\u202f\u2009'), '−', '-')"
    marks = (_GROUP_MARKS + other).replace("'", "''")
    grouped = f"regexp_replace({written}, '[{marks}]', '', 'g')"
    is_grouped = f"regexp_full_match({written}, '[-+]?\\d{{1,3}}([{marks}]\\d{{3}})*([{decimal}]\\d+)?')"
    repaired = f"CASE WHEN {is_grouped} THEN replace({grouped}, '{decimal}', '.') END"
    # Not coalesce: the engine shares what repeats in its arguments, and so would compute the second one always.
    return f"CASE WHEN isfinite({_number(plain)}) THEN {_number(plain)} ELSE {_finite(repaired)} END"


def _number(text: str) -> str:
    return f"TRY_CAST({text} AS DOUBLE)"


def _finite(text: str) -> str:
    # The engine reads nan, inf and infinity as numbers.
    return f"CASE WHEN isfinite({_number(text)}) THEN {_number(text)} END"
