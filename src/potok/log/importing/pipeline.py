"""From sources to a finished store: the order of the steps, and nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import mark
from potok.core.progress import Progress
from potok.engine.duckdb import DEFAULT_MEMORY_LIMIT, DuckDBSettings, connect, count_threads, limit_memory
from potok.engine.long_statements import run_statement, translated_errors
from potok.log.importing import coding, writing
from potok.log.importing.attributes import TypedAttribute, gather_cases, type_attributes
from potok.log.importing.case_table import join_case_table
from potok.log.importing.closing import close_cases, find_extraction
from potok.log.importing.content_hash import compute_content_sha256
from potok.log.importing.cost_column import check_costs
from potok.log.importing.folder import MANIFEST_NAME, check_destination, publish, working_folder
from potok.log.importing.lifecycle import pair_transitions
from potok.log.importing.manifest import Facts, compose_manifest, write_manifest
from potok.log.importing.personal_data import guard_personal_data
from potok.log.importing.preparing import Prepared, prepare
from potok.log.importing.quality import QualityCheck
from potok.log.importing.quality_report import report_quality
from potok.log.importing.raw_table import create_raw_table
from potok.log.importing.request import ImportRequest
from potok.log.importing.rows import REJECTED_COLUMNS, check_rejected, create_taken_view
from potok.log.importing.sorting import events_statement, settle_ties, sort_statement
from potok.log.mapping import Mapping
from potok.log.privacy.pseudonyms import pseudonymise
from potok.log.privacy.sealed_map import write_sealed_map
from potok.log.store import LogStore, open_store

READING: Final = mark("Reading rows")
SORTING: Final = mark("Sorting")
WRITING: Final = mark("Writing the store")
# XES is read as a stream so that memory does not follow the file, and its reading, not the engine's, takes the time.
STREAMED_MIB_PER_THREAD: Final = 75
# Rows with many attributes are sorted and written in blocks of each.
FEW_ATTRIBUTES: Final = 8
MIB_PER_ATTRIBUTE: Final = 4
WIDEST_MIB: Final = 1_900


class NoKeyForMapError(UsageError):
    """A map of pseudonyms is asked for although ids stay as they are."""

    code = "POTOK-L018"


def import_log(request: ImportRequest) -> LogStore:
    """Import sources into a log store.

    Either the finished store stands at ``request.into`` afterwards, or nothing does.

    Raises
    ------
    PotokError
        If the sources cannot be read, a role cannot be found, personal data would get through, too many rows are
        unusable, or the store cannot be written.
    """
    check_destination(request.into, replace=request.replace)
    with working_folder(request.into) as folder:
        finished = folder / "store"
        finished.mkdir()
        with translated_errors(request.into):
            # Tables are held in memory and spilt as they are: written to a database file, they would be compressed at
            # twice the cost of reading the source.
            limit = request.memory_limit or DEFAULT_MEMORY_LIMIT
            connection = connect(settings=DuckDBSettings(limit, request.threads, folder / "spill"))
            try:
                _fill(connection, request, folder=folder, finished=finished)
            finally:
                connection.close()
        publish(finished, request.into, replace=request.replace)
    return open_store(request.into)


def _keep_map(connection: Any, request: ImportRequest) -> None:
    """Write the sealed map of case ids, if one is wanted."""
    if request.keep_map is None:
        return
    if request.key is None:
        raise NoKeyForMapError(
            _("Ids are stored as they are, so there is nothing to keep a map of."),
            where="--keep-map",
            remedy=_("Leave out --plain-ids or --keep-map."),
        )
    pairs = connection.execute("SELECT value, label FROM case_labels ORDER BY label").fetchall()
    write_sealed_map(request.keep_map, pairs, key=request.key)


def _fill(connection: Any, request: ImportRequest, *, folder: Path, finished: Path) -> None:
    prepared = prepare(connection, request, folder)
    mapping = prepared.mapping
    if not request.memory_limit and all(staged.format == "xes" for staged in prepared.staged):
        _limit_streaming(connection, attributes=len(prepared.attributes))
    first_rows, case_checks = _read(connection, request, prepared)
    check_costs(connection, mapping)
    typed = type_attributes(connection, prepared.attributes, decimal=mapping.decimal)
    guarded = guard_personal_data(connection, typed, mapping=mapping, plain_ids=request.key is None)
    rows = _count(connection, "taken")
    attributes = gather_cases(connection, guarded.attributes, rows=rows)
    columns = [attribute.column for attribute in attributes]
    lifecycle = pair_transitions(connection, mapping=mapping, attributes=columns)
    expressions = _code(connection, request, mapping, attributes, is_paired=lifecycle.paired)
    _run(connection, sort_statement(attributes, expressions), request.progress, SORTING)
    settle_ties(connection)
    _run(connection, events_statement(attributes, finished / "events.parquet"), request.progress, WRITING)
    writing.write_variants(connection, finished)
    extraction = find_extraction(connection, mapping)
    closing = close_cases(connection, mapping=mapping, attributes=attributes, extracted_us=extraction.extracted_us)
    quality = report_quality(
        connection, prepared=prepared, attributes=attributes, lifecycle=lifecycle, closing=closing, rows=rows
    )
    writing.write_cases(connection, finished, mapping=mapping, attributes=attributes, expressions=expressions)
    writing.write_dictionaries(connection, finished)
    writing.write_rejected(connection, finished)
    facts = Facts(
        rows, first_rows, extraction, closing, lifecycle, attributes, guarded.free_text, (*case_checks, *quality)
    )
    _keep_map(connection, request)
    manifest = compose_manifest(connection, request=request, prepared=prepared, facts=facts)
    write_manifest(finished / MANIFEST_NAME, manifest, content_sha256=compute_content_sha256(finished))


def _limit_streaming(connection: Any, *, attributes: int) -> None:
    """Give a streamed source as much memory as the width of its rows asks for, whatever its length."""
    more = MIB_PER_ATTRIBUTE * max(0, attributes - FEW_ATTRIBUTES)
    mib = (STREAMED_MIB_PER_THREAD + more) * count_threads(connection)
    if mib < WIDEST_MIB:
        limit_memory(connection, mib=mib)


def _read(
    connection: Any, request: ImportRequest, prepared: Prepared
) -> tuple[tuple[int, ...], tuple[QualityCheck, ...]]:
    connection.execute(f"CREATE TABLE rejected ({REJECTED_COLUMNS})")
    own = len(prepared.attributes) - len(prepared.case_table.attributes if prepared.case_table else ())
    first_rows = create_raw_table(
        connection,
        prepared.staged,
        mapping=prepared.mapping,
        attributes=prepared.attributes[:own],
        execute=lambda statement: _run(connection, statement, request.progress, READING),
    )
    checks = join_case_table(connection, prepared.case_table) if prepared.case_table else []
    create_taken_view(connection, mapping=prepared.mapping, attributes=prepared.attributes)
    name = ", ".join(file.name for staged in prepared.staged for file in staged.files)
    check_rejected(connection, max_rejected_share=request.max_rejected_share, name=name)
    return first_rows, tuple(checks)


def _code(
    connection: Any,
    request: ImportRequest,
    mapping: Mapping,
    attributes: Sequence[TypedAttribute],
    *,
    is_paired: bool,
) -> dict[str, str]:
    """Create the dictionaries; return, per attribute column, SQL over ``instances`` giving the stored value."""
    conceal = _conceal(request)
    coding.create_dictionaries(
        connection, conceal=conceal, renames=mapping.renames, phases=mapping.phases, is_paired=is_paired
    )
    return {
        attribute.column: coding.conceal_attribute(
            connection, column=attribute.column, name=attribute.name, conceal=conceal
        )
        if conceal is not None and attribute.name in mapping.pseudonymise
        else attribute.expression
        for attribute in attributes
    }


def _conceal(request: ImportRequest) -> coding.Conceal | None:
    key = request.key
    return None if key is None else lambda values, domain: pseudonymise(values, key=key, domain=domain)


def _run(connection: Any, statement: str, progress: Progress, stage: str) -> None:
    run_statement(connection, statement, progress=progress, stage=_(stage))


def _count(connection: Any, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
