"""Which column of instants is which time of the event."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from potok.log.guessing.candidates import Table, header_confidence, is_constant_within
from potok.log.guessing.headers import is_planned, normalise
from potok.log.guessing.profiles import ColumnProfile
from potok.log.guessing.time_columns import TimeGuess, is_time_of_day, pair_time

TIME_ROLES: Final = ("completed_at", "started_at", "enabled_at")
_LEAST: Final = {"completed_at": 0.3, "started_at": 0.5, "enabled_at": 0.5}
_BY_VALUES: Final = 0.4
_TIME_WORDS: Final = re.compile(r"\b(дата|время|и|date|time|datum|tijd)\b")
_MIDNIGHT: Final = re.compile(r".*\b0?0:00(:00([.,]0+)?)?")


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """A column of instants chosen for a role."""

    role: str
    guess: TimeGuess
    confidence: float
    code: str


def join_pairs(profiles: Sequence[ColumnProfile], guesses: Mapping[str, TimeGuess]) -> dict[str, TimeGuess]:
    """Join each column of days with the column of times of day that belongs to it.

    They belong together if their names differ only in the words for date and time, or if they stand side by side and
    nothing else could be meant.
    """
    joined = dict(guesses)
    for index, time in enumerate(profiles):
        if not is_time_of_day(time):
            continue
        days = [p for p in profiles if p.name in joined and _names_days(p, joined[p.name])]
        same = [day for day in days if _stem(day.name) == _stem(time.name)]
        beside = [day for day in days if index and day.name == profiles[index - 1].name]
        partner = next(iter(same or beside), None)
        if partner is not None:
            joined[partner.name] = pair_time(joined[partner.name], time)
    return joined


def _names_days(profile: ColumnProfile, guess: TimeGuess) -> bool:
    if len(guess.column.columns) > 1:
        return False
    written = [value for value in profile.values if value is not None and ":" in value]
    return guess.is_day_resolution or all(_MIDNIGHT.fullmatch(value) for value in written)


def _stem(name: str) -> str:
    return " ".join(_TIME_WORDS.sub(" ", normalise(name)).split())


def choose_times(
    table: Table, guesses: Mapping[str, TimeGuess], *, roles: Sequence[str], case: ColumnProfile | None
) -> tuple[TimeChoice, ...]:
    """Choose columns for the times of the event that are still open, each column once."""
    profiles = [p for p in table.profiles if p.name in guesses and not p.is_of_case and not is_planned(p.name)]
    constant = {p.name for p in profiles if case is not None and is_constant_within(p, case)}
    if len(constant) == len(profiles):
        constant = set()
    choices: list[TimeChoice] = []
    for role in roles:
        used = {choice.guess.column.columns[0] for choice in choices}
        ranked = [
            (candidate.confidence * (0.4 if profile.name in constant else 1.0), candidate.code, profile)
            for profile in profiles
            if profile.name not in used
            for candidate in (header_confidence(table, profile, role),)
        ]
        confidence, code, profile = max(ranked, key=lambda entry: entry[0], default=(0.0, "", None))
        if profile is not None and confidence >= _LEAST[role]:
            choices.append(TimeChoice(role, guesses[profile.name], confidence, code))
    if choices or not {"completed_at", "started_at"} <= set(roles):
        return tuple(choices)
    return _by_values([p for p in profiles if p.name not in constant], guesses)


def _by_values(profiles: Sequence[ColumnProfile], guesses: Mapping[str, TimeGuess]) -> tuple[TimeChoice, ...]:
    """Take the fullest columns: the only one for completion, of two the earlier for start."""
    fullest = sorted(profiles, key=lambda p: -p.filled)[:2]
    if not fullest:
        return ()
    if len(fullest) == 2 and (order := _order(*fullest)):
        started, completed = order
        return (
            TimeChoice("completed_at", guesses[completed.name], _BY_VALUES, "values"),
            TimeChoice("started_at", guesses[started.name], _BY_VALUES, "values"),
        )
    return (TimeChoice("completed_at", guesses[fullest[0].name], _BY_VALUES, "values"),)


def _order(one: ColumnProfile, two: ColumnProfile) -> tuple[ColumnProfile, ColumnProfile] | None:
    """Return two columns with the earlier first, if the text of nearly all rows says which that is."""
    pairs = [(a, b) for a, b in zip(one.values, two.values, strict=False) if a and b and a != b]
    ahead = sum(1 for a, b in pairs if _sortable(a) < _sortable(b))
    if not pairs or 0.05 * len(pairs) < ahead < 0.95 * len(pairs):
        return None
    return (one, two) if ahead * 2 > len(pairs) else (two, one)


def _sortable(text: str) -> str:
    return re.sub(r"^(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1", text)
