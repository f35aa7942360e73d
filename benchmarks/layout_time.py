"""Measure how long a process map takes to lay out with all its activities, from 12 to 150.

    python benchmarks/layout_time.py [--runs NUMBER]

The maps are those of the tests' golden pictures (made-up permit services with Russian labels), with every activity and
as many passages as the most detailed level draws. *Layout* is everything between the sizes of the parts and their
places: ordering, the layout program as a process of its own, reading its answer. *Program* is that program alone on the
same boxes and lines without our order and without labels. Both are given as CPU time, which other work on the machine
leaves alone, and as time on the wall; each is the median of the runs. Exit code 1 if forty activities take more than
`MOST_MILLISECONDS` of CPU time.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Final

from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.report.drawing.detail import DetailName, DetailRule, choose_details
from potok.report.drawing.layout import Box, Link, lay_out
from potok.report.drawing.layout_program import find_layout_program
from potok.report.drawing.map_parts import make_boxes, make_links

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from report.made_up_graphs import make_graph

SIZES: Final = (12, 40, 80, 150)
JUDGED_SIZE: Final = 40
MOST_MILLISECONDS: Final = 100.0
PASSAGES_PER_ACTIVITY: Final = 2.2
POINTS_PER_INCH: Final = 72


def main() -> int:
    """Measure, print a table, say whether the bar holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    program = find_layout_program()
    print(f"{Path(program).name}, median of {runs} runs, milliseconds")
    print("activities  lines  layout CPU  program CPU  ratio  layout wall  program wall")
    holds = True
    for size in SIZES:
        boxes, links = describe_whole_map(make_graph(size))
        ours = measure(lambda boxes=boxes, links=links: lay_out(boxes, links), runs)
        plain = write_plain(boxes, links)
        alone = measure(lambda plain=plain: run_alone(program, plain), runs)
        print(
            f"{size:10}  {len(links):5}  {ours[0]:10.0f}  {alone[0]:11.0f}  {ours[0] / alone[0]:5.2f}"
            f"  {ours[1]:11.0f}  {alone[1]:12.0f}"
        )
        holds &= size != JUDGED_SIZE or ours[0] <= MOST_MILLISECONDS
    return 0 if holds else 1


def describe_whole_map(graph: DirectlyFollowsGraph) -> tuple[list[Box], list[Link]]:
    """Return the sizes of a map that shows every activity."""
    rule = DetailRule(DetailName.FULL, 1.0, len(graph.nodes), len(graph.nodes), 1.0, PASSAGES_PER_ACTIVITY)
    detail = choose_details(graph, rules=(rule,))[0]
    boxes = make_boxes(graph, detail)
    places = {box.number: place for place, box in enumerate(boxes)}
    return [box.box for box in boxes], [link.link(places) for link in make_links(graph, detail)]


def write_plain(boxes: Iterable[Box], links: Iterable[Link]) -> bytes:
    """Write the same graph as somebody would who knows nothing of its order and labels."""
    nodes = [
        f"n{number}[width={box.width / POINTS_PER_INCH:.4f},height={box.height / POINTS_PER_INCH:.4f}]"
        for number, box in enumerate(boxes)
    ]
    edges = [f"n{link.source}->n{link.target}" for link in links]
    return "\n".join(("digraph{", 'node[shape=box,fixedsize=true,label=""]', *nodes, *edges, "}")).encode()


def run_alone(program: str, graph: bytes) -> None:
    """Let the layout program draw a graph and throw the drawing away."""
    subprocess.run([program, "-Kdot", "-Tjson"], input=graph, capture_output=True, check=True)


def measure(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median CPU and wall time of some work in milliseconds, processes it starts included."""
    work()
    cpu, wall = [], []
    for _ in range(runs):
        began, before = time.perf_counter(), cpu_seconds()
        work()
        cpu.append(1000 * (cpu_seconds() - before))
        wall.append(1000 * (time.perf_counter() - began))
    return median(cpu), median(wall)


def cpu_seconds() -> float:
    """Return the CPU time used so far by this process and by those it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    sys.exit(main())
