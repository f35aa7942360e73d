"""Guessing of delimiter, quoting, titles and header."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.core.errors import EXIT_USAGE
from potok.log.sources.text.dialect import Dialect, RecordGrammar
from potok.log.sources.text.guessing import NotATableError, UnusableDelimiterError, guess_dialect, read_sample
from potok.log.sources.text.header import TooManyColumnsError, name_columns
from support.texts import read_text

FIELD = st.text(st.sampled_from('ab1 ;,\t|"\n.'), max_size=8)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", b","),
        ("a;b\n1;2\n", b";"),
        ("a\tb\n1\t2\n", b"\t"),
        ("a|b\n1|2\n", b"|"),
        ("case;cost\n1;2,5\n2;3,5\n", b";"),  # decimal commas
        ("case;cost;fee\n1;2,5;3,5\n2;3,5;4,0\n", b";"),
        ("1,5;2,5;3,5\n1,5;2,5;3,5\n", b";"),  # every column has one, and there is no header
        ("Дата;Сумма, руб\n01.01;10,5\n02.01;11,5\n", b";"),
        ('id,text\n1,"a;b;c"\n2,"d;e;f"\n', b","),
        ("id,list\n1,a;b\n2,c;d\n", b","),
        ("day,time\n1,10:00|x\n2,11:00|y\n", b","),
        ("a;b\n" + "1;2\n" * 9 + "3,4,5,6\n", b";"),
        ('"a;b","c;d"\n"1;2","3;4"\n', b","),
    ],
)
def test_the_delimiter_is_guessed(text: str, delimiter: bytes) -> None:
    assert guess_dialect(text.encode(), is_whole=True) == Dialect(delimiter)


@given(rows=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=3, max_size=20), delimiter=st.sampled_from(";,\t|"))
def test_what_the_csv_module_writes_is_guessed_and_split_alike(rows: Sequence[tuple[str, ...]], delimiter: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    sample = written.getvalue().encode()
    dialect = guess_dialect(sample, is_whole=True)
    # That spaces may stand around quotes means nothing to a file in which they do not.
    assert replace(dialect, is_padded=False) == Dialect(delimiter.encode(), line_end=b"\r\n")
    records = read_sample(sample, dialect, is_whole=True)
    assert [tuple(field.decode() for field in record.fields or ()) for record in records] == rows
    cut = read_sample(sample[:-1], dialect, is_whole=False)
    assert cut == records[:-1]


@pytest.mark.parametrize(
    ("asked", "character"),
    [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("COMMA", ","), ("pipe", "|"), ("^", "^"), ("\x1f", "\x1f")],
)
def test_a_delimiter_asked_for_is_taken(asked: str, character: str) -> None:
    text = "a,b;x\n1,2;y\n".replace(";", character)
    assert guess_dialect(text.encode(), is_whole=True, delimiter=asked).delimiter == character.encode()


@pytest.mark.parametrize("asked", ["ab", '"', "\n", "a", "5", "ж", " ", "-", ".", ":", "'", "\0"])
def test_what_cannot_separate_columns_is_refused(asked: str) -> None:
    with pytest.raises(UnusableDelimiterError, match="cannot separate columns") as failure:
        guess_dialect(b"a;b\n", is_whole=True, delimiter=asked)
    assert failure.value.exit_code == EXIT_USAGE


def test_text_without_columns_is_no_table() -> None:
    with pytest.raises(NotATableError, match="none of comma, semicolon, tab and vertical bar"):
        read_text("Dear Sir\nthank you\n")
    with pytest.raises(NotATableError, match="The delimiter “;” does not divide"):
        read_text("a,b\n1,2\n", delimiter=";")


def test_files_that_know_no_quoting_are_read_so() -> None:
    text = 'size\tname\n5"\t"pipe\n6"\t"tube\n7"\ta\n'
    reading = read_text(text)
    assert reading.staged.facts["quote"] == ""
    assert reading.values == [('5"', '"pipe'), ('6"', '"tube'), ('7"', "a")]


def test_spaces_around_quoted_fields_are_no_part_of_them() -> None:
    reading = read_text('a, "b", c\n1, "x, y" , 3\n2, "z ""q""", 4\n3,"t", 5\n')
    assert reading.staged.facts["spaces_around_quotes"] is True
    assert reading.names == ["a", "b", "c"]
    assert reading.values == [("1", "x, y", " 3"), ("2", 'z "q"', " 4"), ("3", "t", " 5")]


def test_a_space_before_a_quote_is_text_where_the_file_does_not_use_it() -> None:
    rows = "".join(f'{i},"x"\n' for i in range(900))
    reading = read_text(f'a,b\n{rows}1, "y" z\n')
    assert reading.staged.facts["spaces_around_quotes"] is False
    assert reading.rows[901] == ("1", ' "y" z')


TITLED = "Отчёт за 2024 год;;;\n\nСформирован: 01.02.2024;;;\n"


