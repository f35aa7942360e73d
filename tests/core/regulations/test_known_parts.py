"""What of a regulation is left where a log lacks activities that it names."""

import pytest

from potok.core.regulations import known_part, regulation_from_mapping
from potok.core.regulations.errors import UnknownActivitiesError

RULES = {
    "schema": "potok.regulation/1",
    "service": "Permit",
    "act": "Act 1",
    "terms": [
        {
            "name": "answer",
            "amount": 10,
            "unit": "working_days",
            "ends": ["Refuse", "Grant"],
            "clock_stops": [{"from": "Ask", "to": "Receive"}],
            "extension": {"activity": "Extend", "amount": 5},
        },
        {"name": "registration", "amount": 1, "unit": "working_days", "ends": ["Register"]},
    ],
    "mandatory_steps": [{"activity": "Check", "article": "1"}, {"activity": "Sign", "article": "2"}],
    "order_rules": [{"before": "Check", "after": "Grant", "article": "3"}],
    "outcomes": [
        {"name": "granted", "kind": "granted", "activities": ["Grant"]},
        {"name": "refused", "kind": "refused", "activities": ["Refuse"]},
    ],
    "quality_indicators": [
        {
            "name": "refusals",
            "outcomes": ["refused"],
            "direction": "lower_is_better",
            "margin_share": 0.01,
            "article": "4",
        }
    ],
}


@pytest.fixture(scope="module")
def regulation():
    return regulation_from_mapping(RULES)


def test_nothing_is_left_out_of_what_a_log_has(regulation):
    labels = {name for _place, name in regulation.activities_named()}
    assert known_part(regulation, labels) == (regulation, ())


def test_unknown_alternatives_and_rules_are_left_out_and_named(regulation):
    kept, unknown = known_part(regulation, {"Grant", "Check", "Receive"})
    assert unknown == ("Refuse", "Ask", "Extend", "Register", "Sign")
    (term,) = kept.terms
    assert (term.name, term.ends, term.clock_stops, term.extension) == ("answer", ("Grant",), (), None)
    assert [one.activity for one in kept.mandatory_steps] == ["Check"]
    assert [one.name for one in kept.outcomes] == ["granted"]
    assert kept.quality_indicators == ()
    assert kept.order_rules == regulation.order_rules


def test_a_clock_that_nothing_starts_again_takes_its_term_along(regulation):
    kept, _unknown = known_part(regulation, {"Grant", "Ask", "Register"})
    assert [term.name for term in kept.terms] == ["registration"]


def test_a_regulation_of_which_nothing_is_known_is_refused(regulation):
    with pytest.raises(UnknownActivitiesError, match="Refuse"):
        known_part(regulation, {"Something else"})
