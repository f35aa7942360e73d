"""Bad input through the command line: one clear message with place and remedy, the right exit code, nothing left."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.running import RUSSIAN_IS_READY, Outcome, hidden_names, is_cyrillic, run, run_powerless
from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, EXIT_INTEGRITY, EXIT_USAGE
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

REFUSED = {
    "empty": Bad(file("log.csv", b""), "is empty", r"log\.csv", "L064"),
    "empty XES": Bad(file("log.xes", b""), "is empty", r"log\.xes", "L064"),
    "empty workbook": Bad(file("log.xlsx", b""), "is empty", r"log\.xlsx", "L064"),
    "blank lines": Bad(file("log.csv", b"\n\n\r\n"), "empty lines", r"log\.csv", "L064"),
    "header only": Bad(file("log.csv", HEADER), "header but no rows", r"log\.csv", "L065"),
    "cut gzip": Bad(file("log.csv.gz", gzip.compress(GOOD.encode())[:-12]), "ends before", r"log\.csv\.gz", "L072"),
    "cut gzipped XES": Bad(
        file("log.xes.gz", halve(gzip.compress(xes(TRACES).encode()))), "ends before", r"log\.xes\.gz", "L072"
    ),
    "cut XES": Bad(file("log.xes", halve(xes(TRACES).encode())), "cut off", r"log\.xes, line 1, column", "L025"),
    "cut zip": Bad(zipped(("log.csv", GOOD), cut=20), "damaged", r"log\.zip", "L072"),
    "cut Parquet": Bad(parquet(halve), "cannot be read", r"log\.parquet", "L047"),
    "damaged Parquet": Bad(parquet(garble), "cannot be read", r"log\.parquet", "E033"),
    "cut workbook": Bad(workbook(halve), "damaged", r"log\.xlsx", "L041"),
    "wrong encoding": Bad(
        file("log.csv", RUSSIAN.encode("cp1251")),
        "not in the encoding utf-8",
        r"log\.csv, line 1, character 1",
        "L068",
        ("--encoding", "utf-8"),
    ),
    "two encodings": Bad(
        file("log.csv", RUSSIAN.encode() * 60 + "9;Отказ;01.02.2024\n".encode("cp1251")),
        "not in the encoding utf-8",
        r"log\.csv, line 2461, character 3",
        "L068",
    ),
    "unknown encoding": Bad(file("log.csv", GOOD), "klingon", "", "L067", ("--encoding", "klingon"), EXIT_USAGE),
    "binary": Bad(file("log.csv", RANDOM), "not text", r"log\.csv", "L066"),
    "picture": Bad(file("log.csv", b"\x89PNG\r\n\x1a\n" + RANDOM), "picture", r"log\.csv", "L066"),
    "web page": Bad(file("log.csv", "<!doctype html><html><body>404</body></html>"), "HTML", r"log\.csv", "L066"),
    "binary XES": Bad(file("log.xes", RANDOM), "not XML", r"log\.xes", "L022"),
    "binary workbook": Bad(file("log.xlsx", RANDOM), "not an Excel workbook", r"log\.xlsx", "L040"),
    "binary Parquet": Bad(file("log.parquet", RANDOM), "not a Parquet file", r"log\.parquet", "L047"),
    "binary OCEL": Bad(file("log.json", RANDOM), "neither JSON nor XML", r"log\.json", "L053"),
    "unknown format": Bad(file("log.dat", RANDOM), "what kind of file", r"log\.dat", "L011"),
    "XML bomb": Bad(
        file("log.xes", xes(TRACE.format("&e9;"), doctype=f'<!DOCTYPE log [<!ENTITY e0 "ha">{BILLION_LAUGHS}]>')),
        "DOCTYPE",
        r"log\.xes, line 1",
        "L026",
    ),
    "external entity": Bad(
        file("log.xes", xes(TRACE.format("&x;"), doctype='<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        "DOCTYPE",
        r"log\.xes, line 1",
        "L026",
    ),
    "external entity in OCEL": Bad(
        file("log.xmlocel", xes("&x;", doctype='<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        "document type",
        r"log\.xmlocel, line 1",
        "L050",
    ),
    "other XML": Bad(file("log.xes", "<html><body/></html>"), "“html”", r"log\.xes, line 1", "L023"),
    "10,000 columns": Bad(file("log.csv", WIDE), "10000 columns", "", "L070"),
    "zip bomb": Bad(bomb, "times its size", r"bomb\.csv\.zip", "L074"),
    "path in a zip": Bad(zipped(("../../log.csv", GOOD)), r"\.\./\.\./log\.csv", r"log\.zip", "L076"),
    "absolute path in a zip": Bad(zipped(("/etc/log.csv", GOOD)), "/etc/log.csv", r"log\.zip", "L076"),
    "empty zip": Bad(zipped(), "holds 0 files", r"log\.zip", "L075"),
    "no roles": Bad(file("log.csv", "foo,bar\n1,2\n3,4\n"), "the case, the activity", "“foo”", "L082"),
    "unreadable times": Bad(
        file("log.csv", HEADER + "1,A,never\n" * 30),
        "Not one row",
        "unreadable_time: 30 rows, first at row 1",
        "L005",
        ROLES,
    ),
    "years 1900 and 2999": Bad(
        file("log.csv", f"{HEADER}1,A,1900-01-01\n1,B,2024-01-01\n1,C,2999-12-31\n"),
        "2 of 3 rows",
        "implausible_year: 2 rows, first at row 1",
        "L006",
    ),
    "ragged rows": Bad(
        file("log.csv", GOOD + "1,A\n" * 20), "20 of 60 rows", "too_few_fields: 20 rows, first at row 42", "L006"
    ),
    "NUL characters": Bad(
        file("log.csv", GOOD.replace("A1", "A\0")), "13 of 40 rows", "nul_character: 13 rows, first at row 3", "L006"
    ),
    "personal data": Bad(
        file(
            "log.csv",
            "case,activity,time,phone\n"
            + "".join(f"{row.strip()},+7 912 345-67-{i:02}\n" for i, row in enumerate(ROWS)),
        ),
        "“phone”: phone number(?!.*345)",
        "",
        "L106",
    ),
    "unknown column": Bad(file("log.csv", GOOD), "«Дело»", "", "L003", ("--case", "Дело"), EXIT_USAGE),
    "unknown zone": Bad(file("log.csv", GOOD), "Mars/Base", "zone", "L080", ("--zone", "Mars/Base"), EXIT_USAGE),
    "unknown time format": Bad(
        file("log.csv", GOOD), "%Q", "time.format", "L081", ("--completed", "time", "--time-format", "%Q"), EXIT_USAGE
    ),
    "unknown split rule": Bad(file("log.csv", GOOD), "gap:3y", "", "L007", ("--split-cases-on", "gap:3y"), EXIT_USAGE),
    "unknown closing activity": Bad(
        file("log.csv", GOOD), "Nowhere", "", "L009", ("--closed-by-activity", "Nowhere"), EXIT_USAGE
    ),
    "unknown mapping file": Bad(
        file("log.csv", GOOD), "cannot be opened", r"none\.toml", "L085", ("--mapping", "none.toml"), EXIT_USAGE
    ),
    "unknown preset": Bad(file("log.csv", GOOD), "«none»", "", "L058", ("--preset", "none"), EXIT_USAGE),
    "wrong delimiter": Bad(file("log.csv", GOOD), "“ab”", "", "L069", ("--delimiter", "ab"), EXIT_USAGE),
    "wrong memory": Bad(file("log.csv", GOOD), "«lots»", "--memory", "K001", ("--memory", "lots"), EXIT_USAGE),
    "too little memory": Bad(
        file("log.csv", GOOD), "memory limit", "store", "E032", ("--memory", "1MB"), EXIT_ENVIRONMENT
    ),
    "no such file": Bad(lambda folder: folder / "none.csv", "There is no file", r"none\.csv", "L010"),
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return file("log.csv", GOOD)(tmp_path)


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


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in REFUSED.items()])
def test_bad_input_is_refused_in_one_message(tmp_path: Path, bad: Bad) -> None:
    source = bad.make(tmp_path)
    before = sorted(tmp_path.iterdir())
    command = ("import", source, "--into", tmp_path / "store", "--plain-ids", *bad.options)
    outcome = run(*command)
    assert_refused(outcome, code=bad.code, exit_code=bad.exit_code, says=bad.says, where=bad.where)
    assert_refused_in_russian(run("--lang", "ru", *command, "--json"), code=bad.code, exit_code=bad.exit_code)
    assert sorted(tmp_path.iterdir()) == before
    assert hidden_names(tmp_path) == []


def test_a_reading_command_refuses_alike_and_leaves_no_cached_store(tmp_path: Path) -> None:
    source = file("log.xes", RANDOM)(tmp_path)
    assert_refused(run("describe", source, "--plain-ids"), code="L022", exit_code=EXIT_BAD_DATA)
    assert_refused_in_russian(
        run("audit", source, "--plain-ids", "--json", "--lang=ru"), code="L022", exit_code=EXIT_BAD_DATA
    )
    assert list((tmp_path / "cache").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "log.xes"]


def imported(folder: Path, text: str, *options: str) -> dict[str, object]:
    outcome = run(
        "import", file("log.csv", text)(folder), "--into", folder / "store", "--plain-ids", "--json", *options
    )
    assert (outcome.code, hidden_names(folder)) == (0, []), outcome.err
    return outcome.record


def checks(manifest: dict[str, object]) -> dict[str, int]:
    quality = manifest["quality"]
    assert isinstance(quality, list)
    return {check["check"]: check["count"] for check in quality}


@pytest.mark.slow
def test_a_line_of_100_megabytes_is_one_rejected_row(tmp_path: Path) -> None:
    source = tmp_path / "log.csv"
    with source.open("wb") as stream:
        stream.write(GOOD.encode() + b"1,")
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b",2024-01-01 10:00:00\n2,Z,2024-01-02 10:00:00\n")
    outcome = run("import", source, "--into", tmp_path / "store", "--plain-ids", "--json")
    source.unlink()
    assert outcome.code == 0
    assert (outcome.record["log"]["events"], outcome.record["log"]["rejected_rows"]) == (41, 1)
    rejected = pq.read_table(tmp_path / "store" / "rejected.parquet").to_pylist()
    assert [(row["line"], row["reason"]) for row in rejected] == [(42, "record_too_long")]
    assert len(rejected[0]["text"]) <= 1000


def test_a_few_impossible_years_are_rejected_rows_and_counted(tmp_path: Path) -> None:
    manifest = imported(tmp_path, f"{GOOD}1,A,1900-01-01 00:00:00\n1,Z,2999-12-31 00:00:00\n")
    assert checks(manifest)["rejected_implausible_year"] == 2
    rejected = pq.read_table(tmp_path / "store" / "rejected.parquet").to_pylist()
    assert [(row["source_row"], row["column"], row["text"][:4]) for row in rejected] == [
        (41, "time", "1900"),
        (42, "time", "2999"),
    ]


def test_negative_durations_are_counted_and_kept(tmp_path: Path) -> None:
    rows = "".join(f"{i % 5},A{i % 3},2024-01-{1 + i:02} 10:00,2024-01-{1 + i:02} 09:00\n" for i in range(20))
    manifest = imported(tmp_path, f"case,activity,started,completed\n{rows}")
    assert checks(manifest)["completed_before_started"] == 20


def test_repeated_rows_and_ids_are_counted_and_kept(tmp_path: Path) -> None:
    manifest = imported(tmp_path, GOOD + ROWS[3] * 2)
    assert manifest["log"]["events"] == 42  # type: ignore[index] # a JSON document
    assert checks(manifest)["repeated_rows"] == 2


def test_times_with_and_without_offset_are_told(tmp_path: Path) -> None:
    rows = [f"{i},A,2024-01-{1 + i:02}T10:00:00{'+03:00' if i % 2 else ''}\n" for i in range(20)]
    source = file("log.csv", HEADER + "".join(rows))(tmp_path)
    outcome = run("import", source, "--into", tmp_path / "store", "--plain-ids", "--zone", "Europe/Moscow")
    assert outcome.code == 0
    assert "some times have an offset and others have none" in outcome.err
    assert len(set(pq.read_table(tmp_path / "store" / "events.parquet")["completed_at"].to_pylist())) == 20
    assert {m.hour for m in pq.read_table(tmp_path / "store" / "events.parquet")["completed_at"].to_pylist()} == {7}


NAMES = [
    "it's.csv",
    'a"b.csv',
    "gl*b[1].csv",
    "журнал №1.csv",
    " space.csv",
    "x'); DROP TABLE raw; --.csv",
    "$(x).csv",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids such names")
@pytest.mark.parametrize("name", [*NAMES, "line\nbreak.csv"])
def test_odd_names_are_only_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name.removesuffix(".csv")
    folder.mkdir()
    source = file(name, GOOD)(folder)
    outcome = run("import", source, "--into", folder / "store", "--plain-ids", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.record["log"]["events"] == 40
    assert outcome.record["source"]["files"][0]["name"] == name
    assert sorted(path.name for path in folder.iterdir()) == sorted([name, "store"])
    assert run("describe", folder / "store").code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids such names")
def test_a_store_name_that_the_engine_cannot_use_is_refused(tmp_path: Path, good: Path) -> None:
    outcome = run("import", good, "--into", tmp_path / "what?" / "store", "--plain-ids")
    assert_refused(outcome, code="L019", exit_code=EXIT_USAGE, where="--into")
    assert run("describe", good.rename(tmp_path / "what?.csv"), "--plain-ids").code == 0


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are text")
def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    source.write_text(GOOD)
    outcome = run("import", source, "--into", tmp_path / "store", "--plain-ids", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out.encode("utf-8", "backslashreplace"))["log"]["events"] == 40


def test_a_name_that_is_too_long_is_refused() -> None:
    outcome = run("describe", "a" * 5000, "--plain-ids")
    assert outcome.code in (EXIT_BAD_DATA, EXIT_ENVIRONMENT)
    assert outcome.err.count("Error POTOK-") == 1


def test_text_from_the_source_does_not_steer_the_terminal(tmp_path: Path) -> None:
    source = file("log.csv", GOOD.replace("activity", "\x1b[2Jactivity"))(tmp_path)
    outcome = run("import", source, "--into", tmp_path / "store", "--plain-ids", "--case", "\x1b]0;none\x07")
    assert outcome.code == EXIT_USAGE
    assert "\x1b" not in outcome.err
    assert "\x07" not in outcome.err
    described = run("describe", source, "--plain-ids")
    assert described.code == 0
    assert "\x1b" not in described.out + described.err


def break_store(store: Path, name: str) -> None:
    events = store / "events.parquet"
    match name:
        case "a table is missing":
            events.unlink()
        case "a table is cut":
            events.write_bytes(halve(events.read_bytes()))
        case "a table is garbled":
            events.write_bytes(events.read_bytes()[:4] + RANDOM[:200] + events.read_bytes()[204:])
        case "a table is another":
            shutil.copy(store / "cases.parquet", events)
        case "the manifest is empty":
            (store / "manifest.json").write_text("")
        case "the manifest is binary":
            (store / "manifest.json").write_bytes(RANDOM)
        case "the manifest is a list":
            (store / "manifest.json").write_text("[]")
        case "the manifest lacks its parts":
            (store / "manifest.json").write_text('{"schema": "potok.log/1"}')
        case "the manifest is of another version":
            (store / "manifest.json").write_text('{"schema": "potok.log/99"}')


@pytest.mark.parametrize(
    "damage",
    [
        "a table is missing",
        "a table is cut",
        "a table is garbled",
        "a table is another",
        "the manifest is empty",
        "the manifest is binary",
        "the manifest is a list",
        "the manifest lacks its parts",
        "the manifest is of another version",
    ],
)
def test_a_broken_store_is_refused(tmp_path: Path, good: Path, damage: str) -> None:
    store = tmp_path / "store"
    assert run("import", good, "--into", store, "--plain-ids").code == 0
    break_store(store, damage)
    outcome = run("describe", store)
    assert outcome.code == EXIT_INTEGRITY
    assert outcome.err.count("Error POTOK-") == 1
    assert "SELECT" not in outcome.err
    assert "^^^" not in outcome.err
    refused = run("audit", store, "--json", "--lang", "ru")
    assert (refused.code, refused.record["schema"]) == (EXIT_INTEGRITY, "potok.error/1")
    assert not RUSSIAN_IS_READY or is_cyrillic(refused.record["error"]["message"])


def test_a_folder_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, good: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert_refused(run("describe", mine, "--plain-ids"), code="L048", exit_code=EXIT_BAD_DATA, where="mine")
    into = run("import", good, "--into", mine, "--plain-ids", "--replace")
    assert_refused(into, code="L001", exit_code=EXIT_USAGE, says="not a log store", where="mine")
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of a given size, unmounted at the end."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"a small disk cannot be mounted here: {error}")
        return disk

    yield mount
    subprocess.run(["umount", str(disk)], check=False, capture_output=True)


@pytest.mark.parametrize("size", ["16k", "300k", "2m", "4m"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, small_disk: Callable[[str], Path], size: str) -> None:
    rows = (f"{i // 5},A{i % 7},2024-01-{1 + i % 28:02} 10:{i % 60:02},{i * 7919}\n" for i in range(40_000))
    source = file("log.csv", "case,activity,time,note\n" + "".join(rows))(tmp_path)
    disk = small_disk(size)
    outcome = run("import", source, "--into", disk / "store", "--plain-ids")
    assert_refused(outcome, code=outcome.err.partition("POTOK-")[2][:4], exit_code=EXIT_ENVIRONMENT)
    assert list(disk.iterdir()) == []


def test_a_full_disk_under_the_report_or_the_cache(
    tmp_path: Path, good: Path, small_disk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk("16k")
    report = run("audit", good, "--plain-ids", "-o", disk / "report.html")
    assert_refused(report, code="L002", exit_code=EXIT_ENVIRONMENT, where=r"report\.html")
    assert list(disk.iterdir()) == []
    monkeypatch.setenv("POTOK_CACHE_DIR", str(disk / "cache"))
    assert run("describe", good, "--plain-ids").code == EXIT_ENVIRONMENT
    assert list((disk / "cache").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_without_permission_every_command_says_so(tmp_path: Path, good: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    file("log.csv", GOOD)(locked)
    files = [file(f"secret.{suffix}", GOOD)(tmp_path) for suffix in ("csv", "xes", "xlsx", "parquet", "json")]
    unreadable, half = tmp_path / "unreadable", tmp_path / "half"
    for store in (unreadable, half):
        assert run("import", good, "--into", store, "--plain-ids").code == 0
    closed = [*files, locked, unreadable / "manifest.json", half / "events.parquet"]
    for path in closed:
        path.chmod(0)
    try:
        outcomes = run_powerless(
            *(("describe", path, "--plain-ids") for path in files),
            *(("import", path, "--into", tmp_path / "new", "--plain-ids") for path in files),
            ("describe", locked / "log.csv", "--plain-ids"),
            ("import", good, "--into", locked / "store", "--plain-ids"),
            ("audit", good, "--plain-ids", "-o", locked / "report.html"),
            ("describe", unreadable),
            ("describe", half),
            ("key", "init", "--file", locked / "key"),
            ("describe", good, "--key", locked / "key"),
        )
    finally:
        for path in closed:
            path.chmod(0o700)
    for outcome in outcomes:
        assert outcome.code in (EXIT_USAGE, EXIT_ENVIRONMENT, EXIT_INTEGRITY), outcome
        assert "Traceback" not in outcome.err
        assert outcome.err.count("Error POTOK-") == 1
        assert "ermission" in outcome.err or "may not be read" in outcome.err
        assert str(tmp_path) in outcome.err
    assert [path.name for path in locked.iterdir()] == ["log.csv"]
    assert hidden_names(tmp_path) == []
    assert not (tmp_path / "new").exists()
