"""From columns and a sample to a complete mapping."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.log.guessing.candidates import (
    TEXT_ROLES,
    Candidate,
    Table,
    activity_by_values,
    case_by_values,
    find_candidates,
)
from potok.log.guessing.decimals import columns_with_comma
from potok.log.guessing.explaining import explain, explain_time, warn_of_roles, warn_of_times
from potok.log.guessing.profiles import ColumnProfile, as_sample, profile_columns
from potok.log.guessing.result import Guess, Reason, missing_roles
from potok.log.guessing.time_columns import TimeGuess, guess_time, guess_times, is_time_of_day, pair_time, settled_order
from potok.log.guessing.time_roles import TIME_ROLES, TimeChoice, choose_times, join_pairs
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn, TimeEncoding
from potok.log.presets import Preset
from potok.log.sources.base import StagedColumn

TRACE_COLUMN = "@trace"
_BY_VALUES = 0.4
_TRACE_CONFIDENCE = 0.6


@dataclass(slots=True)
class _Progress:
    """The mapping as far as it is known."""

    mapping: Mapping
    reasons: list[Reason]
    times: list[TimeGuess]

    def taken(self) -> tuple[str, ...]:
        """Return the columns that have a role or must not have one."""
        mapping = self.mapping
        times = [getattr(mapping, role) for role in TIME_ROLES]
        texts = [mapping.case_id, *mapping.activity, *(getattr(mapping, role) for role in TEXT_ROLES)]
        named = [name for time in times if time is not None for name in time.columns]
        return tuple(name for name in (*texts, *named, *mapping.drop, mapping.closing.column) if name)

    def settle(self, role: str, value: Any, reason: Reason) -> None:
        self.mapping = replace(self.mapping, **{role: value})
        self.reasons.append(reason)


def guess_mapping(
    columns: Sequence[StagedColumn], sample: Any, *, given: Mapping, preset: Preset | None = None
) -> Guess:
    """Guess every role that is not given, from headers and from a sample of values.

    Columns are told by standard keys (XES), then by a preset, then by headers in Russian, English or Dutch, weakened
    where the values contradict, and last by values alone. Times written in an order of day and month that the values
    leave open are read with the day first.

    Parameters
    ----------
    columns
        The source's columns, in its order.
    sample
        Some thousand rows: column name to texts (None for empty), or an Arrow table. Better contiguous rows than
        scattered ones, since cases should show more than one event.
    given
        What is already decided. Columns named in it are not given other roles; ``AUTO`` encodings are filled in.
    preset
        A ready mapping that fills what is not given.

    Raises
    ------
    MissingRoleError
        If there is no column for the case, the activity, or any time of completion or start.
    """
    texts = as_sample(sample)
    profiles = profile_columns(columns, texts)
    by_name = {profile.name: profile for profile in profiles}
    mapping = given if preset is None else _filled(given, preset)
    progress = _Progress(mapping, [], [])
    written = guess_times(profiles)
    guesses = join_pairs(profiles, written)
    free = tuple(profile for profile in profiles if not profile.name.startswith("@"))
    table = Table(free, _time_names(profiles, guesses), preset.column_candidates if preset else {})
    _settle_case(progress, table, has_traces=TRACE_COLUMN in by_name)
    case = by_name.get(progress.mapping.case_id)
    _settle_given_times(progress, by_name, month_first=settled_order(written.values()))
    _settle_times(progress, table, guesses, case)
    _settle_activity(progress, table, case)
    _settle_others(progress, table, case)
    _settle_decimal(progress, free, table.times)
    _require(progress.mapping, {name: list(texts.get(name, ())) for name in by_name})
    distinct = {profile.name: profile.distinct for profile in profiles}
    warnings = warn_of_times(progress.times, progress.mapping)
    warnings += warn_of_roles(progress.mapping, distinct, max((p.rows for p in profiles), default=0))
    return Guess(progress.mapping, tuple(progress.reasons), tuple(warnings))


def _filled(given: Mapping, preset: Preset) -> Mapping:
    """Return what is given, with the preset's labels and final activities where nothing else is said."""
    filled = replace(given, renames=given.renames or preset.renames)
    if given.closing.basis is not ClosingBasis.GUESSED or not preset.closing_values:
        return filled
    return replace(filled, closing=ClosingRule(ClosingBasis.ACTIVITIES, values=preset.closing_values))


def _time_names(profiles: Sequence[ColumnProfile], guesses: dict[str, TimeGuess]) -> frozenset[str]:
    return frozenset(guesses) | {profile.name for profile in profiles if is_time_of_day(profile)}


