"""XES files that are broken, cut off or hostile: one clear error each, with place and remedy."""

import gzip
import random
import re
import shutil
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest
import zstandard

from potok.core.errors import PotokError
from potok.log.sources.archive import ArchiveContentError, UnpackedSizeError
from potok.log.sources.unpacking import DamagedArchiveError
from potok.log.sources.xes import parser, source_bytes
from potok.log.sources.xes.errors import (
    ElementSizeError,
    EmptyXesError,
    ForbiddenXmlError,
    MalformedXmlError,
    MisplacedElementError,
    NotXmlError,
    TruncatedXesError,
    WrongRootError,
    XesEncodingError,
    XesError,
)
from support.xes_files import HEAD, SMALL_LOG, TAIL, attribute, event, log, stage, stage_text, trace

SMALL = SMALL_LOG.encode()
LONG_LOG = log(*(trace(attribute("concept:name", str(number)), event(a="1")) for number in range(2000))).encode()


def zipped(*names: str, content: bytes = SMALL, folder: Path) -> Path:
    path = folder / "log.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize(
    ("text", "error", "message", "line"),
    [
        ("", EmptyXesError, "The file log.xes is empty", None),
        ("case;activity;time\n1;A;2020-01-01\n", NotXmlError, "not XML: it begins with “case;activity;time·1”", 1),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NotXmlError, "begins with “········”", 1),
        (" \n\t", NotXmlError, "not XML", 1),
        ("<html><body/></html>", WrongRootError, "its root element is “html”, not “log”", 1),
        ('<?xml version="1.0"?>\n<pnml/>', WrongRootError, "“pnml”", 2),
        (HEAD + "<trace></event></log>", MalformedXmlError, "mismatched tag", 3),
        (HEAD + '<string key="a" value="<"/>' + TAIL, MalformedXmlError, "invalid token", 3),
        (HEAD + '<string key="a" value="&nbsp;"/>' + TAIL, MalformedXmlError, "undefined entity", 3),
        (HEAD + "<trace/>\0" + TAIL, MalformedXmlError, "invalid token", 3),
        (HEAD + TAIL + "<log/>", MalformedXmlError, "junk after document element", 4),
        (HEAD + "<trace/>\n<trace/>\n<trace><event>", TruncatedXesError, "ends before the log does", 5),
        (HEAD + '<trace><string key="a" val', TruncatedXesError, "was cut off", 3),
        ('<?xml version="1.0"?><lo', TruncatedXesError, "was cut off", 1),
        (HEAD + "<trace><trace/></trace>" + TAIL, MisplacedElementError, "trace begins inside another trace", 3),
        (HEAD + "<event><event/></event>" + TAIL, MisplacedElementError, "begins inside another element", 3),
        (HEAD + "<trace><event><trace/></event></trace>" + TAIL, MisplacedElementError, "another element", 3),
        (HEAD + "<events>\n<event id='1'/></events>" + TAIL, MisplacedElementError, "another element", 4),
        ("<!DOCTYPE log><log/>", ForbiddenXmlError, "declares a document type", 1),
    ],
)
def test_broken_files_are_refused(
    text: str | bytes, error: type[XesError], message: str, line: int | None, tmp_path: Path
) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        stage_text(text, tmp_path)

    assert caught.value.remedy
    assert "log.xes" in caught.value.where
    if line is not None:
        assert f"line {line}, column " in caught.value.where


