"""The table of batches: planted ones are counted, and what makes them begin is said in words."""

from datetime import UTC, datetime, timedelta

import pytest

from potok.diagnose.batch_practice import compute_batch_practice
from potok.discover.batches import FiringRule
from potok.log.mapping import Mapping, TimeColumn
from potok.report.diagnosis.batches import batches_table, rule_text
from support.importing import import_text

MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    started_at=TimeColumn(("start",)),
    completed_at=TimeColumn(("end",)),
    resource="who",
)
BATCHES, SIZE = 12, 5


def batched_log() -> str:
    """Return cases that Ann signs one by one through the morning, and that Bob stamps in one go in the afternoon."""
    rows = ["case,activity,start,end,who"]
    for day in range(BATCHES):
        morning = datetime(2024, 4, 1, 9, tzinfo=UTC) + timedelta(days=day, minutes=13 * day % 60)
        afternoon = morning.replace(hour=15)
        for place in range(SIZE):
            case = f"{day}-{place}"
            signed = morning + timedelta(minutes=47 * place + (day * 7 + place * 5) % 11)
            stamped = afternoon + timedelta(minutes=5 * place)
            rows.append(f"{case},Sign,{signed},{signed + timedelta(minutes=20)},Ann")
            rows.append(f"{case},Stamp,{stamped},{stamped + timedelta(minutes=5)},Bob")
    return "\n".join(rows) + "\n"


def test_planted_batches_are_counted_and_those_done_one_by_one_are_not(tmp_path):
    found = compute_batch_practice(import_text(tmp_path, batched_log(), mapping=MAPPING))
    (stamp,) = found.activities
    assert (stamp.activity, stamp.batches, stamp.batched_instances) == ("Stamp", BATCHES, BATCHES * SIZE)
    assert (stamp.batched_share, stamp.median_size, stamp.largest_size) == (1.0, SIZE, SIZE)
    assert 3 * 3600 <= stamp.median_gathering_seconds <= 4 * 3600
    assert (stamp.rule is None) == bool(stamp.reason)
    table = batches_table(found, zone="UTC")
    assert table.column("activity") == ("Stamp",)
    assert table.column("batched_share") == (1.0,)
    assert (table.column("rule")[0] is None) == (table.column("reason")[0] is not None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case,activity,start,end,who\n1,Sign,,2024-04-01 09:00,Ann\n", "no start times"),
        ("case,activity,start,end,who\n1,Sign,2024-04-01 09:00,2024-04-01 09:00,\n", "does not say who did what"),
        ("case,activity,start,end,who\n1,Sign,2024-04-01 09:00,2024-04-01 09:10,Ann\n", "Nobody lets work gather"),
    ],
    ids=["no starts", "no people", "one instance"],
)
def test_where_there_are_none_a_sentence_says_why(tmp_path, text, said):
    table = batches_table(compute_batch_practice(import_text(tmp_path, text, mapping=MAPPING)), zone="UTC")
    assert table.rows == ()
    assert said in " ".join(table.notes)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"minimum_size": 5}, "when 5 are ready"),
        ({"minimum_size": 1, "weekdays": (0, 4), "hours": (9, 10)}, "Mon, Fri from 09:00 to 10:00"),
        (
            {"minimum_size": 3, "weekdays": (0,), "full_size": 8},
            "Mon, when 3 are ready or at any time when 8 are ready",
        ),
        ({"minimum_size": None, "maximum_wait_seconds": 7200.0}, "once the first has waited 2 h"),
    ],
)
def test_what_makes_a_batch_begin_is_said_in_words(parts, said):
    rule = {"minimum_size": 1, "full_size": None, "maximum_size": None, "maximum_wait_seconds": None, "hours": None}
    figures = {"confidence": 1.0, "confidence_lower": 0.9, "confidence_upper": 1.0, "support": 1.0, "firings": 12}
    rule |= {"weekdays": tuple(range(7)), "activity": 0, "batched_share": 1.0, **figures, **parts}
    assert rule_text(FiringRule(**rule)).replace("\u00a0", " ") == said
