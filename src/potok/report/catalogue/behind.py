"""The way from a row of a table, and from a figure in it, back to its cases."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import mark
from potok.measure.activity_times import list_activity_time_cases
from potok.measure.arrivals import list_arrival_cases, list_completion_cases
from potok.measure.case_lists import (
    list_activity_cases,
    list_duration_cases,
    list_endpoint_cases,
    list_hand_over_cases,
    list_outcome_cases,
    list_passage_cases,
    list_variant_cases,
)
from potok.measure.channels import list_channel_cases
from potok.measure.costs import CaseCost, list_recorded_cost_cases, list_staff_cost_cases
from potok.measure.daily_flow import Period
from potok.measure.deadlines import judge_terms
from potok.measure.deadlines.term_cases import STATES, list_term_cases
from potok.measure.enablement import QUANTITIES
from potok.measure.evidence import CaseEvidence
from potok.measure.first_time_through import list_first_time_cases
from potok.measure.flow_efficiency import list_flow_cases
from potok.measure.lead_times import list_lead_time_cases
from potok.measure.load import list_open_cases
from potok.measure.open_ages import list_unit_open_cases
from potok.measure.outcome_shares import compute_outcome_shares
from potok.measure.temporal_profile import list_relation_cases
from potok.measure.waiting import list_waiting_cases
from potok.report.catalogue.catalogue import check_inputs
from potok.report.catalogue.clock import require_calendar
from potok.report.catalogue.entry import Request, count, duration, number, text
from potok.report.tables import Table
from potok.report.tables.model import rows_of

Row = Mapping[str, str]
"""What identifies a row: values of its columns by their English names."""

_WEEK: Final = timedelta(days=7)
_NEEDLESS: Final = {
    "worklist": mark("The rows of the measure «{name}» are cases already."),
    "littles_law": mark(
        "The measure «{name}» is about days, not cases; the days are in the measure «work_in_process»."
    ),
    "standard_cost": mark("The measure «{name}» is calculated from a model, not from cases."),
}


class UnknownRowError(UsageError):
    """A row is named by columns or values that the measure does not have."""

    code = "POTOK-R035"


class NoCasesError(UsageError):
    """There is no list of cases behind a measure, or behind a measure grouped so."""

    code = "POTOK-R036"


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case behind a figure.

    Parameters
    ----------
    case, case_id
        Number in the store, and the stored id (a pseudonym, unless ids are plain).
    seconds
        Time that counts towards the figure, calendar seconds; None where the figure is no time or it is unknown.
    amount
        Money that counts towards the figure; None where the figure is not about money.
    first_row, last_row
        Rows of the source between which the longest occurrence lies; None where a figure has no such place.
    """

    case: int
    case_id: str
    seconds: float | None
    amount: float | None = None
    first_row: int | None = None
    last_row: int | None = None


