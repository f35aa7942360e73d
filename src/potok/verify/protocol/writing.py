"""Writing protocols as TOML that a person can read and edit, and that reads back equal."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from potok.verify.protocol.canonical import protocol_as_mapping
from potok.verify.protocol.model import Protocol

_WIDTH: Final = 110
_DAYS: Final = ("registered_on", "on", "last_on")


def render_protocol(protocol: Protocol) -> str:
    """Return a protocol as TOML; `read_protocol` gives the same protocol back, but for its `source`.

    What is left at its usual value is left out.
    """
    content = protocol_as_mapping(protocol)
    heads = {key: value for key, value in content.items() if not _is_table(value)}
    tables = {key: value for key, value in content.items() if _is_table(value)}
    lines = [*_pairs(heads)]
    for key, value in tables.items():
        lines += _table(key, value)
    return "\n".join([*lines, ""])


def _table(path: str, content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for one in content:
            yield from ("", f"[[{path}]]", *_pairs(one))
        return
    yield from ("", f"[{path}]", *_pairs({key: value for key, value in content.items() if not _is_table(value)}))
    for key, value in content.items():
        if _is_table(value):
            yield from _table(f"{path}.{key}", value)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and isinstance(value[0], Mapping))


def _pairs(content: Mapping[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        yield f"{key} = {_value(value, key)}"


def _value(value: Any, key: str) -> str:
    if key in _DAYS:
        return date.fromisoformat(value).isoformat()
    if isinstance(value, list):
        return _list(value, key)
    if isinstance(value, str):
        # JSON leaves this one character as it is, which TOML forbids.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)


def _list(values: list[Any], key: str) -> str:
    written = [_value(one, "") for one in values]
    line = f"[{', '.join(written)}]"
    if len(key) + 3 + len(line) <= _WIDTH:
        return line
    return "\n".join(["[", *(f"    {one}," for one in written), "]"])
