"""Encodings of text files: declared, asked for, guessed, and left by the text."""

import codecs
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.core.errors import EXIT_USAGE
from potok.log.sources.text.encoding import (
    Encoding,
    UndecodableBytes,
    UndecodableTextError,
    UnknownEncodingError,
    choose_encoding,
    decode_chunks,
    guess_encoding,
)
from support.texts import read_text

RUSSIAN = "Номер;Действие;Дата\n17-Ж;Регистрация заявления;01.02.2024\n18-Ж;Отказ в услуге «ёлка» № 5;02.02.2024\n"
MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
ENCODINGS = ["utf-8", "cp1251", "cp866", "koi8-r", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("with_mark", [False, True])
def test_russian_text_is_read_alike_in_every_encoding(name: str, with_mark: bool) -> None:
    text = RUSSIAN.translate({0xAB: 34, 0xBB: 34, 0x2116: 35}) if name in {"cp866", "koi8-r"} else RUSSIAN
    mark = MARKS.get(name, b"") if with_mark else b""
    reading = read_text(mark + text.encode(name))
    assert reading.names == ["Номер", "Действие", "Дата"]
    assert reading.values == [tuple(line.split(";")) for line in text.splitlines()[1:]]
    facts = reading.staged.facts
    assert (facts["encoding"], facts["had_bom"], facts["encoding_guessed"]) == (name, bool(mark), not mark)
    assert facts["copied"] is (name != "utf-8")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Prüfung;Größe", "cp1252"),
        ("Conclusão;Juntada de Petição", "cp1252"),
        ("МФЦ;ЗАЯВКА ПРИНЯТА", "cp1251"),
        ("ООО «Ромашка» № 5", "cp1251"),
        ("Приостановлено", "cp866"),
        ("да", "cp1251"),
        ("Закрыта", "koi8-r"),
        ("Ж" * 3 + ";\u2116", "cp1251"),
        ("plain", "utf-8"),
        ("день €", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_short_texts_are_told_apart(text: str, name: str) -> None:
    assert guess_encoding(text.encode(name)) == name


@pytest.mark.parametrize(
    ("requested", "name"),
    [
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("windows-1251", "cp1251"),
        ("866", "cp866"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_an_encoding_asked_for_is_taken(requested: str, name: str) -> None:
    assert choose_encoding(RUSSIAN.encode("cp1251"), requested=requested) == Encoding(name)


def test_utf16_asked_for_without_order_takes_the_one_that_fits() -> None:
    assert choose_encoding(RUSSIAN.encode("utf-16-be"), requested="utf-16") == Encoding("utf-16-be")
    assert choose_encoding(codecs.BOM_UTF16_BE + b"\0a", requested="utf-16") == Encoding("utf-16-be", b"\xfe\xff")


@pytest.mark.parametrize(
    "requested", ["klingon", "hex", "base64", "rot13", "idna", "undefined", "unicode_escape", "a\0b"]
)
def test_what_is_no_encoding_of_text_is_refused(requested: str) -> None:
    with pytest.raises(UnknownEncodingError, match="is not an encoding of text") as failure:
        choose_encoding(b"a;b\n", requested=requested)
    assert failure.value.exit_code == EXIT_USAGE
    assert "cp1251" in failure.value.remedy


@given(text=st.text(st.characters(codec="utf-8"), max_size=60), size=st.integers(1, 9), name=st.sampled_from(ENCODINGS))
def test_any_cut_of_any_text_decodes_to_the_same(text: str, size: int, name: str) -> None:
    data = text.encode(name, "replace")
    mark = MARKS.get(name, b"")
    chunks = [(mark + data)[start : start + size] for start in range(0, len(mark + data), size)]
    assert b"".join(decode_chunks(chunks, Encoding(name, mark))) == data.decode(name).encode()


@given(text=st.text(st.characters(codec="utf-8"), max_size=40), size=st.integers(1, 9), rest=st.binary(max_size=5))
def test_decoding_stops_right_after_all_that_is_sound(text: str, size: int, rest: bytes) -> None:
    sound = text.encode()
    data = sound + b"\xff" + rest
    decoded = bytearray()
    chunks = decode_chunks([data[start : start + size] for start in range(0, len(data), size)], Encoding("utf-8"))
    with pytest.raises(UndecodableBytes) as stop:
        deque(map(decoded.extend, chunks), maxlen=0)
    assert stop.value.offset == len(sound)
    assert stop.value.context[:1] == b"\xff"
    assert stop.value.only_ascii_before is text.isascii()
    assert bytes(decoded) == sound


@pytest.mark.parametrize("chunk_bytes", [1, 10, 10**6])
def test_bytes_out_of_encoding_are_located(chunk_bytes: int) -> None:
    lines = ["шаг;дата", *(f"приём {i};{i}" for i in range(900)), "плохо;здесь: "]
    data = "\n".join(lines).encode() + b"\xe6\n1;2\n"
    with pytest.raises(UndecodableTextError, match="From line 902, character 14 on") as failure:
        read_text(data, chunk_bytes=chunk_bytes, name="журнал.csv")
    assert failure.value.where.endswith(f"журнал.csv, line 902, character 14, byte {len(data) - 6}")
    assert "--encoding cp1251" in failure.value.remedy


def test_a_character_cut_by_the_end_of_the_file_is_located() -> None:
    with pytest.raises(UndecodableTextError, match="line 3, character 3"):
        read_text("ш;д\n1;2\n3;ж".encode()[:-1])
    with pytest.raises(UndecodableTextError, match=r"line 2, character 2 .*utf-16-le") as failure:
        read_text("a;b\n1;".encode("utf-16")[:-1])
    assert "--encoding utf-8" in failure.value.remedy


def test_an_encoding_asked_for_in_vain_is_not_guessed_around() -> None:
    with pytest.raises(UndecodableTextError, match="is not in the encoding utf-8"):
        read_text(RUSSIAN.encode("cp1251"), encoding="utf-8")
    assert read_text(RUSSIAN.encode("cp1251"), encoding="1251").staged.facts["encoding_guessed"] is False


@pytest.mark.parametrize("chunk_bytes", [100, 10**6])
def test_if_only_the_beginning_is_ascii_the_encoding_is_guessed_again(chunk_bytes: int) -> None:
    head = "case;activity\n" + "1;start\n" * 150_000
    reading = read_text((head + "2;Заявка закрыта\n").encode("cp1251"), chunk_bytes=10**6)
    assert reading.rows[150_001] == ("2", "Заявка закрыта")
    assert (reading.staged.facts["encoding"], reading.staged.facts["encoding_guessed"]) == ("cp1251", True)
    with pytest.raises(UndecodableTextError, match="line 150003"):
        read_text((head + "2;Заявка\n").encode() + b"3;\xe6\n", chunk_bytes=10**6)


def test_what_looks_like_broken_utf8_at_a_second_look_is_refused() -> None:
    head = ("case;activity\n" + "1;start\n" * 150_000).encode()
    with pytest.raises(UndecodableTextError, match="line 150002, character 3"):
        read_text(head + b"2;\xff" + "Заявка закрыта\n".encode() * 40)


def test_bytes_unknown_to_code_page_1251_are_located() -> None:
    with pytest.raises(UndecodableTextError, match=r"line 2, character 1 .*cp1251"):
        read_text("шаг;дата\n".encode("cp1251") + b"\x98;1\n", encoding="cp1251")
