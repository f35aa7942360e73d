"""A filtered store answers as a store made of the cases that pass."""

import json
from dataclasses import replace
from random import Random

import pyarrow.parquet as pq
import pytest

from potok.core.errors import EXIT_USAGE
from potok.log.mapping import ClosingBasis, ClosingRule
from potok.log.store import LogStore, open_store
from potok.measure.activity_times import compute_activity_times
from potok.measure.case_durations import compute_case_durations
from potok.measure.case_lists import list_activity_cases
from potok.measure.counts import compute_counts
from potok.measure.directly_follows import compute_directly_follows_graph
from potok.measure.endpoints import compute_endpoints
from potok.measure.filters.derived import apply_filter, count_cases, derived_folder
from potok.measure.filters.errors import NothingLeftError, UnknownFilterTargetError
from potok.measure.filters.expression import parse_filter
from potok.measure.filters.kinds import CaseValues, Duration, HasActivity, TopVariants
from potok.measure.hand_overs import compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from support.importing import SIMPLE, import_text
from support.random_logs import random_log
from support.reference_filters import passing
from support.tiny_store import TinyLog, write_store

MEASURES = (
    compute_activity_times,
    compute_case_durations,
    compute_counts,
    compute_directly_follows_graph,
    compute_endpoints,
    compute_hand_overs,
    compute_rework,
    compute_variants,
)
TEXT = """case,activity,time,канал,region,fee
a,A,2026-01-01T09:00,МФЦ,north,10
a,B,2026-01-05T09:00,МФЦ,north,10
b,A,2026-01-02T09:00,портал,south,20
b,C,2026-01-03T09:00,портал,south,20
b,B,2026-01-04T09:00,портал,south,20
c,A,2026-02-01T09:00,,north,30
c,B,2026-02-02T09:00,,north,30
"""


@pytest.fixture
def imported(tmp_path):
    mapping = replace(
        SIMPLE, channel="канал", zone="Asia/Yakutsk", closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("B",))
    )
    return import_text(tmp_path, TEXT, mapping=mapping)


