import base64
import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, EXIT_INTEGRITY, EXIT_USAGE
from potok.log.privacy.keys import (
    DamagedKeyError,
    Key,
    KeyExistsError,
    KeyExposedError,
    KeyFileAccessError,
    KeyMissingError,
    NotAKeyError,
    create_key,
    default_key_path,
    load_key,
)

SECRET = bytes(range(32))
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def write_private(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def key_file(path: Path) -> bytes:
    create_key(path)
    return path.read_bytes()


def test_created_key_is_loaded_again(tmp_path):
    created = create_key(tmp_path / "key")
    assert load_key(tmp_path / "key") == created
    assert len(created.secret) == 32


def test_identifier_is_a_hash_of_the_secret():
    expected = hashlib.sha256(b"potok-key-id" + SECRET).hexdigest()[:16]
    assert Key.from_secret(SECRET).identifier == expected


def test_two_keys_differ(tmp_path):
    assert create_key(tmp_path / "a").secret != create_key(tmp_path / "b").secret


@posix_only
def test_key_and_new_folder_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        create_key(tmp_path / "potok" / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "potok").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "potok" / "key").stat().st_mode) == 0o600


def test_secret_is_not_shown(tmp_path):
    key = create_key(tmp_path / "key")
    encoded = base64.b64encode(key.secret).decode()
    for shown in (repr(key), str(key), f"{[key]}"):
        assert key.identifier in shown
        assert encoded not in shown
        assert repr(key.secret) not in shown


def test_existing_key_is_never_overwritten(tmp_path):
    path = tmp_path / "key"
    before = key_file(path)
    with pytest.raises(KeyExistsError, match="never overwritten") as caught:
        create_key(path)
    assert path.read_bytes() == before
    assert caught.value.exit_code == EXIT_USAGE


def test_dangling_link_is_not_followed(tmp_path):
    target = tmp_path / "elsewhere"
    (tmp_path / "key").symlink_to(target)
    with pytest.raises(KeyExistsError):
        create_key(tmp_path / "key")
    assert not target.exists()


def test_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def refuse(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(KeyFileAccessError, match="No space left") as caught:
        create_key(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
    assert caught.value.exit_code == EXIT_ENVIRONMENT


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(KeyFileAccessError, match="Not a directory"):
        create_key(tmp_path / "file" / "key")
    with pytest.raises(KeyFileAccessError, match="Not a directory"):
        create_key(tmp_path / "file" / "deeper" / "key")
    with pytest.raises(KeyFileAccessError, match="could not be read"):
        load_key(tmp_path / "file" / "key")


def test_missing_key(tmp_path):
    with pytest.raises(KeyMissingError, match="no key") as caught:
        load_key(tmp_path / "key")
    assert caught.value.where == str(tmp_path / "key")
    assert "potok key init" in caught.value.remedy


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o666, 0o610])
def test_key_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "key"
    create_key(path)
    path.chmod(mode)
    with pytest.raises(KeyExposedError, match=f"{mode:04o}") as caught:
        load_key(path)
    assert "chmod 600" in caught.value.remedy


@posix_only
def test_read_only_key_is_accepted(tmp_path):
    key = create_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o400)
    assert load_key(tmp_path / "key") == key


def test_windows_line_ends_are_accepted(tmp_path):
    key = create_key(tmp_path / "key")
    path = write_private(tmp_path / "edited", (tmp_path / "key").read_bytes().replace(b"\n", b"\r\n"))
    assert load_key(path) == key


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n\0\0", b"-----BEGIN RSA PRIVATE KEY-----\n", b"potok-key 1\n" + b"#" * 5000],
)
def test_file_that_is_no_key(tmp_path, content):
    with pytest.raises(NotAKeyError) as caught:
        load_key(write_private(tmp_path / "key", content))
    assert caught.value.exit_code == EXIT_BAD_DATA


def test_empty_file_is_called_empty(tmp_path):
    with pytest.raises(NotAKeyError, match="empty"):
        load_key(write_private(tmp_path / "key", b""))


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: os.mkfifo(path)])
def test_folder_or_pipe_is_no_key(tmp_path, make):
    make(tmp_path / "key")
    with pytest.raises(NotAKeyError, match="no key file"):
        load_key(tmp_path / "key")


def test_later_version(tmp_path):
    content = key_file(tmp_path / "key").replace(b"potok-key 1", b"potok-key 2")
    with pytest.raises(NotAKeyError, match="version"):
        load_key(write_private(tmp_path / "later", content))


def test_every_truncation_is_noticed(tmp_path):
    content = key_file(tmp_path / "key").rstrip(b"\n")
    for length in range(len(content)):
        with pytest.raises((DamagedKeyError, NotAKeyError)):
            load_key(write_private(tmp_path / "cut", content[:length]))


def test_damage_exits_as_integrity_failure(tmp_path):
    content = key_file(tmp_path / "key")
    with pytest.raises(DamagedKeyError, match="altered") as caught:
        load_key(write_private(tmp_path / "cut", content[:-10]))
    assert caught.value.exit_code == EXIT_INTEGRITY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), replacement=st.characters(min_codepoint=33, max_codepoint=126))
@example(position=-2, replacement="A")
def test_altered_key_is_never_taken_for_another(tmp_path, position, replacement):
    key = Key.from_secret(SECRET)
    secret = base64.b64encode(SECRET).decode()
    lines = f"potok-key 1\nid {key.identifier}\nsecret {secret}\n"
    position %= len(lines)
    altered = lines[:position] + replacement + lines[position + 1 :]
    path = write_private(tmp_path / "key", altered.encode())
    try:
        loaded = load_key(path)
    except (DamagedKeyError, NotAKeyError):
        return
    assert loaded == key


def test_key_must_fit_its_identifier():
    with pytest.raises(ValueError, match="does not belong"):
        Key("0" * 16, SECRET)
    with pytest.raises(ValueError, match="32 bytes"):
        Key.from_secret(b"short")


def test_default_path_by_variable_then_configuration_then_home(tmp_path):
    def find(**environment):
        return default_key_path(environment=environment, windows=False)

    assert find(POTOK_KEY_FILE=str(tmp_path / "k"), XDG_CONFIG_HOME="/c") == tmp_path / "k"
    assert find(POTOK_KEY_FILE="~/k") == Path.home() / "k"
    assert find(XDG_CONFIG_HOME=str(tmp_path)) == tmp_path / "potok" / "key"
    assert find(XDG_CONFIG_HOME="relative") == Path.home() / ".config" / "potok" / "key"
    assert find() == Path.home() / ".config" / "potok" / "key"


def test_default_path_on_windows():
    assert default_key_path(environment={"APPDATA": "D:/Roaming"}, windows=True) == Path("D:/Roaming/potok/key")
    assert default_key_path(environment={}, windows=True) == Path.home() / "AppData/Roaming/potok/key"


def test_default_path_asks_the_process(monkeypatch, tmp_path):
    monkeypatch.setenv("POTOK_KEY_FILE", str(tmp_path / "k"))
    assert default_key_path() == tmp_path / "k"
