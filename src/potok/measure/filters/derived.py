"""A filtered log as a store of its own, so that every measure answers for it unchanged.

The derived store holds the rows of the cases that pass, unchanged: case numbers, codes of activities, resources and
units, and rows of the source are those of the unfiltered store, so that every list of cases leads back to it. Variants
are ranked anew, dictionaries count anew and hold only what is left, and the manifest says from what and by which filter
the store was made. The log's extraction stays: a filter does not change up to when the log reaches.

It lies in ``STORE.cache/`` beside the store (in the user's cache folder, if nothing may be written there) under a hash
of store, filter and version, and is found again by it. Deleting it costs time only.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import potok
from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.engine.compile import compile_for_duckdb
from potok.engine.duckdb import DuckDBSettings, connect
from potok.engine.long_statements import translated_errors
from potok.engine.sql import quote_file, quote_identifier, quote_literal
from potok.engine.tables import TABLES, is_instant, stored_column
from potok.log.cache import cache_folder
from potok.log.importing.content_hash import compute_content_sha256
from potok.log.importing.folder import MANIFEST_NAME, StoreExistsError, publish, working_folder
from potok.log.importing.manifest import write_manifest
from potok.log.importing.sorting import PARQUET_OPTIONS
from potok.log.store import LogStore, is_store, open_store
from potok.log.zones import load_zone
from potok.measure.filters.base import CaseFilter, FilteredLog
from potok.measure.filters.errors import NothingLeftError
from potok.measure.filters.kinds import ATTRIBUTE_PREFIX
from potok.measure.filters.record import filter_as_record, filter_hash
from potok.measure.filters.selection import filtered_log, selected_cases
from potok.measure.filters.wording import filter_as_text

KNOWN_VALUES_LIMIT: Final = 10_000
_KEY_DIGITS: Final = 32


def apply_filter(store: LogStore, case_filter: CaseFilter) -> LogStore:
    """Return a store that holds only the cases that pass a filter; made once, then found again.

    Raises
    ------
    UnknownFilterTargetError
        If the filter names what the log does not have.
    NothingLeftError
        If no case passes.
    PotokError
        If the store cannot be read or the derived one not written.
    """
    into = derived_folder(store, case_filter)
    if is_store(into):
        return open_store(into)
    with working_folder(into) as folder:
        finished = folder / "store"
        finished.mkdir()
        with translated_errors(into):
            connection = connect(settings=DuckDBSettings(spill_folder=folder / "spill"))
            try:
                manifest = _derive(connection, store, case_filter, finished)
            finally:
                connection.close()
        write_manifest(finished / MANIFEST_NAME, manifest, content_sha256=compute_content_sha256(finished))
        try:
            publish(finished, into, replace=False)
        except StoreExistsError:
            return open_store(into)  # another command made it meanwhile
    return open_store(into)


def derived_folder(store: LogStore, case_filter: CaseFilter) -> Path:
    """Return where the filtered store lies or will lie."""
    beside = store.folder.resolve()
    total = hashlib.sha256(potok.__version__.encode())
    log = store.manifest["log"]
    # What a content hash leaves out but results depend on; a store imported anew is another one.
    for part in (store.content_sha256, log["extracted_us"], store.manifest.get("zone"), beside.as_posix(),
                 store.manifest.get("imported_at"), filter_hash(case_filter)):  # fmt: skip
        total.update(f"\x1e{part}".encode(errors="surrogateescape"))
    name = f"filtered-{total.hexdigest()[:_KEY_DIGITS]}"
    cache = beside.with_name(f"{beside.name}.cache")
    if os.access(cache if cache.exists() else beside.parent, os.W_OK):
        return cache / name
    return cache_folder() / name


def count_cases(store: LogStore, case_filter: CaseFilter) -> int:
    """Count the cases that pass a filter; none is an answer here.

    Raises
    ------
    UnknownFilterTargetError
        If the filter names what the log does not have.
    """
    connection = connect()
    try:
        return _count(connection, case_filter, _present(connection, store, case_filter))
    finally:
        connection.close()


def _derive(connection: Any, store: LogStore, case_filter: CaseFilter, finished: Path) -> dict[str, Any]:
    log = _present(connection, store, case_filter)
    connection.execute(f"CREATE TABLE kept AS {compile_for_duckdb(selected_cases(case_filter, log))}")
    if not _number(connection, "SELECT count(*) FROM kept"):
        raise _nothing_left(connection, case_filter, log)
    _write_variants(connection, finished)
    _copy(
        connection,
        'SELECT c.* REPLACE (k.variant AS variant) FROM stored_cases c SEMI JOIN kept USING ("case") '
        'JOIN kept_variants k ON k.old = c.variant ORDER BY c."case"',
        finished / "cases.parquet",
    )
    # Filtering keeps the order of rows, which is the store's.
    _copy(
        connection,
        'SELECT * FROM stored_events WHERE "case" IN (SELECT "case" FROM kept)',
        finished / "events.parquet",
    )
    _write_dictionaries(connection, finished)
    shutil.copyfile(store.folder / "rejected.parquet", finished / "rejected.parquet")
    return _manifest(connection, store, case_filter, finished)


def _present(connection: Any, store: LogStore, case_filter: CaseFilter) -> FilteredLog:
    """Create views of the store's tables as conditions expect them, and return what to write conditions against."""
    for name in TABLES:
        source = f"read_parquet({quote_file(store.folder / f'{name}.parquet')})"
        connection.execute(f"CREATE VIEW {quote_identifier('stored_' + name)} AS SELECT * FROM {source}")
    held = {row[0] for row in connection.execute("DESCRIBE stored_cases").fetchall()}
    attributes = tuple(sorted(name for name in held if name.startswith(ATTRIBUTE_PREFIX)))
    for name, table in TABLES.items():
        columns = [_presented(column) for column in table.columns]
        if name == "cases":
            columns += [f"CAST({quote_identifier(a)} AS VARCHAR) AS {quote_identifier(a)}" for a in attributes]
        view = quote_identifier(name)
        connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM stored_{name}")
    codes = dict(connection.execute("SELECT label, activity FROM activities").fetchall())
    named = [column for column in sorted(case_filter.columns()) if column in held]
    return filtered_log(
        extracted_us=store.extracted_us,
        zone=load_zone(str(store.manifest.get("zone", "UTC"))),
        codes=codes,
        values=_known_values(connection, named),
        attributes=attributes,
    )


