"""Deviations from a model as tables and as JSON."""

from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import mark
from potok.diagnose.conformance.alignment.deviations import DeviationKind
from potok.diagnose.conformance.alignment.fitness import REASONS, Conformity
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.tables import Table

KINDS: Final = {
    DeviationKind.INSERTED: mark("Done where the model has nothing"),
    DeviationKind.SKIPPED: mark("Left out"),
    DeviationKind.DISPLACED: mark("Done at another place"),
}


def fitness_table(found: Conformity, *, model_name: str, zone: str) -> Table:
    """Tabulate how well closed cases fit a model, as one row."""
    columns = (
        text("model", _("Model")),
        count("cases", _("Closed cases")),
        count("fitting_cases", _("Cases that are runs of the model")),
        count("total_cost_low", _("Deviating steps, at least")),
        count("total_cost_high", _("Deviating steps, at most")),
        share("fitness_low", _("Fitness, at least")),
        share("fitness_high", _("Fitness, at most")),
        count("bounded_cases", _("Cases with bounds only")),
        count("open_cases", _("Open cases, left out")),
    )
    row = (model_name or _("discovered from this log"), *(getattr(found, column.name) for column in columns[1:]))
    notes = tuple(_(REASONS[reason]) for reason in found.reasons)
    return Table("model_fitness", _("Cases and the model"), columns, (row,), zone, notes)


def deviations_table(found: Conformity, *, zone: str) -> Table:
    """Tabulate where closed cases depart from a model, those deviations first that most cases share."""
    columns = (
        text("activity", _("Activity")),
        text("kind", _("Deviation")),
        count("cases", _("Cases")),
        number("per_case", _("Times per case")),
        count("instances", _("Times")),
        duration("sojourn_seconds", _("Time it took")),
        duration("waiting_seconds", _("Of it waiting")),
        duration("processing_seconds", _("Of it processing")),
        count("timed_instances", _("Times with known time")),
        duration("typical_seconds", _("Median time of the activity")),
        duration("estimated_seconds", _("Usual time of what was left out (estimate)")),
    )
    rows = tuple(
        (
            one.activity,
            _(KINDS[one.kind]),
            one.cases,
            one.instances / one.cases,
            *(getattr(one, column.name) for column in columns[4:]),
        )
        for one in found.deviations
    )
    notes = (
        _("The time runs from the completion of the instance before it in its case to its own completion."),
        _("The usual time of what was left out is an estimate of time not spent; it is not added to anything."),
    )
    return Table("model_deviations", _("Deviations from the model"), columns, rows, zone, notes)


def conformity_as_json(found: Conformity, *, model_name: str) -> dict[str, Any]:
    """Return how closed cases fit a model as plain values."""
    return {
        "model": model_name or None,
        "cases": found.cases,
        "open_cases": found.open_cases,
        "variants": len(found.variants),
        "fitting_cases": found.fitting_cases,
        "bounded_cases": found.bounded_cases,
        "total_cost_low": found.total_cost_low,
        "total_cost_high": found.total_cost_high,
        "fitness_low": found.fitness_low,
        "fitness_high": found.fitness_high,
        "unknown_activities": list(found.unknown_activities),
        "reasons": list(found.reasons),
        "deviations": [
            {
                "kind": one.kind.value,
                "activity": one.activity,
                "cases": one.cases,
                "instances": one.instances,
                "timed_instances": one.timed_instances,
                "waiting_seconds": one.waiting_seconds,
                "processing_seconds": one.processing_seconds,
                "sojourn_seconds": one.sojourn_seconds,
                "typical_seconds": one.typical_seconds,
                "estimated_seconds": one.estimated_seconds,
                "example_cases": list(one.example_cases),
            }
            for one in found.deviations
        ],
    }
