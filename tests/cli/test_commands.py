"""Every command: what it writes where, as text and as JSON, and its exit code."""

import json
import re
import stat
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli.running import RUSSIAN_IS_READY, is_cyrillic, run
from cli.tiny_log import write_tiny_log
from potok.cli.commands.audit import _report_name
from potok.core.errors import EXIT_BAD_DATA, EXIT_USAGE
from potok.log import cache
from potok.log.store import open_store

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.audit.schema.json"
READING = ("--zone", "Europe/Kaliningrad", "--closed-by-activity", "Hand over")
PLAIN = (*READING, "--plain-ids")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_tiny_log(tmp_path / "log.csv")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny log, imported once; tests only read it."""
    folder = tmp_path_factory.mktemp("stored")
    outcome = run("import", write_tiny_log(folder / "log.csv"), "--into", folder / "store", *PLAIN)
    assert outcome.code == 0, outcome.err
    return folder / "store"


def test_version_and_help_go_to_standard_output() -> None:
    version, help_ = run("--version"), run("--help")
    assert (version.code, version.err, help_.code, help_.err) == (0, "", 0, "")
    assert re.fullmatch(r"potok \d+\.\d+\.\d+\S*\n", version.out)
    for command in ("audit", "import", "describe", "cases", "join", "top-up", "reveal", "demo", "key"):
        assert re.search(rf"^  {command} +\S", help_.out, re.MULTILINE)


def test_without_a_command_the_help_is_shown_as_a_message() -> None:
    for arguments in ((), ("key",)):
        outcome = run(*arguments)
        assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
        assert outcome.err.startswith("Usage: potok")


@pytest.mark.parametrize(
    ("arguments", "code", "says", "remedy"),
    [
        (["describe"], "K005", "SOURCE is missing", "potok describe --help"),
        (["import", "log.csv"], "K005", "--into is missing", "potok import --help"),
        (["verify", "log.csv"], "K005", "--protocol is missing", "potok verify --help"),
        (["import", "log.csv", "--into"], "K005", "--into needs a value", "--help"),
        (["import", "log.csv", "--into", "x", "--zoned"], "K004", "no option --zoned", "--zone"),
        (["describe", "log.csv", "-x"], "K004", "no option -x", "--help"),
        (["describe", "a", "b"], "K008", "more arguments than the command takes: b", "--help"),
        (["cases", "a", "--finding", "F-1", "--limit", "0"], "K007", "--limit cannot", "at least 1"),
        (["cases", "a", "--finding", "F-1", "--limit", "many"], "K007", "--limit cannot", "at least 1"),
        (["describe", "a", "--max-rejected", "2"], "K007", "--max-rejected cannot", "from 0 to 1"),
        (["--lang", "de", "describe", "a"], "K007", "no language de", "ru or en"),
        (["describe", "a", "--lang=de"], "K007", "no language de", "ru or en"),
        (["describe", "log.csv", "--lifecycle", "maybe", "--plain-ids"], "K001", "«maybe»", "auto, pair, raw"),
        (["describe", "log.csv", "--decimal", ";", "--plain-ids"], "K001", "«;»", "point or a comma"),
        (["describe", "log.csv", "--exclude", "x", "--plain-ids"], "K001", "«x»", "COLUMN=VALUE"),
        (["describe", "log.csv", "--all-closed", "--closed-by-field", "x", "--plain-ids"], "K001", "Two", "one"),
        (["import", "log.csv", "--into", "x"], "K002", "no key for pseudonyms", "potok key init"),
    ],
)
def test_a_command_line_that_cannot_be_understood(arguments: list[str], code: str, says: str, remedy: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert re.search(f"^Error POTOK-{code}: .*{re.escape(says)}", outcome.err, re.MULTILINE)
    assert re.search(f"^What to do: .*{re.escape(remedy)}", outcome.err, re.MULTILINE)
    if "no language" not in says:
        refused = run("--lang", "ru", *arguments[:1], "--json", *arguments[1:])
        assert (refused.code, refused.record["schema"]) == (EXIT_USAGE, "potok.error/1")
        assert not RUSSIAN_IS_READY or is_cyrillic(refused.record["error"]["message"])


@pytest.mark.parametrize(
    ("arguments", "code", "says", "remedy"),
    [
        (["imprt"], "K006", "no command imprt", "Did you mean import"),
        (["something"], "K006", "no command something", "audit, import, describe"),
        (["key", "forge"], "K006", "no command forge", "init, show, conceal"),
        (["demo", "--seed", "x"], "K007", "--seed cannot", "at least 0"),
        (["demo", "--cases", "1"], "K007", "--cases cannot", "at least 100"),
        (["--lang", "--help"], "K007", "no language --help", "ru or en"),
    ],
)
def test_a_command_that_does_not_exist(arguments: list[str], code: str, says: str, remedy: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert re.search(f"^Error POTOK-{code}: .*{re.escape(says)}", outcome.err, re.MULTILINE)
    assert re.search(f"^What to do: .*{re.escape(remedy)}", outcome.err, re.MULTILINE)
    assert not RUSSIAN_IS_READY or is_cyrillic(run("--lang=ru", *arguments).err.splitlines()[0])


def test_the_language_may_be_asked_for_anywhere(tmp_path: Path) -> None:
    for arguments in (["--lang", "ru", "describe", "none"], ["describe", "none", "--lang=ru", "--plain-ids"]):
        outcome = run(*arguments)
        assert outcome.code == EXIT_BAD_DATA
        assert is_cyrillic(outcome.err) or not RUSSIAN_IS_READY
    assert not is_cyrillic(run("describe", tmp_path / "none", "--plain-ids", "--lang", "en").err)


def test_import_as_text_and_as_json(tmp_path: Path, log: Path) -> None:
    text = run("import", log, "--into", tmp_path / "text", *PLAIN)
    as_json = run("import", log, "--into", tmp_path / "json", *PLAIN, "--json")
    assert (text.code, text.err, as_json.code, as_json.err) == (0, "", 0, "")
    assert re.search(r"^Cases +8\nof them open +1\nEvents +38\n", text.out)
    assert re.search(r"^  the employee: employee", text.out, re.MULTILINE)
    manifest = open_store(tmp_path / "json").manifest
    assert as_json.record == manifest
    assert manifest["schema"] == "potok.log/1"
    assert manifest["content_sha256"] == open_store(tmp_path / "text").content_sha256


def test_a_store_is_replaced_only_when_asked(tmp_path: Path, log: Path) -> None:
    store = tmp_path / "store"
    assert run("import", log, "--into", store, *PLAIN).code == 0
    refused = run("import", log, "--into", store, *PLAIN)
    assert refused.code == EXIT_USAGE
    assert "--replace" in refused.err
    write_tiny_log(log, last_case=7)
    assert run("import", log, "--into", store, *PLAIN, "--replace", "--json").record["log"]["cases"] == 7


def test_doubtful_times_are_said_as_notes(tmp_path: Path, log: Path) -> None:
    outcome = run("import", log, "--into", tmp_path / "store", "--plain-ids")
    assert outcome.code == 0
    assert re.search("^Note: .*taken for UTC", outcome.err, re.MULTILINE)
    assert "Note" not in outcome.out


def test_a_saved_mapping_gives_the_same_log(tmp_path: Path, log: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    saved = run("import", log, "--into", tmp_path / "one", *PLAIN, "--save-mapping", mapping)
    assert saved.code == 0
    assert str(mapping) in saved.err
    assert "Europe/Kaliningrad" in mapping.read_text(encoding="utf-8")
    again = run("import", log, "--into", tmp_path / "two", "--plain-ids", "--mapping", mapping, "--json")
    assert (again.code, again.err) == (0, "")
    one = open_store(tmp_path / "one")
    assert again.record["content_sha256"] == one.content_sha256
    assert again.record["mapping"] == one.manifest["mapping"]
    assert again.record["guesses"] == []


def test_describe_as_text_and_as_json(log: Path, store: Path) -> None:
    text = run("describe", store)
    assert (text.code, text.err) == (0, "")
    assert re.search(r"^Cases +8\nof them open +1$", text.out, re.MULTILINE)
    assert "Closed cases took" in text.out
    record = run("describe", log, *PLAIN, "--json").record
    assert list(record) == ["schema", "log", "quality", "measures"]
    assert (record["schema"], record["log"]["cases"]) == ("potok.describe/1", 8)


def test_a_source_and_its_store_are_described_and_audited_alike(log: Path, store: Path) -> None:
    for command in (["describe"], ["audit", "--json", "--brief"]):
        of_store, of_source = run(*command, store), run(*command, log, *PLAIN)
        assert (of_store.code, of_source.code) == (0, 0)
        assert of_store.out == of_source.out


def test_the_audit_as_json_keeps_to_its_schema(log: Path) -> None:
    outcome = run("audit", log, *PLAIN, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(outcome.record)
    assert outcome.record["schema"] == "potok.audit/1"
    russian = run("audit", log, *PLAIN, "--json", "--lang", "ru")
    assert russian.out == outcome.out


def test_the_audit_writes_a_report_and_names_it(
    tmp_path: Path, log: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("audit", log, *PLAIN, "--brief").out == "log.audit.html\n"
    monkeypatch.chdir(store)
    assert _report_name(".") == Path("store.audit.html")
    monkeypatch.chdir(tmp_path)
    named = run("audit", store, "-o", tmp_path / "named.html", "--lang", "ru", "--brief")
    assert (named.code, named.out, named.err) == (0, f"{tmp_path / 'named.html'}\n", "")
    assert '<html lang="en"' in (tmp_path / "log.audit.html").read_text(encoding="utf-8")
    assert '<html lang="ru"' in (tmp_path / "named.html").read_text(encoding="utf-8")
    both = run("audit", store, "--json", "--output", tmp_path / "both.html", "--brief")
    assert both.record["schema"] == "potok.audit/1"
    assert (tmp_path / "both.html").is_file()


def test_the_cases_behind_a_finding(store: Path) -> None:
    findings = run("audit", store, "--json", "--brief").record["findings"]
    assert findings
    for finding in findings:
        record = run("cases", store, "--finding", finding["id"], "--json").record
        assert (record["schema"], record["finding"]) == ("potok.cases/1", finding["id"])
        assert len(record["cases"]) == finding["cases"]
        assert sum(case["seconds"] for case in record["cases"]) == pytest.approx(finding["applicant_seconds"])
        assert all(case["case_id"].startswith("N-") for case in record["cases"])
    text = run("cases", store, "--finding", findings[0]["id"], "--limit", "1")
    assert (text.code, text.err) == (0, "")
    _title, _line, header, row, *notes = text.out.splitlines()
    assert header.split() == ["Case", "Time", "From", "the", "source's", "row", "to", "the", "row"]
    assert re.fullmatch(r"N-\d +\d+\sd(\s\d+\sh)? +\d+ +\d+", row)
    assert (findings[0]["cases"] > 1) == any("--limit 1" in note for note in notes)


def test_an_unknown_finding_is_refused_with_those_that_exist(store: Path) -> None:
    outcome = run("cases", store, "--finding", "F-000000000000")
    assert outcome.code == EXIT_USAGE
    assert "POTOK-R049" in outcome.err
    assert re.search(r"What to do: .*F-[0-9a-f]{12}", outcome.err)


def test_a_doubtful_guess_is_said_whenever_the_source_is_read(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [f"k{n // 4},step {n},2024-01-{1 + n % 28:02} {n % 24:02}:00" for n in range(80)]
    log.write_text("\n".join(["case,activity,time", *rows]) + "\n")
    for _time in range(2):
        outcome = run("measure", log, "--plain-ids", "--measure", "rework")
        assert "“activity” was taken for the activity, which is doubtful" in outcome.err
    named = run("measure", log, "--plain-ids", "--activity", "activity", "--measure", "rework")
    assert "doubtful" not in named.err


def test_stores_are_joined(tmp_path: Path, store: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("case,activity,completed\nN-1,Archive,2024-05-01T10:00\nN-9,Archive,2024-05-02T10:00\n")
    assert run("import", other, "--into", tmp_path / "archive", "--plain-ids").code == 0
    command = ("join", f"Licensing={store}", f"Archive={tmp_path / 'archive'}")
    text = run(*command, "--into", tmp_path / "joined")
    assert (text.code, text.err) == (0, "")
    assert re.search(r"^Cases +9$", text.out, re.MULTILINE)
    as_json = run(*command, "--into", tmp_path / "joined again", "--json")
    assert as_json.record["log"]["cases"] == 9
    refused = run(*command, "--into", tmp_path / "never", "--on", "number", "--json")
    assert (refused.code, refused.record["schema"]) == (EXIT_BAD_DATA, "potok.error/1")
    assert not (tmp_path / "never").exists()


def test_a_store_is_topped_up(tmp_path: Path) -> None:
    early, late = write_tiny_log(tmp_path / "early.csv", last_case=6), write_tiny_log(tmp_path / "late.csv")
    assert run("import", early, "--into", tmp_path / "early", *PLAIN).code == 0
    command = ("top-up", tmp_path / "early", late)
    text = run(*command, "--plain-ids", "--into", tmp_path / "new")
    assert text.code == 0, text.err
    assert text.out.endswith("Cases whose past changed: 0.\n")
    assert run(*command, "--plain-ids", "--into", tmp_path / "new2", "--json").record["log"]["cases"] == 8
    assert run("top-up", tmp_path / "none", late, "--into", tmp_path / "new3").code == EXIT_BAD_DATA


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = run("key", "init")
    path = tmp_path / "config" / "potok" / "key"
    assert (made.code, made.err) == (0, "")
    assert str(path) in made.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    identifier = path.read_text().split("id ")[1][:16]
    assert run("key", "show").out == f"{identifier}\t{path}\n"
    again = run("key", "init")
    assert (again.code, again.out) == (EXIT_USAGE, "")
    assert "POTOK-L101" in again.err
    secret = path.read_text().split("secret ")[1].strip()
    assert all(secret not in text for text in (made.out, again.err, run("key", "show").out))


def test_ids_become_pseudonyms_and_a_single_case_is_revealed(tmp_path: Path, log: Path) -> None:
    assert run("key", "init").code == 0
    kept = tmp_path / "map"
    assert run("import", log, "--into", tmp_path / "store", *READING, "--keep-map", kept).code == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    pseudonym = run("key", "conceal", "N-3").out.strip()
    findings = run("audit", tmp_path / "store", "--json", "--brief")
    assert "N-3" not in findings.out
    assert pseudonym in run("cases", tmp_path / "store", "--finding", findings.record["findings"][0]["id"]).out
    revealed = run("reveal", pseudonym, "--map", kept, "--reason", "appeal 17")
    assert (revealed.code, revealed.out) == (0, "N-3\n")
    assert str(tmp_path / "map.journal") in revealed.err
    assert "appeal 17" in (tmp_path / "map.journal").read_text(encoding="utf-8")
    unknown = run("reveal", "nobody", "--map", kept, "--reason", "appeal 17")
    assert (unknown.code, unknown.out) == (EXIT_USAGE, "")


def test_a_reading_command_makes_the_first_key_and_says_so(tmp_path: Path, log: Path) -> None:
    first, second = run("describe", log, *READING), run("describe", log, *READING)
    path = tmp_path / "config" / "potok" / "key"
    assert str(path) in first.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (second.code, second.err) == (0, "")
    assert first.out == second.out


def test_the_same_source_is_imported_once(
    log: Path, store: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    imports = []
    genuine = cache.import_log
    monkeypatch.setattr(cache, "import_log", lambda request: imports.append(request) or genuine(request))
    first = run("describe", log, *PLAIN)
    assert (run("describe", log, *PLAIN).out, run("describe", store).code, len(imports)) == (first.out, 0, 1)
    write_tiny_log(log, last_case=5)
    assert run("describe", log, *PLAIN).out != first.out
    assert len(imports) == 2


def test_deleting_the_cache_costs_time_only(own_cache: Path, log: Path) -> None:
    before = run("describe", log, *PLAIN, "--json")
    for path in sorted(own_cache.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    own_cache.rmdir()
    after = run("describe", log, *PLAIN, "--json")
    assert (after.code, after.out) == (0, before.out)
    assert stat.S_IMODE(own_cache.stat().st_mode) == 0o700


@pytest.mark.slow
def test_the_demo_makes_up_imports_and_audits_a_log(tmp_path: Path) -> None:
    outcome = run("demo", "--permits", "--out", tmp_path / "demo", "--cases", "100", "--lang", "ru")
    assert outcome.code == 0, outcome.err
    named = [Path(line.partition(": ")[2]) for line in outcome.out.splitlines()]
    assert [path.is_file() for path in named] == [True, True]
    assert open_store(tmp_path / "demo" / "store").manifest["log"]["cases"] == 100
    again = run("demo", "--permits", "--out", tmp_path / "demo", "--cases", "100", "--lang", "en")
    assert again.code == 0
    assert sorted(path.suffix for path in (tmp_path / "demo").glob("audit.*")) == [".html", ".html"]
