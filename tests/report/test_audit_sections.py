"""What the sections of the report say: never more than the log shows."""

from dataclasses import replace

import pytest

from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.diagnose.further_findings import _KINDS
from potok.measure.endpoints import ActivityCount, Endpoints
from potok.measure.hand_overs import HandOver, HandOvers
from potok.measure.rework import ActivityRework
from potok.measure.variants import Variant
from potok.report.audit_workbook import audit_tables
from potok.report.diagnosis.details import WAITS, Details
from potok.report.finding_words import name_kind, name_waste
from potok.report.measured import AuditFinding
from potok.report.sections import details
from potok.report.sections.checks import TEXTS, describe_check
from potok.report.sections.details import SHOWN_ROWS, make_details, name_details
from potok.report.sections.findings import locate_row, make_findings
from potok.report.sections.flow import make_flow
from potok.report.sections.headline import make_headline
from potok.report.sections.map import make_map
from potok.report.sections.source import make_source, name_reason, name_role
from potok.report.sections.table import Table
from potok.report.sections.times import make_times
from potok.report.sections.variants import make_variants
from potok.report.tables import Column, ColumnKind
from potok.report.tables import Table as DataTable
from report.made_up_audits import DURATIONS, make_audit, make_check, make_manifest, with_details, with_durations

DAY = 86400.0
ALL_OPEN = replace(
    DURATIONS,
    closed_cases=0,
    open_cases=2000,
    min_seconds=None,
    median_seconds=None,
    p90_seconds=None,
    max_seconds=None,
    mean_seconds=None,
)
ALL_CLOSED = replace(DURATIONS, open_cases=0, open_median_age_seconds=None, open_max_age_seconds=None)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def cells(table: Table) -> list[list[str]]:
    return [[plain(cell.text) for cell in row.cells] for row in table.rows]


class TestHeadline:
    def test_says_extent_duration_and_the_largest_part_of_the_time(self):
        extent, duration, worst = map(plain, make_headline(make_audit()).sentences)
        assert extent == "The log holds 2,000 cases from 2024-01-01 to 2024-12-31. 100 cases are still open."
        assert duration == "Half of the closed cases took no longer than 17 d, one in ten longer than 48 d."
        assert worst.startswith("The largest single part of the applicants’ time: between “")
        assert worst.endswith("– 96,000 h in 700 cases, 10% of the time all cases were open.")

    def test_without_closed_cases_no_duration_is_claimed(self):
        headline = make_headline(with_durations(ALL_OPEN))
        assert "cannot be told yet" in headline.sentences[1]
        assert [figure.value for figure in headline.figures[1:3]] == ["–", "–"]

    def test_without_open_cases_that_is_said(self):
        counts = replace(make_audit().counts, open_cases=0)
        headline = make_headline(replace(with_durations(ALL_CLOSED), counts=counts))
        assert headline.sentences[0].endswith("All of them are closed.")
        assert headline.figures[0].note == "all closed"

    def test_without_findings_there_is_no_worst_place(self):
        assert len(make_headline(make_audit(findings=())).sentences) == 2

    def test_names_every_file(self):
        files = [{"name": name, "size_bytes": 1, "sha256": "", "first_row": 1} for name in ("a.csv", "b.csv")]
        manifest = make_manifest(source={"format": "csv", "files": files, "facts": {}})
        assert make_headline(make_audit(manifest=manifest)).title == "Process audit: a.csv, b.csv"


