"""Forecasts of changes by Simod and Prosimos, beside ours and the oracle's, on six cells of ``what_if.py``.

Run with ``python benchmarks/what_if_simod.py [--search] [--runs N] [--subject NAME]``. Cells: three processes at a load
of .8 (permits: a loop and two calendars; a shared expert: pools that overlap; procure-to-pay: a model of Prosimos
itself), each without and with extraneous delays. Simod 5.2.1 (Apache-2.0, needs Java) discovers a model from the first
log of the cell alone, and Prosimos 2.1.0 (Apache-2.0) simulates it as it is and changed: as many cases as the log has,
from its beginning. Simod runs in its own one-shot configuration (parameters fixed, delays sought), with ``--search`` in
its optimising one as well (its own defaults, with hours and durations by resource), which takes many times as long.
Both run in an environment of their own (``requirements-prosimos.txt``), as separate programs, and are never imported by
Potok.

How changes are said in the files of Prosimos: staff, one resource like the first of the pool more, or the first less;
demand, times between arrivals over the factor, and as many cases more; calendar, new hours of all who do the
activity; automate, a fixed time by machines without number at any hour; remove, the task and its timer taken out of
the diagram (at a duration of zero it would still wait for people); reroute, the share of a way, where a choice
follows the task. Merging and reordering cannot be said. To Simod's advantage, the log has only cases that are
complete, and machines, which the log shows as one resource an activity, are without number.

Compared are the changes that all can say, with the definitions of ``what_if_figures.py``. What was computed is kept in
``benchmarks/work/what_if_simod.jsonl``; truth, ours and the oracle's are kept where ``what_if.py`` keeps them. An
interrupted run goes on. The table goes to ``benchmarks/what_if_simod.md``. It has no bar; the exit code is 1 if nothing
could be run.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from environment import ensure_prosimos_python
from kept_records import KeptRecords
from what_if_figures import Cell, Effect, list_effects, summarise
from what_if_models import list_subjects
from what_if_running import FORECAST_RUNS, run_number, run_truth
from what_if_simod_running import ONE_SHOT, RUNS, SEARCH, SimodFailedError, run_simod, true_hours
from what_if_worlds import Condition, World, make_world

HERE = Path(__file__).parent
KEPT = HERE / "work" / "what_if.jsonl"
KEPT_SIMOD = HERE / "work" / "what_if_simod.jsonl"
SUBJECTS = ("shared expert", "permits", "Procure_to_Pay")
LOAD = 0.8
CONDITIONS = (Condition.PLAIN, Condition.DELAYS)
WHO = ("ours", "Simod", "oracle")
HEADER = ("process", "delays", "Simod", "effects", *(f"{what}: {who}" for what in ("mean", "P90") for who in WHO))
RANKS = tuple(f"{what}: {who}" for what in ("signs", "τ") for who in WHO)


@dataclass(frozen=True, slots=True)
class Compared:
    """What is known of a cell: our effects, the same with Simod's forecast in the place of ours, and the records."""

    world: World
    configuration: str
    ours: list[Effect]
    simod: list[Effect]
    truth: dict[str, Any]
    record: dict[str, Any]
    found: dict[str, Any]


def main(arguments: list[str]) -> int:
    """Print and write the table."""
    options = _read(arguments)
    try:
        python = ensure_prosimos_python()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stdout.write(f"The environment of Simod could not be made: {error}\n")
        return 1
    kept, kept_simod = KeptRecords(options.kept), KeptRecords(KEPT_SIMOD)
    compared, failed = [], []
    for configuration in (ONE_SHOT, SEARCH)[: 1 + options.search]:
        for world in _worlds(options.subject):
            try:
                found = run_simod(world, configuration, kept_simod, python, runs=options.runs)
                compared.append(compare(world, configuration, kept, found))
            except SimodFailedError as error:
                failed.append(f"{world.key}, {configuration}: {error}")
            sys.stderr.write(f"{world.key}, {configuration}: done\n")
    text = "\n".join(_lines(compared, failed, options.runs)) + "\n"
    sys.stdout.write(text)
    # Without the public models there are fewer cells, and the table stays as it is.
    if not options.subject and {one.world.subject.name for one in compared} == set(SUBJECTS):
        (HERE / "what_if_simod.md").write_text(text, encoding="utf-8")
    return 0 if compared else 1


def _worlds(subject: str) -> Iterator[World]:
    known = {one.name: one for one in list_subjects()}
    for name in SUBJECTS:
        if name in known and subject in ("", name):
            for condition in CONDITIONS:
                yield make_world(known[name], LOAD, condition)


