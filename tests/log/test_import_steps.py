"""What the importer makes of small sources."""

from dataclasses import replace
from pathlib import Path

import pytest

from potok.core.errors import PotokError
from potok.log.importing.coding import UnknownActivityError
from potok.log.importing.raw_table import UnknownColumnError
from potok.log.importing.rows import NothingTakenError, SplitRuleError, TooManyRejectedError, gap_seconds
from potok.log.mapping import ClosingBasis, ClosingRule, Exclusion, LifecycleMode, TimeColumn
from support.importing import SIMPLE, import_text, quality, rows

TWO_CASES = """case,activity,time,who
b,Accept,2024-01-02 10:00,ann
a,Accept,2024-01-01 09:00,ann
a,Review,2024-01-01 12:00,bob
b,Review,2024-01-03 10:00,ann
a,Close,2024-01-04 12:00,bob
"""


def test_cases_are_coded_by_opening_and_events_sorted(tmp_path: Path) -> None:
    store = import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, resource="who"))
    assert rows(store, "cases", "case", "case_id", "n_events") == [(0, "a", 3), (1, "b", 2)]
    assert rows(store, "activities", "activity", "label", "instances", "cases") == [
        (0, "Accept", 2, 2),
        (1, "Close", 1, 1),
        (2, "Review", 2, 2),
    ]
    assert rows(store, "events", "case", "position", "activity", "source_row", "next_activity", "next_resource") == [
        (0, 0, 0, 2, 2, 1),
        (0, 1, 2, 3, 1, 1),
        (0, 2, 1, 5, None, None),
        (1, 0, 0, 1, 2, 0),
        (1, 1, 2, 4, None, None),
    ]


def test_variants_are_ordered_by_frequency_then_sequence(tmp_path: Path) -> None:
    text = "case,activity,time\n" + "".join(
        f"{case},{activity},2024-01-01 0{i}:00\n"
        for case, trace in {"p": "AB", "q": "BA", "r": "BA", "s": "AC"}.items()
        for i, activity in enumerate(trace)
    )
    store = import_text(tmp_path, text)
    assert rows(store, "variants", "variant", "activities", "n_events", "cases") == [
        (0, "1,0", 2, 2),
        (1, "0,1", 2, 1),
        (2, "0,2", 2, 1),
    ]


def test_times_without_offset_are_local_times_of_the_zone(tmp_path: Path) -> None:
    store = import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, zone="Europe/Kaliningrad"))
    first = rows(store, "events", "completed_at")[0][0]
    assert first.isoformat() == "2024-01-01T07:00:00+00:00"


def test_rows_that_cannot_be_taken_are_kept_with_their_reason(tmp_path: Path) -> None:
    text = (
        "case,activity,time\n1,A,2024-01-01 10:00\n,A,2024-01-01 10:00\n1,,2024-01-01 11:00\n1,B,soon\n1,C,\n"
        "1,D,1900-01-01\n1,E,2024-01-02 10:00\n"
    )
    store = import_text(tmp_path, text, max_rejected_share=1.0)
    assert rows(store, "rejected", "source_row", "reason", "text") == [
        (2, "missing_case_id", "A"),
        (3, "missing_activity", None),
        (4, "unreadable_time", "soon"),
        (5, "missing_time", "C"),
        (6, "implausible_year", "1900-01-01 00:00:00"),
    ]
    assert store.manifest["log"]["events"] == 2
    assert quality(store, "rejected_unreadable_time")["examples"] == ["4"]


def test_too_many_rejected_rows_stop_the_import_and_leave_nothing(tmp_path: Path) -> None:
    text = "case,activity,time\n1,A,2024-01-01 10:00\n1,B,soon\n"
    with pytest.raises(TooManyRejectedError, match="1 of 2 rows") as caught:
        import_text(tmp_path, text)
    assert "the time cannot be read" in caught.value.where
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv"]


def test_no_usable_row_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NothingTakenError, match="Not one row"):
        import_text(tmp_path, "case,activity,time\n1,A,never\n", max_rejected_share=1.0)


def test_an_unknown_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumnError, match="«clerk»") as caught:
        import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, resource="clerk"))
    assert "who" in caught.value.remedy


def test_attributes_are_typed_without_loss_and_given_to_case_or_event(tmp_path: Path) -> None:
    text = (
        "case,activity,time,code,amount,share,yes,note,kind\n"
        "1,A,2024-01-01,007,12,0.5,true,x,k1\n1,B,2024-01-02,008,13,1.5,False,,k1\n2,A,2024-01-03,009,14,2,TRUE,x,k2\n"
    )
    store = import_text(tmp_path, text)
    kinds = {a["name"]: (a["kind"], a["level"]) for a in store.manifest["attributes"]}
    assert kinds == {
        "code": ("text", "event"),
        "amount": ("integer", "event"),
        "share": ("real", "event"),
        "yes": ("boolean", "event"),
        "note": ("text", "case"),
        "kind": ("text", "case"),
    }
    assert rows(store, "events", "attr:code", "attr:amount", "attr:yes")[0] == ("007", 12, True)
    assert rows(store, "cases", "attr:kind", "attr:note") == [("k1", "x"), ("k2", "x")]
    events = rows(store, "events", "attr:note")
    assert events[1] == (None,)  # a partly filled attribute also stays with its events


