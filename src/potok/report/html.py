"""The audit report: one HTML file that needs nothing else and runs no script."""

from base64 import b64encode
from contextvars import copy_context
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from potok.core.language import Language, gettext, ngettext, set_language
from potok.report.audit import Audit
from potok.report.drawing.font import CSS_WEIGHTS
from potok.report.drawing.standalone import font_face
from potok.report.sections.activities import make_activities
from potok.report.sections.findings import make_findings
from potok.report.sections.flow import make_flow
from potok.report.sections.headline import make_headline
from potok.report.sections.load import make_load
from potok.report.sections.map import make_map
from potok.report.sections.source import make_source
from potok.report.sections.terms import make_terms
from potok.report.sections.times import make_times
from potok.report.sections.value_stream import make_value_stream
from potok.report.sections.variants import make_variants
from potok.report.themes import theme_rules

_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE_SHEETS: Final = ("page.css", "map.css", "controls.css", "value_stream.css", "value_stream_page.css")


def render_audit(audit: Audit, *, language: Language) -> str:
    """Write an audit as one self-contained HTML document.

    The document opens from disk, asks the network for nothing and holds no script: its content security policy
    allows its own style sheet and the fonts inside it, and nothing else. Whatever a log holds is text in it.
    """
    return copy_context().run(_render, audit, language)


def _render(audit: Audit, language: Language) -> str:
    set_language(language)
    style = _style_sheet()
    return (
        _environment()
        .get_template("audit.html")
        .render(
            language=language,
            style=Markup(style),  # noqa: S704 - our own file
            policy=_content_security_policy(style),
            headline=make_headline(audit),
            source=make_source(audit),
            map=make_map(audit.graph),
            stream=make_value_stream(audit),
            findings=make_findings(audit),
            times=make_times(audit),
            activities=make_activities(audit),
            load=make_load(audit),
            terms=make_terms(audit),
            variants=make_variants(audit),
            flow=make_flow(audit),
            manifest=audit.manifest,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]  # by the extension
    return environment


@cache
def _style_sheet() -> str:
    fonts = "".join(font_face(weight) for weight in CSS_WEIGHTS)
    return fonts + theme_rules() + "".join((_FOLDER / name).read_text(encoding="utf-8") for name in _STYLE_SHEETS)


def _content_security_policy(style: str) -> str:
    """Allow this very style sheet and embedded fonts; nothing can be loaded, sent, framed or run."""
    digest = b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
