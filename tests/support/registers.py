"""Small registers for tests: as values, and as files."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from potok.diagnose.register.model import Field, Process, Register
from potok.verify.effect_json import canonical_bytes

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


def write_effect(path: Path, *, verdict: str = "verified", decided_on: str = "2026-05-01") -> str:
    """Write what pilots need of a `potok.effect/1`, hashed as `potok verify` does; return its hash."""
    record = {"schema": "potok.effect/1", "verdict": verdict, "decided_on": decided_on, "unit": "дни", "estimate": 0.1}
    sha256 = hashlib.sha256(canonical_bytes(record)).hexdigest()
    path.write_text(json.dumps({**record, "effect_sha256": sha256}, indent=2), encoding="utf-8")
    return sha256
