import numpy as np
import pytest

from potok.demo.permit_process import POOLS, SERVICES, WORK, Channel, Operation, Outcome
from potok.demo.permit_routing import History, Traits, draw_traits, find_move, outcome_of
from potok.demo.permit_truth import DESCRIPTIONS, InjectedWaste


def traits(**changes: bool) -> Traits:
    settled = {"needs_re_keying": False, "needs_site_visit": False, "is_refused": False, **changes}
    return Traits(channel=Channel.PORTAL, service=SERVICES[0], **settled)


def test_every_operation_is_described_and_leads_somewhere() -> None:
    generator = np.random.default_rng(1)
    assert set(WORK) == set(Operation)
    for operation in Operation:
        move = find_move(operation, traits=traits(), history=History(), generator=generator)
        assert (move.following is None) == (operation in {Operation.DISPATCH, Operation.WITHDRAW})


def test_every_waste_is_described() -> None:
    assert set(DESCRIPTIONS) == set(InjectedWaste)
    assert len({pool.name for pool in POOLS}) == len(POOLS)


@pytest.mark.parametrize(
    ("operation", "history"),
    [
        (Operation.CHECK, History(checks=2, agency_was_asked=True)),
        (Operation.LEGAL_REVIEW, History(legal_reviews=3)),
        (Operation.HEAD_APPROVAL, History(head_approvals=2)),
        (Operation.SIGN, History(signatures=1)),
    ],
)
def test_loops_end(operation: Operation, history: History) -> None:
    generator = np.random.default_rng(2)
    ways = {find_move(operation, traits=traits(), history=history, generator=generator).following for _ in range(300)}
    assert len(ways) == 1


def test_a_site_is_visited_once() -> None:
    generator, history = np.random.default_rng(3), History()
    first = find_move(
        Operation.TECHNICAL_REVIEW, traits=traits(needs_site_visit=True), history=history, generator=generator
    )
    assert first.following == Operation.SITE_VISIT
    history.legal_reviews = 1
    again = find_move(
        Operation.TECHNICAL_REVIEW, traits=traits(needs_site_visit=True), history=history, generator=generator
    )
    assert again.following == Operation.LEGAL_REVIEW


def test_outcomes() -> None:
    assert outcome_of(Operation.WITHDRAW, traits=traits(is_refused=True)) == Outcome.WITHDRAWN
    assert outcome_of(Operation.DISPATCH, traits=traits(is_refused=True)) == Outcome.REFUSED
    assert outcome_of(Operation.DISPATCH, traits=traits()) == Outcome.ISSUED


def test_portal_applications_are_never_on_paper() -> None:
    generator = np.random.default_rng(4)
    drawn = [draw_traits(Channel.PORTAL, service=SERVICES[0], generator=generator) for _ in range(200)]
    assert not any(trait.needs_re_keying for trait in drawn)
