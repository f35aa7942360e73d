"""Random calendars, and working time counted minute by minute: slow, plain, and independent of what it checks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from potok.core.calendars import Calendar

MINUTE_US = 60_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Each stretch contains what makes its zone hard: changed offsets, midnight gaps, year ends.
STRETCHES = (
    ("Europe/Kaliningrad", date(2011, 3, 20), date(2011, 4, 5)),  # to permanent summer time
    ("Europe/Kaliningrad", date(2014, 10, 20), date(2014, 11, 3)),  # back to standard time
    ("Europe/Kaliningrad", date(2010, 10, 25), date(2010, 11, 4)),  # an ordinary end of summer time
    ("Asia/Yakutsk", date(2014, 10, 20), date(2014, 11, 3)),
    ("Asia/Yakutsk", date(2024, 12, 24), date(2025, 1, 5)),
    ("Europe/Berlin", date(2024, 3, 25), date(2024, 4, 4)),
    ("Europe/Berlin", date(2024, 10, 21), date(2024, 11, 2)),
    ("Europe/London", date(2024, 3, 26), date(2024, 4, 3)),  # two local midnights in one UTC day
    ("America/Sao_Paulo", date(2018, 10, 30), date(2018, 11, 9)),  # midnight itself does not exist
    ("America/Sao_Paulo", date(2018, 2, 13), date(2018, 2, 22)),  # the hour before midnight comes twice
    ("Asia/Kathmandu", date(1985, 12, 27), date(1986, 1, 5)),  # fifteen minutes forward at the year's beginning
    ("America/New_York", date(2023, 12, 27), date(2024, 1, 4)),
    ("UTC", date(2024, 2, 26), date(2024, 3, 3)),
)


def instant_us(at: datetime) -> int:
    """Return an aware time as µs UTC."""
    return (at - EPOCH) // timedelta(microseconds=1)


def local_us(zone: str, *wall: int) -> int:
    """Return a wall-clock time of a zone as µs UTC."""
    return instant_us(datetime(*wall, tzinfo=ZoneInfo(zone)))


def open_minutes(calendar: Calendar, first_us: int, last_us: int) -> Iterator[int]:
    """Yield the UTC minutes from `first_us` to before `last_us` (whole minutes) whose wall clock is working time."""
    zone = ZoneInfo(calendar.zone)
    for at_us in range(first_us, last_us, MINUTE_US):
        wall = (EPOCH + timedelta(microseconds=at_us)).astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        hours = calendar.days.get(wall.date(), calendar.weekly[wall.weekday()])
        if any(start <= minute < end for start, end in hours):
            yield at_us


spans = st.lists(st.integers(0, 1440), unique=True, max_size=6).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
"""Up to three spans, anywhere in the day."""

office_hours = st.sampled_from([((540, 780), (840, 1080)), ((480, 720),), ((0, 1440),), ((1320, 1440),), ((0, 60),)])


@st.composite
def random_calendars(draw: st.DrawFn) -> tuple[Calendar, int, int]:
    """Draw a calendar and the window of its stretch, µs UTC."""
    zone, first, last = draw(st.sampled_from(STRETCHES))
    hours = st.one_of(spans, office_hours)
    weekly = tuple(draw(hours) for _weekday in range(7))
    between = st.dates(first, last)
    days = draw(st.dictionaries(between, st.one_of(st.just(()), hours), max_size=5))
    # So that it is never without an hour.
    days[first] = ((600, 660),)
    calendar = Calendar("random", zone, weekly, days, first.year, last.year)
    start = local_us(zone, first.year, first.month, first.day)
    end = local_us(zone, last.year, last.month, last.day)
    return calendar, start, end
