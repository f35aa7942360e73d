"""Small XES files for tests, and what staging makes of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from potok.engine.duckdb import connect
from potok.log.sources.base import ColumnLevel, Staged, StagingOptions
from potok.log.sources.xes import stage_xes

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'
TAIL = "</log>\n"


def attribute(key: str, value: str | None, *, kind: str = "string", inner: str = "") -> str:
    written = "" if value is None else f" value={quoteattr(value)}"
    return f"<{kind} key={quoteattr(key)}{written}>{inner}</{kind}>"


def event(*parts: str, **values: str) -> str:
    return f"<event>{''.join(parts)}{''.join(attribute(key, value) for key, value in values.items())}</event>\n"


def trace(*parts: str) -> str:
    return f"<trace>{''.join(parts)}</trace>\n"


def log(*parts: str) -> str:
    return HEAD + "".join(parts) + TAIL


SMALL_LOG = log(
    '<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>\n',
    trace(
        attribute("concept:name", "1"),
        attribute("fee", "10.50", kind="float"),
        event(attribute("concept:name", "Приём & проверка"), attribute("urgent", "True", kind="boolean")),
        event(
            attribute("concept:name", "Send", inner=attribute("by", "post")),
            attribute("copies", None, kind="list", inner=attribute("to", "A") + attribute("to", "B")),
        ),
    ),
    trace(attribute("concept:name", "2")),
)


@dataclass(frozen=True)
class StagedLog:
    """A staged log and its rows, without empty cells."""

    staged: Staged
    rows: list[dict[str, Any]]

    @property
    def facts(self) -> dict[str, Any]:
        return self.staged.facts

    @property
    def columns(self) -> dict[str, ColumnLevel]:
        return {column.name: column.level for column in self.staged.columns}


def stage(path: Path, *, into: Path | None = None, **options: Any) -> StagedLog:
    """Stage a file into a folder (else one beside it) and read all rows."""
    folder = into or path.parent / "staged"
    folder.mkdir(exist_ok=True)
    staged = stage_xes(path, options=StagingOptions(folder=folder, **options))
    with connect() as connection:
        cursor = connection.execute(f"SELECT * FROM {staged.relation}")
        names = [column[0] for column in cursor.description]
        values = cursor.fetchall()
    rows = [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in values]
    return StagedLog(staged, rows)


def stage_text(text: str | bytes, folder: Path, **options: Any) -> StagedLog:
    """Write a file and stage it."""
    path = folder / "log.xes"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return stage(path, **options)
