"""Nothing depends on how rows are ordered or cases are called."""

from dataclasses import replace
from random import Random

import pytest

from potok.diagnose.first_findings import find_first
from potok.measure.case_durations import compute_case_durations
from potok.measure.counts import compute_counts
from potok.measure.directly_follows import compute_directly_follows_edges, compute_directly_follows_graph
from potok.measure.endpoints import compute_endpoints
from potok.measure.hand_overs import compute_hand_over_network, compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from support.all_measures import NAMES, spring_log, tabulate
from support.comparing import comparable
from support.random_logs import random_log
from support.tiny_store import write_store

MEASURES = (
    compute_case_durations,
    compute_counts,
    compute_directly_follows_edges,
    compute_directly_follows_graph,
    compute_endpoints,
    compute_hand_over_network,
    compute_hand_overs,
    compute_rework,
    compute_variants,
)


def everything(log, folder):
    store = write_store(log, folder)
    # Case codes follow openings and ids, so examples may be other cases of the same loss.
    findings = [replace(finding, example_cases=()) for finding in find_first(store)]
    return [measure(store) for measure in MEASURES], findings


def catalogue(log, folder):
    """Tabulate every measure of the catalogue; ids of cases are what is changed, so they are left out."""
    store = write_store(log, folder)
    found = {}
    for name in NAMES:
        table = tabulate(name, store)
        kept = [place for place, column in enumerate(table.columns) if column.name != "case_id"]
        rows = [[row[place] for place in kept] for row in table.rows]
        # Of equally urgent cases the one with the lower id comes first.
        found[name] = sorted(rows, key=repr) if name == "worklist" else rows
    return found


def shuffled(log, seed):
    events = list(log.events)
    Random(seed + 100).shuffle(events)
    return replace(log, events=tuple(events))


def renamed(log, seed):
    cases = sorted({event.case for event in log.events})
    names = dict(zip(cases, Random(seed + 100).sample(range(1_000), len(cases)), strict=True))
    return replace(
        log,
        events=tuple(replace(event, case=str(names[event.case])) for event in log.events),
        open_cases=frozenset(str(names[case]) for case in log.open_cases),
        opened={str(names[case]): instant for case, instant in log.opened.items()},
        closed={str(names[case]): instant for case, instant in log.closed.items()},
    )


@pytest.mark.parametrize("seed", range(2))
def test_shuffling_rows_changes_nothing(tmp_path, seed):
    log = random_log(Random(seed), without_ties=True)
    assert comparable(everything(shuffled(log, seed), tmp_path / "b")) == comparable(everything(log, tmp_path / "a"))


@pytest.mark.parametrize("seed", range(2))
def test_relabelling_cases_changes_nothing(tmp_path, seed):
    log = random_log(Random(seed))
    assert comparable(everything(renamed(log, seed), tmp_path / "b")) == comparable(everything(log, tmp_path / "a"))


def test_no_measure_of_the_catalogue_depends_on_rows_or_names(tmp_path):
    log = spring_log(Random(5), without_ties=True)
    before, after = catalogue(log, tmp_path / "a"), catalogue(shuffled(renamed(log, 5), 5), tmp_path / "b")
    for name in NAMES:
        assert comparable(after[name]) == comparable(before[name]), name
