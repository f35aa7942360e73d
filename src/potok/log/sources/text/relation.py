"""The DuckDB expressions that read what has been proved readable.

What DuckDB 2.0 (and 1.5) read_csv was found to do, and what is done about it:

- With several threads rows vanish silently, or a correct file is refused, depending on where the borders of buffers
  fall (duckdb/duckdb#24237, #25825): one thread. The processor time is the same.
- ``strict_mode`` takes a line end within quotes for the line end of the file: off. What it would have caught is caught
  before.
- Blank lines at the border of a buffer end up in a value: they are left out of the file before.
- Spaces before a quote are dropped and the quote taken for an opening one: such records are written anew before.
- Folders named ``key=value`` become columns: ``hive_partitioning`` off. A name that ends in .gz is unpacked:
  ``compression`` none. ``* ? [`` in a path make a pattern of it: they are escaped.
- Rejects (``store_rejects``) are neither complete nor numbered as the file is: not used.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from potok.engine.sql import quote_identifier, quote_literal
from potok.log.sources.text.dialect import MAX_RECORD_BYTES, Dialect

PATTERN_CHARACTERS: Final = frozenset("*?[")
# A record may grow a little when it is written anew or numbered.
MAX_LINE_BYTES: Final = MAX_RECORD_BYTES * 2 + 2**16
REJECTED_TYPES: Final = {
    "source_row": "BIGINT",
    "line": "BIGINT",
    "column": "VARCHAR",
    "reason": "VARCHAR",
    "text": "VARCHAR",
}
REJECTED_DIALECT: Final = Dialect(b",")


def read_csv(
    path: Path, types: dict[str, str], *, dialect: Dialect, skip_lines: int = 0, has_long_records: bool = False
) -> str:
    """Return the table function call that reads a regular file.

    Parameters
    ----------
    types
        DuckDB type of each column, in order.
    has_long_records
        Records may be longer than the 2 MB that DuckDB takes by default.
    """
    columns = ", ".join(f"{quote_literal(name)}: {quote_literal(kind)}" for name, kind in types.items())
    options = {
        "auto_detect": "false",
        "columns": "{" + columns + "}",
        "header": "false",
        "skip": str(skip_lines),
        "delim": quote_literal(dialect.delimiter.decode()),
        "quote": quote_literal(dialect.quote.decode()),
        "escape": quote_literal(dialect.quote.decode()),
        "nullstr": "''",
        "compression": "'none'",
        "hive_partitioning": "false",
        "strict_mode": "false",
        "null_padding": "false",
        "parallel": "false",
    }
    if has_long_records:
        options["max_line_size"] = str(MAX_LINE_BYTES)
    written = ", ".join(f"{name} = {value}" for name, value in options.items())
    return f"read_csv({quote_literal(_escape_pattern(path))}, {written})"


def link_if_needed(path: Path, folder: Path) -> Path:
    """Return a path that DuckDB can be given: the file's own, else that of a link in `folder`.

    It takes UTF-8 only, and knows no way to write a backslash in a path with characters of patterns.
    """
    absolute = path.resolve()
    text = absolute.as_posix()
    if text.isprintable() and not ("\\" in text and PATTERN_CHARACTERS.intersection(text)):
        return absolute
    link = folder / f"text-{uuid4().hex}.csv"
    link.symlink_to(absolute)
    return link


def _escape_pattern(path: Path) -> str:
    return "".join(f"[{one}]" if one in PATTERN_CHARACTERS else one for one in path.as_posix())


def insert_rejected(path: Path, table: str) -> str:
    """Return the statement that copies noted rejections into a table of the form that `Staged.rejected` describes."""
    names = ", ".join(quote_identifier(name) for name in REJECTED_TYPES)
    values = ", ".join(
        f"coalesce({quote_identifier(name)}, '')" if kind == "VARCHAR" else quote_identifier(name)
        for name, kind in REJECTED_TYPES.items()
    )
    source = read_csv(path, REJECTED_TYPES, dialect=REJECTED_DIALECT)
    return f"INSERT INTO {quote_identifier(table)} ({names}) SELECT {values} FROM {source}"


def free_name(names: Sequence[str], wanted: str) -> str:
    """Return a column name that is not among `names` in any case of letters."""
    taken = {name.casefold() for name in names}
    while wanted.casefold() in taken:
        wanted += "_"
    return wanted
