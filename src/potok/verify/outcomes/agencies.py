"""Which agency each case belongs to, and that none lies in two stores."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc

from potok.core.language import gettext as _
from potok.log.store import LogStore
from potok.verify.outcomes.errors import AgencyNamesError, AgencyTwiceError, CaseTwiceError
from potok.verify.outcomes.stores import name_of
from potok.verify.protocol.model import Protocol


def names_of(stores: Sequence[LogStore], names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the name given to each store, empty where none is.

    Raises
    ------
    AgencyNamesError
        If there are not as many names as stores.
    """
    if names is None:
        return ("",) * len(stores)
    if len(names) != len(stores):
        raise AgencyNamesError(
            _("There are {names} names of agencies for {stores} logs.").format(names=len(names), stores=len(stores)),
            where="names",
            remedy=_("Give one name for each log, empty where its cases name their agency."),
        )
    return tuple(names)


def name_agencies(column: pa.Array, store: LogStore, *, name: str, protocol: Protocol, is_alone: bool) -> pa.Array:
    """Return the agency of each case of a store.

    The cases' own column comes first, then the name given to the store. A log without either is that of the only agency
    that changes, if it is the only log and the protocol names one agency; else it is called after its file.

    Raises
    ------
    AgencyNamesError
        If the cases name other agencies than the store was given.
    """
    own = sorted(label for label in pc.unique(column).to_pylist() if label)
    if name and [label for label in own if label != name]:
        raise AgencyNamesError(
            _("{store} was named “{name}”, but its cases name their agency: {labels}.").format(
                store=name_of(store), name=name, labels=", ".join(own)
            ),
            where=f"{name_of(store)}: agency",
            remedy=_("Leave the name of this log out."),
        )
    if own and not name:
        return column
    given = name or _only_agency(protocol, is_alone=is_alone) or PurePath(name_of(store)).stem
    return pa.array([given] * len(column), pa.string())


def check_apart(parts: Sequence[tuple[LogStore, pa.Array, pa.Array]]) -> None:
    """Check that no agency and no case lies in two stores.

    Parameters
    ----------
    parts
        Stores with the agencies and the ids of their cases.

    Raises
    ------
    AgencyTwiceError, CaseTwiceError
        If one does; both stores are named.
    """
    for first, second, label in _met_twice([(store, agencies) for store, agencies, _ids in parts]):
        raise AgencyTwiceError(
            _("Cases of the agency “{agency}” lie in two logs: {first} and {second}.").format(
                agency=label, first=first, second=second
            ),
            where=f"{second}: agency",
            remedy=_("Import both exports of the agency into one log, or name the agencies apart."),
        )
    for first, second, label in _met_twice([(store, ids) for store, _agencies, ids in parts]):
        raise CaseTwiceError(
            _("The case “{case}” lies in two logs: {first} and {second}.").format(
                case=label, first=first, second=second
            ),
            where=f"{second}: case_id",
            remedy=_("Put the agency's name before the ids, or import each agency with a key of its own."),
        )


def _met_twice(columns: Sequence[tuple[LogStore, pa.Array]]) -> Iterator[tuple[str, str, str]]:
    seen: dict[str, str] = {}
    for store, column in columns if len(columns) > 1 else ():
        own = [label for label in pc.unique(column).to_pylist() if label]
        for label in sorted(own):
            if label in seen:
                yield seen[label], name_of(store), label
        seen |= dict.fromkeys(own, name_of(store))


def _only_agency(protocol: Protocol, *, is_alone: bool) -> str:
    named = {wave.agency for wave in protocol.change.waves} | set(protocol.comparison.controls)
    return named.pop() if is_alone and len(named) == 1 else ""
