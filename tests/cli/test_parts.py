"""The parts of the command line by themselves: output, progress, options, summaries."""

import contextvars
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from potok.cli import console
from potok.cli.console import OutputError, SystemRefusalError, TerminalProgress, guarded, write_data, write_json
from potok.cli.requests import OptionValueError, build_mapping, build_request, require_key
from potok.cli.source_options import SourceOptions
from potok.cli.summaries import summarise
from potok.core.errors import EXIT_ENVIRONMENT, EXIT_INTERRUPTED
from potok.core.language import set_language
from potok.log.mapping import ClosingBasis, Exclusion, ExtractionKind, LifecycleMode, TimeColumn, TimeEncoding


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_rate_and_remaining_time_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    now = [100.0]
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    progress = TerminalProgress()
    progress.start("Reading rows", total=200_000_000, unit="bytes")
    progress.advance_to(1)  # too early to be shown
    now[0] += 2
    progress.advance_to(50_000_000)
    progress.finish()
    progress.start("Sorting")
    now[0] += 2
    progress.advance_to(7)
    lines = shown.getvalue().split("\r\x1b[2K")
    assert lines == ["", "Reading rows …", "Reading rows: 25%, 25 MB/s, 6 s left", "", "Sorting …", "Sorting …"]


def test_progress_is_silent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    progress = TerminalProgress()
    progress.start("Sorting", total=100)
    progress.finish()
    assert shown.getvalue() == ""


def failing(error: BaseException) -> Callable[..., None]:
    def command(*, as_json: bool = False) -> None:
        raise error

    return guarded(command)


def test_a_refusal_of_the_system_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stop:
        failing(PermissionError(13, "Permission denied", "/secret"))()
    assert stop.value.exit_code == EXIT_ENVIRONMENT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        f"Error {SystemRefusalError.code}: The system refuses: Permission denied.\nWhere: /secret\n"
    )
    with pytest.raises(typer.Exit):
        failing(OSError("odd"))(as_json=True)
    assert '"message": "The system refuses: odd."' in capsys.readouterr().out


def test_an_interrupt_ends_with_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stop:
        failing(KeyboardInterrupt())()
    assert stop.value.exit_code == EXIT_INTERRUPTED
    assert "Nothing was left half done" in capsys.readouterr().err


