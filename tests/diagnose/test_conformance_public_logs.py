"""Public logs: rules of branches that are known, and rules that are broken as often as a plain count says."""

from pathlib import Path

import pytest

from potok.diagnose.conformance.decisions import discover_decisions
from potok.diagnose.conformance.declare import check_rules
from potok.diagnose.conformance.rule_files import load_rules
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.data
@pytest.mark.parametrize("name", ["xor_1", "or_7"])
def test_every_branch_of_a_log_with_known_rules_gets_one(shared_data, tmp_path, name):
    source = shared_data / "known-rules-small" / "branch_rules" / f"{name}.csv.gz"
    store = import_log(ImportRequest((str(source),), tmp_path / "store", Mapping()))
    found = [one for one in discover_decisions(store).branches if one.activity in "ABC"]
    of_gateways = [one for one in found if one.branch.startswith(one.activity)]
    assert sum(one.has_rule for one in of_gateways) == 15
    # The attribute of a gateway is called after its place.
    for one in of_gateways:
        names = {clause.attribute for way in one.alternatives for clause in way}
        assert names == {f"g{'ABC'.index(one.activity) + 1}"}


@pytest.mark.data
def test_guidelines_of_the_sepsis_log_are_broken_as_often_as_its_events_show(shared_data, tmp_path):
    source = shared_data / "sepsis" / "sepsis.xes.gz"
    store = import_log(ImportRequest((str(source),), tmp_path / "store", Mapping()))
    antibiotics, lactic_acid = check_rules(store, load_rules(EXAMPLES / "rules" / "sepsis.toml"))
    # Counted trace by trace in the XES file: of 1,049 patients with a triage 823 get antibiotics, 481 of them late;
    # 859 have lactic acid measured, 17 of them not within three hours.
    assert antibiotics.counts.activated_cases == lactic_acid.counts.activated_cases == 1049
    assert antibiotics.counts.violated_cases == 481 + (1049 - 823)
    assert antibiotics.counts.timed_cases == 481
    assert lactic_acid.counts.violated_cases == 17 + (1049 - 859)
