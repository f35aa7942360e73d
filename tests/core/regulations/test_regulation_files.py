"""Regulations from TOML: what they can say, and what is refused."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.core.regulations import (
    CLOSING,
    OPENING,
    ClockStop,
    CountedFrom,
    Extension,
    Regulation,
    RollOver,
    Term,
    TermUnit,
    load_regulation,
    regulation_from_mapping,
)
from potok.core.regulations.errors import (
    BrokenRegulationError,
    ImpossibleTermError,
    MixedUnitsError,
    UnknownActivitiesError,
    UnknownTermError,
)
from potok.core.regulations.regulation import (
    DecisionMaker,
    Direction,
    Limit,
    MandatoryStep,
    OrderRule,
    Outcome,
    OutcomeKind,
    QualityIndicator,
)
from support.examples import examples

SMALLEST = """
service = "Permits"
act = "Act 1"
[[terms]]
name = "answer"
amount = 30
unit = "calendar_days"
"""
WHOLE = """
schema = "potok.regulation/1"
service = "Permits"
act = "Act 1"
calendar = "ru"
[[terms]]
name = "answer"
article = "2.4"
amount = 10
unit = "working_days"
counted_from = "event"
starts = "Register"
ends = ["Send", "Withdraw"]
warn_before = 2
clock_stops = [{ from = "Ask", to = "Receive", article = "2.9" }, { from = "Pause", to = "Resume" }]
extension = { activity = "Extend", amount = 5, unit = "working_days", article = "2.5" }
[[mandatory_steps]]
activity = "Check"
article = "3.1"
[[order_rules]]
before = "Check"
after = "Sign"
article = "3.2"
[[limits]]
activity = "Ask"
at_most = 1
article = "2.9"
[[decision_makers]]
activity = "Sign"
org_units = ["Board"]
article = "3.3"
[[outcomes]]
name = "refused"
kind = "refused"
values = ["no"]
[[quality_indicators]]
name = "refusals"
outcomes = ["refused"]
activities = ["Complain"]
direction = "lower_is_better"
margin_share = 0.02
article = "4"
"""


def read(text: str) -> Regulation:
    return regulation_from_mapping(tomllib.loads(text), file="act.toml")


def test_everything_a_regulation_can_say():
    regulation = read(WHOLE)
    assert regulation.terms == (
        Term(
            "answer",
            10,
            TermUnit.WORKING_DAYS,
            CountedFrom.EVENT,
            "Register",
            ("Send", "Withdraw"),
            (ClockStop("Ask", "Receive", "2.9"), ClockStop("Pause", "Resume")),
            Extension("Extend", 5, "2.5"),
            RollOver.NONE,
            2,
            "2.4",
        ),
    )
    assert (regulation.service, regulation.act, regulation.calendar) == ("Permits", "Act 1", "ru")
    assert regulation.mandatory_steps == (MandatoryStep("Check", "3.1"),)
    assert regulation.order_rules == (OrderRule("Check", "Sign", "3.2"),)
    assert regulation.limits == (Limit("Ask", 1, "2.9"),)
    assert regulation.decision_makers == (DecisionMaker("Sign", ("Board",), (), "3.3"),)
    assert regulation.outcomes == (Outcome("refused", OutcomeKind.REFUSED, ("no",), ()),)
    assert regulation.quality_indicators == (
        QualityIndicator("refusals", ("Complain",), ("refused",), Direction.LOWER_IS_BETTER, 0.02, "4"),
    )


def test_what_holds_unless_said_otherwise():
    (term,) = read(SMALLEST).terms
    assert (term.starts, term.ends, term.warn_before) == (OPENING, (CLOSING,), 0)
    assert (term.counted_from, term.rolls_over) == (CountedFrom.DAY_AFTER, RollOver.FORWARD)
    (term,) = read(SMALLEST.replace("calendar_days", "working_days")).terms
    assert (term.counted_from, term.rolls_over) == (CountedFrom.DAY_AFTER, RollOver.NONE)
    (term,) = read(SMALLEST.replace("calendar_days", "working_hours")).terms
    assert (term.counted_from, term.rolls_over) == (CountedFrom.EVENT, RollOver.NONE)


def test_terms_are_found_by_name():
    regulation = read(SMALLEST)
    assert regulation.term("answer") is regulation.terms[0]
    with pytest.raises(UnknownTermError, match="states no term “reply”") as caught:
        regulation.term("reply")
    assert "answer" in caught.value.remedy


def test_the_id_tells_content_and_not_the_file_or_the_calendar(tmp_path: Path):
    file = tmp_path / "other.toml"
    file.write_text(WHOLE.replace('calendar = "ru"', 'calendar = "own.toml"'))
    loaded = load_regulation(file)
    assert loaded.regulation_id == read(WHOLE).regulation_id
    assert loaded.calendar == str(tmp_path / "own.toml")
    assert loaded.source == str(file)
    changed = {
        read(WHOLE.replace(*change)).regulation_id for change in ((" 10", " 11"), ("0.02", "0.03"), ("3.1", "3"))
    }
    assert len(changed | {loaded.regulation_id}) == 4


def test_unknown_activities_are_named_with_their_places_and_the_nearest_labels():
    regulation = read(WHOLE)
    known = {"Register", "Send", "Withdraw", "Ask", "Receive", "Pause", "Resume", "Extend", "Check", "Sign", "Complain"}
    regulation.check_activities(known)
    assert {activity for _place, activity in regulation.activities_named()} == known
    with pytest.raises(UnknownActivitiesError, match=r"names 2 activities .* have: “Register”") as caught:
        regulation.check_activities((known - {"Register", "Check"}) | {"Registered"})
    assert "“Register” (terms “answer” starts), “Check” (mandatory_steps)" in caught.value.message
    assert "“Registered”" in caught.value.remedy
    assert caught.value.where == "act.toml"
    for activity in known:
        with pytest.raises(UnknownActivitiesError, match=f"names 1 activity .*“{activity}”"):
            regulation.check_activities(known - {activity})


ANSWER = 'name = "answer"'


def in_term(lines: str) -> tuple[str, str]:
    return ANSWER, f"{ANSWER}\n{lines}"


def above(lines: str) -> tuple[str, str]:
    return "[[terms]]", f"{lines}\n[[terms]]"


WRONG = [
    ((" = 30", " = 0"), BrokenRegulationError, "“amount” holds 0", "terms[1].amount"),
    ((" = 30", " = -3"), BrokenRegulationError, "“amount” holds -3", "terms[1].amount"),
    ((" = 30", " = 30.5"), BrokenRegulationError, "“amount” holds 30.5", "terms[1].amount"),
    ((" = 30", ' = "30 days"'), BrokenRegulationError, '“amount” holds "30 days"', "terms[1].amount"),
    ((" = 30", " = 99999999"), BrokenRegulationError, "“amount” holds 99999999", "terms[1].amount"),
    (("calendar_days", "days"), BrokenRegulationError, '“unit” holds "days"', "terms[1].unit"),
    (("amount", "ammount"), BrokenRegulationError, "“amount” is missing", "terms[1].amount"),
    (in_term("warns = 1"), BrokenRegulationError, "There is no key “warns” here", "terms[1].warns"),
    ((ANSWER, 'name = " "'), BrokenRegulationError, '“name” holds " "', "terms[1].name"),
    (("[[terms]]", "[terms]"), BrokenRegulationError, "“terms” holds", "terms"),
    (('act = "Act 1"', "act = 1"), BrokenRegulationError, "“act” holds 1", "act"),
    (('act = "Act 1"', "acts = 1"), BrokenRegulationError, "“act” is missing", "act"),
    (('act = "Act 1"', 'act = "A"\nlimit = 1'), BrokenRegulationError, "There is no key “limit” here", "limit"),
    (in_term("ends = []"), BrokenRegulationError, "“ends” holds", "terms[1].ends"),
    (in_term('ends = ["A", "A"]'), BrokenRegulationError, "“ends” holds", "terms[1].ends"),
    (
        in_term('starts = "A"\nends = ["B", "A"]'),
        ImpossibleTermError,
        "ends with the activity “A” that starts it",
        "terms[1].ends",
    ),
    (in_term('starts = "closing"'), ImpossibleTermError, "cannot start with the closing", "terms[1].starts"),
    (in_term('ends = ["opening"]'), ImpossibleTermError, "end with its opening", "terms[1].starts"),
    (in_term("warn_before = 30"), ImpossibleTermError, "before it starts", "terms[1].warn_before"),
    (
        in_term('clock_stops = [{ from = "A", to = "A" }]'),
        ImpossibleTermError,
        "cannot end with the activity “A”",
        "terms[1].clock_stops[1].to",
    ),
    (
        in_term('ends = ["A"]\nextension = { activity = "A", amount = 1 }'),
        ImpossibleTermError,
        "“A” that extends the term also",
        "terms[1].extension.activity",
    ),
    (
        in_term('extension = { activity = "A", amount = 1, unit = "working_days" }'),
        MixedUnitsError,
        "The term is in calendar_days, its extension in working_days",
        "terms[1].extension.unit",
    ),
    (
        in_term('extension = { activity = "A", amount = 0 }'),
        BrokenRegulationError,
        "“amount” holds 0",
        "terms[1].extension.amount",
    ),
    (
        ('calendar_days"', 'working_days"\nrolls_over = "forward"'),
        MixedUnitsError,
        "cannot roll over",
        "terms[1].rolls_over",
    ),
    (
        ('calendar_days"', 'calendar_days"\nrolls_over = true'),
        BrokenRegulationError,
        "“rolls_over” holds true",
        "terms[1].rolls_over",
    ),
    (
        above('limits = [{ activity = "A", at_most = -1, article = "1" }]'),
        BrokenRegulationError,
        "“at_most” holds -1",
        "limits[1].at_most",
    ),
    (
        above('limits = [{ activity = "A", at_most = 1 }]'),
        BrokenRegulationError,
        "“article” is missing",
        "limits[1].article",
    ),
    (
        above('[[limits]]\nactivity = "A"\nat_most = 1\narticle = "1"\n' * 2),
        BrokenRegulationError,
        "“A” stands here twice",
        "limits",
    ),
    (
        above(
            'mandatory_steps = [{ activity = "A", article = "1" }]\n'
            'limits = [{ activity = "A", at_most = 0, article = "1" }]'
        ),
        BrokenRegulationError,
        "mandatory and forbidden at once",
        "limits",
    ),
    (
        above('order_rules = [{ before = "A", after = "A", article = "1" }]'),
        BrokenRegulationError,
        '“after” holds "A"',
        "order_rules[1].after",
    ),
    (
        above(
            "order_rules = ["
            + ", ".join(f'{{ before = "{a}", after = "{b}", article = "1" }}' for a, b in ("AB", "BA"))
            + "]"
        ),
        BrokenRegulationError,
        "run in a circle through “A”",
        "order_rules",
    ),
    (
        above('decision_makers = [{ activity = "A", article = "1" }]'),
        BrokenRegulationError,
        "Nobody may decide",
        "decision_makers[1].org_units",
    ),
    (
        above('outcomes = [{ name = "A", kind = "granted" }]'),
        BrokenRegulationError,
        "Nothing shows this outcome",
        "outcomes[1].values",
    ),
    (
        above('quality_indicators = [{ name = "A", direction = "lower_is_better", margin_share = 0.1 }]'),
        BrokenRegulationError,
        "Nothing shows this indicator",
        "quality_indicators[1].activities",
    ),
    (
        above(
            'quality_indicators = [{ name = "A", outcomes = ["x"], direction = "lower_is_better", margin_share = 0.1 }]'
        ),
        BrokenRegulationError,
        '“quality_indicators” holds "x"',
        "quality_indicators",
    ),
    (
        above(
            'quality_indicators = [{ name = "A", activities = ["x"], '
            'direction = "lower_is_better", margin_share = 2.0 }]'
        ),
        BrokenRegulationError,
        "“margin_share” holds 2.0",
        "quality_indicators[1].margin_share",
    ),
]


@pytest.mark.parametrize(("change", "error", "message", "where"), WRONG)
def test_what_is_wrong_is_named_with_its_place(change, error, message, where):
    changed = SMALLEST.replace(*change)
    assert changed != SMALLEST
    with pytest.raises(error) as caught:
        read(changed)
    assert message in caught.value.message
    assert caught.value.where == f"act.toml: {where}"
    assert caught.value.remedy


def test_a_term_must_be_stated_and_named_once():
    with pytest.raises(BrokenRegulationError, match="states no term"):
        read(SMALLEST.split("[[terms]]")[0])
    with pytest.raises(BrokenRegulationError, match="“answer” stands here twice"):
        read(SMALLEST + SMALLEST.split('1"\n')[1])


@settings(max_examples=examples(105), deadline=None)
@given(st.data())
def test_a_mangled_file_is_a_regulation_or_a_clear_error(data):
    lines = WHOLE.splitlines()
    for _change in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        start = data.draw(st.integers(0, len(lines[number])))
        end = data.draw(st.integers(start, min(start + 4, len(lines[number]))))
        put = data.draw(st.sampled_from(["", "0", "9", "-", "[", "]", "{", '"', ".", ",", "99", "true", "é", " "]))
        lines[number] = lines[number][:start] + put + lines[number][end:]
    try:
        content = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return
    result = attempt(content)
    if isinstance(result, Regulation):
        assert all(term.amount > 0 and term.name.strip() for term in result.terms)
    else:
        assert result.message
        assert result.where.startswith("act.toml")
        assert result.remedy


def attempt(content: dict) -> Regulation | PotokError:
    try:
        return regulation_from_mapping(content, file="act.toml")
    except PotokError as error:
        return error


def test_nonsense_is_no_regulation(tmp_path: Path):
    for number, content in enumerate((b"[[[", b"\xff\xfe\x00", b"x = " + b"[" * 5000)):
        file = tmp_path / f"{number}.toml"
        file.write_bytes(content)
        with pytest.raises(BrokenRegulationError, match=r"cannot be read: .+"):
            load_regulation(file)
    with pytest.raises(BrokenRegulationError, match="No such file"):
        load_regulation(tmp_path / "missing.toml")
    with pytest.raises(BrokenRegulationError, match="cannot be read"):
        load_regulation(tmp_path)
