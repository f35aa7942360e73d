"""Ready mappings are consistent, adaptable and in the user's language."""

from dataclasses import fields
from pathlib import Path

import pytest

from potok.core.language import set_language
from potok.log.mapping import Mapping
from potok.log.presets import (
    ROLES,
    BrokenPresetError,
    UnknownPresetError,
    list_presets,
    load_preset,
    normalise_heading,
)


def test_roles_are_those_of_a_mapping() -> None:
    assert set(ROLES) <= {field.name for field in fields(Mapping)}


@pytest.mark.parametrize("name", ["epgu", "sed"])
def test_every_preset_is_consistent(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.title
    assert preset.uncertain
    assert {"case_id", "activity", "completed_at"} <= set(preset.column_candidates)
    headings = {(normalise_heading(text), role) for role, all_ in preset.column_candidates.items() for text in all_}
    # One heading suggests one role: else the first guess would hide the second.
    assert len(dict(headings)) == len(headings)
    labels = {label for _code, label in preset.renames}
    if labels:
        assert set(preset.closing_values) <= labels
        assert set(preset.waiting_for_applicant) <= labels
    assert not set(preset.closing_values) & set(preset.waiting_for_applicant)


def test_statuses_of_the_portal() -> None:
    preset = load_preset("epgu")
    label = dict(preset.renames)
    assert len(label) == len(preset.renames)
    assert label["17"] == "Зарегистрировано на портале"
    assert label["3"] == "Услуга оказана"
    assert [label[code] for code in ("7", "14", "15", "25")] == list(preset.waiting_for_applicant)
    final = {code for code, text in preset.renames if text in preset.closing_values}
    assert final == {"-1", "3", "4", "5", "10", "18", "22", "24", "30", "38", "39", "40", "41", "58", "84"}


def test_a_preset_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "мой.toml"
    path.write_text(
        '[title]\nru = "Мой"\nen = "Mine"\n[columns]\ncase_id = ["Дело"]\n'
        '[[status]]\ncode = 1\nlabel = "Начато"\nwaits_for_applicant = true\n'
        '[[status]]\nlabel = "Готово"\nfinal = true\n',
        encoding="utf-8",
    )
    preset = load_preset(str(path))
    assert (preset.name, preset.title) == ("мой", "Mine")
    assert preset.renames == (("1", "Начато"),)
    assert preset.closing_values == ("Готово",)
    assert preset.waiting_for_applicant == ("Начато",)
    assert preset.uncertain == ()


def test_titles_follow_the_language() -> None:
    set_language("ru")
    try:
        assert load_preset("sed").title.startswith("СЭД: регистрационно")
    finally:
        set_language("en")


def test_unknown_and_broken_presets(tmp_path: Path) -> None:
    with pytest.raises(UnknownPresetError, match="no ready mapping") as failure:
        load_preset("../epgu")
    assert ", ".join(list_presets()) in failure.value.remedy
    with pytest.raises(BrokenPresetError, match="No such file"):
        load_preset(str(tmp_path / "none.toml"))
    for content, reason in (("[", "cannot be used"), ("", "columns"), ("[columns]\nfoo = []", "unknown roles foo")):
        path = tmp_path / "a.toml"
        path.write_text(content)
        with pytest.raises(BrokenPresetError, match=reason):
            load_preset(str(path))


def test_headings_are_compared_without_case_and_punctuation() -> None:
    assert normalise_heading(" № Заявлённое, 2 ") == normalise_heading("номер заявленное 2")
