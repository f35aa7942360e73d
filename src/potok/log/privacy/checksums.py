"""Check digits of Russian personal numbers and of bank cards.

Each function takes digits only and says whether the check digits fit. What share of arbitrary numbers fits by chance
stands beside it: a column of ordinary ids contains that many "valid" numbers.
"""

from collections.abc import Sequence
from typing import Final

# Worst case over the last digits of a column: "00" closes two remainders of 101, a last "0" two of 11.
SNILS_CHANCE: Final = 2 / 101
INN_OF_ORGANISATION_CHANCE: Final = 2 / 11
INN_OF_PERSON_CHANCE: Final = (2 / 11) ** 2
LUHN_CHANCE: Final = 1 / 10

# Numbers up to 001-001-998 were given out without check digits.
_LAST_UNCHECKED_SNILS: Final = 1001998
_ORGANISATION_WEIGHTS: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_FIRST_PERSON_WEIGHTS: Final = (7, *_ORGANISATION_WEIGHTS)
_SECOND_PERSON_WEIGHTS: Final = (3, *_FIRST_PERSON_WEIGHTS)


def is_snils(digits: str) -> bool:
    """Return whether 11 digits are a СНИЛС: nine digits weighted 9 to 1, sum modulo 101, last two digits of that."""
    if len(digits) != 11 or int(digits[:9]) <= _LAST_UNCHECKED_SNILS:
        return False
    total = _weigh(digits, range(9, 0, -1))
    return total % 101 % 100 == int(digits[9:])


def is_inn_of_organisation(digits: str) -> bool:
    """Return whether ten digits are the ИНН of an organisation."""
    if len(digits) != 10 or digits.startswith("00"):
        return False
    return _weigh(digits, _ORGANISATION_WEIGHTS) % 11 % 10 == int(digits[9])


def is_inn_of_person(digits: str) -> bool:
    """Return whether twelve digits are the ИНН of a person."""
    if len(digits) != 12 or digits.startswith("00"):
        return False
    first = _weigh(digits, _FIRST_PERSON_WEIGHTS) % 11 % 10 == int(digits[10])
    return first and _weigh(digits, _SECOND_PERSON_WEIGHTS) % 11 % 10 == int(digits[11])


def is_bank_card(digits: str) -> bool:
    """Return whether 16 to 19 digits start like a bank card and satisfy Luhn's formula (ISO/IEC 7812-1)."""
    if not 16 <= len(digits) <= 19 or digits[0] not in "23456":
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def _weigh(digits: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
