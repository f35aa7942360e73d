"""Small registers for tests: as values, and as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from potok.diagnose.register.model import Field, Process, Register

ALL_FIELDS = frozenset(Field)


def make_register(*cards: Mapping[str, object], fields: frozenset[Field] = ALL_FIELDS) -> Register:
    """Return a register of cards given by the attributes that differ from empty; codes are a, b, c …"""
    processes = tuple(
        Process(**{"number": n, "code": chr(97 + n), "where": f"S!B{n + 2}", "name": f"Процесс {n}", **card})  # type: ignore[arg-type]
        for n, card in enumerate(cards)
    )
    return Register(Path("register.xlsx"), "0" * 64, processes, fields)


def write_csv(path: Path, rows: Sequence[Sequence[str]], *, encoding: str = "utf-8") -> Path:
    """Write a register as delimited text."""
    path.write_text("\n".join(";".join(row) for row in rows) + "\n", encoding=encoding)
    return path
