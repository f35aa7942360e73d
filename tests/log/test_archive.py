"""Files on disk and the containers around them."""

import errno
import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from potok.core.errors import EXIT_ENVIRONMENT
from potok.log.sources import archive, unpacking
from potok.log.sources.archive import (
    ArchiveContentError,
    ContainerKind,
    MissingSourceError,
    NotAFileError,
    UnpackedSizeError,
    UnpackingLimits,
    UnpackingRatioError,
    UnreadableSourceError,
    UnsafeMemberNameError,
    open_container,
    read_chunks,
    read_member,
)
from potok.log.sources.unpacking import DamagedArchiveError, gunzip, unzstd

NO_LIMITS = UnpackingLimits()


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return written.getvalue()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def unpack(path: Path, *, limits: UnpackingLimits = NO_LIMITS) -> list[bytes]:
    container = open_container(path)
    return [b"".join(read_member(container, member, limits=limits)) for member in container.members]


def write(folder: Path, data: bytes, name: str = "log.bin") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"a;b\n", ContainerKind.PLAIN),
        (b"", ContainerKind.PLAIN),
        (gzip.compress(b"a;b\n"), ContainerKind.GZIP),
        (zstandard.compress(b"a;b\n"), ContainerKind.ZSTD),
        (b"\x51\x2a\x4d\x18\x00\x00\x00\x00" + zstandard.compress(b"a;b\n"), ContainerKind.ZSTD),
        (zipped({"a.csv": b"a;b\n"}), ContainerKind.ZIP),
    ],
)
def test_the_first_bytes_and_not_the_name_tell_how_a_file_is_packed(
    tmp_path: Path, data: bytes, kind: ContainerKind
) -> None:
    path = write(tmp_path, data, "log.txt")
    assert open_container(path).kind is kind
    assert unpack(path) == [b"a;b\n" if data else b""]


@given(
    parts=st.lists(st.binary(max_size=300).map(lambda part: part * 7), min_size=1, max_size=3),
    size=st.sampled_from([1, 7, 64, 10**6]),
    output=st.sampled_from([1, 16, 2**20]),
    padding=st.integers(0, 9),
)
def test_any_cut_of_any_packed_stream_unpacks_to_the_same(
    parts: list[bytes], size: int, output: int, padding: int
) -> None:
    usual, unpacking.UNPACKED_CHUNK_BYTES = unpacking.UNPACKED_CHUNK_BYTES, output
    try:
        packed = b"".join(map(gzip.compress, parts)) + bytes(padding)
        assert b"".join(gunzip(pieces(packed, size), where="")) == b"".join(parts)
    finally:
        unpacking.UNPACKED_CHUNK_BYTES = usual
    frames = b"".join(map(zstandard.compress, parts))
    assert b"".join(unzstd(pieces(frames, size), where="")) == b"".join(parts)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("kept", [5, 12, -1])
def test_a_stream_cut_short_is_said_to_be(tmp_path: Path, pack: object, kept: int) -> None:
    assert callable(pack)
    path = write(tmp_path, pack(os.urandom(5_000))[:kept])
    with pytest.raises(DamagedArchiveError, match="ends before its data does") as failure:
        unpack(path)
    assert failure.value.where == str(path)


def test_damaged_streams_are_said_to_be(tmp_path: Path) -> None:
    for pack in (gzip.compress, zstandard.compress):
        packed = bytearray(pack(b"many words " * 999))
        packed[len(packed) // 2] ^= 0xFF
        packed[-5] ^= 0xFF
        with pytest.raises(DamagedArchiveError, match="is damaged"):
            unpack(write(tmp_path, bytes(packed)))
    with pytest.raises(DamagedArchiveError, match="is damaged"):
        unpack(write(tmp_path, gzip.compress(b"a") + b"trailing garbage"))


@pytest.mark.parametrize("damage", ["cut", "list", "data", "name"])
def test_damaged_zip_files_are_said_to_be(tmp_path: Path, damage: str) -> None:
    data = bytearray(zipped({"a.csv": os.urandom(900), "Отчёт.csv": b"x"}))
    if damage == "cut":
        data = data[:-30]
    elif damage == "list":  # where the list of members begins
        data[-6:-2] = b"\xff\xff\xff\x7f"
    elif damage == "data":
        data[300] ^= 0xFF
    else:
        data[data.rfind("Отчёт".encode())] = 0xFF
    with pytest.raises((DamagedArchiveError, UnreadableSourceError)) as failure:
        unpack(write(tmp_path, bytes(data)))
    assert isinstance(failure.value, DamagedArchiveError)


def test_a_zip_file_is_read_member_by_member(tmp_path: Path) -> None:
    members = {
        "2024/": b"",
        "2024/б.csv": b"1",
        "2024/a.csv": b"2",
        "__MACOSX/2024/._a.csv": b"junk",
        "2024/.DS_Store": b"junk",
        "Thumbs.db": b"junk",
    }
    path = write(tmp_path, zipped(members))
    assert [member.name for member in open_container(path).members] == ["2024/б.csv", "2024/a.csv"]
    assert unpack(path) == [b"1", b"2"]


def test_names_that_old_packers_wrote_in_code_page_866_are_legible(tmp_path: Path) -> None:
    # Any packer that knows no better marks no encoding; Python then takes the bytes for code page 437.
    data = zipped({"OTCHET.csv": b"1"}).replace(b"OTCHET.csv", "ОТЧЁТ1.csv".encode("cp866"))
    assert open_container(write(tmp_path, data)).members[0].name == "ОТЧЁТ1.csv"


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/../../x.csv", "/etc/x.csv", "C:/x.csv", "..\\x.csv", "a\\..\\..\\x.csv"]
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeMemberNameError, match="outside its own folder"):
        open_container(write(tmp_path, zipped({"good.csv": b"1", name: b"2"})))
    assert [file.name for file in tmp_path.iterdir()] == ["log.bin"]


