"""Mapping files: a mapping as commented TOML, read strictly.

The tables and keys are those of `potok.log.mapping_file_keys`. An unknown key is refused rather than ignored: a slip
in a key would otherwise change a figure without a word.
"""

import os
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from potok.core.errors import EnvironmentFailureError, UsageError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.mapping import Exclusion, Mapping, TimeColumn
from potok.log.mapping_file_keys import CLOSING, EXCLUSION, LABEL_TABLES, PLAIN_TABLES, TIME, TIME_TABLES, Key
from potok.log.mapping_file_reading import Problems, read_document

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class MappingFileError(UsageError):
    """A mapping file that says something it cannot say."""

    code = "POTOK-L084"


class NoMappingFileError(UsageError):
    """A mapping file that cannot be opened."""

    code = "POTOK-L085"


class MappingFileNotWrittenError(EnvironmentFailureError):
    """A mapping file that the operating system refuses to write."""

    code = "POTOK-L086"


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    NoMappingFileError
        If the file cannot be opened.
    MappingFileError
        If it is not TOML in UTF-8, or has keys or values that are unknown; all of them are named.
    """
    document = _parse(path)
    problems = Problems()
    mapping = read_document(document, problems)
    if problems.found:
        raise MappingFileError(
            "\n".join(problems.found),
            where=str(path),
            remedy=_("Correct the mapping file; potok import --save-mapping writes one to start from."),
        )
    return mapping


def _parse(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoMappingFileError(
            _("The mapping file cannot be opened: {reason}.").format(reason=system_reason(error)),
            where=str(path),
            remedy=_("Check the path given after --mapping."),
        ) from error
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MappingFileError(
            _("The mapping file is not written in UTF-8 (byte {position}).").format(position=error.start + 1),
            where=str(path),
            remedy=_("Save it in the encoding UTF-8."),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise MappingFileError(
            _("The mapping file is not TOML: {reason}.").format(reason=error),
            where=str(path),
            remedy=_('Write texts in quotation marks: key = "value".'),
        ) from error


def save_mapping(mapping: Mapping, path: Path) -> None:
    """Write a mapping as a TOML file that explains its keys; keys without a value stand there as comments.

    Raises
    ------
    MappingFileNotWrittenError
        If the file cannot be written; an earlier file at `path` is then untouched.
    ValueError
        If a label is renamed, or given a phase, twice.
    """
    text = "\n".join(_lines(mapping)) + "\n"
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise MappingFileNotWrittenError(
            _("The mapping file cannot be written: {reason}.").format(reason=system_reason(error)),
            where=str(path),
            remedy=_("Name another place after --save-mapping."),
        ) from error


def _lines(mapping: Mapping) -> Iterator[str]:
    default = Mapping()
    yield "# " + _("How Potok reads this source. Lines that begin with # are not in force.")
    for table, keys in PLAIN_TABLES.items():
        yield from ("", f"[{table}]")
        yield from _table_lines(mapping, keys, default=default)
        if table == "times":
            for name, comment in TIME_TABLES.items():
                yield from _time_lines(name, comment, getattr(mapping, name))
    yield from ("", "[closing]", *_table_lines(mapping.closing, CLOSING, default=default.closing))
    yield from _exclusion_lines(mapping.exclude)
    for table, (field, comment) in LABEL_TABLES.items():
        yield from ("", "# " + _(comment), f"[{table}]", *_label_lines(getattr(mapping, field)))


def _table_lines(values: Any, keys: Dictionary[str, Key], *, default: Any = None) -> Iterator[str]:
    for name, key in keys.items():
        choices = (
            " " + _("One of: {choices}.").format(choices=", ".join(map(_toml, key.choices))) if key.choices else ""
        )
        yield f"# {_(key.comment)}{choices}"
        value = getattr(values, key.field)
        is_unset = default is not None and value == getattr(default, key.field)
        if key.field == "zone":
            is_unset = not values.zone_is_named
        shown = _toml(() if value is None else value)
        yield f"# {name} = {shown}" if is_unset else f"{name} = {shown}"


def _time_lines(name: str, comment: str, column: TimeColumn | None) -> Iterator[str]:
    yield from ("", "# " + _(comment))
    if column is None:
        yield f"# [times.{name}]"
        return
    yield from (f"[times.{name}]", *_table_lines(column, TIME))


def _exclusion_lines(exclusions: tuple[Exclusion, ...]) -> Iterator[str]:
    yield from ("", "# " + _("Cases left out, such as tests: one table for each column."))
    if not exclusions:
        yield "# [[exclude]]"
    for exclusion in exclusions:
        yield from ("[[exclude]]", *_table_lines(exclusion, EXCLUSION))


def _label_lines(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    if len({old for old, _new in pairs}) < len(pairs):
        raise ValueError("a label stands twice on the left")
    for old, new in pairs:
        yield f"{_toml(old)} = {_toml(new)}"


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # Control characters must not stand in a TOML string as they are.
    escaped = (_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in str(value))
    return '"' + "".join(escaped) + '"'
