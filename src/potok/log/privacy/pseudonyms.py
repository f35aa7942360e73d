"""Pseudonyms: the same id always becomes the same 20 letters, and only the holder of the key can tell which.

A pseudonym is HMAC-SHA-256 under a key of its own for each domain, cut to 100 bits and written in lower-case base32
(RFC 4648 alphabet, fixed length, hence prefix free). Domains keep apart what must not be linked: the same text as a
case id and as a resource gives different pseudonyms. Values are taken exactly as written: "A-1", "a-1" and "A-1 "
differ, and so do composed and decomposed accents, because merging ids is a decision about the data that belongs in the
mapping.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from potok.core.errors import IntegrityError
from potok.core.language import gettext as _
from potok.log.privacy.keys import Key

CASE_DOMAIN: Final = "case"
RESOURCE_DOMAIN: Final = "resource"
PSEUDONYM_LENGTH: Final = 20

_ALPHABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_BITS: Final = PSEUDONYM_LENGTH * 5
_BLOCK_VALUES: Final = 1 << 16
_SHA256_BLOCK_BYTES: Final = 64


class PseudonymCollisionError(IntegrityError):
    """Two different ids have the same pseudonym, or one id has two."""

    code = "POTOK-L107"


def column_domain(column: str) -> str:
    """Return the domain of a further column, so that no column's name can meet `CASE_DOMAIN` or `RESOURCE_DOMAIN`."""
    return f"column:{column}"


def pseudonymise(values: Sequence[str], *, key: Key, domain: str) -> list[str]:
    """Compute the pseudonyms of ids.

    Parameters
    ----------
    values
        Ids, taken exactly as written (no case folding, trimming or Unicode normalisation).
    key
        The agency's key.
    domain
        `CASE_DOMAIN`, `RESOURCE_DOMAIN` or a `column_domain`.

    Returns
    -------
    list of str
        One pseudonym of 20 characters per value, in order.
    """
    # Lone surrogates cannot come from a file, but must not crash a notebook either.
    return _pseudonymise_bytes([value.encode("utf-8", "surrogatepass") for value in values], key=key, domain=domain)


def pseudonymise_array(values: pa.Array | pa.ChunkedArray, *, key: Key, domain: str) -> pa.Array:
    """Compute the pseudonyms of an Arrow array of strings; nulls stay null.

    Parameters
    ----------
    values
        Strings (plain, large, view or dictionary-encoded).
    key, domain
        As for `pseudonymise`.

    Returns
    -------
    pyarrow.Array
        Type string, as long as `values`.
    """
    if isinstance(values, pa.ChunkedArray):
        chunks = [pseudonymise_array(chunk, key=key, domain=domain) for chunk in values.chunks]
        return pa.concat_arrays([pa.array([], pa.string()), *chunks])
    if pa.types.is_dictionary(values.type):
        distinct = pseudonymise_array(values.dictionary, key=key, domain=domain)
        return distinct.take(values.indices)
    present = pc.drop_null(values.cast(pa.large_string()))
    pseudonyms = pa.array(_pseudonymise_bytes(list(_bytes_of(present)), key=key, domain=domain), pa.string())
    return pseudonyms if values.null_count == 0 else _spread(pseudonyms, values)


def require_distinct(values: Sequence[str], pseudonyms: Sequence[str]) -> None:
    """Check that different ids have different pseudonyms and equal ids equal ones.

    Chance alone needs some 10^15 ids for a collision, so a failure means mixed keys or a damaged table.

    Raises
    ------
    PseudonymCollisionError
        If they do not correspond one to one; the message shows no id.
    """
    pairs = set(zip(values, pseudonyms, strict=True))
    ids = len({value for value, _pseudonym in pairs})
    distinct = len({pseudonym for _value, pseudonym in pairs})
    if len(pairs) != ids or len(pairs) != distinct:
        raise PseudonymCollisionError(
            _(
                "Ids and pseudonyms do not correspond one to one ({ids} ids, {pseudonyms} pseudonyms, {pairs} pairs)."
            ).format(ids=ids, pseudonyms=distinct, pairs=len(pairs)),
            remedy=_("Import the source again with one key."),
        )


def _pseudonymise_bytes(values: list[bytes], *, key: Key, domain: str) -> list[str]:
    domain_key = hmac.digest(key.secret, b"potok-pseudonym-1\0" + domain.encode("utf-8", "surrogatepass"), "sha256")
    pseudonyms: list[str] = []
    for start in range(0, len(values), _BLOCK_VALUES):
        pseudonyms += _encode_digests(_compute_hmacs(values[start : start + _BLOCK_VALUES], key=domain_key))
    return pseudonyms


def _compute_hmacs(values: Sequence[bytes], *, key: bytes) -> list[bytes]:
    # hmac.digest sets the key up anew for every value, which doubles the time; this is its definition (RFC 2104).
    padded = key.ljust(_SHA256_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def compute(value: bytes) -> bytes:
        inside, outside = inner.copy(), outer.copy()
        inside.update(value)
        outside.update(inside.digest())
        return outside.digest()

    return [compute(value) for value in values]


def _encode_digests(digests: Sequence[bytes]) -> list[str]:
    table = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(len(digests), -1)
    bits = np.unpackbits(table[:, : -(-_BITS // 8)], axis=1)[:, :_BITS]
    # packbits fills each group of five from the left.
    codes = np.packbits(bits.reshape(len(digests), PSEUDONYM_LENGTH, 5), axis=2)[:, :, 0] >> 3
    text = _ALPHABET[codes].tobytes().decode("ascii")
    return [text[start : start + PSEUDONYM_LENGTH] for start in range(0, len(text), PSEUDONYM_LENGTH)]


def _bytes_of(strings: pa.Array) -> Iterator[bytes]:
    _validity, offset_buffer, data_buffer = strings.buffers()
    if len(strings) == 0:
        return
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[strings.offset : strings.offset + len(strings) + 1].tolist()
    data = data_buffer.to_pybytes() if data_buffer is not None else b""
    yield from (data[start:end] for start, end in pairwise(offsets))


def _spread(pseudonyms: pa.Array, values: pa.Array) -> pa.Array:
    valid = pc.is_valid(values).to_numpy(zero_copy_only=False)
    positions = pa.array(np.cumsum(valid) - 1, mask=~valid)
    return pseudonyms.take(positions)
