"""What only a process of its own can show: pipes, terminals, interrupts, kills, imported modules."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.running import START, environment, hidden_names, run, spawn, start
from cli.tiny_log import write_tiny_log
from potok.core.errors import EXIT_ENVIRONMENT, EXIT_INTERRUPTED, EXIT_USAGE
from potok.log.store import is_store, open_store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals are those of POSIX")

HEAVY = {"duckdb", "ibis", "pyarrow", "numpy", "sqlglot", "jinja2", "fontTools", "cryptography", "psycopg", "rich"}
KILLS = 6
BIG_ROWS = 100_000
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class BigLog:
    """A log whose import takes a moment, imported undisturbed once.

    Parameters
    ----------
    seconds
        From the appearance of the working folder to the end.
    """

    source: Path
    content_sha256: str
    seconds: float


def import_command(source: Path, folder: Path) -> tuple[object, ...]:
    return ("import", source, "--into", folder / "store", "--plain-ids", "--zone", "Europe/Moscow")


def wait_for_work(process: "subprocess.Popen[str]", folder: Path) -> float:
    """Wait until an import has begun to work; return the moment."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not hidden_names(folder) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    return time.monotonic()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> BigLog:
    folder = tmp_path_factory.mktemp("big")
    source = folder / "log.csv"
    generator = random.Random(7)
    with source.open("w", encoding="utf-8") as stream:
        stream.write("case,activity,time,employee,note\n")
        for row in range(BIG_ROWS):
            case, minute = generator.randrange(BIG_ROWS // 8), generator.randrange(500_000)
            at = f"2024-{1 + minute // 44_640:02}-{1 + minute // 1440 % 28:02} {minute // 60 % 24:02}:{minute % 60:02}"
            stream.write(f"C{case},Step {row % 12},{at},Clerk {case % 90},{generator.getrandbits(60):x}\n")
    process = start(*import_command(source, folder))
    began = wait_for_work(process, folder)
    _out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return BigLog(source, open_store(folder / "store").content_sha256, time.monotonic() - began)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["import", "--help"], ["audit", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys; from potok.cli.main import main; main(sys.argv[1:]); print(' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout
    assert {name.partition(".")[0] for name in done.stderr.split()} & HEAVY == set()


def test_a_reader_that_stops_reading_is_no_failure(tmp_path: Path) -> None:
    log = write_tiny_log(tmp_path / "log.csv")
    assert run("import", log, "--into", tmp_path / "store", "--plain-ids").code == 0
    process = start("describe", tmp_path / "store", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.wait(timeout=PATIENCE_SECONDS), process.stderr.read()) == (0, "")
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_output_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    log = write_tiny_log(tmp_path / "log.csv")
    assert run("import", log, "--into", tmp_path / "store", "--plain-ids").code == 0
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, *START, "describe", str(tmp_path / "store")],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(),
        )
    assert done.returncode == EXIT_ENVIRONMENT
    assert re.match("Error POTOK-K009: .*No space left", done.stderr)
    assert "Exception ignored" not in done.stderr


def test_text_that_the_encoding_lacks_is_escaped(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("дело,действие,time\n" + "".join(f"{i},Приём {i % 3},2024-01-{1 + i:02}\n" for i in range(20)))
    outcome = spawn("describe", log, "--plain-ids", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (outcome.code, "Traceback" in outcome.err) == (0, False)
    assert "\\u0434\\u0435\\u043b\\u043e" in outcome.out


def read_terminal(arguments: tuple[object, ...], **variables: str) -> tuple[int, str, str]:
    """Run a command whose messages go to a terminal; return its code, its data and what the terminal got."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, *START, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env=environment(TERM="xterm-256color", **variables),
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux ends a terminal's output in this way
        pass
    os.close(ours)
    out, _err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out, shown.decode()


def test_progress_is_shown_on_a_terminal_only_and_wiped(tmp_path: Path, big: BigLog) -> None:
    command = ("import", big.source, "--into", tmp_path / "store", "--plain-ids", "--zone", "Europe/Moscow", "--json")
    code, out, shown = read_terminal(command)
    assert (code, json.loads(out)["log"]["events"]) == (0, BIG_ROWS)
    assert "Reading rows" in shown
    assert shown.endswith("\r\x1b[2K")
    assert spawn(*command, "--replace").err == ""


def test_nothing_is_coloured() -> None:
    for arguments, variables in (((), {"NO_COLOR": "1"}), (("import", "--nonsense"), {"FORCE_COLOR": "1"})):
        code, _out, shown = read_terminal(arguments, **variables)
        assert (code, "\x1b[" in shown) == (EXIT_USAGE, False)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["lock", "source0", "store/events.parquet", "store/variants.parquet"])
def test_an_interrupted_import_says_so_and_leaves_nothing(tmp_path: Path, big: BigLog, step: str) -> None:
    process = start(*import_command(big.source, tmp_path))
    until = time.monotonic() + PATIENCE_SECONDS
    while not list(tmp_path.glob(f".store.importing-*/{step}")) and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out) == (EXIT_INTERRUPTED, ""), err
    assert err.strip() == "Interrupted. Nothing was left half done."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_killed_import_is_never_readable_and_the_next_one_succeeds(tmp_path: Path, big: BigLog) -> None:
    generator = random.Random(2026)
    killed = 0
    for turn in range(KILLS):
        process = start(*import_command(big.source, tmp_path))
        wait_for_work(process, tmp_path)
        time.sleep((turn + generator.random()) / KILLS * big.seconds)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if process.returncode == -signal.SIGKILL and not is_store(tmp_path / "store"):
            assert not (tmp_path / "store").exists()
            assert len(hidden_names(tmp_path)) == 1
        else:  # it was quicker than before, or killed when all was done
            assert open_store(tmp_path / "store").content_sha256 == big.content_sha256
            for path in (tmp_path / "store").iterdir():
                path.unlink()
            (tmp_path / "store").rmdir()
    assert killed >= KILLS // 2
    outcome = spawn(*import_command(big.source, tmp_path))
    assert outcome.code == 0, outcome.err
    assert open_store(tmp_path / "store").content_sha256 == big.content_sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]
