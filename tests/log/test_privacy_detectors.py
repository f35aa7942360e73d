import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.log.privacy.checksums import is_inn_of_organisation, is_inn_of_person, is_snils
from potok.log.privacy.detectors import DEFAULT_KINDS, detect_personal_data
from potok.log.privacy.personal_data import PersonalDataKind as Kind

ALL_KINDS = frozenset(Kind)


def kinds_in(*values: str, column: str = "column", kinds=ALL_KINDS, distinct: int | None = None) -> set[Kind]:
    counts = None if distinct is None else {column: distinct}
    return {found.kind for found in detect_personal_data({column: values}, distinct=counts, kinds=kinds)}


def fitting(check, length: int, count: int) -> list[str]:
    generator = random.Random(length)
    numbers: list[str] = []
    while len(numbers) < count:
        body = "".join(generator.choices("123456789", k=length))
        if check(body):
            numbers.append(body)
    return numbers


SNILS = fitting(is_snils, 11, 20)
PEOPLE = fitting(is_inn_of_person, 12, 20)
ORGANISATIONS = fitting(is_inn_of_organisation, 10, 40)


def formatted(snils: str) -> str:
    return f"{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}"


TELLING = [
    (Kind.SNILS, [formatted(number) for number in SNILS[:3]]),
    (Kind.SNILS, [formatted(number).replace("-", " ") for number in SNILS[:3]]),
    (Kind.SNILS, [formatted(number).replace("-", "\u2011").replace(" ", "\u00a0") for number in SNILS[:3]]),
    (Kind.SNILS, [f"Заявитель (СНИЛС {formatted(number)}) обратился" for number in SNILS[:3]]),
    (Kind.SNILS, [f"снилс: {number}" for number in SNILS[:3]]),
    (Kind.SNILS, SNILS[:5]),
    (Kind.SNILS, [f"{number}.0" for number in SNILS[:5]]),
    (Kind.INN_OF_PERSON, PEOPLE[:6]),
    (Kind.INN_OF_PERSON, [f"ИНН {number}" for number in PEOPLE[:3]]),
    (Kind.INN_OF_ORGANISATION, ORGANISATIONS[:20]),
    (Kind.INN_OF_ORGANISATION, [f"ИНН/КПП {number}/770101001" for number in ORGANISATIONS[:3]]),
    (Kind.PASSPORT, ["45 08 123456", "98 04 654321", "98 11 000001"]),
    (Kind.PASSPORT, ["4508 № 123456", "9804 №654321", "9811№000001"]),
    (Kind.PASSPORT, ["4508 123456", "9804 654321", "9811 000001", "4500 222333", "4699 111222"]),
    (Kind.PASSPORT, ["паспорт 4508123456", "Паспорт серия 9804 номер 654321, выдан", "серия 20 04 № 123456"]),
    (Kind.PASSPORT, ["паспорт 75 1234567", "passport no. 712345678", "Паспорт: 75№1234567"]),
    (Kind.PHONE, ["+7 916 123-45-67", "+7 (4112) 42-35-80", "+79161234567"]),
    (Kind.PHONE, ["8 (916) 123-45-67", "8-916-123-45-67", "8 916 123 45 67"]),
    (Kind.PHONE, ["(495) 123-45-67", "(4112) 42-35-80", "(411) 212-34-56"]),
    (Kind.PHONE, ["тел. 42-35-80", "телефон заявителя: 89161234567", "моб.: 916 123-45-67"]),
    (Kind.PHONE, ["+49 30 1234567", "+1 (212) 555-0123", "+380441234567"]),
    (Kind.PHONE, ["89161234567", "79031234567", "89261112233", "79851234567", "89101112233"]),
    (Kind.EMAIL, ["ivan.petrov@mail.ru"]),
    (Kind.EMAIL, ["Прошу ответить на почта@пример.рф, спасибо"]),
    (Kind.FULL_NAME, ["Иванов Иван Иванович", "Петрова-Водкина Анна Сергеевна", "Сидорова Ольга Ильинична"]),
    (Kind.FULL_NAME, ["ИВАНОВ ИВАН ИВАНОВИЧ", "ПЕТРОВА АННА СЕРГЕЕВНА", "КИМ ЛЕВ ИЛЬИЧ"]),
    (Kind.FULL_NAME, ["Иван Иванович Иванов", "Анна Сергеевна Петрова", "ЛЕВ ИЛЬИЧ КИМ"]),
    (Kind.FULL_NAME, ["Иванов И.И.", "Петрова А. С.", "СИДОРОВ П.П."]),
    (Kind.FULL_NAME, ["И.И. Иванов", "А. С. Петрова", "П.П.Сидоров"]),
    (Kind.FULL_NAME, ["Алиев Вели Али оглы", "Алиева Лейла Вели кызы", "АЛИЕВ ВЕЛИ ОГЛЫ"]),
    (
        Kind.FULL_NAME,
        ["направлено Иванову Ивану Ивановичу", "от Петровой Анны Сергеевны", "Ильину Льву Ильичу на подпись"],
    ),
    (Kind.BANK_CARD, ["4111 1111 1111 1111", "2200-0000-0000-0004", "5555 5555 5555 4444", "4012 8888 8888 1881"]),
]


