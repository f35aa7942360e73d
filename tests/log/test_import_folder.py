"""A store appears whole or not at all."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from potok.log.importing import pipeline
from potok.log.importing.folder import (
    CannotWriteError,
    StoreExistsError,
    check_destination,
    remove_leftovers,
    replace_file,
    working_folder,
)
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.sources.opening import SourceMissingError
from potok.log.store import BrokenStoreError, NotAStoreError, is_store, open_store
from support.importing import SIMPLE, import_text, rows

LOG = "case,activity,time\n" + "".join(f"{i % 50},A{i % 7},2024-01-01 10:{i % 60:02}\n" for i in range(500))


def test_a_store_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    first = import_text(tmp_path, LOG)
    with pytest.raises(StoreExistsError, match="already another log store"):
        import_text(tmp_path, LOG)
    again = import_text(tmp_path, LOG + "x,B,2024-01-02\n", replace=True)
    assert again.folder == first.folder
    assert again.content_sha256 != first.content_sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "log.store"]


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreExistsError, match="not a log store"):
        check_destination(tmp_path / "mine", replace=True)
    (tmp_path / "empty").mkdir()
    check_destination(tmp_path / "empty", replace=False)


def test_a_store_that_appears_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = pipeline.write_manifest

    def lose_the_race(*args: object, **kwargs: object) -> None:
        monkeypatch.undo()
        import_text(tmp_path, LOG + "x,B,2024-01-02\n")
        write(*args, **kwargs)

    monkeypatch.setattr(pipeline, "write_manifest", lose_the_race)
    with pytest.raises(StoreExistsError, match="already another log store"):
        import_text(tmp_path, LOG)
    assert open_store(tmp_path / "log.store").manifest["log"]["events"] == 501
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "log.store"]


def test_the_same_source_and_mapping_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = import_text(tmp_path, LOG, name="log"), None
    kept = {file.name: file.read_bytes() for file in one.folder.glob("*.parquet")}
    two = import_text(tmp_path, LOG, name="log", replace=True)
    assert {file.name: file.read_bytes() for file in two.folder.glob("*.parquet")} == kept
    assert {**one.manifest, "imported_at": ""} == {**two.manifest, "imported_at": ""}


def test_the_content_hash_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    header, *lines = "case,activity,time\n1,A,2024-01-01 10:00\n1,B,2024-01-01 11:00\n2,A,2024-01-02\n".splitlines()
    one = import_text(tmp_path, "\n".join([header, *lines]), name="one")
    two = import_text(tmp_path, "\n".join([header, *reversed(lines)]), name="two")
    other = import_text(tmp_path, "\n".join([header, *lines]).replace("11:00", "11:01"), name="other")
    assert one.content_sha256 == two.content_sha256
    assert one.content_sha256 != other.content_sha256


def test_leftovers_of_a_killed_import_are_removed_and_living_ones_kept(tmp_path: Path) -> None:
    into = tmp_path / "store"
    dead = tmp_path / ".store.importing-0000"
    dead.mkdir()
    (dead / "lock").touch()
    nascent = tmp_path / ".store.importing-1111"
    nascent.mkdir()
    with working_folder(into) as living:
        assert not dead.exists()
        remove_leftovers(into)
        assert living.exists()
        assert nascent.exists()  # no lock yet, and too young to be abandoned
    assert not living.exists()
    os.utime(nascent, (0, 0))
    remove_leftovers(into)
    assert not nascent.exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_import_leaves_no_store(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from potok.log.importing import pipeline
        from support.importing import SIMPLE
        from potok.log.importing.request import ImportRequest
        def wait(*args, **kwargs):
            print("writing", flush=True)
            time.sleep(60)
        pipeline.writing.write_rejected = wait
        folder = Path(sys.argv[1])
        pipeline.import_log(ImportRequest((str(folder / "log.csv"),), folder / "log.store", SIMPLE))
        """
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert not is_store(tmp_path / "log.store")
    assert len(list(tmp_path.glob(".log.store.importing-*"))) == 1
    store = import_text(tmp_path, LOG)
    undisturbed = import_text(tmp_path, LOG, name="other")
    assert store.content_sha256 == undisturbed.content_sha256
    assert list(tmp_path.glob(".log.store.importing-*")) == []


def test_an_interrupted_import_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("potok.log.importing.writing.write_rejected", interrupt)
    with pytest.raises(KeyboardInterrupt):
        import_text(tmp_path, LOG)
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWriteError, match="Cannot write"), working_folder(tmp_path / "file" / "store"):
        pass
    with pytest.raises(CannotWriteError, match="Cannot write"):
        replace_file(tmp_path / "nowhere" / "report.html", "text")


def test_opening_what_is_no_whole_store(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="not a log store"):
        open_store(tmp_path)
    store = import_text(tmp_path, LOG)
    (store.folder / "cases.parquet").unlink()
    with pytest.raises(BrokenStoreError, match="lacks cases"):
        open_store(store.folder)
    (store.folder / "manifest.json").write_text('{"schema": "potok.log/99"}')
    with pytest.raises(BrokenStoreError, match="another version"):
        open_store(store.folder)
    (store.folder / "manifest.json").write_text("{")
    with pytest.raises(BrokenStoreError, match="manifest"):
        open_store(store.folder)


def test_files_read_together_keep_their_row_numbers(tmp_path: Path) -> None:
    (tmp_path / "second.csv").write_text("case,activity,time\n9,Z,2024-05-01\n")
    (tmp_path / "first.csv").write_text(LOG)
    sources = (str(tmp_path / "first.csv"), str(tmp_path / "second.csv"))
    store = import_log(ImportRequest(sources, tmp_path / "both", SIMPLE))
    assert [file["first_row"] for file in store.manifest["source"]["files"]] == [1, 501]
    assert max(row[0] for row in rows(store, "events", "source_row")) == 501


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="There is no file"):
        import_log(ImportRequest((str(tmp_path / "none.csv"),), tmp_path / "store", SIMPLE))
    assert not (tmp_path / "store").exists()
