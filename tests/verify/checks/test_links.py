"""Cases of one applicant that follow one another, against plain loops."""

from dataclasses import replace

import numpy as np
import pytest

from potok.verify.arms import assign_arms
from potok.verify.checks.links import Link, link_cases
from potok.verify.checks.setting import Setting
from potok.verify.panel import make_panel
from potok.verify.protocol.model import Declarations
from support.small_studies import labels, make_protocol, make_study

ROWS = [
    # id, agency, opened, days, applicant, outcome
    ("returned", "А", "2025-01-10", 4, "а", "возврат"),
    ("again", "А", "2025-01-20", 10, "а", "да"),
    ("split 1", "А", "2025-02-01", 3, "б", "да"),
    ("split 2", "А", "2025-02-02", 20, "б", "да"),
    ("closed", "А", "2025-03-01", 2, "в", "да"),
    ("goes on", "А", "2025-03-20", 8, "в", "да"),
    ("here", "А", "2025-04-01", 5, "г", "да"),
    ("there", "Б", "2025-04-05", 30, "г", "да"),
    ("long ago", "А", "2025-01-01", 5, "д", "да"),
    ("much later", "А", "2025-04-30", 5, "д", "да"),
]


@pytest.fixture(scope="module")
def setting():
    study = make_study([row[:4] for row in ROWS], look="2025-12-31", заявитель=[row[4] for row in ROWS])
    study = replace(study, cases=replace(study.cases, outcome=labels("outcome", [row[5] for row in ROWS])))
    protocol = replace(
        make_protocol({"А": "2025-02-15"}),
        declarations=Declarations(applicant_attribute="заявитель", withdrawal_values=("возврат",)),
    )
    arms = assign_arms(study, protocol)
    return Setting(study, arms, protocol, make_panel(study, arms))


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        (Link.REFILED, {"returned": 16, "again": 10}),
        (Link.SPLIT, {"split 1": 18, "split 2": 1}),
        (Link.REOPENED, {"closed": 25, "goes on": 19}),
        (Link.OTHER_AGENCY, {"here": 29}),
    ],
)
def test_a_chain_lasts_from_its_first_opening_to_its_last_closing(setting, kind, hidden):
    links = link_cases(setting, setting.cases.attribute("заявитель"))
    days = links.hidden_days(setting, kind)
    assert {row[0]: round(day, 6) for row, day in zip(ROWS, days, strict=True) if day > 0} == hidden


def test_firms_with_many_cases_are_not_linked(setting):
    one = replace(setting.cases.attribute("заявитель"), codes=np.zeros(len(ROWS), np.int64))
    assert (link_cases(setting, one).kind != Link.NONE).any()
    rows = [(f"{place}", "А", "2025-01-10", 3) for place in range(25)]
    many = make_study(rows, look="2025-12-31", заявитель=["а"] * 25)
    arms = assign_arms(many, setting.protocol)
    crowded = Setting(many, arms, setting.protocol, make_panel(many, arms))
    assert len(link_cases(crowded, many.cases.attribute("заявитель")).order) == 0
