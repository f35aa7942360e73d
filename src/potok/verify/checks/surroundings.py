"""Checks of what happened beside the project: neighbouring services, other projects, other agencies."""

from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.shape import dressed_share
from potok.verify.checks.weighing import FAIL_SHARE, Answer, Claim, Suspicion, Untold
from potok.verify.study import Flags, Labels, Side

BESIDE_SHARE: Final = 0.25
HANDED_SHARE: Final = 0.03
"""Of their cases, the fewest that agencies must lack to look as if they had handed some over."""
_FEWEST_CASES: Final = 100


def wait_to_neighbours(setting: Setting) -> Answer:
    """Look whether the same agency's other services have become slower, and count that time, too."""
    claim, chosen = setting.time_claim, _neighbours(setting)
    found = _neighbours_days(setting, chosen)
    if claim is None or found is None:
        return Untold("wait_to_neighbours", _NO_NEIGHBOURS)
    is_changed = chosen & _has_changed(setting)
    ratio = int(is_changed.sum()) / max(int(setting.is_after.sum()), 1)
    moved = found.scaled(ratio)
    return weigh(
        "wait_to_neighbours", moved, claim, seen=_NEIGHBOURS, case_ids=setting.worst_cases(setting.duration, is_changed)
    )


def simultaneous_projects(setting: Setting) -> Answer:
    """Look whether the same agency's other services, which the project does not touch, improved as well."""
    declared = setting.protocol.declarations.parallel_projects
    claim, found = setting.time_claim, _neighbours_days(setting, _neighbours(setting))
    if claim is None or found is None or not found.before > 0:
        return _declared(declared) if declared else Untold("simultaneous_projects", _NO_NEIGHBOURS)
    beside = found.scaled(-claim.before / found.before)
    weighed = weigh("simultaneous_projects", beside, claim, seen=_BESIDE, share=BESIDE_SHARE)
    chosen, after = _neighbours(setting), _has_changed(setting)
    weighed = _by_several(setting, weighed, claim, chosen=chosen, after=after, groups=setting.cases.service)
    return _declared(declared) if declared and not (weighed.is_material and beside.p_rise < 0.01) else weighed


def _declared(projects: tuple[str, ...]) -> Suspicion:
    return Suspicion(
        kind="simultaneous_projects",
        figure=None,
        unit="",
        limit=None,
        p_value=None,
        is_material=True,
        is_grave=False,
        seen=_PROJECTS,
        arguments={"projects": "; ".join(projects)},
    )


def _neighbours(setting: Setting) -> Flags:
    """Return the cases of other services in the agencies that take part, followed for the horizon."""
    taking_part = np.unique(setting.cases.agency.codes[setting.arms.takes_part])
    at_home = np.isin(setting.cases.agency.codes, taking_part)
    return np.asarray(~setting.study.in_population & at_home & _followed(setting))


def _followed(setting: Setting) -> Flags:
    left = setting.clock.days(setting.cases.opened_us, np.full_like(setting.cases.opened_us, setting.study.look_us))
    return np.asarray((left >= setting.horizon) & (setting.cases.opened_us >= setting.study.first_us))


def _has_changed(setting: Setting) -> Flags:
    return np.asarray((setting.arms.change_us != NEVER_US) & (setting.cases.opened_us >= setting.arms.change_us))


def _neighbours_days(setting: Setting, chosen: Flags) -> Contrast | None:
    if chosen.sum() < _FEWEST_CASES:
        return None
    days = np.minimum(setting.duration, setting.horizon)
    return setting.compare_sides(days, chosen, _has_changed(setting))


def handed_over(setting: Setting, kind: str) -> Answer:
    """Look whether compared agencies became slower when the first one changed, and look to have got its slow cases.

    A shock that slows all agencies does not do that: it takes no cases from those that changed, and leaves their
    durations in the shape of before.
    """
    claim, fall = setting.time_claim, setting.compare_openings(setting.study.in_population)
    compared = setting.arms.takes_part & ~setting.is_after
    if not setting.is_compared or claim is None or fall is None or not setting.is_after.any():
        return Untold(kind, NOTHING_TO_COMPARE)
    first_us = int(setting.arms.change_us[setting.is_after].min())
    found = setting.compare_sides(
        np.minimum(setting.duration, setting.horizon),
        compared & (setting.arms.change_us > first_us),
        np.asarray(setting.cases.opened_us >= first_us),
    )
    gone = -fall.change.value
    dressed = dressed_share(setting, gone) if gone >= HANDED_SHARE else None
    if found is None or dressed is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    later = compared & (setting.cases.opened_us >= first_us) & (setting.arms.change_us > first_us)
    # Once for the time that has left the agencies that changed, once for that which those compared have got.
    moved = found.scaled(1 + int(later.sum()) / int(setting.is_after.sum()))
    weighed = weigh(kind, moved, claim, seen=_HANDED_OVER, case_ids=setting.worst_cases(setting.duration, later))
    is_dressed = dressed >= FAIL_SHARE
    return replace(weighed, is_material=weighed.is_material and is_dressed, is_grave=weighed.is_grave and is_dressed)