@pytest.mark.parametrize(
    ("text", "names", "header_line", "skipped", "rows"),
    [
        ("case;step;at\n1;a;2024-01-01\n", ["case", "step", "at"], 1, [], 1),
        ("1;a;2024-01-01\n2;b;2024-01-02\n", ["column_1", "column_2", "column_3"], None, [], 2),
        ("7;a;2024-01-01\n", ["column_1", "column_2", "column_3"], None, [], 1),
        ("Sue;decide\nSue;pay\nJoe;decide\n", ["column_1", "column_2"], None, [], 3),
        ("who;what\nSue;pay\nJoe;decide\n", ["who", "what"], 1, [], 2),
        (TITLED + "a;b;c;d\n1;2;3;4\n", ["a", "b", "c", "d"], 4, TITLED.splitlines(), 1),
        ("Отчёт за год\na;b\n1;2\n3;4\n", ["a", "b"], 2, ["Отчёт за год"], 2),
        ("\n\na;b\n1;2\n", ["a", "b"], 3, ["", ""], 1),
        ("note: a, b\na;b;c;d\n1;2;3;4\n", ["a", "b", "c", "d"], 2, ["note: a, b"], 1),
        ('"two\nlines";b\n1;2\n', ["two lines", "b"], 1, [], 1),
        ("a;b;\n1;2;\n3;4;\n", ["a", "b", "column_3"], 1, [], 2),  # trailing delimiter
        ("a;b\n1;2;\n3;4;\n", ["a", "b", "column_3"], 1, [], 2),  # in the rows only
        ("a;b;\n1;2\n3;4\n", ["a", "b"], 1, [], 2),  # in the header only
        ("a;b;c\n1;2\n3;4\n5;6;7\n", ["a", "b", "c"], 1, [], 1),
        ("a;b\n", ["a", "b"], 1, [], 0),
    ],
)
def test_titles_and_header_are_found(
    text: str, names: list[str], header_line: int | None, skipped: list[str], rows: int
) -> None:
    if not rows:
        text += "x;y\n"
        rows = 1
    reading = read_text(text)
    facts = reading.staged.facts
    assert (reading.names, facts["header_line"], facts["skipped_text"]) == (names, header_line, skipped)
    assert facts["skipped_lines"] == len(skipped)
    assert len(reading.rows) == facts["rows"] == rows


def test_after_many_titles_the_table_is_still_found() -> None:
    reading = read_text("title\n" * 60 + "a;b\n" + "1;2\n" * 70)
    assert (reading.names, reading.staged.facts["skipped_lines"], len(reading.rows)) == (["a", "b"], 60, 70)


@pytest.mark.parametrize(
    ("cells", "names", "renamed"),
    [
        (["a", "b"], ("a", "b"), ()),
        (["", "b", " "], ("column_1", "b", "column_3"), ((1, "", "column_1"), (3, "", "column_3"))),
        (["a", "A", "a"], ("a", "A_2", "a_3"), ((2, "A", "A_2"), (3, "a", "a_3"))),
        (["a_2", "a", "a"], ("a_2", "a", "a_3"), ((3, "a", "a_3"),)),
        (["ДАТА", "дата"], ("ДАТА", "дата_2"), ((2, "дата", "дата_2"),)),
        (["column_2", ""], ("column_2", "column_2_2"), ((2, "", "column_2_2"),)),
        (["two\n lines", " x "], ("two lines", "x"), ((1, "two\n lines", "two lines"),)),
        (["nul\0"], ("nul", "column_2"), ((1, "nul\0", "nul"), (2, "", "column_2"))),
        ([], ("column_1", "column_2"), ()),
    ],
)
def test_columns_are_named_once_in_any_case_of_letters(
    cells: list[str], names: tuple[str, ...], renamed: tuple[tuple[int, str, str], ...]
) -> None:
    assert name_columns(cells, len(names)) == (names, renamed)


@given(cells=st.lists(st.text(max_size=4), max_size=12))
def test_names_never_repeat(cells: list[str]) -> None:
    names, _ = name_columns(cells, 12)
    assert len({name.casefold() for name in names}) == 12
    assert all(name == name.strip() and name for name in names)


@pytest.mark.parametrize("columns", [4_096, 4_097, 10_000])
def test_there_is_a_limit_to_columns(columns: int) -> None:
    text = ";".join(f"c{i}" for i in range(columns)) + "\n" + ";".join("x" for _ in range(columns)) + "\n"
    if columns > 4_096:
        with pytest.raises(TooManyColumnsError, match=f"has {columns} columns; at most 4096"):
            read_text(text)
    else:
        assert len(read_text(text).rows[1]) == columns


@given(text=st.text(st.sampled_from('ab ";\n\r'), max_size=60), padded=st.booleans())
def test_every_piece_of_text_is_some_record(text: str, padded: bool) -> None:
    grammar = RecordGrammar(Dialect(b";", is_padded=padded), columns=2)
    data, position = text.encode(), 0
    while position < len(data):
        reading = grammar.read(data, position, is_last=True)
        assert reading.end > position
        position = reading.end
    assert position == len(data)