def _settle_case(progress: _Progress, table: Table, *, has_traces: bool) -> None:
    if progress.mapping.case_id:
        return
    candidates = find_candidates(table, "case_id", taken=progress.taken())
    if not candidates and has_traces:
        text = _("The traces of the file are the cases: no attribute names them.")
        progress.settle("case_id", TRACE_COLUMN, Reason("case_id", (TRACE_COLUMN,), _TRACE_CONFIDENCE, "values", text))
        return
    if not candidates:
        profile = case_by_values(table, taken=progress.taken())
        candidates = (Candidate(profile, _BY_VALUES, "values"),) if profile else ()
    if candidates:
        progress.settle("case_id", candidates[0].profile.name, explain("case_id", candidates))


def _settle_given_times(progress: _Progress, by_name: dict[str, ColumnProfile], *, month_first: bool | None) -> None:
    """Guess how the times are written whose columns are given."""
    for role in TIME_ROLES:
        column = getattr(progress.mapping, role)
        guess = _encoding_of(column, by_name, month_first) if column is not None else None
        if guess is not None:
            progress.times.append(guess)
            progress.settle(role, guess.column, explain_time(TimeChoice(role, guess, 1.0, "given")))
    closing = progress.mapping.closing
    if closing.basis is ClosingBasis.FIELD and closing.encoding is TimeEncoding.AUTO:
        guess = _encoding_of(TimeColumn((closing.column,), TimeEncoding.AUTO), by_name, month_first)
        if guess is not None:
            progress.times.append(guess)
            rule = replace(closing, encoding=guess.column.encoding, patterns=guess.column.patterns)
            progress.settle("closing", rule, explain_time(TimeChoice("closing", guess, 1.0, "given")))


def _encoding_of(column: TimeColumn, by_name: dict[str, ColumnProfile], month_first: bool | None) -> TimeGuess | None:
    """Guess the encoding of a named column; None if it is known or the column is not there."""
    if column.encoding is not TimeEncoding.AUTO or any(name not in by_name for name in column.columns):
        return None
    profile = by_name[column.columns[0]]
    guess = guess_time(profile, is_named=True, month_first=month_first)
    if guess is None:
        share = 0.0 if profile.filled else 1.0
        return TimeGuess(TimeColumn(column.columns, TimeEncoding.ISO), share, local_share=0.0)
    return pair_time(guess, by_name[column.columns[1]]) if len(column.columns) > 1 else guess


def _settle_times(progress: _Progress, table: Table, guesses: dict[str, TimeGuess], case: ColumnProfile | None) -> None:
    taken = progress.taken()
    open_roles = [role for role in TIME_ROLES if getattr(progress.mapping, role) is None]
    untaken = {name: guess for name, guess in guesses.items() if not {name, *guess.column.columns} & set(taken)}
    for choice in choose_times(table, untaken, roles=open_roles, case=case):
        progress.times.append(choice.guess)
        progress.settle(choice.role, choice.guess.column, explain_time(choice))


def _settle_activity(progress: _Progress, table: Table, case: ColumnProfile | None) -> None:
    if progress.mapping.activity:
        return
    candidates = find_candidates(table, "activity", taken=progress.taken(), case=case)
    if not candidates and case is not None:
        profile = activity_by_values(table, taken=progress.taken(), case=case)
        candidates = (Candidate(profile, _BY_VALUES, "values"),) if profile else ()
    if candidates:
        progress.settle("activity", (candidates[0].profile.name,), explain("activity", candidates))


def _settle_others(progress: _Progress, table: Table, case: ColumnProfile | None) -> None:
    for role in TEXT_ROLES:
        if getattr(progress.mapping, role):
            continue
        candidates = find_candidates(table, role, taken=progress.taken(), case=case)
        if candidates:
            progress.settle(role, candidates[0].profile.name, explain(role, candidates))


def _settle_decimal(progress: _Progress, profiles: Sequence[ColumnProfile], times: frozenset[str]) -> None:
    if progress.mapping.decimal != Mapping().decimal:
        return
    columns = columns_with_comma([profile for profile in profiles if profile.name not in times])
    if columns:
        text = _("Numbers have a decimal comma in {columns}.").format(
            columns=", ".join(quoted(name) for name in columns)
        )
        progress.settle("decimal", ",", Reason("decimal", columns, 0.9, "values", text))


def _require(mapping: Mapping, values: dict[str, list[str | None]]) -> None:
    missing = [role for role in ("case_id", "activity") if not getattr(mapping, role)]
    if mapping.completed_at is None and mapping.started_at is None:
        missing.append("completed_at")
    if missing:
        raise missing_roles(missing, values)
