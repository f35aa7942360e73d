"""What holds for the whole project."""

import importlib
import pkgutil
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import potok
from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, EXIT_INTEGRITY, EXIT_USAGE, PotokError

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 500


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def error_classes() -> list[type[PotokError]]:
    for module in pkgutil.walk_packages(potok.__path__, "potok."):
        importlib.import_module(module.name)
    found: list[type[PotokError]] = []
    waiting = [PotokError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return sorted(set(found), key=lambda error: error.code)


def test_no_python_file_is_overlong() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in tracked("*.py")}
    assert len(lengths) > 100
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(vars(error).get("code", f"none: {error.__name__}") for error in error_classes())
    assert {code for code, count in codes.items() if count > 1 or not re.fullmatch(r"POTOK-[A-Z]\d{3}", code)} == set()


def test_every_error_has_an_exit_code_and_a_docstring() -> None:
    allowed = {EXIT_USAGE, EXIT_BAD_DATA, EXIT_INTEGRITY, EXIT_ENVIRONMENT}
    assert {error.__name__ for error in error_classes() if error.exit_code not in allowed or not error.__doc__} == set()


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/dev.txt"])
def test_locks_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert text.count("==") > 20
    packages = re.split(r"\n(?=\S)", text.strip())
    assert [package.split("==")[0] for package in packages if "--hash=sha256:" not in package] == []


def test_nothing_points_outside_the_project() -> None:
    forbidden = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/|\.library")
    own = Path(__file__).name
    texts = tracked("*.py", "*.md", "*.toml", "*.yml", "Makefile", ".ci/run", "*.html")
    hits = [file.name for file in texts if file.name != own and forbidden.search(file.read_text(errors="replace"))]
    assert hits == []
