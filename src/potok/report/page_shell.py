"""What all pages share: how they are written, their style sheet, and what a browser may do with them."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from potok.core.language import gettext, ngettext
from potok.report.drawing.font import CSS_WEIGHTS
from potok.report.drawing.standalone import font_face
from potok.report.themes import theme_rules

TEMPLATES: Final = Path(__file__).parent / "templates"


@cache
def page_environment() -> Environment:
    """Return what fills templates: everything that is not markup is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]  # by the extension
    return environment


@cache
def style_sheet(names: tuple[str, ...]) -> str:
    """Return fonts, themes and the style sheets named, as one."""
    fonts = "".join(font_face(weight) for weight in CSS_WEIGHTS)
    return fonts + theme_rules() + "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def content_security_policy(style: str, *, script: str = "") -> str:
    """Allow this very style sheet, embedded fonts and this very script; nothing can be loaded, sent or framed.

    Parameters
    ----------
    script
        Empty: no script runs at all.
    """
    scripts = f"script-src {_hash(script)}; " if script else ""
    return (
        f"default-src 'none'; {scripts}style-src {_hash(style)}; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