@dataclass(frozen=True, slots=True)
class CaseList:
    """How the cases behind a measure are found.

    Parameters
    ----------
    find
        Takes request, row and the most cases to list.
    columns
        That a row must be identified by.
    figures
        Of the row, one of which may be chosen; the first is meant if none is.
    """

    find: Callable[["Asked"], Iterable[ListedCase]]
    columns: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose cases are asked for.

    Parameters
    ----------
    request
        The log, and what the measure is asked with.
    row
        What identifies the row.
    figure
        Column of the figure; empty for the first.
    limit
        At most so many cases; None for all.
    """

    request: Request
    row: Row
    figure: str = ""
    limit: int | None = None

    def label(self, column: str) -> str | None:
        """Return the value of a column; None if it is the word for an unknown one."""
        value = self.row[column]
        return None if value == _("unknown") else value

    def is_whole(self, column: str) -> bool:
        """Whether the row is that of all cases."""
        return self.row[column] == _("all")

    def day(self, column: str) -> date:
        """Return the value of a column of days.

        Raises
        ------
        UnknownRowError
            If it is no day.
        """
        try:
            return date.fromisoformat(self.row[column])
        except ValueError as error:
            raise _unknown_value(column, self.row[column], _("Write the day as YYYY-MM-DD.")) from error


def list_row_cases(name: str, asked: Asked) -> tuple[ListedCase, ...]:
    """List the cases behind a row of a measure, those with most of what the row is about first.

    Raises
    ------
    UnknownMeasureError, UsageError
        As `potok.report.catalogue.catalogue.check_inputs`.
    NoCasesError
        If no cases lie behind the measure.
    UnknownRowError
        If the row is not identified by the columns of the measure, or not there.
    """
    check_inputs(name, asked.request.inputs, has_regulation=asked.request.regulation is not None)
    if name not in CASE_LISTS:
        raise NoCasesError(_(_NEEDLESS[name]).format(name=name), where="--measure")
    case_list = CASE_LISTS[name]
    _check_row(name, case_list, asked)
    return tuple(case_list.find(asked))


def cases_table(found: Iterable[ListedCase], zone: str, *, notes: tuple[str, ...] = ()) -> Table:
    """Tabulate listed cases."""
    cases = tuple(found)
    columns = [text("case_id", _("Case")), duration("seconds", _("Time"))]
    if any(case.amount is not None for case in cases):
        columns.append(number("amount", _("Amount")))
    if any(case.first_row is not None for case in cases):
        columns += [count("first_row", _("From the source's row")), count("last_row", _("to the row"))]
    return Table("cases", _("Cases"), tuple(columns), rows_of(cases, columns), zone, notes)


def listed(evidence: Iterable[CaseEvidence]) -> Iterable[ListedCase]:
    """Return evidence as listed cases."""
    return (ListedCase(one.case, one.case_id, one.seconds, None, *one.source_rows) for one in evidence)


def _check_row(name: str, case_list: CaseList, asked: Asked) -> None:
    if set(asked.row) != set(case_list.columns):
        columns = " ".join(f"--row {column}=…" for column in case_list.columns)
        raise UnknownRowError(
            _("A row of the measure «{name}» is not identified by {given}.").format(
                name=name, given=", ".join(asked.row) or _("nothing")
            ),
            where="--row",
            remedy=_("Write {columns}.").format(columns=columns) if columns else _("Leave --row out."),
        )
    if asked.figure and asked.figure not in case_list.figures:
        raise UnknownRowError(
            _("The measure «{name}» has no figure «{figure}» with cases of its own.").format(
                name=name, figure=asked.figure
            ),
            where="--figure",
            remedy=_("Choose one of: {names}.").format(names=", ".join(case_list.figures))
            if case_list.figures
            else _("Leave --figure out."),
        )


def _unknown_value(column: str, value: str, remedy: str) -> UnknownRowError:
    return UnknownRowError(
        _("No row has {column} “{value}”.").format(column=column, value=value), where="--row", remedy=remedy
    )


def _all_cases(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    found = list_duration_cases(request.store, 0, None, limit=asked.limit, engine=request.engine)
    return listed(found)


def _passages(asked: Asked) -> Iterable[ListedCase]:
    request, row = asked.request, asked.row
    places = (row["activity"], row["next_activity"])
    return listed(list_passage_cases(request.store, *places, limit=asked.limit, engine=request.engine))


def _activities(times: int) -> Callable[[Asked], Iterable[ListedCase]]:
    def find(asked: Asked) -> Iterable[ListedCase]:
        request, activity = asked.request, asked.row["activity"]
        return listed(
            list_activity_cases(request.store, activity, times=times, limit=asked.limit, engine=request.engine)
        )

    return find


def _variant(asked: Asked) -> Iterable[ListedCase]:
    request, value = asked.request, asked.row["variant"]
    if not value.isdecimal():
        raise _unknown_value("variant", value, _("Write its number."))
    return listed(list_variant_cases(request.store, int(value), limit=asked.limit, engine=request.engine))


def _endpoints(asked: Asked) -> Iterable[ListedCase]:
    request, value, activity = asked.request, asked.row["end"], asked.row["activity"]
    ends: dict[str, Literal["start", "end"]] = {"start": "start", "end": "end"}
    if value not in ends:
        raise _unknown_value("end", value, _("Choose one of: {names}.").format(names="start, end"))
    return listed(
        list_endpoint_cases(request.store, activity, end=ends[value], limit=asked.limit, engine=request.engine)
    )


def _hand_overs(holder: Literal["resource", "org_unit"]) -> Callable[[Asked], Iterable[ListedCase]]:
    def find(asked: Asked) -> Iterable[ListedCase]:
        request, row = asked.request, asked.row
        places = (row["source"], row["target"])
        return listed(
            list_hand_over_cases(request.store, *places, holder=holder, limit=asked.limit, engine=request.engine)
        )

    return find


def _activity_times(asked: Asked) -> Iterable[ListedCase]:
    request, activity = asked.request, asked.row["activity"]
    if request.by not in (None, "activity"):
        raise NoCasesError(
            _("The measure «{name}» lists cases by activity only.").format(name="activity_times"), where="--by"
        )
    chosen = [quantity for quantity in QUANTITIES if quantity == asked.figure]
    quantity = chosen[0] if chosen else QUANTITIES[0]
    return listed(
        list_activity_time_cases(request.store, activity, quantity=quantity, limit=asked.limit, engine=request.engine)
    )


def _waiting(asked: Asked) -> Iterable[ListedCase]:
    return listed(list_waiting_cases(asked.request.store, limit=asked.limit, engine=asked.request.engine))


def _relations(asked: Asked) -> Iterable[ListedCase]:
    request, row = asked.request, asked.row
    places = (row["activity"], row["later_activity"])
    return listed(list_relation_cases(request.store, *places, limit=asked.limit, engine=request.engine))


def _first_time(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    is_through = asked.figure == "through_cases"
    return listed(list_first_time_cases(request.store, is_through=is_through, limit=asked.limit, engine=request.engine))


def _channel(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    return listed(list_channel_cases(request.store, asked.label("channel"), limit=asked.limit, engine=request.engine))


def _lead_times(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    if asked.is_whole("label") or request.by is None:
        return _all_cases(asked)
    group = asked.label("label")
    return listed(
        list_lead_time_cases(request.store, by=request.by, label=group, limit=asked.limit, engine=request.engine)
    )


def _outcomes(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    # Shares are over cases followed up to a horizon; on a calendar it is another one, and so are the cases.
    if request.calendar is not None:
        raise NoCasesError(
            _("The cases behind the measure «{name}» can be listed in calendar time only.").format(
                name="outcome_shares"
            ),
            where="--calendar",
            remedy=_("Leave the calendar out."),
        )
    shares = compute_outcome_shares(request.store, engine=request.engine)
    return listed(
        list_outcome_cases(
            request.store,
            asked.label("outcome"),
            followed_seconds=shares.horizon_seconds or 0,
            limit=asked.limit,
            engine=request.engine,
        )
    )


def _open_at(asked: Asked) -> Iterable[ListedCase]:
    request, day = asked.request, asked.day("on")
    return listed(list_open_cases(request.store, on=day, limit=asked.limit, engine=request.engine))


def _open_ages(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    if asked.is_whole("org_unit"):
        return listed(list_open_cases(request.store, limit=asked.limit, engine=request.engine))
    unit = asked.label("org_unit")
    return listed(list_unit_open_cases(request.store, unit, limit=asked.limit, engine=request.engine))


def _arrivals(asked: Asked) -> Iterable[ListedCase]:
    request, first = asked.request, asked.day("from_day")
    find = list_completion_cases if asked.figure == "completions" else list_arrival_cases
    return listed(find(request.store, Period(first, first + _WEEK), limit=asked.limit, engine=request.engine))


def _terms(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    judgement = judge_terms(request.store, request.rules, require_calendar(request.calendar), engine=request.engine)
    units = () if asked.is_whole("org_unit") else (asked.label("org_unit"),)
    return listed(
        list_term_cases(
            request.store,
            judgement,
            asked.row["term"],
            state=asked.figure or "late",
            units=units,
            limit=asked.limit,
            engine=request.engine,
        )
    )


def _staff_costs(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    found = list_staff_cost_cases(request.store, tariffs=request.tariffs, limit=asked.limit, engine=request.engine)
    return map(_priced, found)


def _recorded_costs(asked: Asked) -> Iterable[ListedCase]:
    found = list_recorded_cost_cases(asked.request.store, limit=asked.limit, engine=asked.request.engine)
    return map(_priced, found)


def _priced(cost: CaseCost) -> ListedCase:
    return ListedCase(cost.case, cost.case_id, cost.seconds, cost.amount)


def _flow(asked: Asked) -> Iterable[ListedCase]:
    request = asked.request
    found = list_flow_cases(
        request.store,
        activities=request.inputs.value_adding,
        calendar=request.calendar,
        limit=asked.limit,
        engine=request.engine,
    )
    return (ListedCase(one.case, one.case_id, one.lead_seconds - one.value_seconds) for one in found)


CASE_LISTS: Final = {
    "counts": CaseList(_all_cases),
    "case_durations": CaseList(_all_cases),
    "activities": CaseList(_activities(1), ("activity",)),
    "rework": CaseList(_activities(2), ("activity",)),
    "directly_follows": CaseList(_passages, ("activity", "next_activity")),
    "variants": CaseList(_variant, ("variant",)),
    "endpoints": CaseList(_endpoints, ("end", "activity")),
    "resource_hand_overs": CaseList(_hand_overs("resource"), ("source", "target")),
    "unit_hand_overs": CaseList(_hand_overs("org_unit"), ("source", "target")),
    "activity_times": CaseList(_activity_times, ("activity",), QUANTITIES),
    "waiting": CaseList(_waiting),
    "temporal_profile": CaseList(_relations, ("activity", "later_activity")),
    "first_time_through": CaseList(_first_time, (), ("returned_cases", "through_cases")),
    "channels": CaseList(_channel, ("channel",)),
    "lead_times": CaseList(_lead_times, ("label",)),
    "outcome_shares": CaseList(_outcomes, ("outcome",)),
    "work_in_process": CaseList(_open_at, ("on",)),
    "open_ages": CaseList(_open_ages, ("org_unit",)),
    "arrivals": CaseList(_arrivals, ("from_day",), ("arrivals", "completions")),
    "deadlines": CaseList(_terms, ("term", "org_unit"), ("late", *(state for state in STATES if state != "late"))),
    "staff_costs": CaseList(_staff_costs),
    "recorded_costs": CaseList(_recorded_costs),
    "flow_efficiency": CaseList(_flow),
}