class TestSource:
    def test_problems_stand_before_doubts_and_harmless_things_apart(self):
        source = make_source(make_audit())
        assert [line.mark for line in source.striking] == ["problem", "doubtful", "doubtful"]
        assert [line.title for line in source.remarks] == ["Events without a performer"]
        assert len(source.passed) == 2
        assert source.verdict.startswith("3 checks found something")

    def test_a_clean_log_is_said_to_be_clean(self):
        source = make_source(make_audit(manifest=make_manifest(quality=[])))
        assert source.verdict == "No check found anything doubtful."

    def test_a_guessed_closing_rule_is_marked_and_explained(self):
        closing, zone, extraction = make_source(make_audit()).assumptions
        assert closing.is_guess
        assert "“Выдача разрешения заявителю”" in closing.text
        assert "silent for more than 40\u00a0d" in closing.text
        assert "number of open cases" in closing.depends
        assert not zone.is_guess
        assert "every duration looks shorter" in extraction.depends

    @pytest.mark.parametrize(
        ("basis", "values", "text"),
        [
            ("all", [], "declared to hold closed cases only"),
            ("field", [], "closing field"),
            ("status", ["issued", "refused"], "last status is one of: “issued”, “refused”"),
            ("activities", ["Issue"], "last activity is one of: “Issue”"),
            ("activities", [], "every case counts as open"),
            ("activities", [f"a{number}" for number in range(15)], "“a11” and 3 more"),
        ],
    )
    def test_the_closing_rule_is_said_in_words(self, basis: str, values: list[str], text: str):
        closing = {"basis": basis, "guessed": False, "values": values, "settled_after_seconds": 0.0}
        manifest = make_manifest(closing=closing, extraction={"kind": "opened", "declared": True})
        assumptions = make_source(make_audit(manifest=manifest)).assumptions
        assert text in assumptions[0].text
        assert not assumptions[0].is_guess
        assert len(assumptions) == 2

    def test_guesses_about_columns_are_tabulated(self):
        guesses = make_source(make_audit()).guesses
        assert cells(guesses)[0] == ["case number", "Номер дела", "97%", "by its name"]
        no_guess = make_manifest(guesses=[])
        assert make_source(make_audit(manifest=no_guess)).guesses is None

    def test_a_guessed_zone_is_marked_and_confidence_may_be_a_word(self):
        guess = {"role": "zone", "column": "", "confidence": "low", "reason": "none is given"}
        source = make_source(make_audit(manifest=make_manifest(guesses=[guess])))
        assert source.assumptions[1].is_guess
        assert cells(source.guesses)[0][2] == "low"

    def test_an_unknown_role_or_reason_is_named_by_its_code(self):
        assert name_role("some_new_role") == "some new role"
        assert name_reason("some_new_reason") == "some new reason"

    def test_what_the_log_does_not_record_is_no_doubt_about_single_rows(self):
        absent = make_check("no_start_times", 23_456, share=1.0)
        source = make_source(make_audit(manifest=make_manifest(quality=[absent])))
        assert source.striking == ()
        assert source.limits == ("When work began: waiting and work cannot be told apart.",)

    def test_notes_are_given_in_the_language_of_the_report(self):
        manifest = make_manifest(notes={"en": ["Taken for UTC."], "ru": ["Принято за UTC."]})
        assert make_source(make_audit(manifest=manifest)).notes == ("Taken for UTC.",)

    def test_free_text_that_was_not_stored_is_named(self):
        source = make_source(make_audit(manifest=make_manifest(dropped_free_text=["comment", "note"])))
        assert source.facts[-1].value == "comment, note"


class TestChecks:
    def test_count_share_and_examples_are_told(self):
        line = describe_check(make_check("tied_order", 420, share=0.0179, examples=["12", "40"]))
        assert plain(line.extent) == "420 rows (1.8%)"
        assert line.examples == "For example, in rows of the source: 12, 40"

    @pytest.mark.parametrize(
        ("of", "extent"),
        [
            ("cases", "1 case"),
            ("instances", "1 execution"),
            ("columns", "1 column"),
            ("labels", "1 name"),
            ("transitions", "1"),
        ],
    )
    def test_things_are_called_what_they_are(self, of: str, extent: str):
        line = describe_check(make_check("open_cases", 1, of, share=1.0, examples=["x"]))
        assert line.extent == extent
        assert line.examples == "For example: x"

    def test_the_remedy_for_repeated_ids_is_named(self):
        line = describe_check(make_check("repeated_case_ids", 5, "cases", detail={"split_cases_on": "gap:30d"}))
        assert "--split-cases-on gap:30d" in line.meaning

    def test_a_check_without_words_is_named_by_its_code(self):
        assert describe_check(make_check("brand_new_check", 5)).title == "Brand new check"
        assert (
            describe_check(make_check("rejected_odd_thing", 5, where="col")).title == "Rows not taken: odd thing (col)"
        )

    def test_every_text_is_a_sentence_or_nothing(self):
        assert all(text.meaning == "" or text.meaning.endswith(".") for text in TEXTS.values())


