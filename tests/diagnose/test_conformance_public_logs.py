"""Rules of branches that are known, found in public logs."""

import pytest

from potok.diagnose.conformance.decisions import discover_decisions
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping


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
