"""Whether a model can be simulated: all that contradicts itself, reported together."""

from collections.abc import Iterator
from typing import Final

from potok.core.calendars.zones import load_zone
from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.core.regulations import CLOSING, OPENING, Term
from potok.simulate.model.checks.names import unknown_names, wrong_share
from potok.simulate.model.checks.routing import routing_problems, rule_problems
from potok.simulate.model.checks.times import arrival_problems, calendar_problems, case_type_problems
from potok.simulate.model.checks.work import activity_problems, pool_problems
from potok.simulate.model.errors import BrokenModelError, Problem
from potok.simulate.model.process_model import ProcessModel

MOST_SHOWN: Final = 20


def check_model(model: ProcessModel, *, file: str = "model") -> None:
    """Check that a model can be simulated.

    Parameters
    ----------
    file
        What the error calls it.

    Raises
    ------
    BrokenModelError
        If it cannot; its `problems` are all that was found, its message shows the first.
    """
    problems = tuple(find_problems(model))
    if not problems:
        return
    shown = [f"{problem.place}: {problem.message}" for problem in problems[:MOST_SHOWN]]
    if len(problems) > MOST_SHOWN:
        shown.append(_("… and {count} more.").format(count=len(problems) - MOST_SHOWN))
    head = ngettext(
        "The model contradicts itself in {count} place:",
        "The model contradicts itself in {count} places:",
        len(problems),
    ).format(count=len(problems))
    raise BrokenModelError(
        "\n".join([head, *shown]),
        where=f"{file}: {problems[0].place}",
        remedy=_("Correct the places named, and read the model again."),
        problems=problems,
    )


def find_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield all that contradicts itself in a model."""
    yield from _zone(model)
    yield from arrival_problems(model)
    yield from case_type_problems(model.case_types)
    yield from calendar_problems(model)
    yield from routing_problems(model)
    yield from rule_problems(model)
    yield from activity_problems(model)
    yield from pool_problems(model)
    activities = {activity.name for activity in model.activities}
    for number, consequence in enumerate(model.consequences, start=1):
        place = f"consequences[{number}]"
        yield from unknown_names(f"{place}.activity", (consequence.activity,), activities)
        yield from wrong_share(f"{place}.share_with", consequence.share_with)
        yield from wrong_share(f"{place}.share_without", consequence.share_without)
    if model.term:
        yield from _term(model.term, model)


def _zone(model: ProcessModel) -> Iterator[Problem]:
    try:
        load_zone(model.zone)
    except PotokError as failure:
        yield Problem("zone", failure.message)


def _term(term: Term, model: ProcessModel) -> Iterator[Problem]:
    activities = {activity.name for activity in model.activities}
    named = [term.starts, *term.ends]
    named += [name for stop in term.clock_stops for name in (stop.from_activity, stop.to_activity)]
    named += [term.extension.activity] if term.extension else []
    yield from unknown_names("term", (name for name in named if name not in (OPENING, CLOSING)), activities)
    calendar = (model.term_calendar,) if model.term_calendar else ()
    yield from unknown_names("term_calendar", calendar, model.calendars, _("There is no calendar {name}."))
    if term.needs_working_days and not model.term_calendar:
        yield Problem("term_calendar", _("The term counts working days, and no calendar says which they are."))
