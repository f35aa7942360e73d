"""Mapping files: written with explanations, read strictly."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.log.mapping import (
    ClosingBasis,
    ClosingRule,
    Exclusion,
    ExtractionKind,
    LifecycleMode,
    Mapping,
    TimeColumn,
    TimeEncoding,
)
from potok.log.mapping_file import (
    MappingFileError,
    MappingFileNotWrittenError,
    NoMappingFileError,
    load_mapping,
    save_mapping,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LISTS = st.lists(NAMES, max_size=3).map(tuple)
PATTERNS = st.lists(st.sampled_from(["%d.%m.%Y", "%Y-%m-%d %H:%M"]), min_size=1, max_size=2).map(tuple)
PLAIN_ENCODINGS = st.sampled_from([e for e in TimeEncoding if e is not TimeEncoding.PATTERN])
TIMES = st.builds(TimeColumn, st.lists(NAMES, min_size=1, max_size=2).map(tuple), PLAIN_ENCODINGS) | st.builds(
    TimeColumn, st.tuples(NAMES), st.just(TimeEncoding.PATTERN), PATTERNS
)
LABELS = st.dictionaries(NAMES, NAMES, max_size=3).map(lambda pairs: tuple(pairs.items()))
MAPPINGS = st.builds(
    Mapping,
    case_id=NAMES,
    activity=LISTS,
    completed_at=st.none() | TIMES,
    started_at=st.none() | TIMES,
    enabled_at=st.none() | TIMES,
    resource=NAMES,
    channel=NAMES,
    attributes=st.none() | LISTS,
    drop=LISTS,
    keep_text=LISTS,
    pseudonymise=LISTS,
    allow_personal=LISTS,
    zone=st.sampled_from(["UTC", "Asia/Yakutsk"]),
    zone_is_named=st.booleans(),
    decimal=st.sampled_from([".", ","]),
    lifecycle_mode=st.sampled_from(LifecycleMode),
    closing=st.builds(ClosingRule, st.sampled_from(ClosingBasis), NAMES, LISTS),
    extraction=st.sampled_from(ExtractionKind),
    extracted_at=NAMES,
    watched_from=NAMES,
    exclude=st.lists(st.builds(Exclusion, NAMES, st.lists(NAMES, min_size=1, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
    split_cases_on=NAMES,
    renames=LABELS,
    phases=LABELS,
)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "mapping.toml"


@pytest.fixture(scope="module")
def shared_path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mappings") / "mapping.toml"


@settings(max_examples=100, deadline=None)
@given(mapping=MAPPINGS)
def test_what_is_saved_is_loaded(shared_path, mapping):
    save_mapping(mapping, shared_path)
    assert load_mapping(shared_path) == mapping


def test_an_empty_mapping_leaves_every_key_as_a_comment(path):
    save_mapping(Mapping(), path)
    assert load_mapping(path) == Mapping()
    text = path.read_text(encoding="utf-8")
    assert '# case_id = ""' in text
    assert "# activity = []" in text
    assert '# zone = "UTC"' in text
    assert "# [times.completed_at]" in text
    assert "# [[exclude]]" in text


def test_a_commented_key_can_be_put_in_force_by_removing_the_mark(path):
    save_mapping(Mapping(), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('# case_id = ""', 'case_id = "Номер дела"'), encoding="utf-8")
    assert load_mapping(path) == Mapping(case_id="Номер дела")


def test_every_key_is_explained(path):
    save_mapping(Mapping(), path)
    lines = path.read_text(encoding="utf-8").splitlines()
    keys = [i for i, line in enumerate(lines) if " = " in line and not line.endswith(".")]
    assert len(keys) > 25
    assert all(lines[i - 1].startswith("# ") for i in keys)


def test_the_file_is_the_same_whatever_the_machine(path):
    save_mapping(Mapping(renames=(("а", "б"),), zone="Europe/Kaliningrad"), path)
    content = path.read_bytes()
    assert b"\r" not in content
    assert tomllib.loads(content.decode())["rename"] == {"а": "б"}
    assert not list(path.parent.glob(".*tmp"))


def test_many_labels_meet_in_one(path):
    path.write_text('[rename]\n"Возврат" = "Доработка"\n"Возврат (повторно)" = "Доработка"\n', encoding="utf-8")
    assert load_mapping(path).renames == (("Возврат", "Доработка"), ("Возврат (повторно)", "Доработка"))


def test_a_byte_order_mark_and_a_single_text_for_a_list_are_taken(path):
    path.write_text('\ufeff[roles]\nactivity = "Этап"\n', encoding="utf-8")
    assert load_mapping(path).activity == ("Этап",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[roles]\ncase = "x"', r"roles\.case is unknown; did you mean case_id\?"),
        ("[closng]", r"closng is unknown; did you mean closing\?"),
        ("[qqq]", "qqq is unknown; known are: roles, times"),
        ("[numbers]\nzzz = 1", r"numbers\.zzz is unknown; known are: decimal"),
        ('[times]\ncomplete_at = "x"', r"times\.complete_at is unknown; did you mean completed_at"),
        ("roles = 5", "roles cannot be 5: it must be a table"),
        ("[roles]\ncase_id = 5", r"roles\.case_id cannot be 5: it must be a text"),
        ("[roles]\nactivity = 5", r"roles\.activity cannot be 5: it must be a list of texts"),
        ("[roles]\nactivity = [5]", "must be a list of texts"),
        ('[numbers]\ndecimal = ";"', r"""numbers\.decimal cannot be ';': it must be one of "\.", ",\""""),
        ('[lifecycle]\nmode = "paired"', 'cannot be \'paired\': it must be one of "auto", "pair", "raw"'),
        ('[cases]\nextraction = "all"', "opened"),
        ('[times]\nzone = "Europe/Kaliningrat"', r"times\.zone: There is no time zone .*Europe/Kaliningrad"),
        ("[times]\ncompleted_at = 5", r"times\.completed_at cannot be 5: it must be a table, \[times\.completed_at\]"),
        ("[times.completed_at]", r"times\.completed_at\.columns is missing"),
        ('[times.started_at]\ncolumns = ["a", "b", "c"]', r"times\.started_at\.columns .* at most two columns"),
        ('[times.started_at]\ncolumns = ["a"]\nencoding = "pattern"', r"times\.started_at\.patterns is missing"),
        ('[times.started_at]\ncolumns = ["a"]\npatterns = ["%Q"]', r"times\.started_at\.patterns: .*%Q"),
        ('[closing]\nbasis = "end"', r"closing\.basis cannot be 'end': it must be one of \"guessed\""),
        ('[exclude]\ncolumn = "a"', r"exclude .*\[\[exclude\]\]"),
        ('[[exclude]]\ncolumn = "a"', r"exclude\[1\]\.values is missing"),
        ('exclude = ["a"]', r"exclude\[1\] cannot be 'a': it must be a table"),
        ("[rename]\na = 1", r"rename\.a cannot be 1"),
    ],
)
def test_every_problem_names_its_key_and_what_is_allowed(path, content, message):
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MappingFileError, match=message) as caught:
        load_mapping(path)
    assert caught.value.where == str(path)
    assert caught.value.exit_code == 2


