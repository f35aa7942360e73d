"""The proof that a block is regular agrees with reading it record by record."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from potok.log.sources.text import blocks
from potok.log.sources.text.blocks import Block, BlockExaminer
from potok.log.sources.text.dialect import Dialect, RecordGrammar, Verdict

DIALECTS = [
    Dialect(b";"),
    Dialect(b",", line_end=b"\r\n"),
    Dialect(b"\t", quote=b""),
    Dialect(b"|", is_padded=True),
]
# Few letters, so that quotes, delimiters and line ends meet in all ways.
TEXTS = st.text(st.sampled_from('ab" ;;\n\n"",'), max_size=200)
LINES = st.lists(st.sampled_from(["a;b", '"a";b', '"a;""";', ";", '"";""', '"a\nb";c', "я;" + "z" * 70]), max_size=40)


def by_record(text: bytes, dialect: Dialect, columns: int) -> tuple[int, int, bool]:
    """Return the end of the whole records, their number, and whether all are plain."""
    grammar = RecordGrammar(dialect, columns=columns)
    position = records = 0
    while position < len(text):
        reading = grammar.read(text, position, is_last=False)
        if reading.verdict is Verdict.UNFINISHED:
            break
        if reading.verdict is not Verdict.PLAIN or not text.endswith(dialect.line_end, position, reading.end):
            return position, records, False
        position, records = reading.end, records + 1
    return position, records, True


@given(text=TEXTS, dialect=st.sampled_from(DIALECTS), columns=st.integers(2, 4))
@example(text='a;"b', dialect=DIALECTS[0], columns=2)
@example(text='a; "b"\n', dialect=DIALECTS[0], columns=2)
@example(text='"a"";b\n', dialect=DIALECTS[0], columns=2)
@example(text='a;b"\n"c";d\n', dialect=DIALECTS[0], columns=2)
def test_what_is_proved_regular_is_regular(text: str, dialect: Dialect, columns: int) -> None:
    written = text.replace(";", dialect.delimiter.decode()).replace("\n", dialect.line_end.decode()).encode()
    block = BlockExaminer(dialect, columns=columns).examine(written)
    end, records, all_plain = by_record(written, dialect, columns)
    if block is not None:
        assert all_plain
        assert block == Block(end, records, written.count(b"\n", 0, end))


@given(lines=LINES, dialect=st.sampled_from(DIALECTS[:2]), tail=st.sampled_from(["", "a", '"', 'a;"b', '"a"', "a\r"]))
def test_regular_text_is_proved_regular(lines: list[str], dialect: Dialect, tail: str) -> None:
    text = "".join(line.replace(";", dialect.delimiter.decode()) + dialect.line_end.decode() for line in lines)
    written = (text + tail).encode()
    block = BlockExaminer(dialect, columns=2).examine(written)
    inner = sum("\n" in line for line in lines)
    if not lines or inner >= 3 or (b"\r" in written) is not (dialect.line_end == b"\r\n"):
        assert block is None
    else:
        assert block == Block(len(text.encode()), len(lines), len(lines) + inner)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter.decode(), strict=True))
        assert len(rows) == block.records


@pytest.mark.parametrize(
    "text",
    [
        "a;b\n\nc;d\n",  # blank line
        "a;b\nc\n",  # too few
        "a;b\nc;d;e\n",  # too many
        "a;b;c\nd\n",  # right on the average
        'a;b"c"\n',  # quotes within an unquoted field: read alike by all, but not proved here
        'a;"b"c\n',
        "a;b\0\n",
        "a;b\rc;d\n",
        'a;"1\n2\n3\n4"\n',
        "no end",
        "",
    ],
)
def test_what_is_not_certain_is_left_to_the_grammar(text: str) -> None:
    assert BlockExaminer(Dialect(b";"), columns=2).examine(text.encode()) is None


def test_carriage_returns_stand_before_line_feeds_or_not_at_all() -> None:
    examiner = BlockExaminer(Dialect(b";", line_end=b"\r\n"), columns=2)
    assert examiner.examine(b"a;b\r\n" * 30) == Block(150, 30, 30)
    assert examiner.examine(b'a;"b\nc\r"\r\n') == Block(10, 1, 2)
    assert examiner.examine(b"a;b\r\n" * 30 + b"a;b\nc;d\r\n") is None
    assert examiner.examine(b"a;b\r\n" * 30 + b"a;b\rc\r\n") is None
    assert examiner.examine(b"a;b\n") is None


def test_long_blocks_with_long_records(monkeypatch: pytest.MonkeyPatch) -> None:
    examiner = BlockExaminer(Dialect(b","), columns=3)
    text = b"".join(b'"%d",%b,"x,""y"""\n' % (i, b"z" * (i % 700)) for i in range(3_000))
    assert examiner.examine(text) == Block(len(text), 3_000, 3_000)
    assert examiner.examine(text[:-1]) == Block(text.rindex(b"\n", 0, -1) + 1, 2_999, 2_999)
    monkeypatch.setattr(blocks, "MAX_RECORD_WORDS", 10)
    assert examiner.examine(text) is None


def test_counts_do_not_overflow() -> None:
    # 70,000 fields in each of many records: their product with the ordinal passes 2^31.
    feeds = np.array([1], np.uint64)
    delimiters = np.array([0], np.uint64)
    assert blocks._have_equal_counts(feeds, delimiters, np.array([0]), 2**32) == 0
