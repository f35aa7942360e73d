"""Writing TOML that a person can read and edit: short tables on one line, long ones under a heading of their own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

WIDTH: Final = 110
ROW_WIDTH: Final = 160
"""Of a table that is a row of a list; longer ones get a heading each."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_LAST_CONTROL: Final = 0x1F
_DELETE: Final = 0x7F


def write_toml(content: Mapping[str, Any]) -> str:
    """Write a document.

    Parameters
    ----------
    content
        Texts, booleans, finite numbers, lists and mappings of them; no None.
    """
    return "\n".join(_table((), content)).lstrip("\n") + "\n"


def _table(path: tuple[str, ...], content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a table: first what stands on lines of its own, then the tables below it."""
    below = {key: value for key, value in content.items() if _has_heading(key, value)}
    for key, value in content.items():
        if key not in below:
            yield f"{_key(key)} = {_spread(value, len(_key(key)) + 3)}"
    for key, value in below.items():
        inner = (*path, key)
        heading = ".".join(map(_key, inner))
        if isinstance(value, Mapping):
            lines = list(_table(inner, value))
            # A table that holds nothing but tables needs no heading of its own.
            yield from lines if lines and not lines[0] else ("", f"[{heading}]", *lines)
        else:
            for entry in value:
                yield from ("", f"[[{heading}]]", *_table(inner, entry))


def _has_heading(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return len(_key(key)) + 3 + len(_inline(value)) > WIDTH
    is_list_of_tables = isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    return is_list_of_tables and any(len(_inline(one)) > ROW_WIDTH for one in value)


def _spread(value: Any, indent: int) -> str:
    """Write a value, a list that is too long for its line on several."""
    line = _inline(value)
    if not isinstance(value, list) or not value:
        return line
    is_table = any(isinstance(entry, Mapping | list) for entry in value)
    if indent + len(line) <= WIDTH and not (is_table and len(value) > 1):
        return line
    rows = [_inline(entry) for entry in value] if is_table else _wrapped([_inline(entry) for entry in value])
    return "\n".join(["[", *(f"    {row}," for row in rows), "]"])


def _wrapped(entries: Sequence[str]) -> list[str]:
    rows = [""]
    for entry in entries:
        longer = f"{rows[-1]}, {entry}" if rows[-1] else entry
        if len(longer) <= WIDTH:
            rows[-1] = longer
        else:
            rows.append(entry)
    return rows


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_inline(entry)}" for key, entry in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return f"[{', '.join(map(_inline, value))}]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    is_control = ord(character) <= _LAST_CONTROL or ord(character) == _DELETE
    return _ESCAPES.get(character) or (f"\\u{ord(character):04x}" if is_control else character)
