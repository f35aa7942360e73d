"""Ibis as a compiler: no back-end is connected, and both dialects are reached."""

import ibis
import pytest
from ibis.common.exceptions import IbisError

from potok.engine.compile import compile_for_duckdb, compile_for_spark, tables_used
from potok.engine.tables import CASES, EVENTS, TABLES, is_instant, stored_column


def test_only_the_tables_of_an_expression_are_used():
    joined = EVENTS.inner_join(CASES, "case")
    assert tables_used(joined.aggregate(rows=joined.count())) == ("cases", "events")
    assert tables_used(CASES.aggregate(rows=CASES.count())) == ("cases",)


def test_duckdb_quotes_as_it_wants():
    assert compile_for_duckdb(EVENTS.select("case")) == 'SELECT "t0"."case" FROM "events" AS "t0"'


def test_spark_compiles_literals_without_a_back_end():
    expression = EVENTS.select(raised=EVENTS.position + 1)
    assert compile_for_spark(expression) == "SELECT `t0`.`position` + 1 AS `raised` FROM `events` AS `t0`"
    assert ibis.options.pyspark.treat_nan_as_null is False
    assert compile_for_spark(EVENTS.select(raised=EVENTS.position + 2)).startswith("SELECT `t0`.`position` + 2")


def test_the_same_analysis_built_anew_is_not_compiled_again():
    first = compile_for_duckdb(EVENTS.group_by("activity").aggregate(rows=EVENTS.count()))
    assert compile_for_duckdb(EVENTS.group_by("activity").aggregate(rows=EVENTS.count())) is first


def test_no_back_end_is_connected():
    with pytest.raises(IbisError, match="unbound"):
        EVENTS.select("case").execute()


def test_instants_are_stored_as_timestamps():
    assert is_instant("opened_us")
    assert not is_instant("cases")
    assert stored_column("opened_us") == "opened_at"
    assert stored_column("n_events") == "n_events"
    assert set(TABLES) == {"events", "cases", "activities", "resources", "units", "variants"}