def test_a_late_value_that_is_no_number_keeps_the_column_text(tmp_path: Path) -> None:
    lines = [f"{i},A,2024-01-01,{i}" for i in range(30_000)] + ["x,A,2024-01-01,n/a"]
    store = import_text(tmp_path, "case,activity,time,fee\n" + "\n".join(lines))
    assert {a["name"]: a["kind"] for a in store.manifest["attributes"]} == {"fee": "text"}


def test_renames_and_phases(tmp_path: Path) -> None:
    mapping = replace(SIMPLE, renames=(("Accept", "Intake"), ("Review", "Intake")), phases=(("Intake", "First"),))
    store = import_text(tmp_path, TWO_CASES, mapping=mapping)
    assert rows(store, "activities", "label", "phase", "instances") == [("Close", None, 1), ("Intake", "First", 4)]
    assert store.manifest["log"]["activities"] == 2


def test_renaming_an_unknown_activity_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnknownActivityError, match="«Akzept»"):
        import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, renames=(("Akzept", "x"),)))


def test_excluded_cases_are_left_out_whole(tmp_path: Path) -> None:
    text = "case,activity,time,kind\n1,A,2024-01-01,real\n2,A,2024-01-01,test\n2,B,2024-01-02,\n"
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, exclude=(Exclusion("kind", ("test",)),)))
    assert rows(store, "cases", "case_id") == [("1",)]
    assert [row[0] for row in rows(store, "rejected", "reason")] == ["excluded_case", "excluded_case"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("gap:30d", ["1#1", "1#2"]),
        ("block", ["1#x", "1#y"]),
    ],
)
def test_cases_that_share_an_id_can_be_split(tmp_path: Path, rule: str, expected: list[str]) -> None:
    text = "case,activity,time,block\n1,A,2024-01-01,x\n1,B,2024-01-02,x\n1,A,2024-06-01,y\n1,B,2024-06-02,y\n"
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, split_cases_on=rule))
    assert [row[0] for row in rows(store, "cases", "case_id")] == expected


def test_a_split_rule_must_be_understood() -> None:
    assert gap_seconds("gap:12h") == 43_200
    with pytest.raises(SplitRuleError, match="gap:soon"):
        gap_seconds("gap:soon")


def test_ids_that_restart_are_noticed(tmp_path: Path) -> None:
    blocks = [
        f"{case},{activity},20{year}-01-{case + 1:02} 0{hour}:00"
        for year in (10, 15)
        for case in range(20)
        for hour, activity in enumerate("ABC")
    ]
    store = import_text(tmp_path, "case,activity,time\n" + "\n".join(blocks))
    check = quality(store, "repeated_case_ids")
    assert check["count"] == 20
    assert check["severity"] == "problem"
    split = import_text(
        tmp_path,
        "case,activity,time\n" + "\n".join(blocks),
        name="split",
        mapping=replace(SIMPLE, split_cases_on=check["detail"]["split_cases_on"]),
    )
    assert split.manifest["log"]["cases"] == 40


LIFECYCLE = """case,activity,time,what,who
1,W,2024-01-01 08:00,schedule,sys
1,W,2024-01-01 09:00,start,ann
1,X,2024-01-01 09:30,complete,ann
1,W,2024-01-01 10:00,complete,ann
1,W,2024-01-01 11:00,start,bob
1,W,2024-01-01 12:00,complete,bob
1,W,2024-01-01 13:00,start,bob
1,Y,2024-01-01 14:00,schedule,sys
1,X,2024-01-01 15:00,start,ann
"""
PAIRED = replace(SIMPLE, lifecycle="what", resource="who")


def test_transitions_are_paired_first_in_first_out(tmp_path: Path) -> None:
    store = import_text(tmp_path, LIFECYCLE, mapping=PAIRED)
    labels = dict(rows(store, "activities", "activity", "label"))

    def hour(instant: object) -> int | None:
        return None if instant is None else instant.hour  # type: ignore[attr-defined]  # a datetime

    found = [
        (labels[activity], hour(enabled), hour(started), hour(completed))
        for activity, enabled, started, completed in rows(
            store, "events", "activity", "enabled_at", "started_at", "completed_at"
        )
    ]
    assert found == [
        ("X", None, None, 9),
        ("W", 8, 9, 10),
        ("W", None, 11, 12),
        ("W", None, 13, None),
        ("Y", 14, None, None),
        ("X", None, 15, None),
    ]
    assert store.manifest["log"]["events"] == 9
    assert store.manifest["log"]["activity_instances"] == 6
    assert quality(store, "unmatched_starts")["count"] == 2
    assert quality(store, "unmatched_schedules")["count"] == 1
    assert quality(store, "completions_without_start")["count"] == 1


