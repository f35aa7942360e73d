"""What becomes of traces, events and attributes of an XES file."""

from pathlib import Path
from unittest.mock import patch

import pytest

from potok.log.sources.base import ColumnKind, ColumnLevel
from potok.log.sources.xes import names, parser, segments, source_bytes, writer
from potok.log.sources.xes.errors import ElementSizeError, MisplacedElementError, NoEventsError, TooManyAttributesError
from potok.log.sources.xes.facts import MAX_ENTRIES, MAX_LETTERS
from support.xes_files import SMALL_LOG, attribute, event, log, stage_text, trace


def test_one_row_per_event_with_the_attributes_of_its_trace(tmp_path: Path) -> None:
    staged = stage_text(SMALL_LOG, tmp_path)

    assert staged.rows == [
        {
            "__row": 1,
            "@trace": 0,
            "case:concept:name": "1",
            "case:fee": "10.50",
            "concept:name": "Приём & проверка",
            "urgent": "True",
        },
        {
            "__row": 2,
            "@trace": 0,
            "case:concept:name": "1",
            "case:fee": "10.50",
            "concept:name": "Send",
            "concept:name/by": "post",
            "copies/to": "A; B",
        },
    ]
    assert staged.columns == {
        "@trace": ColumnLevel.UNKNOWN,
        "case:concept:name": ColumnLevel.CASE,
        "case:fee": ColumnLevel.CASE,
        "concept:name": ColumnLevel.EVENT,
        "urgent": ColumnLevel.EVENT,
        "concept:name/by": ColumnLevel.EVENT,
        "copies/to": ColumnLevel.EVENT,
    }
    assert {column.kind for column in staged.staged.columns[1:]} == {ColumnKind.TEXT}
    assert staged.staged.columns[0].kind is ColumnKind.INTEGER
    assert (staged.staged.format, staged.staged.row_column) == ("xes", "__row")


def test_traces_without_events_are_counted_and_ten_are_named(tmp_path: Path) -> None:
    empty = [trace(attribute("concept:name", f"e{number}")) for number in range(12)]

    staged = stage_text(log("<trace/>", *empty[:6], trace(event(a="1")), *empty[6:]), tmp_path)

    assert staged.facts["traces"] == 14
    assert staged.facts["empty_traces"] == {"count": 13, "names": ["", *(f"e{number}" for number in range(9))]}
    assert staged.rows == [{"__row": 1, "@trace": 7, "a": "1"}]


def test_events_outside_traces_have_no_case(tmp_path: Path) -> None:
    inside = trace(attribute("concept:name", "1"), event(a="in"))

    staged = stage_text(log(event(a="first"), inside, event(a="last"), event()), tmp_path)

    assert staged.rows == [
        {"__row": 1, "a": "first"},
        {"__row": 2, "@trace": 0, "case:concept:name": "1", "a": "in"},
        {"__row": 3, "a": "last"},
        {"__row": 4},
    ]
    assert staged.facts["events_outside_traces"] == 3


def test_declared_defaults_are_recorded_and_never_filled_in(tmp_path: Path) -> None:
    head = '<global scope="event">' + attribute("org:role", "UNKNOWN") + "</global>"
    head += (
        '<global scope="trace">' + attribute("group", "none") + "</global><global>" + attribute("x", "0") + "</global>"
    )

    staged = stage_text(log(head, trace(event(a="1"))), tmp_path)

    assert staged.rows == [{"__row": 1, "@trace": 0, "a": "1"}]
    assert staged.facts["declared_defaults"] == {"event": {"org:role": "UNKNOWN", "x": "0"}, "trace": {"group": "none"}}