def test_all_problems_are_named_at_once(path):
    path.write_text("[roles]\ncase_id = 1\nresource = 2\n[phases]\na = 3\n", encoding="utf-8")
    with pytest.raises(MappingFileError) as caught:
        load_mapping(path)
    assert len(caught.value.message.splitlines()) == 3


def test_what_is_not_toml_is_refused_with_its_place(path):
    path.write_text("[roles]\ncase_id = Номер\n", encoding="utf-8")
    with pytest.raises(MappingFileError, match="line 2"):
        load_mapping(path)


def test_another_encoding_is_refused(path):
    path.write_bytes('[roles]\ncase_id = "Номер"\n'.encode("cp1251"))
    with pytest.raises(MappingFileError, match="UTF-8"):
        load_mapping(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NoMappingFileError, match="cannot be opened"):
        load_mapping(tmp_path / "none.toml")


def test_a_failed_write_leaves_what_was_there(tmp_path):
    folder = tmp_path / "mapping.toml"
    folder.mkdir()
    with pytest.raises(MappingFileNotWrittenError, match="cannot be written"):
        save_mapping(Mapping(), folder)
    with pytest.raises(MappingFileNotWrittenError):
        save_mapping(Mapping(), tmp_path / "none" / "mapping.toml")
    assert [entry.name for entry in tmp_path.iterdir()] == ["mapping.toml"]


def test_a_label_cannot_be_renamed_twice(path):
    with pytest.raises(ValueError, match="twice"):
        save_mapping(Mapping(renames=(("a", "b"), ("a", "c"))), path)
    assert not path.exists()
