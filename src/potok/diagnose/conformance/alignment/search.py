"""Optimal alignments of distinct traces, within a budget of states and of time.

The search itself is done by `r4pm` (Dijkstra's algorithm on the synchronous product of trace and net, in Rust). A step
that only the trace makes costs 1, as does an activity that only the model makes; silent steps are free. What the search
does not settle within its budget is left open: see `potok.diagnose.conformance.alignment.bounds`.

References
----------
van der Aalst, Adriansyah, van Dongen (2012), "Replaying history on process models for conformance checking and
performance analysis".
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.diagnose.conformance.alignment.model import AlignmentModel, net_as_record, transition_name

Labels = tuple[str, ...]
COSTS: Final = {"log_move_cost": 1, "model_move_cost": 1, "silent_move_cost": 0, "sync_move_cost": 0}
_FIRST_PORTION: Final = 32
_LARGEST_PORTION: Final = 4_096
_PORTION_SECONDS: Final = 2.0


class NoRunError(BadDataError):
    """A model has no run from its start to its end, so nothing can be aligned with it."""

    code = "POTOK-D044"


class MoveKind(StrEnum):
    """Who makes a step of an alignment."""

    BOTH = "both"
    LOG = "log"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Move:
    """A step of an alignment: of the trace at `position` (None if only the model makes it), never a silent one."""

    kind: MoveKind
    activity: str
    position: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """A trace laid against a run of the model; `cost` is the number of steps that only one of them makes."""

    cost: int
    moves: tuple[Move, ...]

    @property
    def model_run(self) -> Labels:
        """Activities of the run, in order."""
        return tuple(move.activity for move in self.moves if move.kind is not MoveKind.LOG)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be searched.

    Parameters
    ----------
    states
        States visited for one trace.
    seconds
        For all traces together; looked at between portions of a few seconds. Bounds of what is left open may take as
        long again.
    """

    states: int = 200_000
    seconds: float = 60.0


def search_alignments(
    model: AlignmentModel, traces: Sequence[Labels], *, budget: Budget, progress: Progress | None = None
) -> tuple[Alignment | None, ...]:
    """Return the optimal alignment of each trace; None where the budget did not suffice.

    Parameters
    ----------
    traces
        Distinct; those that matter most first, since time may run out.

    Raises
    ------
    NoRunError
        If the model has no run at all.
    """
    record = net_as_record(model)
    progress = progress or SilentProgress()
    found: list[Alignment | None] = []
    portion, began = _FIRST_PORTION, time.monotonic()
    progress.start(_("Aligning"), total=len(traces), unit="variants")
    while len(found) < len(traces) and time.monotonic() - began < budget.seconds:
        since = time.monotonic()
        chosen = traces[len(found) : len(found) + portion]
        found += _align(model, record, chosen, states=budget.states)
        taken = max(time.monotonic() - since, 1e-6)
        portion = max(1, min(_LARGEST_PORTION, int(len(chosen) * _PORTION_SECONDS / taken)))
        progress.advance_to(len(found))
    progress.finish()
    return (*found, *([None] * (len(traces) - len(found))))


def shortest_run(model: AlignmentModel, *, budget: Budget) -> Labels | None:
    """Return a run of the model with fewest activities; None if the budget did not suffice to find one.

    Raises
    ------
    NoRunError
        If the model has no run at all.
    """
    (found,) = _align(model, net_as_record(model), [()], states=budget.states)
    return None if found is None else found.model_run


def _align(
    model: AlignmentModel, record: dict[str, Any], traces: Sequence[Labels], *, states: int
) -> Iterator[Alignment | None]:
    import r4pm
    from r4pm.bindings.conformance.case_centric.alignments import align_variants

    activities = sorted({label for trace in traces for label in trace})
    codes = {label: code for code, label in enumerate(activities)}
    projection = {
        "activities": activities,
        "act_to_index": codes,
        # All counts are equal, so that the order of traces stays.
        "traces": [[[codes[label] for label in trace], 1] for trace in traces],
    }
    with TemporaryDirectory(prefix="potok-") as folder:
        path = Path(folder) / "traces.json"
        path.write_text(json.dumps(projection), encoding="utf-8")
        item = r4pm.import_item("EventLogActivityProjection", str(path))
    try:
        answers: Any = align_variants(cast("Any", record), item, cast("Any", {"cost_fn": COSTS, "max_states": states}))
    finally:
        r4pm.remove_item(item)
    labels = {transition_name(number): step.activity for number, step in enumerate(model.net.transitions)}
    by_trace = {tuple(answer["activities"]): answer["result"] for answer in answers}
    return (_read(by_trace[trace], trace, labels) for trace in traces)


def _read(result: dict[str, Any], trace: Labels, labels: dict[str, str | None]) -> Alignment | None:
    if "Ok" not in result:
        if result["Err"] == {"SearchError": "LimitReached"}:
            return None
        raise NoRunError(
            _("The model has no run from its start to its end."),
            where=str(result["Err"]),
            remedy=_("Check that gateways which part the flow are joined by gateways of the same kind."),
        )
    moves = (_move(step, trace, labels) for step in result["Ok"]["moves"])
    return Alignment(int(result["Ok"]["cost"]), tuple(move for move in moves if move is not None))


def _move(step: dict[str, Any], trace: Labels, labels: dict[str, str | None]) -> Move | None:
    ((kind, of),) = step.items()
    if kind == "ModelMove":
        label = labels[of["transition"]]
        return None if label is None else Move(MoveKind.MODEL, label, None)
    position = int(of["trace_event_index"])
    return Move(MoveKind.LOG if kind == "LogMove" else MoveKind.BOTH, trace[position], position)