def test_the_head_of_the_log_is_recorded(tmp_path: Path) -> None:
    head = '<classifier name="Activity" keys="concept:name lifecycle:transition"/>'
    head += '<extension name="Time" prefix="time" uri="u"/>' + attribute("source", "ЕПГУ", inner=attribute("v", "2"))

    staged = stage_text(log(head, trace(event(a="1")), attribute("after", "traces")), tmp_path)

    assert staged.facts["log_element"] == {"xes.version": "1.0"}
    assert staged.facts["classifiers"] == [{"name": "Activity", "keys": "concept:name lifecycle:transition"}]
    assert staged.facts["extensions"] == [{"name": "Time", "prefix": "time", "uri": "u"}]
    assert staged.facts["log_attributes"] == {"source": "ЕПГУ", "source/v": "2", "after": "traces"}
    assert staged.facts["encoding"] == "UTF-8"


def test_a_long_head_is_shortened_and_what_is_nested_goes_first(tmp_path: Path) -> None:
    statistics = "".join(attribute(f"s{number}", "1") for number in range(MAX_ENTRIES))
    head = attribute("meta", "m", inner=statistics) + attribute("concept:name", "x" * (MAX_LETTERS + 1))
    extensions = '<extension name="E" prefix="e" uri="u"/>' * 2

    facts = stage_text(log(head, extensions, trace(event(a="1"))), tmp_path).facts

    assert facts["log_attributes"]["concept:name"] == "x" * (MAX_LETTERS - 1) + "…"
    assert facts["log_attributes_left_out"] == 4
    assert len(facts["log_attributes"]) + len(facts["extensions"]) == MAX_ENTRIES

    many = stage_text(log(extensions * MAX_ENTRIES, trace(event(a="1"))), tmp_path).facts
    assert len(many["extensions"]) == MAX_ENTRIES


@pytest.mark.parametrize("written", ["True", "TRUE", "1", "false", " yes"])
def test_booleans_stay_as_they_are_written(written: str, tmp_path: Path) -> None:
    staged = stage_text(log(trace(event(attribute("ok", written, kind="boolean")))), tmp_path)

    assert staged.rows[0]["ok"] == written


def test_types_are_recorded_and_mixed_ones_stay_text(tmp_path: Path) -> None:
    first = event(attribute("amount", "56", kind="float"), attribute("at", "2020-02-30T00:00", kind="date"))
    second = event(attribute("amount", "none"), attribute("odd", "?", kind="percentage"))

    staged = stage_text(log(trace(first, second)), tmp_path)

    assert [row["amount"] for row in staged.rows] == ["56", "none"]
    assert staged.rows[0]["at"] == "2020-02-30T00:00"
    assert staged.facts["types"] == {"amount": ["float", "string"], "at": ["date"], "odd": ["other"]}


def test_keys_keep_blanks_diacritics_and_case(tmp_path: Path) -> None:
    keys = [" leading", "größe", "Ключ", "ключ", "KEY", "key", "Key", 'a "quote"', "a'b", "semi;colon"]
    staged = stage_text(log(trace(event(*(attribute(key, key) for key in keys)))), tmp_path)

    row = staged.rows[0]
    renamed = {"ключ_2": "ключ", "key_2": "key", "Key_3": "Key"}
    assert staged.facts["renamed_columns"] == renamed
    assert {renamed.get(column, column): value for column, value in row.items() if column[0] not in "_@"} == {
        key: key for key in keys
    }


def test_names_that_are_taken_are_numbered(tmp_path: Path) -> None:
    keys = ["__row", "@TRACE", "case:id", "", "@no_key"]
    texts = [attribute(key, f"<{key}>") for key in keys]

    staged = stage_text(log(trace(attribute("id", "7"), event(*texts, '<string value="no key"/>'))), tmp_path)

    assert staged.rows == [
        {
            "__row": 1,
            "@trace": 0,
            "case:id": "7",
            "__row_2": "<__row>",
            "@TRACE_2": "<@TRACE>",
            "case:id_2": "<case:id>",
            "@empty_key": "<>",
            "@no_key": "<@no_key>; no key",
        }
    ]
    assert staged.facts["renamed_columns"] == {
        "__row_2": "__row",
        "@TRACE_2": "@TRACE",
        "case:id_2": "case:id",
        "@empty_key": "",
    }


