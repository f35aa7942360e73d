"""Drift as tables and as JSON."""

from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.diagnose.drift.result import (
    REASONS,
    Aspect,
    AspectDrift,
    Drift,
    DriftPoint,
    Feature,
    FeatureChange,
    FeatureKind,
    Measured,
)
from potok.report.catalogue.entry import count, number, text
from potok.report.formats import (
    format_count,
    format_decimal,
    format_duration,
    format_share,
    instant_of,
)
from potok.report.tables import Column, ColumnKind, Table

SCHEMA: Final = "potok.drift/1"
_SHOWN_CHANGES: Final = 8


def drift_tables(found: Drift, *, zone: str) -> tuple[Table, ...]:
    """Tabulate when a process changed, what changed, and what was searched."""
    return (_points_table(found, zone), _changes_table(found, zone), _aspects_table(found, zone))


def aspect_text(aspect: Aspect) -> str:
    """Name an aspect."""
    return {
        Aspect.CONTROL_FLOW: _("order of steps"),
        Aspect.LEAD_TIME: _("lead time"),
        Aspect.ACTIVITY_TIMES: _("times of activities"),
        Aspect.RESOURCES: _("performers"),
        Aspect.MIX: _("mix of cases"),
        Aspect.ARRIVALS: _("cases coming in"),
        Aspect.WORK_IN_PROCESS: _("open cases"),
    }[aspect]


def feature_text(feature: Feature) -> str:
    """Say what is looked at, in words."""
    name, later = quoted(feature.name) if feature.name else _("unknown"), quoted(feature.next_name)
    templates = {
        FeatureKind.ACTIVITY: _("{name} occurs"),
        FeatureKind.REPEATED: _("{name} is repeated"),
        FeatureKind.DIRECTLY_FOLLOWS: _("{name} is directly followed by {later}"),
        FeatureKind.EVENTUALLY_FOLLOWS: _("{name} comes some time before {later}"),
        FeatureKind.VARIANT: _("the variant {path}"),
        FeatureKind.LEAD_TIME: _("lead time"),
        FeatureKind.ACTIVITY_TIME: _("time to {name}"),
        FeatureKind.RESOURCE: _("{name} works on the case"),
        FeatureKind.CHANNEL: _("channel {name}"),
        FeatureKind.SERVICE: _("service {name}"),
        FeatureKind.AGENCY: _("agency {name}"),
        FeatureKind.OPENING_UNIT: _("opened by {name}"),
        FeatureKind.ATTRIBUTE: _("{column} is {name}"),
        FeatureKind.ARRIVALS: _("cases coming in"),
        FeatureKind.WORK_IN_PROCESS: _("open cases"),
    }
    path = " → ".join(feature.path)
    return templates[feature.kind].format(name=name, later=later, path=path, column=feature.column)


