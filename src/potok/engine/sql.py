"""Quoting of SQL identifiers and literals."""

import re
from pathlib import Path


def quote_identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_file(path: Path) -> str:
    """Return the path as a SQL literal for reading that one file: the engine would take ``*?[`` for patterns."""
    return quote_literal(re.sub(r"[*?\[]", r"[\g<0>]", str(path)))
