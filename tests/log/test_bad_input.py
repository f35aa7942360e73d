"""Bad input through the command line: one clear message with place and remedy, the right exit code, nothing left."""

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cli.running import hidden_names, run
from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, EXIT_USAGE
from support.bad_inputs import (
    BILLION_LAUGHS,
    GOOD,
    HEADER,
    RANDOM,
    ROLES,
    ROWS,
    RUSSIAN,
    TRACE,
    TRACES,
    WIDE,
    Bad,
    assert_refused,
    assert_refused_in_russian,
    bomb,
    file,
    garble,
    halve,
    parquet,
    workbook,
    xes,
    zipped,
)

pytestmark = pytest.mark.usefixtures("own_folders")

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
        r"log\.csv, line \d, character \d+",
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
        "the time cannot be read: 30 rows, first at row 1",
        "L005",
        ROLES,
    ),
    "years 1900 and 2999": Bad(
        file("log.csv", f"{HEADER}1,A,1900-01-01\n1,B,2024-01-01\n1,C,2999-12-31\n"),
        "2 of 3 rows",
        "a year that cannot be: 2 rows, first at row 1",
        "L006",
    ),
    "ragged rows": Bad(
        file("log.csv", GOOD + "1,A\n" * 20), "20 of 60 rows", "too few fields: 20 rows, first at row 42", "L006"
    ),
    "NUL characters": Bad(
        file("log.csv", GOOD.replace("A1", "A\0")), "13 of 40 rows", "a NUL character: 13 rows, first at row 3", "L006"
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
