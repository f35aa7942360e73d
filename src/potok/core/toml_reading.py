"""Reading TOML strictly: every key is known, of the right kind, and an error names the file and the key."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any, Final

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason

_REQUIRED: Final[Any] = object()
MAXIMUM_BYTES: Final = 10_000_000
_MOST_SHOWN: Final = 80


def read_toml(path: Path, error: type[PotokError]) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.
    error
        What to raise if it cannot be read.
    """
    try:
        if path.stat().st_size <= MAXIMUM_BYTES:
            return tomllib.loads(path.read_bytes().decode("utf-8"))
        reason = _("it is larger than {size} bytes").format(size=MAXIMUM_BYTES)
    except OSError as failure:
        reason = system_reason(failure)
    except (ValueError, RecursionError) as failure:
        reason = str(failure)
    raise error(
        _("The file {path} cannot be read: {reason}.").format(path=path, reason=reason),
        where=str(path),
        remedy=_("Give a TOML file encoded in UTF-8."),
    )


def as_toml(value: object) -> str:
    """Write a value as a TOML file shows it: text in double quotes, `true`, days as they stand."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value)


class TomlTable:
    """A table of a TOML document whose keys are taken one by one; `finish` refuses those that nobody took.

    Parameters
    ----------
    content
        The table.
    file, place
        The document, and where in it the table stands (empty for the top).
    error
        What to raise.
    """

    def __init__(self, content: Mapping[str, Any], *, file: str, place: str, error: type[PotokError]) -> None:
        self._content = content
        self._file = file
        self._place = place
        self._error = error
        self._taken: set[str] = set()

    def where(self, key: str = "") -> str:
        """Return the place of a key for an error."""
        place = ".".join(part for part in (self._place, key) if part)
        return f"{self._file}: {place}" if place else self._file

    def failure(self, key: str, message: str, remedy: str) -> PotokError:
        """Return the error for a key."""
        return self._error(message, where=self.where(key), remedy=remedy)

    def has(self, key: str) -> bool:
        """Return whether a key is given."""
        return key in self._content

    def keys(self) -> tuple[str, ...]:
        """Return the keys given."""
        return tuple(self._content)

    def finish(self) -> None:
        """Refuse keys that nobody took."""
        unknown = [key for key in self._content if key not in self._taken]
        if unknown:
            near = get_close_matches(unknown[0], sorted(self._taken), n=1)
            known = near[0] if near else ", ".join(sorted(self._taken))
            raise self.failure(
                unknown[0],
                _("There is no key “{key}” here.").format(key=unknown[0]),
                _("Known: {known}.").format(known=known),
            )

    def value(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any = _REQUIRED) -> Any:
        """Take a value of some kind; `expected` says in words which."""
        self._taken.add(key)
        if key not in self._content:
            if default is _REQUIRED:
                raise self.failure(
                    key,
                    _("The key “{key}” is missing.").format(key=key),
                    _("Give {expected}.").format(expected=expected),
                )
            return default
        found = self._content[key]
        # In Python true is an integer and an instant is a date.
        wrong = isinstance(found, bool) and kind is not bool
        if wrong or not isinstance(found, kind) or (kind is date and isinstance(found, datetime)):
            raise self.wrong_value(key, found, expected)
        return found

    def wrong_value(self, key: str, found: object, expected: str) -> PotokError:
        """Return the error for a value of the wrong kind."""
        return self.failure(
            key,
            _("“{key}” holds {found}, which cannot be used.").format(key=key, found=as_toml(found)[:_MOST_SHOWN]),
            _("Give {expected}.").format(expected=expected),
        )

    def text(self, key: str, default: Any = _REQUIRED) -> str:
        """Take a text that is not blank."""
        found = str(self.value(key, str, _("a text"), default))
        if not found.strip() and key in self._content:
            raise self.wrong_value(key, found, _("a text that is not empty"))
        return found

    def integer(self, key: str, *, least: int, most: int, default: Any = _REQUIRED) -> int:
        """Take a whole number within limits."""
        expected = _("a whole number from {least} to {most}").format(least=least, most=most)
        found = int(self.value(key, int, expected, default))
        if key in self._content and not least <= found <= most:
            raise self.wrong_value(key, found, expected)
        return found

    def number(self, key: str, default: Any = _REQUIRED) -> float:
        """Take a number that is finite and not negative."""
        expected = _("a number that is not negative")
        found = float(self.value(key, (int, float), expected, default))
        if not 0 <= found < inf:
            raise self.wrong_value(key, found, expected)
        return found

    def share(self, key: str) -> float:
        """Take a share above 0 and below 1."""
        expected = _("a share above 0 and below 1, such as 0.02")
        found = float(self.value(key, float, expected))
        if not 0 < found < 1:
            raise self.wrong_value(key, found, expected)
        return found

    def boolean(self, key: str, default: bool) -> bool:
        """Take true or false."""
        return bool(self.value(key, bool, _("true or false"), default))

    def choice(self, key: str, choices: tuple[str, ...], default: Any = _REQUIRED) -> str:
        """Take one of some words."""
        expected = _("one of {choices}").format(choices=", ".join(choices))
        found = str(self.value(key, str, expected, default))
        if found not in choices:
            raise self.wrong_value(key, found, expected)
        return found

    def texts(self, key: str, default: Any = _REQUIRED) -> tuple[str, ...]:
        """Take a text or a list of different texts."""
        expected = _("a text or a list of different texts")
        found = self.value(key, (str, list), expected, default)
        texts = [found] if isinstance(found, str) else list(found)
        is_good = all(isinstance(text, str) and text.strip() for text in texts) and len(set(texts)) == len(texts)
        if key in self._content and not (is_good and texts):
            raise self.wrong_value(key, found, expected)
        return tuple(texts)

    def table(self, key: str) -> "TomlTable":
        """Take a table; empty if missing."""
        found = self.value(key, dict, _("a table"), {})
        return TomlTable(found, file=self._file, place=self._within(key), error=self._error)

    def tables(self, key: str) -> Iterator["TomlTable"]:
        """Take a list of tables; none if missing."""
        expected = _("a list of tables, each headed [[{key}]]").format(key=key)
        found = self.value(key, list, expected, [])
        for number, content in enumerate(found, start=1):
            if not isinstance(content, dict):
                raise self.wrong_value(key, content, expected)
            yield TomlTable(content, file=self._file, place=f"{self._within(key)}[{number}]", error=self._error)

    def _within(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key