def _presented(column: str) -> str:
    stored = quote_identifier(stored_column(column))
    return f"{f'epoch_us({stored})' if is_instant(column) else stored} AS {quote_identifier(column)}"


def _known_values(connection: Any, columns: list[str]) -> Mapping[str, frozenset[str]]:
    """Return the values of columns that have few enough of them to be listed."""
    found = {}
    for column in columns:
        name = quote_identifier(column)
        rows = connection.execute(
            f"SELECT DISTINCT {name} FROM cases WHERE {name} IS NOT NULL LIMIT {KNOWN_VALUES_LIMIT + 1}"
        ).fetchall()
        if len(rows) <= KNOWN_VALUES_LIMIT:
            found[column] = frozenset(row[0] for row in rows)
    return found


def _count(connection: Any, case_filter: CaseFilter, log: FilteredLog) -> int:
    selected = compile_for_duckdb(selected_cases(case_filter, log))
    return _number(connection, f"SELECT count(*) FROM ({selected})")


def _nothing_left(connection: Any, case_filter: CaseFilter, log: FilteredLog) -> NothingLeftError:
    """Return the error, with what each part of the filter would leave alone."""
    alone = [(part, _count(connection, part, log)) for part in dict.fromkeys(case_filter.parts())]
    lines = [f"{filter_as_text(part)}: {_cases(left)}" for part, left in alone]
    return NothingLeftError(
        _("No case of the log passes the filter."),
        where="; ".join(lines),
        remedy=_("Widen the filter. Each part alone leaves the number of cases given beside it."),
    )