def test_lists_and_containers_become_columns_of_their_own(tmp_path: Path) -> None:
    values = (
        "<values>" + attribute("i", "1", kind="int") * 2 + attribute("j", "x", inner=attribute("k", "y")) + "</values>"
    )
    parts = [
        attribute("l", None, kind="list", inner=values),
        attribute("c", None, kind="container", inner=attribute("i", "3") + attribute("i", None)),
        attribute("empty", None, kind="list"),
    ]

    staged = stage_text(log(trace(attribute("t", "v", inner=attribute("u", "w")), event(*parts))), tmp_path)

    assert staged.rows == [
        {"__row": 1, "@trace": 0, "case:t": "v", "case:t/u": "w", "l/i": "1; 1", "l/j": "x", "l/j/k": "y", "c/i": "3"}
    ]
    assert "empty" in staged.columns
    assert "l" not in staged.columns


def test_nested_dates_do_not_pass_for_plain_attributes(tmp_path: Path) -> None:
    # A name of four letters is as long as the two pairs of a plain attribute.
    since = attribute("status", "open", inner=attribute("since", "2020-01-01", kind="date"))

    staged = stage_text(log(trace(since, event(since))), tmp_path)

    assert staged.rows == [
        {
            "__row": 1,
            "@trace": 0,
            "case:status": "open",
            "case:status/since": "2020-01-01",
            "status": "open",
            "status/since": "2020-01-01",
        }
    ]


def test_a_key_with_a_slash_is_not_a_nested_attribute(tmp_path: Path) -> None:
    staged = stage_text(
        log(trace(event(attribute("a", "1", inner=attribute("b", "2")), attribute("a/b", "3")))), tmp_path
    )

    assert staged.rows == [{"__row": 1, "@trace": 0, "a": "1", "a/b": "2", "a/b_2": "3"}]


def test_repeated_attributes_are_joined_and_counted(tmp_path: Path) -> None:
    same, different = [attribute("a", "x")] * 2, [attribute("b", "1"), attribute("b", "2"), attribute("b", None)]
    of_trace = [attribute("id", "7"), attribute("n", "1"), attribute("n", "2")]

    staged = stage_text(log(trace(*of_trace, event(*same), event(*same, *different))), tmp_path)

    case = {"@trace": 0, "case:id": "7", "case:n": "1; 2"}
    assert staged.rows == [{"__row": 1, **case, "a": "x"}, {"__row": 2, **case, "a": "x", "b": "1; 2"}]
    assert staged.facts["repeated_attributes"] == {"case:n": 1, "a": 2, "b": 2}


def test_attributes_after_events_hold_for_the_whole_trace(tmp_path: Path) -> None:
    late = attribute("id", "7") + attribute("status", "closed") + attribute("note", None)
    more = attribute("id", "8") + attribute("status", "closed") + attribute("note", "n")

    staged = stage_text(log(trace(event(a="1"), late, event(a="2"), more), trace(event(a="3"))), tmp_path)

    of_trace = {"@trace": 0, "case:id": "7; 8", "case:status": "closed", "case:note": "n"}
    assert staged.rows == [
        {"__row": 1, "a": "1", **of_trace},
        {"__row": 2, "a": "2", **of_trace},
        {"__row": 3, "a": "3", "@trace": 1},
    ]
    assert staged.facts["repeated_attributes"] == {"case:id": 1, "case:status": 1, "case:note": 1}


def test_prefixed_names_are_understood(tmp_path: Path) -> None:
    text = '<x:log xmlns:x="http://www.xes-standard.org/"><x:classifier name="A" keys="a"/><x:trace>'
    text += '<x:string key="id" value="7"/><x:event><x:int key="a" value="1"/></x:event></x:trace></x:log>'

    staged = stage_text(text, tmp_path)

    assert staged.rows == [{"__row": 1, "@trace": 0, "case:id": "7", "a": "1"}]
    assert staged.facts["types"] == {"case:id": ["string"], "a": ["int"]}
    assert staged.facts["classifiers"] == [{"name": "A", "keys": "a"}]
    assert staged.facts["log_element"] == {}


