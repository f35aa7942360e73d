"""``potok practise`` on the command line."""

from cli.running import run


def test_a_choice_is_shown_in_words_and_as_json() -> None:
    shown = run("practise", "--choose", "2")
    assert shown.code == 0
    assert "(1 point of 6)" in shown.out
    assert run("practise", "--choose", "2", "--json").record["trial"]["price"] == 1


def test_without_a_terminal_the_task_is_shown() -> None:
    shown = run("practise")
    assert shown.code == 0
    assert "What may be done" in shown.out
    assert "--choose" in shown.err


def test_numbers_that_are_no_measures_are_refused() -> None:
    refused = run("practise", "--choose", "2;9")
    assert refused.code == 2
    assert "POTOK-S152" in refused.err
    assert "from 1 to 7" in refused.err
