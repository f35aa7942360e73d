import json
import os
import stat
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import EXIT_BAD_DATA, EXIT_INTEGRITY, EXIT_USAGE
from potok.log.privacy import sealed_map as module
from potok.log.privacy import sealing
from potok.log.privacy.keys import Key
from potok.log.privacy.pseudonyms import CASE_DOMAIN, pseudonymise
from potok.log.privacy.sealed_map import (
    SealedMapAccessError,
    SealedMapExistsError,
    open_sealed_map,
    write_sealed_map,
)
from potok.log.privacy.sealing import NotASealedMapError, SealedMapDamagedError, WrongKeyError, WrongPassphraseError

KEY = Key.from_secret(bytes(range(32)))
OTHER_KEY = Key.from_secret(bytes(32))
PAIRS = [(f"Дело {number}", f"pseudonym{number}") for number in range(10)]


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch):
    monkeypatch.setattr(sealing, "_SCRYPT_N", 2**4)


@pytest.fixture
def sealed(tmp_path):
    path = tmp_path / "map"
    assert write_sealed_map(path, iter(PAIRS), key=KEY) == len(PAIRS)
    return path


def test_look_up_in_both_directions(sealed):
    opened = open_sealed_map(sealed, key=KEY)
    assert opened.find_identifier("pseudonym7") == "Дело 7"
    assert opened.find_pseudonym("Дело 7") == "pseudonym7"
    assert opened.find_identifier("Дело 7") is None
    assert opened.find_pseudonym("pseudonym7") is None
    assert opened.key_identifier == KEY.identifier


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.text(max_size=30) | st.just("\ud800"), st.text(max_size=30)), max_size=20),
    passphrase=st.none() | st.text(st.characters(codec="utf-8"), max_size=10),
    per_record=st.integers(1, 5),
)
def test_every_pair_comes_back_in_order(tmp_path, monkeypatch, pairs, passphrase, per_record):
    monkeypatch.setattr(module, "_PAIRS_PER_RECORD", per_record)
    path = tmp_path / os.urandom(8).hex()
    assert write_sealed_map(path, pairs, key=KEY, passphrase=passphrase) == len(pairs)
    assert list(open_sealed_map(path, key=KEY, passphrase=passphrase).read_pairs()) == pairs


def test_nothing_readable_is_in_the_file(sealed):
    content = sealed.read_bytes()
    assert b"pseudonym" not in content
    assert json.dumps("Дело").strip('"').encode() not in content
    assert "Дело".encode() not in content
    assert KEY.secret not in content


def test_same_map_never_looks_the_same(tmp_path, sealed):
    write_sealed_map(tmp_path / "again", PAIRS, key=KEY)
    assert (tmp_path / "again").read_bytes()[-100:] != sealed.read_bytes()[-100:]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_file_is_private(sealed):
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600


def test_opened_map_does_not_show_its_key(sealed):
    opened = open_sealed_map(sealed, key=KEY)
    assert repr(opened.content_key) not in repr(opened)


def test_existing_map_is_never_overwritten(sealed):
    before = sealed.read_bytes()
    with pytest.raises(SealedMapExistsError, match="never overwritten") as caught:
        write_sealed_map(sealed, PAIRS, key=KEY)
    assert caught.value.exit_code == EXIT_USAGE
    assert sealed.read_bytes() == before


