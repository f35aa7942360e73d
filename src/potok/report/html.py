"""The audit report: one HTML file that needs nothing else and runs no script."""

from contextvars import copy_context
from typing import Final

from markupsafe import Markup

from potok.core.language import Language, set_language
from potok.report.measured import Audit
from potok.report.page_shell import content_security_policy, page_environment, style_sheet
from potok.report.sections.activities import make_activities
from potok.report.sections.details import make_details
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

_STYLE_SHEETS: Final = ("page.css", "map.css", "controls.css", "value_stream.css", "value_stream_page.css")


def render_audit(audit: Audit, *, language: Language) -> str:
    """Write an audit as one self-contained HTML document.

    The document opens from disk, asks the network for nothing and holds no script: its content security policy
    allows its own style sheet and the fonts inside it, and nothing else. Whatever a log holds is text in it.
    """
    return copy_context().run(_render, audit, language)


def _render(audit: Audit, language: Language) -> str:
    set_language(language)
    style = style_sheet(_STYLE_SHEETS)
    return (
        page_environment()
        .get_template("audit.html")
        .render(
            language=language,
            style=Markup(style),  # noqa: S704 - our own file
            policy=content_security_policy(style),
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
            details=make_details(audit),
            manifest=audit.manifest,
        )
    )
