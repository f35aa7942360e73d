"""Every measure of the catalogue with all that it needs, on a log that lies within one spring."""

from dataclasses import replace
from pathlib import Path
from random import Random

from potok.core.calendars import calendar_from_mapping
from potok.core.regulations import regulation_from_mapping
from potok.log.store import LogStore
from potok.measure.cost_model import load_cost_model
from potok.measure.tariffs import tariffs_from_record
from potok.report.catalogue.catalogue import ENTRIES, tabulate_measure
from potok.report.catalogue.entry import Request
from potok.report.catalogue.need import Inputs, Need
from potok.report.tables import Table
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyLog

NAMES = tuple(sorted(ENTRIES))
DAY = 86_400
SPRING = 1_709_251_200 * SECOND
OFFICE = calendar_from_mapping(
    {
        "zone": "UTC",
        "first_year": 1969,
        "last_year": 2030,
        "weekly": {day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "thursday", "sunday")},
    }
)
REGULATION = regulation_from_mapping(
    {"service": "s", "act": "a", "terms": [{"name": "t", "amount": 9, "unit": "calendar_days", "warn_before": 4}]}
)
COST_MODEL = Path(__file__).parents[2] / "examples" / "cost-models" / "permit.toml"


def tabulate(name: str, store: LogStore) -> Table:
    """Tabulate a measure of the catalogue with the calendar, and whatever it needs beside it."""
    needs = ENTRIES[name].needs
    # Duties done once a case need a year of the log; those of a given number say the same of every log.
    model = load_cost_model(COST_MODEL)
    model = replace(model, duties=tuple(duty for duty in model.duties if duty.population is not None))
    inputs = Inputs(
        tariffs=tariffs_from_record({"per_hour": 100.0, "currency": "RUB"}) if Need.TARIFFS in needs else None,
        cost_model=model if Need.COST_MODEL in needs else None,
        value_adding=("A",) if Need.VALUE_ADDING in needs else (),
    )
    regulation = REGULATION if Need.REGULATION in needs else None
    zoned = LogStore(store.folder, {"zone": "UTC", **store.manifest})
    return tabulate_measure(name, Request(zoned, OFFICE, regulation, inputs=inputs))


def spring_log(random: Random, *, without_ties: bool = False) -> TinyLog:
    """Make a random log whose instants lie within eighty days, with every activity that a measure may be asked for."""
    log = random_log(random, without_ties=without_ties)
    events = tuple(
        replace(e, enabled=_near(e.enabled), started=_near(e.started), completed=_near(e.completed)) for e in log.events
    )
    opened, closed = ({case: _near(at) for case, at in times.items()} for times in (log.opened, log.closed))
    return TinyLog(events, log.open_cases, opened, closed, SPRING + random.randint(60, 90) * DAY * SECOND)


def _near(instant: int | None) -> int | None:
    return None if instant is None else SPRING + instant % (80 * DAY * SECOND)
