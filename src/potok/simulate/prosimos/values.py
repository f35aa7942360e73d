"""Numbers and files as Prosimos writes them: numbers may be texts, files may be compressed."""

import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.core.toml_reading import TomlTable
from potok.simulate.prosimos.errors import BrokenProsimosError

MAXIMUM_BYTES: Final = 50_000_000


def read_number(table: TomlTable, key: str) -> float:
    """Read a number, or a text that holds one."""
    expected = _("a number that is not negative")
    found = table.value(key, (int, float, str), expected)
    try:
        number = float(found)
    except ValueError as failure:
        raise table.wrong_value(key, found, expected) from failure
    if not 0.0 <= number < math.inf:
        raise table.wrong_value(key, found, expected)
    return number


def read_whole(table: TomlTable, key: str) -> int:
    """Read a whole number, or a text that holds one."""
    number = read_number(table, key)
    if number != int(number):
        raise table.wrong_value(key, number, _("a whole number"))
    return int(number)


def read_entries(table: TomlTable, key: str, identifier: str) -> Iterator[TomlTable]:
    """Yield the entries of a section: a list, or, as older versions wrote it, an object by identifier.

    Parameters
    ----------
    identifier
        Under which key the list holds what the object has as its keys.
    """
    found = table.value(key, (list, dict), _("a list of objects"), [])
    if isinstance(found, list):
        yield from table.tables(key)
        return
    for name, content in found.items():
        entry = dict(content) if isinstance(content, dict) else {"time_periods": content}
        entry.setdefault(identifier, name)
        yield TomlTable(entry, file=table.where(key), place=name, error=BrokenProsimosError)


def read_rule_lists(table: TomlTable, key: str) -> Iterator[list[TomlTable]]:
    """Yield the alternatives of a rule, each the list of its conditions."""
    expected = _("a list of lists of conditions")
    for number, alternative in enumerate(table.value(key, list, expected, []), start=1):
        if not isinstance(alternative, list):
            raise table.wrong_value(key, alternative, expected)
        content = {"conditions": alternative}
        inner = TomlTable(content, file=table.where(f"{key}[{number}]"), place="", error=BrokenProsimosError)
        yield list(inner.tables("conditions"))


def read_bytes(path: Path) -> bytes:
    """Read a file, compressed with gzip or not.

    Raises
    ------
    BrokenProsimosError
        If it cannot be read, or is too large for a model.
    """
    try:
        with path.open("rb") as raw, gzip.open(raw) if path.suffix == ".gz" else raw as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
        if len(content) <= MAXIMUM_BYTES:
            return content
        reason = _("it is larger than {size} bytes").format(size=MAXIMUM_BYTES)
    except gzip.BadGzipFile as failure:
        reason = str(failure)
    except OSError as failure:
        reason = system_reason(failure)
    except (EOFError, zlib.error) as failure:
        reason = str(failure)
    raise BrokenProsimosError(
        _("The file {path} cannot be read: {reason}.").format(path=path, reason=reason),
        where=str(path),
        remedy=_("Give the BPMN and JSON files of a Prosimos model."),
    )
