"""The digitalisation index: how much of a case is done by machines or electronically.

The medium of an instance is automatic if its performer is a machine, else that of its activity
(`potok.diagnose.digitalisation.steps`); the first instance of a case takes that of the case's channel where its
activity tells none. For a case, share = automatic and digital instances ÷ instances of known medium; the **index** is
the mean of the share over the cases with at least one instance of known medium. Its bounds are over all cases and all
instances, once with every unknown one taken for paper and once for digital. Where the medium of less than half of the
instances is known (`LEAST_KNOWN`), the index cannot be told, and only its bounds are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import pyarrow as pa

from potok.diagnose.digitalisation.steps import StepMedium, compute_step_media, system_performers
from potok.diagnose.digitalisation.words import Medium, guess_medium
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.channels import channel_counts
from potok.measure.running import activity_labels, run

LEAST_KNOWN: Final = 0.5
_STEPS: Final = "step_media"
_PERFORMERS: Final = "system_performers"
_CHANNELS: Final = "channel_media"


@dataclass(frozen=True, slots=True)
class MediumShare:
    """Instances of one medium, and the cases that have any; `instance_share` is of all instances, 0–1."""

    medium: Medium
    instances: int
    instance_share: float
    cases: int
    case_share: float


@dataclass(frozen=True, slots=True)
class Digitalisation:
    """How digital a process is.

    Parameters
    ----------
    index
        0–1; None if the medium of less than half of the instances is known.
    lower_index, upper_index
        With all unknown media taken for paper, and for digital; None without cases.
    known_share
        Instances of known medium over all, 0–1; None without instances.
    cases, known_cases
        All, and those with at least one instance of known medium.
    digital_cases
        Cases all of whose instances are automatic or digital.
    media
        In the order of `Medium`.
    steps
        By activity.
    """

    index: float | None
    lower_index: float | None
    upper_index: float | None
    known_share: float | None
    cases: int
    known_cases: int
    digital_cases: int
    media: tuple[MediumShare, ...]
    steps: tuple[StepMedium, ...]


def instance_media(events: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return one row per instance: `case`, `medium` (the text of `Medium`)."""
    steps = ibis.table({"activity": "int32", "step_medium": "string"}, name=_STEPS)
    performers = ibis.table({"resource": "int32"}, name=_PERFORMERS).mutate(is_system=ibis.literal(True))
    channels = ibis.table({"channel": "string", "channel_medium": "string"}, name=_CHANNELS)
    joined = events.select("case", "position", "activity", "resource").left_join(steps, "activity")
    joined = joined.select("case", "position", "resource", "step_medium").left_join(performers, "resource")
    joined = joined.select("case", "position", "step_medium", "is_system")
    held = cases.select("case", "channel").left_join(channels, "channel").select("case", "channel_medium")
    joined = joined.inner_join(held, "case")
    unknown = Medium.UNKNOWN.value
    by_name = joined.step_medium.fill_null(unknown)
    came_by = (joined.position == 0) & (by_name == unknown)
    medium = ibis.ifelse(came_by, joined.channel_medium.fill_null(unknown), by_name)
    return joined.select(
        "case", medium=ibis.ifelse(joined.is_system.notnull(), Medium.AUTOMATIC.value, medium).cast("string")
    )


def case_media(media: ibis.Table) -> ibis.Table:
    """Return one row per case: `case`, `total`, and the number of its instances of each medium."""
    counts = {medium.value: _count(media.medium == medium.value) for medium in Medium}
    return media.group_by("case").aggregate(total=media.count().cast("int64"), **counts)


def media_totals(by_case: ibis.Table) -> ibis.Table:
    """Return one row.

    Returns
    -------
    ibis.Table
        `cases`, `known_cases`, `whole_cases` (automatic or digital throughout), `instances`; the means `index`,
        `lower`, `upper` (null without cases); for each medium `…_instances` and `…_cases`.
    """
    done = by_case.automatic + by_case.digital
    known = by_case.total - by_case.unknown
    counted = {f"{medium.value}_instances": _total(by_case[medium.value]) for medium in Medium}
    touched = {f"{medium.value}_cases": _count(by_case[medium.value] > 0) for medium in Medium}
    share = ibis.ifelse(known > 0, done.cast("float64") / known.cast("float64"), ibis.null("float64"))
    total = by_case.total.cast("float64")
    return by_case.aggregate(
        cases=by_case.count().cast("int64"),
        known_cases=_count(known > 0),
        whole_cases=_count(done == by_case.total),
        instances=_total(by_case.total),
        index=share.mean().cast("float64"),
        lower=(done.cast("float64") / total).mean().cast("float64"),
        upper=((done + by_case.unknown).cast("float64") / total).mean().cast("float64"),
        **counted,
        **touched,
    )


def compute_digitalisation(
    store: LogStore,
    *,
    declared: Mapping[str, Medium] | None = None,
    channels: Mapping[str, Medium] | None = None,
    engine: Engine | None = None,
) -> Digitalisation:
    """Compute the digitalisation index, and the share of each medium.

    Parameters
    ----------
    declared
        Medium of activities, by label, where it is known; the others are guessed.
    channels
        Medium of channels, where it is known; the others are guessed.

    Raises
    ------
    UnknownPlaceError
        If the log does not have a declared activity.
    """
    steps = compute_step_media(store, declared=declared, engine=engine)
    given = _given(store, steps, channels or {}, engine)
    totals = media_totals(case_media(instance_media(EVENTS, CASES)))
    ((row),) = run(totals, store, engine, given=given)
    found: dict[str, Any] = dict(zip(totals.columns, row, strict=True))
    cases, instances = found["cases"], found["instances"]
    known_share = 1 - found["unknown_instances"] / instances if instances else None
    media = tuple(
        MediumShare(
            medium=medium,
            instances=found[f"{medium.value}_instances"],
            instance_share=found[f"{medium.value}_instances"] / instances if instances else 0.0,
            cases=found[f"{medium.value}_cases"],
            case_share=found[f"{medium.value}_cases"] / cases if cases else 0.0,
        )
        for medium in Medium
    )
    return Digitalisation(
        index=found["index"] if known_share is not None and known_share >= LEAST_KNOWN else None,
        lower_index=found["lower"],
        upper_index=found["upper"],
        known_share=known_share,
        cases=cases,
        known_cases=found["known_cases"],
        digital_cases=found["whole_cases"],
        media=media,
        steps=steps,
    )


def _given(
    store: LogStore, steps: Sequence[StepMedium], declared: Mapping[str, Medium], engine: Engine | None
) -> Given:
    codes = {label: code for code, label in activity_labels(store, engine).items()}
    channels = [row[0] for row in run(channel_counts(CASES), store, engine) if row[0] is not None]
    media = [declared.get(channel) or guess_medium(channel) for channel in channels]
    return {
        _STEPS: pa.table(
            {
                "activity": pa.array([codes[step.activity] for step in steps], pa.int32()),
                "step_medium": pa.array([step.medium.value for step in steps], pa.string()),
            }
        ),
        _PERFORMERS: pa.table({"resource": pa.array(system_performers(store, engine), pa.int32())}),
        _CHANNELS: pa.table(
            {
                "channel": pa.array(channels, pa.string()),
                "channel_medium": pa.array([medium.value for medium in media], pa.string()),
            }
        ),
    }


def _count(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().fill_null(0).cast("int64")


def _total(counts: ibis.Value) -> ibis.Value:
    return counts.sum().fill_null(0).cast("int64")
