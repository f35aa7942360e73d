"""A quick look that tells which values are worth the detectors' time, alike in DuckDB and in Python.

Every form needs a *sign*: an @, ten digits close together, a word such as "паспорт" before a digit, or a capitalised
Cyrillic word with a patronymic's ending or initials. The signs keep to what Python's ``re`` and RE2 read alike, and let
through too much rather than too little.
"""

import re
from enum import StrEnum
from typing import Final

from potok.engine.sql import quote_literal
from potok.log.privacy.column_names import named_kinds

PHONE_WORDS: Final = ("телефон", "phone")
SHORT_PHONE_WORDS: Final = ("тел", "моб")
PASSPORT_WORDS: Final = ("паспорт", "passport", "серия")
SNILS_WORDS: Final = ("снилс", "snils")
INN_WORDS: Final = ("инн", "inn")
TURKIC_ENDINGS: Final = ("оглы", "оглу", "кызы", "гызы", "углы")


class Sign(StrEnum):
    """What a value must show before a form is looked for in it."""

    AT = "at"
    PLAIN_DIGITS = "plain_digits"
    GROUPED_DIGITS = "grouped_digits"
    WORD = "word"
    NAME = "name"


ALL_SIGNS: Final = frozenset(Sign)
_PLAIN: Final = frozenset({Sign.PLAIN_DIGITS})
_NO_SIGNS: Final[frozenset[Sign]] = frozenset()


def any_case(*words: str) -> str:
    """Return an expression for any of these words in upper, lower or mixed case."""
    # Flags fold more letters in one engine than in the other.
    spelt = ("".join(f"[{letter.lower()}{letter.upper()}]" for letter in word) for word in words)
    return f"(?:{'|'.join(spelt)})"


_WORDS: Final = (*PHONE_WORDS, *SHORT_PHONE_WORDS, *PASSPORT_WORDS, *SNILS_WORDS, *INN_WORDS)
# The N of "4508 N 123456" stands for №.
_TEN_DIGITS: Final = "[0-9](?:[^0-9A-MO-Za-zА-Яа-яЁё]{0,3}[0-9]){9}"
_WORD_BEFORE_DIGIT: Final = f"{any_case(*_WORDS)}[^0-9]*[0-9]"
_NAME: Final = (
    "[А-ЯЁ](?:[а-яё]{1,40}(?:[ое]вич|[ое]вн|ичн)|льич|узьмич|укич|омич|икитич|аввич"
    "|[А-ЯЁ]{1,40}(?:[ОЕ]ВИЧ|[ОЕ]ВН|ИЧН)|ЛЬИЧ|УЗЬМИЧ|УКИЧ|ОМИЧ|ИКИТИЧ|АВВИЧ"
    "|[.][^0-9A-Za-zА-Яа-яЁё]{0,2}[А-ЯЁ][.])"
)
_TURKIC_ENDING: Final = any_case(*TURKIC_ENDINGS)
_SCREEN: Final = "|".join(f"(?:{sign})" for sign in ("@", _TEN_DIGITS, _WORD_BEFORE_DIGIT, _NAME, _TURKIC_ENDING))
# Instants and decimal numbers have as many digits as phones, and a column may hold millions of them.
_NEVER: Final = (
    "[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}(?:T| {1,2})[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    " ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
    "|[+-]?[0-9]{1,30}[.,][0-9]{2,30}(?:[eE][+-]?[0-9]{1,3})?"
)

_matches_never: Final = re.compile(_NEVER).fullmatch
_find_digit: Final = re.compile("[0-9]").search
_find_ten_digits: Final = re.compile(_TEN_DIGITS).search
_find_name: Final = re.compile(_NAME).search


def screening_expression(column_sql: str, *, name: str = "") -> str:
    """Return a DuckDB condition that holds at least for every value in which a detector may find something.

    Parameters
    ----------
    column_sql
        SQL expression of the value, of any type that can be cast to text.
    name
        Name of the column: of a column named after personal data every value is to be looked at.
    """
    if named_kinds(name):
        return f"({column_sql} IS NOT NULL)"
    text = f"CAST({column_sql} AS VARCHAR)"
    screen, never = quote_literal(_SCREEN), quote_literal(_NEVER)
    return f"(regexp_matches({text}, {screen}) AND NOT regexp_full_match({text}, {never}))"


def signs_of(value: str) -> frozenset[Sign]:
    """Return the signs of personal data that a value shows."""
    is_ascii = value.isascii()
    if is_ascii and value.isdigit():
        return _PLAIN if len(value) >= 10 else _NO_SIGNS
    if _matches_never(value):
        return _NO_SIGNS
    signs: set[Sign] = set()
    if "@" in value:
        signs.add(Sign.AT)
    if _find_digit(value):
        signs |= _signs_with_digits(value)
    if not is_ascii and (_find_name(value) or _holds_any(value, TURKIC_ENDINGS)):
        signs.add(Sign.NAME)
    return frozenset(signs)


def _signs_with_digits(value: str) -> set[Sign]:
    signs = {Sign.PLAIN_DIGITS, Sign.GROUPED_DIGITS} if _find_ten_digits(value) else set()
    return signs | {Sign.WORD} if _holds_any(value, _WORDS) else signs


def _holds_any(value: str, words: tuple[str, ...]) -> bool:
    lower = value.lower()
    for word in words:  # noqa: SIM110 - a generator takes twice the time, and this runs for every value
        if word in lower:
            return True
    return False
