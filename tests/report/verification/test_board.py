"""The page for a board: one side, plain words, nothing claimed that the verdict does not bear."""

import re
from dataclasses import replace

import pytest

from potok.report.verification.amounts import Amounts
from potok.report.verification.board import list_some, make_board
from potok.report.verification.board_checks import say_seen
from potok.report.verification.board_pdf import render_board_pdf
from potok.report.verification.quality_words import Mark
from potok.verify.effect import Verdict
from potok.verify.protocol.model import PlannedChange, Wave
from report.verification.made_up_effects import FAILED, interval, make_effects, make_results, make_waves

NAMES = tuple(make_effects())
DAYS = Amounts("days")
FORBIDDEN = re.compile(
    r"p-value|confidence|interval|significan|standard error|degrees of freedom|hypothes|null|regression|estimat|bias",
    re.IGNORECASE,
)


def texts_of(board) -> list[str]:
    """Return everything that the page says, but the foot."""
    lines = [text for line in (*board.quality, *board.checks) for text in (line.title, line.text)]
    figures = [text for figure in board.figures for text in (figure.title, figure.value, figure.note)]
    changed = [text for pair in board.changed for text in pair]
    chart = [board.chart.caption, board.chart.text, str(board.chart.picture)] if board.chart else []
    said = [board.title, board.subtitle, board.sentence, *board.why, board.how, *board.unsaid, *board.next_steps]
    return [*said, *lines, *figures, *changed, *chart]


def pages(pdf: bytes) -> int:
    """Return how many pages a PDF file has."""
    return int(
        re.search(rb"/Type\s*/Pages[^>]*?/Count (\d+)|/Count (\d+)[^>]*?/Type\s*/Pages", pdf)[0]
        .split(b"/Count ")[1]
        .split()[0]
        .rstrip(b"/>")
    )


@pytest.mark.parametrize("name", [*NAMES, "waves"])
def test_no_word_of_statistics_is_on_the_page(name: str):
    board = make_board(make_waves() if name == "waves" else make_results(name))
    assert [text for text in texts_of(board) if FORBIDDEN.search(text)] == []


@pytest.mark.parametrize(
    ("name", "verdict", "begins", "mark"),
    [
        ("verified", Verdict.VERIFIED, "Verified: a case takes 5.2 days less", Mark.GOOD),
        ("nothing", Verdict.NOT_VERIFIED, "Not verified. The improvement is at most 1.9 days", Mark.LOOK),
        ("dressed", Verdict.NOT_VERIFIED, "Not verified. The honesty check", Mark.LOOK),
        ("late", Verdict.NOT_VERIFIED, "Not verified. The protocol was registered after", Mark.LOOK),
        ("harm", Verdict.HARM_TO_QUALITY, "Quality has worsened: “Отмена решений” – from 1.8% to 6.2%.", Mark.BAD),
        ("early", Verdict.CANNOT_TELL_YET, "Cannot tell yet. Fewer than 24 months with cases before", Mark.OPEN),
        ("empty", Verdict.CANNOT_TELL_YET, "Cannot tell yet. No case opened after", Mark.OPEN),
    ],
)
def test_the_first_sentence_is_the_verdict(name: str, verdict: Verdict, begins: str, mark: Mark):
    board = make_board(make_results(name))
    assert (board.verdict, board.mark) == (verdict, mark)
    assert board.sentence.replace("\xa0", " ").startswith(begins)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "verified"])
def test_days_are_saved_only_where_the_effect_is_verified(name: str):
    figures = {figure.title: figure.value for figure in make_board(make_results(name)).figures}
    assert figures.get("Days saved for applicants", "not counted") == "not counted"
    assert "Improvement" not in figures or figures["Improvement"] == "not stated"


def test_outside_its_limits_no_figure_is_named_or_drawn():
    board = make_board(make_results("early"))
    assert {figure.title for figure in board.figures} == {"Improvement", "Days saved for applicants", "Looked at"}
    assert board.figures[0].value == "not stated"
    assert 'class="expected"' not in board.chart.picture
    assert 'class="expected"' in make_board(make_results()).chart.picture


