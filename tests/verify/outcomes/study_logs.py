"""Logs of made-up agencies as rows of text, and the study of them in plain Python."""

import csv
import io
import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from potok.log.mapping import ClosingBasis, ClosingRule, ExtractionKind, Mapping, TimeColumn
from potok.log.store import LogStore
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Declarations,
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
from support.importing import import_text

ZONE = "Europe/Kaliningrad"
LOCAL = ZoneInfo(ZONE)
HEADER = (
    "case", "agency", "service", "channel", "activity", "start", "end", "person", "cost", "outcome", "closed",
    "flag", "note", "applicant",
)  # fmt: skip
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("end",)),
    started_at=TimeColumn(("start",)),
    resource="person",
    cost="cost",
    outcome="outcome",
    channel="channel",
    service="service",
    agency="agency",
    zone=ZONE,
    closing=ClosingRule(ClosingBasis.FIELD, column="closed"),
    extraction=ExtractionKind.OPENED,
    extracted_at="2024-07-01",
)
BEGIN = datetime(2024, 1, 1, tzinfo=LOCAL)
LOOK_ON = date(2024, 5, 31)
ACTIVITIES = ("Submit", "Register", "Check", "Wait for papers", "Decide")


@dataclass(frozen=True)
class Row:
    """One activity instance; local instants without zone."""

    case: str
    agency: str
    service: str
    channel: str
    activity: str
    start: datetime | None
    end: datetime | None
    person: str
    cost: str
    outcome: str
    closed: datetime | None
    flag: str
    note: str
    applicant: str

    @property
    def at(self) -> datetime:
        found = self.start or self.end
        assert found is not None
        return found

    def cells(self) -> list[str]:
        return [_written(getattr(self, name)) for name in HEADER]


def _written(value: object) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else str(value or "")


def random_rows(random: Random, *, cases: int = 60) -> list[Row]:
    """Make cases of three agencies; within a case no two instants are the same."""
    rows = []
    for number in range(cases):
        agency = random.choice(("North", "South", "West"))
        opened = BEGIN + timedelta(minutes=random.randrange(170 * 24 * 60))
        at, own = opened, []
        common = {
            "case": f"{agency[0]}-{number:03}",
            "agency": agency,
            "service": random.choice(("permit", "licence")),
            "channel": random.choice(("portal", "office", "")),
            "flag": random.choice(("yes", "no", "")),
            "applicant": random.choice(("7", "12", "3.5")),
        }
        for _step in range(random.randint(1, 7)):
            at += timedelta(minutes=random.randrange(1, 6000))
            lasts = timedelta(minutes=random.randrange(1, 3000))
            own.append((random.choice(ACTIVITIES), at, at + lasts))
        closed = None
        if random.random() < 0.8:
            closed = own[-1][2] + timedelta(seconds=1) - timedelta(hours=random.choice((0, 0, 30)))
        for activity, start, end in own:
            recorded = random.random()
            rows.append(
                Row(
                    **common,
                    activity=activity,
                    start=None if recorded < 0.1 else start,
                    end=None if recorded > 0.9 else end,
                    person=random.choice(("Ann", "Bob", "Eve", "")),
                    cost=random.choice(("", "10.5", "0.1", "3")),
                    outcome=random.choice(("granted",)) if closed else "",
                    closed=closed,
                    note=random.choice(("", "red", "green", "blue")),
                )
            )
    return _spread_out(rows)


def _spread_out(rows: list[Row]) -> list[Row]:
    """Make the instants of all rows different, so that no order rests on that of the rows."""
    return [
        replace(
            row,
            start=row.start and row.start.replace(second=0) + timedelta(seconds=2 * (n % 14)),
            end=row.end and row.end.replace(second=0) + timedelta(seconds=2 * (n % 14) + 1),
        )
        for n, row in enumerate(rows)
    ]


def as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(row.cells() for row in rows)
    return text.getvalue()


def import_rows(rows: Sequence[Row], folder: Path, *, name: str = "log", mapping: Mapping = MAPPING) -> LogStore:
    folder.mkdir(parents=True, exist_ok=True)
    return import_text(folder, as_csv(rows), mapping=mapping, name=name)


