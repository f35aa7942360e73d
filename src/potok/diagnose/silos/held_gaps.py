"""The gaps of the applicants' ledger with the holders at both ends."""

from collections.abc import Collection, Mapping
from typing import Final

import ibis

from potok.diagnose.rework.event_attributes import attribute_values
from potok.diagnose.rework.holders import HOLDERS, PLACEHOLDERS, code_labels, given_holders, holder_name
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.ledger import gaps

__all__ = ["first_held", "given_holders", "held_gaps", "holder_labels", "holder_name", "unknown_holders"]

_COLUMNS: Final = ("case", "position", "source_row", "next_activity", "gap_us")


def held_gaps(
    events: ibis.Table, cases: ibis.Table, *, holder: str, extracted_us: int, unknown: Collection[str] = ()
) -> ibis.Table:
    """Return one row per pair of consecutive instances, with the gap between them and who holds the case around it.

    Parameters
    ----------
    holder
        ``resource``, ``org_unit``, or anything else for `attribute_values`.
    unknown
        Holders, as the text of `source` and `target`, that stand for an unknown one (`unknown_holders`).

    Returns
    -------
    ibis.Table
        `case`, `position` (of the first instance), `source_row`, `next_activity`, `gap_us` (null if unknown), `source`
        and `target` (text: a value, or the code of a performer or department; null if unknown).
    """
    found = gaps(events, cases, extracted_us=extracted_us)
    if holder in HOLDERS:
        source, target = found[holder].cast("string"), found[f"next_{holder}"].cast("string")
        return found.select(*_COLUMNS, source=_known(source, unknown), target=_known(target, unknown))
    here = attribute_values().select("case", "position", source="value")
    there = attribute_values().select("case", "position", target="value")
    there = there.mutate(position=(there.position - 1).cast("int32"))
    joined = found.select(*_COLUMNS).left_join(here, ["case", "position"])
    joined = joined.select(*_COLUMNS, "source").left_join(there, ["case", "position"])
    return joined.select(*_COLUMNS, source=_named(joined.source), target=_named(joined.target))


def first_held(events: ibis.Table, *, holder: str) -> ibis.Table:
    """Return one row per case and holder of any of its instances: `case`, `target`, `first_position`."""
    if holder in HOLDERS:
        known = events.filter(events[holder].notnull())
        held = known.select("case", "position", target=known[holder].cast("string"))
    else:
        held = attribute_values().select("case", "position", target="value")
    return held.group_by("case", "target").aggregate(first_position=held.position.min().cast("int32"))


def holder_labels(store: LogStore, holder: str, engine: Engine | None) -> Mapping[str, str] | None:
    """Return the label of each holder as text of `held_gaps`; None where the text is the label."""
    labels = code_labels(store, holder, engine)
    return None if labels is None else {str(code): label for code, label in labels.items()}


def unknown_holders(labels: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the holders of `holder_labels` whose label is a word for an unknown one."""
    return tuple(sorted(code for code, label in (labels or {}).items() if label.casefold() in PLACEHOLDERS))


def _known(holder: ibis.Value, unknown: Collection[str]) -> ibis.Value:
    return ibis.ifelse(holder.isin(sorted(unknown)), ibis.null("string"), holder) if unknown else holder


def _named(holder: ibis.Value) -> ibis.Value:
    return ibis.ifelse(holder.lower().isin(PLACEHOLDERS), ibis.null("string"), holder)
