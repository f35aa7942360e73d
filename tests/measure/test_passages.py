"""Whether every start is known is read from the quality report, and changes the work but no figure."""

import pytest

from potok.engine.tables import EVENTS
from potok.log.mapping import Mapping, TimeColumn
from potok.log.store import LogStore
from potok.measure.directly_follows import edge_times
from potok.measure.passages import has_all_starts
from potok.measure.running import run
from support.importing import import_text

MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    started_at=TimeColumn(("start",)),
    completed_at=TimeColumn(("end",)),
    zone="UTC",
)
ALL_STARTED = """case,activity,start,end
1,A,2024-01-01 08:00,2024-01-01 09:00
1,B,2024-01-01 10:00,2024-01-01 12:00
1,C,2024-01-01 11:30,2024-01-01 13:00
2,A,2024-01-02 08:00,2024-01-02 09:00
2,B,2024-01-02 09:20,2024-01-02 12:00
"""
ONE_NOT_STARTED = ALL_STARTED.replace("B,2024-01-02 09:20", "B,")
MINUTE_US = 60_000_000


def totals(store: LogStore) -> dict[tuple[int, int], int]:
    times = edge_times(EVENTS, has_all_starts=has_all_starts(store)).select("activity", "next_activity", "total_us")
    return {(source, target): int(total_us) // MINUTE_US for source, target, total_us in run(times, store, None)}


@pytest.mark.parametrize(("text", "is_known", "minutes"), [(ALL_STARTED, True, 80), (ONE_NOT_STARTED, False, 240)])
def test_a_start_that_is_lacking_is_noticed(tmp_path, text, is_known, minutes):
    store = import_text(tmp_path, text, mapping=MAPPING)
    assert has_all_starts(store) is is_known
    assert sorted(totals(store).values()) == [0, minutes]


def test_a_log_without_a_quality_report_promises_nothing(tmp_path):
    store = import_text(tmp_path, ALL_STARTED, mapping=MAPPING)
    assert not has_all_starts(LogStore(store.folder, {**store.manifest, "quality": []}))
