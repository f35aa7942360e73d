"""Runs of approval levels, digital media and waits at boundaries: engines agree with plain Python, and each other."""

from random import Random

import pytest

from potok.diagnose.approvals.levels import ApprovalLevel, given_levels
from potok.diagnose.approvals.runs import level_runs, run_figures, series_figures
from potok.diagnose.digitalisation.index import compute_digitalisation
from potok.diagnose.digitalisation.words import Medium
from potok.diagnose.silos.silo_index import sided_gaps, stratum_sums
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.measure.running import activity_labels, run
from support import reference_approvals
from support.comparing import comparable
from support.random_logs import random_log, union
from support.tiny_store import write_store

CORRECTIONS = ("000:D", "001:D", "002:D")


def levels_of(log):
    """In every log of the union A approves, B refuses on the same level, and C approves after it."""
    labels = sorted({event.activity for event in log.events})
    first = ApprovalLevel(
        "first", tuple(label for label in labels if label[-1] == "A"), tuple(x for x in labels if x[-1] == "B")
    )
    return first, ApprovalLevel("second", tuple(label for label in labels if label[-1] == "C"))


def assert_agrees(store, log, engine):
    levels = levels_of(log)
    codes = {label: code for code, label in activity_labels(store, engine).items()}
    corrections = [codes[label] for label in CORRECTIONS if label in codes]
    given = given_levels(levels, codes)
    runs = level_runs(EVENTS, CASES, VARIANTS, corrections=corrections)
    found = {level: tuple(row) for level, *row in run(run_figures(runs), store, engine, given=given)}
    expected = reference_approvals.level_figures(log, levels, CORRECTIONS)
    assert comparable(sorted(found.items())) == comparable(sorted(expected.items()))
    pairs = {
        (before, level): tuple(row) for before, level, *row in run(series_figures(runs), store, engine, given=given)
    }
    expected = reference_approvals.series_figures(log, levels, CORRECTIONS)
    assert comparable(sorted(pairs.items())) == comparable(sorted(expected.items()))
    return found


def test_duckdb_agrees_with_plain_python(duckdb_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(60)])
    found = assert_agrees(write_store(log, tmp_path / "store"), log, duckdb_engine)
    _runs, refused, returned, corrected, *_rest = found[0]
    assert min(refused, returned, corrected) > 0


def media_of(log):
    kinds = {"A": Medium.AUTOMATIC, "B": Medium.PAPER, "C": Medium.DIGITAL}
    labels = {event.activity for event in log.events}
    return {label: kinds[label[-1]] for label in labels if label[-1] in kinds}


def test_duckdb_counts_media_as_plain_python(duckdb_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(30)])
    declared = media_of(log)
    found = compute_digitalisation(write_store(log, tmp_path / "s"), declared=declared, engine=duckdb_engine)
    cases = {}
    for event in log.events:
        cases.setdefault(event.case, []).append(declared.get(event.activity, Medium.UNKNOWN))
    done = {case: sum(m in (Medium.AUTOMATIC, Medium.DIGITAL) for m in media) for case, media in cases.items()}
    known = {case: sum(m is not Medium.UNKNOWN for m in media) for case, media in cases.items()}
    shares = [done[case] / known[case] for case in cases if known[case]]
    assert found.index == pytest.approx(sum(shares) / len(shares))
    assert found.lower_index == pytest.approx(sum(done[c] / len(cases[c]) for c in cases) / len(cases))
    assert found.upper_index == pytest.approx(
        sum((done[c] + len(cases[c]) - known[c]) / len(cases[c]) for c in cases) / len(cases)
    )
    assert found.digital_cases == sum(done[c] == len(cases[c]) for c in cases)
    assert {share.medium: share.cases for share in found.media} == {
        medium: sum(medium in media for media in cases.values()) for medium in Medium
    }


@pytest.mark.spark
def test_spark_agrees(spark_engine, duckdb_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(30)])
    store = write_store(log, tmp_path / "store")
    assert_agrees(store, log, spark_engine)
    sums = stratum_sums(sided_gaps(EVENTS, CASES, holder="org_unit", extracted_us=store.extracted_us))
    one, other = (sorted(run(sums, store, engine)) for engine in (spark_engine, duckdb_engine))
    assert comparable(one) == comparable(other)
    one, other = (
        compute_digitalisation(store, declared=media_of(log), engine=engine) for engine in (spark_engine, duckdb_engine)
    )
    assert comparable(one) == comparable(other)
