import hashlib
import json
import os
import stat
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import EXIT_ENVIRONMENT, EXIT_INTEGRITY, EXIT_USAGE
from potok.log.privacy.keys import Key
from potok.log.privacy.pseudonyms import CASE_DOMAIN, RESOURCE_DOMAIN, pseudonymise
from potok.log.privacy.reveal import RevealUnjustifiedError, UnknownPseudonymError, conceal, reveal_case
from potok.log.privacy.reveal_journal import (
    FIRST_HASH,
    RevealJournalAccessError,
    RevealJournalBrokenError,
    RevealJournalMissingError,
    Revelation,
    append_revelation,
    verify_reveal_journal,
)
from potok.log.privacy.sealed_map import open_sealed_map, write_sealed_map

KEY = Key.from_secret(bytes(range(32)))
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=timezone(timedelta(hours=9)))
IDS = ["Дело 1", "Дело 2", "Дело 3"]
PSEUDONYMS = pseudonymise(IDS, key=KEY, domain=CASE_DOMAIN)


@pytest.fixture(scope="module")
def sealed_map(tmp_path_factory):
    path = tmp_path_factory.mktemp("sealed") / "cases.map"
    write_sealed_map(path, zip(IDS, PSEUDONYMS, strict=True), key=KEY)
    return open_sealed_map(path, key=KEY)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal" / "reveals.jsonl"


def reveal(sealed_map, journal, pseudonym=PSEUDONYMS[0], *, by="И. Петров", reason="жалоба № 5", now=NOW):
    return reveal_case(pseudonym, sealed_map=sealed_map, journal=journal, by=by, reason=reason, now=now)


def revelation(**changes) -> Revelation:
    values = {"at": NOW, "by": "a", "reason": "b", "pseudonym": "c", "key_id": "d", "sealed_map": "e"}
    return Revelation(**(values | changes))


def test_id_comes_back_and_is_written_down(sealed_map, journal):
    assert reveal(sealed_map, journal) == "Дело 1"
    record = json.loads(journal.read_text())
    assert record.pop("sha256")
    assert record == {
        "number": 1,
        "at": "2026-11-22T03:30:00+00:00",
        "by": "И. Петров",
        "reason": "жалоба № 5",
        "pseudonym": PSEUDONYMS[0],
        "key_id": KEY.identifier,
        "sealed_map": "cases.map",
        "previous_sha256": FIRST_HASH,
    }


def test_journal_never_holds_the_id(sealed_map, journal):
    reveal(sealed_map, journal)
    assert "Дело 1" not in json.dumps(
        [json.loads(line) for line in journal.read_text().splitlines()], ensure_ascii=False
    )


def test_lines_are_chained(sealed_map, journal):
    for pseudonym in PSEUDONYMS:
        reveal(sealed_map, journal, pseudonym)
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [record["previous_sha256"] for record in records] == [FIRST_HASH, *(one["sha256"] for one in records[:-1])]
    verified = verify_reveal_journal(journal)
    assert (verified.entries, verified.last_sha256) == (3, records[-1]["sha256"])


def test_hash_is_that_of_the_line_without_it(sealed_map, journal):
    reveal(sealed_map, journal)
    record = json.loads(journal.read_text())
    stated = record.pop("sha256")
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == stated


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_journal_is_private(sealed_map, journal):
    reveal(sealed_map, journal)
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("by", "reason"), [("", "x"), ("x", ""), (" \t", "x"), ("x", "\n")])
def test_nothing_is_revealed_without_name_and_reason(sealed_map, journal, by, reason):
    with pytest.raises(RevealUnjustifiedError, match="with a reason") as caught:
        reveal(sealed_map, journal, by=by, reason=reason)
    assert caught.value.exit_code == EXIT_USAGE
    assert not journal.exists()


def test_unknown_pseudonym(sealed_map, journal):
    with pytest.raises(UnknownPseudonymError, match="does not hold") as caught:
        reveal(sealed_map, journal, "nobody")
    assert caught.value.where == "nobody"
    assert not journal.exists()


def test_clock_without_zone_is_a_mistake_of_the_caller(sealed_map, journal):
    with pytest.raises(ValueError, match="time zone"):
        reveal(sealed_map, journal, now=NOW.replace(tzinfo=None))


