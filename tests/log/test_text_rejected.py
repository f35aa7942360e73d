"""Records that cannot be taken: each is reported once, and costs no other record."""

import csv
import io
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potok.log.sources.text import blocks, dialect, scan, sinks
from support.texts import read_text

GOOD = "1;start;01.02.2024\n"


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ("2;stop", "", "too_few_fields"),
        ("2;stop;01.02.2024;", "", "too_many_fields"),
        ("2;stop;01.02.2024;;x;y;z", "", "too_many_fields"),
        ('2;"stop"now;01.02.2024', "step", "text_after_quote"),
        ('2;"ООО "Ромашка"";01.02.2024', "step", "text_after_quote"),
        ('"2"x;stop;01.02.2024', "case", "text_after_quote"),
        ('2;stop;"01.02.2024', "at", "quote_not_closed"),
        ("2;st\0op;01.02.2024", "step", "nul_character"),
        ("\0;;", "case", "nul_character"),
        ("just a remark", "", "too_few_fields"),
        ('2;"two\nlines"', "", "too_few_fields"),
        ('2;";;;;"', "", "too_few_fields"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 40, None])
def test_a_bad_record_is_reported_and_the_others_are_taken(
    bad: str, column: str, reason: str, chunk_bytes: int | None
) -> None:
    reading = read_text(f"case;step;at\n{GOOD * 5}{bad}\n{GOOD * 5}", chunk_bytes=chunk_bytes)
    assert reading.rejected == [(6, 7, column, reason, bad.replace("\0", "␀"))]
    assert reading.rows == dict.fromkeys([*range(1, 6), *range(7, 12)], ("1", "start", "01.02.2024"))
    facts = reading.staged.facts
    assert (facts["rows"], facts["rejected_rows"], facts["copied"]) == (10, 1, True)


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("places", [(5,), (5, 900), (5, 6), (998, 999)])
@pytest.mark.parametrize("chunk_bytes", [1_000, None])
def test_a_quote_left_open_costs_its_own_line_only(
    quote: str, places: tuple[int, ...], chunk_bytes: int | None
) -> None:
    rows = [[f"c{number}", "an act", f"{number % 28:02d}.01.2024", "имя"] for number in range(1_000)]
    lines = [";".join(quote + value + quote for value in row) for row in rows]
    for place in places:
        lines[place] = f'{lines[place].split(";")[0]};"ООО Ромашка;01.01.2024;имя'
    # Enough sound quotes for the file to be one with quotes.
    lines += ['x;"y";z;"w"'] * 10
    reading = read_text("case;act;at;name\n" + "\n".join(lines) + "\n", chunk_bytes=chunk_bytes)
    assert [row[:3] for row in reading.rejected] == [(place + 1, place + 2, "act") for place in places]
    assert {row[3] for row in reading.rejected} <= {"quote_not_closed", "text_after_quote"}
    expected = {number: tuple(row) for number, row in enumerate(rows, 1) if number - 1 not in places}
    assert {number: row for number, row in reading.rows.items() if number <= 1_000} == expected


def test_lines_between_two_stray_quotes_are_not_swallowed() -> None:
    lines = [f"c{number};act;day" for number in range(20)]
    lines[5] = 'c5;"act;day'
    lines[12] = 'c12;act";day'
    lines += ['"x";"y";"z"'] * 20
    reading = read_text("case;step;at\n" + "\n".join(lines) + "\n")
    assert [row[0] for row in reading.rejected] == [6]
    assert reading.rows[13] == ("c12", 'act"', "day")
    assert len(reading.rows) == 39


def test_letters_of_several_lines_are_no_swallowed_rows() -> None:
    letter = "Dear Sir,\n\nplease; find enclosed\nthe form\n\nYours, N."
    rows = "".join(f'{number};"{letter}";x\n' for number in range(50))
    reading = read_text("case;letter;note\n" + rows)
    assert reading.values == [(str(number), letter, "x") for number in range(50)]
    assert (reading.rejected, reading.staged.facts["lines"]) == ([], 301)


@pytest.mark.parametrize("chunk_bytes", [1_000, 40_000, None])
def test_lines_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, chunk_bytes: int | None) -> None:
    for module in (dialect, scan):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", 5_000)
    long = "x" * 100_000
    text = f'a;b\n1;2\n3;{long}\n4;5\n6;"{long}"\n{long}'
    reading = read_text(text, chunk_bytes=chunk_bytes)
    assert reading.rows == {1: ("1", "2"), 3: ("4", "5")}
    assert [row[:2] for row in reading.rejected] == [(2, 3), (4, 5), (5, 6)]
    assert {row[3] for row in reading.rejected} <= {"record_too_long", "too_few_fields"}
    assert reading.rejected[0] == (2, 3, "", "record_too_long", f"3;{long}"[:200])
    assert reading.staged.facts["lines"] == 6


def test_an_open_quote_is_given_up_after_a_mebibyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "MAX_MULTILINE_BYTES", 2_000)
    rows = "1;2\n" * 3_000
    for chunk_bytes in (100, 5_000, None):
        reading = read_text(f'a;b\n"x";y\n1;"2\n{rows}"x";y\n', chunk_bytes=chunk_bytes)
        assert [row[:4] for row in reading.rejected] == [(2, 3, "b", "quote_not_closed")]
        assert len(reading.rows) == 3_002


