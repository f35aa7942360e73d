"""Ping-pong: cases passed to and fro between the same two holders.

Holders are performers, departments, or the values of an attribute of instances, such as the agency. Instances whose
holder is not known, or is called by a word for that (`PLACEHOLDERS`), are passed over. Consecutive instances of one
holder are a *stay*; a passage to the next stay is a turn. A ping-pong is a longest stretch of stays that alternate
between two holders and come back at least once (A → B → A: two turns). Its time runs from leaving the first stay to
reaching the last, cut to the time in which the case was open. Two ping-pongs of one case may share a stay, never an
instant of their time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis

from potok.diagnose.rework.asking import Key, asked_rows, at_asked_rows
from potok.diagnose.rework.event_attributes import attribute_values
from potok.diagnose.rework.holders import (
    HOLDERS,
    PLACEHOLDERS,
    code_labels,
    codes_of,
    find_examples_between,
    given_holders,
    holder_name,
)
from potok.diagnose.rework.spans import cut_spans, span_evidence
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS, RESOURCES, UNITS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, read_evidence
from potok.measure.ledger import earlier
from potok.measure.passages import exact_sum
from potok.measure.running import run, seconds, seconds_if_known

_ENDS: Final = ("first", "second")


@dataclass(frozen=True, slots=True)
class PingPongPair:
    """Ping-pong between two holders, `first` before `second` in the alphabet.

    Parameters
    ----------
    cases, episodes
        Cases, and how often it happened in them.
    turns, longest_turns
        Passages in all episodes, and in the longest.
    seconds, median_seconds
        Time of the episodes: in total, and per episode (None where none is known).
    """

    first: str
    second: str
    cases: int
    episodes: int
    turns: int
    longest_turns: int
    seconds: float
    median_seconds: float | None


@dataclass(frozen=True, slots=True)
class PingPong:
    """All ping-pong between holders of one kind, pairs with most cases first.

    Parameters
    ----------
    holder
        ``resource``, ``org_unit`` or ``attr:NAME``.
    known_cases
        Cases with at least one known holder.
    cases
        Those of them with ping-pong.
    episodes, turns
        Over all cases.
    seconds
        Time of all episodes; no instant of a case counts twice.
    """

    holder: str
    known_cases: int
    cases: int
    episodes: int
    turns: int
    seconds: float
    pairs: tuple[PingPongPair, ...]

    @property
    def case_share(self) -> float | None:
        """Cases with ping-pong over those with a known holder, 0–1; None if no holder is known."""
        return self.cases / self.known_cases if self.known_cases else None


def held_instances(events: ibis.Table, *, holder: str) -> ibis.Table:
    """Return one row per instance with a known holder: `case`, `position`, `holder`, `arrived_us`, `left_us`.

    Parameters
    ----------
    holder
        ``resource`` or ``org_unit``, told by their codes; anything else for `attribute_values`, told by their text.
    """
    arrived_us = earlier(
        ibis.coalesce(events.started_us, events.completed_us), ibis.coalesce(events.completed_us, events.started_us)
    )
    instances = events.mutate(arrived_us=arrived_us, left_us=events.completed_us)
    if holder in HOLDERS:
        dictionary = RESOURCES if holder == "resource" else UNITS
        known = dictionary.filter(~dictionary.label.lower().isin(PLACEHOLDERS)).select(holder)
        held = instances.inner_join(known, holder)
        return held.select("case", "position", "arrived_us", "left_us", holder=held[holder])
    values = attribute_values()
    known = values.filter(~values.value.lower().isin(PLACEHOLDERS)).select("case", "position", holder="value")
    joined = instances.inner_join(known, ["case", "position"])
    return joined.select("case", "position", "arrived_us", "left_us", "holder")


def stays(held: ibis.Table) -> ibis.Table:
    """Return one row per stay.

    Returns
    -------
    ibis.Table
        `case`, `position` and `arrived_us` (of its first instance), `holder`; `from_holder`, `from_position` and
        `from_left_us` of the last instance of the stay before it (null for the first).
    """
    along = ibis.window(group_by=held.case, order_by=held.position)
    seen = held.mutate(
        from_holder=held.holder.lag().over(along),
        from_position=held.position.lag().over(along),
        from_left_us=held.left_us.lag().over(along),
    )
    begins = seen.from_holder.isnull() | (seen.from_holder != seen.holder)
    return seen.filter(begins).select(
        "case", "position", "arrived_us", "holder", "from_holder", "from_position", "from_left_us"
    )


def ping_pong_spans(stay: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per episode.

    Returns
    -------
    ibis.Table
        `case`, `first`, `second` (holders, the smaller code or text first), `turns`, `from_position`, `to_position`,
        `from_us`, `to_us`, `gap_us`.
    """
    along = ibis.window(group_by=stay.case, order_by=stay.position)
    two_back = stay.mutate(
        is_back=(stay.from_holder.lag().over(along) == stay.holder).fill_null(False),
        out_position=stay.from_position.lag().over(along),
    )
    passed = ibis.cumulative_window(group_by=two_back.case, order_by=two_back.position)
    numbered = two_back.mutate(episode=ibis.ifelse(two_back.is_back, 0, 1).sum().over(passed).cast("int64"))
    backs = numbered.filter(numbered.is_back)
    is_in_order = backs.holder < backs.from_holder
    backs = backs.mutate(
        first=ibis.ifelse(is_in_order, backs.holder, backs.from_holder),
        second=ibis.ifelse(is_in_order, backs.from_holder, backs.holder),
    )
    ends = backs.group_by("case", "first", "second", "episode").aggregate(
        turns=(backs.count() + 1).cast("int64"),
        from_position=backs.out_position.min().cast("int32"),
        to_position=backs.position.max().cast("int32"),
    )
    # Not by the aggregates of the first and the last: engines differ in whether they pass over unknown ones.
    left = stay.select("case", "from_position", from_us="from_left_us")
    back = stay.select("case", to_position="position", to_us="arrived_us")
    timed = ends.inner_join(left, ["case", "from_position"]).inner_join(back, ["case", "to_position"])
    return cut_spans(timed, cases, extracted_us=extracted_us)


