"""Unpacking of gzip and Zstandard streams, chunk by chunk."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import zstandard

from potok.core.errors import BadDataError
from potok.core.language import gettext as _

UNPACKED_CHUNK_BYTES: Final = 3 * 2**19
# The decoder writes all it can from what it is fed: 1 KiB of Zstandard is at most 32 MiB.
ZSTD_PIECE_BYTES: Final = 2**10
ZSTD_WINDOW_BYTES: Final = 2**27


class DamagedArchiveError(BadDataError):
    """A compressed file is cut short or damaged."""

    code = "POTOK-L072"


def gunzip(chunks: Iterable[bytes], *, where: str) -> Iterator[bytes]:
    """Unpack a gzip stream of one or several members.

    Raises
    ------
    DamagedArchiveError
        If the stream is damaged or cut short.
    """
    decoder = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if decoder.eof:
                    data = data.lstrip(b"\0")  # padding is allowed after a member
                    if not data:
                        break
                    decoder = zlib.decompressobj(wbits=31)
                while (unpacked := decoder.decompress(data, UNPACKED_CHUNK_BYTES)) and not decoder.eof:
                    yield unpacked
                    data = decoder.unconsumed_tail
                if unpacked:
                    yield unpacked
                data = decoder.unused_data if decoder.eof else b""
    except zlib.error as error:
        raise damaged(where, str(error)) from error
    if not decoder.eof:
        raise _cut_short(where)


def unzstd(chunks: Iterable[bytes], *, where: str) -> Iterator[bytes]:
    """Unpack a Zstandard stream of one or several frames.

    Raises
    ------
    DamagedArchiveError
        If the stream is damaged or cut short, or wants more than 128 MiB of memory.
    """
    factory = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    decoder = factory.decompressobj()
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), ZSTD_PIECE_BYTES):
                data = chunk[start : start + ZSTD_PIECE_BYTES]
                while data:
                    if decoder.eof:
                        decoder = factory.decompressobj()
                    unpacked = decoder.decompress(data)
                    if unpacked:
                        yield unpacked
                    data = decoder.unused_data if decoder.eof else b""
    except zstandard.ZstdError as error:
        raise damaged(where, str(error)) from error
    if not decoder.eof:
        raise _cut_short(where)


def damaged(where: str, reason: str) -> DamagedArchiveError:
    """Return the error for a stream that cannot be unpacked."""
    return DamagedArchiveError(
        _("The compressed file is damaged: {reason}.").format(reason=reason),
        where=where,
        remedy=_("Fetch or export the file again."),
    )


def _cut_short(where: str) -> DamagedArchiveError:
    return DamagedArchiveError(
        _("The compressed file ends before its data does."),
        where=where,
        remedy=_("It was probably cut short when copied. Fetch or export the file again."),
    )
