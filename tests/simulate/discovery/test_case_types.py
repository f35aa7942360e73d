import numpy as np
import pytest

from potok.log.mapping import Mapping, TimeColumn
from potok.simulate.discovery import fetch_history, learn_with_fit
from potok.simulate.model import check_model
from support.importing import import_text

MAPPING = Mapping(case_id="case", activity=("activity",), completed_at=TimeColumn(("end",)), zone="UTC")


def log_of_kinds(*, shares, cases=400):
    """Return a log of two kinds of cases and of a colour that tells nothing; `shares` of each kind are checked."""
    generator = np.random.default_rng(2)
    rows = []
    for case in range(cases):
        kind, colour = ("paper", "online")[case % 2], ("red", "green", "blue")[generator.integers(3)]
        way = ["file", *(["check"] if generator.uniform() < shares[case % 2] else []), "decide"]
        for place, activity in enumerate(way):
            day, minute = case % 28 + 1, 60 * place + int(generator.integers(50))
            at = f"2023-0{case // 100 + 1}-{day:02}T{9 + minute // 60:02}:{minute % 60:02}:00"
            rows.append(f"{case},{activity},{at},{kind},{colour}")
    return "case,activity,end,kind,colour\n" + "\n".join(rows) + "\n"


def test_an_attribute_that_changes_the_way_makes_types(tmp_path):
    model, fit = learn_with_fit(fetch_history(import_text(tmp_path, log_of_kinds(shares=(0.8, 0.2)), mapping=MAPPING)))

    shares = {one.case_type: dict(one.following) for one in model.routing.contexts if one.case_type}
    assert fit.type_attribute == "kind"
    assert {one.attributes["kind"]: one.share for one in model.case_types} == {"paper": 0.5, "online": 0.5}
    assert shares["kind: paper"]["check"] == pytest.approx(0.8, abs=0.07)
    assert shares["kind: online"]["check"] == pytest.approx(0.2, abs=0.07)
    check_model(model)


def test_attributes_that_tell_nothing_make_no_types(tmp_path):
    model, fit = learn_with_fit(fetch_history(import_text(tmp_path, log_of_kinds(shares=(0.5, 0.5)), mapping=MAPPING)))

    assert fit.type_attribute == ""
    assert [one.share for one in model.case_types] == [1.0]
    assert not any(one.case_type for one in model.routing.contexts)
