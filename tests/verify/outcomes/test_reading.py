"""Studies of made-up agencies against the same worked out in plain Python."""

from collections import defaultdict
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.verify.outcomes import outcome_values, read_study
from potok.verify.protocol.model import OutcomeKind
from potok.verify.study import UNKNOWN, Labels
from verify.outcomes.study_logs import (
    LOCAL,
    LOOK,
    LOOK_ON,
    Row,
    import_rows,
    make_protocol,
    plain_cases,
    plain_work,
    random_rows,
    us,
)

ROWS = random_rows(Random(7), cases=120)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    shuffled = ROWS.copy()
    Random(3).shuffle(shuffled)
    return {
        "all": import_rows(ROWS, folder / "all"),
        "shuffled": import_rows(shuffled, folder / "shuffled"),
        "north": import_rows([row for row in ROWS if row.agency == "North"], folder / "north", name="north"),
        "others": import_rows([row for row in ROWS if row.agency != "North"], folder / "others", name="others"),
    }


@pytest.fixture(scope="module")
def study(stores):
    return read_study([stores["all"]], make_protocol(), looked_on=LOOK_ON)


def texts(labels: Labels) -> list[str]:
    return [labels.labels[code] if code != UNKNOWN else "" for code in labels.codes.tolist()]


def plain(value):
    """Return a study as lists, for comparing."""
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value) if field.name != "sources"]
    if isinstance(value, np.ndarray):
        return [None if one != one else one for one in value.tolist()]
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def test_cases_are_as_they_were_known_at_the_look(study):
    expected = plain_cases(ROWS)
    cases = study.cases
    assert study.look_us == us(LOOK)
    assert cases.case_ids.tolist() == [case.case_id for case in expected]
    assert cases.opened_us.tolist() == cases.watched_us.tolist() == [us(case.opened) for case in expected]
    assert cases.left_us.tolist() == [us(case.left) for case in expected]
    assert cases.is_closed.tolist() == [case.is_closed for case in expected]
    assert not cases.is_closed.all()
    assert len(expected) < len({row.case for row in ROWS})  # some open after the look
    assert any(case.rows[0].closed and not case.is_closed for case in expected)
    assert texts(cases.outcome) == ["granted" if case.is_closed else "" for case in expected]
    for name in ("agency", "service", "channel", "flag", "applicant"):
        found = cases.agency if name == "agency" else cases.attribute(name)
        assert texts(found) == [getattr(case.rows[0], name) for case in expected]
    assert texts(cases.attribute("note")) == [case.note() for case in expected]
    assert cases.attribute("colour") is None
    assert study.first_us == us(min(case.opened for case in expected if case.left >= case.opened))