def test_nothing_is_revealed_if_it_cannot_be_written(sealed_map, journal, monkeypatch):
    reveal(sealed_map, journal)
    before = journal.read_bytes()
    write, writes = os.write, iter([10])

    def fill_up(descriptor, data):
        for room in writes:
            return write(descriptor, bytes(data)[:room])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(RevealJournalAccessError, match="No space left") as caught:
        reveal(sealed_map, journal)
    assert caught.value.exit_code == EXIT_ENVIRONMENT
    assert journal.read_bytes() == before


def test_journal_that_is_a_folder(sealed_map, tmp_path):
    with pytest.raises(RevealJournalAccessError, match="cannot be used"):
        reveal(sealed_map, tmp_path)
    with pytest.raises(RevealJournalAccessError, match="cannot be used"):
        verify_reveal_journal(tmp_path)


def test_missing_journal_cannot_be_verified(journal):
    with pytest.raises(RevealJournalMissingError, match="no reveal journal"):
        verify_reveal_journal(journal)


def test_empty_journal_is_sound(journal):
    journal.parent.mkdir()
    journal.touch()
    assert (verify_reveal_journal(journal).entries, verify_reveal_journal(journal).last_sha256) == (0, FIRST_HASH)


def test_every_altered_byte_is_noticed(journal):
    for number in range(3):
        append_revelation(journal, revelation(reason=f"reason {number}"))
    content = journal.read_bytes()
    for position in range(len(content)):
        altered = bytearray(content)
        altered[position] ^= 1
        journal.write_bytes(bytes(altered))
        with pytest.raises(RevealJournalBrokenError, match="altered: line"):
            verify_reveal_journal(journal)


@pytest.mark.parametrize(
    ("rearrange", "line"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [lines[0], b"\n", *lines[1:]], 2),
        (lambda lines: [*lines, b"[]\n"], 4),
        (lambda lines: [*lines[:2], lines[2].rstrip(b"\n")], 3),
        (lambda lines: [*lines[:2], lines[2][:20]], 3),
    ],
)
def test_rearranged_lines_are_noticed_and_named(journal, rearrange, line):
    for number in range(3):
        append_revelation(journal, revelation(reason=f"reason {number}"))
    journal.write_bytes(b"".join(rearrange(journal.read_bytes().splitlines(keepends=True))))
    with pytest.raises(RevealJournalBrokenError, match=f"line {line} ") as caught:
        verify_reveal_journal(journal)
    assert caught.value.exit_code == EXIT_INTEGRITY


def test_lines_removed_at_the_end_show_in_number_and_hash(journal):
    results = [append_revelation(journal, revelation()) for _ in range(2)]
    assert verify_reveal_journal(journal) == results[1]
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert verify_reveal_journal(journal) == results[0]


def test_broken_journal_is_not_continued(sealed_map, journal):
    reveal(sealed_map, journal)
    journal.write_bytes(journal.read_bytes().replace(b'"number":1', b'"number":2'))
    before = journal.read_bytes()
    with pytest.raises(RevealJournalBrokenError):
        reveal(sealed_map, journal)
    assert journal.read_bytes() == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(entries=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=5))
def test_any_text_is_kept_on_one_line(tmp_path, entries):
    journal = tmp_path / os.urandom(8).hex()
    for by, reason in entries:
        append_revelation(journal, revelation(by=by, reason=reason))
    records = [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]
    assert [(record["by"], record["reason"]) for record in records] == entries
    assert verify_reveal_journal(journal).entries == len(entries)


def test_simultaneous_reveals_all_stay_in_the_chain(journal):
    journal.parent.mkdir()
    threads = [threading.Thread(target=append_revelation, args=(journal, revelation(by=str(n)))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify_reveal_journal(journal).entries == 8


def test_conceal_gives_the_stores_pseudonym():
    assert conceal("Дело 2", key=KEY) == PSEUDONYMS[1]
    assert conceal("Дело 2", key=KEY, domain=RESOURCE_DOMAIN) != PSEUDONYMS[1]


def test_utc_and_local_clocks_write_the_same(journal):
    append_revelation(journal, revelation(at=NOW))
    append_revelation(journal, revelation(at=NOW.astimezone(UTC)))
    first, second = (json.loads(line)["at"] for line in journal.read_text().splitlines())
    assert first == second