def test_interruption_leaves_nothing(tmp_path):
    def interrupted():
        yield from PAIRS
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sealed_map(tmp_path / "map", interrupted(), key=KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_full_disk_leaves_nothing(tmp_path, monkeypatch, failing):
    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(failing, refuse)
    with pytest.raises(SealedMapAccessError, match="No space left"):
        write_sealed_map(tmp_path / "map", PAIRS, key=KEY)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_and_missing_file(tmp_path):
    with pytest.raises(SealedMapAccessError, match="could not be written"):
        write_sealed_map(tmp_path / "none" / "map", PAIRS, key=KEY)
    with pytest.raises(SealedMapAccessError, match="could not be read"):
        open_sealed_map(tmp_path / "none", key=KEY)


def test_file_removed_after_opening(sealed):
    opened = open_sealed_map(sealed, key=KEY)
    sealed.unlink()
    with pytest.raises(SealedMapAccessError, match="could not be read"):
        opened.find_identifier("pseudonym7")


def test_other_key_is_named(sealed):
    with pytest.raises(WrongKeyError, match=f"{KEY.identifier}, not with {OTHER_KEY.identifier}"):
        open_sealed_map(sealed, key=OTHER_KEY)


def test_passphrase_is_needed_and_checked(tmp_path):
    path = tmp_path / "map"
    write_sealed_map(path, PAIRS, key=KEY, passphrase="сезам")
    assert open_sealed_map(path, key=KEY, passphrase="сезам").find_identifier("pseudonym0") == "Дело 0"
    with pytest.raises(WrongPassphraseError, match="with a passphrase"):
        open_sealed_map(path, key=KEY)
    with pytest.raises(WrongPassphraseError, match="is wrong"):
        open_sealed_map(path, key=KEY, passphrase="Сезам")


def test_passphrase_where_there_is_none(sealed):
    with pytest.raises(WrongPassphraseError, match="without a passphrase"):
        open_sealed_map(sealed, key=KEY, passphrase="сезам")


def test_stretching_is_as_slow_as_recommended(monkeypatch):
    monkeypatch.undo()
    assert sealing._SCRYPT_N == 2**17


@pytest.mark.parametrize("content", [b"", b"hello", b"potok-sealed-map 2\n{}\n", b"PK\x03\x04" + bytes(100)])
def test_other_file(tmp_path, content):
    (tmp_path / "map").write_bytes(content)
    with pytest.raises(NotASealedMapError, match="no sealed map") as caught:
        open_sealed_map(tmp_path / "map", key=KEY)
    assert caught.value.exit_code == EXIT_BAD_DATA


def test_every_truncation_is_noticed(tmp_path, sealed):
    content = sealed.read_bytes()
    for length in range(len(sealing.MAGIC), len(content)):
        (tmp_path / "cut").write_bytes(content[:length])
        with pytest.raises(SealedMapDamagedError, match="altered") as caught:
            open_sealed_map(tmp_path / "cut", key=KEY)
    assert caught.value.exit_code == EXIT_INTEGRITY


def test_every_altered_byte_is_noticed(tmp_path, sealed):
    content = sealed.read_bytes()
    for position in range(len(sealing.MAGIC), len(content)):
        altered = bytearray(content)
        altered[position] ^= 1
        (tmp_path / "altered").write_bytes(bytes(altered))
        with pytest.raises((SealedMapDamagedError, WrongKeyError)):
            open_sealed_map(tmp_path / "altered", key=KEY)


@pytest.mark.parametrize(
    "rest", [b"\0", b"\0\0\0\0", b"\0\0\0\x01x", b"\xff\xff\xff\xff", b"\xff\xff\xff\xff" + bytes(50)]
)
def test_added_bytes_are_noticed(sealed, rest):
    sealed.write_bytes(sealed.read_bytes() + rest)
    with pytest.raises(SealedMapDamagedError):
        open_sealed_map(sealed, key=KEY)


def records_of(path):
    content = path.read_bytes()
    _header, position = sealing.SealHeader.read(content, key=KEY, path=path)
    head, records = content[:position], []
    while position < len(content):
        end = position + 4 + int.from_bytes(content[position : position + 4], "big")
        records.append(content[position:end])
        position = end
    return head, records


@pytest.mark.parametrize(
    "rearrange",
    [
        lambda records: [records[1], records[0], *records[2:]],
        lambda records: records[:-1],
        lambda records: [*records[:-2], records[-1]],
        lambda records: [records[0], *records],
        lambda records: records[1:],
    ],
)
def test_rearranged_records_are_noticed(tmp_path, monkeypatch, rearrange):
    monkeypatch.setattr(module, "_PAIRS_PER_RECORD", 3)
    path = tmp_path / "map"
    write_sealed_map(path, PAIRS, key=KEY)
    head, records = records_of(path)
    assert len(records) == 5
    path.write_bytes(head + b"".join(rearrange(records)))
    with pytest.raises(SealedMapDamagedError):
        open_sealed_map(path, key=KEY)


def test_records_of_another_map_are_noticed(tmp_path, sealed):
    write_sealed_map(tmp_path / "other", PAIRS, key=KEY)
    head, _records = records_of(sealed)
    _head, records = records_of(tmp_path / "other")
    sealed.write_bytes(head + b"".join(records))
    with pytest.raises(SealedMapDamagedError):
        open_sealed_map(sealed, key=KEY)


@pytest.mark.parametrize(
    "header", [b"[]", b"{}", b'{"key_id": 1, "salt": "zz", "passphrase_check": ""}', b"null", b"{"]
)
def test_strange_header(tmp_path, header):
    (tmp_path / "map").write_bytes(sealing.MAGIC + header + b"\n" + bytes(100))
    with pytest.raises(SealedMapDamagedError):
        open_sealed_map(tmp_path / "map", key=KEY)


def test_header_with_a_short_salt(tmp_path):
    header = json.dumps({"key_id": KEY.identifier, "salt": "00", "passphrase_check": ""}).encode()
    (tmp_path / "map").write_bytes(sealing.MAGIC + header + b"\n" + bytes(100))
    with pytest.raises(SealedMapDamagedError):
        open_sealed_map(tmp_path / "map", key=KEY)


def test_memory_does_not_grow_with_the_map(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PAIRS_PER_RECORD", 256)

    def pairs(count):
        return ((f"case-{number}", f"{number:020d}") for number in range(count))

    peaks = []
    for count in (3_000, 15_000):
        path = tmp_path / str(count)
        tracemalloc.start()
        write_sealed_map(path, pairs(count), key=KEY)
        assert open_sealed_map(path, key=KEY).find_identifier(f"{count - 1:020d}") == f"case-{count - 1}"
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_huge_ids_are_divided_too(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHARACTERS_PER_RECORD", 100)
    path = tmp_path / "map"
    write_sealed_map(path, [("x" * 60 + str(number), str(number)) for number in range(6)], key=KEY)
    assert len(records_of(path)[1]) == 4
    assert open_sealed_map(path, key=KEY).find_identifier("5") == "x" * 60 + "5"


def test_map_of_real_pseudonyms_agrees_with_the_key(tmp_path):
    ids = [f"case-{number}" for number in range(50)]
    pseudonyms = pseudonymise(ids, key=KEY, domain=CASE_DOMAIN)
    write_sealed_map(tmp_path / "map", zip(ids, pseudonyms, strict=True), key=KEY)
    opened = open_sealed_map(tmp_path / "map", key=KEY)
    assert opened.find_identifier(pseudonyms[42]) == "case-42"
