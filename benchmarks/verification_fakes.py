"""One fake for each honesty check: ways of making a figure look better than the work has become.

A fake at strength s makes the share s of the apparent improvement; the rest is true. Where a fake cannot move the
figure that Potok counts (clock stops, complaints, empty columns), s is how much of its subject is dressed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from verification_cases import (
    HARD_FACTOR,
    HORIZON_DAYS,
    PER_CASE,
    Draft,
    Flags,
    Floats,
    Integers,
    World,
    draft_cases,
    restricted,
    starts,
)

APPARENT: Final = 0.3
"""Apparent improvement, as a share of the mean before the change."""
STRENGTHS: Final = {"weak": 0.2, "medium": 0.5, "strong": 1.0}
ELASTICITY: Final = 2.0
Generator = np.random.Generator
Dress = Callable[[Draft, float, Generator], Draft]


@dataclass(frozen=True, slots=True)
class Fake:
    """A way of dressing a figure.

    Parameters
    ----------
    kind
        The check that should see it.
    dress
        Changes a draft by a share of the apparent improvement.
    apparent
        The apparent improvement, as a share of the mean.
    keeps_effect
        Whether the true effect is the whole apparent improvement, as where only quality or records are dressed.
    months
        Months of the logs; fewer where the fake needs a part of a year.
    """

    kind: str
    dress: Dress
    apparent: float = APPARENT
    keeps_effect: bool = False
    months: int | None = None


def draft_fake(fake: Fake, strength: float, world: World, generator: Generator) -> Draft:
    """Draw a project of which a fake makes a share of the improvement."""
    true_effect = fake.apparent if fake.keeps_effect else (1 - strength) * fake.apparent
    season = 0.0 if fake.kind == "season" else world.season
    dressed = replace(world, effect=true_effect, season=season)
    if fake.months is not None:
        dressed = replace(dressed, months=fake.months)
    return fake.dress(draft_cases(dressed, generator), strength, generator)


def mean_before(draft: Draft) -> float:
    """Return the mean of a project's cases before the change, in days up to the horizon."""
    return float(restricted(draft.duration[draft.is_target & ~draft.is_after]).mean())


def spend(draft: Draft, gain: Floats, among: Flags, goal: float, order: Integers) -> Integers:
    """Choose cases until their gains make a goal: a mean over all cases after the change, in days."""
    chosen = order[among[order]]
    reached = np.cumsum(gain[chosen])
    return chosen[: int(np.searchsorted(reached, goal * draft.is_after.sum())) + 1]


def _shuffled(draft: Draft, generator: Generator) -> Integers:
    return generator.permutation(len(draft))


def _slowest(draft: Draft, generator: Generator) -> Integers:
    """Return cases in the order in which they would be dressed by one who roughly foresees how long they take."""
    return np.argsort(-draft.duration * np.exp(generator.normal(0, 0.3, len(draft))), kind="stable")