def compare(world: World, configuration: str, kept: KeptRecords, found: dict[str, Any]) -> Compared:
    """Return truth and the three forecasts of the changes that all can say."""
    record = run_number(world, 0, kept)
    truth = run_truth(world, kept)
    name = (world.subject.name, world.load, world.condition.value)
    ours = [one for one in list_effects(name, 0, truth, record) if one.change in found["changes"] and not one.refused]
    places = {"mean": 0, "P90": 1}
    simod = [replace(one, ours=found["changes"][one.change][places[one.metric]]) for one in ours]
    return Compared(world, configuration, ours, simod, truth, record, found)


def _lines(compared: Sequence[Compared], failed: Sequence[str], runs: int) -> Iterator[str]:
    yield "# What a change would do: Simod with Prosimos beside Potok"
    yield ""
    yield f"One log of each cell, at a load of {LOAD}. Simod 5.2.1 discovers a model from that log alone, and Prosimos"
    yield f"2.1.0 simulates it with and without the change, in {runs} runs; ours and the oracle's forecasts are those"
    yield f"of `what_if.md`, of {FORECAST_RUNS} runs. Only changes that all three can say are compared: errors are"
    yield "medians of |forecast − true| / |true|, of the effect on the mean and on the P90 of the duration of cases, of"
    yield "effects of at least 2 %; signs are those that are right, τ is Kendall's, of the order of the changes. How"
    yield "changes are said to Prosimos, and how Simod was configured, stands in `what_if_simod.py`."
    yield ""
    yield from _rows((*HEADER, *RANKS), [*(_row(_pair([one])) for one in compared), *_pooled(compared)])
    yield "## Level and cost"
    yield ""
    yield "As it is: true mean duration of cases, and by how much the forecasts miss it. Discovery by Simod: seconds"
    yield "of the processor (of the clock). Noise: median standard error of Simod's effects on the mean over the true"
    yield "ones. Hours: how many people work a week, in truth and as Simod has it: on average, and the one with fewest."
    yield ""
    yield from _rows(
        ("process", "delays", "Simod", "true mean", *WHO, "discovery", "noise", "hours: true", "Simod"),
        [_level(one) for one in compared],
    )
    yield "Where people have too few hours for the work, cases queue without end, and effects of changes are those of"
    yield "an overloaded process."
    yield ""
    yield "## Not compared"
    yield ""
    for one in compared:
        reasons = "; ".join(f"{change} ({why})" for change, why in one.found["not_expressible"].items())
        yield f"- {', '.join(_pair([one])[0])}: {reasons or 'nothing'}"
    yield from (f"- failed: {one}" for one in failed)


def _pair(compared: Sequence[Compared]) -> tuple[tuple[str, ...], Cell, Cell]:
    """Return the figures of ours with the oracle's, and those of Simod."""
    first = compared[0]
    title = (first.world.subject.name, first.world.condition.value, first.configuration)
    return (
        title,
        summarise([effect for one in compared for effect in one.ours], title),
        summarise([effect for one in compared for effect in one.simod], title),
    )


def _pooled(compared: Sequence[Compared]) -> Iterator[Sequence[str]]:
    for configuration in dict.fromkeys(one.configuration for one in compared):
        _title, ours, simod = _pair([one for one in compared if one.configuration == configuration])
        yield _row((("**all**", "", configuration), ours, simod))


def _row(figures: tuple[tuple[str, ...], Cell, Cell]) -> Sequence[str]:
    title, ours, simod = figures
    errors = [_share(value) for place in (0, 1) for value in (ours.ours[place], simod.ours[place], ours.oracle[place])]
    signs = [_share(value) for value in (ours.signs[0], simod.signs[0], ours.signs[1])]
    taus = [f"{value:.2f}" for value in (ours.taus[0], simod.taus[0], ours.taus[1])]
    return (*title, f"{ours.effects[0]} + {ours.effects[1]}", *errors, *signs, *taus)


def _level(one: Compared) -> Sequence[str]:
    true = one.truth["as_is"][0]
    levels = (one.record["ours"]["as_is"][0], one.found["as_is"][0], one.record["oracle"]["as_is"][0])
    noise = [
        one.found["errors"][effect.change][0] / abs(effect.true)
        for effect in one.simod
        if effect.metric == "mean" and effect.counts
    ]
    return (
        one.world.subject.name,
        one.world.condition.value,
        one.configuration,
        f"{true:.1f} h",
        *(f"{100 * (level / true - 1):+.0f} %" for level in levels),
        f"{one.found['cpu_seconds']:.0f} s ({one.found['wall_seconds']:.0f} s)",
        _share(float(np.median(noise)) if noise else np.nan),
        *(f"{np.mean(hours):.0f}, {min(hours):.0f}" for hours in (true_hours(one.world), one.found["hours"])),
    )


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(line)} |"
    yield ""


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of Prosimos with and without each change")
    parser.add_argument("--subject", default="", help="only this process; the table is not written")
    parser.add_argument("--search", action="store_true", help="let Simod search for its parameters, too")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where truth, ours and the oracle's are kept")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
