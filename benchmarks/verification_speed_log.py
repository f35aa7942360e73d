"""The log and the protocol of `verification_speed.py`: many agencies that change in waves, drawn without a loop.

    python verification_speed_log.py --cases 1000000 --into FOLDER

Every case is applied for, registered, checked and decided; some wait for documents of the applicant and are checked
again. From the day of its wave on, an agency takes a third off the time between check and decision.
"""

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from potok.verify.protocol.drawing import draw_order
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
)
from potok.verify.protocol.writing import render_protocol

SEED: Final = 29
AGENCIES: Final = tuple(f"Agency {number:02d}" for number in range(40))
CHANGING: Final = AGENCIES[:32]
WAVES: Final = (date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1), date(2025, 1, 1))
FIRST_DAY, DAYS = date(2023, 1, 1), 1096
LOOKED_ON: Final = date(2025, 12, 31)
"""The last day of the log, which ends with it."""

SERVICES: Final = tuple(f"Permit {letter}" for letter in "ABCDEF")
CHANNELS: Final = ("online", "counter", "post")
STEPS: Final = ("Application", "Registration", "Check", "Wait for documents", "Second check", "Decision")
WAIT, AGAIN, DECISION = 3, 4, 5
WAITING_SHARE: Final = 0.25
SAVED_SHARE: Final = 1 / 3
DAY_US: Final = 86_400_000_000
Floats = NDArray[np.float64]


def write_log(path: Path, *, cases: int, protocol: Protocol) -> int:
    """Write the events of a log and return how many there are."""
    draw = np.random.default_rng(SEED)
    agency = draw.integers(len(AGENCIES), size=cases)
    service = draw.integers(len(SERVICES), size=cases)
    opened = np.sort(draw.random(cases)) * (DAYS - 1)
    waits = draw.random(cases) < WAITING_SHARE
    days = _days_of_steps(draw, agency, service, waits)
    days[:, DECISION] *= np.where(opened >= _changed_on(protocol)[agency], 1 - SAVED_SHARE, 1.0)
    ended = opened[:, None] + np.cumsum(days, axis=1)
    is_there = np.ones((cases, len(STEPS)), np.bool_)
    is_there[:, [WAIT, AGAIN]] = waits[:, None]
    is_there &= ended < DAYS
    case, step = np.nonzero(is_there)
    traits = {
        "case": pa.array(np.char.add("C", np.char.zfill(np.arange(cases).astype(str), 8))),
        "agency": _labelled(agency, AGENCIES),
        "service": _labelled(service, SERVICES),
        "channel": _labelled(draw.choice(3, size=cases, p=[0.6, 0.3, 0.1]), CHANNELS),
        "outcome": _labelled(_outcomes(draw, is_there[:, DECISION]), ("", "granted", "refused", "returned")),
        "complaint": _labelled((draw.random(cases) < 0.02).astype(np.int64), ("no", "yes")),
        "applicant": pa.array(np.char.add("P", draw.integers(cases // 2, size=cases).astype(str))),
    }
    begun = _instants(np.hstack([opened[:, None], ended[:, :-1]])[case, step] + days[case, step] * 0.7)
    columns = {name: values.take(pa.array(case)) for name, values in traits.items()}
    columns |= {
        "activity": _labelled(step, STEPS),
        "started": begun,
        "completed": _instants(ended[case, step]),
        "resource": _labelled(agency[case] * 5 + draw.integers(5, size=len(case)), _people()),
    }
    pq.write_table(pa.table(columns), path)
    return len(case)


def make_protocol() -> Protocol:
    """Return a protocol that has much looked into: four drawn waves, controls, quality, declarations."""
    drawn = draw_order(CHANGING, WAVES, seed=SEED)
    return Protocol(
        name="Decisions without a queue",
        registered_on=date(2024, 1, 15),
        change=PlannedChange("Decisions are drafted when the check ends.", drawn.waves),
        estimand=Estimand(
            OutcomeKind.CASE_DURATION,
            Direction.LOWER_IS_BETTER,
            Clock.CALENDAR_DAYS,
            horizon_days=60,
            minimum_improvement=1,
            transition_before_days=30,
        ),
        comparison=ComparisonPlan(ComparisonKind.WAVES, controls=AGENCIES[32:], is_order_drawn=True, seed=SEED),
        look=Look(LookKind.FIXED, LOOKED_ON, LOOKED_ON, minimum_cases=300, minimum_months=6),
        quality=(
            QualityMargin("Complaints", "complaint", "yes", Direction.LOWER_IS_BETTER, 0.01, 60),
            QualityMargin("Refusals", "outcome", "refused", Direction.LOWER_IS_BETTER, 0.02, 60),
        ),
        declarations=Declarations(
            applicant_attribute="applicant",
            registration_activity="Application",
            clock_stop_activities=("Wait for documents",),
            applicant_activities=("Wait for documents",),
            refusal_values=("refused",),
            withdrawal_values=("returned",),
            complaint_attribute="complaint",
            complaint_value="yes",
            was_chosen_as_worst=False,
        ),
        failure="The mean time fell by less than a day, or complaints or refusals rose.",
    )


def _days_of_steps(
    draw: np.random.Generator, agency: NDArray[np.int64], service: NDArray[np.int64], waits: NDArray[np.bool_]
) -> Floats:
    """Return how many days each step of each case takes with the wait before it, shape (cases, steps)."""
    medians = np.array([0.02, 0.8, 4.0, 6.0, 2.0, 9.0])
    slowness = draw.lognormal(0, 0.2, len(AGENCIES))[agency] * draw.lognormal(0, 0.15, len(SERVICES))[service]
    days = medians * slowness[:, None] * draw.lognormal(0, 0.6, (len(agency), len(STEPS)))
    days[:, [WAIT, AGAIN]] *= waits[:, None]
    return np.asarray(days)


def _changed_on(protocol: Protocol) -> Floats:
    """Return the day on which each agency changes, counted from the first; never is infinite."""
    on = {wave.agency: float((wave.on - FIRST_DAY).days) for wave in protocol.change.waves}
    return np.array([on.get(agency, np.inf) for agency in AGENCIES])


def _outcomes(draw: np.random.Generator, is_decided: NDArray[np.bool_]) -> NDArray[np.int64]:
    decided = draw.choice([1, 2, 3], size=len(is_decided), p=[0.85, 0.1, 0.05])
    return np.where(is_decided, decided, 0)


def _people() -> tuple[str, ...]:
    return tuple(f"{agency}, clerk {number}" for agency in AGENCIES for number in range(1, 6))


def _instants(days: Floats) -> pa.Array:
    begins = np.int64((FIRST_DAY - date(1970, 1, 1)) // timedelta(days=1)) * DAY_US
    return pa.array(begins + np.rint(days * DAY_US).astype(np.int64)).cast(pa.timestamp("us", tz="UTC"))


def _labelled(codes: NDArray[np.int64], labels: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels))


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--into", type=Path, required=True)
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    protocol = make_protocol()
    (asked.into / "protocol.toml").write_text(render_protocol(protocol), encoding="utf-8")
    print(write_log(asked.into / "log.parquet", cases=asked.cases, protocol=protocol), "events")


if __name__ == "__main__":
    main()
