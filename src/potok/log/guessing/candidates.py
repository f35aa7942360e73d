"""Which columns could have a role, by header and by values, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from potok.log.guessing.headers import STANDARD_KEYS, score
from potok.log.guessing.profiles import ColumnProfile, within_case_variation
from potok.log.presets import normalise_heading

# Roles in the order in which columns are given away.
TEXT_ROLES: Final = (
    "lifecycle",
    "instance",
    "resource",
    "org_unit",
    "cost",
    "outcome",
    "channel",
    "service",
    "agency",
)
_OF_CASE: Final = frozenset({"case_id", "outcome", "channel", "service", "agency"})
LEAST_CONFIDENCE: Final[Mapping[str, float]] = {"case_id": 0.35, "activity": 0.45}
LEAST_FOR_OTHERS: Final = 0.5
_ENOUGH_ROWS: Final = 50
_ENOUGH_CASES: Final = 5
_CLEAR: Final = 0.9
PRESET_CONFIDENCE: Final = 0.98
TRANSITIONS: Final = frozenset(
    {
        *("schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "manualskip", "autoskip"),
        *("withdraw", "ate_abort", "pi_abort", "abort", "begin", "end", "unknown"),
        *("начало", "начат", "начато", "завершение", "завершен", "завершено", "окончание", "назначен", "назначено"),
        *("приостановлен", "приостановлено", "возобновлен", "возобновлено", "отменен", "отменено"),
    }
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that could have a role, how sure that is (0–1), and by what."""

    profile: ColumnProfile
    confidence: float
    code: str


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a source before roles are given.

    Parameters
    ----------
    profiles
        Columns that may have a role.
    times
        Names of those that hold instants or times of day.
    preset_headers
        Role to headers that a preset names.
    """

    profiles: tuple[ColumnProfile, ...]
    times: frozenset[str]
    preset_headers: Mapping[str, tuple[str, ...]]


def header_confidence(table: Table, profile: ColumnProfile, role: str) -> Candidate:
    """Return how sure the header alone makes us."""
    if STANDARD_KEYS.get(profile.name) == role:
        return Candidate(profile, 1.0, "standard_key")
    headings = [normalise_heading(heading) for heading in table.preset_headers.get(role, ())]
    if normalise_heading(profile.name) in headings:
        # A preset names the likeliest heading first.
        place = headings.index(normalise_heading(profile.name))
        return Candidate(profile, max(PRESET_CONFIDENCE - 0.005 * place, 0.9), "preset")
    return Candidate(profile, score(profile.name, role), "header")


def find_candidates(
    table: Table, role: str, *, taken: Sequence[str], case: ColumnProfile | None = None
) -> tuple[Candidate, ...]:
    """Return the columns that could have a role by header and values, best first, ties in the source's order."""
    found = []
    for profile in table.profiles:
        if profile.name in taken or profile.name in table.times or (profile.is_of_case and role not in _OF_CASE):
            continue
        candidate = header_confidence(table, profile, role)
        if candidate.code == "header":
            confidence = candidate.confidence * _fit(role, profile, candidate.confidence, case)
            candidate = Candidate(profile, confidence, "header")
        elif not profile.filled:
            continue
        found.append(candidate)
    least = LEAST_CONFIDENCE.get(role, LEAST_FOR_OTHERS)
    return tuple(sorted((c for c in found if c.confidence >= least), key=lambda c: -c.confidence))


def _fit(role: str, profile: ColumnProfile, confidence: float, case: ColumnProfile | None) -> float:
    """Return by how much the values weaken what the header promises (0–1)."""
    if not confidence or not profile.filled:
        return 0.0
    has_many = profile.filled >= _ENOUGH_ROWS
    match role:
        case "case_id":
            is_counter = profile.distinct == profile.filled >= _ENOUGH_ROWS
            if not is_counter and not (has_many and profile.distinct == 1):
                return 1.0
            return 0.6 if confidence >= _CLEAR else 0.35
        case "activity":
            if has_many and profile.distinct_share > 0.9:
                # Hardly two alike are no activities, unless the heading says so and no other one does.
                return 0.5 if confidence >= _CLEAR else 0.3
            return 0.3 if case is not None and is_constant_within(profile, case) else 1.0
        case "resource" | "org_unit":
            return 0.4 if has_many and profile.distinct_share > 0.95 else 1.0
        case "cost":
            return 1.0 if profile.numeric_share >= 0.8 else 0.0
        case "lifecycle":
            return 1.0 if _are_transitions(profile) else 0.5
        case "instance":
            return 0.3 if has_many and profile.distinct_share < 0.2 else 1.0
        case _:
            return 0.5 if has_many and profile.distinct_share > 0.5 else 1.0


def is_constant_within(profile: ColumnProfile, case: ColumnProfile) -> bool:
    """Tell whether a column hardly ever differs within a case, as far as the sample can show it."""
    cases, varying = within_case_variation(profile, case)
    return cases >= _ENOUGH_CASES and varying < 0.05


def _are_transitions(profile: ColumnProfile) -> bool:
    values = {value.lower().replace("ё", "е") for value in profile.values if value is not None}
    return len(values & TRANSITIONS) >= 0.8 * len(values)


def case_by_values(table: Table, *, taken: Sequence[str]) -> ColumnProfile | None:
    """Return the column that looks most like a case id: many different values, each of them repeated."""
    fitting = [
        profile
        for profile in table.profiles
        if profile.name not in (*taken, *table.times)
        and profile.filled_share > 0.95
        and 1 < profile.distinct <= profile.filled / 1.5
        and (profile.filled < _ENOUGH_ROWS or profile.distinct**2 >= profile.filled)
        and not _is_fraction(profile)
    ]
    return max(fitting, key=lambda profile: (profile.distinct, _has_digits(profile)), default=None)


def activity_by_values(table: Table, *, taken: Sequence[str], case: ColumnProfile) -> ColumnProfile | None:
    """Return the column that looks most like the activity: few different words that change within most cases."""
    best, most = None, 0.5
    for profile in table.profiles:
        is_word = profile.numeric_share < 0.5 and 2 <= profile.distinct <= max(30, profile.filled / 5)
        if profile.name in (*taken, *table.times) or profile.is_of_case or not is_word or profile.filled_share < 0.9:
            continue
        _, varying = within_case_variation(profile, case)
        if varying > most:
            best, most = profile, varying
    return best


def _is_fraction(profile: ColumnProfile) -> bool:
    return (
        any(mark in value for value in profile.values[:100] if value for mark in ".,") and profile.numeric_share > 0.5
    )


def _has_digits(profile: ColumnProfile) -> bool:
    return any(character.isdigit() for value in profile.values[:1] if value for character in value)
