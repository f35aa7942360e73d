"""Channels: by which way cases come in, and what share of them is digital.

Which channels are digital is given, or else guessed from their names and shown as a guess. Cases whose channel is
unknown, and channels whose kind nobody can tell, belong to neither side: the digital share is over the cases of
channels whose kind is known, beside bounds over all cases.
"""

from collections.abc import Collection
from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.channel_words import guess_is_digital
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence
from potok.measure.running import run


@dataclass(frozen=True, slots=True)
class ChannelShare:
    """One channel.

    Parameters
    ----------
    channel
        None for cases whose channel is unknown.
    cases, open_cases
        All, and those of them not closed.
    share
        Of all cases, 0–1.
    is_digital
        None if it cannot be told.
    is_guess
        Whether `is_digital` is Potok's guess from the channel's name.
    """

    channel: str | None
    cases: int
    open_cases: int
    share: float
    is_digital: bool | None
    is_guess: bool


@dataclass(frozen=True, slots=True)
class Channels:
    """Channels, most cases first and the unknown one last, and the digital share.

    Parameters
    ----------
    cases, unknown_cases, undecided_cases
        All; those without a known channel; those of channels of which nobody can tell whether they are digital.
    digital_cases
        Those of digital channels.
    digital_share
        Of the cases of channels whose kind is known, 0–1; None if there are none.
    lower_digital_share, upper_digital_share
        Of all cases, if none or all of the unknown and undecided ones were digital; None without cases.
    unknown_share
        Of all cases; None without cases.
    is_guess
        Whether the kind of any channel is guessed.
    """

    channels: tuple[ChannelShare, ...]
    cases: int
    unknown_cases: int
    undecided_cases: int
    digital_cases: int
    digital_share: float | None
    lower_digital_share: float | None
    upper_digital_share: float | None
    unknown_share: float | None
    is_guess: bool


def channel_counts(cases: ibis.Table) -> ibis.Table:
    """Return one row per channel (null where unknown or empty): `channel`, `cases`, `open_cases`."""
    named = cases.mutate(channel=cases.channel.nullif(""))
    return named.group_by("channel").aggregate(
        cases=named.count().cast("int64"), open_cases=named.closed_us.isnull().sum().cast("int64")
    )


def compute_channels(
    store: LogStore, *, digital: Collection[str] | None = None, engine: Engine | None = None
) -> Channels:
    """Compute the share of each channel and of the digital ones.

    Parameters
    ----------
    digital
        The channels that are digital; all others then are not. None guesses from their names.

    Raises
    ------
    UnknownPlaceError
        If no case has one of the digital channels.
    """
    rows = sorted(run(channel_counts(CASES), store, engine), key=lambda row: (row[0] is None, -row[1], row[0]))
    known = {code: row[0] for code, row in enumerate(rows) if row[0] is not None}
    for channel in digital or ():
        find_code(known, channel)
    total = sum(cases for _channel, cases, _open in rows)
    shares = tuple(_share(channel, cases, open_cases, total, digital) for channel, cases, open_cases in rows)
    return _summarise(shares, total)


def list_channel_cases(
    store: LogStore, channel: str | None, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases of a channel (None: of an unknown one), longest first; empty if no case has it."""
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    named = timed.channel.nullif("")
    chosen = timed.filter(named.isnull() if channel is None else named == channel)
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine)


def _share(
    channel: str | None, cases: int, open_cases: int, total: int, digital: Collection[str] | None
) -> ChannelShare:
    if channel is None:
        is_digital = None
    elif digital is None:
        is_digital = guess_is_digital(channel)
    else:
        is_digital = channel in digital
    is_guess = digital is None and is_digital is not None
    return ChannelShare(channel, cases, open_cases, cases / total, is_digital, is_guess)


def _summarise(shares: tuple[ChannelShare, ...], total: int) -> Channels:
    unknown = sum(share.cases for share in shares if share.channel is None)
    undecided = sum(share.cases for share in shares if share.channel is not None and share.is_digital is None)
    digital = sum(share.cases for share in shares if share.is_digital)
    decided = total - unknown - undecided
    return Channels(
        channels=shares,
        cases=total,
        unknown_cases=unknown,
        undecided_cases=undecided,
        digital_cases=digital,
        digital_share=digital / decided if decided else None,
        lower_digital_share=digital / total if total else None,
        upper_digital_share=(digital + unknown + undecided) / total if total else None,
        unknown_share=unknown / total if total else None,
        is_guess=any(share.is_guess for share in shares),
    )
