"""The key of an installation: made once, kept apart from every store, never shown.

Whoever holds the key can compute the pseudonym of any id, so it is as confidential as the ids themselves. If it is
lost, later exports get other pseudonyms and sealed maps stay closed for ever.
"""

import base64
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from potok.core.errors import BadDataError, EnvironmentFailureError, IntegrityError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.privacy.private_files import (
    BINARY,
    OPEN_TO_OTHERS,
    is_posix,
    make_private_folder,
    write_new_private_file,
)

SECRET_BYTES: Final = 32
KEY_FILE_VARIABLE: Final = "POTOK_KEY_FILE"
_VERSION_LINE: Final = "potok-key 1"
_LARGEST_KEY_FILE: Final = 4096
_BODY: Final = re.compile(r"id ([0-9a-f]{16})\nsecret ([A-Za-z0-9+/]{43}=)", re.ASCII)
_NOTE: Final = "# Secret. Keep a copy in a safe place: without this file no pseudonym leads back to its case."


class KeyMissingError(UsageError):
    """There is no key where one is needed."""

    code = "POTOK-L100"


class KeyExistsError(UsageError):
    """A key would be overwritten."""

    code = "POTOK-L101"


class KeyExposedError(EnvironmentFailureError):
    """A key file that others than its owner may read."""

    code = "POTOK-L102"


class NotAKeyError(BadDataError):
    """A file that is no Potok key, or one of a later version."""

    code = "POTOK-L103"


class DamagedKeyError(IntegrityError):
    """A key file that is incomplete or was altered."""

    code = "POTOK-L104"


class KeyFileAccessError(EnvironmentFailureError):
    """A key file that the system does not let us read or write."""

    code = "POTOK-L105"


@dataclass(frozen=True, slots=True)
class Key:
    """The secret behind the pseudonyms of one agency.

    Parameters
    ----------
    identifier
        16 hexadecimal digits that name the key without giving it away; stores carry them.
    secret
        32 random bytes; never part of a message or of ``repr``.
    """

    identifier: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_BYTES:
            raise ValueError(f"a key's secret has {SECRET_BYTES} bytes, not {len(self.secret)}")
        if self.identifier != identify_secret(self.secret):
            raise ValueError("the identifier does not belong to the secret")

    @classmethod
    def from_secret(cls, secret: bytes) -> "Key":
        """Return the key with this secret."""
        return cls(identify_secret(secret), secret)


def identify_secret(secret: bytes) -> str:
    """Return the identifier of a secret: 16 hexadecimal digits of a hash."""
    return hashlib.sha256(b"potok-key-id" + secret).hexdigest()[:16]