def case_mix(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Send hard applications elsewhere before they come; easy ones come instead."""
    easier = draft.duration / HARD_FACTOR
    gain = restricted(draft.duration) - restricted(easier)
    goal = strength * APPARENT * mean_before(draft)
    chosen = spend(draft, gain, draft.is_after & draft.is_hard, goal, _shuffled(draft, generator))
    draft.duration[chosen] = easier[chosen]
    draft.is_hard[chosen] = False
    return draft


def _start_later(draft: Draft, strength: float, generator: Generator, registrations: int) -> Draft:
    """Start the clock of some cases late; the first event stays where it was."""
    part = generator.uniform(0.3, 0.9, len(draft))
    gain = restricted(draft.duration) - restricted(draft.duration * (1 - part))
    goal = strength * APPARENT * mean_before(draft)
    chosen = spend(draft, gain, draft.is_after, goal, _shuffled(draft, generator))
    draft.opened[chosen] += (part * draft.duration)[chosen]
    draft.duration[chosen] *= 1 - part[chosen]
    draft.registrations[chosen] = registrations
    return draft


def clock_restarted(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Register cases anew, so that their clock begins from nothing."""
    return _start_later(draft, strength, generator, 2)


def clock_started_later(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Enter the opening when work begins, and not when the application came."""
    return _start_later(draft, strength, generator, 0)


def wait_before_registration(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Let applications lie until they are registered."""
    return _start_later(draft, strength, generator, 1)


def clock_stopped(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Let the term stand still for most of the time, which the agency's own figure leaves out."""
    return _set_aside(draft, strength, generator, "stopped")


def wait_to_applicant(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Ask applicants for papers, so that the time is theirs."""
    return _set_aside(draft, strength, generator, "applicant")


def _set_aside(draft: Draft, strength: float, generator: Generator, column: str) -> Draft:
    inside = getattr(draft, column)
    more = (draft.duration - inside) * generator.uniform(0.3, 0.9, len(draft))
    goal = strength * APPARENT * mean_before(draft)
    gain = restricted(inside + more) - restricted(inside)
    chosen = spend(draft, gain, draft.is_after, goal, _shuffled(draft, generator))
    inside[chosen] += more[chosen]
    return draft


def append(draft: Draft, places: Integers, **columns: Floats | Integers | int) -> Draft:
    """Add cases that are copies of others but for some columns; they get numbers of their own, as any case does."""
    merged = {name: np.concatenate([getattr(draft, name), getattr(draft, name)[places]]) for name in PER_CASE}
    added = np.arange(len(draft), len(draft) + len(places))
    for name, value in columns.items():
        merged[name][added] = value
    merged["first"][added] = merged["opened"][added]
    whole = replace(draft, **merged)
    order = np.argsort(whole.opened, kind="stable")
    whole = whole.where(order)
    for agency in np.unique(whole.agency).tolist():
        own = np.flatnonzero(whole.agency == agency)
        steps = np.where(np.diff(draft.number[draft.agency == agency], prepend=0) > 1, 2, 1)
        whole.number[own] = np.cumsum(np.resize(steps, len(own)))
    return whole


def cases_split(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Make four cases of one application, three of them trifles."""
    less = strength * APPARENT
    share = less / (3 * (0.83 - less))
    chosen = _draw_after(draft, share, generator)
    for _part in range(3):
        count = len(chosen)
        opened = draft.opened[chosen] + generator.uniform(0, 0.9, count)
        duration = np.maximum(draft.duration[chosen] * generator.uniform(0.05, 0.3, count) - 0.9, 0.1)
        owners = draft.applicant_id[chosen]
        draft = append(draft, chosen, opened=opened, duration=duration)
        chosen = _places_of(draft, owners)
    return draft


def _places_of(draft: Draft, owners: Integers) -> Integers:
    """Return the first case of each applicant."""
    first: dict[int, int] = {}
    for place, owner in enumerate(draft.applicant_id.tolist()):
        first.setdefault(owner, place)
    return np.asarray([first[owner] for owner in owners.tolist()], np.int64)


def _draw_after(draft: Draft, share: float, generator: Generator, among: Flags | None = None) -> Integers:
    places = np.flatnonzero(draft.is_after if among is None else among)
    count = min(round(share * int(draft.is_after.sum())), len(places))
    return np.sort(generator.choice(places, count, replace=False))


def cases_merged(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Tell two applications as one case: the shorter one, with the work of both."""
    less = strength * APPARENT
    share = less / (0.225 + 0.5 * less)
    chosen = _draw_after(draft, min(share, 1.0), generator)
    pairs = chosen[: len(chosen) // 2 * 2].reshape(-1, 2)
    is_first_shorter = draft.duration[pairs[:, 0]] <= draft.duration[pairs[:, 1]]
    kept = np.where(is_first_shorter, pairs[:, 0], pairs[:, 1])
    gone = np.where(is_first_shorter, pairs[:, 1], pairs[:, 0])
    draft.instances[kept] += draft.instances[gone]
    return _without(draft, gone, leaves_gaps=False)


def _without(draft: Draft, gone: Integers, *, leaves_gaps: bool) -> Draft:
    kept = np.ones(len(draft), np.bool_)
    kept[gone] = False
    numbers = draft.number
    rest = draft.where(np.flatnonzero(kept))
    if not leaves_gaps:
        for agency in np.unique(rest.agency).tolist():
            own = np.flatnonzero(rest.agency == agency)
            usual = np.where(np.diff(numbers[draft.agency == agency], prepend=0) > 1, 2, 1)
            rest.number[own] = np.cumsum(np.resize(usual, len(own)))
    return rest


def _broken_off(draft: Draft, strength: float, generator: Generator, outcome: int) -> Draft:
    """End cases in the middle, and let the same applicant open another one for the rest."""
    less = strength * APPARENT
    share = less / (1 - less)
    among = draft.is_after & (draft.duration > 4) & (draft.duration < 70)
    chosen = _draw_after(draft, share, generator, among)
    part = generator.uniform(0.3, 0.6, len(chosen))
    rest = draft.duration[chosen] * (1 - part)
    opened = draft.opened[chosen] + draft.duration[chosen] * part + generator.uniform(0.1, 8, len(chosen))
    ended = draft.outcome[chosen].copy()
    draft.duration[chosen] *= part
    draft.outcome[chosen] = outcome
    return append(draft, chosen, opened=opened, duration=rest, outcome=ended)


def cases_reopened(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Close a case as decided, and go on in a new one."""
    return _broken_off(draft, strength, generator, 0)


def refiled(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Return applications, and have them filed again."""
    return _broken_off(draft, strength, generator, 2)


def wait_to_other_agency(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Close a case when it goes to another agency, where it waits."""
    part = generator.uniform(0.1, 0.6, len(draft))
    gain = restricted(draft.duration) - restricted(draft.duration * part)
    goal = strength * APPARENT * mean_before(draft)
    among = draft.is_after & (draft.duration * part < 50)
    chosen = np.sort(spend(draft, gain, among, goal, _shuffled(draft, generator)))
    rest = (draft.duration * (1 - part))[chosen]
    opened = draft.opened[chosen] + (draft.duration * part)[chosen] + generator.uniform(0, 2, len(chosen))
    draft.duration[chosen] *= part[chosen]
    return append(draft, chosen, opened=opened, duration=rest, agency=1)


def wait_to_neighbours(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Move people from the neighbouring service, which waits instead."""
    moved = strength * APPARENT * mean_before(draft)
    is_changed = (draft.service == 1) & (draft.opened >= draft.change)
    ratio = int(draft.is_after.sum()) / max(int(is_changed.sum()), 1)
    draft.duration[draft.is_after] *= 1 - strength * APPARENT / (1 - (1 - strength) * APPARENT)
    room = float((HORIZON_DAYS - restricted(draft.duration[is_changed])).mean())
    part = min(moved * ratio / room, 0.95)
    short = np.maximum(HORIZON_DAYS - draft.duration, 0.0)
    draft.duration[is_changed] += part * short[is_changed]
    return draft


def refusals_up(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Refuse slow cases within days."""
    return _ended(draft, strength, generator, "outcome", 1)


def closed_before_completion(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Close slow cases on paper, and work on them afterwards."""
    return _ended(draft, strength, generator, "after_closing", 2)


def _ended(draft: Draft, strength: float, generator: Generator, column: str, value: int) -> Draft:
    quick = generator.uniform(1, 5, len(draft))
    gain = restricted(draft.duration) - restricted(quick)
    goal = strength * APPARENT * mean_before(draft)
    chosen = spend(draft, gain, draft.is_after & (gain > 0), goal, _slowest(draft, generator))
    draft.duration[chosen] = quick[chosen]
    getattr(draft, column)[chosen] = value
    return draft


def hard_cases_parked(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Never finish some hard cases; the hands that this frees make the others quicker."""
    mean = mean_before(draft)
    share = strength * APPARENT * mean / HORIZON_DAYS
    parked = _draw_after(draft, share, generator, draft.is_after & draft.is_hard)
    is_parked = np.zeros(len(draft), np.bool_)
    is_parked[parked] = True
    others = draft.is_after & ~is_parked
    goal = (1 - APPARENT) * mean * int(draft.is_after.sum()) - HORIZON_DAYS * len(parked)
    low, high = 0.05, 1.5
    for _step in range(30):
        middle = (low + high) / 2
        is_below = restricted(draft.duration[others] * middle).sum() < goal
        low, high = (middle, high) if is_below else (low, middle)
    draft.duration[others] *= (low + high) / 2
    draft.duration[parked] = 2000.0
    return draft


BACKLOG_APPARENT: Final = 0.05


def backlog_starved(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Never finish what lies open when the change comes: it makes the time before look worse."""
    usual = draft.is_target & ~draft.is_after
    recent = usual & (draft.opened > draft.change - HORIZON_DAYS) & (draft.opened + draft.duration > draft.change)
    gain = HORIZON_DAYS - restricted(draft.duration)
    goal = strength * BACKLOG_APPARENT * mean_before(draft) * int(usual.sum()) / int(draft.is_after.sum())
    chosen = spend(draft, gain, recent, goal, _shuffled(draft, generator))
    draft.duration[chosen] = 2000.0
    return draft


def applications_discouraged(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Talk those with hard applications out of applying."""
    excess = restricted(draft.duration) - restricted(draft.duration[draft.is_after]).mean()
    hard = draft.is_after & draft.is_hard
    less = strength * APPARENT * mean_before(draft)
    count = int(draft.is_after.sum())
    mean_excess = float(excess[hard].mean())
    share = less / (mean_excess + less)
    gone = generator.choice(np.flatnonzero(hard), min(round(share * count), int(hard.sum())), replace=False)
    return _without(draft, gone, leaves_gaps=False)


def rows_missing(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Leave slow cases out of the extract."""
    order = _slowest(draft, generator)
    order = order[draft.is_after[order]]
    days = restricted(draft.duration)
    total, count = days[order].sum(), len(order)
    left = (total - np.cumsum(days[order])) / np.maximum(count - np.arange(1, count + 1), 1)
    goal = total / count - strength * APPARENT * mean_before(draft)
    gone = order[: int(np.argmax(left <= goal)) + 1]
    return _without(draft, gone, leaves_gaps=True)


def codes_changed(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Give slow cases the code of a new service."""
    slow = rows_missing_places(draft, strength, generator)
    draft.service[slow] = 2
    return draft


def rows_missing_places(draft: Draft, strength: float, generator: Generator) -> Integers:
    """Return the slow cases without which the rest makes a share of the apparent improvement."""
    numbers = rows_missing(replace(draft), strength, generator)
    kept = set(zip(numbers.agency.tolist(), numbers.number.tolist(), strict=True))
    own = zip(draft.agency.tolist(), draft.number.tolist(), strict=True)
    return np.asarray([place for place, one in enumerate(own) if one not in kept], np.int64)


def baseline_slowed(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Let cases lie in the half year before the change."""
    since = starts(draft.world.months)[draft.world.change_month - 6]
    late = draft.is_target & ~draft.is_after & (draft.opened >= since)
    draft.duration[late] *= 1 + 1.6 * strength * APPARENT
    return draft


def regression_to_mean(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Choose the agency after a bad year, which goes by itself."""
    since = starts(draft.world.months)[draft.world.change_month - 12]
    late = draft.is_target & ~draft.is_after & (draft.opened >= since)
    draft.duration[late] *= 1 + 1.6 * strength * APPARENT
    draft.was_worst = True
    return draft


def _more_hands(draft: Draft, strength: float) -> float:
    """Shorten cases as more hands do; return how many more there are, as a share."""
    whole = (1 - APPARENT) / (1 - (1 - strength) * APPARENT)
    draft.duration[draft.is_after] *= whole
    return float(whole ** (-1 / ELASTICITY) - 1)


def extra_staff(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Let more people work on the cases."""
    more = _more_hands(draft, strength)
    draft.staff[0, draft.world.change_month :] = np.rint(draft.staff[0, draft.world.change_month :] * (1 + more))
    return draft


def overtime(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Let the same people work evenings and Saturdays."""
    more = _more_hands(draft, strength)
    draft.outside_share[0, draft.world.change_month :] += more / (1 + more)
    return draft


def times_back_dated(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Enter closings with an earlier date."""
    part = generator.uniform(0.3, 0.9, len(draft))
    gain = restricted(draft.duration) - restricted(draft.duration * (1 - part))
    goal = strength * APPARENT * mean_before(draft)
    chosen = spend(draft, gain, draft.is_after, goal, _shuffled(draft, generator))
    draft.recorded_after[chosen] += (part * draft.duration)[chosen]
    draft.duration[chosen] *= 1 - part[chosen]
    return draft


def complaints_harder(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Hide the form for complaints."""
    silenced = draft.is_after & (generator.uniform(size=len(draft)) < {0.2: 0.3, 0.5: 0.65}.get(strength, 0.9))
    draft.is_complained[silenced] = False
    return draft


def off_protocol(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Take the look on another day than the protocol fixed: 20, 45 or 120 days later."""
    draft.look_month -= 6
    draft.look_offset_days = {0.2: 20, 0.5: 45}.get(strength, 120)
    return draft


def season(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Judge by the months in which cases are always quick."""
    month, world = draft.month, draft.world
    wave = np.sin(2 * np.pi * (month + 0.5 - world.change_month) / 12)
    factor = 1 - strength * APPARENT * np.pi / 2 * wave
    draft.duration = np.where(draft.service == 0, draft.duration * factor, draft.duration)
    return draft


def recording_changed(draft: Draft, strength: float, generator: Generator) -> Draft:
    """Leave the columns empty by which quality is judged."""
    blank = draft.is_after & (generator.uniform(size=len(draft)) < 0.3 * strength)
    draft.has_quality[blank] = False
    return draft


def simultaneous_projects(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Let another project of the agency make all its services quicker."""
    part = (1 - APPARENT) / (1 - (1 - strength) * APPARENT)
    chosen = (draft.agency == 0) & (draft.opened >= draft.change)
    draft.duration[chosen] *= part
    return draft


def common_shock(draft: Draft, strength: float, _generator: Generator) -> Draft:
    """Let a reform make all agencies quicker on the same day."""
    part = (1 - APPARENT) / (1 - (1 - strength) * APPARENT)
    chosen = draft.opened >= starts(draft.world.months)[draft.world.change_month]
    draft.duration[chosen] *= part
    return draft


SEASON_MONTHS: Final = 32
"""Eight months after the change, of which six can be followed for the horizon."""
FAKES: Final = (
    Fake("case_mix", case_mix),
    Fake("clock_restarted", clock_restarted),
    Fake("clock_stopped", clock_stopped),
    Fake("clock_started_later", clock_started_later),
    Fake("cases_split", cases_split),
    Fake("cases_merged", cases_merged),
    Fake("cases_reopened", cases_reopened),
    Fake("refiled", refiled),
    Fake("wait_before_registration", wait_before_registration),
    Fake("wait_to_other_agency", wait_to_other_agency),
    Fake("wait_to_applicant", wait_to_applicant),
    Fake("wait_to_neighbours", wait_to_neighbours),
    Fake("refusals_up", refusals_up),
    Fake("hard_cases_parked", hard_cases_parked, apparent=APPARENT),
    Fake("backlog_starved", backlog_starved, apparent=BACKLOG_APPARENT),
    Fake("applications_discouraged", applications_discouraged),
    Fake("baseline_slowed", baseline_slowed),
    Fake("extra_staff", extra_staff),
    Fake("overtime", overtime),
    Fake("times_back_dated", times_back_dated),
    Fake("rows_missing", rows_missing),
    Fake("complaints_harder", complaints_harder, keeps_effect=True),
    Fake("closed_before_completion", closed_before_completion),
    Fake("codes_changed", codes_changed),
    Fake("off_protocol", off_protocol, keeps_effect=True),
    Fake("regression_to_mean", regression_to_mean),
    Fake("season", season, months=SEASON_MONTHS),
    Fake("recording_changed", recording_changed, keeps_effect=True),
    Fake("simultaneous_projects", simultaneous_projects),
    Fake("common_shock", common_shock),
)