def test_attributes_written_unusually_are_read(tmp_path: Path) -> None:
    swapped, extra = '<string value="1" key="a"/>', '<string key="b" value="2" id="x"/>'
    wrapped = f"<group>{attribute('c', '3')}</group><note/>"

    staged = stage_text(
        log(f"<trace number='1'>{swapped}<event id='e'>{swapped}{extra}{wrapped}</event></trace>"), tmp_path
    )

    assert staged.rows == [{"__row": 1, "@trace": 0, "case:a": "1", "a": "1", "b": "2", "c": "3"}]


def test_new_attributes_on_the_way_keep_order_and_columns(tmp_path: Path) -> None:
    folder = tmp_path / "a=1 [x] * ?"
    parts = [
        trace(
            attribute(f"t{number // 10}", "t"), event(**{"a": str(number), f"k{number // 10}": "v"}), event(a="second")
        )
        for number in range(40)
    ]
    folder.mkdir()
    with (
        patch.multiple(parser, MAX_BATCH_EVENTS=3, MIN_BATCH_EVENTS=3),
        patch.object(source_bytes, "PIECE_BYTES", 500),
        patch.object(writer, "MAX_COLUMN_CHUNKS_PER_FILE", 20),
        patch.object(segments, "MAX_PATTERNS", 1),
    ):
        staged = stage_text(log(*parts), tmp_path, into=folder)

    assert len(list(folder.rglob("*.parquet"))) > 4
    assert [row["__row"] for row in staged.rows] == list(range(1, 81))
    assert [row["a"] for row in staged.rows[::2]] == [str(number) for number in range(40)]
    assert all(row[f"k{index // 10}"] == "v" for index, row in enumerate(staged.rows[::2]))
    assert all(row[f"case:t{row['@trace'] // 10}"] == "t" for row in staged.rows)
    assert set(staged.rows[0]) == {"__row", "@trace", "case:t0", "a", "k0"}


def test_a_trace_longer_than_a_batch_is_written_in_parts(tmp_path: Path) -> None:
    events = [event(a=str(number)) for number in range(50)]
    late = attribute("late", "x")
    with patch.multiple(parser, MAX_BATCH_EVENTS=3, MIN_BATCH_EVENTS=3), patch.object(source_bytes, "PIECE_BYTES", 100):
        staged = stage_text(log(trace(attribute("id", "7"), *events), *events), tmp_path)

        with pytest.raises(MisplacedElementError, match="“case:late” of trace 1 comes after") as caught:
            stage_text(log(trace(*events, late), "<trace/>"), tmp_path)

    assert [(row["a"], row.get("case:id"), row.get("@trace")) for row in staged.rows] == [
        *((str(number), "7", 0) for number in range(50)),
        *((str(number), None, None) for number in range(50)),
    ]
    assert staged.facts["empty_traces"]["count"] == 0
    assert caught.value.where.startswith("log.xes, line 54, ")


def test_a_log_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoEventsError, match=r"holds no events; traces: 2"):
        stage_text(log("<trace/>", trace(attribute("a", "1"))), tmp_path)


def test_values_written_as_keys_are_refused(tmp_path: Path) -> None:
    events = (event(attribute(f"k{number}", "v")) for number in range(51))
    with (
        patch.object(names, "MAX_COLUMNS", 50),
        pytest.raises(TooManyAttributesError, match="more than 50 different attributes") as caught,
    ):
        stage_text(log(trace(*events)), tmp_path)

    assert "“k50”" in caught.value.remedy
    assert caught.value.where.startswith("log.xes, line 56, ")


def test_a_key_too_long_for_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ElementSizeError, match="name of an attribute has 1001 letters") as caught:
        stage_text(log(trace(event(attribute("k" * 1001, "v")))), tmp_path)

    assert "“" + "k" * 40 + "”" in caught.value.remedy
