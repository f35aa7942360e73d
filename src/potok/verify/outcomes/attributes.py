"""The attributes that a protocol names, one value per case.

An attribute that differs within cases has the value that was recorded last by the look; where several were recorded at
that instant, the last of them in the alphabet, so that the order of a source's rows decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from potok.core.language import gettext as _
from potok.log.store import LogStore, broken_store
from potok.verify.outcomes.errors import UnknownProtocolAttributeError
from potok.verify.outcomes.labelling import as_text
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import Integers

ATTRIBUTE_PREFIX: Final = "attr:"
ROLES: Final = ("service", "channel", "outcome", "agency")
_TIMES: Final = ("completed_at", "started_at", "enabled_at")


def judged_attributes(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield the attributes without which the protocol cannot be judged: the field and the name."""
    for place, margin in enumerate(protocol.quality):
        yield f"quality[{place}].attribute", margin.attribute
    for place, sentinel in enumerate(protocol.sentinels):
        yield f"sentinels[{place}].attribute", sentinel.attribute
    if protocol.estimand.outcome is OutcomeKind.ATTRIBUTE_SHARE:
        yield "estimand.attribute", protocol.estimand.attribute


def attribute_names(protocol: Protocol) -> tuple[str, ...]:
    """Return every attribute that a protocol names, sorted."""
    declared = protocol.declarations
    named = {
        *(name for _field, name in judged_attributes(protocol)),
        *protocol.comparison.case_mix,
        *declared.complexity_attributes,
        declared.applicant_attribute,
        declared.complaint_attribute,
        declared.recorded_attribute,
    }
    return tuple(sorted(named - {""}))


def read_attributes(
    store: LogStore, names: Sequence[str], *, case: Integers, known_us: int
) -> Mapping[str, pa.Array | None]:
    """Read attributes of cases as text; None where the store lacks one.

    Parameters
    ----------
    case
        Shape (n,): codes of the cases, ascending.
    known_us
        The last instant whose events are known.

    Raises
    ------
    BrokenStoreError
        If a table cannot be read.
    """
    held = {table: _columns(store, table) for table in ("cases", "events")}
    found: dict[str, pa.Array | None] = {}
    for name in names:
        column = name if name.startswith(ATTRIBUTE_PREFIX) else ATTRIBUTE_PREFIX + name
        if column in held["cases"]:
            found[name] = _of_cases(store, column, case)
        elif column in held["events"]:
            found[name] = _of_events(store, column, case, known_us)
        else:
            found[name] = None
    return found


def check_judged(protocol: Protocol, held: frozenset[str]) -> None:
    """Check that some store has each attribute without which the protocol cannot be judged.

    Raises
    ------
    UnknownProtocolAttributeError
        If none has one; the field of the protocol is named.
    """
    for field, name in judged_attributes(protocol):
        if name not in held:
            raise UnknownProtocolAttributeError(
                _("No log has the attribute “{name}” by which the protocol judges.").format(name=name),
                where=f"{protocol.source}: {field}" if protocol.source else field,
                remedy=_("Name a column of the logs, or import them with that column."),
            )


def _columns(store: LogStore, table: str) -> frozenset[str]:
    try:
        return frozenset(pq.read_schema(store.folder / f"{table}.parquet").names)
    except (OSError, pa.ArrowInvalid) as failure:
        raise broken_store(store.folder, str(failure)) from failure


def _read(store: LogStore, table: str, columns: Sequence[str]) -> pa.Table:
    try:
        return pq.read_table(store.folder / f"{table}.parquet", columns=list(columns))
    except (OSError, pa.ArrowInvalid) as failure:
        raise broken_store(store.folder, str(failure)) from failure


def _of_cases(store: LogStore, column: str, case: Integers) -> pa.Array:
    table = _read(store, "cases", ("case", column))
    codes = table["case"].to_numpy()
    order = np.argsort(codes, kind="stable")
    return as_text(table[column]).take(pa.array(order[np.searchsorted(codes[order], case)]))


def _of_events(store: LogStore, column: str, case: Integers, known_us: int) -> pa.Array:
    """Return the value recorded last by each case, of those that the cases of the study hold."""
    held = _columns(store, "events")
    times = [name for name in _TIMES if name in held]
    table = _read(store, "events", ("case", *times, column))
    happened = pc.coalesce(*(table[name].cast(pa.int64()) for name in times))
    texts = as_text(table[column])
    is_known = pc.and_kleene(pc.less_equal(happened, known_us), pc.greater(pc.utf8_length(texts), 0))
    kept = pa.table({"case": table["case"], "at": happened, "text": texts}).filter(pc.fill_null(is_known, False))
    last = kept.group_by("case").aggregate([("at", "max")])
    latest = kept.join(last, "case").filter(pc.field("at") == pc.field("at_max"))
    chosen = latest.group_by("case").aggregate([("text", "max")])
    codes = chosen["case"].to_numpy()
    order = np.argsort(codes, kind="stable")
    place = np.searchsorted(codes[order], case)
    within = np.minimum(place, max(len(order) - 1, 0))
    if not len(order):
        return pa.nulls(len(case), pa.string())
    is_held = codes[order][within] == case
    texts_held: pa.Array = chosen["text_max"].combine_chunks()
    return texts_held.take(pa.array(order[within], mask=~is_held))
