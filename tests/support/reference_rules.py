"""Declarative rules judged by the definition, trace by trace: loops where the engine has windows."""

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Trace:
    """Labels and instants in the log's order; open cases are watched until `extracted`."""

    steps: tuple[tuple[str, int], ...]
    is_open: bool = False
    extracted: int = 0


def judge(trace: Trace, template: str, within: int | None = None) -> tuple[int, int, int, int]:
    """Return activations, violations, undecided and pending ones of a rule about "a" and "b"."""
    parts = _PARTS[template]
    states = [state for part in parts for state in _states(trace, *part, within)]
    return len(states), states.count("broken"), states.count("undecided"), states.count("pending")


def _states(trace, own, other, side, closeness, is_negative, within):
    steps = trace.steps
    for i, (label, at) in enumerate(steps):
        if label != own:
            continue
        answers = [j for j, (name, then) in enumerate(steps) if name == other and _is_there(steps, i, j, side, within)]
        if is_negative:
            yield _forbidden(steps, i, answers, side, closeness)
            continue
        nearest = _nearest(answers, i, side)
        close = [j for j in nearest if _is_close(steps, i, j, own, closeness)]
        if close:
            yield "kept"
        elif _may_come(trace, i, own, other, side, closeness, within):
            yield "pending"
        elif any(name == other and then == at for name, then in steps):
            yield "undecided"
        else:
            yield "broken"


def _is_there(steps, i, j, side, within):
    if (side == "after" and j < i) or (side == "before" and j > i):
        return False
    return within is None or abs(steps[j][1] - steps[i][1]) <= within


def _nearest(answers, i, side):
    if side == "after":
        return answers[:1]
    return answers[-1:] if side == "before" else answers


def _is_close(steps, i, j, own, closeness):
    low, high = sorted((i, j))
    if closeness == "chain":
        return high == low + 1
    return closeness == "any" or all(name != own for name, _at in steps[low + 1 : high])


def _forbidden(steps, i, answers, side, closeness):
    at = steps[i][1]
    if closeness == "chain":
        answers = [j for j in answers if j == i + 1]
    if not answers:
        return "kept"
    if side == "anywhere" or closeness == "chain":
        return "broken" if side == "anywhere" or steps[answers[0]][1] > at else "undecided"
    last = max(j for j, (name, _then) in enumerate(steps) if name == steps[answers[0]][0] and j > i)
    certain = steps[answers[0]][1] > at or (last in answers and steps[last][1] > at)
    return "broken" if certain else "undecided"


def _may_come(trace, i, own, other, side, closeness, within):
    steps, at = trace.steps, trace.steps[i][1]
    if side == "before" or not trace.is_open or (within is not None and at + within < trace.extracted):
        return False
    later = [name for name, _then in steps[i + 1 :]]
    if side == "anywhere":
        return True
    if closeness == "chain":
        return not later
    return other not in later and (closeness == "any" or own not in later)


def _pair(closeness):
    return [("a", "b", "after", closeness, False), ("b", "a", "before", closeness, False)]


_BOTH = [("a", "b", "anywhere", "any", False), ("b", "a", "anywhere", "any", False)]
_NEITHER = [(*part[:4], True) for part in _BOTH]
_PARTS = {
    "responded_existence": _BOTH[:1],
    "co_existence": _BOTH,
    "not_co_existence": _NEITHER,
    "not_succession": [("a", "b", "after", "any", True)],
    "not_chain_succession": [("a", "b", "after", "chain", True)],
}
for _name, _closeness in (("", "any"), ("alternate_", "alternate"), ("chain_", "chain")):
    _PARTS[f"{_name}response"] = _pair(_closeness)[:1]
    _PARTS[f"{_name}precedence"] = _pair(_closeness)[1:]
    _PARTS[f"{_name}succession"] = _pair(_closeness)

# Regular expressions of the templates over words in which every letter is an activity (Di Ciccio and Mecella 2015, and
# for repeated a in the last one corrected).
PATTERNS = {
    "existence": ".*a.*",
    "absence": "[^a]*",
    "exactly": "[^a]*a[^a]*",
    "init": "a.*",
    "end": ".*a",
    "choice": ".*[ab].*",
    "exclusive_choice": "([^b]*a[^b]*)|([^a]*b[^a]*)",
    "responded_existence": "[^a]*((a.*b.*)|(b.*a.*))*[^a]*",
    "co_existence": "[^ab]*((a.*b.*)|(b.*a.*))*[^ab]*",
    "response": "[^a]*(a.*b)*[^a]*",
    "alternate_response": "[^a]*(a[^a]*b[^a]*)*[^a]*",
    "chain_response": "[^a]*(ab[^a]*)*[^a]*",
    "precedence": "[^b]*(a.*b)*[^b]*",
    "alternate_precedence": "[^b]*(a[^b]*b[^b]*)*[^b]*",
    "chain_precedence": "[^b]*(ab[^b]*)*[^b]*",
    "succession": "[^ab]*(a.*b)*[^ab]*",
    "alternate_succession": "[^ab]*(a[^ab]*b[^ab]*)*[^ab]*",
    "chain_succession": "[^ab]*(ab[^ab]*)*[^ab]*",
    "not_co_existence": "[^ab]*((a[^b]*)|(b[^a]*))?",
    "not_succession": "[^a]*(a[^b]*)*",
    "not_chain_succession": "[^a]*(a+[^ab][^a]*)*([^a]*|a+)",
}
WORDS = tuple("".join(word) for length in range(1, 6) for word in product("abc", repeat=length))