def complete(store: LogStore) -> LogStore:
    """Give a tiny store the whole manifest that opening one asks for."""
    needed = {key: {} for key in ("source", "mapping", "guesses", "closing", "quality")}
    log = {"cases": 0, **store.manifest["log"]}
    manifest = {**needed, **store.manifest, "zone": "UTC", "log": log}
    (store.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_store(store.folder)


def only(log: TinyLog, cases: set[str]) -> TinyLog:
    return replace(
        log,
        events=tuple(event for event in log.events if event.case in cases),
        open_cases=log.open_cases & cases,
        extracted=log.extracted_us,
    )


def columns(store: LogStore, table: str) -> list[tuple[str, str]]:
    schema = pq.read_schema(store.folder / f"{table}.parquet")
    return [(field.name, str(field.type)) for field in schema]


@pytest.mark.parametrize("seed", range(1))
def test_every_measure_answers_as_for_a_log_of_those_cases_alone(tmp_path, seed):
    log = random_log(Random(seed), cases=12)
    store = complete(write_store(log, tmp_path / "store"))
    first = sorted(event.activity for event in log.events)[0]
    tried = 0
    for case_filter in (HasActivity((first,)), ~HasActivity((first,)), TopVariants(0.4), Duration(0, 10**8)):
        cases = passing(log, case_filter)
        if not cases:
            continue
        tried += 1
        derived = apply_filter(store, case_filter)
        alone = write_store(only(log, cases), tmp_path / f"alone {tried}")
        for measure in MEASURES:
            assert measure(derived) == measure(alone), (measure.__name__, case_filter)
    assert tried


def test_numbers_and_rows_are_those_of_the_whole_store(tmp_path):
    log = random_log(Random(3), cases=12)
    store = complete(write_store(log, tmp_path / "store"))
    first = log.events[0].activity
    derived = apply_filter(store, HasActivity((first,)))
    assert list_activity_cases(derived, first) == list_activity_cases(store, first)


def test_rows_stay_in_the_order_of_the_store(imported):
    derived = apply_filter(imported, parse_filter("activity!=C"))
    events = pq.read_table(derived.folder / "events.parquet")
    assert events["case"].to_pylist() == [0, 0, 2, 2]
    assert events["position"].to_pylist() == [0, 1, 0, 1]
    for name in ("events", "cases", "variants", "activities", "resources", "units", "rejected"):
        assert columns(derived, name) == columns(imported, name)


def test_the_manifest_says_from_what_and_by_which_filter(imported):
    derived = apply_filter(imported, CaseValues("channel", ("МФЦ",)))
    manifest = derived.manifest
    assert manifest["derived_from"] == {
        "content_sha256": imported.content_sha256,
        "cases": 3,
        "filter": {"kind": "case_value", "column": "channel", "values": ["МФЦ"]},
    }
    assert derived.content_sha256 != imported.content_sha256
    assert derived.extracted_us == imported.extracted_us
    counts = {name: manifest["log"][name] for name in ("cases", "activity_instances", "activities", "variants")}
    assert counts == {"cases": 1, "activity_instances": 2, "activities": 2, "variants": 1}
    assert (manifest["closing"]["closed_cases"], manifest["closing"]["open_cases"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        ("channel=МФЦ", 1),
        ("unknown(channel)", 1),
        ("not channel=МФЦ", 2),
        ("attr:region=north", 2),
        ("attr:fee=20", 1),
        ("attr:region=north and not activity=C", 2),
        # Nine hours east of Greenwich: dates are local.
        ("opened=2026-01-01", 1),
        ("opened<2026-01-02T09:00", 1),
        ("opened<=2026-01-02", 2),
        ("closed=2026-02", 1),
    ],
)
def test_values_attributes_and_local_dates(imported, text, cases):
    case_filter = parse_filter(text)
    assert count_cases(imported, case_filter) == cases
    assert compute_counts(apply_filter(imported, case_filter)).cases == cases


def test_a_filtered_store_is_made_once(imported):
    case_filter = HasActivity(("C",))
    first = apply_filter(imported, case_filter)
    assert first.folder == derived_folder(imported, case_filter)
    assert first.folder.parent.name == f"{imported.folder.name}.cache"
    written = (first.folder / "events.parquet").stat().st_mtime_ns
    assert apply_filter(imported, case_filter).folder == first.folder
    assert (first.folder / "events.parquet").stat().st_mtime_ns == written
    assert apply_filter(imported, ~case_filter).folder != first.folder


def test_a_filtered_store_can_be_filtered_again(imported):
    twice = apply_filter(apply_filter(imported, HasActivity(("B",))), parse_filter("attr:region=south"))
    assert compute_counts(twice).cases == 1


def test_where_nothing_may_be_written_the_users_cache_is_taken(imported, monkeypatch, tmp_path):
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("potok.measure.filters.derived.os.access", lambda _path, _mode: False)
    derived = apply_filter(imported, HasActivity(("C",)))
    assert derived.folder.parent == tmp_path / "cache"
    assert compute_counts(derived).cases == 1


def test_a_filter_that_leaves_nothing_says_what_each_part_leaves(imported):
    with pytest.raises(NothingLeftError, match="No case of the log passes") as caught:
        apply_filter(imported, parse_filter("channel=МФЦ and activity=C and duration>0s"))
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.where == "channel=МФЦ: 1 case; activity=C: 1 case; duration>0s: 3 cases"
    assert not list(imported.folder.parent.glob("*.cache/*"))
    assert not list(imported.folder.parent.glob("*.cache/.*"))


@pytest.mark.parametrize(
    ("text", "message", "known"),
    [
        ("activity=Z", "The log has no activity “Z”", "A, B, C"),
        ("open or follows(A, Z)", "The log has no activity “Z”", "A, B, C"),
        ("channel=МФЦЦ", "No case has “МФЦЦ” as channel", "МФЦ, портал"),
        ("attr:colour=red", "no attribute “attr:colour”", "attr:fee"),
        ("attr:region=east", "No case has “east” as attr:region", "north, south"),
    ],
)
def test_what_the_log_does_not_have_is_named_with_what_it_has(imported, text, message, known):
    with pytest.raises(UnknownFilterTargetError, match=message) as caught:
        apply_filter(imported, parse_filter(text))
    assert known in caught.value.remedy