def default_key_path(*, environment: Mapping[str, str] | None = None, windows: bool | None = None) -> Path:
    """Return where the key is looked for unless the user names a file.

    Parameters
    ----------
    environment
        Environment variables; None takes those of the process. ``POTOK_KEY_FILE`` wins, then ``APPDATA`` (Windows)
        or ``XDG_CONFIG_HOME`` if absolute, then the home folder.
    windows
        Whether Windows' folders apply; None asks the system.
    """
    variables = os.environ if environment is None else environment
    named = variables.get(KEY_FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    on_windows = os.name == "nt" if windows is None else windows
    configured = variables.get("APPDATA" if on_windows else "XDG_CONFIG_HOME", "")
    if configured and (on_windows or Path(configured).is_absolute()):
        return Path(configured) / "potok" / "key"
    return Path.home() / ("AppData/Roaming" if on_windows else ".config") / "potok" / "key"


def create_key(path: Path) -> Key:
    """Make a new random key and write it to a file that only its owner may read.

    Parameters
    ----------
    path
        Must not exist yet. Its folder is created for the owner alone if it is missing.

    Raises
    ------
    KeyExistsError
        If there is a file already; it is never overwritten.
    KeyFileAccessError
        If the system refuses; nothing is left behind.
    """
    key = Key.from_secret(secrets.token_bytes(SECRET_BYTES))
    try:
        make_private_folder(path.parent)
        content = _write_key(key).encode("ascii")
        write_new_private_file(path, lambda stream: stream.write(content))
    except FileExistsError as error:
        raise KeyExistsError(
            _("There is a key already; it is never overwritten."),
            where=str(path),
            remedy=_("Use the existing key, or name another file."),
        ) from error
    except OSError as error:
        raise KeyFileAccessError(
            _("The key could not be written: {reason}.").format(reason=system_reason(error)),
            where=str(path),
            remedy=_("Choose a file in a folder in which you may write, or set {variable}.").format(
                variable=KEY_FILE_VARIABLE
            ),
        ) from error
    return key


def load_key(path: Path) -> Key:
    """Read a key.

    Raises
    ------
    KeyMissingError
        If there is no file.
    KeyExposedError
        If others than the owner may read the file (POSIX systems only).
    NotAKeyError, DamagedKeyError
        If the content is no key, or not the one that was written.
    KeyFileAccessError
        If the system refuses to read it.
    """
    try:
        content = _read_private_file(path)
    except FileNotFoundError as error:
        raise KeyMissingError(
            _("There is no key; ids become pseudonyms with a key."),
            where=str(path),
            remedy=_("Make one with “potok key init”, or keep ids as they are with --plain-ids (public data only)."),
        ) from error
    except OSError as error:
        raise KeyFileAccessError(
            _("The key could not be read: {reason}.").format(reason=system_reason(error)),
            where=str(path),
            remedy=_("Run Potok as the owner of the key file."),
        ) from error
    return _parse_key(content, path)


def _read_private_file(path: Path) -> bytes:
    # Not to wait for a writer if someone put a pipe there.
    descriptor = os.open(path, os.O_RDONLY | int(getattr(os, "O_NONBLOCK", 0)) | BINARY)
    try:
        # Asked of the open file, not of its name, which could point elsewhere by then.
        _require_private(os.fstat(descriptor).st_mode, path)
        return os.read(descriptor, _LARGEST_KEY_FILE + 1)
    finally:
        os.close(descriptor)


def _require_private(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        raise NotAKeyError(
            _("This is no key file."), where=str(path), remedy=_("Name the file that “potok key init” wrote.")
        )
    if is_posix() and mode & OPEN_TO_OTHERS:
        raise KeyExposedError(
            _("Others can use the key (file mode {mode}).").format(mode=f"{stat.S_IMODE(mode):04o}"),
            where=str(path),
            remedy=_(
                "Take the right away with “chmod 600 {path}”; make a new key if someone may have copied this one."
            ).format(path=path),
        )


def _write_key(key: Key) -> str:
    secret = base64.b64encode(key.secret).decode("ascii")
    return f"{_VERSION_LINE}\n{_NOTE}\nid {key.identifier}\nsecret {secret}\n"


def _parse_key(content: bytes, path: Path) -> Key:
    lines = [line.strip() for line in content.decode("ascii", errors="replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines or len(content) > _LARGEST_KEY_FILE or not lines[0].startswith("potok-key "):
        raise NotAKeyError(
            _("This file holds no key.") if content else _("The key file is empty."),
            where=str(path),
            remedy=_("Name the file that “potok key init” wrote, or restore it from a backup."),
        )
    if lines[0] != _VERSION_LINE and re.fullmatch(r"potok-key [0-9]+", lines[0]):
        raise NotAKeyError(
            _("The key is of a version that this Potok does not know ({version}).").format(version=lines[0]),
            where=str(path),
            remedy=_("Install the current version of Potok."),
        )
    body = _BODY.fullmatch("\n".join(lines[1:]))
    secret = base64.b64decode(body[2]) if body and lines[0] == _VERSION_LINE else b""
    if body is None or not secret or identify_secret(secret) != body[1]:
        raise DamagedKeyError(
            _("The key file is incomplete or was altered."),
            where=str(path),
            remedy=_("Restore it from a backup; a new key would give other pseudonyms."),
        )
    return Key(body[1], secret)