def make_protocol(outcome: OutcomeKind = OutcomeKind.CASE_DURATION, **estimand: object) -> Protocol:
    """Return a protocol of one project that begins in North, with everything declared."""
    values = {"clock": Clock.CALENDAR_DAYS, "horizon_days": 10.0, "minimum_improvement": 1.0} | estimand
    return Protocol(
        name="faster",
        registered_on=date(2024, 1, 1),
        change=PlannedChange("less", (Wave("North", date(2024, 4, 1)),)),
        estimand=Estimand(outcome, Direction.LOWER_IS_BETTER, **values),
        comparison=ComparisonPlan(ComparisonKind.OTHER_AGENCIES, case_mix=("service", "applicant", "colour")),
        look=Look(LookKind.FIXED, LOOK_ON, date(2024, 12, 31)),
        quality=(QualityMargin("flags", "flag", "yes", Direction.LOWER_IS_BETTER, 0.02, 5),),
        declarations=Declarations(
            registration_activity="Register",
            clock_stop_activities=("Wait for papers",),
            applicant_activities=("Wait for papers", "Submit"),
            complaint_attribute="note",
            complaint_value="red",
        ),
    )


def us(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


LOOK = datetime(2024, 6, 1, tzinfo=LOCAL)


@dataclass
class PlainCase:
    """A case as of the look, worked out by hand."""

    case_id: str
    rows: list[Row]

    def __post_init__(self) -> None:
        self.known = sorted((row for row in self.rows if row.at < LOOK), key=lambda row: (row.end or row.at, row.at))
        first = min(min(t for t in (row.start, row.end) if t) for row in self.rows)
        registered = [row.at for row in self.known if row.activity == "Register"]
        self.opened = min(registered) if registered else first
        self.first = min(min(t for t in (row.start, row.end) if t) for row in self.known) if self.known else first
        closed = self.rows[0].closed
        self.is_closed = closed is not None and closed < LOOK
        self.left = closed if self.is_closed and closed else LOOK
        self.registrations = len(registered)

    def repetitions(self, rows: list[Row]) -> int:
        return len(rows) - len({row.activity for row in rows})

    def within(self, days: float) -> list[Row]:
        return [row for row in self.known if row.at <= self.opened + timedelta(days=days)]

    def handovers(self) -> int:
        ordered = sorted(self.rows, key=lambda row: (row.end or row.at, row.at))
        return sum(
            1
            for one, other in itertools.pairwise(ordered)
            if one.person and other.person and one.person != other.person and one.at < LOOK and other.at < LOOK
        )

    def covered(self, *activities: str) -> timedelta:
        """Return how long some activities cover the case, second by second of their bounds."""
        spans = []
        for row in self.known:
            if row.activity in activities and row.start:
                begins, ends = max(row.start, self.opened), min(row.end or self.left, self.left)
                if ends > begins:
                    spans.append((begins, ends))
        marks = sorted({t for span in spans for t in span})
        return sum(
            (b - a for a, b in itertools.pairwise(marks) if any(s <= a and b <= e for s, e in spans)),
            timedelta(0),
        )

    def note(self) -> str:
        known = [row for row in self.rows if row.note and (row.end or row.at) < LOOK]
        return max(known, key=lambda row: row.end or row.at).note if known else ""

    def cost(self, days: float) -> float | None:
        costs = [float(row.cost) for row in self.within(days) if row.cost]
        return sum(costs) if costs else None


def plain_cases(rows: Sequence[Row]) -> list[PlainCase]:
    """Return the cases that have opened by the look, in the study's order."""
    held = defaultdict(list)
    for row in rows:
        held[row.case].append(row)
    cases = [PlainCase(case_id, own) for case_id, own in held.items()]
    return sorted((case for case in cases if case.opened < LOOK), key=lambda case: (case.opened, case.case_id))


def plain_work(rows: Sequence[Row]) -> Counter[tuple[str, int, str]]:
    """Count instances by agency, local month and activity."""
    return Counter((row.agency, row.at.astimezone(LOCAL).month, row.activity) for row in rows if row.at < LOOK)