def test_what_no_one_foresaw_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError, match="oops"):
        failing(ZeroDivisionError("oops"))()


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_closed_pipe_is_no_failure_and_a_full_disk_is(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        write_data("nobody reads this")
        write_data("nor this")
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            monkeypatch.setattr(sys, "stdout", full)
            with pytest.raises(OutputError, match="cannot be written: No space left"):
                write_data("no room")


def test_control_characters_are_made_visible_in_text_and_escaped_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_data("a\x1b[2J\tb\x9b\x7f")
    write_json({"a": "\x1b", "é": "\x9b"})
    console.write_note("\x07!")
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "a\ufffd[2J\tb\ufffd\ufffd"
    assert '"a": "\\u001b"' in said.out
    assert said.err == "\ufffd!\n"


OPTIONS: list[tuple[dict[str, Any], str, Any]] = [
    ({"case": "c", "activity": ["a", "b"]}, "activity", ("a", "b")),
    ({"case": "c"}, "case_id", "c"),
    ({"org_unit": "u"}, "org_unit", "u"),
    ({"completed": ["d", "t"]}, "completed_at", TimeColumn(("d", "t"), TimeEncoding.AUTO)),
    ({"started": ["s"], "time_format": ["%Y"]}, "started_at", TimeColumn(("s",), TimeEncoding.PATTERN, ("%Y",))),
    ({"lifecycle": "raw"}, "lifecycle_mode", LifecycleMode.RAW),
    ({"extraction": "closed"}, "extraction", ExtractionKind.CLOSED),
    ({"decimal": ","}, "decimal", ","),
    ({"exclude": ["x=1", "y=a=b", "x=2"]}, "exclude", (Exclusion("x", ("1", "2")), Exclusion("y", ("a=b",)))),
    ({"drop_column": ["d"], "keep_text": ["k"]}, "drop", ("d",)),
    ({"allow_personal": ["p"]}, "allow_personal", ("p",)),
]


@pytest.mark.parametrize(("options", "role", "value"), OPTIONS)
def test_options_become_a_mapping(options: dict[str, Any], role: str, value: object) -> None:
    assert getattr(build_mapping(SourceOptions(**options)), role) == value


@pytest.mark.parametrize(
    ("options", "basis", "column", "values"),
    [
        ({"closed_by_activity": ["End", "Stop"]}, ClosingBasis.ACTIVITIES, "", ("End", "Stop")),
        ({"closed_by_status": ["state=done", "state=gone"]}, ClosingBasis.STATUS, "state", ("done", "gone")),
        ({"closed_by_field": "closed"}, ClosingBasis.FIELD, "closed", ()),
        ({"all_closed": True}, ClosingBasis.ALL, "", ()),
    ],
)
def test_options_become_a_closing_rule(
    options: dict[str, Any], basis: ClosingBasis, column: str, values: tuple[str, ...]
) -> None:
    closing = build_mapping(SourceOptions(**options)).closing
    assert (closing.basis, closing.column, closing.values) == (basis, column, values)


@pytest.mark.parametrize(
    "options",
    [
        {"closed_by_status": ["done"]},
        {"closed_by_status": ["=done"]},
        {"closed_by_status": ["a=1", "b=2"]},
        {"extraction": "some"},
        {"decimal": ":"},
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionValueError) as refusal:
        build_mapping(SourceOptions(**options))
    assert refusal.value.remedy


@pytest.mark.parametrize("size", ["500MB", "2 GB", "1.5GiB", "4096b"])
def test_sizes_of_memory(size: str) -> None:
    request = build_request(["log.csv"], SourceOptions(memory=size), into=Path("store"), key=None)
    assert request.memory_limit == size


@pytest.mark.parametrize("size", ["2", "GB", "-1GB", "0GB", "1e9B", "2GB; DROP TABLE x"])
def test_no_sizes_of_memory(size: str) -> None:
    with pytest.raises(OptionValueError, match="--memory cannot be"):
        build_request(["log.csv"], SourceOptions(memory=size), into=Path("store"), key=None)


def test_plain_ids_need_no_key() -> None:
    assert require_key(SourceOptions(plain_ids=True, key=Path("none"))) is None


MANIFEST: dict[str, Any] = {
    "zone": "UTC",
    "log": {
        "cases": 12_345,
        "open_cases": 45,
        "events": 99_999,
        "activity_instances": 99_999,
        "activities": 3,
        "variants": 7,
        "rejected_rows": 0,
        "first_us": 0,
        "last_us": 86_400_000_000,
    },
    "quality": [
        {"check": "repeated_case_ids", "count": 9, "of": "cases", "share": 0.5, "severity": "problem", "where": "",
         "examples": [], "detail": {"split_cases_on": "trace"}},
        {"check": "tied_order", "count": 4, "of": "rows", "share": 0.1, "severity": "warning", "where": "",
         "examples": [], "detail": {}},
        {"check": "no_resource", "count": 4, "of": "rows", "share": 0.1, "severity": "info", "where": "",
         "examples": [], "detail": {}},
        {"check": "out_of_order", "count": 0, "of": "rows", "share": 0.0, "severity": "warning", "where": "",
         "examples": [], "detail": {}},
    ],
    "guesses": [
        {"role": "case_id", "column": "a", "confidence": 0.95, "reason": "header"},
        {"role": "activity", "column": "b", "confidence": 0.7, "reason": "header"},
        {"role": "completed_at", "column": "c + d", "confidence": 0.4, "reason": "values"},
    ],
}  # fmt: skip


def test_a_summary_says_what_matters_and_how_sure_it_is() -> None:
    lines = summarise(MANIFEST)
    assert lines[0] == "Cases               12,345"
    assert [line for line in lines if "split-cases-on trace" in line]
    assert len([line for line in lines if line.startswith("  Events")]) == 1
    assert lines[-3:] == [
        "  the case: a",
        "  the activity: b (likely)",
        "  the time of completion: c + d (doubtful, please check)",
    ]
    assert not [line for line in lines if "Closed cases" in line]


def test_rejected_rows_are_explained_however_few() -> None:
    check = MANIFEST["quality"][1] | {"check": "rejected_missing_time", "severity": "info", "count": 1, "share": 1e-6}
    assert "  Rows not taken: no time: 1 row (< 0.1%)" in [
        line.replace("\u202f", " ").replace("\u00a0", " ") for line in summarise(MANIFEST | {"quality": [check]})
    ]


def test_a_summary_of_a_clean_log_is_only_its_counts() -> None:
    clean = summarise(MANIFEST | {"quality": [], "guesses": []}, {"closed_cases": 0})
    assert len(clean) == 9
    lead_time = {"closed_cases": 1, "median_seconds": 60.0, "p90_seconds": 3600.0, "max_seconds": None}
    assert summarise(MANIFEST | {"quality": [], "guesses": []}, lead_time)[-1].endswith(
        "–\u00a0(all)".replace("\u00a0", " ")
    )


def test_a_summary_in_russian() -> None:
    def speak() -> list[str]:
        set_language("ru")
        return summarise(MANIFEST)

    assert "12\u202f345" in contextvars.copy_context().run(speak)[0]
