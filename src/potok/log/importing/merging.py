"""Stores made from stores: several agencies' logs of one application joined, and a log topped up by a later export.

Both read finished stores as sources and write a new one; the old ones stay untouched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.engine.duckdb import connect
from potok.log.importing.pipeline import import_log
from potok.log.importing.quality import QualityCheck, Severity
from potok.log.importing.request import ImportRequest
from potok.log.mapping import ClosingBasis, Mapping
from potok.log.mapping_record import mapping_from_record
from potok.log.sources.base import Staged
from potok.log.sources.store import stage_store_as, store_mapping
from potok.log.store import LogStore, open_store

HAPPENED: Final = 'coalesce("@completed_at", "@started_at", "@enabled_at")'
EXAMPLES: Final = 5


class PartialStoreError(UsageError):
    """A store that holds only the cases that passed a filter cannot be topped up or joined."""

    code = "POTOK-L033"


class DifferentKeysError(UsageError):
    """Stores whose pseudonyms were made with different keys cannot be brought together."""

    code = "POTOK-L015"


class NoSharedNumberError(BadDataError):
    """The attribute by which logs should be joined is missing or shared by no case."""

    code = "POTOK-L016"


@dataclass(frozen=True, slots=True)
class JoinedStore:
    """A store to be joined.

    Parameters
    ----------
    store
        The store.
    agency
        Name written into its cases; empty keeps their own.
    """

    store: LogStore
    agency: str = ""


def join_stores(parts: Sequence[JoinedStore], *, on: str, into: Path, request: ImportRequest) -> LogStore:
    """Join logs of one application across agencies on a shared number.

    Parameters
    ----------
    on
        Case attribute that holds the shared number; empty joins on the case id.
    request
        Limits and progress; its sources and mapping are not used.

    Raises
    ------
    DifferentKeysError, NoSharedNumberError
        If ids cannot be compared.
    PartialStoreError
        If a store holds only the cases that passed a filter.
    """
    for part in parts:
        _require_whole(part.store)
    _require_one_key([part.store for part in parts])
    for part in parts:
        _require_attribute(part.store, on)
    staged = tuple(stage_store_as(part.store.folder, case_attribute=on, agency=part.agency) for part in parts)
    _require_shared(staged)
    mapping = replace(store_mapping(), zone=parts[0].store.manifest["zone"])
    return _import(staged, mapping, parts[0].store, into, request, ())


def top_up(store: LogStore, later: ImportRequest, *, into: Path) -> LogStore:
    """Bring a log up to date with a later export; the old store stays as it is.

    In a case that the export contains, its rows replace the stored ones from its first instant in that case on. Stored
    rows before that, and cases that the export does not contain, are kept. Cases in which a finished stored row has
    gone or changed are reported in the quality report as ``changed_past_cases``.

    Parameters
    ----------
    later
        The later export; its mapping is taken from the store.

    Raises
    ------
    PartialStoreError
        If the store holds only the cases that passed a filter: its other cases would seem to be gone.
    DifferentKeysError
        If ids cannot be compared.
    """
    _require_whole(store)
    mapping = mapping_from_record(store.manifest["mapping"])
    with TemporaryDirectory(prefix="potok-", dir=into.parent if into.parent.is_dir() else None) as folder:
        fresh = import_log(replace(later, mapping=mapping, into=Path(folder) / "later", replace=False))
        _require_one_key([store, fresh])
        old, new = stage_store_as(store.folder), stage_store_as(fresh.folder)
        kept = replace(old, relation=_kept(old, new))
        changes = _changed_cases(old, new)
        closing = mapping.closing if mapping.closing.basis is not ClosingBasis.FIELD else Mapping().closing
        final = replace(
            store_mapping(),
            zone=mapping.zone,
            closing=closing,
            extraction=mapping.extraction,
            watched_from=mapping.watched_from,
        )
        return _import((kept, new), final, store, into, later, (changes,))


def _import(
    staged: tuple[Staged, ...],
    mapping: Mapping,
    first: LogStore,
    into: Path,
    request: ImportRequest,
    checks: tuple[QualityCheck, ...],
) -> LogStore:
    merged = replace(
        request,
        sources=(),
        staged=staged,
        mapping=mapping,
        preset="",
        case_table="",
        key=None,
        inherited_key_id=first.manifest["key_id"],
        extra_checks=checks,
        into=into,
    )
    return import_log(merged)


def _require_whole(store: LogStore) -> None:
    if "derived_from" in store.manifest:
        raise PartialStoreError(
            _("The store {path} holds only the cases that passed a filter.").format(path=store.folder),
            where=str(store.folder),
            remedy=_("Take the store that it was made from, and filter the result."),
        )


def _require_one_key(stores: Sequence[LogStore]) -> None:
    keys = {str(store.manifest["key_id"]) for store in stores}
    if len(keys) > 1:
        raise DifferentKeysError(
            _("The stores' pseudonyms were made with different keys: {keys}.").format(keys=", ".join(sorted(keys))),
            where=", ".join(str(store.folder) for store in stores),
            remedy=_("Import the sources again with one key."),
        )


def _require_attribute(store: LogStore, name: str) -> None:
    names = [a["name"] for a in store.manifest["attributes"] if a["level"] == "case"]
    if name and name not in names:
        raise NoSharedNumberError(
            _("{path} has no case attribute «{name}».").format(path=store.folder, name=name),
            where=str(store.folder),
            remedy=_("Case attributes there: {names}.").format(names=", ".join(names) or "–"),
        )


def _require_shared(staged: Sequence[Staged]) -> None:
    query = " INTERSECT ".join(f'SELECT "@case_id" FROM {s.relation}' for s in staged[:2])
    if _scalar(f"SELECT count(*) FROM ({query})") == 0:
        raise NoSharedNumberError(
            _("No case of the first log is found in the second."),
            where=", ".join(file.name for s in staged for file in s.files),
            remedy=_("Name the attribute that holds the shared number with --on."),
        )


def _first_new(new: Staged) -> str:
    return f'SELECT "@case_id" AS case_id, min({HAPPENED}) AS began FROM {new.relation} GROUP BY 1'


def _kept(old: Staged, new: Staged) -> str:
    return (
        f'(SELECT o.* FROM {old.relation} o LEFT JOIN ({_first_new(new)}) n ON n.case_id = o."@case_id" '
        f"WHERE n.began IS NULL OR {HAPPENED} < n.began)"
    )


def _changed_cases(old: Staged, new: Staged) -> QualityCheck:
    same = " AND ".join(f'n."@{c}" IS NOT DISTINCT FROM o."@{c}"' for c in ("case_id", "activity", "completed_at"))
    query = (
        f'SELECT DISTINCT o."@case_id" AS case_id FROM {old.relation} o JOIN ({_first_new(new)}) f '
        f'ON f.case_id = o."@case_id" WHERE o."@completed_at" >= f.began '
        f"AND NOT EXISTS (SELECT 1 FROM {new.relation} n WHERE {same}) ORDER BY 1"
    )
    connection = connect()
    try:
        cases = [row[0] for row in connection.execute(query).fetchall()]
    finally:
        connection.close()
    severity = Severity.PROBLEM if cases else Severity.INFO
    return QualityCheck("changed_past_cases", len(cases), "cases", severity, examples=tuple(cases[:EXAMPLES]))


def _scalar(query: str) -> Any:
    connection = connect()
    try:
        return connection.execute(query).fetchone()[0]
    finally:
        connection.close()


def open_part(text: str) -> JoinedStore:
    """Read ``AGENCY=FOLDER`` or ``FOLDER``."""
    agency, separator, folder = text.partition("=")
    return JoinedStore(open_store(Path(folder if separator else agency)), agency if separator else "")
