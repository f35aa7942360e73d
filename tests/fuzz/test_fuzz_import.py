"""Whatever stands in a file: either a store that accounts for every row, or an error in words; never anything else."""

import csv
import gzip
import io
import os
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn, TimeEncoding
from potok.log.store import LogStore, open_store
from support.workbooks import write_rows

# Files are written and an engine is started for every example: few of them, unless asked for more, and no deadline.
FUZZ = settings(
    max_examples=int(os.environ.get("POTOK_FUZZ_EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NASTY = st.sampled_from(
    [
        '"',
        "'",
        '""',
        ";",
        ",",
        "\t",
        "|",
        "\n",
        "\r\n",
        "\r",
        "\0",
        "\ufeff",
        "\u2028",
        "=1+1",
        "@SUM(A1)",
        "NULL",
        "nan",
    ]
)
WORDS = st.sampled_from(["A", "Приём", "ё", "ﬁ", "𝔘", "عربي", "e\u0301", "case", "2024", " ", "-", "\\", "%s", "{x}"])
TEXTS = st.lists(st.one_of(NASTY, WORDS, st.text(max_size=4)), max_size=4).map("".join)
MOMENTS = st.datetimes()
TIMES = st.one_of(
    MOMENTS.map(lambda at: at.isoformat()),
    MOMENTS.map(lambda at: at.isoformat(sep=" ", timespec="seconds")),
    MOMENTS.map(lambda at: f"{at.day:02}.{at.month:02}.{at.year:04} {at.hour}:{at.minute:02}"),
    MOMENTS.map(lambda at: f"{at.month}/{at.day}/{at.year % 100:02}"),
    MOMENTS.map(lambda at: at.isoformat() + "+03:00"),
    st.integers(-(10**12), 10**15).map(str),
    st.sampled_from(
        ["", "00.00.0000", "2024-02-30", "24:00", "31.12.2999", "1900-01-01", "2024-03-31T02:30:00", "45292.5"]
    ),
    TEXTS,
)
CELLS = st.one_of(TEXTS, st.sampled_from(["", "1", "2", "A", "B", "1,5", "-0", "1e400", "9" * 25]))
ROWS = st.lists(st.tuples(CELLS, CELLS, TIMES, CELLS, CELLS), min_size=1, max_size=12)
HEADERS = st.one_of(
    st.just(("case", "activity", "time", "resource", "note")),
    st.just(("Номер дела", "Действие", "Дата", "Исполнитель", "Стоимость")),
    st.lists(TEXTS, min_size=5, max_size=5).map(tuple),
)
ROLES = Mapping(
    case_id="case", activity=("activity",), completed_at=TimeColumn(("time",), TimeEncoding.AUTO), resource="resource"
)


def write_csv(rows: list[tuple[str, ...]], *, delimiter: str, quoting: int, end: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end, escapechar="\\").writerows(rows)
    return text.getvalue()


def import_or_refuse(source: Path, **options: object) -> LogStore | None:
    """Import with everything allowed that can be; None if it was refused in words."""
    request = ImportRequest((str(source),), source.parent / "store", max_rejected_share=1.0, **options)  # type: ignore[arg-type] # options of the caller
    refusal = None
    try:
        import_log(request)
    except PotokError as error:
        refusal = error
    assert [path.name for path in source.parent.iterdir() if path.name.startswith(".")] == []
    if refusal is None:
        return open_store(source.parent / "store")
    assert refusal.message
    assert re.fullmatch(r"POTOK-[EL]\d{3}", refusal.code)
    assert not (source.parent / "store").exists()
    return None


def assert_accounted_for(store: LogStore, rows: int) -> None:
    log = open_store(store.folder).manifest["log"]
    taken, rejected = log["events"], pq.read_table(store.folder / "rejected.parquet")
    assert taken + rejected.num_rows == rows
    assert log["rejected_rows"] == rejected.num_rows
    numbers = pq.read_table(store.folder / "events.parquet")["source_row"].to_pylist()
    assert len(set(numbers)) == len(numbers)
    assert not set(numbers) & set(rejected["source_row"].to_pylist())


@FUZZ
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_quoted_text_with_known_roles_loses_no_row(
    rows: list[tuple[str, ...]], delimiter: str, end: str, encoding: str
) -> None:
    table = [("case", "activity", "time", "resource", "note"), *rows]
    text = write_csv(table, delimiter=delimiter, quoting=csv.QUOTE_ALL, end=end)
    with TemporaryDirectory() as folder:
        source = Path(folder) / "log.csv"
        source.write_bytes(text.encode(encoding, errors="replace"))
        store = import_or_refuse(source, mapping=ROLES, delimiter=delimiter)
        if store is not None:
            assert_accounted_for(store, len(rows))


@FUZZ
@given(
    header=HEADERS,
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE]),
    suffix=st.sampled_from([".csv", ".tsv", ".txt", ".csv.gz", ".zip"]),
)
def test_any_text_gives_a_store_or_an_error_in_words(
    header: tuple[str, ...], rows: list[tuple[str, ...]], delimiter: str, quoting: int, suffix: str
) -> None:
    text = write_csv([header, *rows], delimiter=delimiter, quoting=quoting, end="\n").encode("utf-8", errors="replace")
    with TemporaryDirectory() as folder:
        source = Path(folder) / f"log{suffix}"
        if suffix == ".zip":
            with zipfile.ZipFile(source, "w") as archive:
                archive.writestr("log.csv", text)
        else:
            source.write_bytes(gzip.compress(text) if suffix.endswith(".gz") else text)
        import_or_refuse(source)


