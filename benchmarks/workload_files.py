"""Write the benchmark's log: Parquet in case order and shuffled, CSV shuffled, XES in case order.

    python workload_files.py --events 1000000 --into FOLDER --xes

Shuffling works outside memory: every row goes to a random bucket on disk, then each bucket is shuffled by itself. Logs
above `BLOCK_EVENTS` are drawn in blocks with a seed each, so that making them needs no more memory than one block.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workload import (
    ACTIVITIES,
    DEPARTMENT_OF,
    DEPARTMENTS,
    RESOURCES,
    RESOURCES_PER_DEPARTMENT,
    SEED,
    Events,
    generate,
    microseconds,
)
from workload_xes import write_xes

BLOCK_EVENTS: Final = 10_000_000
BUCKET_EVENTS: Final = 1_000_000
ATTRIBUTE_SEED: Final = 11
SHUFFLE_SEED: Final = 13
CHANNELS: Final = ("online", "counter", "post")
SERVICES: Final = tuple(f"Permit type {letter}" for letter in "ABCDEF")
REGIONS: Final = tuple(f"Region {number:02d}" for number in range(16))
PRIORITIES: Final = ("high", "normal", "low")
UTC_MICROSECONDS: Final = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where the files of one size lie; a file that was not asked for does not exist."""

    folder: Path
    events: int

    @property
    def sorted_parquet(self) -> Path:
        """Rows in case order."""
        return self.folder / f"log_{self.events}.parquet"

    @property
    def shuffled_parquet(self) -> Path:
        """Rows in random order."""
        return self.folder / f"log_{self.events}_shuffled.parquet"

    @property
    def shuffled_csv(self) -> Path:
        """Rows in the same random order, as text."""
        return self.folder / f"log_{self.events}_shuffled.csv"

    @property
    def xes(self) -> Path:
        """Traces in case order."""
        return self.folder / f"log_{self.events}.xes"


def make_table(events: Events, *, first_case: int = 0, seed: int = ATTRIBUTE_SEED) -> pa.Table:
    """Give events their labels and case attributes.

    Parameters
    ----------
    events
        Events of cases numbered from 0.
    first_case
        Added to the case numbers in the case ids.
    seed
        Seed of the attributes.
    """
    generator = np.random.default_rng(seed)
    case, cases = events.case, int(events.case.max()) + 1
    fee = np.round(generator.lognormal(6, 1, cases), 2)
    return pa.table(
        {
            "case_id": _case_ids(cases, first_case=first_case).take(pa.array(case)),
            "activity": _labelled(events.activity, labels=ACTIVITIES),
            "resource": _labelled(events.resource, labels=_resource_labels()),
            "department": _labelled(DEPARTMENT_OF[events.activity], labels=DEPARTMENTS),
            "start_time": pa.array(microseconds(events.start)).cast(UTC_MICROSECONDS),
            "end_time": pa.array(microseconds(events.end)).cast(UTC_MICROSECONDS),
            "channel": _labelled(generator.choice(3, cases, p=[0.6, 0.25, 0.15])[case], labels=CHANNELS),
            "service": _labelled(generator.choice(6, cases)[case], labels=SERVICES),
            "region": _labelled(generator.choice(16, cases)[case], labels=REGIONS),
            "priority": _labelled(generator.choice(3, cases, p=[0.1, 0.7, 0.2])[case], labels=PRIORITIES),
            "fee": pa.array(fee[case]),
        }
    )


def _case_ids(cases: int, *, first_case: int) -> pa.Array:
    numbers = np.arange(first_case, first_case + cases).astype(str)
    return pa.array(np.char.add("APP-", np.char.zfill(numbers, 8)))


def _labelled(codes: NDArray[np.integer], *, labels: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels))


def _resource_labels() -> tuple[str, ...]:
    places = (divmod(number, RESOURCES_PER_DEPARTMENT) for number in range(RESOURCES))
    return tuple(f"{DEPARTMENTS[department][:3].upper()}-{place:02d}" for department, place in places)


def draw_blocks(events: int) -> Iterator[pa.Table]:
    """Draw the log block by block; up to `BLOCK_EVENTS` it is a single one, the log of the published figures."""
    first_case = 0
    for block, start in enumerate(range(0, events, BLOCK_EVENTS)):
        drawn = generate(min(BLOCK_EVENTS, events - start), seed=SEED + block)
        yield make_table(drawn, first_case=first_case, seed=ATTRIBUTE_SEED + block)
        first_case += int(drawn.case.max()) + 1


def shuffle(blocks: Iterator[pa.Table], *, events: int, scratch: Path) -> Iterator[pa.Table]:
    """Yield all rows in one random order, about `BUCKET_EVENTS` at a time."""
    generator = np.random.default_rng(SHUFFLE_SEED)
    buckets = [scratch / f"bucket-{number}.arrow" for number in range(max(1, events // BUCKET_EVENTS))]
    with ExitStack() as stack:
        writers: list[pa.RecordBatchFileWriter] = []
        for block in blocks:
            if not writers:
                writers = [stack.enter_context(pa.ipc.new_file(path, block.schema)) for path in buckets]
            of_row = generator.integers(0, len(buckets), block.num_rows)
            for number, writer in enumerate(writers):
                writer.write_table(block.take(np.flatnonzero(of_row == number)))
    for path in buckets:
        with pa.OSFile(str(path)) as file:
            bucket = pa.ipc.open_file(file).read_all()
        yield bucket.take(generator.permutation(bucket.num_rows))
        path.unlink()


def write_log(files: LogFiles, *, with_csv: bool = True, with_xes: bool = False) -> None:
    """Write the log of one size; files that exist already are kept."""
    files.folder.mkdir(parents=True, exist_ok=True)
    shuffled = [files.shuffled_parquet] + ([files.shuffled_csv] if with_csv else [])
    is_single_block = files.events <= BLOCK_EVENTS
    if is_single_block and not files.sorted_parquet.exists():
        table = next(draw_blocks(files.events))
        _write_atomically(files.sorted_parquet, tables=iter([table]))
    if with_xes and not files.xes.exists():
        write_xes(pq.ParquetFile(files.sorted_parquet), path=files.xes)
    for path in shuffled:
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=files.folder) as scratch:
                rows = shuffle(draw_blocks(files.events), events=files.events, scratch=Path(scratch))
                _write_atomically(path, tables=rows)


def _write_atomically(path: Path, *, tables: Iterator[pa.Table]) -> None:
    partial = path.with_suffix(path.suffix + ".partial")
    first = next(tables)
    if path.suffix == ".csv":
        plain = pa.schema([pa.field(field.name, _plain_type(field.type)) for field in first.schema])
        with pyarrow.csv.CSVWriter(partial, plain) as writer:
            writer.write_table(first.cast(plain))
            for table in tables:
                writer.write_table(table.cast(plain))
    else:
        with pq.ParquetWriter(partial, first.schema, compression="zstd") as parquet:
            parquet.write_table(first)
            for table in tables:
                parquet.write_table(table)
    partial.replace(path)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_dictionary(kind) else kind


def main() -> None:
    """Write the log that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--no-csv", action="store_true")
    parser.add_argument("--xes", action="store_true")
    arguments = parser.parse_args()
    write_log(LogFiles(arguments.into, arguments.events), with_csv=not arguments.no_csv, with_xes=arguments.xes)


if __name__ == "__main__":
    main()