def test_raw_keeps_every_event(tmp_path: Path) -> None:
    store = import_text(tmp_path, LIFECYCLE, mapping=replace(PAIRED, lifecycle_mode=LifecycleMode.RAW))
    assert store.manifest["log"]["activity_instances"] == 9


def test_statuses_that_are_no_transitions_are_not_paired(tmp_path: Path) -> None:
    text = LIFECYCLE.replace("schedule", "Waiting").replace("start", "In progress").replace("complete", "Done")
    store = import_text(tmp_path, text, mapping=PAIRED)
    assert store.manifest["log"]["activity_instances"] == 9
    assert store.manifest["lifecycle"]["paired"] is False


def test_a_closing_rule_by_activity(tmp_path: Path) -> None:
    rule = ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",))
    store = import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, closing=rule))
    assert [closed is not None for _id, closed in rows(store, "cases", "case_id", "closed_at")] == [True, False]
    assert store.manifest["log"]["open_cases"] == 1


def test_a_closing_rule_by_last_status(tmp_path: Path) -> None:
    text = (
        "case,activity,time,state\n1,A,2024-01-01,new\n1,B,2024-01-02,done\n2,A,2024-01-01,done\n2,B,2024-01-02,new\n"
    )
    rule = ClosingRule(ClosingBasis.STATUS, "state", ("done",))
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, closing=rule))
    assert [closed is not None for (closed,) in rows(store, "cases", "closed_at")] == [True, False]


def test_a_closing_rule_by_field(tmp_path: Path) -> None:
    text = "case,activity,time,end\n1,A,2024-01-01,2024-02-01\n1,B,2024-01-02,2024-02-01\n2,A,2024-01-01,\n"
    rule = ClosingRule(ClosingBasis.FIELD, "end")
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, closing=rule))
    closed = [closed for (closed,) in rows(store, "cases", "closed_at")]
    assert closed[0].isoformat() == "2024-02-01T00:00:00+00:00"
    assert closed[1] is None


def test_a_guessed_closing_rule_is_said(tmp_path: Path) -> None:
    lines = [
        f"{case},{activity},2024-{1 + case // 28:02}-{case % 28 + 1:02} {8 + hour:02}:00"
        for case in range(100)
        for hour, activity in enumerate("ABZ")
    ] + ["100,A,2024-04-20 08:00"]
    store = import_text(tmp_path, "case,activity,time\n" + "\n".join(lines))
    assert store.manifest["closing"]["guessed"] is True
    assert store.manifest["closing"]["values"] == ["Z"]
    assert store.manifest["log"]["open_cases"] == 1


def test_an_unknown_closing_activity_is_an_error(tmp_path: Path) -> None:
    rule = ClosingRule(ClosingBasis.ACTIVITIES, values=("Finish",))
    with pytest.raises(PotokError, match="Finish"):
        import_text(tmp_path, TWO_CASES, mapping=replace(SIMPLE, closing=rule))


def test_quality_names_ties_disorder_and_impossible_durations(tmp_path: Path) -> None:
    text = (
        "case,activity,begin,time\n1,A,2024-01-01 08:00,2024-01-01 09:00\n1,B,2024-01-01 12:00,2024-01-01 10:00\n"
        "1,C,,2024-01-01 11:00\n1,D,,2024-01-01 11:00\n1,E,,2024-01-01 10:58\n1,F,,2024-01-03 11:00\n"
    )
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, started_at=TimeColumn(("begin",))))
    assert quality(store, "tied_order")["count"] == 1
    assert quality(store, "completed_before_started")["count"] == 1
    assert quality(store, "completed_before_started")["examples"] == ["2"]
    assert quality(store, "clock_skew")["count"] == 1
    assert quality(store, "no_start_times")["count"] == 4


def test_labels_that_differ_only_in_writing_are_noticed(tmp_path: Path) -> None:
    text = "case,activity,time\n1,Приём,2024-01-01\n1,прием ,2024-01-02\n1,Отказ,2024-01-03\n"
    store = import_text(tmp_path, text)
    assert quality(store, "similar_activity_labels")["count"] == 2


def test_batches_at_one_instant_are_noticed(tmp_path: Path) -> None:
    text = "case,activity,time\n" + "".join(f"{i},Register,2024-01-05 17:00:00\n" for i in range(6))
    assert quality(import_text(tmp_path, text), "batch_registration")["count"] == 6
