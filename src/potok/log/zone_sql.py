"""SQL from wall clock to UTC and back, as nested comparisons with the instants at which a zone's offset changes."""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from typing import Final

from potok.core.time_units import DAY_US
from potok.log.zones import Steps, local_offsets, universal_offsets

# Years with other than four digits are slips of the pen or placeholders such as 01.01.0001.
EARLIEST_READABLE_US: Final = -30_610_224_000_000_000  # 1000-01-01
LATEST_READABLE_US: Final = 253_402_300_799_999_999  # end of 9999


def _year_us(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


USUAL_SPAN: Final = (_year_us(1990), _year_us(2040))


def is_readable(value: str) -> str:
    """Return SQL that is true where microseconds lie in a year of four digits."""
    return f"{value} BETWEEN {EARLIEST_READABLE_US} AND {LATEST_READABLE_US}"


def universal_expression(wall: str, *, zone: str, span: tuple[int, int] | None = None) -> str:
    """Return SQL for the UTC microseconds of a wall-clock time; NULL outside the years 1000 to 9999.

    Parameters
    ----------
    wall
        SQL for microseconds of the wall clock. It is repeated: DuckDB computes it once only where the whole select
        item depends on it unconditionally.
    span
        Between which instants most values lie. Others are as right, but slower.
    """
    return f"CASE WHEN {is_readable(wall)} THEN {wall} - {step_expression(wall, local_offsets(zone), span=span)} END"


def local_expression(instant: str, *, zone: str, span: tuple[int, int] | None = None) -> str:
    """Return SQL for the wall-clock microseconds of a UTC instant.

    Parameters
    ----------
    instant
        SQL for microseconds since 1970 UTC, best the name of a column: it is repeated.
    span
        Between which instants most values lie. Others are as right, but slower.
    """
    return f"({instant} + {step_expression(instant, universal_offsets(zone), span=span)})"


def step_expression(value: str, steps: Steps, *, span: tuple[int, int] | None = None) -> str:
    """Return SQL for the value of a step function; undefined where `value` is NULL.

    Within the usual span the value is found by nested comparisons. Elsewhere, where summer time may go on for a
    thousand years, it is looked up in a list: slow, but a nest of two thousand comparisons would take a second to plan.
    """
    steps = _merged(steps)
    low, high = (span[0] - 2 * DAY_US, span[1] + 2 * DAY_US) if span else USUAL_SPAN
    first, last = bisect_right(steps.bounds, low), bisect_left(steps.bounds, high)
    near = _tree(value, Steps(steps.bounds[first:last], steps.values[first : last + 1]))
    limits = [f"{value} >= {low}"] * (first > 0) + [f"{value} < {high}"] * (last < len(steps.bounds))
    if first < last == len(steps.bounds):
        # Most zones have settled: one comparison is enough for recent years.
        near = f"CASE WHEN {value} >= {steps.bounds[-1]} THEN {steps.values[-1]} ELSE {near} END"
    if not limits:
        return near
    far = f"{_numbers(steps.values)}[1 + len(list_filter({_numbers(steps.bounds)}, lambda bound: bound <= {value}))]"
    return f"CASE WHEN {' AND '.join(limits)} THEN {near} WHEN {value} IS NOT NULL THEN {far} END"


def _merged(steps: Steps) -> Steps:
    """Leave out bounds at which the value stays the same."""
    changes = [i for i in range(len(steps.bounds)) if steps.values[i] != steps.values[i + 1]]
    return Steps(tuple(steps.bounds[i] for i in changes), (steps.values[0], *(steps.values[i + 1] for i in changes)))


def _tree(value: str, steps: Steps) -> str:
    if not steps.bounds:
        return str(steps.values[0])
    middle = len(steps.bounds) // 2
    before = Steps(steps.bounds[:middle], steps.values[: middle + 1])
    after = Steps(steps.bounds[middle + 1 :], steps.values[middle + 1 :])
    return f"CASE WHEN {value} < {steps.bounds[middle]} THEN {_tree(value, before)} ELSE {_tree(value, after)} END"


def _numbers(numbers: tuple[int, ...]) -> str:
    # One text that is cast while planning is ten times as quick to plan as a list of literals.
    return f"CAST(string_split('{','.join(map(str, numbers))}', ',') AS BIGINT[])"