class TestFindings:
    def test_a_finding_shows_hours_share_cases_and_the_way_to_them(self):
        card = make_findings(make_audit()).cards[0]
        assert card.title.startswith("Between “")
        assert plain(card.hours) == "96,000 h"
        assert plain(card.share_text) == "10% of the time all cases were open"
        assert plain(card.extent) == "700 cases, 800 times; 5 d 17 h per case on average"
        assert card.command == "potok cases permits --finding F-000000000001"
        assert cells(card.examples)[0] == ["case-0a1b", "61 d", "17, 42"]

    def test_after_the_first_ten_findings_the_others_are_a_table(self):
        audit = make_audit()
        findings = make_findings(replace(audit, findings=audit.findings * 4))
        assert len(findings.cards) == 10
        (row, _) = cells(findings.others)
        assert row[1:] == ["Rework", "48,000 h", "5%", "500", "F-000000000002"]
        assert findings.command == "potok cases permits --finding ID"
        assert make_findings(audit).others is None

    def test_staff_time_stands_apart(self):
        cards = make_findings(make_audit()).cards
        assert [plain(card.staff) for card in cards] == ["", "Apart from that, staff worked 300 h in it.", ""]

    def test_no_saving_is_promised(self):
        notes = " ".join(make_findings(make_audit()).notes)
        assert "not hours that could be saved" in notes

    def test_waits_are_called_waits_only_if_starts_are_known(self):
        with_starts, without = make_findings(make_audit(has_start_times=True)), make_findings(make_audit())
        assert with_starts.cards[0].title.startswith("Waiting between")
        assert len(with_starts.notes) == len(without.notes) - 1
        assert "waiting and work together" in without.notes[-1]

    def test_a_name_with_blanks_or_signs_is_quoted_in_the_command(self):
        card = make_findings(make_audit(opened_as="мои дела; rm -rf.csv")).cards[0]
        assert card.command.startswith("potok cases 'мои дела; rm -rf.csv' --finding")

    def test_a_row_of_several_files_is_found_in_its_file(self):
        files = [{"name": "a.csv", "first_row": 1}, {"name": "b.csv", "first_row": 101}]
        assert [locate_row(row, files) for row in (1, 100, 101, 1200)] == [
            "a.csv: 1",
            "a.csv: 100",
            "b.csv: 1",
            "b.csv: 1,100",
        ]
        assert locate_row(0, files) == "a.csv: 0"

    def test_every_kind_and_waste_has_a_name(self):
        assert len({name_kind(kind) for kind in FindingKind}) == len(FindingKind)
        assert len({name_waste(waste) for waste in Waste}) == len(Waste)


class TestTimes:
    def test_open_cases_are_counted_and_the_bias_is_named(self):
        basis, open_cases, total = map(plain, make_times(make_audit()).sentences)
        assert "1,900 closed cases are counted" in basis
        assert "100 cases are still open, half of them for more than 31 d" in open_cases
        assert "may be longer than shown" in open_cases
        assert "960,000 h" in total

    def test_median_stands_before_the_mean(self):
        rows = [row[0] for row in cells(make_times(make_audit()).calendar_time.table)]
        assert rows.index("Median: half of the cases take no longer") < [row[:4] for row in rows].index("Mean")

    def test_without_closed_cases_only_ages_are_shown(self):
        times = make_times(with_durations(ALL_OPEN))
        assert "No case is closed" in times.sentences[0]
        assert [column.title for column in times.calendar_time.table.columns] == [
            "Measure",
            "Open cases, so far",
            "All, open ones taken into account",
        ]
        assert [row[1] for row in cells(times.calendar_time.table)][:3] == ["31 d", "–", "190 d"]

    def test_without_open_cases_nothing_is_said_of_them(self):
        assert len(make_times(with_durations(ALL_CLOSED)).sentences) == 2

    def test_the_chart_has_a_table_twin(self):
        times = make_times(make_audit())
        assert len(times.chart_table.rows) == len(DURATIONS.histogram)
        assert cells(times.chart_table)[2] == ["1 h – 1 d", "40", "1"]