def test_a_difference_that_may_be_chance_is_called_neither_better_nor_worse():
    results = make_results("nothing")
    shown = make_board(results).figures[0]
    assert (shown.title, shown.value.replace("\xa0", " ")) == ("Measured difference", "0.4 days better")
    assert shown.note.replace("\xa0", " ").startswith("may be chance: from 1.1 days worse to 1.9 days better; promised")


def test_levels_differ_by_the_improvement_beside_them():
    results = make_results()
    # 8.0 and 4.0 would leave 4.0, but 3.9 stands beside them.
    estimate = replace(results.effect.estimate, improvement=interval(3.91, 2.6, 6.2), without=7.96, with_change=4.05)
    figures = make_board(replace(results, effect=replace(results.effect, estimate=estimate))).figures
    assert [figure.value.replace("\xa0", " ") for figure in figures[:2]] == ["3.9 days", "7.96 → 4.05"]


def test_a_sum_of_days_is_not_told_to_the_day():
    results = make_results()
    saved = replace(results.effect, days_saved=interval(65501.2, 44122.9, 103216.0))
    shown = make_board(replace(results, effect=saved)).figures[2]
    assert shown.value.replace("\xa0", " ") == "65,500 days"
    assert shown.note.startswith("44,100 to 103,000")


def test_a_list_never_ends_within_a_name():
    names = ["Аренда участка", "Жилищный сертификат", "Лицензия на пользование недрами"]
    assert list_some(names, 40) == "Аренда участка, Жилищный сертификат and 1 more"
    assert list_some(names, 400) == ", ".join(names)
    assert list_some(["Очень длинное название"], 8) == "Очень д…"


@pytest.mark.parametrize(
    ("undone", "said"),
    [
        (-0.5, "Cases go on as others. Without that nothing would be left of the improvement."),
        (0.35, "Cases go on as others. Without that 25% of the improvement would be left."),
    ],
)
def test_what_a_failed_check_leaves_is_said_as_a_share(undone: float, said: str):
    effect = make_results().effect
    reason = "Cases go on as others. Counted as one, {undone:days} of {improvement:days} are left."
    check = replace(FAILED, reason=reason, arguments={"undone": undone, "improvement": 1.4})
    assert say_seen(check, effect, DAYS) == said
    worse = replace(effect, estimate=replace(effect.estimate, improvement=interval(-0.7, -5.7, 3.2)))
    assert say_seen(check, worse, DAYS) == "Cases go on as others."


def crowded():
    """Return an effect with more of everything than a page can hold."""
    results = make_results("dressed")
    effect, protocol = results.effect, results.protocol
    indicators = tuple(replace(effect.quality[0], name=f"Показатель качества номер {n}") for n in range(20))
    checks = tuple(replace(check, kind=f"{check.kind}_{n}") for n in range(8) for check in effect.checks)
    waves = tuple(
        Wave(f"Управление социальной защиты населения улуса {n}", protocol.change.waves[0].on) for n in range(40)
    )
    change = PlannedChange("Очень длинное описание того, что меняется. " * 30, waves, ("Услуга",) * 30)
    crowd = replace(effect, quality=indicators, checks=checks, sources=tuple(f"{n:064x}" for n in range(40)))
    return replace(results, effect=crowd, protocol=replace(protocol, name="Название " * 60, change=change))


def test_the_page_is_one_page_even_when_there_is_too_much():
    board = make_board(crowded())
    assert len(board.quality) == 7
    assert board.quality[-1].title == "14 more indicators are in the auditor's report"
    assert pages(render_board_pdf(board)) == 1


@pytest.mark.parametrize("name", ["verified", "empty"])
def test_the_page_is_the_same_each_time(name: str):
    board = make_board(make_results(name))
    pdf = render_board_pdf(board)
    assert pages(pdf) == 1
    assert pdf == render_board_pdf(board)
