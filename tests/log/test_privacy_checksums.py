import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.log.privacy.checksums import (
    INN_OF_ORGANISATION_CHANCE,
    INN_OF_PERSON_CHANCE,
    LUHN_CHANCE,
    SNILS_CHANCE,
    is_bank_card,
    is_inn_of_organisation,
    is_inn_of_person,
    is_snils,
)

# Numbers that official instructions and published requisites use as examples.
PUBLISHED = [
    (is_snils, "11223344595"),
    (is_snils, "08765430300"),
    (is_inn_of_organisation, "7707083893"),
    (is_inn_of_organisation, "7830002293"),
    (is_inn_of_person, "500100732259"),
    (is_bank_card, "4111111111111111"),
    (is_bank_card, "2200000000000004"),
]


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_published_number_fits(check, number):
    assert check(number)


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_any_single_wrong_digit_at_the_end_is_noticed(check, number):
    wrong = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(check(other) for other in wrong)


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (is_snils, "00000000000"),
        (is_snils, "00100199800"),
        (is_snils, "1122334459"),
        (is_inn_of_organisation, "0000000000"),
        (is_inn_of_organisation, "77070838930"),
        (is_inn_of_person, "000000000000"),
        (is_inn_of_person, "7707083893"),
        (is_bank_card, "0000000000000000"),
        (is_bank_card, "18"),
        (is_bank_card, "9111111111111111"),
    ],
)
def test_zeros_and_other_lengths_do_not_fit(check, number):
    assert not check(number)


@given(st.integers(1001999, 999_999_999))
def test_snils_has_exactly_one_pair_of_check_digits(body):
    fitting = [pair for pair in range(100) if is_snils(f"{body:09d}{pair:02d}")]
    assert len(fitting) == 1


@given(st.integers(10_000_000, 999_999_999))
def test_inn_has_exactly_one_check_digit(body):
    assert sum(is_inn_of_organisation(f"{body:09d}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(
    ("check", "length", "chance"),
    [
        (is_snils, 11, SNILS_CHANCE),
        (is_inn_of_organisation, 10, INN_OF_ORGANISATION_CHANCE),
        (is_inn_of_person, 12, INN_OF_PERSON_CHANCE),
        (is_bank_card, 16, LUHN_CHANCE),
    ],
)
def test_random_numbers_fit_no_more_often_than_stated(check, length, chance):
    generator = random.Random(20261122)
    numbers = 20_000
    hits = sum(check("".join(generator.choices("0123456789", k=length))) for _ in range(numbers))
    assert 0 < hits / numbers <= chance
