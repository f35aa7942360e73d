"""Stores made from stores."""

from dataclasses import replace
from pathlib import Path

import pytest

from potok.log.importing.merging import (
    DifferentKeysError,
    JoinedStore,
    NoSharedNumberError,
    PartialStoreError,
    join_stores,
    open_part,
    top_up,
)
from potok.log.importing.request import ImportRequest
from potok.log.privacy.keys import create_key
from potok.measure.filters.derived import apply_filter
from potok.measure.filters.expression import parse_filter
from support.importing import SIMPLE, import_text, quality, rows

INTAKE = "case,activity,time,shared\na1,Accept,2024-01-01,N1\na2,Accept,2024-01-03,N2\n"
MINISTRY = "case,activity,time,shared\nm7,Decide,2024-01-05,N1\nm8,Decide,2024-01-06,N9\n"


def request(folder: Path) -> ImportRequest:
    return ImportRequest((), folder / "merged", SIMPLE)


def test_logs_of_one_application_meet_on_a_shared_number(tmp_path: Path) -> None:
    intake = import_text(tmp_path, INTAKE, name="intake")
    ministry = import_text(tmp_path, MINISTRY, name="ministry")
    parts = [JoinedStore(intake, "Registry"), JoinedStore(ministry, "Ministry")]
    joined = join_stores(parts, on="shared", into=tmp_path / "joined", request=request(tmp_path))
    assert rows(joined, "cases", "case_id", "n_events") == [("N1", 2), ("N2", 1), ("N9", 1)]
    labels = dict(rows(joined, "activities", "activity", "label"))
    assert [labels[code] for code, case in rows(joined, "events", "activity", "case") if case == 0] == [
        "Accept",
        "Decide",
    ]
    agencies = [a for a in joined.manifest["attributes"] if a["name"] == "@agency"]
    assert agencies[0]["level"] == "event"


def test_joining_needs_the_attribute_and_a_shared_case(tmp_path: Path) -> None:
    intake = import_text(tmp_path, INTAKE, name="intake")
    ministry = import_text(tmp_path, MINISTRY, name="ministry")
    parts = [JoinedStore(intake), JoinedStore(ministry)]
    with pytest.raises(NoSharedNumberError, match="no case attribute «number»"):
        join_stores(parts, on="number", into=tmp_path / "joined", request=request(tmp_path))
    with pytest.raises(NoSharedNumberError, match="No case of the first"):
        join_stores(parts, on="", into=tmp_path / "joined", request=request(tmp_path))


def test_stores_with_different_keys_cannot_be_joined(tmp_path: Path) -> None:
    one = import_text(tmp_path, INTAKE, name="one", key=create_key(tmp_path / "key1"))
    two = import_text(tmp_path, INTAKE, name="two", key=create_key(tmp_path / "key2"))
    with pytest.raises(DifferentKeysError, match="different keys"):
        join_stores([JoinedStore(one), JoinedStore(two)], on="", into=tmp_path / "j", request=request(tmp_path))


def test_a_store_that_holds_only_some_cases_is_not_brought_together(tmp_path: Path) -> None:
    intake = import_text(tmp_path, INTAKE, name="intake")
    part = apply_filter(intake, parse_filter("attr:shared=N1"))
    with pytest.raises(PartialStoreError, match="passed a filter") as caught:
        join_stores([JoinedStore(intake), JoinedStore(part)], on="", into=tmp_path / "j", request=request(tmp_path))
    assert (caught.value.code, caught.value.where) == ("POTOK-L033", str(part.folder))
    later = tmp_path / "later.csv"
    later.write_text(INTAKE)
    with pytest.raises(PartialStoreError, match="passed a filter"):
        top_up(part, replace(request(tmp_path), sources=(str(later),)), into=tmp_path / "newer")
    assert not (tmp_path / "j").exists()
    assert not (tmp_path / "newer").exists()


def test_a_part_may_name_its_agency(tmp_path: Path) -> None:
    store = import_text(tmp_path, INTAKE)
    assert open_part(f"Registry={store.folder}").agency == "Registry"
    assert open_part(str(store.folder)).agency == ""


def test_a_later_export_tops_up_a_store_and_changed_past_is_reported(tmp_path: Path) -> None:
    old = import_text(
        tmp_path,
        "case,activity,time\n1,A,2024-01-01\n1,B,2024-01-02\n2,A,2024-01-01\n2,B,2024-01-05\n3,A,2024-01-04\n",
        name="old",
    )
    before = {file.name: file.read_bytes() for file in old.folder.iterdir()}
    later = tmp_path / "later.csv"
    # Case 2 comes whole, with its second event at another time; case 3 goes on; case 4 is new; case 1 is not there.
    later.write_text("case,activity,time\n2,A,2024-01-01\n2,B,2024-01-06\n3,B,2024-02-01\n4,A,2024-02-02\n")
    export = ImportRequest((str(later),), tmp_path / "new")
    new = top_up(old, export, into=tmp_path / "new")
    labels = dict(rows(new, "activities", "activity", "label"))
    cases = dict(rows(new, "cases", "case", "case_id"))
    found = [
        (cases[case], labels[activity], at.day)
        for case, activity, at in rows(new, "events", "case", "activity", "completed_at")
    ]
    assert found == [
        ("1", "A", 1),
        ("1", "B", 2),
        ("2", "A", 1),
        ("2", "B", 6),
        ("3", "A", 4),
        ("3", "B", 1),
        ("4", "A", 2),
    ]
    assert quality(new, "changed_past_cases")["examples"] == ["2"]
    assert {file.name: file.read_bytes() for file in old.folder.iterdir()} == before


def test_topping_up_keeps_pseudonyms(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key")
    mapping = replace(SIMPLE, attributes=())
    old = import_text(tmp_path, INTAKE, name="old", key=key, mapping=mapping)
    later = tmp_path / "later.csv"
    later.write_text("case,activity,time\na1,Accept,2024-01-01\na1,Close,2024-02-01\n")
    new = top_up(old, ImportRequest((str(later),), tmp_path / "new", key=key), into=tmp_path / "new")
    assert rows(new, "cases", "case_id") == rows(old, "cases", "case_id")
    assert new.manifest["key_id"] == key.identifier
    assert [n for _id, n in rows(new, "cases", "case_id", "n_events")] == [2, 1]
