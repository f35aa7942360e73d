"""What is said of a discovered model: as JSON, as lines of text, inside the BPMN file."""

from dataclasses import asdict
from typing import Any, Final

from potok.core.language import gettext as _
from potok.discover.bpmn import BpmnModel
from potok.discover.process_models import ProcessModel
from potok.discover.process_tree import tree_as_record
from potok.report.formats import format_count, format_share

MODEL_SCHEMA: Final = "potok.model/1"


def model_as_record(model: ProcessModel, bpmn: BpmnModel) -> dict[str, Any]:
    """Return a model as JSON: what it was made of, its quality, the tree and the BPMN graph."""
    return {
        "schema": MODEL_SCHEMA,
        "miner": str(model.miner),
        "noise_threshold": model.noise_threshold,
        "cases": model.cases,
        "measured_cases": model.measured_cases,
        "activities": model.activities,
        "all_activities": model.all_activities,
        "quality": asdict(model.quality),
        "tree": tree_as_record(model.tree),
        "bpmn": {
            "nodes": [{"id": node.identifier, "kind": str(node.kind), "name": node.name} for node in bpmn.nodes],
            "flows": [{"id": flow.identifier, "source": flow.source, "target": flow.target} for flow in bpmn.flows],
        },
    }


def describe_model(model: ProcessModel) -> tuple[str, ...]:
    """Return lines that say how well a model describes its log, and of what it speaks."""
    quality = model.quality
    precision = _("unknown") if quality.precision is None else format_share(quality.precision)
    lines = (
        _("Fitness: {fitness}; {share} of the cases are runs of the model from beginning to end.").format(
            fitness=format_share(quality.fitness), share=format_share(quality.fitting_share)
        ),
        _("Precision: {precision}, over the {share} of all events up to which the model can be followed.").format(
            precision=precision, share=format_share(quality.followed_share)
        ),
        _(
            "Discovered from {activities} of {all_activities} activities, cases: {cases}; noise threshold {noise}."
        ).format(
            activities=format_count(model.activities),
            all_activities=format_count(model.all_activities),
            cases=format_count(model.cases),
            noise=format_share(model.noise_threshold),
        ),
    )
    if model.measured_cases < model.cases:
        measured = _("The log is very large: discovered from its directly-follows graph, measured on {cases} cases.")
        return (*lines, measured.format(cases=format_count(model.measured_cases)))
    return lines
