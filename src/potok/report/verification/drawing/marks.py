"""Marks beside a sentence: a shape for each meaning, so that none hangs on its colour."""

from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.svg import element
from potok.report.verification.quality_words import Mark
from potok.verify.effect import Verdict

_SIZE: Final = 20
_PATHS: Final = {
    Mark.GOOD: "M5.5,10.5L8.8,13.8L14.8,6.8",
    Mark.BAD: "M6.5,6.5L13.5,13.5M13.5,6.5L6.5,13.5",
    Mark.LOOK: "M10,5V11.2M10,13.6V15.2",
    Mark.OPEN: "M7.2,7.6C7.2,4.2 12.8,4.2 12.8,7.6C12.8,9.8 10,9.8 10,11.9M10,13.8V15.2",
}
MARK_OF_VERDICT: Final = {
    Verdict.VERIFIED: Mark.GOOD,
    Verdict.NOT_VERIFIED: Mark.LOOK,
    Verdict.HARM_TO_QUALITY: Mark.BAD,
    Verdict.CANNOT_TELL_YET: Mark.OPEN,
}


def name_mark(mark: Mark) -> str:
    """Say what a mark means, for those who do not see it."""
    return {
        Mark.GOOD: _("in order"),
        Mark.OPEN: _("not decided"),
        Mark.BAD: _("not in order"),
        Mark.LOOK: _("to be looked at"),
    }[mark]


def draw_mark(mark: Mark) -> Markup:
    """Draw a mark: a disc with a tick, a question mark, a cross or an exclamation mark."""
    return element(
        "svg",
        [
            element("title", name_mark(mark)),
            element("circle", class_=f"disc {mark.value}", cx=10, cy=10, r=9),
            element("path", class_=f"sign {mark.value}", d=_PATHS[mark], fill="none"),
        ],
        xmlns="http://www.w3.org/2000/svg",
        class_="mark-sign",
        viewBox=f"0 0 {_SIZE} {_SIZE}",
        width=f"{_SIZE}",
        height=f"{_SIZE}",
        role="img",
    )
