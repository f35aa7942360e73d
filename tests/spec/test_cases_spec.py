"""How many cases there are, how long they take, how they begin, end and go."""

from potok.measure.case_durations import DurationBin, compute_case_durations
from potok.measure.counts import LogCounts, compute_counts
from potok.measure.endpoints import ActivityCount, Endpoints, compute_endpoints
from potok.measure.variants import Variant, compute_variants
from support.tiny_store import SECOND, tiny_log

DAY = 86_400


def test_counts(answer):
    log = tiny_log(
        """
        case | activity | enabled | started | completed | resource | org_unit
        1    | A        | 5       | 7       | 10        | x        | u
        1    | B        |         |         | 20        |          | u
        2    | A        |         | 30      |           | y        |
        """,
        open_cases="2",
    )
    assert answer(compute_counts, log) == LogCounts(
        cases=2,
        open_cases=1,
        activity_instances=3,
        activities=2,
        variants=2,
        resources=2,
        org_units=1,
        first_us=5 * SECOND,
        last_us=30 * SECOND,
    )


def test_durations_are_of_closed_cases_and_ages_of_open_ones(answer):
    log = tiny_log(
        f"""
        case | activity | completed
        1    | A        | 0
        1    | B        | 100
        2    | A        | 0
        2    | B        | 200
        3    | A        | {DAY}
        """,
        open_cases="3",
        extracted=3 * DAY,
    )
    durations = answer(compute_case_durations, log)
    assert (durations.closed_cases, durations.open_cases) == (2, 1)
    assert (durations.min_seconds, durations.median_seconds, durations.max_seconds) == (100, 150, 200)
    assert (durations.mean_seconds, durations.p90_seconds) == (150, 190)
    assert (durations.open_median_age_seconds, durations.open_max_age_seconds) == (2 * DAY, 2 * DAY)
    assert durations.total_seconds == 300 + 2 * DAY
    assert durations.histogram == (
        DurationBin(0, 600, 2, 0),
        DurationBin(600, 3_600, 0, 0),
        DurationBin(3_600, 14_400, 0, 0),
        DurationBin(14_400, DAY, 0, 0),
        DurationBin(DAY, 3 * DAY, 0, 1),
    )


def test_with_open_cases_only_there_is_no_duration(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        """,
        open_cases="1",
    )
    durations = answer(compute_case_durations, log)
    assert durations.median_seconds is None
    assert durations.mean_seconds is None
    assert durations.open_max_age_seconds == 0


def test_a_case_opened_after_its_end_has_no_duration(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 10
        2    | A        | 10
        """,
        open_cases="2",
        opened={"1": 30},
        extracted=5,
    )
    durations = answer(compute_case_durations, log)
    assert (durations.max_seconds, durations.open_max_age_seconds, durations.total_seconds) == (0, 0, 0)


def test_variants_are_ranked_by_cases(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        2    | A        | 0
        2    | B        | 30
        3    | A        | 0
        3    | B        | 90
        4    | A        | 0
        """,
        open_cases="3 4",
    )
    assert answer(compute_variants, log) == (
        Variant(0, ("A", "B"), cases=3, share=0.75, median_seconds=20.0),
        Variant(1, ("A",), cases=1, share=0.25, median_seconds=None),
    )


def test_endpoints_count_open_cases_apart(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        2    | A        | 0
        2    | C        | 10
        2    | B        | 30
        3    | A        | 0
        """,
        open_cases="2 3",
    )
    assert answer(compute_endpoints, log) == Endpoints(
        starts=(ActivityCount("A", cases=3, open_cases=2),),
        ends=(ActivityCount("B", cases=2, open_cases=1), ActivityCount("A", cases=1, open_cases=1)),
    )