@pytest.mark.parametrize(
    "bad", ["1;{text}", '1;"{text}', '1;"{text}\n{text}"', '1;"{text}\n{text}";x', '{text};{text};"']
)
def test_what_is_rejected_does_not_depend_on_how_much_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setattr(dialect, "MAX_MULTILINE_BYTES", 300)
    monkeypatch.setattr(blocks, "MAX_RECORD_WORDS", 300 // blocks.WORD_BITS - 2)
    for module in (dialect, scan):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", 2_000)
    for size in (100, 250, 700, 1_100, 3_000):
        text = f'a;b\n"1";2\n{bad.format(text="x" * size)}\n3;4\n5;"6"\n'
        readings = [read_text(text, chunk_bytes=chunk_bytes) for chunk_bytes in (1, 64, 1_000, None)]
        assert [reading.rows for reading in readings] == [readings[0].rows] * 4
        rejected = [[row[:2] for row in reading.rejected] for reading in readings]
        assert rejected == [rejected[0]] * 4


def test_the_text_of_a_rejected_record_is_shortened_and_legible() -> None:
    bad = 'я, "b"\\\t' * 60
    reading = read_text(f"a|b\n1|2\n{bad}\n3|4\n")
    assert reading.rejected == [(2, 3, "", "too_few_fields", bad[:200])]


def test_many_rejected_records() -> None:
    text = "a;b\n" + "".join(f"{i};x\n" if i % 3 else f"{i}\n" for i in range(9_000))
    reading = read_text(text)
    assert list(reading.rows) == [i + 1 for i in range(9_000) if i % 3]
    assert [(row[0], row[4]) for row in reading.rejected] == [(i + 1, str(i)) for i in range(9_000) if not i % 3]


def test_a_failed_attempt_leaves_no_file_behind(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert sinks.Plan.DIRECT < sinks.Plan.COPY < sinks.Plan.NUMBERED_COPY
    # A gap makes a copy necessary, the bad record then a numbered one: two files are left, not three.
    reading = read_text(f"a;b\n1;2\n\n{'3;4' + chr(10)}5\n")
    copies = re.findall(r"text-\w+\.csv", reading.staged.relation)
    assert len(copies) == 1
    assert reading.rows == {1: ("1", "2"), 2: ("3", "4")}


VALUE = st.text(st.sampled_from('ab1.яё -😀";,\n\r\t|'), max_size=12)
BARE = re.compile(r'[^";,\t|\r\n ][^;,\t|\r\n]*|')


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, dict[int, tuple[str | None, ...]], list[tuple[int, int, str]]]:
    """Draw a text, its delimiter, the rows in it by number, and number, line and reason of those that do not fit."""
    columns, delimiter = draw(st.integers(2, 5)), draw(st.sampled_from(";,\t|"))
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"]]))
    parts = [delimiter.join(f"h{number}" for number in range(columns)) + ends[0]]
    rows: dict[int, tuple[str | None, ...]] = {}
    bad: list[tuple[int, int, str]] = []
    line, number = 2, 0
    for kind in draw(st.lists(st.sampled_from(["row"] * 12 + ["blank", "short", "long"]), min_size=1, max_size=25)):
        values = draw(st.lists(VALUE, min_size=columns, max_size=columns))
        end = draw(st.sampled_from(ends))
        if kind == "blank":
            parts.append(end)
            line += 1
            continue
        fields = [_written(value, draw(st.booleans()), delimiter) for value in values]
        # A first field that is never empty keeps short records from looking blank.
        fields[0], values[0] = f"c{number}", f"c{number}"
        number += 1
        if kind == "row":
            rows[number] = tuple(value or None for value in values)
        else:
            fields = fields[:-1] if kind == "short" else [*fields, "x"]
            bad.append((number, line, "too_few_fields" if kind == "short" else "too_many_fields"))
        parts.append(delimiter.join(fields) + end)
        line += parts[-1].count("\n")
    for _ in range(30):  # enough for the file to be one with quotes
        number += 1
        rows[number] = ("q",) * columns
        parts.append(delimiter.join(['"q"'] * columns) + ends[0])
    text = "".join(parts)
    return (text[:-1] if draw(st.booleans()) and ends == ["\n"] else text), delimiter, rows, bad


def _written(value: str, quoted: bool, delimiter: str) -> str:
    if not quoted and BARE.fullmatch(value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


@settings(max_examples=60, deadline=None)
@given(table=tables(), seed=st.integers(0, 2**32))
@example(table=("h0;h1\nc0;\n", ";", {1: ("c0", None)}, []), seed=0)
def test_every_row_present_is_taken_or_rejected(
    table: tuple[str, str, dict[int, tuple[str | None, ...]], list[tuple[int, int, str]]], seed: int
) -> None:
    text, delimiter, rows, bad = table
    choice = random.Random(seed)
    encoding = choice.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
    reading = read_text(
        text.encode(encoding),
        delimiter="tab" if delimiter == "\t" else delimiter,
        encoding="" if encoding != "utf-16-be" else encoding,
        chunk_bytes=choice.choice([1, 3, 50, None]),
        buffer_bytes=choice.choice([None, 4_000]),
    )
    assert reading.rows == rows
    assert [(row[0], row[1], row[3]) for row in reading.rejected] == bad
    facts = reading.staged.facts
    assert facts["lines"] == text.count("\n") + (not text.endswith("\n"))
    sound = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert facts["rows"] + facts["rejected_rows"] == sum(1 for record in sound if record) - 1
