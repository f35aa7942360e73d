"""Answers make a protocol; what cannot be used is asked again, or refused with the key."""

from datetime import date
from pathlib import Path

import pytest

from potok.verify.protocol.errors import (
    BadAnswerError,
    BrokenProtocolError,
    MissingAnswerError,
    UnknownAnswerError,
)
from potok.verify.protocol.interview import make_protocol, read_answers
from potok.verify.protocol.model import Clock, ComparisonKind, Direction, OutcomeKind, Wave
from potok.verify.protocol.questions import QUESTIONS, Question

TODAY = date(2024, 1, 15)
NEEDED = {
    "name": "Опыт",
    "change.what": "Подпись в день поступления",
    "change.waves": "Минсоц=2024-04-01; Мин=строй=01.09.2024",
    "estimand.minimum_improvement": "0,5",
    "comparison.kind": "waves",
    "look.on": "2025-06-30",
}


def test_the_fewest_answers_make_a_protocol_with_the_usual_rest() -> None:
    protocol = make_protocol(NEEDED, today=TODAY)
    assert protocol.registered_on == TODAY
    assert protocol.change.waves == (Wave("Минсоц", date(2024, 4, 1)), Wave("Мин=строй", date(2024, 9, 1)))
    assert protocol.estimand.outcome is OutcomeKind.CASE_DURATION
    assert (protocol.estimand.horizon_days, protocol.estimand.minimum_improvement) == (60, 0.5)
    assert protocol.estimand.transition_before_days == 30
    assert protocol.look.last_on == protocol.look.on == date(2025, 6, 30)
    assert protocol.quality == ()
    assert protocol.comparison.is_order_drawn is False


def test_every_kind_of_answer_is_understood() -> None:
    answers = NEEDED | {
        "registered_on": "2024-02-01",
        "change.services": "Пособие; Справка",
        "estimand.outcome": "4",
        "estimand.attribute": "Отказ",
        "estimand.value": "да",
        "estimand.direction": "lower_is_better",
        "estimand.clock": "working_days",
        "comparison.is_order_drawn": "Да",
        "comparison.seed": "7",
        "quality": "Жалобы | Жалоба=да | 2 % | 60; Оценка | Оценка=5 | 0.05 | 30 | higher_is_better",
        "declarations.refusal_values": "отказано",
        "declarations.was_chosen_as_worst": "нет",
        "failure.text": "Не стало быстрее.",
    }
    protocol = make_protocol(answers, today=TODAY)
    assert protocol.registered_on == date(2024, 2, 1)
    assert protocol.estimand.outcome is OutcomeKind.ATTRIBUTE_SHARE
    assert protocol.estimand.clock is Clock.WORKING_DAYS
    assert protocol.estimand.calendar == "ru"
    assert (protocol.comparison.kind, protocol.comparison.seed) == (ComparisonKind.WAVES, 7)
    assert [(one.name, one.margin_share, one.direction) for one in protocol.quality] == [
        ("Жалобы", 0.02, Direction.LOWER_IS_BETTER),
        ("Оценка", 0.05, Direction.HIGHER_IS_BETTER),
    ]
    assert protocol.declarations.was_chosen_as_worst is False
    assert protocol.change.services == ("Пособие", "Справка")


def test_a_person_is_asked_for_the_rest_and_again_after_a_slip() -> None:
    typed = {"look.on": ["когда-нибудь", "", "2025-06-30"]}
    asked, told = [], []

    def ask(question: Question) -> str:
        asked.append(question.key)
        left = typed.get(question.key)
        return left.pop(0) if left else ""

    given = {key: value for key, value in NEEDED.items() if key != "look.on"}
    protocol = make_protocol(given, today=TODAY, ask=ask, tell=told.append)
    assert protocol.look.on == date(2025, 6, 30)
    assert asked.count("look.on") == 3
    assert len(told) == 2
    assert "когда-нибудь" in told[0]
    assert not set(asked) & set(given)
    assert "estimand.term_days" not in asked


def test_a_person_whose_answers_contradict_each_other_is_asked_again_and_loses_none() -> None:
    typed = {"look.on": ["2024-03-01", "2025-06-30"], "quality": ["Ж | Ж=да | 2 | 60", "Ж | Ж=да | 0.02 | 60"]}
    asked, told = [], []

    def ask(question: Question) -> str:
        asked.append(question.key)
        left = typed.get(question.key)
        return left.pop(0) if left else ""

    given = {key: value for key, value in NEEDED.items() if key != "look.on"}
    protocol = make_protocol(given, today=TODAY, ask=ask, tell=told.append)
    assert asked.count("quality") == asked.count("look.on") == 2
    assert asked.count("failure.text") == 1
    assert (protocol.look.on, protocol.quality[0].margin_share) == (date(2025, 6, 30), 0.02)
    assert "nothing has changed" in " ".join(told)
    with pytest.raises(BrokenProtocolError, match="nothing has changed"):
        make_protocol(NEEDED | {"look.on": "2024-03-01"}, today=TODAY, ask=ask, tell=told.append)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("change.waves", "Минсоц"),
        ("change.waves", "=2024-04-01"),
        ("estimand.outcome", "6"),
        ("estimand.horizon_days", "nan"),
        ("estimand.horizon_days", "-1"),
        ("estimand.transition_before_days", "1.5"),
        ("comparison.is_order_drawn", "может быть"),
        ("quality", "Жалобы | Жалоба | 0.02 | 60"),
        ("quality", "Жалобы | Жалоба=да | много | 60"),
        ("quality", "Жалобы"),
        ("look.on", "2025-02-30"),
        ("registered_on", "вчера"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_its_key(key: str, text: str) -> None:
    with pytest.raises(BadAnswerError, match="cannot be used") as caught:
        make_protocol(NEEDED | {key: text}, today=TODAY)
    assert caught.value.where == key
    assert caught.value.remedy


def test_missing_and_unknown_answers_and_contradictions_are_refused() -> None:
    for key in NEEDED:
        with pytest.raises(MissingAnswerError) as caught:
            make_protocol({other: text for other, text in NEEDED.items() if other != key}, today=TODAY)
        assert caught.value.where == key
    with pytest.raises(UnknownAnswerError, match="nmae"):
        make_protocol(NEEDED | {"nmae": "x"}, today=TODAY)
    with pytest.raises(BrokenProtocolError, match="nothing has changed"):
        make_protocol(NEEDED | {"look.on": "2024-03-01"}, today=TODAY)


def test_answers_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        'name = "Опыт"\nquality = ["Ж | Ж=да | 0.02 | 60", "О | О=да | 0.01 | 60"]\n'
        "[look]\non = 2025-06-30\n[comparison]\nis_order_drawn = false\n[estimand]\nhorizon_days = 45\n",
        encoding="utf-8",
    )
    answers = read_answers(path)
    assert answers == {
        "name": "Опыт",
        "quality": "Ж | Ж=да | 0.02 | 60; О | О=да | 0.01 | 60",
        "look.on": "2025-06-30",
        "comparison.is_order_drawn": "false",
        "estimand.horizon_days": "45",
    }
    protocol = make_protocol(NEEDED | answers, today=TODAY)
    assert len(protocol.quality) == 2
    path.write_text("name = [1]\n", encoding="utf-8")
    with pytest.raises(UnknownAnswerError, match="cannot be used"):
        read_answers(path)
    with pytest.raises(UnknownAnswerError, match="cannot be read"):
        read_answers(tmp_path)


def test_every_question_explains_itself_and_its_usual_answer_is_one() -> None:
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        assert question.title
        assert question.explanation
        if question.choices and question.usual:
            assert question.usual in dict(question.choices)
