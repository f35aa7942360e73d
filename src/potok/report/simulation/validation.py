"""How closely a model repeats a log, as a table and as JSON."""

from dataclasses import asdict
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.time_units import HOUR_US
from potok.report.catalogue.entry import number, text
from potok.report.tables import Table
from potok.simulate.validation import Distances, Validation

SCHEMA: Final = "potok.validation/1"
_SECONDS_AN_HOUR: Final = HOUR_US / 1e6


def validation_table(found: Validation) -> Table:
    """Tabulate the distances of simulated logs from the later log, beside what they can be held against."""
    columns = (
        text("log", _("Log")),
        number("ngd", _("Sequences (NGD, share)")),
        number("aed", _("Events in time (AED, h)")),
        number("car", _("Arrivals (CAR, h)")),
        number("ced", _("Hours of the day (CED, h)")),
        number("red", _("Events within cases (RED, h)")),
        number("ctd", _("Case durations (CTD, h)")),
    )
    rows = tuple(
        (name, *asdict(distances).values())
        for name, distances in (
            (_("Simulated by the model"), found.simulated),
            (_("The earlier log itself (sampling floor)"), found.sampling_floor),
            (_("Earlier cases begun when the later ones were"), found.resampled),
        )
    )
    notes = (
        _("Learned from {train} earlier cases, held against {test} later ones; lower is closer.").format(
            train=found.train_cases, test=found.test_cases
        ),
        _("A model that repeats the past may still be wrong about a change: this is a gate, never evidence for one."),
    )
    return Table("validation", _("How closely the model repeats later cases"), columns, rows, notes=notes)


def validation_as_json(found: Validation, *, source: dict[str, Any]) -> dict[str, Any]:
    """Return a validation as plain values: shares 0–1, times in seconds."""
    return {
        "schema": SCHEMA,
        "source": source,
        "train_cases": found.train_cases,
        "test_cases": found.test_cases,
        "simulated": _record(found.simulated),
        "replications": [_record(one) for one in found.replications],
        "sampling_floor": _record(found.sampling_floor),
        "resampled": _record(found.resampled),
    }


def _record(distances: Distances) -> dict[str, float]:
    hours = asdict(distances)
    return {"ngd_share": hours.pop("ngd")} | {
        f"{name}_seconds": value * _SECONDS_AN_HOUR for name, value in hours.items()
    }