def pair_figures(spans: ibis.Table) -> ibis.Table:
    """Return one row per pair.

    Returns
    -------
    ibis.Table
        `first`, `second`, `cases`, `new_cases` (those whose first episode it is: they add up to the cases of all
        pairs), `episodes`, `turns`, `longest`, `total_us`, `median_us`.
    """
    ranked = spans.mutate(place=ibis.row_number().over(ibis.window(group_by=spans.case, order_by=spans.from_position)))
    figures = ranked.group_by("first", "second").aggregate(
        new_cases=ibis.ifelse(ranked.place == 0, 1, 0).sum().cast("int64"),
        episodes=ranked.count().cast("int64"),
        turns=ranked.turns.sum().cast("int64"),
        longest=ranked.turns.max().cast("int64"),
        total_us=exact_sum(ranked.gap_us),
        median_us=ranked.gap_us.quantile(0.5).cast("float64"),
        cases=ranked.case.nunique().cast("int64"),
    )
    return figures.select(
        "first", "second", "cases", "new_cases", "episodes", "turns", "longest", "total_us", "median_us"
    )


def case_count(rows: ibis.Table) -> ibis.Table:
    """Return one row: `cases`, the number of different ones."""
    once = rows.select("case").distinct()
    return once.aggregate(cases=once.count().cast("int64"))


def compute_ping_pong(store: LogStore, *, holder: str = "org_unit", engine: Engine | None = None) -> PingPong:
    """Compute how often cases are passed to and fro between the same two holders, and how long that takes.

    Parameters
    ----------
    holder
        ``resource``, ``org_unit``, or an attribute of instances.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    held, spans, given = _spans(store, holder)
    ((known,),) = run(case_count(held), store, engine, given=given)
    rows = list(run(pair_figures(spans), store, engine, given=given))
    labels = code_labels(store, holder, engine)
    pairs = tuple(_pair(row, labels) for row in rows)
    return PingPong(
        holder=holder_name(holder),
        known_cases=known,
        cases=sum(row[3] for row in rows),
        episodes=sum(pair.episodes for pair in pairs),
        turns=sum(pair.turns for pair in pairs),
        seconds=sum(pair.seconds for pair in pairs),
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.cases, -pair.seconds, pair.first, pair.second))),
    )


def list_ping_pong_cases(
    store: LogStore,
    first: str,
    second: str,
    *,
    holder: str = "org_unit",
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases passed to and fro between two holders, in any order, those that lose most in it first.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the performers or departments.
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    labels = code_labels(store, holder, engine)
    asked = _in_order(codes_of((first, second), labels))
    _held, spans, given = _spans(store, holder)
    pair = asked_rows(_ENDS, asked)
    rows = span_evidence(EVENTS, CASES, at_asked_rows(spans, *_ENDS), limit=limit)
    return read_evidence(rows, store, engine, given={**(given or {}), **pair})


def find_ping_pong_examples(
    store: LogStore, pairs: Sequence[PingPongPair], *, holder: str, engine: Engine | None = None
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Find the codes of the cases that lose most between each pair, by its two holders, in one pass."""
    labels = code_labels(store, holder, engine)
    _held, spans, given = _spans(store, holder)
    ends = [(pair.first, pair.second) for pair in pairs]
    asked = {pair: _in_order(codes_of(pair, labels)) for pair in ends}
    return find_examples_between(spans.select(*_ENDS, "case", "gap_us"), asked, store, engine, given=given)


def _in_order(ends: Any) -> Key:
    return tuple(sorted(ends))


def _spans(store: LogStore, holder: str) -> tuple[ibis.Table, ibis.Table, Given | None]:
    given = given_holders(store, holder)
    held = held_instances(EVENTS, holder=holder)
    return held, ping_pong_spans(stays(held), CASES, extracted_us=store.extracted_us), given


def _pair(row: tuple[Any, ...], labels: dict[int, str] | None) -> PingPongPair:
    ends, (cases, _new, episodes, turns, longest, total_us, median_us) = row[:2], row[2:]
    first, second = sorted(ends if labels is None else (labels[end] for end in ends))
    return PingPongPair(
        first, second, cases, episodes, turns, longest, seconds(total_us or 0), seconds_if_known(median_us)
    )
