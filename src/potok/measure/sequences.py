"""Variants taken apart: what the dictionary of variants answers without reading a single event."""

import ibis


def variant_positions(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant and position in it.

    Parameters
    ----------
    variants
        As `potok.engine.tables.VARIANTS`.

    Returns
    -------
    ibis.Table
        `variant`, `position` (from 0), `activity` (codes), `n_events`, `cases` (of the variant).
    """
    split = variants.select("variant", "n_events", "cases", code=variants.activities.split(","))
    apart = split.unnest("code", offset="position")
    return apart.select(
        "variant",
        "n_events",
        "cases",
        position=apart.position.cast("int32"),
        activity=apart.code.cast("int32"),
    )


def variant_passages(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant and distinct passage in it: `variant`, `activity`, `next_activity`, `cases`."""
    split = variants.select("variant", "cases", "n_events", codes=variants.activities.split(","))
    # Both ends are taken from the list by their place: to join positions with themselves costs twice as much.
    apart = split.mutate(position=ibis.range(0, split.n_events - 1)).unnest("position")
    ends = apart.select(
        "variant",
        "cases",
        activity=apart.codes[apart.position].cast("int32"),
        next_activity=apart.codes[apart.position + 1].cast("int32"),
    )
    return ends.select("variant", "activity", "next_activity", "cases").distinct()


def repeated_positions(variants: ibis.Table) -> ibis.Table:
    """Return one row per position at which a variant holds a second or later instance of an activity.

    Returns
    -------
    ibis.Table
        `variant`, `position`.
    """
    positions = variant_positions(variants)
    first = positions.group_by("variant", "activity").aggregate(first_position=positions.position.min())
    paired = positions.inner_join(first, ["variant", "activity"])
    return paired.filter(paired.position > paired.first_position).select("variant", "position")
