"""Bad input made on the spot, and what a refusal must look like."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cli.running import RUSSIAN_IS_READY, Outcome, is_cyrillic
from potok.core.errors import EXIT_BAD_DATA
from support.workbooks import write_rows

HEADER = "case,activity,time\n"
ROWS = [f"{i % 5},A{i % 3},2024-01-{1 + i % 28:02} 10:00:00\n" for i in range(40)]
GOOD = HEADER + "".join(ROWS)
ROLES = ("--case", "case", "--activity", "activity", "--completed", "time")
RANDOM = bytes(hash_ & 0xFF for hash_ in (i * i * 2654435761 >> 13 for i in range(6000)))
BILLION_LAUGHS = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
TRACE = '<trace><string key="concept:name" value="{}"/></trace>'


@dataclass(frozen=True, slots=True)
class Bad:
    """Input that is refused, and what is said about it.

    Parameters
    ----------
    make
        Writes the source into a folder and returns its path.
    says, where
        Patterns of the message and of the place.
    """

    make: Callable[[Path], Path]
    says: str
    where: str
    code: str
    options: tuple[str, ...] = ()
    exit_code: int = EXIT_BAD_DATA


def file(name: str, content: str | bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def zipped(*members: tuple[str, str | bytes], cut: int = 0) -> Callable[[Path], Path]:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return file("log.zip", content.getvalue()[: len(content.getvalue()) - cut])


def parquet(damage: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        moments = [datetime(2024, 1, 1 + i % 28, tzinfo=UTC) for i in range(3000)]
        table = {"case": [str(i % 50) for i in range(3000)], "activity": [f"A{i % 7}" for i in range(3000)]}
        path = folder / "log.parquet"
        pq.write_table(pa.table({**table, "time": moments}), path)
        path.write_bytes(damage(path.read_bytes()))
        return path

    return make


def workbook(damage: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "log.xlsx"
        write_rows(path, [line.strip().split(",") for line in [HEADER, *ROWS]])
        path.write_bytes(damage(path.read_bytes()))
        return path

    return make


def bomb(folder: Path) -> Path:
    path = folder / "bomb.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.csv", "w") as member:
        member.write(HEADER.encode())
        for _ in range(130):
            member.write(b"0" * 1_000_000)
    return path


def xes(content: str, *, doctype: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<log>{content}</log>'


def halve(content: bytes) -> bytes:
    return content[: len(content) // 2]


def garble(content: bytes) -> bytes:
    return content[:200] + RANDOM[:700] + content[900:]


EVENT = '<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T10:00:00Z"/></event>'
TRACES = "".join(f'<trace><string key="concept:name" value="{i}"/>{EVENT * 3}</trace>' for i in range(300))
WIDE = ",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join("x" * 10_000) + "\n"
RUSSIAN = "дело;действие;время\n" + "".join(f"{i % 5};Приём;{1 + i % 28:02}.01.2024 10:00\n" for i in range(40))
UNKNOWN = "--plain-ids", "--case"


def assert_refused(outcome: Outcome, *, code: str, exit_code: int, says: str = "", where: str = "") -> None:
    """Check that there is exactly one message, in English, with what belongs to it."""
    assert (outcome.code, outcome.out) == (exit_code, "")
    assert "Traceback" not in outcome.err
    assert outcome.err.count("Error POTOK-") == 1
    message = re.search(r"^Error POTOK-(\w+): (.*)", outcome.err, re.MULTILINE | re.DOTALL)
    assert message is not None
    assert message[1] == code
    assert re.search(says, message[2], re.DOTALL)
    assert re.search(rf"^Where: .*{where}", outcome.err, re.MULTILINE) if where else True
    assert re.search("^What to do: .", outcome.err, re.MULTILINE)


def assert_refused_in_russian(outcome: Outcome, *, code: str, exit_code: int) -> None:
    """Check the JSON document of a refusal in Russian."""
    assert outcome.code == exit_code
    assert outcome.record["schema"] == "potok.error/1"
    error = outcome.record["error"]
    assert list(error) == ["code", "message", "where", "remedy"]
    assert error["code"] == f"POTOK-{code}"
    assert error["remedy"]
    assert "Error" not in outcome.err
    if RUSSIAN_IS_READY:
        assert is_cyrillic(error["message"])
        assert is_cyrillic(error["remedy"])
