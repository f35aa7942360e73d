"""Which encoding a text file is in, and its bytes as UTF-8."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.log.sources.text.letters import guess_single_byte

# Code page 866 may become three bytes for each of its own: pieces this small stay near the size of a chunk.
PIECE_BYTES: Final = 2**19
# The longer mark first: UTF-32's begins with UTF-16's.
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A UTF-8 file with a few broken bytes is a broken UTF-8 file, not a file in another encoding.
VALID_PER_BROKEN: Final = 20
WIDE_ENCODINGS: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
WIDE_SAMPLE_BYTES: Final = 2**14
WIDE_NUL_SHARE: Final = 0.02
USABLE_SHARE: Final = 0.7
USABLE_CHARACTERS: Final = re.compile(r"[\t\n\r -~\u00a0-\u00ff\u0400-\u04ff\u2010-\u2122]")


class UnknownEncodingError(UsageError):
    """The encoding asked for does not exist, or does not encode text."""

    code = "POTOK-L067"


class UndecodableTextError(BadDataError):
    """A byte of the file cannot stand where it stands in the encoding of the file."""

    code = "POTOK-L068"


class UndecodableBytes(Exception):  # noqa: N818 - a signal to the scan, which knows the line and raises the error
    """The bytes from `offset` on cannot be decoded; all before them have been yielded."""

    def __init__(self, offset: int, context: bytes, *, only_ascii_before: bool) -> None:
        super().__init__(offset)
        self.offset = offset
        self.context = context
        self.only_ascii_before = only_ascii_before


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file.

    Parameters
    ----------
    name
        Python's name of it.
    mark
        The byte order mark that the file begins with; empty if it has none.
    is_guessed
        Neither asked for nor declared by a mark.
    """

    name: str
    mark: bytes = b""
    is_guessed: bool = False

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes can be read without decoding them."""
        return self.name == "utf-8"


def choose_encoding(sample: bytes, *, requested: str = "") -> Encoding:
    """Choose the encoding asked for, else the one a mark declares, else a guess.

    Raises
    ------
    UnknownEncodingError
        If `requested` is no encoding of text.
    """
    if requested:
        return _requested_encoding(sample, requested)
    for mark, name in MARKS:
        if sample.startswith(mark):
            return Encoding(name, mark)
    return Encoding(guess_encoding(sample), is_guessed=True)


def _requested_encoding(sample: bytes, requested: str) -> Encoding:
    name = _codec_name(requested)
    if name in {"utf-8-sig", "utf-8"}:
        name = "utf-8"
    if name in {"utf-16", "utf-32"}:
        marked = (full for mark, full in MARKS if full.startswith(name) and sample.startswith(mark))
        name = next(marked, f"{name}-be" if _guess_wide(sample) == f"{name}-be" else f"{name}-le")
    mark = next((mark for mark, n in MARKS if n == name and sample.startswith(mark)), b"")
    return Encoding(name, mark)


def _codec_name(requested: str) -> str:
    try:
        codec = codecs.lookup(requested)
        codec.incrementaldecoder("strict").decode(b"", True)
        is_text = isinstance(b"1;a\n".decode(requested, "ignore"), str)
    except (LookupError, ValueError, TypeError) as error:
        raise _unknown(requested) from error
    if not is_text or codec.name in {"undefined", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "mbcs"}:
        raise _unknown(requested)
    return codec.name


def _unknown(requested: str) -> UnknownEncodingError:
    return UnknownEncodingError(
        _("“{name}” is not an encoding of text.").format(name=requested),
        remedy=_("Use one of utf-8, cp1251, cp866, koi8-r, utf-16, or leave --encoding out to have it guessed."),
    )


def guess_encoding(sample: bytes) -> str:
    """Guess the encoding of a sample without a byte order mark."""
    wide = _guess_wide(sample)
    if wide:
        return wide
    if sample.isascii() or _is_mostly_utf8(sample):
        return "utf-8"
    return guess_single_byte(sample)


def _is_mostly_utf8(sample: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    broken = text.count("\ufffd") - sample.count(b"\xef\xbf\xbd")
    valid = sum(1 for character in text if character > "\x7f") - broken
    return broken == 0 or valid >= VALID_PER_BROKEN * broken


def _guess_wide(sample: bytes) -> str:
    """Return the UTF-16 or UTF-32 that a sample without mark is in, else an empty string."""
    sample = sample[:WIDE_SAMPLE_BYTES]
    if sample.count(b"\0") < WIDE_NUL_SHARE * len(sample):
        return ""
    shares = {name: _usable_share(sample, name) for name in WIDE_ENCODINGS}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= USABLE_SHARE else ""


def _usable_share(sample: bytes, name: str) -> float:
    """Return the share of characters that are usual in Russian or Western European text."""
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeDecodeError:
        return 0.0
    return len(USABLE_CHARACTERS.findall(text)) / max(len(text), 1)


def decode_chunks(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """Yield a file's text as UTF-8 bytes without byte order mark.

    Raises
    ------
    UndecodableBytes
        At the first byte that cannot be decoded, after everything before it has been yielded.
    """
    unmarked = _without_mark(chunks, len(encoding.mark))
    return _validate(unmarked, encoding) if encoding.is_utf8 else _transcode(unmarked, encoding)


def _without_mark(chunks: Iterable[bytes], length: int) -> Iterator[bytes]:
    left = length
    for chunk in chunks:
        rest = chunk[left:]
        left -= len(chunk) - len(rest)
        if rest:
            yield rest


def _validate(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """Yield the chunks as they are once they are known to be UTF-8: the fast road."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    offset = len(encoding.mark)
    only_ascii = True
    pending = b""
    for chunk in chunks:
        if pending or not chunk.isascii():
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                start = error.start - len(pending)
                yield chunk[: max(start, 0)]
                only_ascii = only_ascii and error.object[: error.start].isascii()
                raise UndecodableBytes(
                    offset + start, error.object[error.start :], only_ascii_before=only_ascii
                ) from error
            only_ascii = False
            pending = decoder.getstate()[0]
        offset += len(chunk)
        yield chunk
    if pending:
        raise UndecodableBytes(offset - len(pending), pending, only_ascii_before=False)


def _transcode(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    offset = len(encoding.mark)
    for piece in (chunk[i : i + PIECE_BYTES] for chunk in chunks for i in range(0, len(chunk), PIECE_BYTES)):
        pending = decoder.getstate()[0]
        yield from _decode(decoder, piece, offset - len(pending), encoding, final=False)
        offset += len(piece)
    pending = decoder.getstate()[0]
    yield from _decode(decoder, b"", offset - len(pending), encoding, final=True)


def _decode(
    decoder: codecs.IncrementalDecoder, piece: bytes, offset: int, encoding: Encoding, *, final: bool
) -> Iterator[bytes]:
    try:
        text = decoder.decode(piece, final)
    except UnicodeDecodeError as error:
        yield error.object[: error.start].decode(encoding.name).encode("utf-8")
        raise UndecodableBytes(offset + error.start, error.object[error.start :], only_ascii_before=False) from error
    if text:
        yield text.encode("utf-8")
