"""Numbers as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.engine.duckdb import connect
from potok.log.numbers import number_expression


@pytest.fixture(scope="module")
def read():
    connection = connect()

    def run(text: str | None, decimal: str) -> float | None:
        query = f"SELECT {number_expression('x', decimal=decimal)} FROM (SELECT CAST(? AS VARCHAR) AS x)"
        value: float | None = connection.execute(query, [text]).fetchone()[0]
        return value

    return run


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("12", 12.0, 12.0),
        ("-1.5", -1.5, None),
        ("1,5", None, 1.5),
        ("1 234,50", None, 1234.5),
        ("1\u00a0234.5", 1234.5, None),
        ("12\u202f345\u202f678", 12345678.0, 12345678.0),
        ("1\u2009000", 1000.0, 1000.0),
        ("1'000", 1000.0, 1000.0),
        ("1,234.5", 1234.5, None),
        ("1.234,5", None, 1234.5),
        ("1.234", 1.234, 1234.0),
        ("1,234", 1234.0, 1.234),
        ("12.5", 12.5, None),
        (" 7 ", 7.0, 7.0),
        ("−3", -3.0, -3.0),
        ("+5", 5.0, 5.0),
        ("1e-5", 1e-5, 1e-5),
        ("1 23", None, None),
        ("1.2.3", None, None),
        ("1_000", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("1e400", None, None),
        ("1 000 руб.", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_what_a_text_means_with_a_point_and_with_a_comma(text, point, comma, read):
    assert read(text, ".") == point
    assert read(text, ",") == comma


@settings(max_examples=60, deadline=None)
@given(number=st.floats(allow_nan=False, allow_infinity=False), decimal=st.sampled_from([".", ","]))
def test_a_written_number_is_read_back(read, number, decimal):
    assert read(repr(number).replace(".", decimal), decimal) == number


@settings(max_examples=40, deadline=None)
@given(number=st.integers(-(10**12), 10**12), mark=st.sampled_from([" ", "\u00a0", "\u202f", "'"]))
def test_groups_of_thousands_change_nothing(read, number, mark):
    assert read(f"{number:,}".replace(",", mark), ",") == number


def test_other_decimal_marks_are_refused():
    with pytest.raises(ValueError, match="decimal must be one of"):
        number_expression("x", decimal=";")