@FUZZ
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from(
        [
            b"",
            b"case,activity,time\n",
            b"<?xml version='1.0'?><log>",
            b"PK\x03\x04",
            b"PAR1",
            b"\x1f\x8b\x08\x00",
            b'{"objects": [',
            b"SQLite format 3\x00",
            b"\xff\xfe",
            b"\x28\xb5\x2f\xfd",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        ]
    ),
    suffix=st.sampled_from(
        [
            ".csv",
            ".txt",
            ".xes",
            ".xes.gz",
            ".xlsx",
            ".xls",
            ".ods",
            ".parquet",
            ".json",
            ".jsonocel",
            ".xmlocel",
            ".xml",
            ".zip",
            ".csv.zst",
            ".sqlite",
        ]
    ),
)
def test_any_bytes_under_any_name_are_refused_or_read(content: bytes, start: bytes, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / f"log{suffix}"
        source.write_bytes(start + content)
        import_or_refuse(source)


@FUZZ
@given(data=st.data(), suffix=st.sampled_from([".xes", ".xlsx", ".parquet", ".csv.gz", ".zip"]))
def test_a_damaged_file_is_refused_or_read(data: st.DataObject, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / f"log{suffix}"
        write_healthy(source)
        content = bytearray(source.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            damage = data.draw(st.binary(min_size=0, max_size=4))
            content[at : at + data.draw(st.integers(0, 8))] = damage
            content = content or bytearray(b"x")
        source.write_bytes(bytes(content))
        import_or_refuse(source)


HEALTHY = [("case", "activity", "time")] + [
    (f"N{i % 4}", f"Step {i % 3}", f"2024-01-{1 + i:02} 10:00:00") for i in range(20)
]


def write_healthy(source: Path) -> None:
    text = write_csv(HEALTHY, delimiter=",", quoting=csv.QUOTE_MINIMAL, end="\n").encode()
    match "".join(source.suffixes):
        case ".xes":
            events = "".join(
                f'<trace><string key="concept:name" value="{case}"/><event><string key="concept:name" value="{step}"/>'
                f'<date key="time:timestamp" value="{at.replace(" ", "T")}Z"/></event></trace>'
                for case, step, at in HEALTHY[1:]
            )
            source.write_text(f'<?xml version="1.0" encoding="UTF-8"?><log>{events}</log>')
        case ".xlsx":
            write_rows(source, HEALTHY)
        case ".parquet":
            columns = zip(*HEALTHY[1:], strict=True)
            pq.write_table(pa.table(dict(zip(HEALTHY[0], map(list, columns), strict=True))), source)
        case ".csv.gz":
            source.write_bytes(gzip.compress(text))
        case ".zip":
            with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("log.csv", text)


@pytest.mark.parametrize("suffix", [".xes", ".xlsx", ".parquet", ".csv.gz", ".zip"])
def test_the_healthy_files_are_read(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"log{suffix}"
    write_healthy(source)
    store = import_or_refuse(source)
    assert store is not None
    assert_accounted_for(store, 20)


def damage(content: bytes, at: int, new: bytes, *, gone: int = 0) -> bytes:
    return content[:at] + new + content[at + gone :]


FOUND = {
    "a byte before the first Parquet page": (".parquet", lambda content: damage(content, 4, b"\0")),
    "a Parquet page header of zeros": (".parquet", lambda content: damage(content, 4, b"\0" * 16, gone=16)),
    "a Parquet page header of ones": (".parquet", lambda content: damage(content, 4, b"\xff" * 16, gone=16)),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_refused_in_words(tmp_path: Path, name: str) -> None:
    suffix, spoil = FOUND[name]
    source = tmp_path / f"log{suffix}"
    write_healthy(source)
    source.write_bytes(spoil(source.read_bytes()))
    assert import_or_refuse(source) is None
