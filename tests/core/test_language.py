"""Messages in two languages."""

import pytest

from potok.core import language


def in_new_context(function, *arguments):
    import contextvars

    return contextvars.copy_context().run(function, *arguments)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [("LANGUAGE", "ru_RU:en", "ru"), ("LC_ALL", "ru_RU.UTF-8", "ru"), ("LANG", "de_DE", "en"), ("LANG", "C", "en")],
)
def test_the_environment_decides_unless_a_language_is_set(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert in_new_context(language.current_language) == expected


def test_without_environment_the_locale_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: ("Russian_Russia", "1251"))
    assert in_new_context(language.current_language) == "ru"


def test_a_set_language_wins() -> None:
    def choose() -> str:
        language.set_language("ru")
        return language.gettext("Reading rows")

    assert in_new_context(choose) == "Чтение строк"
    assert language.gettext("Reading rows") == "Reading rows"


def test_russian_has_three_plural_forms() -> None:
    def forms() -> list[str]:
        language.set_language("ru")
        singular = "A variant is a sequence of activities. The log holds {cases} and {n} variant."
        plural = "A variant is a sequence of activities. The log holds {cases} and {n} variants."
        return [language.ngettext(singular, plural, count) for count in (1, 3, 5)]

    assert len(set(in_new_context(forms))) == 3


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="ru, en"):
        language.set_language("fr")


def test_marking_changes_nothing_and_contexts_fall_back() -> None:
    assert language.mark("Sorting") == "Sorting"
    assert language.pgettext("no such context", "Sorting") == "Sorting"