def figure_text(value: float, measured: Measured) -> str:
    """Write a figure before or after a change; a difference has its sign."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    match measured:
        case Measured.SHARE:
            return sign + _("{share} of cases").format(share=format_share(size))
        case Measured.MEDIAN_SECONDS:
            return sign + format_duration(size)
        case Measured.MEAN_PER_DAY:
            return sign + _("{n} a day").format(n=format_decimal(size))
        case _:
            return sign + format_decimal(size)


def difference_text(value: float, measured: Measured) -> str:
    """Write a difference between two figures; that of shares in percentage points."""
    if measured is Measured.SHARE:
        return _("{n} points").format(n=format_decimal(100 * value))
    return figure_text(value, measured)


def change_text(change: FeatureChange) -> str:
    """Say how a feature changed, in one sentence."""
    return _("{what}: {before} before, {after} after").format(
        what=feature_text(change.feature),
        before=figure_text(change.before, change.measured),
        after=figure_text(change.after, change.measured),
    )


def point_text(point: DriftPoint) -> str:
    """Say what changed most at a point."""
    if not point.changes:
        return _("no single figure stands out")
    return change_text(point.changes[0])


def _points_table(found: Drift, zone: str) -> Table:
    columns = (
        text("aspect", _("What changed")),
        Column("at_us", _("When"), ColumnKind.INSTANT),
        Column("lower_us", _("Not before"), ColumnKind.INSTANT),
        Column("upper_us", _("Not after"), ColumnKind.INSTANT),
        text("change", _("Largest change")),
        count("changed_features", _("Figures changed")),
        count("units_before", _("Cases or periods before")),
        count("units_after", _("Cases or periods after")),
        number("p_value", _("Probability by chance")),
    )
    rows = tuple(
        (
            aspect_text(aspect.aspect),
            point.at_us,
            point.lower_us,
            point.upper_us,
            point_text(point),
            point.changed_features,
            point.units_before,
            point.units_after,
            point.p_value,
        )
        for aspect in found.aspects
        for point in aspect.points
    )
    return Table("drift", _("When the process changed"), columns, rows, zone, _notes(found))


def _changes_table(found: Drift, zone: str) -> Table:
    columns = (
        text("aspect", _("What changed")),
        Column("at_us", _("When"), ColumnKind.INSTANT),
        text("feature", _("Figure")),
        text("before", _("Before")),
        text("after", _("After")),
        text("difference", _("Difference")),
        text("interval", _("95% interval")),
        number("p_value", _("Probability by chance")),
    )
    rows = tuple(
        (
            aspect_text(aspect.aspect),
            point.at_us,
            feature_text(change.feature),
            figure_text(change.before, change.measured),
            figure_text(change.after, change.measured),
            difference_text(change.difference, change.measured),
            f"{difference_text(change.lower, change.measured)} … {difference_text(change.upper, change.measured)}",
            change.p_value,
        )
        for aspect in found.aspects
        for point in aspect.points
        for change in point.changes[:_SHOWN_CHANGES]
    )
    return Table("drift_changes", _("What changed, before and after"), columns, rows, zone)


def _aspects_table(found: Drift, zone: str) -> Table:
    columns = (
        text("aspect", _("Searched")),
        count("units", _("Cases or periods")),
        count("features", _("Figures looked at")),
        count("block", _("Shuffled together")),
        count("points", _("Changes found")),
        text("reason", _("Why nothing can be said")),
    )
    rows = tuple(
        (
            aspect_text(aspect.aspect),
            aspect.units,
            aspect.features,
            aspect.block or None,
            None if aspect.refusal else len(aspect.points),
            _(REASONS[aspect.refusal]) if aspect.refusal else "",
        )
        for aspect in found.aspects
    )
    return Table("drift_searched", _("What was searched for changes"), columns, rows, zone)


def _notes(found: Drift) -> tuple[str, ...]:
    young = ngettext(
        "{n} case opened too shortly before the extraction to be complete is left out.",
        "{n} cases opened too shortly before the extraction to be complete are left out.",
        found.young_cases,
    )
    return (
        _("If nothing changed, the probability of any row in this table would be at most {share}.").format(
            share=format_share(found.error_rate)
        ),
        *([young.format(n=format_count(found.young_cases))] if found.young_cases and found.used_cases else []),
        *(_(assumption) for assumption in found.assumptions),
        _("A season looks like recurring changes, a slow change like several steps."),
    )


def drift_as_json(found: Drift, *, zone: str, content_sha256: str) -> dict[str, Any]:
    """Return drift as plain values: instants ISO 8601 with offset, durations in seconds, shares 0–1."""
    return {
        "schema": SCHEMA,
        "log": {"content_sha256": content_sha256, "zone": zone},
        "error_rate": found.error_rate,
        "confidence": found.confidence,
        "cases": found.cases,
        "used_cases": found.used_cases,
        "young_cases": found.young_cases,
        "settling_seconds": found.settling_seconds,
        "every": found.every,
        "aspects": [_aspect_record(aspect, zone) for aspect in found.aspects],
        "notes": list(_notes(found)),
    }


def _aspect_record(aspect: AspectDrift, zone: str) -> dict[str, Any]:
    return {
        "aspect": aspect.aspect.value,
        "unit": aspect.unit,
        "units": aspect.units,
        "features": aspect.features,
        "block": aspect.block,
        "refusal": aspect.refusal.value if aspect.refusal else None,
        "points": [_point_record(point, zone) for point in aspect.points],
    }


def _point_record(point: DriftPoint, zone: str) -> dict[str, Any]:
    instants = {"at": point.at_us, "lower_at": point.lower_us, "upper_at": point.upper_us}
    return {
        "index": point.index,
        "lower_index": point.lower_index,
        "upper_index": point.upper_index,
        **{name: instant_of(value, zone=zone).isoformat() for name, value in instants.items()},
        "p_value": point.p_value,
        "units_before": point.units_before,
        "units_after": point.units_after,
        "first_case": point.first_case,
        "changed_features": point.changed_features,
        "changes": [change_record(change) for change in point.changes],
    }


def change_record(change: FeatureChange) -> dict[str, Any]:
    """Return how a feature changed as plain values."""
    feature = change.feature
    return {
        "kind": feature.kind.value,
        "name": feature.name or None,
        "next_name": feature.next_name or None,
        "column": feature.column or None,
        "path": list(feature.path) or None,
        "measured": change.measured.value,
        "before": change.before,
        "after": change.after,
        "difference": change.difference,
        "lower": change.lower,
        "upper": change.upper,
        "p_value": change.p_value,
        "text": change_text(change),
    }
