"""Leaving out rules that follow from others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from potok.diagnose.conformance.rules import Template

_RESPONSES: Final = (Template.CHAIN_RESPONSE, Template.ALTERNATE_RESPONSE, Template.RESPONSE)
_PRECEDENCES: Final = (Template.CHAIN_PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.PRECEDENCE)
_SUCCESSIONS: Final = (Template.CHAIN_SUCCESSION, Template.ALTERNATE_SUCCESSION, Template.SUCCESSION)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule about activities by their codes, with its figures in both halves of the cases."""

    template: Template
    activity: int
    target: int | None
    activated_cases: int
    support: float
    confidence: float
    interest_factor: float
    tried_cases: int
    tried_kept: int

    @property
    def tried_confidence(self) -> float:
        """Share of the activated cases of the other half that keep it."""
        return self.tried_kept / self.tried_cases if self.tried_cases else 0.0


Pair = tuple[int, int]


def prune(kept: Sequence[Candidate]) -> list[Candidate]:
    """Return the rules without those that follow from others among them.

    - Of templates that imply each other for a pair, the strongest stays; a response and a precedence become a
      succession, with the figures of the weaker of both.
    - An activity that happens once in a case alternates with whatever answers it.
    - Where every case has an activity, or begins with it, it is no news that others occur with it, or after it.
    - What follows by going through a third activity is left out.
    - Activities that never meet are not said never to follow each other.
    """
    single = [one for one in kept if one.target is None]
    everywhere = {one.activity for one in single if one.template in (Template.EXISTENCE, Template.EXACTLY)}
    first = {one.activity for one in single if one.template is Template.INIT}
    last = {one.activity for one in single if one.template is Template.END}
    pairs = {(one.template, one.activity, one.target): one for one in kept if one.target is not None}
    once = {one.activity for one in single if one.template in (Template.EXACTLY, Template.ABSENCE)}
    responses = _plainly(_strongest(pairs, _RESPONSES), once, activating=0)
    precedences = _plainly(_strongest(pairs, _PRECEDENCES), once, activating=1)
    responses = _news({pair: one for pair, one in responses.items() if not _is_plain(one) or pair[1] not in last})
    precedences = _news({pair: one for pair, one in precedences.items() if not _is_plain(one) or pair[0] not in first})
    joined = _join(responses, precedences)
    ordered = set(responses) | set(precedences)
    others = [
        one
        for one in _by_template(pairs, Template.RESPONDED_EXISTENCE)
        if one.target not in everywhere and not _is_ordered(one, pairs)
    ]
    apart = _by_template(pairs, Template.NOT_CO_EXISTENCE)
    apart = [one for one in apart if one.activity < (one.target or 0)]
    strangers = {frozenset((one.activity, one.target)) for one in apart}
    never = [
        one
        for one in _by_template(pairs, Template.NOT_SUCCESSION)
        if frozenset((one.activity, one.target)) not in strangers
        and (one.target, one.activity) not in _closure(ordered)
        and one.activity not in last
        and one.target not in first
    ]
    return [*_single_news(single), *joined, *others, *apart, *never]


def _is_plain(one: Candidate) -> bool:
    return one.template in (Template.RESPONSE, Template.PRECEDENCE)


def _strongest(
    pairs: Mapping[tuple[Template, int, int], Candidate], templates: Iterable[Template]
) -> dict[Pair, Candidate]:
    found: dict[Pair, Candidate] = {}
    for template in templates:
        for (own, activity, target), one in pairs.items():
            if own is template:
                found.setdefault((activity, target), one)
    return found


def _plainly(rules: dict[Pair, Candidate], once: set[int], *, activating: int) -> dict[Pair, Candidate]:
    """Return alternate rules that an activity activates once in a case as the plain ones that they are."""
    plain = {Template.ALTERNATE_RESPONSE: Template.RESPONSE, Template.ALTERNATE_PRECEDENCE: Template.PRECEDENCE}
    return {
        pair: replace(one, template=plain[one.template]) if one.template in plain and pair[activating] in once else one
        for pair, one in rules.items()
    }


def _news(rules: dict[Pair, Candidate]) -> dict[Pair, Candidate]:
    """Leave out plain rules from a to c where rules lead from a to b and from b to c."""
    others: dict[int, set[int]] = {}
    for first, second in rules:
        others.setdefault(first, set()).add(second)
    none: set[int] = set()

    def goes_through(pair: Pair) -> bool:
        first, last = pair
        # Of activities that imply each other in both directions none is left out for the other.
        return any(
            last in others.get(middle, none)
            and first not in others.get(middle, none)
            and middle not in others.get(last, none)
            for middle in others[first] - {last}
        )

    return {pair: one for pair, one in rules.items() if not _is_plain(one) or not goes_through(pair)}


def _join(responses: dict[Pair, Candidate], precedences: dict[Pair, Candidate]) -> list[Candidate]:
    joined = []
    for pair, response in responses.items():
        if pair not in precedences:
            joined.append(response)
            continue
        precedence = precedences[pair]
        strength = max(_RESPONSES.index(response.template), _PRECEDENCES.index(precedence.template))
        weaker = min(response, precedence, key=lambda one: (one.confidence, one.activated_cases))
        joined.append(replace(weaker, template=_SUCCESSIONS[strength]))
    return joined + [one for pair, one in precedences.items() if pair not in responses]


def _by_template(pairs: Mapping[tuple[Template, int, int], Candidate], template: Template) -> list[Candidate]:
    return [one for (own, _activity, _target), one in pairs.items() if own is template]


def _is_ordered(one: Candidate, pairs: Mapping[tuple[Template, int, int], Candidate]) -> bool:
    """Return whether it is known that the target comes after the activity, or before it."""
    if one.target is None:
        return False
    forward = (Template.RESPONSE, one.activity, one.target)
    return forward in pairs or (Template.PRECEDENCE, one.target, one.activity) in pairs


def _closure(pairs: Iterable[Pair]) -> set[Pair]:
    following: dict[int, set[int]] = {}
    for first, second in pairs:
        following.setdefault(first, set()).add(second)
    found: set[Pair] = set()
    for start in following:
        waiting = [start]
        while waiting:
            for target in following.get(waiting.pop(), set()):
                if (start, target) not in found:
                    found.add((start, target))
                    waiting.append(target)
    return found


def _single_news(single: Sequence[Candidate]) -> list[Candidate]:
    """Leave out what being done exactly once, or at the beginning or end of every case, says already."""
    once = {one.activity for one in single if one.template is Template.EXACTLY}
    ends = {one.activity for one in single if one.template in (Template.INIT, Template.END)}
    return [
        one
        for one in single
        if not (one.template in (Template.EXISTENCE, Template.ABSENCE) and one.activity in once)
        and not (one.template is Template.EXISTENCE and one.activity in ends)
    ]
