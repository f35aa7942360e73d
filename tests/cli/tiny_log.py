"""A log of eight cases, small enough to read and rich enough for every part of an audit."""

from pathlib import Path

HEADER = "case,activity,started,completed,employee,department\n"
STEPS = (
    ("Register", "Ann", "Front desk", 0),
    ("Check papers", "Bob", "Licensing", 3),
    ("Ask for papers", "Bob", "Licensing", 4),
    ("Check papers", "Eve", "Licensing", 12),
    ("Decide", "Zoe", "Licensing", 15),
    ("Hand over", "Ann", "Front desk", 16),
)


def tiny_rows(*, last_case: int = 8) -> list[str]:
    """Return the rows: odd cases are asked for papers, the eighth is still open."""
    rows = []
    for case in range(1, last_case + 1):
        steps = STEPS if case % 2 else (*STEPS[:2], *STEPS[4:])
        for activity, employee, department, day in steps[: 2 if case == 8 else None]:
            at = f"2024-03-{day + case:02}T"
            rows.append(f"N-{case},{activity},{at}09:{case:02},{at}10:{case * 7:02},{employee},{department}\n")
    return rows


def write_tiny_log(path: Path, *, last_case: int = 8) -> Path:
    """Write the log as CSV."""
    path.write_text(HEADER + "".join(tiny_rows(last_case=last_case)), encoding="utf-8")
    return path
