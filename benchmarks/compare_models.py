"""Compare the models of our inductive miner with those of pm4py's infrequent variant, both at noise threshold 0.2.

    python benchmarks/compare_models.py [--data FOLDER] [--only TEXT] [--by-peer]

Both miners get the same cases. Both models are judged by the same measures (`potok.discover.quality`, which the tests
hold against searches of the models' states). The peer runs in an environment of its own. Writes `models.md`; exit code
1 if a bar is missed. With ``--only`` it compares the logs whose name contains the text, and writes nothing. With
``--by-peer`` pm4py judges both models by its own measures too, which takes up to twenty minutes of processor time more.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from environment import HERE, WORK, describe_machine, ensure_peers_python, limit_threads

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
RESULTS: Final = HERE / "models.md"
NOISE_THRESHOLD: Final = 0.2
LOGS: Final = {
    "sepsis": "sepsis/sepsis.xes.gz",
    "receipt": "wabo-receipt/receipt.xes.gz",
    "BPIC12": "bpic12-loan/bpic2012.xes.gz",
    "helpdesk": "helpdesk/helpdesk.xes.gz",
    "traffic fines": "road-traffic-fines/traffic_fines.csv.gz",
}
MOST_CPU_RATIO: Final = 1.5
# Half of the last digit shown: figures that read the same count as the same.
ROUNDING: Final = 0.0005
MOST_ALIGNMENTS: Final = 1000
# pm4py searches the states of the net, which for some models takes hours.
MOST_SECONDS_TO_JUDGE: Final = 60

Variants = list[tuple[list[str], int]]
OPERATORS: Final = {"->": "sequence", "X": "choice", "+": "parallel", "*": "loop"}

TEMPLATE: Final = """\
# Models compared

Made by `python benchmarks/compare_models.py`: five public logs, mined by Potok and by pm4py's inductive miner
(infrequent), both at noise threshold {noise}.

{processor} ({architecture}), {cores_used} of {cores} cores, {system}, Python {python}; potok {potok}, pm4py {pm4py}.

## By the same measures

Fitness is the mean over cases of 1 − alignment cost ÷ (events + activities of the shortest run); where more than
{alignments} variants are no runs, on an even sample of them. Precision is that of escaping edges over the beginnings
that the model can follow. Size is places, transitions and arcs of the workflow net, as Potok converts either tree. CPU
is that of the second of two runs in one process: ours from reading the store to the tree, pm4py's from its data frame
of events.

{figures}

## Bars

Potok's fitness and precision no lower and its size no larger than pm4py's, its CPU at most {ratio}× as much. Figures
that read the same count as the same.

{bars}
"""

TEMPLATE_BY_PEER: Final = """
## By pm4py's measures

The same two models judged by pm4py, as far as it ended within {seconds} s of processor time: mean fitness of the cases
and precision by token-based replay and by alignments, and the size of the net that pm4py makes of the tree. A
cross-check and no bar: replay guesses at which silent steps are taken.

{cross}
"""


@dataclass(frozen=True, slots=True)
class Rated:
    """One miner's model of one log."""

    fitness: float
    precision: float
    size: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What pm4py says of a model: fitness and precision, by replay also the size; None where it took too long."""

    replay: dict[str, Any] | None
    alignments: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Both miners' models of one log, ours first; judged by pm4py if that was wanted."""

    log: str
    ours: Rated
    theirs: Rated
    judged: tuple[Judged, Judged] | None


@dataclass(frozen=True, slots=True)
class Bar:
    """What was measured, and its limit."""

    log: str
    measured: str
    value: str
    limit: str
    is_held: bool


class PeerError(Exception):
    """pm4py's side failed."""

    def __init__(self, message: str, *, is_out_of_time: bool) -> None:
        super().__init__(message)
        self.is_out_of_time = is_out_of_time


def _frame(variants: Variants) -> Any:
    import pandas as pd

    names = ("case:concept:name", "concept:name", "time:timestamp")
    cases = [trace for trace, count in variants for _copy in range(count)]
    rows = [(str(case), activity, at) for case, trace in enumerate(cases) for at, activity in enumerate(trace)]
    frame = pd.DataFrame(rows, columns=list(names))
    frame[names[2]] = pd.to_datetime(frame[names[2]], unit="s", utc=True)
    return frame


def mine_as_peer(question: dict[str, Any]) -> dict[str, Any]:
    """Discover with pm4py; runs in the peers' environment only."""
    import pm4py

    frame = _frame(question["variants"])
    for _run in range(2):
        begin = time.process_time()
        tree = pm4py.discover_process_tree_inductive(frame, noise_threshold=NOISE_THRESHOLD)
        seconds = time.process_time() - begin
    return {"tree": _record(tree), "cpu_seconds": seconds}


