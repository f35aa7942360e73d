"""Guesses the dialect of a text from its beginning."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.log.sources.text.dialect import Dialect, RecordGrammar

# In order of preference where a text fits several.
DELIMITERS: Final = (b"\t", b";", b"|", b",")
DELIMITER_NAMES: Final = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}
SAMPLE_RECORDS: Final = 1_000
# Shares of fitting records nearer than this do not tell dialects apart.
SHARE_STEP: Final = 0.05
# A few stray quotes cost a few rows; reading quotes as text in a file that quotes further down spoils all of those.
STRAY_SHARE: Final = 0.1
PADDED: Final = re.compile(rb' +".*" *', re.DOTALL)
DECIMAL: Final = re.compile(rb"-?\d[\d \xa0]*,\d+")


class UnusableDelimiterError(UsageError):
    """The delimiter asked for cannot separate fields."""

    code = "POTOK-L069"


class NotATableError(BadDataError):
    """No delimiter divides the lines of the file into columns."""

    code = "POTOK-L077"


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A record in the sample.

    Parameters
    ----------
    start, end
        Its place in the sample.
    fields
        Unquoted; None if the record cannot be split soundly.
    """

    start: int
    end: int
    fields: tuple[bytes, ...] | None

    @property
    def is_blank(self) -> bool:
        """Whether it is an empty line."""
        return self.fields is not None and len(self.fields) == 1 and not self.fields[0].strip()


@dataclass(frozen=True, slots=True)
class Trial:
    """How a dialect fits a sample.

    Parameters
    ----------
    columns
        The most frequent number of fields; 0 if no record has two or more.
    share
        Records with that many fields.
    stray_share
        Records in which quotes seem to be text: unsound ones, and those over several lines.
    quoted_share
        Records on one line with sound quoted fields.
    first
        How many records stand before the first with that many fields.
    end
        Position after the last record looked at.
    has_only_decimals
        All commas in fields are decimal ones, and there are some.
    has_padded_quotes
        Fields begin with spaces and a quote, and end with one.
    """

    dialect: Dialect
    columns: int
    share: float
    stray_share: float
    quoted_share: float
    first: int
    end: int
    has_only_decimals: bool = False
    has_padded_quotes: bool = False


def read_sample(sample: bytes, dialect: Dialect, *, is_whole: bool, limit: int = SAMPLE_RECORDS) -> list[SampleRecord]:
    """Return the first records of a sample; the last is left out if the sample may end within it."""
    return list(islice(_read_sample(sample, dialect, is_whole=is_whole), limit))


def _read_sample(sample: bytes, dialect: Dialect, *, is_whole: bool) -> Iterator[SampleRecord]:
    grammar = RecordGrammar(dialect, columns=2)
    position = 0
    while position < len(sample):
        end, fields = grammar.sample(sample, position, is_last=is_whole)
        if end == position or (end == len(sample) and fields is None and not is_whole):
            return
        yield SampleRecord(position, end, None if fields is None else tuple(fields))
        position = end


def guess_dialect(sample: bytes, *, is_whole: bool, delimiter: str = "") -> Dialect:
    """Guess how a text separates fields and records.

    The delimiter is the one that gives most records the same number of fields, the first records included. Where
    several do, commas that all stand in decimal numbers speak against the comma, and more columns win.

    Parameters
    ----------
    sample
        The beginning of the text, in UTF-8.
    is_whole
        The sample is the whole text.
    delimiter
        The one asked for; empty to guess.

    Raises
    ------
    UnusableDelimiterError
        If `delimiter` is not one ASCII character that can stand between fields.
    NotATableError
        If no delimiter gives two columns.
    """
    candidates = (_check_delimiter(delimiter),) if delimiter else DELIMITERS
    trials = [_best_quoting(sample, Dialect(one), is_whole) for one in candidates if one in sample]
    trials = [trial for trial in trials if trial.columns]
    if not trials:
        raise _not_a_table(delimiter)
    best = max(trials, key=_rank).dialect
    first = read_sample(sample, best, is_whole=is_whole, limit=1)[0]
    return replace(best, line_end=b"\r\n" if sample.endswith(b"\r\n", 0, first.end) else b"\n")