class TestVariants:
    def test_says_how_few_variants_cover_most_cases(self):
        rare = tuple(Variant(code, (f"a{code}",), 2, 0.025, None) for code in range(2, 4))
        variants = (Variant(0, ("a",), 52, 0.65, None), Variant(1, ("b",), 24, 0.3, None), *rare)
        sentences = make_variants(make_audit(variants=variants)).sentences
        assert sentences[1:] == ("The 2 most frequent variants cover 95% of the cases.",)

    def test_variants_are_not_summed_up_if_it_takes_most_of_them(self):
        assert len(make_variants(make_audit()).sentences) == 1

    def test_a_repeated_activity_is_one_chip(self):
        activities = ("Приём", "Проверка", "Проверка", "Проверка", "Выдача")
        card = make_variants(make_audit(variants=(Variant(0, activities, 9, 1.0, DAY),))).cards[0]
        assert [(chip.text, chip.repeats) for chip in card.chips] == [("Приём", ""), ("Проверка", "×3"), ("Выдача", "")]
        assert plain(card.median) == "median 1 d"

    def test_a_long_variant_is_shortened_in_the_middle(self):
        card = make_variants(make_audit(variants=(Variant(0, tuple(f"a{n}" for n in range(40)), 1, 1.0, None),))).cards[
            0
        ]
        assert [chip.is_gap for chip in card.chips].count(True) == 1
        assert next(chip.text for chip in card.chips if chip.is_gap) == "… 28 more …"
        assert card.chips[-1].text == "a39"
        assert card.median == ""

    def test_cases_unlike_any_other_are_counted(self):
        variants = tuple(Variant(code, (f"a{code}",), 1, 0.25, None) for code in range(4))
        sentences = make_variants(make_audit(variants=variants)).sentences
        assert sentences[-1] == "4 variants occurred in a single case each."

    def test_variants_that_never_reach_most_cases_are_not_summed_up(self):
        variants = (Variant(0, ("a",), 10, 0.3, None), Variant(1, ("b",), 10, 0.3, None))
        assert len(make_variants(make_audit(variants=variants)).sentences) == 1


class TestFlow:
    def test_ends_of_closed_and_open_cases_stand_apart(self):
        assert [row[1:] for row in cells(make_flow(make_audit()).ends)] == [["1,900", "50"], ["0", "50"]]

    def test_rework_names_activities_that_are_repeated_only(self):
        (row,) = cells(make_flow(make_audit()).rework)
        assert row[1:] == ["2,300", "300", "2,000", "250", "12%"]

    def test_nothing_repeated_and_nobody_named_gives_no_table(self):
        flow = make_flow(make_audit(rework=(ActivityRework("a", 5, 5, 0, 0, 0.0),), hand_overs=HandOvers((), ())))
        assert (flow.rework, flow.between_units, flow.between_resources) == (None, None, None)

    def test_hand_overs_to_oneself_are_left_out_and_the_longest_come_first(self):
        pairs = (
            HandOver("A", "A", 9, 9, 1.0, 1e9),
            HandOver("A", "B", 9, 9, None, 3600.0 * 20),
            HandOver("B", "A", 2, 2, DAY, 3600.0 * 48),
        )
        table = make_flow(make_audit(hand_overs=HandOvers(pairs, ()))).between_resources
        assert cells(table) == [["B", "A", "2", "2", "1 d", "48 h"], ["A", "B", "9", "9", "–", "20 h"]]

    def test_what_is_cut_off_is_said(self):
        starts = tuple(ActivityCount(f"a{number}", 1, 0) for number in range(14))
        flow = make_flow(make_audit(endpoints=Endpoints(starts, starts)))
        assert flow.starts.note == "Shown are the first 10 of 14 rows; the JSON audit has them all."
        assert len(flow.ends.rows) == 10

    def test_a_log_without_cases_has_no_shares(self):
        counts = replace(make_audit().counts, cases=0)
        assert cells(make_flow(make_audit(counts=counts)).starts)[0][2] == "0%"


