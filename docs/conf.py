"""Sphinx settings."""

import importlib
import pkgutil
from pathlib import Path

import potok
from potok.core.errors import PotokError

project = "Potok"
author = "Potok developers"
version = release = potok.__version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Potok {version}"
html_show_copyright = False
exclude_patterns = ["_build"]
nitpicky = True


def write_errors(_app: object) -> None:
    """Write the page of error codes from the classes themselves."""
    for module in pkgutil.walk_packages(potok.__path__, "potok."):
        importlib.import_module(module.name)
    rows = [
        f"| `{error.code}` | {error.exit_code} | {(error.__doc__ or '').strip().splitlines()[0]} |"
        for error in sorted(subclasses(PotokError), key=lambda error: error.code)
    ]
    head = ["# Errors", "", "| code | exit code | meaning |", "|---|---|---|"]
    page = Path(__file__).parent / "reference" / "errors.md"
    page.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


def subclasses(base: type[PotokError]) -> set[type[PotokError]]:
    """Return every subclass of an error, however deep."""
    own = set(base.__subclasses__())
    return own.union(*(subclasses(error) for error in own))


def setup(app: object) -> None:
    """Connect the page of errors to the build."""
    app.connect("builder-inited", write_errors)  # type: ignore[attr-defined]  # Sphinx's application
