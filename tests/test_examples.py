"""The worked examples of the documentation: their commands are run, and what the pages show must come out."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import running
from support.untraced import untraced

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
VERIFIED = sorted((ROOT / "docs" / "verification").glob("example-*.md"))
PAGES = sorted(path.stem for path in EXAMPLES.glob("*.md") if path.stem != "index")
LEFT_OUT = "…"
run = untraced(running.run)
"""Other tests cover what whole audits of large logs run through again."""
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FINDING = re.compile(r"F-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page with the lines shown below it."""

    command: str
    shown: tuple[str, ...]


def read_steps(page: str) -> Iterator[Step]:
    """Yield the commands of a page in order; a command may go on in the next line after a backslash."""
    for block in _BLOCK.findall(page):
        assert block.startswith("$ potok "), block
        for part in re.split(r"^\$ potok ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield Step(command, tuple(line for line in map(_even, shown) if line and line != LEFT_OUT))


def first_missing(shown: tuple[str, ...], output: str) -> str | None:
    """Return the first line shown that the output lacks after the line shown before it."""
    lines = iter([_even(line) for line in output.splitlines()])
    return next((line for line in shown if line not in lines), None)


def _even(line: str) -> str:
    return " ".join(line.split())


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that has what the index says: the logs, and the examples of the project as ``examples``."""
    made = tmp_path_factory.mktemp("folder")
    for entry in (*shared_data.iterdir(), ROOT / "examples"):
        (made / entry.name).symlink_to(entry)
    return made


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which each log is imported once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_an_example_show_what_its_page_says(
    name: str, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.chdir(folder)
    named: set[str] = set()
    steps = list(read_steps((EXAMPLES / f"{name}.md").read_text(encoding="utf-8")))
    assert len(steps) >= 4, "an example finds something and follows it to its cases"
    for step in steps:
        assert set(_FINDING.findall(step.command)) <= named, f"not named by a command before: {step.command}"
        outcome = run(*shlex.split(step.command))
        assert outcome.code == 0, f"{step.command}\n{outcome.err}"
        assert step.shown, f"nothing is shown of: {step.command}"
        missing = first_missing(step.shown, outcome.out)
        assert missing is None, f"potok {step.command}\ndoes not show: {missing}"
        named.update(_FINDING.findall(outcome.out))


@pytest.mark.parametrize("page", VERIFIED, ids=lambda page: page.stem)
def test_the_commands_of_a_verification_show_what_its_page_says(
    page: Path, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.chdir(folder)
    steps = list(read_steps(page.read_text(encoding="utf-8")))
    assert len(steps) >= 2
    for step in steps:
        outcome = run(*shlex.split(step.command))
        assert outcome.code == 0, f"{step.command}\n{outcome.err}"
        assert step.shown, f"nothing is shown of: {step.command}"
        missing = first_missing(step.shown, outcome.out)
        assert missing is None, f"potok {step.command}\ndoes not show: {missing}"


@pytest.mark.parametrize("name", PAGES)
def test_an_example_is_in_the_index_and_cites_its_log(name: str) -> None:
    page = (EXAMPLES / f"{name}.md").read_text(encoding="utf-8")
    assert "https://doi.org/10.4121/uuid:" in page
    assert "## What this does not show" in page
    assert len(re.findall(r"^## Finding \d", page, re.MULTILINE)) >= 3


def test_shown_lines_must_come_out_in_order() -> None:
    page = (
        "text\n```console\n$ potok waste log \\\n    --plain-ids\nb   c\n…\nd\n```\n```python\n$ potok not this\n```\n"
    )
    (step,) = read_steps(page)
    assert shlex.split(step.command) == ["waste", "log", "--plain-ids"]
    assert first_missing(step.shown, "a\nb c\nx\n  d\n") is None
    assert first_missing(step.shown, "d\nb c\n") == "d"
    assert first_missing(step.shown, "b c x\nd\n") == "b c"
