"""No false alarm on real event logs: ids, amounts, codes, instants and labels of every kind."""

import csv
import gzip
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

import pytest

from potok.log.privacy.detectors import detect_personal_data
from potok.log.privacy.free_text import looks_like_free_text
from potok.log.privacy.personal_data import PersonalDataKind

pytestmark = pytest.mark.data

FOLDERS = (
    "academic-credentials bpic12-loan bpic13-incidents bpic15-building-permits bpic20-travel court-brazil drift-bose "
    "drift-ceravolo fairness-synthetic helpdesk hospital-billing interval-log known-rules-small purchasing-example "
    "reviewing road-traffic-fines running-example sepsis sim-batched-loan sim-loan-application sim-loanapp-simplified "
    "sim-procure-to-pay teleclaims wabo-receipt"
)
# Whole logs were tried once; a beginning of each keeps the test quick.
CHARACTERS_PER_LOG = 1_500_000
ATTRIBUTE = re.compile(r'<(?:string|int|float|date|id|boolean) key="([^"]*)" value="([^"]*)"')
Columns = dict[str, list[str]]


def open_text(path: Path) -> TextIO:
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", encoding="utf-8", errors="replace", newline="")


def columns_of_csv(path: Path) -> Columns:
    with open_text(path) as stream:
        text = stream.read(CHARACTERS_PER_LOG).rpartition("\n")[0]
    delimiter = max(",;\t|", key=text[:2000].count)
    columns: Columns = defaultdict(list)
    for row in csv.DictReader(StringIO(text), delimiter=delimiter):
        for name, value in row.items():
            if name and isinstance(value, str) and value:
                columns[name].append(value)
    return columns


def columns_of_xes(path: Path) -> Columns:
    columns: Columns = defaultdict(list)
    with open_text(path) as stream:
        # What stands before the first trace describes the log; one log's maker left an address there.
        any("<trace" in line for line in stream)
        traces = stream.read(CHARACTERS_PER_LOG)
    for name, value in ATTRIBUTE.findall(traces):
        columns[name].append(html.unescape(value))
    return columns


def logs_in(folder: Path) -> Iterator[tuple[Path, Columns]]:
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".csv", ".csv.gz")):
            yield path, columns_of_csv(path)
        elif path.name.endswith((".xes", ".xes.gz")):
            yield path, columns_of_xes(path)


@pytest.mark.parametrize("name", FOLDERS.split())
def test_public_log_raises_no_alarm(shared_data, name):
    seen = 0
    for path, columns in islice(logs_in(shared_data / name), 6):
        seen += sum(map(len, columns.values()))
        found = detect_personal_data(columns, kinds=frozenset(PersonalDataKind))
        assert found == (), path.name
    assert seen > 100


@pytest.mark.parametrize("log", ["wabo-receipt/receipt.xes.gz", "bpic15-building-permits/BPIC15_2.xes.gz"])
def test_labels_codes_and_times_are_no_free_text(shared_data, log):
    columns = columns_of_xes(shared_data / log)
    assert len(columns) > 8
    assert [column for column, values in columns.items() if looks_like_free_text(values)] == []
