"""How many cases are opened a year: the 365 days before the extraction."""

import pytest

from potok.measure.cost_model import compute_yearly_cases
from support.flow_logs import flow_log, write_flow
from support.measuring import ENGINES

DAY = 86_400


@pytest.fixture(params=ENGINES[1:])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


def test_a_case_counts_from_365_days_before_the_extraction(engine, tmp_path):
    """Cases 3 to 5; cases 1 and 2 lie before, 6 closes before it opens, 7 opens after the extraction."""
    log = flow_log(
        f"""
        case | opened              | closed
        1    | {100 * DAY}         |
        2    | {1000 * DAY - 365 * DAY - 1} |
        3    | {1000 * DAY - 365 * DAY} | {1000 * DAY}
        4    | {900 * DAY}         | {1100 * DAY}
        5    | {1000 * DAY}        |
        6    | {900 * DAY}         | {800 * DAY}
        7    | {1001 * DAY}        |
        """,
        extracted=1000 * DAY,
        extraction="opened",
    )
    assert compute_yearly_cases(write_flow(log, tmp_path / "store"), engine=engine) == 3
