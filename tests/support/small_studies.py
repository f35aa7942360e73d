"""Studies of a few cases, written down by hand."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from potok.log.mapping import ExtractionKind
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Direction,
    Estimand,
    Look,
    LookKind,
    OutcomeKind,
    PlannedChange,
    Protocol,
    QualityMargin,
    Wave,
)
from potok.verify.study import CaseFeatures, Labels, MonthlyWork, Study, StudyCases, StudySource

DAY_US = 86_400_000_000


def us(day):
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1e6)


def labels(name, values):
    known = sorted({value for value in values if value is not None})
    codes = [-1 if value is None else known.index(value) for value in values]
    return Labels(name, np.asarray(codes, np.int64), tuple(known))


def make_study(rows, *, look, first="2000-01-01", extraction=ExtractionKind.OPENED, inside=None, **attributes):
    """Rows of (id, agency, opened day, days until closing or None); attributes are lists of labels."""
    look_us, count = us(look), len(rows)
    opened = np.asarray([us(row[2]) for row in rows], np.int64)
    closed = np.asarray([-1 if row[3] is None else us(row[2]) + round(row[3] * DAY_US) for row in rows], np.int64)
    is_closed = (closed >= 0) & (closed <= look_us)
    zeros = np.zeros(count, np.int64)
    cases = StudyCases(
        case_ids=np.asarray([row[0] for row in rows], object),
        opened_us=opened,
        watched_us=opened,
        left_us=np.where(is_closed, closed, look_us),
        is_closed=is_closed,
        agency=labels("agency", [row[1] for row in rows]),
        service=labels("service", attributes.pop("service", ["услуга"] * count)),
        channel=labels("channel", [None] * count),
        outcome=labels("outcome", [None] * count),
        attributes=tuple(labels(name, values) for name, values in attributes.items()),
        features=CaseFeatures(opened, *(zeros for _name in CaseFeatures.__slots__[1:-1]), np.full(count, np.nan)),
    )
    agencies = cases.agency.labels
    none = np.zeros((len(agencies), 1), np.int64)
    work = MonthlyWork(agencies, (date(2000, 1, 1),), ("шаг",), none[:, :, None], none, none, none, none)
    source = StudySource("log.csv", "0" * 64, extraction, look_us, count, 0, "1" * 64)
    chosen = np.ones(count, np.bool_) if inside is None else np.asarray(inside, np.bool_)
    return Study(cases, chosen, work, "UTC", us(first), look_us, (source,))


def make_protocol(waves, *, kind=ComparisonKind.OWN_PAST, look="2025-12-31", quality=(), sentinels=(), **estimand):
    """Waves as a mapping of agencies to days."""
    usual = {"horizon_days": 30.0, "minimum_improvement": 1.0}
    return Protocol(
        name="Проект",
        registered_on=min(map(date.fromisoformat, waves.values())) - timedelta(days=30),
        change=PlannedChange("что", tuple(Wave(agency, date.fromisoformat(on)) for agency, on in waves.items())),
        estimand=Estimand(
            OutcomeKind.CASE_DURATION, Direction.LOWER_IS_BETTER, Clock.CALENDAR_DAYS, **{**usual, **estimand}
        ),
        comparison=ComparisonPlan(kind),
        look=Look(LookKind.FIXED, date.fromisoformat(look), date.fromisoformat(look), minimum_months=1),
        quality=tuple(quality),
        sentinels=tuple(sentinels),
        sha256="2" * 64,
    )


def margin(attribute, *, name="", share=0.02, follow_up_days=30.0, direction=Direction.LOWER_IS_BETTER):
    return QualityMargin(name or attribute, attribute, "да", direction, share, follow_up_days)