def test_features_count_what_has_happened_by_the_look(study):
    expected, features = plain_cases(ROWS), study.cases.features
    assert features.first_us.tolist() == [us(case.first) for case in expected]
    assert features.instances.tolist() == [len(case.known) for case in expected]
    assert features.distinct_activities.tolist() == [len({row.activity for row in case.known}) for case in expected]
    assert features.resources.tolist() == [len({row.person for row in case.known} - {""}) for case in expected]
    assert features.repetitions.tolist() == [case.repetitions(case.known) for case in expected]
    assert features.registrations.tolist() == [case.registrations for case in expected]
    assert features.handovers.tolist() == [case.handovers() for case in expected]
    assert features.after_closing.tolist() == [
        sum(case.is_closed and row.at > case.left for row in case.known) for case in expected
    ]
    second = timedelta(microseconds=1)
    assert features.stopped_us.tolist() == [case.covered("Wait for papers") // second for case in expected]
    assert features.applicant_us.tolist() == [case.covered("Wait for papers", "Submit") // second for case in expected]
    assert plain(features.cost) == pytest.approx([case.cost(10) for case in expected])
    assert features.stopped_us.max() > 0
    assert features.after_closing.max() > 0


def test_work_is_counted_by_agency_month_and_activity(study):
    work = study.work
    found = {
        (agency, month.month, activity): int(work.instances[i, j, k])
        for i, agency in enumerate(work.agencies)
        for j, month in enumerate(work.months)
        for k, activity in enumerate(work.activities)
        if work.instances[i, j, k]
    }
    since = [row for row in ROWS if us(row.at) >= study.first_us]
    assert found == dict(plain_work(since))
    assert work.months == tuple(date(2024, month, 1) for month in range(1, 6))
    held, outside, timed = defaultdict(set), defaultdict(int), defaultdict(int)
    for row in since:
        if row.at < LOOK:
            at = row.at.astimezone(LOCAL)
            held[row.agency, at.month].add(row.person)
            # What nobody did, as a portal takes applications at night, is no overtime.
            timed[row.agency, at.month] += bool(row.person)
            outside[row.agency, at.month] += bool(row.person) and (at.weekday() >= 5 or not 8 <= at.hour < 19)
    for i, agency in enumerate(work.agencies):
        for j, month in enumerate(work.months):
            assert work.resources[i, j] == len(held[agency, month.month] - {""})
            assert work.timed[i, j] == timed[agency, month.month]
            assert work.outside_hours[i, j] == outside[agency, month.month]
    assert work.whole_days.sum() == 0


def test_neither_the_order_of_rows_nor_of_stores_matters(stores, study):
    assert stores["shuffled"].content_sha256 == stores["all"].content_sha256
    shuffled = read_study([stores["shuffled"]], make_protocol(), looked_on=LOOK_ON)
    assert plain(shuffled) == plain(study)
    assert shuffled.sources[0].mapping_sha256 == study.sources[0].mapping_sha256
    parts = [stores["north"], stores["others"]]
    joined = read_study(parts, make_protocol(), looked_on=LOOK_ON)
    backwards = read_study(parts[::-1], make_protocol(), looked_on=LOOK_ON)
    assert plain(joined) == plain(backwards)
    assert joined.sources == backwards.sources
    assert plain(joined.cases) == plain(study.cases)


def test_all_agencies_are_compared_unless_controls_are_named(study, stores):
    assert study.in_population.all()
    protocol = make_protocol()
    named = replace(protocol, comparison=replace(protocol.comparison, controls=("South",)))
    few = replace(named, change=replace(named.change, services=("permit",), channels=("portal",)))
    narrow = read_study([stores["all"]], few, looked_on=LOOK_ON)
    cases = narrow.cases
    expected = (cases.service.equals("permit") & cases.channel.equals("portal")) & ~cases.agency.equals("West")
    assert narrow.in_population.tolist() == expected.tolist()
    assert 0 < expected.sum() < len(expected)


@pytest.mark.parametrize("activity", ["", "Check"])
def test_a_return_within_the_horizon_is_no_first_time_through(stores, activity):
    protocol = make_protocol(OutcomeKind.FIRST_TIME_THROUGH_SHARE, activity=activity)
    study = read_study([stores["all"]], protocol, looked_on=LOOK_ON)
    expected = []
    for case in plain_cases(ROWS):
        rows = [row for row in case.within(10) if activity in ("", row.activity)]
        is_through = case.is_closed and case.left - case.opened <= timedelta(days=10) and not case.repetitions(rows)
        is_known = bool(case.repetitions(rows)) or LOOK - case.opened >= timedelta(days=10)
        is_possible = case.left >= case.opened
        expected.append(float(is_through) if is_known and is_possible else None)
    assert plain(outcome_values(study, protocol).outcome) == expected
    assert {0.0, 1.0, None} == set(expected)


def test_durations_are_known_up_to_the_horizon_and_never_guessed(study):
    values = outcome_values(study, make_protocol())
    expected = []
    for case in plain_cases(ROWS):
        days = (case.left - case.opened) / timedelta(days=1)
        known = days >= 0 and (case.is_closed or days >= 10)
        expected.append(min(days, 10.0) if known else None)
    assert plain(values.outcome) == pytest.approx(expected)
    assert values.is_unwatched.tolist() == [case.left < case.opened for case in plain_cases(ROWS)]
    assert not values.watched_from.any()
    assert np.all((values.without_stops <= values.outcome) | np.isnan(values.without_stops))


def test_a_look_after_the_extraction_is_the_extraction(stores):
    late = read_study([stores["all"]], make_protocol(), looked_on=date(2024, 9, 1))
    assert late.look_us == stores["all"].extracted_us


def test_a_look_before_the_first_opening_finds_nothing(stores):
    empty = read_study([stores["all"]], make_protocol(), looked_on=date(2023, 1, 1))
    assert (len(empty.cases), len(empty.in_population), empty.work.instances.sum()) == (0, 0, 0)
    assert len(outcome_values(empty, make_protocol()).outcome) == 0


def test_cases_that_came_under_watch_late_have_delayed_entry(stores):
    since = us(LOOK.replace(month=3))
    declared = {"extraction": {"kind": ExtractionKind.ACTIVE, "watched_from_us": since}}
    store = LogStore(stores["all"].folder, stores["all"].manifest | declared)
    study = read_study([store], make_protocol(), looked_on=LOOK_ON)
    assert study.first_us == since
    assert study.cases.watched_us.tolist() == [max(since, opened) for opened in study.cases.opened_us.tolist()]
    values = outcome_values(study, make_protocol())
    unseen = (study.cases.left_us <= since) | (study.cases.left_us < study.cases.opened_us)
    assert values.is_unwatched.tolist() == unseen.tolist()
    assert np.isnan(values.outcome[unseen]).all()
    assert (values.watched_from > 0).any()


def test_an_event_at_the_midnight_that_ends_the_look_is_of_the_next_day(tmp_path):
    rows = [ROWS[0].__class__(**{**dict.fromkeys(Row.__annotations__, ""), **some}) for some in (
        {"case": "a", "agency": "North", "activity": "Register", "start": None, "end": LOOK - timedelta(days=1),
         "closed": LOOK, "service": "permit", "flag": "no"},
        {"case": "a", "agency": "North", "activity": "Wait for papers", "start": None, "end": LOOK,
         "closed": LOOK, "service": "permit", "flag": "no"},
        {"case": "b", "agency": "North", "activity": "Submit", "start": None, "end": LOOK, "closed": None,
         "service": "permit", "flag": "no"},
    )]  # fmt: skip
    study = read_study([import_rows(rows, tmp_path)], make_protocol(), looked_on=LOOK_ON)
    assert study.cases.case_ids.tolist() == ["a"]
    assert study.cases.features.instances.tolist() == [1]
    assert study.cases.is_closed.tolist() == [False]
    assert study.work.whole_days.sum() == 1
    assert study.work.outside_hours.sum() == 0  # a Friday without a time of day
