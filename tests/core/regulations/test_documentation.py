"""The pages on calendars and terms say what the program does."""

import doctest
import tomllib
from pathlib import Path

import pytest

from potok.core.calendars import calendar_from_mapping, list_calendars
from potok.core.regulations import regulation_from_mapping
from support.legal_cases import table_lines

PAGES = Path(__file__).parents[3] / "docs" / "measures"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [part.split("```")[0] for part in page(name).split(f"```{language}\n")[1:]]


def test_the_table_of_terms_is_that_of_the_cases():
    shown = [line for line in page("terms").splitlines() if line.startswith("|")]
    assert shown == table_lines(), "run: PYTHONPATH=tests python -m support.legal_cases"


@pytest.mark.parametrize("name", ["calendars", "terms"])
def test_the_examples_of_the_page_run(name: str):
    (example,) = blocks(name, "pycon")
    test = doctest.DocTestParser().get_doctest(example, {}, name, name, 0)
    assert len(test.examples) >= 5
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_the_files_shown_can_be_read():
    calendar, _departments = blocks("calendars", "toml")
    assert calendar_from_mapping(tomllib.loads(calendar)).name == "Приёмная"
    (regulation,) = blocks("terms", "toml")
    assert regulation_from_mapping(tomllib.loads(regulation)).term("услуга").extension is not None


def test_every_calendar_that_comes_with_potok_is_named():
    assert all(f"| `{name}` |" in page("calendars") for name in list_calendars())