@pytest.mark.parametrize(("kind", "values"), TELLING)
def test_personal_data_is_found(kind, values):
    assert kinds_in(*values) == {kind}


@pytest.mark.parametrize(("kind", "values"), TELLING)
def test_personal_data_is_found_among_many_other_values(kind, values):
    others = [f"код-{number}" for number in range(500)]
    assert kinds_in(*values, *others) == {kind}


ORDINARY = [
    [f"Case {number}" for number in range(300)],
    [str(number) for number in range(10_000_000_000, 10_000_000_400)],
    [str(number) for number in range(1_000_000_000, 1_000_000_400)],
    [str(number) for number in range(500_000_000_000, 500_000_000_400)],
    [str(number * 100) for number in range(123_456_789, 123_457_189)],
    [str(89_000_000_000 + number) for number in range(400)],
    [str(79_161_000_000 + number) for number in range(400)],
    [str(1_325_376_000 + 3600 * number) for number in range(400)],
    [f"2012{month:02d}{day:02d}{hour:02d}30" for month in (1, 2) for day in range(1, 28) for hour in range(24)],
    ["2012 000123", "2013 000124", "2014 000125", "2015 100126", "2016 000127", "1999 000128"],
    ["20120101 123456", "1234-56-78 901234", "12.34.5678 901234"],
    ["8.9161234567", "7.4951234567", "8.3452345678", "7,4951234567"],
    ["8 916 123 456", "78 916 123 456", "7 495 123 456 000"],
    ["8 800 555 35 35", "8 (800) 100-20-30", "+7 800 555-35-35", "+7 (804) 333-70-01"],
    ["123456789012.50", "-89161234567.25", "1.2345678901E+10"],
    ["2012-01-01T10:00:00+03:00", "2012-01-01 10:00:00.123456", "01.01.2012 10:00:00", "1/13/2012 7:05:33"],
    ["INC-11223344595", "id_11223344595", "A11223344595", "11223344595-7", "1,11223344595"],
    ["550e8400-e29b-41d4-a716-446655440000", "d41d8cd98f00b204e9800998ecf8427e"],
    ["77:01:0001001:1234", "45 286 555 000", "182 1 01 02010 01 1000 110", "0373100064612000123"],
    ["Республика Саха Якутия", "Министерство Экономики Развития", "Публичная Личная Оферта", "Т. Е. Х"],
    ["Личная подача заявления", "Владивосток Хабаровск Благовещенск", "ФИЗИЧЕСКОЕ ЛИЦО ОБЫЧНАЯ ПРОВЕРКА"],
    ["user@localhost", "@mention", "a@b", "5 @ 3.14"],
    ["Проверка ИНН", "Паспорт сделки", "Снилс получен", "Телефонное сообщение 5"],
    [],
    [""],
]


@pytest.mark.parametrize("values", ORDINARY)
def test_ordinary_values_raise_no_alarm(values):
    assert kinds_in(*values) == set()


@settings(max_examples=150, deadline=None)
@given(
    length=st.sampled_from([10, 11, 12]),
    start=st.integers(0, 10**12),
    step=st.integers(1, 10**6) | st.sampled_from([1, 10, 11, 100, 101, 1000]),
    count=st.integers(1, 300),
)
def test_ids_in_even_steps_raise_no_alarm(length, start, step, count):
    first = 10 ** (length - 1) + start % (8 * 10 ** (length - 1))
    values = [str(first + step * number) for number in range(count)]
    assert kinds_in(*values, kinds=DEFAULT_KINDS) == set()


def test_random_numbers_raise_no_alarm():
    generator = random.Random(5)
    for length in (10, 11, 12, 16):
        for count in (3, 10, 100, 3000):
            values = ["".join(["1", *generator.choices("0123456789", k=length - 1)]) for _ in range(count)]
            assert kinds_in(*values) == set(), (length, count)