def common_shock(setting: Setting) -> Answer:
    """Look whether agencies that do not change improved at the same time."""
    if setting.is_compared:
        return Untold("common_shock", _COMPARED, is_ruled_out=True)
    claim, chosen = setting.time_claim, _others(setting)
    if claim is None or chosen.sum() < _FEWEST_CASES:
        return Untold("common_shock", _NO_OTHERS)
    first_us = int(setting.arms.change_us[setting.arms.side == Side.AFTER].min(initial=NEVER_US))
    days = np.minimum(setting.duration, setting.horizon)
    found = setting.compare_sides(days, chosen, np.asarray(setting.cases.opened_us >= first_us))
    if found is None or not found.before > 0:
        return Untold("common_shock", NOTHING_TO_COMPARE)
    beside = found.scaled(-claim.before / found.before)
    weighed = weigh("common_shock", beside, claim, seen=_SHOCK, share=BESIDE_SHARE)
    after = np.asarray(setting.cases.opened_us >= first_us)
    return _by_several(setting, weighed, claim, chosen=chosen, after=after, groups=setting.cases.agency)


def _by_several(
    setting: Setting, weighed: Suspicion, claim: Claim, *, chosen: Flags, after: Flags, groups: Labels
) -> Suspicion:
    """Block only for what more than one of several others shows: one alone may have a project of its own.

    The other that gained most is left out, and the rest must explain as much.
    """
    present = np.unique(groups.codes[chosen & (groups.codes >= 0)])
    if not weighed.is_grave or len(present) < 2:
        return weighed
    days = np.minimum(setting.duration, setting.horizon)
    known = chosen & (groups.codes >= 0)
    sides = known & ~after, known & after
    sums = [np.bincount(groups.codes[side], days[side], len(groups.labels)) for side in sides]
    counts = [np.bincount(groups.codes[side], minlength=len(groups.labels)) for side in sides]
    with np.errstate(invalid="ignore", divide="ignore"):
        gained = np.nan_to_num((sums[0] / counts[0] - sums[1] / counts[1]) * counts[1])
    rest = chosen & (groups.codes != int(np.argmax(gained)))
    found = setting.compare_sides(days, rest, after) if rest.sum() >= _FEWEST_CASES else None
    if found is None or not found.before > 0:
        return weighed
    return replace(weighed, is_grave=claim.is_undone(-found.change.value * claim.before / found.before))


def _others(setting: Setting) -> Flags:
    """Return the followed cases of agencies that do not change: of the project's services, if they have any."""
    elsewhere = (setting.arms.change_us == NEVER_US) & _followed(setting)
    services = setting.protocol.change.services
    same = np.zeros(len(elsewhere), np.bool_)
    for service in services:
        same |= setting.cases.service.equals(service)
    chosen = elsewhere & same
    return np.asarray(chosen if chosen.sum() >= _FEWEST_CASES else elsewhere)


_NO_NEIGHBOURS = mark("The logs hold no other services of the agencies that change.")
_NO_OTHERS = mark("The logs hold no other agencies that could show a change common to all.")
_COMPARED = mark("Agencies that are compared take out what is common to all.")
_NEIGHBOURS = mark(
    "The agency’s other services have become slower. With the time moved there, {undone:days} of the improvement of "
    "{improvement:days} are left."
)
_BESIDE = mark(
    "The agency’s other services, which the project does not touch, improved as well. Less what they gained, "
    "{undone:days} of the improvement of {improvement:days} are left."
)
_PROJECTS = mark("The protocol names other projects that touch the same cases: {projects}.")
_HANDED_OVER = mark(
    "Agencies that had not changed became slower when the first one did, and fewer slow cases came to those that had. "
    "With the time moved there, {undone:days} of the improvement of {improvement:days} are left."
)
_SHOCK = mark(
    "Agencies that changed nothing improved at the same time. Less what they gained, {undone:days} of the improvement "
    "of {improvement:days} are left."
)