def test_a_zip_file_must_hold_some_files_but_not_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArchiveContentError, match="holds 0 files"):
        open_container(write(tmp_path, zipped({"folder/": b""})))
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    with pytest.raises(ArchiveContentError, match="holds 3 files; it must hold between 1 and 2"):
        open_container(write(tmp_path, zipped({"a": b"", "b": b"", "c": b""})))


def test_encrypted_and_unknown_methods_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": b"1"}))
    listed = data.rfind(b"PK\x01\x02")
    encrypted = data.copy()
    encrypted[listed + 8] |= 1
    with pytest.raises(ArchiveContentError, match="encrypted"):
        open_container(write(tmp_path, bytes(encrypted)))
    data[listed + 10] = 97
    with pytest.raises(ArchiveContentError, match="packed in a way that cannot be read"):
        unpack(write(tmp_path, bytes(data)))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_zip_are_read_and_their_damage_is_seen(tmp_path: Path, method: int) -> None:
    content = os.urandom(999)
    data = bytearray(zipped({"a.csv": content}, method=method))
    assert unpack(write(tmp_path, bytes(data))) == [content]
    data[500] ^= 0xFF
    with pytest.raises(DamagedArchiveError):
        unpack(write(tmp_path, bytes(data)))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda data: zipped({"a": data})])
def test_bombs_are_stopped(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = write(tmp_path, pack(bytes(3_000_000)))
    with pytest.raises(UnpackedSizeError, match="unpacks to more than 1 MiB"):
        unpack(path, limits=UnpackingLimits(max_bytes=2**20))
    with pytest.raises(UnpackingRatioError, match="more than 100 times its size"):
        unpack(path, limits=UnpackingLimits(max_ratio=100, ratio_from_bytes=10**6))
    assert unpack(path, limits=UnpackingLimits(max_ratio=100)) == [bytes(3_000_000)]


def test_the_limit_is_for_all_members_together(tmp_path: Path) -> None:
    container = open_container(write(tmp_path, zipped({"a": bytes(99)})))
    read = read_member(container, container.members[0], limits=UnpackingLimits(max_bytes=100), unpacked_bytes=2)
    with pytest.raises(UnpackedSizeError):
        list(read)


@pytest.mark.parametrize("data", [b"plain", gzip.compress(b"plain"), zipped({"a": b"plain"})])
def test_what_is_read_can_be_watched(tmp_path: Path, data: bytes) -> None:
    container = open_container(write(tmp_path, data))
    seen: list[bytes] = []
    list(read_member(container, container.members[0], limits=NO_LIMITS, watch=seen.append))
    assert b"".join(seen) == (b"plain" if container.kind is ContainerKind.ZIP else data)


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError, match="There is no file"):
        open_container(tmp_path / "missing.csv")
    with pytest.raises(MissingSourceError, match="There is no file"):
        open_container(tmp_path / "nul\0.csv")
    with pytest.raises(NotAFileError, match="is a folder or a device"):
        open_container(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(NotAFileError):
            open_container(tmp_path / "pipe")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_a_refusal_of_the_system_is_no_fault_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = write(tmp_path, zipped({"a": b"1"}))
    container = open_container(path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    for read in (read_chunks(path), read_member(container, container.members[0], limits=NO_LIMITS)):
        with pytest.raises(UnreadableSourceError, match=os.strerror(number)) as failure:
            list(read)
        assert failure.value.exit_code == EXIT_ENVIRONMENT


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write(tmp_path, b"a;b\n")
    path.chmod(0)
    with pytest.raises(UnreadableSourceError, match="Permission denied"):
        open_container(path)