def test_snils_are_noticed_though_as_many_other_numbers_have_their_length():
    others = [str(number) for number in range(20_000_000_000, 20_000_000_020)]
    assert kinds_in(*SNILS, *others) == {Kind.SNILS}


def test_two_hits_of_telling_form_need_one_percent():
    names = ["Иванов Иван Иванович", "Петров Пётр Петрович"]
    assert kinds_in(*names, distinct=200) == {Kind.FULL_NAME}
    assert kinds_in(*names, distinct=201) == set()
    assert kinds_in(*names, "Сидоров Иван Иванович", distinct=1_000_000) == {Kind.FULL_NAME}


def test_two_formatted_snils_suffice_in_a_small_column():
    assert kinds_in(*(formatted(number) for number in SNILS[:2])) == {Kind.SNILS}
    assert kinds_in(formatted(SNILS[0])) == set()


def test_one_email_is_enough_whatever_else_there_is():
    assert kinds_in("a.b@agency.gov.ru", distinct=1_000_000) == {Kind.EMAIL}


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("СНИЛС заявителя", SNILS[0], Kind.SNILS),
        ("applicant_snils", SNILS[0], Kind.SNILS),
        ("ИНН", PEOPLE[0], Kind.INN_OF_PERSON),
        ("inn", ORGANISATIONS[0], Kind.INN_OF_ORGANISATION),
        ("Паспорт", "4508123456", Kind.PASSPORT),
        ("Паспорт", "2004 123456", Kind.PASSPORT),
        ("Контактный телефон", "9161234567", Kind.PHONE),
        ("phone", "42-35-80", Kind.PHONE),
        ("ФИО", "Ким Лев", Kind.FULL_NAME),
        ("Фамилия", "Иванов", Kind.FULL_NAME),
        ("Номер карты", "4111111111111111", Kind.BANK_CARD),
    ],
)
def test_column_name_makes_one_value_enough(column, value, kind):
    assert kinds_in(value, column=column) == {kind}
    assert kinds_in(value, column="other") == set()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Отчество указано", ["Да", "Нет", "НЕТ"]),
        ("beginning", ORGANISATIONS[:3]),
        ("СНИЛС проверен", ["1", "0", "да"]),
        ("phone_calls", ["1", "2", "17"]),
        ("Телефон", ["", "-", "нет"]),
    ],
)
def test_column_name_alone_is_no_evidence(column, values):
    assert kinds_in(*values, column=column) == set()


def test_cards_are_looked_for_only_if_asked():
    cards = ["4111 1111 1111 1111", "5555 5555 5555 4444", "4012 8888 8888 1881"]
    assert detect_personal_data({"c": cards}) == ()
    assert kinds_in(*cards, kinds={Kind.BANK_CARD}) == {Kind.BANK_CARD}


def test_detection_counts_distinct_values_and_masks():
    text = "Заявитель Иванов Иван Иванович, ivan@mail.ru"
    found = detect_personal_data({"a": ["x"], "b": [text, text, "y", "z", "w"]})
    assert [(one.column, one.kind, one.matched, one.checked, one.share) for one in found] == [
        ("b", Kind.EMAIL, 1, 4, 0.25),
        ("b", Kind.FULL_NAME, 1, 4, 0.25),
    ]
    assert found[0].examples == ("i***@****.**",)
    assert found[1].examples == ("И***** **** ********",)


def test_columns_are_reported_in_their_order_with_three_examples():
    mails = [f"user{number}@mail.ru" for number in range(9)]
    found = detect_personal_data({"z": mails, "a": mails})
    assert [one.column for one in found] == ["z", "a"]
    assert all(len(one.examples) == 3 and one.matched == 9 for one in found)


def test_first_number_that_fails_does_not_hide_the_second():
    assert kinds_in(*(f"11223344590 и {number}" for number in SNILS[:6])) == {Kind.SNILS}


@pytest.mark.parametrize("filler", ["А", "а", "9", "9 ", "a@", "a.", "И.", "тел ", "Аа-", "("])
def test_a_huge_cell_takes_linear_time(filler):
    # Quadratic behaviour would take minutes.
    assert len(kinds_in(filler * 200_000)) <= 1


@given(st.dictionaries(st.text(max_size=10), st.lists(st.text(max_size=60), max_size=10), max_size=3))
def test_any_text_is_survived_and_examples_stay_short(columns):
    for found in detect_personal_data(columns, kinds=ALL_KINDS):
        assert 0 < found.matched <= found.checked
        assert all(len(example) <= 41 for example in found.examples)
