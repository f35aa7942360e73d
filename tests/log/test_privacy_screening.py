import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potok.log.privacy.detectors import FORMS, screening_expression
from potok.log.privacy.screening import signs_of

GENERAL_FORMS = [form for form in FORMS if not form.named_only]

# Pieces of which personal data, and what looks like it, is made.
digits = st.integers(1, 12).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))
joints = st.text(" -().№N/,:+_\u00a0\u2011\n\tx", max_size=3)
PIECES = (
    "СНИЛС|снилс|sNiLs|ИНН|inn|Паспорт|паспорта|passport|серия|номер|тел.|моб|Телефон|phone|Иванов|Ивановой|Иван|Иванович"
    "|Ивановичу|Сергеевна|Ильич|Кузьминична|ИВАНОВ|ИВАНОВИЧ|ИЛЬИНИЧНЕ|И.|П.|Алиев|оглы|Кызы|УГЛЫ|Петрова-Водкина|user|почта"
    "|@|mail.ru|пример.рф|2012-01-01|10:00:00|01.01.2012|45 08 123456|+7|8|112-233-445 95|916|4508|1.5|E+10"
)
words = st.sampled_from(PIECES.split("|"))
texts = st.lists(st.one_of(digits, joints, words, st.just(" "), st.characters(codec="utf-8")), max_size=9).map("".join)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


def screen(connection, values: list[str]) -> list[bool]:
    relation = connection.execute(
        f"SELECT {screening_expression('value')} FROM (SELECT unnest(?::VARCHAR[]) AS value)", [values]
    )
    return [bool(row[0]) for row in relation.fetchall()]


def finds_of(value: str) -> list[str]:
    """What a form finds in a value when nothing screens it."""
    return [form.core for form in GENERAL_FORMS if form.find(value)]


@settings(max_examples=80, deadline=None)
@given(st.lists(texts, min_size=1, max_size=15))
@example(["8.9161234567", "+7 916.123.45.67", "1234567890.0", "тел42-35-80", "Инн\n7707083893", "4508N123456"])
def test_screening_lets_through_all_that_a_form_finds(connection, values):
    for value, passed in zip(values, screen(connection, values), strict=True):
        assert passed or not finds_of(value), value


@settings(max_examples=150, deadline=None)
@given(texts)
def test_signs_let_through_all_that_a_form_finds(value):
    signs = signs_of(value)
    for form in GENERAL_FORMS:
        assert form.sign in signs or not form.find(value), form.core


@given(st.integers(0, 10**20), st.sampled_from(["", ".5", ".0"]))
def test_numbers_too(number, rest):
    value = f"{number}{rest}"
    assert not finds_of(value) or signs_of(value)


def test_generated_texts_do_hold_personal_data(connection):
    # Else the properties above would hold for want of trying.
    values = [
        "Иванов И. П.", "ИНН 7707083893", "user@mail.ru", "112-233-445 95", "+7 916 123-45-67", "тел. 42-35-80",
        "45 08 123456", "Алиев Иван оглы", "паспорта 4508 номер 123456",
    ]  # fmt: skip
    assert all(finds_of(value) for value in values)
    assert all(screen(connection, values))


def test_most_ordinary_values_are_screened_out(connection):
    values = [
        *(f"Case {number}" for number in range(100)),
        "2012-01-01T10:00:00+03:00", "01.01.2012 10:00:00", "12345.678901234567", "Проверка документов",
        "Заявитель уведомлён",
        "Confirmation of receipt", "Личный приём", "d41d8cd98f00b204e9800998ecf8427e",
    ]  # fmt: skip
    assert not any(screen(connection, values))


@pytest.mark.parametrize("value", ["1122334459", "11223344595", "123456789012"])
def test_columns_of_numbers_can_be_screened(connection, value):
    query = f"SELECT {screening_expression('v')} FROM (SELECT {value}::BIGINT AS v)"
    assert connection.execute(query).fetchone()[0]


def test_nulls_are_not_let_through(connection):
    query = f"SELECT count(*) FROM (SELECT NULL::VARCHAR AS v) WHERE {screening_expression('v')}"
    assert connection.execute(query).fetchone() == (0,)


def test_column_named_after_personal_data_is_let_through_whole(connection):
    query = f"SELECT count(*) FROM (VALUES ('x'), (NULL)) t(v) WHERE {screening_expression('v', name='Фамилия')}"
    assert connection.execute(query).fetchone() == (1,)