class TestMap:
    def test_every_level_says_what_it_leaves_out(self):
        section = make_map(make_audit(150).graph)
        assert [level.key for level in section.levels] == ["essential", "overview", "detailed", "full"]
        assert section.default == "overview"
        assert section.levels[0].extent.startswith("Shown: 12 of 150 activities")

    def test_the_table_twin_holds_whatever_is_drawn(self):
        section = make_map(make_audit(40).graph)
        anchors = {row.anchor for row in (*section.activities.rows, *section.passages.rows)}
        for level in section.levels:
            drawn = {part.split('"')[0] for part in str(level.picture).split('href="#')[1:]}
            assert drawn
            assert drawn <= anchors
        assert "The JSON audit has them all" in section.passages.note

    def test_what_the_times_hold_is_said(self):
        assert "waiting and work together" in make_map(make_audit(3).graph).time_meaning
        assert "to the start of the next" in make_map(make_audit(3, has_start_times=True).graph).time_meaning

    def test_without_a_layout_program_the_tables_remain_and_a_sentence_says_why(self, monkeypatch: pytest.MonkeyPatch):
        from potok.report.drawing import layout_program

        def fail() -> str:
            raise layout_program.NoLayoutProgramError("There is none.", remedy="Install it.")

        monkeypatch.setattr(layout_program, "find_layout_program", fail)
        section = make_map(make_audit(40).graph)
        assert section.levels == ()
        assert section.default == ""
        assert section.failures == ("There is none. Install it.",)
        assert len(section.activities.rows) == 40

    def test_the_default_is_what_there_is(self):
        assert make_map(make_audit(1).graph).default in ("essential", "overview")


def test_the_workbook_has_what_else_looks_wrong_unless_nobody_looked():
    audit = make_audit()
    assert "further_findings" not in [table.name for table in audit_tables(audit)]
    changed = Finding(FindingKind.DRIFT, Waste.WAITING, Place(rule="lead_time", since="2024-03-01"), 40, 1)
    tables = audit_tables(replace(audit, further=(AuditFinding("F-further", changed, ()),)))
    (table,) = [table for table in tables if table.name == "further_findings"]
    assert table.column("place") == ("Changed on 2024-03-01: lead time",)
    assert table.column("id") == ("F-further",)


class TestDetails:
    def test_a_finding_leads_to_the_first_rows_of_the_tables_behind_it(self):
        audit = with_details(make_audit())
        (group,) = make_details(audit)
        (queues,) = group.tables
        assert len(queues.content.rows) == SHOWN_ROWS
        assert queues.notes[0].startswith("Shown are the first 20 of 30 rows; the workbook")
        assert cells(queues.content)[0] == ["Step 0", "10", "40", "2.00", "1.00", "3.00"]
        linked = {row.cells[0].leads_to for row in make_findings(audit).further.rows}
        assert linked == {group.anchor}

    def test_what_is_not_known_takes_no_column_and_an_empty_table_leaves_its_notes(self, monkeypatch):
        columns = (Column("a", "A"), Column("b", "B", ColumnKind.COUNT), Column("c", "C", ColumnKind.COUNT))
        found = Details(
            "queues",
            (
                DataTable("one", "One", columns, (("x" * 300, None, 7),), notes=("Read this.",)),
                DataTable("none", "None", columns, (), notes=("Nobody waited.",)),
            ),
        )
        monkeypatch.setattr(details, "list_details", lambda *_found, **_options: [found])
        ((one, none),) = [group.tables for group in make_details(make_audit())]
        assert [column.title for column in one.content.columns] == ["A", "C"]
        ((text, count),) = cells(one.content)
        assert (len(text), text[-1], count) == (160, "…", "7")
        assert (none.title, none.content, none.notes) == ("None", None, ("Nobody waited.",))

    def test_every_diagnosis_has_a_name(self):
        assert len({name_details(name) for name in (WAITS, *_KINDS)}) == len(_KINDS) + 1

    def test_without_diagnoses_there_are_none(self):
        assert make_details(make_audit()) == ()


class TestWorkbook:
    def test_says_where_its_figures_come_from_and_what_the_words_mean(self):
        tables = {table.name: table for table in audit_tables(make_audit())}
        origin = dict(tables["source"].rows)
        manifest = make_manifest()
        assert origin["Hash of the log’s content"] == manifest["content_sha256"]
        assert origin["File"] == manifest["source"]["files"][-1]["name"]
        assert (origin["Filter"], origin["Working calendar"]) == ("none: all cases", "none: calendar time only")
        assert "another ledger" in dict(tables["definitions"].rows)["Time of staff"]

    def test_its_findings_are_those_of_the_ledger(self):
        table = next(table for table in audit_tables(make_audit()) if table.name == "findings")
        assert {"waste", "applicant_seconds", "staff_seconds", "confidence", "changes", "id"} <= {
            column.name for column in table.columns
        }
        assert len(table.rows) == len(make_audit().findings) > 0