def test_a_cut_off_file_tells_how_many_traces_were_complete(tmp_path: Path) -> None:
    cut = LONG_LOG[: LONG_LOG.index(b"<trace>", 50_000)]
    with pytest.raises(TruncatedXesError) as caught:
        stage_text(cut + b"<trace>", tmp_path)

    assert f"{cut.count(b'</trace>')} complete traces could be read" in caught.value.remedy


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://example.org/a.dtd">%a;',
    ],
)
def test_entities_are_never_expanded(declaration: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0"?>\n<!DOCTYPE log [{declaration}]><log><string key="a" value="&b;"/></log>'

    with pytest.raises(ForbiddenXmlError, match="DOCTYPE log") as caught:
        stage_text(text, tmp_path)

    assert caught.value.where.startswith("log.xes, line 2, ")


def test_an_external_document_type_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ForbiddenXmlError):
        stage_text('<!DOCTYPE log SYSTEM "http://example.org/log.dtd"><log/>', tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16le", "windows-1251", "koi8-r", "iso-8859-5"])
def test_declared_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + log(trace(event(a="Приём"))).split("\n", 1)[1]

    staged = stage_text(text.encode(encoding), tmp_path)

    assert staged.rows[0]["a"] == "Приём"
    assert staged.facts["encoding"] == encoding


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    assert stage_text(b"\xef\xbb\xbf" + SMALL, tmp_path).facts["events"] == 2


@pytest.mark.parametrize("encoding", ["cp1251", "WINDOWS-1251"])
def test_the_user_can_correct_the_encoding(encoding: str, tmp_path: Path) -> None:
    written = log(trace(event(a="Приём"))).encode("cp1251")

    with pytest.raises(XesEncodingError, match="not in the encoding that the file declares") as caught:
        stage_text(written, tmp_path)
    staged = stage_text(written, tmp_path, encoding=encoding)

    assert "windows-1251" in caught.value.remedy
    assert caught.value.where.startswith("log.xes, line 3, ")
    assert staged.rows[0]["a"] == "Приём"


def test_an_encoding_may_be_named_as_python_does(tmp_path: Path) -> None:
    text = log(trace(event(a="Приём"))).split("\n", 1)[1]

    assert stage_text(text.encode("utf-16-le"), tmp_path, encoding="utf-16-le").rows[0]["a"] == "Приём"
    assert stage_text(text, tmp_path, encoding="utf-8-sig").rows[0]["a"] == "Приём"


@pytest.mark.parametrize("encoding", ["gb2312", "nonsense", "base64", "idna", "utf-16"])
def test_encodings_that_cannot_be_read_are_named_as_such(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(XesEncodingError):
        stage_text(f'<?xml version="1.0" encoding="{encoding}"?><log/>', tmp_path)
    if encoding != "utf-16":
        with pytest.raises(XesEncodingError):
            stage_text(SMALL, tmp_path, encoding=encoding)


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("<a>" * 30_000, "holds more than 1000 elements"),
        (attribute("k", "v") * 3_000, "holds more than 1000 elements"),
        ("".join(f"<n{number}/>" for number in range(300)), "more than 100 different names"),
        (f'<string key="a" value="{"x" * 50_000}"/>', "single tag or value is longer than 20000 bytes"),
        ("<!--" + "x" * 50_000 + "-->", "single tag or value is longer than 20000 bytes"),
        ("x" * 100_000, "One event or the head of the log is longer than 40000 bytes"),
        ("<a>" * 101 + "</a>" * 101, "nested more than 100 deep"),
    ],
)
def test_memory_stays_bounded_whatever_an_event_holds(inner: str, message: str, tmp_path: Path) -> None:
    limits = {"MAX_SEGMENT_TOKENS": 2000, "MAX_XML_NAMES": 100, "MAX_TAG_BYTES": 20_000, "MAX_SEGMENT_BYTES": 40_000}
    with (
        patch.multiple(parser, **limits),
        patch.object(source_bytes, "PIECE_BYTES", 1000),
        pytest.raises(ElementSizeError, match=message) as caught,
    ):
        stage_text(log(trace(event(inner))), tmp_path)

    assert caught.value.where.startswith("log.xes, line ")


def test_a_long_value_of_a_case_is_not_repeated_on_all_its_events(tmp_path: Path) -> None:
    with pytest.raises(ElementSizeError, match=r"“case:text” of trace 2 has 1048577 letters"):
        stage_text(log("<trace/>", trace(attribute("text", "x" * ((1 << 20) + 1)), event(a="1"))), tmp_path)


def test_many_short_values_of_a_case_do_not_add_up_to_a_long_one(tmp_path: Path) -> None:
    parts = (attribute("text", letter * 600_000) + event(a="1") for letter in "xy")

    with pytest.raises(ElementSizeError, match=r"“case:text” of trace 1 has 1200002 letters"):
        stage_text(log(trace(*parts)), tmp_path)


