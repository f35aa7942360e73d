"""Changes as plain values."""

import pytest

from potok.core.change import CHANGES, AddStaff, ChangeVerb, CheckByRisk, Merge, Remove, SwitchBatching


@pytest.mark.parametrize(
    ("change", "record"),
    [
        (Remove("Approve"), {"verb": "remove", "activity": "Approve"}),
        (Merge(("A", "B")), {"verb": "merge", "activities": ["A", "B"]}),
        (SwitchBatching("Sign"), {"verb": "batching", "activity": "Sign", "is_on": False}),
        (AddStaff(pool="Clerks", count=-1), {"verb": "staff", "pool": "Clerks", "count": -1}),
        (CheckByRisk("Check"), {"verb": "check_by_risk", "activity": "Check", "share": None}),
    ],
)
def test_a_change_is_recorded_with_its_verb_and_without_what_is_empty(change, record):
    assert change.as_record() == record


def test_every_verb_has_its_class():
    assert set(CHANGES) == set(ChangeVerb)
    assert all(kind.verb is verb for verb, kind in CHANGES.items())
