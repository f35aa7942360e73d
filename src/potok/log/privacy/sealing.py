"""Header and keys of a sealed map.

The content key comes from the agency's key and, if there is one, a passphrase (scrypt), by HKDF with the file's own
random salt. The header is authenticated by the agency's key alone, so that a wrong passphrase can be told from damage.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from potok.core.errors import BadDataError, IntegrityError, UsageError
from potok.core.language import gettext as _
from potok.log.privacy.keys import Key

MAGIC: Final = b"potok-sealed-map 1\n"
LONGEST_HEAD: Final = 4096
_MAC_BYTES: Final = 32
_SALT_BYTES: Final = 32
# OWASP's recommendation for scrypt (2023): 128 MiB, some tenths of a second.
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8


class SealedMapDamagedError(IntegrityError):
    """A sealed map that is incomplete or was altered."""

    code = "POTOK-L110"


class WrongKeyError(UsageError):
    """A sealed map that another key has sealed."""

    code = "POTOK-L111"


class WrongPassphraseError(UsageError):
    """A passphrase that is wrong, missing, or given where there is none."""

    code = "POTOK-L112"


class NotASealedMapError(BadDataError):
    """A file that is no sealed map, or one of a later version."""

    code = "POTOK-L113"


@dataclass(frozen=True, slots=True)
class SealHeader:
    """What stands unencrypted at the head of a sealed map.

    Parameters
    ----------
    key_identifier
        Which key has sealed it.
    salt
        Random bytes of this file.
    passphrase_check
        Shows whether a passphrase is right; empty if there is none.
    """

    key_identifier: str
    salt: bytes
    passphrase_check: bytes

    def write(self, key: Key) -> bytes:
        """Return the header as it stands in the file, authenticated."""
        record = {
            "key_id": self.key_identifier,
            "salt": self.salt.hex(),
            "passphrase_check": self.passphrase_check.hex(),
        }
        text = MAGIC + json.dumps(record).encode("ascii") + b"\n"
        return text + self._authenticate(text, key)

    def _authenticate(self, text: bytes, key: Key) -> bytes:
        return hmac.digest(_derive(key.secret, self.salt, "header"), text, "sha256")

    @classmethod
    def read(cls, content: bytes, *, key: Key, path: Path) -> tuple["SealHeader", int]:
        """Return the header at the head of `content` and its length.

        Raises
        ------
        NotASealedMapError
            If `content` starts otherwise.
        WrongKeyError
            If another key has sealed the map.
        SealedMapDamagedError
            If the header is incomplete or was altered.
        """
        if not content.startswith(MAGIC):
            raise NotASealedMapError(
                _("This is no sealed map of a version that this Potok knows."),
                where=str(path),
                remedy=_("Name the file that “--keep-map” wrote."),
            )
        end = content.find(b"\n", len(MAGIC)) + 1
        header = cls._parse(content[len(MAGIC) : end], path)
        if header.key_identifier != key.identifier:
            raise WrongKeyError(
                _("The map was sealed with key {sealed}, not with {given}.").format(
                    sealed=header.key_identifier, given=key.identifier
                ),
                where=str(path),
                remedy=_("Name the file of that key."),
            )
        mac = content[end : end + _MAC_BYTES]
        if not hmac.compare_digest(mac, header._authenticate(content[:end], key)):
            raise damaged(path)
        return header, end + _MAC_BYTES

    @classmethod
    def _parse(cls, line: bytes, path: Path) -> "SealHeader":
        try:
            record = json.loads(line)
            header = cls(
                str(record["key_id"]), bytes.fromhex(record["salt"]), bytes.fromhex(record["passphrase_check"])
            )
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(path) from error
        if len(header.salt) != _SALT_BYTES or not header.key_identifier.isalnum():
            raise damaged(path)
        return header


def damaged(path: Path) -> SealedMapDamagedError:
    """Return the error for a map that cannot be trusted."""
    return SealedMapDamagedError(
        _("The sealed map is incomplete or was altered."),
        where=str(path),
        remedy=_("Restore it from a backup, or import the source again with --keep-map."),
    )


def seal(key: Key, passphrase: str | None) -> tuple[SealHeader, bytes]:
    """Return a new header and the content key that belongs to it."""
    salt = secrets.token_bytes(_SALT_BYTES)
    stretched = _stretch(passphrase, salt)
    check = _derive(key.secret + stretched, salt, "passphrase") if stretched else b""
    return SealHeader(key.identifier, salt, check), _derive(key.secret + stretched, salt, "content")


def unseal(header: SealHeader, *, key: Key, passphrase: str | None, path: Path) -> bytes:
    """Return the content key of a sealed map.

    Raises
    ------
    WrongPassphraseError
        If the passphrase is wrong, missing, or there is none.
    """
    if bool(passphrase) != bool(header.passphrase_check):
        raise WrongPassphraseError(
            _("The map was sealed without a passphrase.") if passphrase else _("The map was sealed with a passphrase."),
            where=str(path),
            remedy=_("Leave the passphrase out.") if passphrase else _("Give the passphrase."),
        )
    stretched = _stretch(passphrase, header.salt)
    check = _derive(key.secret + stretched, header.salt, "passphrase") if stretched else b""
    if not hmac.compare_digest(check, header.passphrase_check):
        raise WrongPassphraseError(
            _("The passphrase is wrong."), where=str(path), remedy=_("Give the passphrase chosen at the import.")
        )
    return _derive(key.secret + stretched, header.salt, "content")


def _stretch(passphrase: str | None, salt: bytes) -> bytes:
    if not passphrase:
        return b""
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=1).derive(passphrase.encode("utf-8"))


def _derive(secret: bytes, salt: bytes, purpose: str) -> bytes:
    info = f"potok sealed map 1 {purpose}".encode("ascii")
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)