def _cases(count: int) -> str:
    # Not inside the f-string, where the catalogue's tool would not find it.
    return ngettext("{count} case", "{count} cases", count).format(count=count)


def _write_variants(connection: Any, folder: Path) -> None:
    """Create ``kept_variants`` (``old``, ``variant``, …) with the ranks of what is left, and write it."""
    connection.execute(
        """
        CREATE TABLE kept_variants AS
        SELECT v.variant AS old, v.activities, v.n_events, c.cases,
               CAST(row_number() OVER (ORDER BY c.cases DESC, v.activities) - 1 AS INTEGER) AS variant
        FROM stored_variants v
        JOIN (SELECT variant, count(*) AS cases FROM stored_cases SEMI JOIN kept USING ("case") GROUP BY 1) c
          ON c.variant = v.variant
        """
    )
    _copy(
        connection,
        "SELECT variant, activities, n_events, CAST(cases AS BIGINT) AS cases FROM kept_variants ORDER BY variant",
        folder / "variants.parquet",
    )


def _write_dictionaries(connection: Any, folder: Path) -> None:
    events = f"read_parquet({quote_file(folder / 'events.parquet')})"
    for table, role in (("activities", "activity"), ("resources", "resource"), ("units", "org_unit")):
        columns = [row[0] for row in connection.execute(f"DESCRIBE stored_{table}").fetchall()]
        own = [quote_identifier(column) for column in columns if column not in ("instances", "cases")]
        pairs = f'SELECT {role}, "case", count(*) AS n FROM {events} WHERE {role} IS NOT NULL GROUP BY ALL'
        counts = f"SELECT {role}, sum(n) AS instances, count(*) AS cases FROM ({pairs}) GROUP BY 1"
        _copy(
            connection,
            f"SELECT {', '.join(f'd.{name}' for name in own)}, CAST(c.instances AS BIGINT) AS instances, "
            f"CAST(c.cases AS BIGINT) AS cases FROM stored_{table} d JOIN ({counts}) c USING ({role}) ORDER BY {role}",
            folder / f"{table}.parquet",
        )


def _manifest(connection: Any, store: LogStore, case_filter: CaseFilter, finished: Path) -> dict[str, Any]:
    """Return the store's manifest with the counts of what is left, and what it was made from."""

    def rows(table: str) -> int:
        return _number(connection, f"SELECT count(*) FROM read_parquet({quote_file(finished / f'{table}.parquet')})")

    parent = store.manifest
    cases = f"read_parquet({quote_file(finished / 'cases.parquet')})"
    first_us, last_us, still_open = connection.execute(
        f"SELECT min(epoch_us(opened_at)), max(epoch_us(last_at)), count(*) - count(closed_at) FROM {cases}"
    ).fetchone()
    instances, left = rows("events"), rows("cases")
    log = {
        "cases": left,
        "events": instances,
        "activity_instances": instances,
        "activities": rows("activities"),
        "resources": rows("resources"),
        "org_units": rows("units"),
        "variants": rows("variants"),
        "open_cases": still_open,
        "first_us": first_us,
        "last_us": last_us,
    }
    closing = dict(parent.get("closing", {}))
    asleep_us = store.extracted_us - round(float(closing.get("settled_after_seconds", 0)) * 1e6)
    dormant = _number(
        connection, f"SELECT count(*) FROM {cases} WHERE closed_at IS NULL AND epoch_us(last_at) < {asleep_us}"
    )
    return parent | {
        "log": parent["log"] | log,
        "closing": closing | {"closed_cases": left - still_open, "open_cases": still_open, "dormant_cases": dormant},
        "derived_from": {
            "content_sha256": store.content_sha256,
            "cases": _number(connection, "SELECT count(*) FROM stored_cases"),
            "filter": filter_as_record(case_filter),
        },
    }


def _copy(connection: Any, query: str, file: Path) -> None:
    connection.execute(f"COPY ({query}) TO {quote_literal(str(file))} {PARQUET_OPTIONS}")


def _number(connection: Any, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
