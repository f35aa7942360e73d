"""A forecast as one HTML file that needs nothing else; its only script moves cases over the map."""

from contextvars import copy_context
from functools import cache
from typing import Final

from markupsafe import Markup

import potok
from potok.core.language import Language, set_language
from potok.core.language import gettext as _
from potok.report.page_shell import TEMPLATES, content_security_policy, page_environment, style_sheet
from potok.report.simulation.animation import Animation, make_animation
from potok.report.simulation.report import ForecastResults, make_forecast_report
from potok.report.simulation.written_tables import write_table
from potok.simulate.experiments.frames import Runner

_STYLE_SHEETS: Final = ("page.css", "map.css", "controls.css", "forecast.css")


def render_forecast(results: ForecastResults, run: Runner | None, *, language: Language) -> str:
    """Write a forecast as one self-contained HTML document.

    It opens from disk and asks the network for nothing. Its content security policy allows its own style sheet, the
    fonts inside it and one script, each by its hash. Without scripts all figures and maps are there, and stand still.

    Parameters
    ----------
    run
        Runs the model once more for the animation; None: there is none.
    """
    return copy_context().run(_render, results, run, language)


def _render(results: ForecastResults, run: Runner | None, language: Language) -> str:
    set_language(language)
    animation: Animation | None = None if run is None else make_animation(results.forecast, run)
    script = _script() if animation and animation.runs else ""
    style = style_sheet(_STYLE_SHEETS)
    report = make_forecast_report(results)
    return (
        page_environment()
        .get_template("forecast.html")
        .render(
            language=language,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=content_security_policy(style, script=script),
            report=report,
            comparison=[*map(write_table, report.comparison)],
            answers=[*map(write_table, report.answers)],
            fit=[*map(write_table, report.fit)],
            animation=animation,
            zone=results.forecast.model.zone,
            version=potok.__version__,
            made=_("Made by Potok {version}; random numbers begin with {seed}.").format(
                version=potok.__version__, seed=results.forecast.settings.seed
            ),
        )
    )


@cache
def _script() -> str:
    return (TEMPLATES / "animation.js").read_text(encoding="utf-8")