def _check_delimiter(delimiter: str) -> bytes:
    character = DELIMITER_NAMES.get(delimiter.lower(), delimiter)
    if len(character) != 1 or not character.isascii() or character.isalnum() or character in "\"\r\n\0 .-:'":
        raise UnusableDelimiterError(
            _("“{delimiter}” cannot separate columns.").format(delimiter=delimiter),
            remedy=_("Use one character, such as ; or , or | or the word tab."),
        )
    return character.encode()


def _best_quoting(sample: bytes, dialect: Dialect, is_whole: bool) -> Trial:
    """Try quoting as usual, with spaces around quoted fields, and none at all."""
    best = _try(sample, dialect, is_whole)
    if sample.find(dialect.delimiter + b' "', 0, best.end) >= 0:
        padded = _try(sample, replace(dialect, is_padded=True), is_whole)
        if padded.share > best.share or (padded.share == best.share and best.has_padded_quotes):
            best = padded
    if best.stray_share > max(best.quoted_share, STRAY_SHARE):
        bare = _try(sample, replace(dialect, quote=b""), is_whole)
        if bare.share > best.share:
            best = bare
    return best


def _try(sample: bytes, dialect: Dialect, is_whole: bool) -> Trial:
    records = [record for record in read_sample(sample, dialect, is_whole=is_whole) if not record.is_blank]
    counts = [len(record.fields) if record.fields else 0 for record in records]
    frequent = Counter(count for count in counts if count > 1).most_common(1)
    if not frequent:
        return Trial(dialect, 0, 0.0, 0.0, 0.0, 0, 0)
    columns, number = frequent[0]
    unsound = counts.count(0)
    long = sum(1 for record in records if record.fields and _has_inner_line(sample, record))
    quoted = sum(1 for record in records if _has_quotes(sample, record, dialect))
    return Trial(
        dialect,
        columns,
        share=number / len(counts),
        stray_share=(unsound + long) / len(counts),
        quoted_share=(quoted - long) / len(counts),
        first=counts.index(columns),
        end=records[-1].end,
        has_only_decimals=dialect.delimiter != b"," and _has_only_decimals(records),
        has_padded_quotes=any(PADDED.fullmatch(field) for record in records for field in record.fields or ()),
    )


def _has_inner_line(sample: bytes, record: SampleRecord) -> bool:
    return 0 <= sample.find(b"\n", record.start, record.end) < record.end - 1


def _has_quotes(sample: bytes, record: SampleRecord, dialect: Dialect) -> bool:
    if not dialect.quote or record.fields is None:
        return False
    text = sample[record.start : record.end]
    return text.startswith(dialect.quote) or dialect.delimiter + dialect.quote in text


def _has_only_decimals(records: Sequence[SampleRecord]) -> bool:
    commas = [field for record in records[1:] for field in record.fields or () if b"," in field]
    return bool(commas) and all(DECIMAL.fullmatch(field.strip()) for field in commas)


def _rank(trial: Trial) -> tuple[float, ...]:
    preference = DELIMITERS[::-1].index(trial.dialect.delimiter) if trial.dialect.delimiter in DELIMITERS else 0
    share = round(trial.share / SHARE_STEP)
    return (share, trial.has_only_decimals, -trial.first, trial.columns, preference)


def _not_a_table(delimiter: str) -> NotATableError:
    if delimiter:
        message = _("The delimiter “{delimiter}” does not divide the lines of the file into columns.")
        return NotATableError(
            message.format(delimiter=delimiter), remedy=_("Leave --delimiter out to have it guessed.")
        )
    return NotATableError(
        _("The file is text, but none of comma, semicolon, tab and vertical bar divides its lines into columns."),
        remedy=_("Name the character between the columns with --delimiter."),
    )