def _record(tree: Any) -> dict[str, Any]:
    if tree.operator is not None:
        return {"operator": OPERATORS[tree.operator.value], "children": [_record(child) for child in tree.children]}
    return {"operator": "activity", "activity": tree.label} if tree.label else {"operator": "silent"}


def replay_as_peer(question: dict[str, Any]) -> dict[str, Any]:
    """Judge a model by pm4py's token-based replay; runs in the peers' environment only."""
    import pm4py

    frame = _frame(question["variants"])
    net = pm4py.convert_to_petri_net(_tree(question["tree"], None))
    return {
        "fitness": pm4py.fitness_token_based_replay(frame, *net)["average_trace_fitness"],
        "precision": pm4py.precision_token_based_replay(frame, *net),
        "size": len(net[0].places) + len(net[0].transitions) + len(net[0].arcs),
    }


def align_as_peer(question: dict[str, Any]) -> dict[str, Any]:
    """Judge a model by pm4py's alignments; runs in the peers' environment only."""
    import pm4py

    frame = _frame(question["variants"])
    net = pm4py.convert_to_petri_net(_tree(question["tree"], None))
    return {
        "fitness": pm4py.fitness_alignments(frame, *net)["average_trace_fitness"],
        "precision": pm4py.precision_alignments(frame, *net),
    }


def _tree(record: dict[str, Any], parent: Any) -> Any:
    from pm4py.objects.process_tree.obj import Operator, ProcessTree

    if "children" not in record:
        return ProcessTree(label=record.get("activity"), parent=parent)
    signs = {name: sign for sign, name in OPERATORS.items()}
    tree = ProcessTree(operator=Operator(signs[record["operator"]]), parent=parent)
    tree.children = [_tree(child, tree) for child in record["children"]]
    return tree


PEER_TASKS: Final = {"mine": mine_as_peer, "replay": replay_as_peer, "align": align_as_peer}


def _ask_peer(task: str, question: dict[str, Any], folder: Path) -> dict[str, Any]:
    file = folder / "question.json"
    file.write_text(json.dumps(question), encoding="utf-8")
    command = [str(ensure_peers_python()), str(Path(__file__).resolve()), "--peer", task, str(file)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise PeerError(finished.stderr[-2000:], is_out_of_time=finished.returncode == -signal.SIGXCPU)
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return answer


def compare(name: str, source: Path, folder: Path, *, by_peer: bool) -> Compared:
    """Import a log, let both miners discover a model of it, and judge both."""
    from potok.discover.inductive_miner import discover_process_tree
    from potok.discover.process_models import read_traces
    from potok.discover.process_tree import tree_as_record, tree_from_record
    from potok.log.importing.pipeline import import_log
    from potok.log.importing.request import ImportRequest

    store = import_log(ImportRequest((str(source),), folder / "store"))
    for _run in range(2):
        begin = time.process_time()
        traces = read_traces(store)
        ours = discover_process_tree(traces, noise_threshold=NOISE_THRESHOLD)
        seconds = time.process_time() - begin
    variants = [[list(trace), cases] for trace, cases in traces.items()]
    answer = _ask_peer("mine", {"variants": variants}, folder)
    rated = _rate(ours, traces, seconds), _rate(tree_from_record(answer["tree"]), traces, answer["cpu_seconds"])
    if not by_peer:
        return Compared(name, *rated, None)
    judged = _judge(tree_as_record(ours), variants, folder), _judge(answer["tree"], variants, folder)
    return Compared(name, *rated, judged)


def _judge(tree: Any, variants: Any, folder: Path) -> Judged:
    question = {"variants": variants, "tree": tree}
    return Judged(*(_ask_in_time(task, question, folder) for task in ("replay", "align")))


def _ask_in_time(task: str, question: dict[str, Any], folder: Path) -> dict[str, Any] | None:
    try:
        return _ask_peer(task, question, folder)
    except PeerError as error:
        if error.is_out_of_time:
            return None
        raise


def _rate(tree: Any, traces: Any, cpu_seconds: float) -> Rated:
    from potok.discover.quality.model_quality import measure_quality
    from potok.discover.workflow_net import convert_to_net

    quality = measure_quality(tree, traces, most_alignments=MOST_ALIGNMENTS)
    return Rated(quality.fitness, quality.precision or 0.0, convert_to_net(tree).size, cpu_seconds)


def find_bars(compared: Compared) -> Iterator[Bar]:
    """Yield the bars of one log."""
    ours, theirs = compared.ours, compared.theirs
    for measured in ("fitness", "precision"):
        value, limit = getattr(ours, measured), getattr(theirs, measured)
        yield Bar(compared.log, measured, f"{value:.3f}", f"≥ {limit:.3f}", value >= limit - ROUNDING)
    yield Bar(compared.log, "size", str(ours.size), f"≤ {theirs.size}", ours.size <= theirs.size)
    ratio = ours.cpu_seconds / theirs.cpu_seconds
    yield Bar(compared.log, "CPU over pm4py's", f"{ratio:.2f}", f"≤ {MOST_CPU_RATIO}", ratio <= MOST_CPU_RATIO)


def _table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows))


