"""A protocol as tables: what is to improve, where and when, against what it is held, what must not worsen."""

from collections.abc import Iterator, Sequence

from potok.core.language import gettext as _
from potok.report.catalogue.entry import text
from potok.report.formats import format_day, format_decimal
from potok.report.tables import Table
from potok.report.verification.amounts import Amounts, amounts_of
from potok.report.verification.quoting import quoted
from potok.report.verification.words import (
    name_attribute,
    name_clock,
    name_comparison,
    name_direction,
    name_look,
    name_outcome,
)
from potok.verify.protocol.model import Declarations, OutcomeKind, Protocol

Pair = tuple[str, str]


def protocol_tables(protocol: Protocol) -> tuple[Table, ...]:
    """Tabulate what was promised beforehand."""
    pairs = (text("what", _("What")), text("said", _("Value")))
    return (
        Table("protocol", _("The promise: protocol"), pairs, (*_head(protocol), *_estimand(protocol))),
        _waves_table(protocol),
        _margins_table(protocol),
        Table("declarations", _("What the log's words mean"), pairs, tuple(_declared(protocol.declarations))),
    )


def _head(protocol: Protocol) -> Iterator[Pair]:
    yield _("Project"), protocol.name
    registered = format_day(protocol.registered_on)
    late = _("late: after the change had begun")
    yield _("Registered on"), f"{registered} ({late})" if protocol.is_late else registered
    yield _("SHA-256 of the content"), protocol.sha256
    yield _("What changes"), protocol.change.what
    yield _("Services"), _list(protocol.change.services)
    yield _("Channels"), _list(protocol.change.channels)
    if protocol.failure:
        yield _("What would count as failure"), protocol.failure
    if protocol.replicates:
        yield _("Repeats the effect"), protocol.replicates


def _estimand(protocol: Protocol) -> Iterator[Pair]:
    estimand, amounts = protocol.estimand, amounts_of(protocol.estimand)
    days = Amounts("days", amounts.is_working)
    yield _("Primary outcome"), f"{name_outcome(estimand)}, {name_direction(estimand.direction)}"
    yield _("Clock"), name_clock(estimand.clock) + (f" ({estimand.calendar})" if estimand.calendar else "")
    if estimand.calendar_id:
        yield _("Hash of the calendar's content"), estimand.calendar_id
    yield _("Horizon"), days.write(estimand.horizon_days)
    if estimand.outcome is OutcomeKind.WITHIN_TERM_SHARE and estimand.term_days is not None:
        yield _("Term"), days.write(estimand.term_days)
    yield _("Improvement promised, at least"), amounts.write(estimand.minimum_improvement, is_genitive=True)
    window = _("{before} before the change, {after} from it on").format(
        before=Amounts("days").write(estimand.transition_before_days),
        after=Amounts("days").write(estimand.transition_after_days),
    )
    yield _("Transition window left out"), window
    yield from _comparison(protocol)


def _comparison(protocol: Protocol) -> Iterator[Pair]:
    plan, look = protocol.comparison, protocol.look
    yield _("Compared with"), name_comparison(plan.kind)
    yield _("Agencies compared"), _list(plan.controls)
    drawn = _("yes, from the number {seed}").format(seed=plan.seed) if plan.is_order_drawn else _("no")
    yield _("Order of waves drawn by lot"), drawn
    yield (
        _("Mix of cases taken into account by"),
        ", ".join(map(name_attribute, ("service", "channel", *plan.case_mix))),
    )
    yield _("Verdict"), f"{name_look(look.kind)}: {format_day(look.on)}"
    yield _("Last day"), format_day(look.last_on)
    least = _("{cases} cases and {months} months after the change").format(
        cases=format_decimal(look.minimum_cases, digits=0), months=look.minimum_months
    )
    yield _("Needed at least"), least


def _waves_table(protocol: Protocol) -> Table:
    columns = (text("agency", _("Agency")), text("on", _("Works in the new way from")))
    rows = tuple((wave.agency, format_day(wave.on)) for wave in protocol.change.waves)
    return Table("waves", _("Where and when"), columns, rows)


def _margins_table(protocol: Protocol) -> Table:
    columns = (
        text("name", _("Indicator or event")),
        text("marked", _("How it is marked in the log")),
        text("direction", _("Which way is good")),
        text("figure_margin", _("Margin")),
        text("figure_follow_up", _("Followed for")),
    )
    points, days = Amounts("share"), Amounts("days")
    rows = [
        (
            one.name,
            f"{one.attribute} = {one.value}",
            name_direction(one.direction),
            points.write(one.margin_share),
            days.write(one.follow_up_days),
        )
        for one in protocol.quality
    ]
    rows += [
        (one.name, f"{one.attribute} = {one.value}", _("each needs a review"), "–", "–") for one in protocol.sentinels
    ]
    return Table("margins", _("What must not worsen"), columns, tuple(rows))


def _declared(declared: Declarations) -> Iterator[Pair]:
    known = (
        (_("Applicant or object"), declared.applicant_attribute),
        (_("Activity that registers"), declared.registration_activity),
        (_("Activities that stop the clock"), ", ".join(declared.clock_stop_activities)),
        (_("Activities of the applicant"), ", ".join(declared.applicant_activities)),
        (_("Refusals"), ", ".join(declared.refusal_values)),
        (_("Withdrawals and returns without a decision"), ", ".join(declared.withdrawal_values)),
        (_("Complaints"), " = ".join(filter(None, (declared.complaint_attribute, declared.complaint_value)))),
        (_("What makes cases hard"), ", ".join(declared.complexity_attributes)),
        (_("When a closing was entered"), declared.recorded_attribute),
        (_("Other projects on the same cases"), "; ".join(declared.parallel_projects)),
        (_("Chosen because its figures had been bad"), _flag(declared.was_chosen_as_worst)),
    )
    for name, said in known:
        yield name, said or _("not declared")


def _flag(value: bool | None) -> str:
    return "" if value is None else _("yes") if value else _("no")


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names)) if names else _("all")
