"""From a model's file, or a log, to what experiments start from."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from potok.core.calendars import load_calendar
from potok.core.language import gettext as _
from potok.core.regulations import CLOSING, OPENING, Regulation, Term, TermUnit
from potok.simulate.experiments.errors import ExperimentValueError
from potok.simulate.experiments.forecast import Source
from potok.simulate.experiments.frames import Frame
from potok.simulate.experiments.keeping import content_hash
from potok.simulate.experiments.running import KernelRunner
from potok.simulate.experiments.scenarios import Bootstrap, Reals
from potok.simulate.model import ProcessModel

if TYPE_CHECKING:
    from potok.log.store import LogStore
    from potok.simulate.discovery import DiscoveredModel

_TERM: Final = re.compile(r"\s*(\d{1,5})\s*(d|wd|wh)\s*", re.IGNORECASE)
_UNITS: Final = {"d": TermUnit.CALENDAR_DAYS, "wd": TermUnit.WORKING_DAYS, "wh": TermUnit.WORKING_HOURS}
_MODEL_SUFFIXES: Final = frozenset({".toml", ".json"})
_HEAD: Final = re.compile(rb'"?schema"?\s*[=:]\s*"potok\.process_model/')
MOST_DRAWS: Final = 10_000
FEDERAL: Final = "ru"


def is_model_file(source: str) -> bool:
    """Return whether a source is the document of a model, rather than a log."""
    path = Path(source)
    if path.suffix.lower() not in _MODEL_SUFFIXES or not path.is_file():
        return False
    if path.suffix.lower() == ".toml":
        return True
    with path.open("rb") as file:
        return _HEAD.search(file.read(4096)) is not None


def source_of_model(model: ProcessModel) -> Source:
    """Return what experiments with a given model start from: there is nothing to learn anew."""
    return Source(model, KernelRunner())


def source_of_store(store: "LogStore", *, model: ProcessModel, found: "DiscoveredModel") -> Source:
    """Return what experiments with a log start from.

    Parameters
    ----------
    store
        The log.
    model
        What was discovered in it, with its term.
    found
        The discovery: history, open cases.
    """
    from potok.simulate.discovery import learn_model

    history = found.history

    def relearn(weights: Reals) -> ProcessModel:
        return with_term_of(learn_model(history, case_weights=weights), model)

    runner = KernelRunner(
        found.open_cases,
        tuple(one.name for one in model.activities),
        tuple(one.name for one in model.case_types),
    )
    span_us = history.extracted_us - int(history.opened_us.min())
    horizon = Frame(
        history.extracted_us,
        history.extracted_us + max(span_us, 1),
        history.extracted_us,
        starts_with_open_cases=found.open_cases is not None,
    )
    key = content_hash(str(store.manifest["content_sha256"]), model.term, "learned")
    return Source(model, runner, Bootstrap(relearn, history.cases, MOST_DRAWS, 2), key, horizon)


def with_term_of(model: ProcessModel, other: ProcessModel) -> ProcessModel:
    """Return a model with the term of another one, and the calendar that it needs."""
    calendars = dict(model.calendars)
    if other.term_calendar:
        calendars[other.term_calendar] = other.calendars[other.term_calendar]
    return replace(model, term=other.term, term_calendar=other.term_calendar, calendars=calendars)


def put_term(
    model: ProcessModel, *, term: str = "", regulation: Regulation | None = None, calendar: str = ""
) -> ProcessModel:
    """Return a model with a term, and the calendar whose days it counts.

    Parameters
    ----------
    term
        As ``10d``, ``10wd`` or ``40wh`` (calendar days, working days, working hours); or the name of one of the
        regulation's. Empty: the regulation's first, or the model's own.
    calendar
        Name or file; empty: that of the regulation, else the federal one.

    Raises
    ------
    ExperimentValueError
        If the text says no term.
    UnknownTermError
        If the regulation has none of that name.
    """
    chosen = _choose_term(term, regulation)
    if chosen is None:
        return model
    if not chosen.needs_working_days:
        return replace(model, term=chosen, term_calendar="")
    name = calendar or (regulation.calendar if regulation else "") or FEDERAL
    # The federal calendar is worked in every zone of the country.
    loaded = load_calendar(name, zone=model.zone if name == FEDERAL and model.zone != "UTC" else None)
    key = f"term: {loaded.name}"
    return replace(model, term=chosen, term_calendar=key, calendars={**model.calendars, key: loaded})


def _choose_term(text: str, regulation: Regulation | None) -> Term | None:
    match = _TERM.fullmatch(text)
    if match is not None and int(match[1]) > 0:
        return Term(text.strip(), int(match[1]), _UNITS[match[2].lower()])
    if regulation is not None:
        return regulation.term(text) if text else regulation.terms[0]
    if text:
        raise ExperimentValueError(
            _("{option} cannot be «{value}».").format(option="--term", value=text),
            where="--term",
            remedy=_("Write 10d, 10wd or 40wh (days, working days, working hours), or give --regulation and a name."),
        )
    return None


def is_simplified(term: Term) -> bool:
    """Return whether a simulation keeps less of a term than the regulation says.

    It counts from arrival to closing, without clock stops and extensions.
    """
    return bool(term.starts != OPENING or term.ends != (CLOSING,) or term.clock_stops or term.extension is not None)
