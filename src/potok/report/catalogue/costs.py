"""What cases cost staff and applicants, and how much of their time adds value, as tables."""

from collections.abc import Sequence
from typing import Final

from potok.core.language import gettext as _
from potok.measure.cost_model import compute_model_cost, compute_yearly_cases
from potok.measure.costs import CostShare, StaffCosts, compute_recorded_costs, compute_staff_costs
from potok.measure.flow_efficiency import FlowEfficiency, compute_flow_efficiency
from potok.report.catalogue.entry import Clock, Entry, Request, count, duration, number, share, text
from potok.report.catalogue.need import Need
from potok.report.catalogue.notes import enablement_note
from potok.report.formats import format_count, format_decimal
from potok.report.tables import Column, Table
from potok.report.tables.model import rows_of


def _cost_columns(title: str) -> tuple[Column, ...]:
    return (
        text("label", title),
        count("instances", _("Executions")),
        count("priced_instances", _("With a cost")),
    )


def _cost_rows(shares: Sequence[CostShare]) -> tuple[tuple[object, ...], ...]:
    # Where nothing has a price the amount is unknown, not nothing.
    return tuple(
        (
            one.label if one.label is not None else _("unknown"),
            one.instances,
            one.priced_instances,
            *((one.seconds, one.amount) if one.priced_instances else (None, None)),
        )
        for one in shares
    )


def _staff_costs(request: Request) -> Table:
    found = compute_staff_costs(request.store, tariffs=request.tariffs, engine=request.engine)
    by_unit = request.by == "org_unit"
    columns = (
        *_cost_columns(_("Department") if by_unit else _("Activity")),
        duration("seconds", _("Processing time")),
        number("amount", _("Amount, {currency}").format(currency=found.currency)),
    )
    whole = CostShare(
        _("all"),
        found.instances,
        found.instances - found.unknown_instances - found.untariffed_instances,
        found.seconds,
        found.amount or 0.0,
    )
    rows = _cost_rows((whole, *(found.by_org_unit if by_unit else found.by_activity)))
    return Table("staff_costs", _("Cost of staff time"), columns, rows, request.zone, _staff_notes(found))


def _staff_notes(found: StaffCosts) -> tuple[str, ...]:
    notes = [_("Processing time of each execution at its tariff; work side by side is paid side by side.")]
    if found.amount_per_closed_case is not None:
        amount = format_decimal(found.amount_per_closed_case, digits=2)
        notes.append(_("Per closed case: {amount} {currency}.").format(amount=amount, currency=found.currency))
    gaps = (
        (found.unknown_instances, _("Executions whose time is not known: {n}; the amount is a lower bound.")),
        (found.untariffed_instances, _("Executions that no tariff covers: {n}; the amount is a lower bound.")),
    )
    notes += [sentence.format(n=format_count(n)) for n, sentence in gaps if n]
    if found.unmatched:
        names = ", ".join(found.unmatched)
        notes.append(_("Tariffs whose name does not occur in the log: {names}.").format(names=names))
    return tuple(notes)


def _recorded_costs(request: Request) -> Table:
    found = compute_recorded_costs(request.store, engine=request.engine)
    columns = (*_cost_columns(_("Activity")), number("amount", _("Amount")))
    rows = tuple((*row[:3], row[4]) for row in _cost_rows(found.by_activity))
    notes = () if found.known_instances else (_("The log records no costs."),)
    return Table("recorded_costs", _("Recorded costs"), columns, rows, request.zone, notes)


def _standard_cost(request: Request) -> Table:
    model = request.cost_model

    def opened() -> int:
        return compute_yearly_cases(request.store, engine=request.engine)

    yearly = opened() if model.needs_log else None
    found = compute_model_cost(model, yearly_cases=lambda: yearly or 0)
    columns = (
        text("name", _("Duty")),
        number("hours", _("Hours of applicants a year")),
        number("time_cost", _("Cost of time, {currency} a year").format(currency=model.currency)),
        number("acquisitions", _("Paid besides, {currency} a year").format(currency=model.currency)),
        number("cost", _("Cost, {currency} a year").format(currency=model.currency)),
    )
    whole = (_("all"), found.hours, found.time_cost, found.acquisitions, found.cost)
    notes = [
        _("A model of an applicant who does all that is asked; it says nothing of waiting or of those who give up.")
    ]
    if yearly is not None:
        notes.append(_("Cases opened in the last 365 days of the log: {n}.").format(n=format_count(yearly)))
    rows = (whole, *rows_of(found.duties, columns))
    return Table("standard_cost", _("What applying costs"), columns, rows, request.zone, tuple(notes))


def _flow_efficiency(request: Request) -> Table:
    found = compute_flow_efficiency(
        request.store, activities=request.inputs.value_adding, calendar=request.calendar, engine=request.engine
    )
    columns = (
        count("closed_cases", _("Closed cases")),
        count("open_cases", _("Open cases")),
        share("share", _("Flow efficiency")),
        share("lower_share", _("at least")),
        share("upper_share", _("at most")),
        share("median_case_share", _("Median of cases")),
        duration("value_seconds", _("Time that adds value")),
        duration("lead_seconds", _("Lead time")),
        count("instances", _("Executions that add value")),
        count("unknown_instances", _("of them of unknown length")),
    )
    rows = rows_of([found], columns)
    return Table("flow_efficiency", _("Flow efficiency"), columns, rows, request.zone, _flow_notes(found))


def _flow_notes(found: FlowEfficiency) -> tuple[str, ...]:
    notes = [_("Declared to add value: {names}.").format(names=", ".join(found.activities))]
    if found.cannot_tell:
        notes.append(_("Some of this work has no known start or completion: only the bounds can be told."))
        notes.append(enablement_note(found.enablement))
    if found.instant_cases:
        n = format_count(found.instant_cases)
        notes.append(_("Cases that open and close at once, or close before they open: {n}.").format(n=n))
    if found.open_cases:
        notes.append(_("Open cases are left out: their lead time is not over."))
    return tuple(notes)


ENTRIES: Final = (
    Entry("recorded_costs", _recorded_costs),
    Entry("staff_costs", _staff_costs, needs=(Need.TARIFFS,), groupings=("activity", "org_unit")),
    Entry("standard_cost", _standard_cost, needs=(Need.COST_MODEL,)),
    Entry("flow_efficiency", _flow_efficiency, needs=(Need.VALUE_ADDING,), clock=Clock.ONE_CALENDAR),
)
