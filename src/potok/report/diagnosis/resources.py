"""What is inferred of resources, as tables and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from potok.core.calendars.spans import Spans
from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.core.time_units import SECOND_US
from potok.diagnose.resources import ASSUMPTION, ResourceDiagnosis
from potok.discover.enabled_times import REASONS as ENABLEMENT_REASONS
from potok.discover.extraneous_delay.delays import REASONS as DELAY_REASONS
from potok.discover.extraneous_delay.delays import ActivityDelay, Interval, LoadResponse
from potok.discover.pools import REASONS as POOL_REASONS
from potok.discover.priorities.features import Comparison, Condition, attribute_name
from potok.discover.priorities.rules import REASONS as PRIORITY_REASONS
from potok.discover.resource_calendars.calendars import REASONS as CALENDAR_REASONS
from potok.discover.resource_calendars.calendars import CalendarBasis
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.tables import Table

SCHEMA: Final = "potok.resources/1"
_MOST_NAMED: Final = 20
# Below this share of instances whose delay is certain, queues may hide a part of it.
_WELL_KNOWN: Final = 0.5


def resources_tables(
    result: ResourceDiagnosis, *, zone: str, residual: Mapping[str, float] | None = None
) -> tuple[Table, ...]:
    """Tabulate pools, calendars, multitasking, extraneous delays and priorities.

    Parameters
    ----------
    residual
        Waiting that the causes of waiting leave to nobody's absence or work, seconds by activity, where that was asked.
    """
    return (
        pools_table(result, zone),
        calendars_table(result, zone),
        multitasking_table(result, zone),
        delays_table(result, zone, residual=residual),
        priorities_table(result, zone),
    )


def pools_table(result: ResourceDiagnosis, zone: str) -> Table:
    """Tabulate which performers do the same work."""
    columns = (
        count("pool", _("Pool")),
        count("members", _("Performers")),
        text("resources", _("Who")),
        text("activities", _("What they do")),
        count("instances", _("Executions")),
        share("support", _("Share of executions")),
        share("confidence", _("Likeness of their work")),
    )
    rows = tuple(
        (
            pool.pool + 1,
            len(pool.resources),
            _named([result.resources[code] for code in pool.resources]),
            _named([result.activities[code] for code in pool.activities]),
            pool.instances,
            pool.support,
            pool.confidence,
        )
        for pool in result.facts.pools.pools
    )
    notes = tuple(_(POOL_REASONS[reason]) for reason in result.facts.pools.reasons)
    return Table("pools", _("Pools: who does the same work"), columns, rows, zone, notes)


def calendars_table(result: ResourceDiagnosis, zone: str) -> Table:
    """Tabulate when performers are on duty."""
    columns = (
        text("resource", _("Performer")),
        text("basis", _("Taken from")),
        text("hours", _("Hours on duty")),
        share("support", _("Own events in these hours")),
        share("confidence", _("Days on which an hour was used")),
        share("participation", _("Days of duty on which seen")),
        count("events", _("Starts and completions")),
        count("days", _("Days seen")),
    )
    rows = tuple(
        (
            result.resources[one.resource],
            basis_text(one.basis),
            week_text(one.weekly) if one.basis is not CalendarBasis.UNKNOWN else None,
            *(
                (one.support, one.confidence, one.participation)
                if one.basis not in (CalendarBasis.UNKNOWN, CalendarBasis.GIVEN)
                else (None, None, None)
            ),
            one.events or None,
            one.days or None,
        )
        for one in result.facts.calendars.calendars
    )
    notes = tuple(_(CALENDAR_REASONS[reason]) for reason in result.facts.calendars.reasons)
    return Table("resource_calendars", _("Working hours of performers"), columns, rows, zone, notes)


def multitasking_table(result: ResourceDiagnosis, zone: str) -> Table:
    """Tabulate how much performers do at once."""
    columns = (
        text("resource", _("Performer")),
        count("limit", _("Most at once")),
        count("most", _("Most at once, however briefly")),
        share("shared_share", _("Share of busy time on several")),
        count("starts", _("Executions")),
        count("starts_at_limit", _("Begun at that number")),
    )
    held = result.facts.multitasking
    rows = tuple(
        (
            result.resources[code],
            int(held.limit[code]),
            int(held.most[code]),
            float(held.shared_us[code] / held.busy_us[code]) if held.busy_us[code] else None,
            int(held.starts[code]),
            int(held.starts_at_limit[code]),
        )
        for code in range(len(held.limit))
        if held.limit[code]
    )
    note = _("Overlaps of up to {seconds} seconds are not counted.").format(seconds=held.tolerance_us // SECOND_US)
    return Table("multitasking", _("Work on several things at once"), columns, rows, zone, (note,))


def delays_table(result: ResourceDiagnosis, zone: str, *, residual: Mapping[str, float] | None = None) -> Table:
    """Tabulate extraneous delays; beside them what the causes of waiting leave, see `resources_tables`."""
    left = residual or {}
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        duration("waiting_seconds", _("Whole wait")),
        duration("total_seconds", _("Extraneous delay")),
        duration("total_lower_seconds", _("from")),
        duration("total_upper_seconds", _("to")),
        duration("residual_seconds", _("Free and on duty, of the causes of waiting")),
        duration("mean_seconds", _("Mean per execution")),
        share("delayed_share", _("Share delayed")),
        duration("proven_seconds", _("At least, whatever is assumed")),
        duration("after_first_free_seconds", _("Since somebody was first free")),
        share("exact_share", _("Known to the second")),
        text("load_response", _("Answers to load")),
        text("reason", _("Why it cannot be told")),
    )
    labels = result.activities
    rows = tuple(
        _delay_row(one, labels[one.activity], left.get(labels[one.activity])) for one in result.facts.delays.activities
    )
    return Table("extraneous_delays", _("Extraneous delay"), columns, rows, zone, _delay_notes(result))


def _delay_row(one: ActivityDelay, label: str, residual: float | None) -> tuple[Any, ...]:
    interval = one.total_interval
    return (
        label,
        one.instances,
        one.waiting_seconds,
        one.total_seconds,
        interval.lower if interval else None,
        interval.upper if interval else None,
        residual,
        one.mean_seconds,
        one.delayed_share,
        one.proven_seconds,
        one.after_first_free_seconds,
        one.exact_share,
        load_text(one.load_response),
        _(DELAY_REASONS[one.reason]) if one.reason else None,
    )


def _delay_notes(result: ResourceDiagnosis) -> tuple[str, ...]:
    facts = result.facts
    notes = [_(DELAY_REASONS[reason]) for reason in facts.delays.reasons]
    if facts.enablement == "concurrent":
        assumed = ENABLEMENT_REASONS["enablement_is_found"]
        notes.append(_(assumed))
    if facts.delays.activities:
        notes.append(_(ASSUMPTION))
        if any(one.total_seconds and one.exact_share < _WELL_KNOWN for one in facts.delays.activities):
            notes.append(
                _(
                    "Where fewer than half of the delays are known to the second, a total tends to be too low, and its "
                    "range too narrow."
                )
            )
        notes.append(
            _("What is free and on duty looks at the one who did it; a delay at everybody who could have done it.")
        )
        notes.append(_("The time overlaps closed hours and queues: it must not be added to the causes of waiting."))
    return tuple(notes)


def priorities_table(result: ResourceDiagnosis, zone: str) -> Table:
    """Tabulate by which rules work is taken out of turn."""
    columns = (
        count("level", _("Level")),
        text("rule", _("Goes first")),
        count("support", _("Taken out of turn")),
        count("passed_over_instances", _("Passed over")),
        count("choices", _("Choices between both")),
        share("confidence", _("Chosen")),
        share("by_chance_share", _("Chosen blindly")),
        share("fifo_share", _("Chosen by waiting time")),
    )
    held = result.facts.priorities
    rows = tuple(
        (
            rule.level,
            condition_text(rule.condition, result.activities),
            rule.support,
            rule.passed_over_instances,
            rule.choices,
            rule.confidence,
            rule.by_chance_share,
            rule.fifo_share,
        )
        for rule in held.rules
    )
    notes = [_(PRIORITY_REASONS[reason]) for reason in held.reasons]
    if not held.reasons and not held.rules:
        notes.append(_("No rule was found by which some work goes before other work."))
    return Table("priorities", _("Priorities: what goes first"), columns, rows, zone, tuple(notes))


def basis_text(basis: CalendarBasis) -> str:
    """Say what a calendar was taken from."""
    return {
        CalendarBasis.OWN: _("own events"),
        CalendarBasis.POOL: _("events of the pool"),
        CalendarBasis.ALL: _("events of all performers"),
        CalendarBasis.GIVEN: _("given"),
        CalendarBasis.UNKNOWN: _("cannot tell"),
    }[basis]


def load_text(response: LoadResponse) -> str:
    """Say how a delay answers to load."""
    return {
        LoadResponse.FIXED: _("stays the same"),
        LoadResponse.PROPORTIONAL: _("grows in proportion"),
        LoadResponse.UNKNOWN: _("not declared"),
    }[response]


def condition_text(condition: Condition, activities: dict[int, str]) -> str:
    """Write a condition of a rule."""
    if condition.name == "activity":
        return activities[int(condition.value)]
    template = {
        Comparison.EQUAL: _("{name} is {value}"),
        Comparison.AT_LEAST: _("{name} is at least {value}"),
        Comparison.AT_MOST: _("{name} is at most {value}"),
    }[condition.comparison]
    value = f"{condition.value:g}" if isinstance(condition.value, float) else str(condition.value)
    return template.format(name=attribute_name(condition.name), value=value)


def week_text(weekly: Sequence[Spans]) -> str:
    """Write weekly hours, days with equal hours together: ``Mon–Fri 09:00–17:00``."""
    days = weekday_names()
    parts = []
    first = 0
    for last in range(len(weekly)):
        if last + 1 < len(weekly) and weekly[last + 1] == weekly[first]:
            continue
        if weekly[first]:
            name = days[first] if first == last else f"{days[first]}–{days[last]}"
            parts.append(f"{name} {', '.join(_span_text(*span) for span in weekly[first])}")
        first = last + 1
    return "; ".join(parts)


def weekday_names() -> tuple[str, ...]:
    """Return short names of weekdays, Monday first."""
    return (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )


def _span_text(start: int, end: int) -> str:
    return f"{start // 60:02d}:{start % 60:02d}–{end // 60:02d}:{end % 60:02d}"


def _named(labels: Sequence[str]) -> str:
    """Join names; of many the first."""
    shown = ", ".join(labels[:_MOST_NAMED])
    return shown if len(labels) <= _MOST_NAMED else _("{names} and others").format(names=shown)


def resources_as_json(result: ResourceDiagnosis) -> dict[str, Any]:
    """Return what is inferred of resources as plain values for JSON (`potok.resources/1`)."""
    facts = result.facts
    return {
        "schema": SCHEMA,
        "enablement": facts.enablement,
        "pools": {
            "reasons": list(facts.pools.reasons),
            "pools": [
                {
                    "pool": pool.pool,
                    "resources": [result.resources[code] for code in pool.resources],
                    "activities": [result.activities[code] for code in pool.activities],
                    "instances": pool.instances,
                    "support": pool.support,
                    "confidence": pool.confidence,
                }
                for pool in facts.pools.pools
            ],
        },
        "calendars": _calendars_json(result),
        "multitasking": _multitasking_json(result),
        "extraneous_delay": _delays_json(result),
        "priorities": _priorities_json(result),
    }


def _calendars_json(result: ResourceDiagnosis) -> dict[str, Any]:
    held = result.facts.calendars
    return {
        "zone": held.zone,
        "granularity_minutes": held.rules.granularity_minutes,
        "minimum_confidence": held.rules.minimum_confidence,
        "minimum_support": held.rules.minimum_support,
        "reasons": list(held.reasons),
        "calendars": [
            {
                "resource": result.resources[one.resource],
                "basis": one.basis.value,
                "weekly": [[_span_text(*span) for span in spans] for spans in one.weekly],
                "support": one.support,
                "confidence": one.confidence,
                "participation": one.participation,
                "events": one.events,
                "days": one.days,
            }
            for one in held.calendars
        ],
    }


def _multitasking_json(result: ResourceDiagnosis) -> dict[str, Any]:
    held = result.facts.multitasking
    return {
        "tolerance_seconds": held.tolerance_us / SECOND_US,
        "resources": [
            {
                "resource": result.resources[code],
                "limit": int(held.limit[code]),
                "most": int(held.most[code]),
                "busy_seconds": float(held.busy_us[code] / SECOND_US),
                "shared_seconds": float(held.shared_us[code] / SECOND_US),
                "starts": int(held.starts[code]),
                "starts_at_limit": int(held.starts_at_limit[code]),
            }
            for code in range(len(held.limit))
            if held.limit[code]
        ],
    }


def _delays_json(result: ResourceDiagnosis) -> dict[str, Any]:
    held = result.facts.delays
    return {
        "reasons": list(held.reasons),
        "total_seconds": held.total_seconds,
        "unknown_instances": held.unknown_instances,
        "trifle_seconds": held.rules.trifle_seconds,
        "activities": [
            {
                "activity": result.activities[one.activity],
                "instances": one.instances,
                "cases": one.cases,
                "waiting_seconds": one.waiting_seconds,
                "mean_seconds": one.mean_seconds,
                "mean_interval_seconds": _interval_json(one.mean_interval),
                "total_seconds": one.total_seconds,
                "total_interval_seconds": _interval_json(one.total_interval),
                "delayed_share": one.delayed_share,
                "delayed_share_interval": _interval_json(one.delayed_interval),
                "proven_seconds": one.proven_seconds,
                "possible_seconds": one.possible_seconds,
                "after_first_free_seconds": one.after_first_free_seconds,
                "exact_share": one.exact_share,
                "load_response": one.load_response.value,
                "reason": one.reason or None,
            }
            for one in held.activities
        ],
    }


def _interval_json(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.lower, interval.upper]


def _priorities_json(result: ResourceDiagnosis) -> dict[str, Any]:
    held = result.facts.priorities
    return {
        "reasons": list(held.reasons),
        "starts": held.starts,
        "fifo_share": held.fifo_share,
        "rules": [
            {
                "level": rule.level,
                "condition": _condition_json(rule.condition, result.activities),
                "support": rule.support,
                "passed_over_instances": rule.passed_over_instances,
                "choices": rule.choices,
                "confidence": rule.confidence,
                "by_chance_share": rule.by_chance_share,
                "fifo_share": rule.fifo_share,
            }
            for rule in held.rules
        ],
    }


def _condition_json(condition: Condition, activities: dict[int, str]) -> dict[str, Any]:
    value = activities[int(condition.value)] if condition.name == "activity" else condition.value
    return {"name": condition.name, "comparison": condition.comparison.value, "value": value}
