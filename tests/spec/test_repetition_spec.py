"""What counts as rework and as a hand-over."""

from potok.measure.hand_overs import HandOver, HandOverArc, compute_hand_over_network, compute_hand_overs
from potok.measure.rework import ActivityRework, compute_rework
from support.tiny_store import tiny_log

HELD = """
    case | activity | started | completed | resource | org_unit
    1    | A        | 0       | 10        | x        | front
    1    | B        | 30      | 40        | y        | front
    1    | C        | 45      | 50        | y        | back
    1    | D        | 60      | 70        |          | front
    1    | E        | 80      | 90        | x        |
    2    | A        | 0       |           | x        | front
    2    | B        | 5       | 9         | y        | back
"""


def test_rework_is_every_instance_after_the_first_in_its_case(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        1    | A        | 20
        1    | A        | 30
        2    | A        | 0
        2    | B        | 1
    """)
    assert answer(compute_rework, log) == (
        ActivityRework("A", instances=4, cases=2, rework_cases=1, rework_instances=2, rework_share=0.5),
        ActivityRework("B", instances=2, cases=2, rework_cases=0, rework_instances=0, rework_share=0.0),
    )


def test_a_hand_over_needs_two_known_and_different_holders(answer):
    hand_overs = answer(compute_hand_overs, tiny_log(HELD))
    assert hand_overs.between_resources == (HandOver("x", "y", 2, 2, median_seconds=20.0, total_seconds=20.0),)
    assert hand_overs.between_units == (
        HandOver("front", "back", 2, 2, median_seconds=5.0, total_seconds=5.0),
        HandOver("back", "front", 1, 1, median_seconds=10.0, total_seconds=10.0),
    )


def test_the_network_holds_resources_following_themselves(answer):
    assert answer(compute_hand_over_network, tiny_log(HELD)) == (HandOverArc("x", "y", 2), HandOverArc("y", "y", 1))


def test_a_hand_over_after_an_unfinished_instance_has_no_time(answer):
    log = tiny_log("""
        case | activity | started | completed | resource
        1    | A        | 0       |           | x
        1    | B        | 5       | 9         | y
    """)
    assert answer(compute_hand_overs, log).between_resources == (HandOver("x", "y", 1, 1, None, 0.0),)
