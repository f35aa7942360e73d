"""Whether several log stores can be looked at together, and up to which instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from potok.core.calendars.zones import load_zone, midnight_us
from potok.core.language import gettext as _
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.measure.sampling import SurvivalRefusal, sampling_of
from potok.verify.outcomes.errors import ExtractionsDifferError, NoStoresError, StoresDifferError, WatchUnknownError

_TIMES: Final = ("enabled_at", "started_at", "completed_at")
_SAME: Final = ("split_cases_on", "exclude", "lifecycle_mode")


@dataclass(frozen=True, slots=True)
class LookInstant:
    """The instant as of which logs are read.

    Parameters
    ----------
    at_us
        End of the day of the look, or the earliest extraction if that comes first; µs UTC.
    known_us
        The last instant whose events are known: an event at the midnight that ends the day is of the next day, one at
        the very extraction is in the log.
    limited_by
        File name of the log whose extraction comes before the end of the day; empty if none does.
    """

    at_us: int
    known_us: int
    limited_by: str


def check_stores(stores: Sequence[LogStore]) -> None:
    """Check that log stores mean the same by their times, closings and zones, and were extracted alike.

    Raises
    ------
    NoStoresError
        If there are none.
    StoresDifferError
        If zone, recorded times, pairing of life cycles, rule of closing, split or exclusion of cases differ.
    ExtractionsDifferError
        If one holds closed cases only and another does not.
    WatchUnknownError
        If one holds active cases and does not say since when they were watched.
    """
    if not stores:
        raise NoStoresError(
            _("A verification needs at least one log store."), where="stores", remedy=_("Name the logs to look at.")
        )
    for store in stores:
        _check_watch(store)
    first = stores[0]
    meant = dict(_meaning(first))
    for store in stores[1:]:
        _check_extraction(first, store)
        for field, value in _meaning(store):
            if value != meant[field]:
                raise StoresDifferError(
                    _("The logs {first} and {second} differ in “{field}”: {one} and {other}.").format(
                        first=name_of(first), second=name_of(store), field=field, one=meant[field], other=value
                    ),
                    where=f"{name_of(store)}: {field}",
                    remedy=_("Import both with the same settings, or verify them apart."),
                )


def find_look(stores: Sequence[LogStore], looked_on: date) -> LookInstant:
    """Return the instant of a look: the local midnight that ends its day, never later than the earliest extraction."""
    asked_us = midnight_us(load_zone(zone_of(stores[0])), looked_on + timedelta(days=1))
    extracted_us, name = min((store.extracted_us, name_of(store)) for store in stores)
    if extracted_us < asked_us:
        return LookInstant(extracted_us, extracted_us, name)
    return LookInstant(asked_us, asked_us - 1, "")


def name_of(store: LogStore) -> str:
    """Return the name of a store's first source file, or of its folder if that is not known."""
    files = store.manifest.get("source", {}).get("files", [])
    return str(files[0]["name"]) if files else store.folder.name


def _check_watch(store: LogStore) -> None:
    if sampling_of(store).refusal is SurvivalRefusal.WINDOW_START_UNKNOWN:
        raise WatchUnknownError(
            _("{name} holds the cases active in a period, and does not say since when they were watched.").format(
                name=name_of(store)
            ),
            where=f"{name_of(store)}: watched_from",
            remedy=_("Import it again with --watched-from TIME."),
        )


def _check_extraction(first: LogStore, second: LogStore) -> None:
    kinds = [sampling_of(store).kind for store in (first, second)]
    if (kinds[0] is ExtractionKind.CLOSED) is not (kinds[1] is ExtractionKind.CLOSED):
        raise ExtractionsDifferError(
            _("The logs {first} and {second} were extracted differently: {one} and {other}.").format(
                first=name_of(first), second=name_of(second), one=kinds[0], other=kinds[1]
            ),
            where=f"{name_of(second)}: extraction",
            remedy=_("Extract both with their open cases: cases opened, or active, in the same period."),
        )


def _meaning(store: LogStore) -> Iterator[tuple[str, Any]]:
    """Yield what has to be the same: the field and its value."""
    manifest = store.manifest
    mapping: Mapping[str, Any] = manifest.get("mapping", {})
    closing: Mapping[str, Any] = manifest.get("closing", {})
    yield "zone", zone_of(store)
    for field in _TIMES:
        yield field, _("recorded") if mapping.get(field) else _("not recorded")
    yield "closing", str(closing.get("basis", ""))
    yield "closing.values", ", ".join(sorted(map(str, closing.get("values", ()))))
    yield "lifecycle", str(manifest.get("lifecycle", {}).get("paired", ""))
    for field in _SAME:
        yield field, str(mapping.get(field) or "")
