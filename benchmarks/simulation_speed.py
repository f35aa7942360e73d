"""How fast the kernel runs, beside others on the same model, and whether its queues are those of theory.

Run ``python benchmarks/simulation_speed.py``; it writes ``simulation_speed.md`` beside itself, and ends with 1 if a bar
is missed. Peers are measured in environments of their own in ``benchmarks/work`` (made of
``requirements-simulators.txt`` and ``requirements-prosimos.txt`` if they are not there), as separate programs, and left
out with the reason where that cannot be. Prosimos 2.1.0 (Apache-2.0) runs the office too, as Potok exports it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from math import exp, lgamma, log
from pathlib import Path

import numba
import numpy as np
from scipy import stats

from environment import WORK, ensure_peers_python, ensure_prosimos_python
from potok.core.calendars import Calendar
from potok.simulate.kernel import compile_model, iterate_replications, simulate
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.model import (
    END,
    ArrivalKind,
    Arrivals,
    CaseType,
    Context,
    Distribution,
    DistributionKind,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Person,
    ProcessModel,
    exponential,
)
from potok.simulate.prosimos import write_prosimos

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements-simulators.txt"
PROSIMOS_PEER = HERE / "what_if_simod_peer.py"
OFFICE_CASES, QUEUE_CASES = 1000, 10_000  # of Prosimos, which is slow; rates are over the time they take
START = datetime(2024, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
DAY_US = 86_400_000_000
NAMES = tuple(f"activity {place}" for place in range(12))
LEAST_SPEED = 1_000_000
LONGEST_SECONDS = 30
MOST_BYTES = 2 * 2**30
LONGEST_COMPILING_SECONDS = 20
FEWEST_WAITS = 30
WAIT_RUNS = 24
SPEED_RUNS = 12
FALSE_ALARM = 0.01  # of the whole table of waits, by Student's law: runs are few, and the table's cells many

PEER_SCRIPT = """
import json, sys, time
people, arrivals_a_second, service, cases = 10, float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
if sys.argv[1] == "simpy":
    import random, simpy
    env, source = simpy.Environment(), random.Random(1)
    clerks, log = simpy.Resource(env, people), []
    def case(number):
        arrived = env.now
        with clerks.request() as request:
            yield request
            started = env.now
            yield env.timeout(source.expovariate(1 / service))
        log.append((number, arrived, started, env.now))
    def come():
        for number in range(cases):
            yield env.timeout(source.expovariate(arrivals_a_second))
            env.process(case(number))
    began = time.process_time()
    env.process(come())
    env.run()
    print(json.dumps({"seconds": time.process_time() - began, "cases": len(log)}))
else:
    import ciw
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(arrivals_a_second)],
        service_distributions=[ciw.dists.Exponential(1 / service)],
        number_of_servers=[people],
    )
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_customers(cases)
    log = simulation.get_all_records()
    print(json.dumps({"seconds": time.process_time() - began, "cases": len(log)}))
