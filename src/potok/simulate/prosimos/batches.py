"""Batches of Prosimos: firing rules of which one must hold."""

from collections.abc import Iterator
from typing import Any, Final

from potok.core.calendars.reading import WEEKDAYS
from potok.core.language import gettext as _
from potok.core.time_units import HOUR_SECONDS, MINUTE_SECONDS
from potok.core.toml_reading import TomlTable
from potok.simulate.model import Batching
from potok.simulate.prosimos.errors import NotExportableError
from potok.simulate.prosimos.values import read_number, read_rule_lists, read_whole

_MINUTES_AN_HOUR: Final = HOUR_SECONDS // MINUTE_SECONDS
_TYPES: Final = ("Sequential", "Concurrent", "Parallel")
_AT_LEAST: Final = ("=", ">", ">=")


class _Fired:
    """What fires a batch, gathered from the rules."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.most = 0
        self.waits: list[float] = []
        self.moments: list[tuple[int, int]] = []


def read_batching(table: TomlTable) -> Batching | None:
    """Read how a task is batched; None if all its instances are taken on their own.

    Raises
    ------
    BrokenProsimosError
        If the batch fires by what a model here does not have.
    """
    kind = table.choice("type", _TYPES)
    single = sum(read_number(entry, "value") for entry in table.tables("size_distrib") if read_whole(entry, "key") == 1)
    if single >= 1.0:
        return None
    if single > 0.0:
        raise table.failure(
            "size_distrib",
            _("A share of {share} is done outside of batches.").format(share=single),
            _("Give size 1 a share of 0 or 1."),
        )
    fired = _Fired()
    alternatives = list(read_rule_lists(table, "firing_rules"))
    for conditions in alternatives:
        _gather(fired, conditions, table)
    if not alternatives:
        raise table.failure("firing_rules", _("Nothing fires the batch."), _("Give a firing rule."))
    factors = {read_whole(entry, "key"): read_number(entry, "value") for entry in table.tables("duration_distrib")}
    return Batching(
        minimum_size=min(fired.sizes, default=0),
        maximum_size=fired.most,
        maximum_wait_seconds=min(fired.waits, default=0.0),
        fires_at=tuple(sorted(set(fired.moments))),
        is_concurrent=kind != "Sequential",
        size_factors=tuple(sorted((size, factor) for size, factor in factors.items() if size > 0)),
    )


def _gather(fired: _Fired, conditions: list[TomlTable], table: TomlTable) -> None:
    named = {condition.text("attribute"): condition for condition in conditions}
    if set(named) == {"size"} and len(conditions) == 1:
        _gather_size(fired, named["size"])
    elif set(named) == {"large_wt"} and len(conditions) == 1:
        fired.waits.append(read_number(named["large_wt"], "value"))
    elif named and set(named) <= {"week_day", "daily_hour"} and len(conditions) == len(named):
        fired.moments.extend(_moments(named))
    else:
        raise table.failure(
            "firing_rules",
            _("A batch that fires by {names} together cannot be simulated here.").format(names=", ".join(named) or "–"),
            _("Use rules of size, large_wt, or week_day with daily_hour, each an alternative of its own."),
        )


def _gather_size(fired: _Fired, condition: TomlTable) -> None:
    comparison, size = condition.text("comparison"), read_whole(condition, "value")
    if comparison in _AT_LEAST:
        # Prosimos fires no batch of one.
        fired.sizes.append(max(size + (comparison == ">"), 2))
        fired.most = size if comparison == "=" else fired.most
    else:
        fired.sizes.append(2)
        fired.most = size - (comparison == "<")


def _moments(named: dict[str, TomlTable]) -> Iterator[tuple[int, int]]:
    days = range(len(WEEKDAYS))
    if "week_day" in named:
        rule = named["week_day"]
        name = rule.text("value").lower()
        if name not in WEEKDAYS or rule.text("comparison") != "=":
            raise rule.wrong_value("value", name, _("a weekday, such as MONDAY"))
        days = range(WEEKDAYS.index(name), WEEKDAYS.index(name) + 1)
    hour = 0
    if "daily_hour" in named:
        rule = named["daily_hour"]
        if rule.text("comparison") not in ("=", ">="):
            raise rule.wrong_value("comparison", rule.text("comparison"), _("“=”"))
        hour = read_whole(rule, "value")
    for day in days:
        yield day, hour * _MINUTES_AN_HOUR


def write_batching(batching: Batching, place: str) -> dict[str, Any]:
    """Write how a task is batched.

    Raises
    ------
    NotExportableError
        If Prosimos has no such rule.
    """
    if batching.maximum_size and batching.maximum_size != batching.minimum_size:
        raise _cannot(place, _("a greatest size that is not the least"))
    rules: list[list[dict[str, Any]]] = []
    if batching.minimum_size:
        comparison = "=" if batching.maximum_size else ">="
        rules.append([_rule("size", comparison, batching.minimum_size)])
    if batching.maximum_wait_seconds:
        rules.append([_rule("large_wt", ">=", batching.maximum_wait_seconds)])
    for weekday, minute in batching.fires_at:
        if minute % _MINUTES_AN_HOUR:
            raise _cannot(place, _("a time that is no full hour"))
        hour = _rule("daily_hour", "=", str(minute // _MINUTES_AN_HOUR))
        rules.append([_rule("week_day", "=", WEEKDAYS[weekday].capitalize()), hour])
    return {
        "type": "Parallel" if batching.is_concurrent else "Sequential",
        "size_distrib": [{"key": "1", "value": 0.0}, {"key": "2", "value": 1.0}],
        "duration_distrib": [{"key": str(size), "value": factor} for size, factor in batching.size_factors],
        "firing_rules": rules,
    }


def _rule(attribute: str, comparison: str, value: Any) -> dict[str, Any]:
    return {"attribute": attribute, "comparison": comparison, "value": value}


def _cannot(place: str, what: str) -> NotExportableError:
    return NotExportableError(
        _("Prosimos has no batches with {what}.").format(what=what),
        where=place,
        remedy=_("Simplify the batch, or take it out of the model."),
    )
