"""Stores that do not fit each other, or the protocol, are refused with store, field and remedy."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from potok.log.store import BrokenStoreError, LogStore
from potok.verify.outcomes import read_study
from potok.verify.outcomes.agencies import check_apart, name_agencies, names_of
from potok.verify.outcomes.attributes import check_judged, read_attributes
from potok.verify.outcomes.errors import (
    AgencyNamesError,
    AgencyTwiceError,
    CaseTwiceError,
    ExtractionsDifferError,
    NoStoresError,
    StoresDifferError,
    UnknownProtocolActivityError,
    UnknownProtocolAttributeError,
    UnknownProtocolValueError,
    WatchUnknownError,
)
from potok.verify.outcomes.stores import check_stores, find_look, name_of
from potok.verify.protocol.model import OutcomeKind, Sentinel
from support.importing import import_text
from support.tiny_store import TinyEvent, TinyLog, write_store
from verify.outcomes.study_logs import make_protocol


def store_of(name: str, **manifest: object) -> LogStore:
    files = {"source": {"files": [{"name": f"{name}.csv"}]}}
    mapping = {"completed_at": {"columns": ["end"]}, "started_at": {"columns": ["start"]}}
    log = {"extracted_us": 1_700_000_000_000_000}
    return LogStore(Path(name), {"zone": "Europe/Moscow", "mapping": mapping, "log": log, **files, **manifest})


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"zone": "Europe/Kaliningrad"}, "zone"),
        ({"mapping": {"completed_at": {"columns": ["end"]}}}, "started_at"),
        ({"closing": {"basis": "all"}}, "extraction"),
        ({"closing": {"basis": "activities", "values": ["Archive"]}}, "closing"),
        ({"lifecycle": {"paired": True}}, "lifecycle"),
        ({"extraction": {"kind": "closed"}}, "extraction"),
    ],
)
def test_stores_that_mean_different_things_are_not_joined(other, field):
    expected = ExtractionsDifferError if field == "extraction" else StoresDifferError
    with pytest.raises(expected, match=r"north\.csv") as refused:
        check_stores([store_of("north"), store_of("south", **other)])
    assert refused.value.where == f"south.csv: {field}"
    assert refused.value.remedy


def test_stores_may_call_their_columns_differently():
    renamed = {"completed_at": {"columns": ["Окончание"]}, "started_at": {"columns": ["Начало"]}}
    check_stores([store_of("north"), store_of("south", mapping=renamed)])
    check_stores([store_of("north", extraction={"kind": "opened"}), store_of("south")])


def test_a_verification_needs_a_store():
    with pytest.raises(NoStoresError):
        read_study([], make_protocol(), looked_on=date(2024, 1, 1))


def test_active_cases_need_the_beginning_of_the_watch():
    with pytest.raises(WatchUnknownError, match="does not say since when") as refused:
        check_stores([store_of("north", extraction={"kind": "active"})])
    assert refused.value.where == "north.csv: watched_from"


def test_the_earliest_extraction_limits_the_look():
    early = store_of("south", log={"extracted_us": 1_600_000_000_000_000})
    found = find_look([store_of("north"), early], date(2023, 1, 1))
    assert (found.at_us, found.known_us, found.limited_by) == (1_600_000_000_000_000,) * 2 + ("south.csv",)
    found = find_look([store_of("north")], date(2023, 11, 13))
    assert (found.at_us, found.limited_by) == (1_699_909_200_000_000, "")  # 2023-11-14 in Moscow
    assert found.known_us == found.at_us - 1
    assert name_of(LogStore(Path("folder") / "own name", {})) == "own name"


def labels(*texts: str | None) -> pa.Array:
    return pa.array(texts, pa.string())


def test_an_agency_and_a_case_lie_in_one_store():
    north, south = store_of("north"), store_of("south")
    check_apart([(north, labels("N", "N"), labels("1", "2")), (south, labels("S"), labels("3"))])
    with pytest.raises(AgencyTwiceError, match=r"“N” lie in two logs: north\.csv and south\.csv"):
        check_apart([(north, labels("N"), labels("1")), (south, labels("N"), labels("2"))])
    with pytest.raises(CaseTwiceError, match="“2” lies in two logs") as refused:
        check_apart([(north, labels("N", "N"), labels("1", "2")), (south, labels("S", "S"), labels("3", "2"))])
    assert refused.value.where == "south.csv: case_id"


def test_agencies_are_named_by_their_cases_then_as_asked_then_by_the_protocol_then_by_the_file():
    protocol, north = make_protocol(), store_of("north")

    def named(column: pa.Array, *, name: str = "", is_alone: bool = False) -> list[str | None]:
        return name_agencies(column, north, name=name, protocol=protocol, is_alone=is_alone).to_pylist()

    assert named(labels("N", None)) == ["N", None]
    assert named(labels("N", None), name="N") == ["N", "N"]
    assert named(labels(None, None), name="South") == ["South", "South"]
    assert named(labels(None, ""), is_alone=True) == ["North", "North"]  # the only agency that the protocol names
    assert named(labels(None)) == ["north"]
    with pytest.raises(AgencyNamesError, match="was named “South”, but its cases name their agency: N"):
        named(labels("N", None), name="South")
    assert names_of([north], None) == ("",)
    with pytest.raises(AgencyNamesError, match="2 names of agencies for 1 logs"):
        names_of([north], ["a", "b"])


def test_what_a_protocol_judges_by_has_to_be_in_some_log():
    protocol = replace(make_protocol(), source="p.toml", sentinels=(Sentinel("death", "grave", "yes"),))
    check_judged(protocol, frozenset({"flag", "grave"}))
    with pytest.raises(UnknownProtocolAttributeError, match="“flag”") as refused:
        check_judged(protocol, frozenset({"grave"}))
    assert refused.value.where == "p.toml: quality[0].attribute"
    with pytest.raises(UnknownProtocolAttributeError, match="“grave”") as refused:
        check_judged(protocol, frozenset({"flag"}))
    assert refused.value.where == "p.toml: sentinels[0].attribute"
    share = make_protocol(OutcomeKind.ATTRIBUTE_SHARE, attribute="paid", value="yes")
    with pytest.raises(UnknownProtocolAttributeError, match="“paid”") as refused:
        check_judged(share, frozenset({"flag"}))
    assert refused.value.where == "estimand.attribute"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    events = tuple(TinyEvent("a", name, completed=at) for name, at in (("Register", 1), ("Decide", 10**12)))
    return write_store(TinyLog(events), tmp_path_factory.mktemp("tiny") / "store")


def test_declared_activities_have_to_be_in_some_log(tiny):
    with pytest.raises(UnknownProtocolActivityError, match="“Wait for papers”") as refused:
        read_study([tiny], make_protocol(), looked_on=date(1970, 1, 31))
    assert refused.value.where == "declarations.clock_stop_activities"
    assert "Decide, Register" in refused.value.remedy


def test_services_and_channels_have_to_be_in_some_log(tiny):
    plain = replace(make_protocol(), declarations=replace(make_protocol().declarations, clock_stop_activities=(),
                    applicant_activities=()), quality=())  # fmt: skip
    found = read_study([tiny], plain, looked_on=date(1970, 1, 31))
    assert found.cases.agency.labels == ("North",)
    for field in ("services", "channels"):
        with pytest.raises(UnknownProtocolValueError, match="“permit”") as refused:
            read_study(
                [tiny], replace(plain, change=replace(plain.change, **{field: ("permit",)})),
                looked_on=date(1970, 1, 31),
            )  # fmt: skip
        assert refused.value.where == f"change.{field}"


def test_a_log_of_one_open_case_without_people_or_starts_is_read(tmp_path):
    store = import_text(tmp_path, "case,activity,time\n1,Register,2024-01-01\n")
    plain = make_protocol()
    plain = replace(plain, declarations=replace(plain.declarations, clock_stop_activities=(), applicant_activities=()))
    study = read_study([store], replace(plain, quality=()), looked_on=date(2024, 1, 5))
    assert len(study.cases) == 1
    assert study.work.resources.tolist() == [[0]]
    assert study.cases.features.handovers.tolist() == [0]


def test_a_store_whose_tables_are_gone_is_refused(tmp_path):
    store = LogStore(tmp_path / "gone", store_of("north").manifest)
    with pytest.raises(BrokenStoreError, match="gone"):
        read_attributes(store, ("flag",), case=np.zeros(0, np.int64), known_us=0)