@pytest.mark.parametrize("kind", ["gzip", "zstd", "gzip in two members"])
def test_compressed_files_are_read_by_what_they_hold(kind: str, tmp_path: Path) -> None:
    packed = {
        "gzip": gzip.compress(SMALL),
        "zstd": zstandard.compress(SMALL),
        "gzip in two members": gzip.compress(SMALL[:100]) + gzip.compress(SMALL[100:]),
    }[kind]

    staged = stage_text(packed, tmp_path)

    assert staged.rows == stage_text(SMALL, tmp_path).rows
    assert staged.facts["compression"] == kind.split()[0]


@pytest.mark.parametrize("names", [["log.xes"], ["log.XML"], ["a/", "a/log.xes", "readme.txt", "__MACOSX/log.xes"]])
def test_a_zip_archive_with_one_log_is_read(names: list[str], tmp_path: Path) -> None:
    staged = stage(zipped(*names, folder=tmp_path))

    assert staged.facts["events"] == 2
    assert staged.facts["compression"] == "zip"


@pytest.mark.parametrize(("names", "count"), [(["a.xes", "b.xes"], 2), (["a.csv", "b.csv", "c.csv"], 3)])
def test_a_zip_archive_without_one_log_is_refused(names: list[str], count: int, tmp_path: Path) -> None:
    with pytest.raises(ArchiveContentError, match=f"should hold one XES file, but holds {count} files"):
        stage(zipped(*names, folder=tmp_path))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_cut_off_compressed_file_tells_how_far_it_could_be_read(compress, tmp_path: Path) -> None:
    packed = compress(LONG_LOG)

    with pytest.raises(DamagedArchiveError, match="ends before its data does") as caught:
        stage_text(packed[: len(packed) // 2], tmp_path)

    assert re.search(r"\b\d+ complete traces? could be read before that", caught.value.remedy)


def test_a_gzip_file_without_its_end_is_refused_though_the_log_is_complete(tmp_path: Path) -> None:
    with pytest.raises(DamagedArchiveError) as caught:
        stage_text(gzip.compress(LONG_LOG)[:-4], tmp_path)

    # The last trace counts as complete only when the next one begins or the log ends.
    assert "1999 complete traces" in caught.value.remedy


def test_an_empty_compressed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyXesError, match=r"log\.xes is empty"):
        stage_text(gzip.compress(b""), tmp_path)


def test_an_unpacked_size_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnpackedSizeError):
        stage_text(gzip.compress(LONG_LOG), tmp_path, max_uncompressed_bytes=len(LONG_LOG) - 1)

    assert stage_text(gzip.compress(LONG_LOG), tmp_path, max_uncompressed_bytes=len(LONG_LOG)).facts["traces"] == 2000
    assert stage_text(LONG_LOG, tmp_path, max_uncompressed_bytes=10).facts["traces"] == 2000


def test_mutated_files_only_raise_errors_of_ours(tmp_path: Path) -> None:
    chance = random.Random(20240601)
    cp1251 = SMALL_LOG.replace("UTF-8", "cp1251").encode("cp1251")
    packed = [gzip.compress(SMALL, mtime=0), zstandard.compress(SMALL), zipped("a.xes", folder=tmp_path).read_bytes()]
    pieces = [b"<event>", b"</trace>", b"<trace>", b"<!--", b"&x;", b"\0", b"\xff", b'"', b"<string/>", b"</string>"]
    outcomes = set()
    for _ in range(250):
        text = bytearray(chance.choice([SMALL, SMALL, SMALL, cp1251, SMALL_LOG.encode("utf-16"), *packed]))
        for _ in range(chance.choice([1, 1, 2, 5])):
            start = chance.randrange(len(text))
            end = start + chance.randrange(20)
            text[start:end] = chance.choice([b"", chance.randbytes(1), chance.choice(pieces), text[:start]])
            text = text or bytearray(b" ")
        try:
            staged = stage_text(bytes(text), tmp_path)
        except PotokError as error:
            outcomes.add((type(error), bool(error.where and error.remedy)))
        else:
            assert len(staged.rows) == staged.facts["events"]
        shutil.rmtree(tmp_path / "staged", ignore_errors=True)
    assert len(outcomes) > 3
    assert {is_complete for _, is_complete in outcomes} == {True}
