"""The report for an auditor as one HTML file that needs nothing else and runs no script."""

from contextvars import copy_context
from typing import Final

from markupsafe import Markup

import potok
from potok.core.language import Language, set_language
from potok.report.page_shell import content_security_policy, page_environment, style_sheet
from potok.report.simulation.written_tables import write_table
from potok.report.verification.auditor import make_auditor_report
from potok.report.verification.drawing.marks import draw_mark
from potok.report.verification.quality_words import Mark
from potok.report.verification.results import EffectResults

_STYLE_SHEETS: Final = ("page.css", "effect.css", "effect_report.css")


def render_auditor_html(results: EffectResults, *, language: Language) -> str:
    """Write the report as one self-contained HTML document; long tables are folded."""
    return copy_context().run(_render, results, language)


def _render(results: EffectResults, language: Language) -> str:
    set_language(language)
    style = style_sheet(_STYLE_SHEETS)
    return (
        page_environment()
        .get_template("effect_report.html")
        .render(
            language=language,
            style=Markup(style),  # noqa: S704 - our own file
            policy=content_security_policy(style),
            report=make_auditor_report(results),
            write_table=write_table,
            marks={mark: draw_mark(mark) for mark in Mark},
            version=potok.__version__,
        )
    )
