"""Resources of Prosimos as pools of people, with their tasks, hours and own durations."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from potok.core.calendars import Spans
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.simulate.model import Distribution, ModelPool, Person
from potok.simulate.model.documents.pools import MOST_PEOPLE
from potok.simulate.prosimos.calendars import WeekReader
from potok.simulate.prosimos.distributions import read_prosimos_distribution
from potok.simulate.prosimos.values import read_entries, read_number, read_whole

Durations = Mapping[str, Mapping[str, Distribution]]
"""Of each task, by its identifier: the distribution of each resource entry, by its identifier."""
_ROUND_THE_CLOCK: Final = ""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weekly hours by the calendar's identifier in the file, and the name each has in the model."""

    hours: Mapping[str, tuple[Spans, ...]]
    names: Mapping[str, str]


def read_weeks(table: TomlTable, reader: WeekReader) -> Weeks:
    """Read the calendars of resources."""
    entries = list(read_entries(table, "resource_calendars", "id"))
    titles = Counter(entry.text("name", entry.text("id")) for entry in entries)
    hours, names = {}, {}
    for entry in entries:
        identifier = entry.text("id")
        title = entry.text("name", identifier)
        hours[identifier] = reader.read(entry.tables("time_periods"))
        names[identifier] = title if titles[title] == 1 else identifier
    return Weeks(hours, names)


def read_durations(table: TomlTable) -> Durations:
    """Read how long each task takes each resource."""
    found: dict[str, dict[str, Distribution]] = defaultdict(dict)
    for entry in read_entries(table, "task_resource_distribution", "task_id"):
        for resource in entry.tables("resources"):
            found[entry.text("task_id")][resource.text("resource_id")] = read_prosimos_distribution(resource)
    return found


def read_pools(
    table: TomlTable,
    *,
    durations: Durations,
    activities: Mapping[str, str],
    usual: Mapping[str, Distribution],
    weeks: Weeks,
) -> tuple[ModelPool, ...]:
    """Read who works.

    Parameters
    ----------
    durations
        Of each task, by its identifier.
    activities
        The activity of each task, by the task's identifier.
    usual
        The duration of each activity, from which a person's may differ.
    weeks
        The calendars.
    """
    tasks: dict[str, list[str]] = defaultdict(list)
    for task, by_resource in durations.items():
        for performer in by_resource:
            tasks[performer].append(task)
    pools: list[ModelPool] = []
    taken: set[str] = set()
    for entry in read_entries(table, "resource_profiles", "id"):
        people: list[Person] = []
        for resource in entry.tables("resource_list"):
            identifier = resource.text("id")
            own = {activities[task]: durations[task][identifier] for task in tasks.pop(identifier, [])}
            people += _people(resource, own, usual=usual, weeks=weeks, taken=taken)
        name = entry.text("name", entry.text("id"))
        if people:
            pools.append(_pool(name if all(pool.name != name for pool in pools) else entry.text("id"), people))
    if tasks:
        raise table.failure(
            "task_resource_distribution",
            _("These resources are in no profile: {names}.").format(names=", ".join(sorted(tasks))),
            _("Add them to resource_profiles."),
        )
    return tuple(pools)


def _people(
    resource: TomlTable,
    own: Mapping[str, Distribution],
    *,
    usual: Mapping[str, Distribution],
    weeks: Weeks,
    taken: set[str],
) -> list[Person]:
    amount = read_whole(resource, "amount") if resource.has("amount") else 1
    if amount > MOST_PEOPLE:
        raise resource.wrong_value("amount", amount, _("at most {most} people").format(most=MOST_PEOPLE))
    calendar = resource.text("calendar")
    if calendar not in weeks.names:
        raise resource.wrong_value("calendar", calendar, _("the identifier of a calendar of resource_calendars"))
    if not own:
        return []
    name = resource.text("name", resource.text("id"))
    if name in taken:
        name = resource.text("id")
    taken.add(name)
    return [
        Person(
            name=f"{name} {number}" if amount > 1 else name,
            does=tuple(own),
            calendar=weeks.names[calendar],
            durations=tuple((activity, one) for activity, one in own.items() if one != usual[activity]),
            cost_per_hour=read_number(resource, "cost_per_hour") if resource.has("cost_per_hour") else 0.0,
        )
        for number in range(1, amount + 1)
    ]


def _pool(name: str, people: list[Person]) -> ModelPool:
    """Say for the whole pool what all its people share."""
    does = {person.does for person in people}
    calendars = {person.calendar for person in people}
    shared = people[0].calendar if len(calendars) == 1 else _ROUND_THE_CLOCK
    all_do = tuple(dict.fromkeys(activity for person in people for activity in person.does))
    lean = tuple(
        Person(
            person.name,
            () if len(does) == 1 else person.does,
            "" if shared else person.calendar,
            durations=person.durations,
            cost_per_hour=person.cost_per_hour,
        )
        for person in people
    )
    return ModelPool(name, all_do, lean, shared)