def tell_figures(results: list[Compared]) -> str:
    """Return the table of both models by the same measures."""
    header = ["log", "miner", "fitness", "precision", "size", "CPU s"]
    rows = [
        [result.log, who, f"{rated.fitness:.3f}", f"{rated.precision:.3f}", str(rated.size), f"{rated.cpu_seconds:.2f}"]
        for result in results
        for who, rated in (("Potok", result.ours), ("pm4py", result.theirs))
    ]
    return _table(header, rows)


def tell_bars(bars: list[Bar]) -> str:
    """Return the table of bars."""
    rows = [[bar.log, bar.measured, bar.value, bar.limit, "yes" if bar.is_held else "**no**"] for bar in bars]
    return _table(["log", "measured", "value", "limit", "held"], rows)


def tell_judgements(results: list[Compared]) -> str:
    """Return the table of both models by pm4py's measures."""
    header = [
        "log",
        "miner",
        "fitness (replay)",
        "precision (replay)",
        "fitness (alignments)",
        "precision (alignments)",
    ]
    rows = [
        [result.log, who, *_cells(judged.replay), *_cells(judged.alignments), _size(judged)]
        for result in results
        if result.judged
        for who, judged in zip(("Potok", "pm4py"), result.judged, strict=True)
    ]
    return _table([*header, "size"], rows)


def _cells(judgement: dict[str, Any] | None) -> list[str]:
    return [f"{judgement[key]:.3f}" if judgement else "–" for key in ("fitness", "precision")]


def _size(judged: Judged) -> str:
    return str(judged.replay["size"]) if judged.replay else "–"


def write_report(results: list[Compared], bars: list[Bar]) -> str:
    """Return the whole page."""
    machine = describe_machine(ensure_peers_python())
    versions = {"potok": machine["versions"]["potok"], "pm4py": machine["peer_versions"]["pm4py"]}
    kept = {key: machine[key] for key in ("processor", "architecture", "cores", "cores_used", "system", "python")}
    page = TEMPLATE.format(
        **kept,
        **versions,
        noise=NOISE_THRESHOLD,
        ratio=MOST_CPU_RATIO,
        alignments=f"{MOST_ALIGNMENTS:,}",
        figures=tell_figures(results),
        bars=tell_bars(bars),
    )
    if not all(result.judged for result in results):
        return page
    return page + TEMPLATE_BY_PEER.format(seconds=MOST_SECONDS_TO_JUDGE, cross=tell_judgements(results))


def main() -> int:
    """Compare all logs, print the figures, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the public logs (POTOK_SHARED_DATA)")
    parser.add_argument("--only", default="", help="compare only logs whose name contains this; write nothing")
    parser.add_argument("--by-peer", action="store_true", help="let pm4py judge both models too")
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        task, file = arguments.peer[0], Path(arguments.peer[1])
        if task != "mine":
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS_TO_JUDGE, MOST_SECONDS_TO_JUDGE + 5))
        answer = PEER_TASKS[task](json.loads(file.read_text(encoding="utf-8")))
        file.write_text(json.dumps(answer), encoding="utf-8")
        return 0
    limit_threads()
    WORK.mkdir(exist_ok=True)
    results = []
    for name, path in LOGS.items():
        if arguments.only in name:
            with tempfile.TemporaryDirectory(dir=WORK) as scratch:
                results.append(compare(name, arguments.data / path, Path(scratch), by_peer=arguments.by_peer))
            print(tell_figures(results[-1:]), flush=True)
            if arguments.by_peer:
                print(tell_judgements(results[-1:]), flush=True)
    bars = [bar for result in results for bar in find_bars(result)]
    print(tell_bars(bars))
    if not arguments.only:
        RESULTS.write_text(write_report(results, bars), encoding="utf-8")
    return int(not bars or not all(bar.is_held for bar in bars))


if __name__ == "__main__":
    sys.exit(main())
