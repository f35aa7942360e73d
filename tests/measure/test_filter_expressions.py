"""Filters written as one line, and every way in which the line can be wrong."""

import pytest

from potok.core.errors import EXIT_USAGE
from potok.measure.filters.base import All, AnyOf, Not
from potok.measure.filters.errors import FilterSyntaxError, FilterValueError
from potok.measure.filters.expression import parse_filter
from potok.measure.filters.kinds import (
    CaseValues,
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
)

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("duration>30d", Duration(at_least_seconds=30 * DAY + 1e-6)),
        ("duration >= 4 h", Duration(at_least_seconds=4 * 3600)),
        ("duration<1,5ч", Duration(less_than_seconds=5400)),
        ("duration<=2w", Duration(less_than_seconds=14 * DAY + 1e-6)),
        ("duration=1d..45min", None),
        ("duration=45min..1d", Duration(2700, DAY)),
        ("activity=Проверка документов", HasActivity(("Проверка документов",))),
        ("activity=Проверка (повторная), Отказ", HasActivity(("Проверка (повторная)", "Отказ"))),
        ("activity!=A", Not(HasActivity(("A",)))),
        ("repeats(A)", HasActivity(("A",), times=2)),
        ("follows(A,B)", Follows("A", "B")),
        ('directly_follows("A, with a comma", B)', Follows("A, with a comma", "B", directly=True)),
        ("channel=МФЦ", CaseValues("channel", ("МФЦ",))),
        ("Канал=«МФЦ и почта», ЕПГУ", CaseValues("channel", ("МФЦ и почта", "ЕПГУ"))),
        ("unknown(channel)", CaseValues("channel", (None,))),
        ("attr:Регион заявителя=Саха", CaseValues("attr:Регион заявителя", ("Саха",))),
        ('attr:"a=b"=c', CaseValues("attr:a=b", ("c",))),
        ("start=A", Endpoints(("A",), "start")),
        ("end=A,B", Endpoints(("A", "B"), "end")),
        ("variant=0,2", Variants((0, 2))),
        ("top_variants=80%", TopVariants(0.8)),
        ("top_variants=0,8", TopVariants(0.8)),
        ("open", IsOpen()),
        ("opened=2026", TimeWindow("2026-01-01", "2027-01-01", "started")),
        ("closed=2026-12", TimeWindow("2026-12-01", "2027-01-01", "completed")),
        ("within=2026-01-01..2026-03-31", TimeWindow("2026-01-01", "2026-04-01", "contained")),
        ("touches=2026-02-28", TimeWindow("2026-02-28", "2026-03-01", "intersecting")),
        ("opened>=2026-03", TimeWindow("2026-03-01", None, "started")),
        ("opened>2026-03", TimeWindow("2026-04-01", None, "started")),
        ("opened<2026-03-05T12:00", TimeWindow(None, "2026-03-05T12:00", "started")),
        ("opened<=2026-03", TimeWindow(None, "2026-04-01", "started")),
    ],
)
def test_a_question_is_read(text, expected):
    if expected is None:
        with pytest.raises(FilterValueError, match="No duration lies between"):
            parse_filter(text)
    else:
        assert parse_filter(text) == expected


def test_and_binds_closer_than_or_and_not_closest():
    a, b, c = HasActivity(("A",)), HasActivity(("B",)), IsOpen()
    assert parse_filter("activity=A or activity=B and not open") == AnyOf((a, All((b, Not(c)))))
    assert parse_filter("(activity=A | activity=B) & !open") == All((AnyOf((a, b)), Not(c)))
    assert parse_filter("activity=A and activity=B and open") == All((a, b, c))
    assert parse_filter("not not open") == c


def test_words_within_a_value_are_no_conjunctions():
    assert parse_filter("activity=Android order and open") == All((HasActivity(("Android order",)), IsOpen()))


@pytest.mark.parametrize(
    ("text", "reason", "character"),
    [
        ("", "one of activity", 1),
        ("colour=red", "one of activity, start", 1),
        ("open and", "one of activity", 9),
        ("open open", "“and”, “or” or the end", 6),
        ("(open", "“\\)” is expected", 6),
        ("activity>A", "one of != =", 9),
        ("duration!=1d", "one of >= <= = > <", 9),
        ("activity=", "a value is expected", 10),
        ('activity="A', "the quotation mark is never closed", 10),
        ("follows(A)", "2 values are expected, not 1", 9),
        ("follows A", "“\\(” is expected", 9),
        ("follows(A,B", "“\\)” is expected", 12),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_character(text, reason, character):
    with pytest.raises(FilterSyntaxError, match=reason) as caught:
        parse_filter(text)
    assert caught.value.where == f"filter “{text}”, character {character}"
    assert caught.value.exit_code == EXIT_USAGE
    assert "duration>30d" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("duration>30", "“30” is no duration"),
        ("duration>30 parsecs", "no duration"),
        ("duration=1d", "two limits"),
        ("duration<=-1d", "no duration"),
        ("variant=A", "no code of a variant"),
        ("top_variants=many", "no share"),
        ("top_variants=0%", "share of variants must lie above 0"),
        ("top_variants=101%", "share of variants must lie above 0"),
        ("opened=2026-13", "“2026-13” is no date"),
        ("opened=2026-02-30", "no date"),
        ("opened=yesterday", "no date"),
        ("within=2026-03-01..2026-02-01", "ends .* before it begins"),
        ("unknown(colour)", "Cases cannot be filtered by “colour”"),
    ],
)
def test_a_value_that_cannot_be_taken_is_named_with_its_question(text, reason):
    with pytest.raises(FilterValueError, match=reason) as caught:
        parse_filter(f"open and {text}")
    assert caught.value.where == f"filter “open and {text}”, character 10"
