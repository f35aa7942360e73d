"""Text is measured in the shipped font and broken where a reader would break it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.report.drawing.font import font_bytes, measure_text
from potok.report.drawing.wrapping import ELLIPSIS, wrap_label

LETTERS = st.text(st.sampled_from("абвежоьАБЩabcmW _-./,"), max_size=80)


def fits(line: str, width: float) -> bool:
    return measure_text(line, size=13) <= width


def test_width_grows_with_the_text_and_its_size():
    assert measure_text("Проверка", size=13) < measure_text("Проверка заявления", size=13)
    assert measure_text("Проверка", size=26) == pytest.approx(2 * measure_text("Проверка", size=13))


def test_semibold_is_wider_than_regular():
    assert measure_text("Согласование", size=13, weight="semibold") > measure_text("Согласование", size=13)


@pytest.mark.parametrize("letters", ["№«»—–…→−×", "ҔҥӨөҺһҮү", "ӘәҖҗҢңҚқҲҳӐӑ", "\u202f\u2011", "ЁёЪъ"])
def test_font_has_what_russian_regions_write(letters: str):
    absent = 0.75 * 13
    assert all(measure_text(letter, size=13) != absent for letter in letters)


def test_letters_that_the_font_lacks_are_given_room():
    assert measure_text("漢", size=10) == 10
    assert measure_text("ع", size=10) == 7.5


def test_fonts_are_woff2_and_small():
    for weight in ("regular", "semibold"):
        data = font_bytes(weight)
        assert data[:4] == b"wOF2"
        assert len(data) < 60_000


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("Регистрация", ("Регистрация",)),
        ("Рассмотрение заявления", ("Рассмотрение", "заявления")),
        ("Межведомственное взаимодействие/электронное", ("Межведомственное", "взаимодействие/", "электронное")),
        ("ConfirmationOfReceiptByTheAgency", ("ConfirmationOf", "ReceiptByTheAgency")),
        ("", ("",)),
        ("   ", ("",)),
    ],
)
def test_labels_break_at_words(label: str, lines: tuple[str, ...]):
    assert wrap_label(label, size=13, max_width=134, max_lines=4) == lines


def test_long_words_are_hyphenated_between_syllables():
    assert wrap_label("Правоустанавливающий", size=13, max_width=100, max_lines=3) == ("Правоустанав-", "ливающий")


def test_no_line_begins_with_a_soft_sign():
    for width in range(30, 120, 5):
        for line in wrap_label("Строительствоконтрольность", size=13, max_width=width, max_lines=20):
            assert line[0] not in "ьъй"


def test_what_does_not_fit_ends_in_an_ellipsis():
    lines = wrap_label("Направление запроса в Федеральную службу регистрации", size=13, max_width=100, max_lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith(ELLIPSIS)
    assert all(fits(line, 100) for line in lines)


def test_a_very_long_label_is_cut_before_it_is_measured():
    lines = wrap_label("о" * 200_000, size=13, max_width=150, max_lines=100)
    assert sum(map(len, lines)) < 1000


@given(LETTERS, st.integers(min_value=40, max_value=200))
def test_every_line_fits(label: str, width: int):
    assert all(fits(line, width) for line in wrap_label(label, size=13, max_width=width, max_lines=6))


@given(LETTERS, st.integers(min_value=40, max_value=200))
def test_nothing_is_lost_if_there_are_lines_enough(label: str, width: int):
    lines = wrap_label(label, size=13, max_width=width, max_lines=1000)
    plain = "".join(lines).replace(" ", "").replace("-", "")
    assert plain == "".join(label.split()).replace("-", "")
