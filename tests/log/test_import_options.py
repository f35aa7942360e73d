"""Extraction, case tables, store rows, cache, and which reader is taken."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from potok.log.cache import cache_folder, fingerprint, open_or_import
from potok.log.importing.case_table import NoCaseColumnError
from potok.log.importing.closing import ClosingRuleError, WatchError
from potok.log.importing.content_hash import compute_content_sha256
from potok.log.importing.pipeline import NoKeyForMapError, import_log
from potok.log.importing.preparing import UselessOptionError
from potok.log.importing.request import ImportRequest
from potok.log.mapping import (
    ClosingBasis,
    ClosingRule,
    ExtractionKind,
    LifecycleMode,
    Mapping,
    TimeColumn,
    TimeEncoding,
)
from potok.log.mapping_record import mapping_as_record, mapping_from_record
from potok.log.privacy.keys import create_key
from potok.log.privacy.sealed_map import open_sealed_map
from potok.log.sources.base import StagingOptions
from potok.log.sources.opening import SourceMissingError, UnknownFormatError, stage
from potok.measure.sampling import Sampling, sampling_of
from support.importing import SIMPLE, import_text, quality, rows

LOG = "case,activity,time\n1,A,2024-01-01\n1,B,2024-01-05\n2,A,2024-01-03\n"


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [("2024-02-01", 1_706_745_600_000_000), ("2024-02-01T03:00:00+03:00", 1_706_745_600_000_000)],
)
def test_a_declared_extraction_counts(tmp_path: Path, text: str, expected_us: int) -> None:
    store = import_text(tmp_path, LOG, mapping=replace(SIMPLE, extracted_at=text))
    assert store.extracted_us == expected_us
    assert store.manifest["extraction"]["declared"] is True


def test_without_declaration_the_last_instant_is_the_extraction(tmp_path: Path) -> None:
    store = import_text(tmp_path, LOG)
    assert store.extracted_us == store.manifest["log"]["last_us"]
    assert store.manifest["extraction"]["declared"] is False


def test_an_unreadable_extraction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClosingRuleError, match="next spring"):
        import_text(tmp_path, LOG, mapping=replace(SIMPLE, extracted_at="next spring"))


ACTIVE = replace(SIMPLE, extraction=ExtractionKind.ACTIVE, zone="Europe/Kaliningrad")


@pytest.mark.parametrize("text", ["2024-01-03", "2024-01-02T22:00:00+00:00"])
def test_the_beginning_of_the_watch_is_local_and_kept(tmp_path: Path, text: str) -> None:
    store = import_text(tmp_path, LOG, mapping=replace(ACTIVE, watched_from=text))
    assert store.manifest["extraction"]["watched_from_us"] == 1_704_232_800_000_000
    assert mapping_from_record(json.loads(json.dumps(store.manifest["mapping"]))).watched_from == text
    assert sampling_of(store) == Sampling(ExtractionKind.ACTIVE, 1_704_232_800_000_000)


def test_without_a_beginning_of_the_watch_none_is_made_up(tmp_path: Path) -> None:
    store = import_text(tmp_path, LOG, mapping=ACTIVE)
    assert sampling_of(store) == Sampling(ExtractionKind.ACTIVE, None)


@pytest.mark.parametrize(
    ("mapping", "error", "said"),
    [
        (replace(ACTIVE, watched_from="last spring"), ClosingRuleError, "last spring"),
        (replace(SIMPLE, watched_from="2024-01-03"), WatchError, "active cases"),
        (replace(ACTIVE, watched_from="2024-02-03"), WatchError, "after the extract was made"),
    ],
)
def test_a_watch_that_cannot_be_is_refused(tmp_path: Path, mapping: Mapping, error: type, said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        import_text(tmp_path, LOG, mapping=mapping)
    assert caught.value.where == "--watched-from"


def test_an_extract_of_closed_cases_has_no_open_ones(tmp_path: Path) -> None:
    store = import_text(tmp_path, LOG, mapping=replace(SIMPLE, closing=ClosingRule(ClosingBasis.ALL)))
    assert store.manifest["log"]["open_cases"] == 0


def test_a_case_table_gives_attributes_to_cases(tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("id,district,area\n1,North,12\n1,South,13\n3,West,14\n")
    store = import_text(tmp_path, LOG, mapping=replace(SIMPLE, channel="district"), case_table=str(table))
    assert rows(store, "cases", "case_id", "channel", "attr:area") == [("1", "North", 12), ("2", None, None)]
    assert rows(store, "events", "source_row") == [(1,), (2,), (3,)]
    counts = {name: quality(store, name)["count"] for name in ("cases_without_case_row", "repeated_case_rows")}
    assert counts == {"cases_without_case_row": 1, "repeated_case_rows": 1}
    assert quality(store, "case_rows_without_events")["count"] == 1


def test_a_case_table_without_the_case_ids_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("id,district\nx,North\ny,South\n")
    with pytest.raises(NoCaseColumnError, match="No column of the case table") as caught:
        import_text(tmp_path, LOG, case_table=str(table))
    assert "district" in caught.value.remedy


def test_ids_are_concealed_with_a_key_and_the_map_leads_back(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key")
    store = import_text(tmp_path, LOG, key=key, keep_map=tmp_path / "map")
    concealed = [row[0] for row in rows(store, "cases", "case_id")]
    assert {"1", "2"}.isdisjoint(concealed)
    sealed = open_sealed_map(tmp_path / "map", key=key)
    assert [sealed.find_identifier(pseudonym) for pseudonym in concealed] == ["1", "2"]
    assert store.manifest["key_id"] == key.identifier


def test_a_map_needs_pseudonyms(tmp_path: Path) -> None:
    with pytest.raises(NoKeyForMapError, match="nothing to keep a map of"):
        import_text(tmp_path, LOG, keep_map=tmp_path / "map")
    assert not (tmp_path / "map").exists()


def test_a_further_column_can_be_concealed(tmp_path: Path) -> None:
    text = "case,activity,time,clerk\n1,A,2024-01-01,ann\n1,B,2024-01-02,bob\n"
    mapping = replace(SIMPLE, pseudonymise=("clerk",))
    store = import_text(tmp_path, text, mapping=mapping, key=create_key(tmp_path / "key"))
    clerks = [row[0] for row in rows(store, "events", "attr:clerk")]
    assert len(set(clerks)) == 2
    assert {"ann", "bob"}.isdisjoint(clerks)


def test_times_that_the_clocks_skip_or_repeat_are_counted(tmp_path: Path) -> None:
    text = "case,activity,time\n1,A,2024-03-31 02:30\n1,B,2024-10-27 02:30\n1,C,2024-11-01 10:00\n"
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, zone="Europe/Amsterdam"))
    assert quality(store, "nonexistent_local_time")["count"] == 1
    assert quality(store, "ambiguous_local_time")["count"] == 1


def test_days_without_time_are_noticed(tmp_path: Path) -> None:
    store = import_text(tmp_path, LOG, mapping=replace(SIMPLE, zone="Asia/Yakutsk"))
    assert quality(store, "day_resolution")["share"] == 1.0
    mixed = "case,activity,time\n" + "".join(
        f"{i},A,2024-01-0{1 + i % 9} {'00:00' if i < 2 else '10:17'}\n" for i in range(9)
    )
    assert quality(import_text(tmp_path, mixed, name="mixed"), "midnight_heap")["count"] == 2


def test_costs_that_are_no_numbers_are_counted(tmp_path: Path) -> None:
    text = "case,activity,time,fee\n1,A,2024-01-01,12\n1,B,2024-01-02,free\n"
    store = import_text(tmp_path, text, mapping=replace(SIMPLE, cost="fee"))
    assert rows(store, "events", "cost") == [(12.0,), (None,)]
    assert quality(store, "unreadable_cost")["count"] == 1


def test_columns_that_are_mostly_empty_are_named(tmp_path: Path) -> None:
    text = "case,activity,time,note\n" + "".join(
        f"{i},A,2024-01-01 10:{i:02},{'x' if i == 0 else ''}\n" for i in range(20)
    )
    assert quality(import_text(tmp_path, text), "mostly_empty_columns")["examples"] == ["note"]


def test_activities_of_the_mapping_that_do_not_occur_are_named(tmp_path: Path) -> None:
    mapping = replace(SIMPLE, renames=(("A", "Alpha"), ("Q", "Quark")), phases=(("Alpha", "1"), ("Zeta", "2")))
    store = import_text(tmp_path, LOG, mapping=mapping)
    assert quality(store, "unknown_activities_in_mapping")["examples"] == ["Q", "Zeta"]


def test_the_content_hash_can_be_computed_again_from_the_store(tmp_path: Path) -> None:
    store = import_text(tmp_path, LOG)
    assert compute_content_sha256(store.folder) == store.content_sha256


def test_a_mapping_survives_the_manifest(tmp_path: Path) -> None:
    mapping = replace(
        SIMPLE,
        started_at=TimeColumn(("d", "t"), TimeEncoding.PATTERN, ("%d.%m.%Y %H:%M",)),
        closing=ClosingRule(ClosingBasis.FIELD, "end"),
        lifecycle_mode=LifecycleMode.RAW,
        renames=(("a", "b"),),
        attributes=("x",),
    )
    assert mapping_from_record(mapping_as_record(mapping)) == mapping
    store = import_text(tmp_path, LOG)
    assert mapping_from_record(store.manifest["mapping"]).case_id == "case"


def test_reading_commands_find_their_store_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    source = tmp_path / "log.csv"
    source.write_text(LOG)
    request = ImportRequest((str(source),), Path(), SIMPLE)
    first = open_or_import(request)
    assert first.folder.parent == tmp_path / "cache"
    assert open_or_import(request).manifest["imported_at"] == first.manifest["imported_at"]
    assert open_or_import(replace(request, sources=(str(first.folder),))).folder == first.folder
    known = fingerprint(request)
    assert known != fingerprint(replace(request, mapping=replace(SIMPLE, zone="Europe/Moscow")))
    source.write_text(LOG + "9,Z,2024-02-02\n")
    assert known != fingerprint(request)
    assert open_or_import(request).folder != first.folder


def test_the_cache_folder_follows_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("POTOK_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "potok"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "potok" / "cache"


def test_what_cannot_be_told_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thing.bin").write_bytes(b"\x00\x01\x02")
    with pytest.raises(UnknownFormatError, match="what kind of file"):
        stage(str(tmp_path / "thing.bin"), options=StagingOptions(tmp_path))
    with pytest.raises(SourceMissingError, match="no file"):
        stage(str(tmp_path / "thing.csv"), options=StagingOptions(tmp_path))


def test_packed_files_are_told_by_the_name_inside(tmp_path: Path) -> None:
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(LOG.encode()))
    store = import_log(ImportRequest((str(packed),), tmp_path / "store", SIMPLE))
    assert store.manifest["log"]["events"] == 3


def test_times_with_offsets_and_no_zone_are_noted(tmp_path: Path) -> None:
    text = "case,activity,time\n1,A,2024-01-01T00:00:00+02:00\n1,B,2024-07-01T00:00:00.5+03:00\n"
    request = {"mapping": SIMPLE, "name": "offsets"}
    notes = import_text(tmp_path, text, **request).manifest["notes"]
    assert "+02:00, +03:00" in notes["en"][0]
    assert "+02:00, +03:00" in notes["ru"][0]
    named = import_text(tmp_path, text, name="named", mapping=replace(SIMPLE, zone="Europe/Kaliningrad"))
    assert named.manifest["notes"] == {}


@pytest.mark.parametrize(
    ("field", "option"), [("sheet", "--sheet"), ("object_type", "--object-type"), ("query", "--query")]
)
def test_an_option_that_no_source_can_use_is_refused(tmp_path: Path, field: str, option: str) -> None:
    source = tmp_path / "log.csv"
    source.write_text("case,activity,time\n1,A,2024-01-01\n1,B,2024-01-02\n", encoding="utf-8")
    request = ImportRequest(sources=(str(source),), into=tmp_path / "store", **{field: "x"})
    with pytest.raises(UselessOptionError) as caught:
        import_log(request)
    assert caught.value.where == option
    assert not (tmp_path / "store").exists()
