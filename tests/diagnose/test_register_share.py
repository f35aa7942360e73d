"""The share that could go: k processes merged count k − 1, law-bound ones apart, evidence in classes, hours apart."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.diagnose.register.diagnosis import diagnose_register
from potok.diagnose.register.errors import PilotsError, UnknownProcessError
from potok.diagnose.register.evidence import Evidence, EvidenceClass, Pilot, ProcessLog, find_process, load_pilots
from potok.diagnose.register.hours import ProcessHours, process_hours
from potok.diagnose.register.model import LeadTime, TimeUnit
from potok.diagnose.register.proposals import Action, Basis, Proposal, _joined
from potok.diagnose.register.share import ShareRefusal, count_share
from support.examples import examples
from support.registers import make_register, write_effect

OWN, LAW = ("Приказ министерства № 1",), ("Федеральный закон № 1-ФЗ",)
CARD = {"inputs": ("заявка на бурение скважины",), "outputs": ("паспорт скважины",), "started_by": ("гражданин",)}
TRIPLE = ("Выдача паспорта скважины", "Оформление паспортов скважин", "Предоставление паспорта скважины")
OTHERS = tuple(
    {"name": name, "outputs": (name,)} for name in ("Обзор газет", "Ремонт крыши", "Учёт ульев", "Лыжный кросс")
)


def triple(*acts: tuple[str, ...]) -> list[dict[str, object]]:
    return [CARD | {"name": name, "acts": act} for name, act in zip(TRIPLE, acts, strict=True)]


def log(**changes: object) -> ProcessLog:
    values = {
        "content_sha256": "0" * 64,
        "cases": 100,
        "cases_per_year": 50.0,
        "mean_lead_time_seconds": 7200.0,
        "activities": ("Приём заявки", "Осмотр скважины", "Выдача паспорта"),
        "days_since_last_case": 3.0,
    }
    return ProcessLog(**values | changes)  # type: ignore[arg-type]


def test_merging_three_processes_counts_two():
    found = diagnose_register(make_register(*triple(OWN, OWN, OWN), *OTHERS))
    (one,) = found.proposals
    assert (one.action, one.basis, one.processes) == (Action.MERGE, Basis.SIMILAR, (0, 1, 2))
    assert len(one.free) == 2
    assert one.keep not in one.free
    assert (found.share.to_examine.processes, found.share.to_examine.process_share) == (2, 2 / 7)


def test_what_law_binds_stays_and_the_rest_stands_apart_with_its_acts():
    one_bound = diagnose_register(make_register(*triple(OWN, LAW, OWN), *OTHERS)).proposals[0]
    assert (one_bound.keep, one_bound.free, one_bound.bound) == (1, (0, 2), ())
    found = diagnose_register(make_register(*triple(LAW, LAW, OWN), *OTHERS))
    (one,) = found.proposals
    assert (one.free, [bound.acts for bound in one.bound]) == ((2,), [LAW])
    assert (found.share.to_examine.processes, found.share.bound.processes) == (1, 1)


def test_a_card_without_an_act_is_pointed_out():
    (one,) = diagnose_register(make_register(*triple(OWN, (), OWN), *OTHERS)).proposals
    assert set(one.without_act) == {1} & set(one.free)


def test_the_evidence_of_texts_is_a_and_never_a_headline():
    share = diagnose_register(make_register(*triple(OWN, OWN, OWN), *OTHERS)).share
    assert (share.row(Action.MERGE, EvidenceClass.TEXT).free.processes, share.headline.processes) == (2, 0)


def test_logs_with_the_same_steps_make_it_b_and_others_do_not():
    register = make_register(*triple(OWN, OWN, OWN), *OTHERS)
    alike = Evidence({number: log() for number in range(3)})
    assert diagnose_register(register, evidence=alike).proposals[0].evidence is EvidenceClass.LOG
    two = Evidence({number: log() for number in range(2)})
    assert diagnose_register(register, evidence=two).proposals[0].evidence is EvidenceClass.TEXT
    other = Evidence({0: log(), 1: log(), 2: log(activities=("Осмотр", "Суд"))})
    assert diagnose_register(register, evidence=other).proposals[0].evidence is EvidenceClass.TEXT


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, EvidenceClass.TEXT),
        ({"days_since_last_case": 400.0}, EvidenceClass.LOG),
        ({"verdict": "removal_candidate"}, EvidenceClass.LOG),
        ({"verdict": "keep"}, EvidenceClass.TEXT),
    ],
)
def test_a_log_supports_a_removal_only_if_it_says_so(changes, grade):
    register = make_register({"result_to": ("нет",), "acts": OWN, "outputs": ("журнал",)}, *OTHERS)
    (one,) = diagnose_register(register, evidence=Evidence({0: log(**changes)})).proposals
    assert (one.action, one.evidence) == (Action.REMOVE, grade)


@pytest.mark.parametrize(
    ("verdict", "grade"), [("verified", EvidenceClass.PILOT), ("cannot_tell_yet", EvidenceClass.TEXT)]
)
def test_only_verified_pilots_make_a_headline(verdict, grade):
    register = make_register(*triple(OWN, OWN, OWN), *OTHERS)
    keep = diagnose_register(register).proposals[0].keep
    pilots = {n: Pilot("pilot.json", "0" * 64, verdict) for n in range(3) if n != keep}
    found = diagnose_register(register, evidence=Evidence(pilots=pilots))
    assert found.proposals[0].evidence is grade
    assert found.share.headline.processes == (2 if grade is EvidenceClass.PILOT else 0)
    assert found.share.to_examine.processes == 2 - found.share.headline.processes


def test_hours_are_volume_times_calendar_lead_time_and_none_wait_for_the_house_itself():
    register = make_register(
        {"started_by": ("гражданин",), "volume_per_year": 10.0, "lead_time": LeadTime(5, TimeUnit.WORKING_DAY)},
        {"started_by": ("гражданин",), "volume_per_year": 10.0},
        {"started_by": ("отдел",), "staff_hours_per_year": 40.0},
        {},
        {"started_by": ("гражданин",)},
    )
    found = process_hours(register, Evidence({4: log()}))
    assert [one.applicant_hours for one in found] == [10 * 7 * 24, None, 0, None, 50 * 2]
    assert [one.staff_hours for one in found] == [None, None, 40, None, None]
    assert [one.is_measured for one in found] == [False] * 4 + [True]


def test_the_hours_of_unknown_parties_are_unknown_and_never_none():
    timed = {"volume_per_year": 10.0, "lead_time": LeadTime(1, TimeUnit.DAY)}
    register = make_register(
        timed | {"started_by": ("Жители Ростовской области",)},
        timed | {"started_by": ("Медицинские работники",)},
        timed | {"started_by": ("МФЦ",)},
        timed | {"started_by": ("отдел",), "result_to": ("МФЦ",)},
        timed | {"started_by": ("Росреестр",)},
    )
    assert [one.applicant_hours for one in process_hours(register, Evidence())] == [240, 240, None, None, 0]
    with_nobody = make_register({"started_by": ("МФЦ",), "result_to": ("нет",), "outputs": ("журнал",)})
    assert diagnose_register(with_nobody).nobody == ()


def single(number: int) -> Proposal:
    return Proposal(Action.REMOVE, Basis.SERVES_NOBODY, (number,), None, (number,), (), EvidenceClass.TEXT)


def test_a_share_of_hours_needs_most_hours_to_be_known():
    known, unknown = ProcessHours(10.0, 5.0), ProcessHours(None, None)
    counted = count_share([single(0)], [known, known, unknown]).to_examine
    assert (counted.applicant.share, counted.applicant.refusal) == (0.5, None)
    counted = count_share([single(0)], [known, unknown, unknown]).to_examine
    assert (counted.applicant.share, counted.applicant.refusal) == (None, ShareRefusal.TOO_LITTLE_KNOWN)
    counted = count_share([single(2)], [known, known, unknown]).to_examine
    assert (counted.applicant.hours, counted.applicant.unknown_processes, counted.applicant.share) == (0, 1, None)
    counted = count_share([single(0)], [ProcessHours(0.0, 0.0)]).to_examine
    assert counted.staff.refusal is ShareRefusal.NO_HOURS


def test_the_two_ledgers_are_counted_apart():
    hours = [ProcessHours(1000.0, 1.0), ProcessHours(0.0, 9.0)]
    share = count_share([single(1)], hours)
    assert (share.to_examine.applicant.share, share.to_examine.staff.share) == (0, 0.9)


def test_removal_goes_before_merging_and_merging_before_automation():
    cards = [card | {"problems": "ввод вручную"} for card in triple(OWN, OWN, OWN)]
    found = diagnose_register(make_register(*cards, *OTHERS))
    keep = found.proposals[0].keep
    assert [(one.action, one.processes) for one in found.proposals if one.action is Action.AUTOMATE] == [
        (Action.AUTOMATE, (keep,))
    ]


@given(groups=st.lists(st.sets(st.integers(0, 9), min_size=2, max_size=4), max_size=6))
@settings(max_examples=examples(40), deadline=None)
def test_groups_that_share_a_process_are_one(groups):
    found = _joined([(Basis.SIMILAR, tuple(sorted(group))) for group in groups])
    members = [set(group) for group, _bases in found]
    for one, other in itertools.combinations(members, 2):
        assert not one & other
    for group in groups:
        assert sum(group <= one for one in members) == 1
    # Joining one after the other, each new edge takes one process away at most.
    parts = list(range(10))
    for group in groups:
        first = min(group)
        for number in group:
            old, new = parts[number], parts[first]
            parts = [new if part == old else part for part in parts]
    assert sum(len(one) - 1 for one in members) == 10 - len(set(parts))


def test_processes_are_named_by_code_or_name():
    register = make_register({"name": "Приём"}, {"name": "Архив"}, {"name": "Архив"})
    assert (find_process(register, "b"), find_process(register, " ПРИЁМ ")) == (1, 0)
    with pytest.raises(UnknownProcessError, match="no process"):
        find_process(register, "Суд")
    with pytest.raises(UnknownProcessError, match="Several"):
        find_process(register, "Архив")


def write_pilots(folder: Path, *, sha256: str, more: str = "", document: str = "effect.json") -> Path:
    path = folder / "pilots.toml"
    entry = f'process = "a"\ndocument = "{document}"\nsha256 = "{sha256}"\nverdict = "verified"\n{more}'
    path.write_text(f'schema = "potok.pilots/1"\n[[pilots]]\n{entry}', encoding="utf-8")
    return path


def test_pilots_are_read_strictly(tmp_path: Path):
    register = make_register({"name": "Приём"})
    sha256 = write_effect(tmp_path / "effect.json")
    path = write_pilots(tmp_path, sha256=sha256, more="decided_on = 2026-05-01\n")
    pilot = load_pilots(path, register)[0]
    assert (pilot.verdict, pilot.sha256) == ("verified", sha256)
    good = path.read_text(encoding="utf-8")
    for bad in (good.replace('"verified"', '"splendid"'), good + 'colour = "red"\n', "x = ["):
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(PilotsError):
            load_pilots(path, register)


@pytest.mark.parametrize(
    ("given", "message", "key"),
    [
        ({"sha256": "abc"}, "has the hash", "sha256"),
        ({"document": "none.json"}, "cannot be read", "document"),
        ({"document": "pilots.toml"}, "holds no effect", "document"),
        ({"more": "decided_on = 2026-05-02\n"}, "was decided on 2026-05-01", "decided_on"),
    ],
)
def test_a_pilot_that_is_only_asserted_is_refused(tmp_path: Path, given: dict[str, str], message: str, key: str):
    sha256 = write_effect(tmp_path / "effect.json")
    path = write_pilots(tmp_path, **{"sha256": sha256, **given})
    with pytest.raises(PilotsError, match=message) as failure:
        load_pilots(path, make_register({}))
    assert failure.value.where == f"{path}: pilots[1].{key}"
    assert failure.value.remedy


def test_an_altered_effect_is_refused(tmp_path: Path):
    effect = tmp_path / "effect.json"
    sha256 = write_effect(effect, verdict="not_verified")
    effect.write_text(effect.read_text(encoding="utf-8").replace("not_verified", "verified"), encoding="utf-8")
    with pytest.raises(PilotsError, match="altered"):
        load_pilots(write_pilots(tmp_path, sha256=sha256), make_register({}))


@pytest.mark.parametrize("verdict", ["not_verified", "harm_to_quality", "cannot_tell_yet"])
def test_a_pilot_that_was_not_verified_is_refused(tmp_path: Path, verdict: str):
    sha256 = write_effect(tmp_path / "effect.json", verdict=verdict)
    with pytest.raises(PilotsError, match=f"“{verdict}”, not “verified”"):
        load_pilots(write_pilots(tmp_path, sha256=sha256), make_register({}))
