"""The kernel against the plain-Python simulation: the same model, the same random numbers, every instant the same."""

import pytest

from potok.simulate.kernel import UNKNOWN, compile_model, simulate
from simulate.kernel.random_models import DAY_US, START_US, random_model
from support.reference_simulation import ReferenceRun

CASES = 25


def rows_of(log, model):
    names = [one.name for one in model.activities]
    rows = []
    for case in range(len(log.case_type)):
        for row in range(log.first_row[case], log.first_row[case + 1]):
            times = [getattr(log, f"{name}_us")[row] for name in ("enabled", "ready", "started", "completed")]
            known = [None if at == UNKNOWN else int(at) for at in times]
            rows.append((case, names[log.activity[row]], *known, int(log.person[row]), int(log.batch[row])))
    return rows


def reference_rows(plans, end_us):
    rows = []
    for plan in plans:
        held = []
        for place, one in enumerate(plan):
            if one.enabled is None:
                continue
            started, completed = (
                None if at is None or (end_us is not None and at >= end_us) else at
                for at in (one.started, one.completed)
            )
            order = (completed or 2**62, started or 2**62, place)
            person = -1 if started is None else one.person
            held.append(
                (order, (one.case, one.activity, one.enabled, one.ready, started, completed, person, one.batch))
            )
        rows += [row for _order, row in sorted(held)]
    return rows


@pytest.mark.parametrize("seed", range(24))
def test_every_instant_is_that_of_the_plain_simulation(seed):
    model = random_model(seed)
    drain = seed % 2 == 0
    end_us = START_US + 6 * DAY_US
    compiled = compile_model(model, start_us=START_US, end_us=end_us, cases=CASES, drain=drain)
    log = simulate(compiled, seed=seed, replication=3)
    run = ReferenceRun(model, seed=seed, replication=3, start_us=START_US, end_us=None if drain else end_us)
    plans = run.run(log.arrived_us, log.case_type)
    assert rows_of(log, model) == reference_rows(plans, None if drain else end_us)
    assert log.due_us.tolist() == [run.due_us(case) for case in range(len(log.case_type))]
