"""What a notebook sees: `potok.read`, `potok.audit`, `potok.tabulate`."""

import subprocess
import sys
from pathlib import Path

import pytest

import potok
from potok.core.errors import UsageError
from potok.core.regulations import regulation_from_mapping

ROWS = "case,activity,time,resource\n" + "".join(
    f"{case},{activity},2024-0{month}-0{day} 10:00,{who}\n"
    for case, month in (("k1", 3), ("k2", 4))
    for activity, day, who in (("Register", 4, "<b>Anna</b>"), ("Check", 5, "Boris"), ("Decide", 8, "<b>Anna</b>"))
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> potok.Log:
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    source = tmp_path / "permits.csv"
    source.write_text(ROWS, encoding="utf-8")
    return potok.read(source, zone="Europe/Kaliningrad")


def test_a_log_shows_itself(log: potok.Log):
    html = log._repr_html_()
    assert "permits.csv" in html
    assert '<td style="text-align:right">6</td>' in html


def test_an_audit_shows_its_map_and_tables(log: potok.Log):
    audited = potok.audit(log)
    html = audited._repr_html_()
    assert html.startswith("<iframe srcdoc=")
    assert "&lt;svg" in html
    assert "<script" not in html
    assert audited.as_record()["log"]["cases"] == 2


def test_an_audit_may_have_terms_and_a_calendar(log: potok.Log):
    rules = {
        "service": "Permit",
        "act": "Rule 1",
        "calendar": "ru",
        "terms": [{"name": "decision", "amount": 1, "unit": "working_days", "ends": ["Decide"]}],
    }
    measured = potok.audit(log, regulation=regulation_from_mapping(rules)).as_record()["measures"]
    assert [term["term"] for term in measured["terms"]["listed"]] == ["decision"]
    assert measured["lead_times"]["working_time"]
    assert potok.audit(log, calendar="ru").as_record()["measures"]["lead_times"]["working_time"]


def test_a_measure_converts(log: potok.Log):
    table = potok.tabulate(log, "directly_follows", calendar="ru")
    polars, pandas, arrow = table.to_polars(), table.to_pandas(), table.to_arrow()
    assert polars["activity"].to_list() == pandas["activity"].tolist() == arrow["activity"].to_pylist()
    waits = dict(zip(arrow["activity"].to_pylist(), arrow["total_seconds"].to_pylist(), strict=True))
    # At ten in Kaliningrad seven of a day's eight hours are left. 7 March is an hour short, 8 March is a holiday.
    assert waits == {"Register": (8 + 8) * 3600.0, "Check": (7 + 8 + 7 + 0 + 7 + 1) * 3600.0}


def test_measures_take_what_people_declare(log: potok.Log, tmp_path: Path):
    months = potok.tabulate(log, "lead_times", by="cohort").to_arrow()
    assert months["label"].to_pylist() == ["all", "2024-03", "2024-04"]
    table = potok.tabulate(log, "flow_efficiency", value_adding="Check")
    assert table.column("closed_cases") == (2,)
    tariffs = tmp_path / "tariffs.toml"
    tariffs.write_text('currency = "RUB"\nper_hour = 5', encoding="utf-8")
    assert potok.tabulate(log, "staff_costs", tariffs=tariffs).column("instances")[0] == 6
    with pytest.raises(UsageError, match="takes no account"):
        potok.tabulate(log, "counts", by="channel")
    with pytest.raises(UsageError, match="needs a cost model"):
        potok.tabulate(log, "standard_cost")
    with pytest.raises(TypeError, match="colour"):
        potok.tabulate(log, "counts", colour="red")


def test_every_measure_has_a_name(log: potok.Log):
    assert {"counts", "deadlines", "directly_follows"} <= set(potok.measures())
    with pytest.raises(UsageError, match="no measure"):
        potok.tabulate(log, "speed")


def test_roles_may_be_named(tmp_path: Path):
    source = tmp_path / "log.csv"
    source.write_text("a,b,c\n1,x,2024-01-01\n1,y,2024-01-02\n", encoding="utf-8")
    log = potok.read(source, case_id="a", activity="b", completed_at="c", into=tmp_path / "store")
    assert log.store.folder == tmp_path / "store"
    with pytest.raises(TypeError, match="colour"):
        potok.read(source, colour="a")


def test_the_facade_is_small_and_lazy():
    assert len(potok.__all__) <= 15
    assert set(potok.__all__) <= set(dir(potok))
    with pytest.raises(AttributeError, match="nonsense"):
        potok.nonsense  # noqa: B018 - looking it up is the test
    code = "import sys, potok; print(sorted({'duckdb', 'ibis', 'numpy', 'pyarrow'} & set(sys.modules)))"
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"
