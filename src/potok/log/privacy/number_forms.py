"""Numbers of documents: СНИЛС, ИНН, passports, bank cards."""

from collections.abc import Callable
from typing import Final

from potok.log.privacy import checksums
from potok.log.privacy.forms import (
    JOINT,
    LETTERS,
    SPACE,
    Form,
    StoppingRule,
    bare_number,
    beside_its_name,
    digits_of,
    formatted_number,
)
from potok.log.privacy.personal_data import PersonalDataKind as Kind
from potok.log.privacy.screening import INN_WORDS, PASSPORT_WORDS, SNILS_WORDS, Sign, any_case

_YEAR_LIKE_REGIONS: Final = ("19", "20")


def _checking(check: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: check(digits_of(text))


def _is_passport_series(text: str) -> bool:
    # Region of issue, then the year in which the blank was printed: 1997 to 2035.
    series = digits_of(text)[:4]
    return series[:2] != "00" and (series[2:] >= "97" or series[2:] <= "35")


def _is_passport_series_but_no_year(text: str) -> bool:
    # "2012 000123" is a document number; passports of Voronezh so written need the word or a column name beside them.
    return _is_passport_series(text) and digits_of(text)[:2] not in _YEAR_LIKE_REGIONS


_SNILS_WORD: Final = any_case(*SNILS_WORDS) + "[^0-9]{0,20}"
_INN_WORD: Final = f"{any_case(*INN_WORDS)}(?:[^0-9{LETTERS}][^0-9]{{0,20}})?"
_PASSPORT_WORD: Final = any_case(*PASSPORT_WORDS) + "[^0-9]{0,40}"
_PASSPORT_NUMBER: Final = f"[0-9]{{2}}{SPACE}?[0-9]{{2}}[^0-9]{{0,12}}[0-9]{{6}}"
_NUMBER_SIGN: Final = f"{SPACE}?[№N]{SPACE}?"

NUMBER_FORMS: Final[tuple[Form, ...]] = (
    beside_its_name(Kind.SNILS, f"{_SNILS_WORD}(?:[0-9]{{3}}{JOINT}?){{3}}{JOINT}?[0-9]{{2}}"),
    Form(
        Kind.SNILS,
        f"(?:[0-9]{{3}}{JOINT}){{3}}{JOINT}?[0-9]{{2}}",
        Sign.GROUPED_DIGITS,
        holds=_checking(checksums.is_snils),
        rule=formatted_number(checksums.SNILS_CHANCE),
    ),
    Form(
        Kind.SNILS, "[0-9]{11}", Sign.PLAIN_DIGITS, holds=checksums.is_snils, rule=bare_number(checksums.SNILS_CHANCE)
    ),
    beside_its_name(Kind.INN_OF_PERSON, f"{_INN_WORD}[0-9]{{12}}"),
    Form(
        Kind.INN_OF_PERSON,
        "[0-9]{12}",
        Sign.PLAIN_DIGITS,
        holds=checksums.is_inn_of_person,
        rule=bare_number(checksums.INN_OF_PERSON_CHANCE),
    ),
    beside_its_name(Kind.INN_OF_ORGANISATION, f"{_INN_WORD}[0-9]{{10}}"),
    Form(
        Kind.INN_OF_ORGANISATION,
        "[0-9]{10}",
        Sign.PLAIN_DIGITS,
        holds=checksums.is_inn_of_organisation,
        rule=bare_number(checksums.INN_OF_ORGANISATION_CHANCE),
    ),
    beside_its_name(
        Kind.PASSPORT, f"{_PASSPORT_WORD}(?:{_PASSPORT_NUMBER}|[0-9]{{2}}(?:{_NUMBER_SIGN}|{SPACE})?[0-9]{{7}})"
    ),
    Form(
        Kind.PASSPORT,
        f"[0-9]{{2}}{SPACE}[0-9]{{2}}(?:{_NUMBER_SIGN}|{SPACE})?[0-9]{{6}}",
        Sign.GROUPED_DIGITS,
        holds=_is_passport_series,
    ),
    Form(
        Kind.PASSPORT, f"[0-9]{{4}}{_NUMBER_SIGN}[0-9]{{6}}", Sign.GROUPED_DIGITS, holds=_is_passport_series_but_no_year
    ),
    Form(
        Kind.PASSPORT,
        f"[0-9]{{4}}{JOINT}[0-9]{{6}}",
        Sign.GROUPED_DIGITS,
        holds=_is_passport_series_but_no_year,
        # 39 of 100 years and 97 of 100 regions fit by chance; four digits, a space and six are rare otherwise.
        rule=StoppingRule(chance=0.39, significance=0.01),
    ),
    Form(Kind.PASSPORT, f"[0-9]{{4}}{JOINT}?[0-9]{{6}}", Sign.PLAIN_DIGITS, holds=_is_passport_series, named_only=True),
    Form(
        Kind.BANK_CARD,
        f"[0-9]{{4}}(?:{JOINT}[0-9]{{4}}){{3}}",
        Sign.GROUPED_DIGITS,
        holds=_checking(checksums.is_bank_card),
        rule=formatted_number(checksums.LUHN_CHANCE),
    ),
    Form(
        Kind.BANK_CARD,
        "[0-9]{16,19}",
        Sign.PLAIN_DIGITS,
        holds=checksums.is_bank_card,
        rule=bare_number(checksums.LUHN_CHANCE),
    ),
)
