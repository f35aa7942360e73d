"""The sealed map: which id stands behind which pseudonym, encrypted for the holder of the agency's key.

A sealed map is an authenticated header (`potok.log.privacy.sealing`) and records of length and AES-256-GCM ciphertext;
the last record is empty. A record's nonce is its number and whether it is the last (the STREAM construction, Hoang et
al. 2015; the key belongs to this file alone), so records that are altered, exchanged, left out or cut off are noticed.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from potok.core.errors import EnvironmentFailureError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.privacy.keys import Key
from potok.log.privacy.private_files import write_new_private_file_at_once
from potok.log.privacy.sealing import LONGEST_HEAD, SealHeader, damaged, seal, unseal

_PAIRS_PER_RECORD: Final = 4096
_CHARACTERS_PER_RECORD: Final = 1 << 20
_LENGTH_BYTES: Final = 4


class SealedMapExistsError(UsageError):
    """A sealed map would be overwritten."""

    code = "POTOK-L114"


class SealedMapAccessError(EnvironmentFailureError):
    """A sealed map that the system does not let us read or write."""

    code = "POTOK-L115"


@dataclass(frozen=True, slots=True)
class SealedMap:
    """An opened map of ids and pseudonyms. Each look-up reads the file: nothing decrypted stays in memory.

    Parameters
    ----------
    path
        The file.
    key_identifier
        The key that sealed it.
    start
        Where the records begin, in bytes.
    content_key
        What they are encrypted with.
    """

    path: Path
    key_identifier: str
    start: int
    content_key: bytes = field(repr=False)

    def find_identifier(self, pseudonym: str) -> str | None:
        """Return the id behind a pseudonym; None if the map does not hold it."""
        return next((identifier for identifier, other in self.read_pairs() if other == pseudonym), None)

    def find_pseudonym(self, identifier: str) -> str | None:
        """Return the pseudonym of an id; None if the map does not hold it."""
        return next((pseudonym for other, pseudonym in self.read_pairs() if other == identifier), None)

    def read_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield every id and its pseudonym in the order written, in bounded memory.

        Raises
        ------
        SealedMapDamagedError
            When a record is reached that is incomplete or was altered.
        SealedMapAccessError
            If the system refuses to read the file.
        """
        cipher = AESGCM(self.content_key)
        for number, (record, is_last) in enumerate(self._read_records()):
            try:
                plain = cipher.decrypt(_nonce(number, is_last=is_last), record, None)
            except (InvalidTag, ValueError) as error:
                raise damaged(self.path) from error
            yield from ((identifier, pseudonym) for identifier, pseudonym in json.loads(plain))

    def _read_records(self) -> Iterator[tuple[bytes, bool]]:
        try:
            with self.path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                position = stream.seek(self.start)
                while position < size or position == self.start:
                    length = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
                    position += _LENGTH_BYTES + length
                    # Else a forged length could ask for any amount of memory.
                    if position > size:
                        raise damaged(self.path)
                    yield stream.read(length), position == size
        except OSError as error:
            raise _unreadable(self.path, error) from error


def open_sealed_map(path: Path, *, key: Key, passphrase: str | None = None) -> SealedMap:
    """Open a sealed map after checking all of it.

    Raises
    ------
    SealedMapDamagedError
        If the map is incomplete or was altered.
    NotASealedMapError, WrongKeyError, WrongPassphraseError
        If the file, the key or the passphrase is not the right one.
    SealedMapAccessError
        If the system refuses to read the file.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(LONGEST_HEAD)
    except OSError as error:
        raise _unreadable(path, error) from error
    header, start = SealHeader.read(head, key=key, path=path)
    content_key = unseal(header, key=key, passphrase=passphrase, path=path)
    sealed_map = SealedMap(path, key.identifier, start, content_key)
    for _pair in sealed_map.read_pairs():
        pass
    return sealed_map


def write_sealed_map(path: Path, pairs: Iterable[tuple[str, str]], *, key: Key, passphrase: str | None = None) -> int:
    """Write an encrypted map of ids and pseudonyms, in bounded memory.

    Parameters
    ----------
    path
        Must not exist yet.
    pairs
        Id and pseudonym; every id once.
    key
        The agency's key.
    passphrase
        Needed beside the key to open the map again; None or empty for none.

    Returns
    -------
    int
        Number of pairs written.

    Raises
    ------
    SealedMapExistsError
        If there is a file already; an earlier map is never overwritten.
    SealedMapAccessError
        If the system refuses. As after any failure, `path` does not exist then.
    """
    header, content_key = seal(key, passphrase)
    written = 0

    def write(stream: IO[bytes]) -> None:
        nonlocal written
        stream.write(header.write(key))
        written = _write_records(stream, pairs, AESGCM(content_key))

    try:
        write_new_private_file_at_once(path, write)
    except FileExistsError as error:
        raise SealedMapExistsError(
            _("There is a sealed map already; it is never overwritten."),
            where=str(path),
            remedy=_("Name another file."),
        ) from error
    except OSError as error:
        raise SealedMapAccessError(
            _("The sealed map could not be written: {reason}.").format(reason=system_reason(error)),
            where=str(path),
            remedy=_("Choose a file in a folder with room in which you may write."),
        ) from error
    return written


def _write_records(stream: IO[bytes], pairs: Iterable[tuple[str, str]], cipher: AESGCM) -> int:
    written = number = 0
    for record in _divide(pairs):
        stream.write(_encrypt(cipher, record, number=number, is_last=False))
        written += len(record)
        number += 1
    stream.write(_encrypt(cipher, [], number=number, is_last=True))
    return written


def _divide(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    record: list[tuple[str, str]] = []
    characters = 0
    for identifier, pseudonym in pairs:
        record.append((identifier, pseudonym))
        characters += len(identifier)
        if len(record) == _PAIRS_PER_RECORD or characters >= _CHARACTERS_PER_RECORD:
            yield record
            record, characters = [], 0
    if record:
        yield record


def _encrypt(cipher: AESGCM, record: list[tuple[str, str]], *, number: int, is_last: bool) -> bytes:
    # ASCII with escapes, so that not even a lone surrogate stops an import.
    sealed = cipher.encrypt(_nonce(number, is_last=is_last), json.dumps(record).encode("ascii"), None)
    return len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _unreadable(path: Path, error: OSError) -> SealedMapAccessError:
    return SealedMapAccessError(
        _("The sealed map could not be read: {reason}.").format(reason=system_reason(error)),
        where=str(path),
        remedy=_("Check the name of the file, and whether you may read it."),
    )