"""


def office_model() -> ProcessModel:
    """Build 12 activities, 60 people with different skills, two calendars; four fifths of the hours are busy."""
    early = Calendar("early", "UTC", (((480, 720), (750, 960)),) * 5 + ((), ()), {}, 2020, 2060)
    late = Calendar("late", "UTC", (((600, 840), (870, 1080)),) * 5 + ((), ()), {}, 2020, 2060)
    contexts = [Context((), ((END, 1.0),)), Context((), ((NAMES[0], 1.0),), is_start=True)]
    contexts += [
        Context((one,), ((other, 0.9), (NAMES[max(place - 1, 0)], 0.1)))
        for place, (one, other) in enumerate(pairwise(NAMES))
    ]
    pools = tuple(
        ModelPool(
            f"pool {group}",
            tuple(NAMES[(3 * group + place) % 12] for place in range(4)),
            tuple(Person(f"clerk {group}-{place}", calendar=("early", "late")[place % 2]) for place in range(15)),
        )
        for group in range(4)
    )
    duration = Distribution(DistributionKind.LOGNORMAL, mean_seconds=1200, sd_seconds=1500)
    return ProcessModel(
        "office",
        "UTC",
        Arrivals(ArrivalKind.POISSON, START, per_day=50),
        (CaseType("plain", 1.0),),
        HistoryRouting(tuple(contexts)),
        tuple(ModelActivity(name, duration) for name in NAMES),
        pools,
        {"early": early, "late": late},
    )


def queue_model(people: int, load: float) -> ProcessModel:
    """Build a queue at random arrivals, served exponentially in 600 s on average."""
    routing = HistoryRouting((Context((), (("serve", 1.0),)), Context(("serve",), ((END, 1.0),))))
    return ProcessModel(
        "queue",
        "UTC",
        Arrivals(ArrivalKind.POISSON, START, per_day=people * load * 144),
        (CaseType("plain", 1.0),),
        routing,
        (ModelActivity("serve", exponential(600)),),
        (ModelPool("clerks", ("serve",), tuple(Person(f"clerk {place}") for place in range(people))),),
    )


def compiled_office(cases: int) -> CompiledModel:
    """Compile the office for so many cases."""
    days = cases // 50 + 30
    return compile_model(office_model(), start_us=START_US, end_us=START_US + days * DAY_US, cases=cases)


def erlang_c_wait(people: int, load: float) -> float:
    """Mean waiting time in service times, by logarithms so that many people do not overflow."""
    offered = people * load
    weights = [exp(k * log(offered) - lgamma(k + 1) - offered) for k in range(people)]
    last = exp(people * log(offered) - lgamma(people + 1) - offered) / (1 - load)
    return last / (sum(weights) + last) / (people * (1 - load))


def measure_speed() -> float:
    """Activities a second of processor time, the full log kept; the best run, as others may use the machine."""
    compiled = compiled_office(20_000)
    best = 0.0
    for replication in range(SPEED_RUNS):
        began = time.process_time()
        log = simulate(compiled, seed=1, replication=replication)
        best = max(best, len(log.activity) / (time.process_time() - began))
    return best


def measure_compiling() -> tuple[float, float]:
    """Processor seconds of the first run with an empty and with a filled cache of machine code."""
    script = (
        "import time, sys; sys.path.insert(0, sys.argv[1]); import simulation_speed as s\n"
        "model = s.compiled_office(50); began = time.process_time()\n"
        "s.simulate(model, seed=1); print(time.process_time() - began)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        times = [
            float(
                subprocess.run(
                    [sys.executable, "-c", script, str(HERE)],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
            for _run in range(2)
        ]
    return times[0], times[1]


def measure_replications(threads: int, replications: int) -> tuple[float, int]:
    """Wall seconds and activities of replications of 20,000 cases."""
    compiled = compiled_office(20_000)
    began = time.perf_counter()
    activities = sum(
        len(one.activity) for one in iterate_replications(compiled, seed=1, replications=replications, threads=threads)
    )
    return time.perf_counter() - began, activities


@numba.njit(cache=True)
def heap_floor(operations: int) -> float:
    """Push and pop numbers on a heap that holds about a thousand, doing nothing else."""
    heap = np.empty(2048, np.float64)
    size, state, total = 0, np.uint64(1), 0.0
    for operation in range(operations + 1000):
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        value = total + np.float64(state >> np.uint64(40))
        place = size
        size += 1
        while place and heap[(place - 1) >> 1] > value:
            heap[place] = heap[(place - 1) >> 1]
            place = (place - 1) >> 1
        heap[place] = value
        if operation < 1000:
            continue
        total = heap[0]
        size -= 1
        moved, place = heap[size], 0
        while 2 * place + 1 < size:
            child = 2 * place + 1
            if child + 1 < size and heap[child + 1] < heap[child]:
                child += 1
            if moved <= heap[child]:
                break
            heap[place] = heap[child]
            place = child
        heap[place] = moved
    return total


def measure_floor() -> float:
    """Pushes with their pops a second of processor time."""
    heap_floor(10)
    began = time.process_time()
    heap_floor(5_000_000)
    return 5_000_000 / (time.process_time() - began)


def measure_queue() -> float:
    """Our cases a second on the queue that the peers run."""
    compiled = compile_model(queue_model(10, 0.9), start_us=START_US, end_us=START_US + 4000 * DAY_US, cases=200_000)
    simulate(compiled, seed=0)
    began = time.process_time()
    simulate(compiled, seed=1)
    return 200_000 / (time.process_time() - began)


def measure_peer(name: str) -> tuple[float | None, str]:
    """Return a peer's cases a second on the same queue; or None and the reason."""
    try:
        python = ensure_peers_python(WORK / "simulators", REQUIREMENTS)
    except (OSError, subprocess.CalledProcessError):
        return None, "its environment could not be made"
    command = [str(python), "-c", PEER_SCRIPT, name, str(10 * 0.9 / 600), "600", "40000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or ["it failed"])[-1]
    found = json.loads(done.stdout)
    return found["cases"] / found["seconds"], ""


def measure_prosimos(model: ProcessModel, cases: int) -> tuple[float | None, str]:
    """Return the activities a second of processor time of Prosimos on a model, its log kept; or None and the reason."""
    try:
        python = ensure_prosimos_python()
    except (OSError, subprocess.CalledProcessError):
        return None, "its environment could not be made"
    # The same arrivals, as Prosimos knows them: one after another.
    gap = exponential(86_400 / model.arrivals.per_day)
    written = write_prosimos(replace(model, arrivals=Arrivals(ArrivalKind.RENEWAL, START, inter_arrival=gap)))
    with tempfile.TemporaryDirectory() as folder:
        bpmn, parameters = Path(folder, "model.bpmn"), Path(folder, "model.json")
        bpmn.write_bytes(written.bpmn)
        parameters.write_text(json.dumps(written.parameters), encoding="utf-8")
        asked = {"bpmn": str(bpmn), "parameters": str(parameters), "cases": cases}
        asked |= {"starting_at": START.isoformat(), "seeds": [1]}
        command = [str(python), str(PROSIMOS_PEER)]
        done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or ["it failed"])[-1]
    found = json.loads(done.stdout)
    return found["activities"] / found["seconds"], ""


