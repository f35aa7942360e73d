import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.core.errors import EXIT_BAD_DATA
from potok.log.privacy.personal_data import (
    KIND_LABELS,
    Detection,
    PersonalDataError,
    PersonalDataKind,
    mask,
    require_no_personal_data,
)

SNILS = Detection("snils", PersonalDataKind.SNILS, 12, 40, 0.3, ("11*-***-*** 95",))
NAME = Detection("Ответ. лицо", PersonalDataKind.FULL_NAME, 3, 3, 1.0, ("И***** *.*.", "П***** *.*."))
EMAIL = Detection("snils", PersonalDataKind.EMAIL, 1, 40, 0.025, ("i***@****.**",))


def test_all_columns_kinds_counts_and_examples_are_listed():
    with pytest.raises(PersonalDataError, match="2 columns hold personal data") as caught:
        require_no_personal_data([SNILS, EMAIL, NAME], where="log.csv")
    message = caught.value.message
    assert "“snils”: insurance number (SNILS), 12 of 40 different values, such as 11*-***-*** 95" in message
    assert "“snils”: e-mail address" in message
    assert "“Ответ. лицо”: name of a person, 3 of 3 different values, such as И***** *.*., П***** *.*." in message
    assert caught.value.where == "log.csv"
    assert caught.value.exit_code == EXIT_BAD_DATA
    assert caught.value.detections == (SNILS, EMAIL, NAME)


def test_one_column_is_said_in_the_singular():
    with pytest.raises(PersonalDataError, match="1 column holds personal data"):
        require_no_personal_data([SNILS, EMAIL])


def test_remedy_offers_three_ways_that_can_be_pasted():
    remedy = PersonalDataError([SNILS, EMAIL, NAME]).remedy
    for option in ("--drop-column", "--pseudonymise", "--allow-personal"):
        assert f"{option} snils {option} 'Ответ. лицо'" in remedy


def test_allowed_columns_pass_and_the_others_are_still_refused():
    require_no_personal_data([])
    require_no_personal_data([SNILS, EMAIL], allowed={"snils"})
    with pytest.raises(PersonalDataError) as caught:
        require_no_personal_data([SNILS, NAME], allowed={"snils"})
    assert caught.value.detections == (NAME,)


def test_control_characters_of_a_source_do_not_reach_the_terminal():
    column = "a\x1b[31m\nb"
    error = PersonalDataError([Detection(column, PersonalDataKind.EMAIL, 1, 1, 1.0, ("x\x1b@*",))])
    assert "\x1b" not in error.message + error.remedy
    assert error.message.count("\n") == 1


def test_every_kind_has_a_label():
    assert set(KIND_LABELS) == set(PersonalDataKind)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("112-233-445 95", "11*-***-*** 95"),
        ("500100732259", "50********59"),
        ("+7 916 123-45-67", "+7 9** ***-**-67"),
        ("ivan.petrov@mail.ru", "i***.******@****.**"),
        ("Иванов И.И.", "И***** *.*."),
        ("42-35-80", "**-**-**"),
        ("", ""),
        ("x", "*"),
    ],
)
def test_mask_keeps_the_form(text, masked):
    assert mask(text) == masked


def test_long_finds_are_cut():
    assert mask("a" * 100) == "a" + "*" * 39 + "…"


@given(st.text(max_size=60))
def test_mask_hides_nearly_everything(text):
    masked = mask(text)
    assert sum(character.isalpha() for character in masked) <= 1
    assert sum(character.isdigit() for character in masked) <= 4
    if sum(character.isdigit() for character in text) < 10:
        assert not any(character.isdigit() for character in masked)
