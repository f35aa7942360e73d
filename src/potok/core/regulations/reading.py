"""Regulations from TOML, checked strictly: what is misspelt, missing or impossible is named with its place."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.regulations.errors import BrokenRegulationError, ImpossibleTermError, MixedUnitsError
from potok.core.regulations.papers import read_document_request, read_held_paper
from potok.core.regulations.regulation import (
    CLOSING,
    OPENING,
    ClockStop,
    CountedFrom,
    DecisionMaker,
    Direction,
    Extension,
    Limit,
    MandatoryStep,
    OrderRule,
    Outcome,
    OutcomeKind,
    QualityIndicator,
    Regulation,
    RollOver,
    Term,
    TermUnit,
)
from potok.core.toml_reading import TomlTable, read_toml

SCHEMA: Final = "potok.regulation/1"
MOST_UNITS: Final = 10_000
MOST_TIMES: Final = 1_000


def load_regulation(path: str | Path) -> Regulation:
    """Read a regulation from a TOML file.

    Raises
    ------
    BrokenRegulationError
        If the file does not describe a regulation (see its subclasses).
    """
    file = Path(path)
    return regulation_from_mapping(read_toml(file, BrokenRegulationError), file=str(file), folder=file.parent)


def regulation_from_mapping(
    content: Mapping[str, Any], *, file: str = "regulation", folder: Path | None = None
) -> Regulation:
    """Make a regulation from the content of a TOML document.

    Parameters
    ----------
    content
        What the document holds.
    file
        What errors call it.
    folder
        Where a calendar file lies that is named by a relative path.

    Raises
    ------
    BrokenRegulationError
        If it does not describe a regulation (see its subclasses).
    """
    table = TomlTable(content, file=file, place="", error=BrokenRegulationError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    table.text("note", "")
    calendar = table.text("calendar", "")
    if calendar.endswith(".toml") and folder is not None:
        calendar = str(folder / calendar)
    regulation = Regulation(
        service=table.text("service"),
        act=table.text("act"),
        terms=tuple(map(_read_term, table.tables("terms"))),
        mandatory_steps=tuple(map(_read_step, table.tables("mandatory_steps"))),
        order_rules=tuple(map(_read_order_rule, table.tables("order_rules"))),
        limits=tuple(map(_read_limit, table.tables("limits"))),
        decision_makers=tuple(map(_read_decision_maker, table.tables("decision_makers"))),
        outcomes=tuple(map(_read_outcome, table.tables("outcomes"))),
        quality_indicators=tuple(map(_read_indicator, table.tables("quality_indicators"))),
        document_requests=tuple(map(read_document_request, table.tables("document_requests"))),
        held_papers=tuple(map(read_held_paper, table.tables("held_papers"))),
        calendar=calendar,
        source=file,
    )
    table.finish()
    _check_whole(regulation, table)
    return regulation


def _read_term(table: TomlTable) -> Term:
    unit = TermUnit(table.choice("unit", tuple(TermUnit)))
    amount = table.integer("amount", least=1, most=MOST_UNITS)
    term = Term(
        name=table.text("name"),
        amount=amount,
        unit=unit,
        counted_from=_read_counted_from(table, unit),
        starts=table.text("starts", OPENING),
        ends=table.texts("ends", [CLOSING]),
        clock_stops=tuple(map(_read_clock_stop, table.tables("clock_stops"))),
        extension=_read_extension(table.table("extension"), unit) if table.has("extension") else None,
        rolls_over=_read_roll_over(table, unit),
        warn_before=table.integer("warn_before", least=0, most=MOST_UNITS, default=0),
        article=table.text("article", ""),
    )
    table.finish()
    _check_possible(term, table)
    return term


def _read_counted_from(table: TomlTable, unit: TermUnit) -> CountedFrom:
    usual = CountedFrom.EVENT if unit is TermUnit.WORKING_HOURS else CountedFrom.DAY_AFTER
    return CountedFrom(table.choice("counted_from", tuple(CountedFrom), usual))


def _read_roll_over(table: TomlTable, unit: TermUnit) -> RollOver:
    is_calendar = unit is TermUnit.CALENDAR_DAYS
    usual = RollOver.FORWARD if is_calendar else RollOver.NONE
    rolls_over = RollOver(table.choice("rolls_over", tuple(RollOver), usual))
    if not is_calendar and rolls_over is not RollOver.NONE:
        raise MixedUnitsError(
            _("A term in {unit} cannot end on a day off, so it cannot roll over.").format(unit=unit),
            where=table.where("rolls_over"),
            remedy=_("Remove rolls_over, or give the term in calendar_days."),
        )
    return rolls_over


def _read_clock_stop(table: TomlTable) -> ClockStop:
    stop = ClockStop(table.text("from"), table.text("to"), table.text("article", ""))
    table.finish()
    if stop.from_activity == stop.to_activity:
        raise _impossible(
            table,
            "to",
            _("A clock stop cannot end with the activity “{name}” that begins it.").format(name=stop.to_activity),
        )
    return stop


def _read_extension(table: TomlTable, unit: TermUnit) -> Extension:
    own_unit = table.choice("unit", tuple(TermUnit), unit)
    if own_unit != unit:
        raise MixedUnitsError(
            _("The term is in {unit}, its extension in {other}.").format(unit=unit, other=own_unit),
            where=table.where("unit"),
            remedy=_("Give both in the same unit, or state a term of its own for cases that are extended."),
        )
    extension = Extension(
        table.text("activity"), table.integer("amount", least=1, most=MOST_UNITS), table.text("article", "")
    )
    table.finish()
    return extension


def _check_possible(term: Term, table: TomlTable) -> None:
    if term.starts == CLOSING or OPENING in term.ends:
        raise _impossible(table, "starts", _("A term cannot start with the closing of a case or end with its opening."))
    if term.starts in term.ends:
        raise _impossible(
            table, "ends", _("The term ends with the activity “{name}” that starts it.").format(name=term.starts)
        )
    if term.extension and term.extension.activity in (term.starts, *term.ends):
        raise _impossible(
            table,
            "extension.activity",
            _("The activity “{name}” that extends the term also starts or ends it.").format(
                name=term.extension.activity
            ),
        )
    if term.warn_before and term.warn_before >= term.amount:
        raise _impossible(
            table,
            "warn_before",
            _("The warning comes {warn} before the end of a term of {amount}: before it starts.").format(
                warn=term.warn_before, amount=term.amount
            ),
        )


def _impossible(table: TomlTable, key: str, message: str) -> PotokError:
    return ImpossibleTermError(message, where=table.where(key), remedy=_("Correct the term after the text of the act."))


def _read_step(table: TomlTable) -> MandatoryStep:
    step = MandatoryStep(table.text("activity"), table.text("article"))
    table.finish()
    return step


def _read_order_rule(table: TomlTable) -> OrderRule:
    rule = OrderRule(table.text("before"), table.text("after"), table.text("article"))
    table.finish()
    if rule.before == rule.after:
        raise table.wrong_value("after", rule.after, _("another activity than “before”"))
    return rule


def _read_limit(table: TomlTable) -> Limit:
    limit = Limit(table.text("activity"), table.integer("at_most", least=0, most=MOST_TIMES), table.text("article"))
    table.finish()
    return limit


def _read_decision_maker(table: TomlTable) -> DecisionMaker:
    maker = DecisionMaker(
        activity=table.text("activity"),
        org_units=table.texts("org_units", []),
        resources=table.texts("resources", []),
        article=table.text("article"),
    )
    table.finish()
    if not maker.org_units and not maker.resources:
        raise table.failure("org_units", _("Nobody may decide here."), _("Name org_units or resources."))
    return maker


def _read_outcome(table: TomlTable) -> Outcome:
    outcome = Outcome(
        name=table.text("name"),
        kind=OutcomeKind(table.choice("kind", tuple(OutcomeKind))),
        values=table.texts("values", []),
        activities=table.texts("activities", []),
    )
    table.finish()
    if not outcome.values and not outcome.activities:
        raise table.failure("values", _("Nothing shows this outcome."), _("Name values or activities."))
    return outcome


def _read_indicator(table: TomlTable) -> QualityIndicator:
    indicator = QualityIndicator(
        name=table.text("name"),
        activities=table.texts("activities", []),
        outcomes=table.texts("outcomes", []),
        direction=Direction(table.choice("direction", tuple(Direction))),
        margin_share=table.share("margin_share"),
        article=table.text("article", ""),
    )
    table.finish()
    if not indicator.outcomes and not indicator.activities:
        raise table.failure("activities", _("Nothing shows this indicator."), _("Name activities or outcomes."))
    return indicator


def _check_whole(regulation: Regulation, table: TomlTable) -> None:
    if not regulation.terms:
        raise table.failure("terms", _("The regulation states no term."), _("Add a table headed [[terms]]."))
    _check_different(table, "terms", (term.name for term in regulation.terms))
    _check_different(table, "outcomes", (outcome.name for outcome in regulation.outcomes))
    _check_different(table, "quality_indicators", (indicator.name for indicator in regulation.quality_indicators))
    _check_different(table, "mandatory_steps", (step.activity for step in regulation.mandatory_steps))
    _check_different(table, "limits", (limit.activity for limit in regulation.limits))
    _check_outcomes(regulation, table)
    _check_steps_allowed(regulation, table)
    _check_no_circle(regulation, table)


def _check_different(table: TomlTable, key: str, names: Iterable[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise table.failure(key, _("“{name}” stands here twice.").format(name=name), _("Keep one of them."))
        seen.add(name)


def _check_outcomes(regulation: Regulation, table: TomlTable) -> None:
    known = {outcome.name for outcome in regulation.outcomes}
    for indicator in regulation.quality_indicators:
        for name in indicator.outcomes:
            if name not in known:
                raise table.wrong_value(
                    "quality_indicators", name, _("names of outcomes: {names}").format(names=", ".join(sorted(known)))
                )


def _check_steps_allowed(regulation: Regulation, table: TomlTable) -> None:
    forbidden = {limit.activity for limit in regulation.limits if limit.at_most == 0}
    for step in regulation.mandatory_steps:
        if step.activity in forbidden:
            raise table.failure(
                "limits",
                _("“{name}” is mandatory and forbidden at once.").format(name=step.activity),
                _("Remove the step or its limit of 0."),
            )


def _check_no_circle(regulation: Regulation, table: TomlTable) -> None:
    later: dict[str, set[str]] = {}
    for rule in regulation.order_rules:
        later.setdefault(rule.before, set()).add(rule.after)
    for start in later:
        reached: set[str] = set()
        waiting = [start]
        while waiting:
            for activity in later.get(waiting.pop(), set()) - reached:
                reached.add(activity)
                waiting.append(activity)
        if start in reached:
            raise table.failure(
                "order_rules",
                _("The order rules run in a circle through “{name}”.").format(name=start),
                _("Remove one of the rules."),
            )