def is_comparable(people: int, load: float) -> bool:
    """Tell whether so many cases wait at all that a mean of some runs means something."""
    waiting = erlang_c_wait(people, load) * people * (1 - load)
    return 30_000 * waiting >= FEWEST_WAITS


def compare_waits() -> list[tuple[int, float, float, float, float]]:
    """(people, load, theory, simulated, standard error) of mean waits in service times."""
    rows = []
    for people in (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50):
        for load in (0.5, 0.8, 0.95):
            cases = 30_000 if load < 0.9 else 120_000
            end_us = START_US + (10 + int(1.2 * cases / (people * load * 144))) * DAY_US
            compiled = compile_model(queue_model(people, load), start_us=START_US, end_us=end_us, cases=cases)
            logs = (simulate(compiled, seed=people, replication=one) for one in range(WAIT_RUNS))
            means = [(log.started_us - log.ready_us)[cases // 5 :].mean() / 6e8 for log in logs]
            error = np.std(means, ddof=1) / WAIT_RUNS**0.5
            rows.append((people, load, erlang_c_wait(people, load), np.mean(means), error))
    return rows


def find_width(cells: int) -> float:
    """Return beyond how many standard errors the furthest of so many means lies as often as a false alarm may."""
    return float(stats.t.isf((1 - (1 - FALSE_ALARM) ** (1 / cells)) / 2, WAIT_RUNS - 1))


def main() -> int:
    print("compiling", flush=True)
    cold, cached = measure_compiling()
    print("speed", flush=True)
    simulate(compiled_office(50), seed=0)
    speed, queue, floor = measure_speed(), measure_queue(), measure_floor()
    print("replications", flush=True)
    alone, _activities = measure_replications(1, 20)
    paired, _activities = measure_replications(2, 20)
    hundred, activities = measure_replications(2, 100)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    peers = {name: measure_peer(name) for name in ("simpy", "ciw")}
    peers["Prosimos"] = measure_prosimos(queue_model(10, 0.9), QUEUE_CASES)
    office = {"Prosimos": measure_prosimos(office_model(), OFFICE_CASES)}
    print("waits", hundred, flush=True)
    waits = compare_waits()
    distances = [abs(found - theory) / error for *cell, theory, found, error in waits if is_comparable(*cell)]
    worst, width = max(distances), find_width(len(distances))
    bars = [
        (f"activities a second on one core ≥ {LEAST_SPEED:,}", f"{speed:,.0f}", speed >= LEAST_SPEED),
        (
            f"100 × 20,000 cases ≤ {LONGEST_SECONDS} s",
            f"{hundred:.1f} s ({activities:,} activities)",
            hundred <= LONGEST_SECONDS,
        ),
        ("its peak ≤ 2 GiB", f"{peak / 2**30:.2f} GiB", peak <= MOST_BYTES),
        ("two threads faster than one", f"{alone:.2f} s → {paired:.2f} s", paired < alone),
        (f"compiled, cold ≤ {LONGEST_COMPILING_SECONDS} s", f"{cold:.1f} s", cold <= LONGEST_COMPILING_SECONDS),
        (f"waits within {width:.1f} standard errors of Erlang C", f"at most {worst:.1f}", worst <= width),
    ]
    text = render(
        bars,
        cached=cached,
        rates={"office": speed, "queue": queue, "floor": floor},
        peers={"office": office, "queue": peers},
        waits=waits,
    )
    (HERE / "simulation_speed.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if all(held for _name, _found, held in bars) else 1


def peer_row(name: str, found: tuple[float | None, str], ours: float) -> str:
    rate, reason = found
    return f"| {name} | {rate:,.0f} | {ours / rate:,.0f} × |" if rate else f"| {name} | {reason} | |"


def render(bars, *, cached, rates, peers, waits) -> str:
    lines = ["# Speed of the simulation kernel", "", "Written by `benchmarks/simulation_speed.py`.", ""]
    lines += ["| bar | found | |", "|---|---|---|"]
    lines += [f"| {name} | {found} | {'held' if held else '**missed**'} |" for name, found, held in bars]
    lines += ["", f"The first run with machine code in the cache takes {cached:.1f} s of processor time.", ""]
    titles = {
        "office": "the office of 12 activities and 60 people, activities a second",
        "queue": "M/M/10 at 0.9, cases a second",
    }
    for model, title in titles.items():
        lines += [f"| {title} | | ours is faster |", "|---|---|---|", f"| Potok | {rates[model]:,.0f} | |"]
        lines += [peer_row(name, found, rates[model]) for name, found in peers[model].items()]
        lines.append("")
    lines += [f"A bare heap of a thousand does {rates['floor']:,.0f} pushes and pops a second: "]
    lines[-1] += f"{rates['floor'] / rates['office']:.0f} for each activity of the office."
    lines += [
        "",
        f"Mean waits in service times; Erlang C and {WAIT_RUNS} simulated runs. Where fewer than {FEWEST_WAITS} "
        "cases of a run wait, no bar is set. If all were right, the furthest would lie beyond the bar in one table of "
        "a hundred.",
        "",
    ]
    lines += ["| people | load | Erlang C | simulated | standard error |", "|---|---|---|---|---|"]
    lines += [f"| {c} | {load} | {theory:.4f} | {found:.4f} | {error:.4f} |" for c, load, theory, found, error in waits]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
