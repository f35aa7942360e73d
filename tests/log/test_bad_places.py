"""Odd names, broken stores, full disks, missing permissions."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.running import RUSSIAN_IS_READY, hidden_names, is_cyrillic, run, run_powerless
from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, EXIT_INTEGRITY, EXIT_USAGE
from support.bad_inputs import GOOD, RANDOM, assert_refused, file, halve

pytestmark = pytest.mark.usefixtures("own_folders")

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


@pytest.mark.parametrize("size", ["16k", "48k", "96k", "128k"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, small_disk: Callable[[str], Path], size: str) -> None:
    rows = (f"{i // 5},A{i % 7},2024-01-{1 + i % 28:02} 10:{i % 60:02},{i * 7919}\n" for i in range(40_000))
    source = file("log.csv", "case,activity,time,note\n" + "".join(rows))(tmp_path)
    disk = small_disk(size)
    outcome = run("import", source, "--into", disk / "store", "--plain-ids")
    assert_refused(outcome, code=outcome.err.partition("POTOK-")[2][:4], exit_code=EXIT_ENVIRONMENT)
    assert list(disk.iterdir()) == []


def test_a_full_disk_under_what_is_spilt_leaves_nothing(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    rows = (f"{i // 5},A{i % 7},2024-01-{1 + i % 28:02} 10:{i % 60:02},{i * 7919:030}\n" for i in range(300_000))
    source = file("log.csv", "case,activity,time,note\n" + "".join(rows))(tmp_path)
    disk = small_disk("2m")
    outcome = run("import", source, "--into", disk / "store", "--plain-ids", "--memory", "48MB")
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
