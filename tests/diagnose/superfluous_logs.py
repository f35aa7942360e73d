"""A generated log in which each step is of a known kind, as CSV, and what people declare about it."""

import numpy as np

RULES = """
schema = "potok.step-rules/1"
gamma = 1.0
gamma_reason = "The generator draws lots."
acceptable_loss = 0.02
loss_unit = "cases that go wrong"
case_mix = ["kind"]

[[indicators]]
name = "complaints"
activities = ["Complaint"]
margin_share = 0.04

[[steps]]
activity = "Inert check"
result = "outcome"
severity = 1.0
legal = "free"
used_by = []

[[steps]]
activity = "Useful check"
result = "branching"
severity = 0.1
legal = "free"
used_by = []

[[steps]]
activity = "Guarding check"
result = "outcome"
severity = 1.0
safeguards = ["fraud", "deterrence"]
legal = "free"
used_by = []

[[steps]]
activity = "Legal check"
result = "outcome"
severity = 1.0
legal = "bound"
article = "art. 7"
used_by = []

[[steps]]
activity = "Risky check"
result = "outcome"
severity = 1.0
legal = "free"
used_by = []
"""

CHECKS = ("Inert check", "Useful check", "Guarding check", "Legal check", "Risky check")


def write_checks(cases: int, *, seed: int, harm: float = 0.15, skipped: float = 0.2) -> str:
    """Return a log: register, five checks of which some are skipped by lot, decide, and perhaps a complaint.

    Without the useful check a complaint is likelier by `harm`. The risky check finds something in simple cases almost
    never, in hard ones now and then; the others never find anything.
    """
    generator = np.random.default_rng(seed)
    lines = ["case,activity,time,kind,outcome"]
    for case in range(cases):
        kind = "hard" if generator.random() < 0.3 else "simple"
        skips = generator.random(len(CHECKS)) < skipped
        steps = [("Register", "")]
        for check, is_skipped in zip(CHECKS, skips, strict=True):
            if not is_skipped:
                steps.append((check, _result(check, kind, generator)))
        steps.append(("Decide", ""))
        chance = 0.02 + 0.04 * (kind == "hard") + harm * skips[1]
        if generator.random() < chance:
            steps.append(("Complaint", ""))
        steps.append(("Close", ""))
        begun = case * 120
        for number, (activity, result) in enumerate(steps):
            minute = begun + number * 30
            day, rest = divmod(minute, 1440)
            at = f"{np.datetime64('2024-01-01') + day} {rest // 60:02}:{rest % 60:02}:00"
            lines.append(f"c{case:05},{activity},{at},{kind},{result}")
    return "\n".join(lines) + "\n"


def _result(check: str, kind: str, generator: np.random.Generator) -> str:
    if check == "Useful check":
        return ""
    finds = check == "Risky check" and generator.random() < (0.1 if kind == "hard" else 0.0005)
    return "refused" if finds else "agreed"
