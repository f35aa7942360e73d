"""Pools and people in a document: those alike but for a number are one entry with their count."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from potok.core.toml_reading import TomlTable
from potok.simulate.model.documents.distributions import distribution_as_mapping, read_required_distribution
from potok.simulate.model.documents.taking import Mapped, without_defaults
from potok.simulate.model.pools import ModelPool, Person

MOST_PEOPLE: Final = 100_000
_ABSENCE_SECONDS: Final = 3600.0


def read_pool(table: TomlTable) -> ModelPool:
    """Read a pool; `count` makes so many people, numbered from 1 after the pool's name."""
    name = table.text("name")
    people = [person for entry in table.tables("people") for person in _read_people(entry)]
    if table.has("count"):
        people[:0] = _numbered(Person(name), table.integer("count", least=1, most=MOST_PEOPLE))
    pool = ModelPool(name, table.texts("does", []), tuple(people), table.text("calendar", ""))
    table.finish()
    return pool


def _read_people(table: TomlTable) -> Iterator[Person]:
    durations = table.table("durations")
    person = Person(
        name=table.text("name"),
        does=table.texts("does", []),
        calendar=table.text("calendar", ""),
        at_once=table.integer("at_once", least=1, most=MOST_PEOPLE, default=1),
        availability=table.number("availability", 1.0),
        absence_seconds=table.number("absence_seconds", _ABSENCE_SECONDS),
        durations=tuple((name, read_required_distribution(durations, name)) for name in durations.keys()),  # noqa: SIM118
        cost_per_hour=table.number("cost_per_hour", 0.0),
    )
    count = table.integer("count", least=1, most=MOST_PEOPLE, default=0)
    table.finish()
    yield from _numbered(person, count) if count else (person,)


def _numbered(person: Person, count: int) -> Iterator[Person]:
    return (replace(person, name=f"{person.name} {number}") for number in range(1, count + 1))


def pool_as_mapping(pool: ModelPool) -> Mapped:
    """Write a pool."""
    groups = list(_grouped(pool.people))
    count = groups[0][1] if groups and groups[0][0] == Person(pool.name) else 0
    values: Mapped = {
        "name": pool.name,
        "does": list(pool.does),
        "calendar": pool.calendar,
        "count": count,
        "people": [_person_as_mapping(*group) for group in (groups[1:] if count else groups)],
    }
    return without_defaults(values, {"does": [], "calendar": "", "count": 0, "people": []})


def _grouped(people: tuple[Person, ...]) -> Iterator[tuple[Person, int]]:
    """Yield people, those numbered from 1 and alike in all else once, without number, and how many they are.

    The count is 0 for one who has no number.
    """
    place = 0
    while place < len(people):
        base, _space, number = people[place].name.rpartition(" ")
        model, count = replace(people[place], name=base), 0
        if number == "1" and base.strip():
            while place + count < len(people) and people[place + count] == replace(model, name=f"{base} {count + 1}"):
                count += 1
        yield (model, count) if count else (people[place], 0)
        place += max(count, 1)


def _person_as_mapping(person: Person, count: int) -> Mapped:
    values: Mapped = {
        "name": person.name,
        "count": count,
        "does": list(person.does),
        "calendar": person.calendar,
        "at_once": person.at_once,
        "availability": person.availability,
        "absence_seconds": person.absence_seconds,
        "durations": {activity: distribution_as_mapping(duration) for activity, duration in person.durations},
        "cost_per_hour": person.cost_per_hour,
    }
    defaults: Mapped = {
        "count": 0,
        "does": [],
        "calendar": "",
        "at_once": 1,
        "availability": 1.0,
        "absence_seconds": _ABSENCE_SECONDS,
        "durations": {},
        "cost_per_hour": 0.0,
    }
    return without_defaults(values, defaults)
