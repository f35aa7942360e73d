"""Help and descriptions word for word, in both languages.

Set ``POTOK_UPDATE_GOLDEN=1`` to write the files anew, then read what changed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.running import RUSSIAN_IS_READY, environment, run
from cli.tiny_log import write_tiny_log

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = (
    *((), ("audit",), ("import",), ("describe",), ("measure",), ("map",), ("cases",)),
    *(("join",), ("top-up",), ("reveal",), ("demo",)),
    *(("key",), ("key", "init"), ("key", "show"), ("key", "conceal")),
)
# What options are for is said in the language in which the process began, so each language has a process of its own.
SCRIPT = """
import json, sys
from cli.running import run
print(json.dumps([run(*command, "--help").out for command in json.load(sys.stdin)]))
"""
LANGUAGES = [
    "en",
    pytest.param("ru", marks=pytest.mark.skipif(not RUSSIAN_IS_READY, reason="the catalogue is not compiled")),
]


def assert_golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("POTOK_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_of_every_command(language: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(COMMANDS),
        capture_output=True,
        text=True,
        check=True,
        env=environment(LANGUAGE=language, COLUMNS="80", PYTHONPATH=str(Path(__file__).parents[1])),
    )
    assert_golden(f"help.{language}.txt", "\n\n".join(text.strip() for text in json.loads(done.stdout)) + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_description_of_a_tiny_log(tmp_path: Path, language: str) -> None:
    log = write_tiny_log(tmp_path / "log.csv")
    with log.open("a", encoding="utf-8") as stream:
        stream.write("N-1,Decide,1900-01-01T00:00,1900-01-01T00:00,Zoe,Licensing\n")
    options = ("--plain-ids", "--zone", "Europe/Kaliningrad", "--closed-by-activity", "Hand over")
    outcome = run("describe", log, *options, "--lang", language)
    assert outcome.code == 0, outcome.err
    assert_golden(f"describe.{language}.txt", outcome.out)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_of_a_log_that_needs_a_look(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = Path("log.csv")
    rows = "".join(f"{row % 4},Step {row % 3},0{1 + row % 9}.02.2024,Иванов Иван Иванович\n" for row in range(30))
    log.write_text(f"case,activity,date,заявитель\n{rows}9,Step 1,never,\n", encoding="utf-8")
    outcome = run("import", log, "--into", "store", "--plain-ids", "--lang", language)
    assert (outcome.code, outcome.out) == (3, "")
    assert_golden(f"messages.{language}.txt", outcome.err)
