"""Honesty checks against fakes: one for each check at three strengths, and honest projects beside them.

Run with ``python benchmarks/verification_gaming.py [--runs N] [--clean N]``. Every project goes the whole road
to a verdict. The tables are printed and written to ``benchmarks/verification_gaming.md``; the exit code is 1 if a bar
is missed.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from potok.verify.effect import CheckVerdict, Effect, Verdict
from potok.verify.protocol.model import ComparisonKind
from potok.verify.verification import verify_study
from verification_cases import Draft, World, as_study, draft_cases, make_protocol
from verification_fakes import FAKES, STRENGTHS, Fake, draft_fake

SEED: Final = 20_260_423
EFFECTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4)
MOST_VERIFIED: Final = 0.01
LEAST_FLAGGED: Final = 0.9
MOST_CLEAN: Final = 0.05
SEEN: Final = (CheckVerdict.FLAGGED, CheckVerdict.FAILED)


@dataclass(frozen=True, slots=True)
class Run:
    """What a verification said of one project.

    Parameters
    ----------
    verdict
        The verdict.
    own
        What the fake's own check said; None for an honest project.
    seen
        Kinds that were flagged or failed.
    """

    verdict: Verdict
    own: CheckVerdict | None
    seen: tuple[str, ...]


def verify(draft: Draft, generator: np.random.Generator) -> Effect:
    """Go the whole road with a draft."""
    return verify_study(as_study(draft, generator), make_protocol(draft)).effect


def run_fake(fake: Fake, strength: float, run: int) -> Run:
    """Verify a project that a fake dresses."""
    place = next(place for place, one in enumerate(FAKES) if one.kind == fake.kind)
    generator = np.random.default_rng([SEED, place, round(strength * 100), run])
    effect = verify(draft_fake(fake, strength, World(), generator), generator)
    own = next(check for check in effect.checks if check.kind == fake.kind)
    return Run(effect.decision.verdict, own.verdict, _seen(effect))


def run_clean(run: int) -> Run:
    """Verify an honest project: some work, some do not, in calm and in restless agencies, against past or others."""
    generator = np.random.default_rng([SEED, 1_000, run])
    world = World(
        kind=(ComparisonKind.OWN_PAST, ComparisonKind.WAVES)[run % 2],
        effect=EFFECTS[run // 2 % len(EFFECTS)],
        cases_per_month=float(generator.uniform(60, 200)),
        season=float(generator.uniform(0, 0.2)),
        wandering=float(generator.uniform(0.02, 0.08)),
        autocorrelation=float(generator.uniform(0, 0.5)),
    )
    effect = verify(draft_cases(world, generator), generator)
    return Run(effect.decision.verdict, None, _seen(effect))


def _seen(effect: Effect) -> tuple[str, ...]:
    return tuple(check.kind for check in effect.checks if check.verdict in SEEN)


def share(runs: list[Run], test: str) -> float:
    """Return the share of runs that are `verified`, `flagged` at all, seen by their `own` check, or failed it."""
    tests = {
        "verified": [one.verdict is Verdict.VERIFIED for one in runs],
        "flagged": [bool(one.seen) for one in runs],
        "own": [one.own in SEEN for one in runs],
        "failed": [one.own is CheckVerdict.FAILED for one in runs],
    }
    return float(np.mean(tests[test])) if runs else float("nan")


def report(found: dict[tuple[str, str], list[Run]], clean: list[Run], seconds: float) -> tuple[str, bool]:
    """Return the page, and whether all bars are held."""
    strong = [one for (_kind, strength), runs in found.items() if strength == "strong" for one in runs]
    medium = [one for (_kind, strength), runs in found.items() if strength == "medium" for one in runs]
    bars = [
        ("strong fakes verified", share(strong, "verified"), MOST_VERIFIED, len(strong), False),
        ("medium fakes flagged or failed", share(medium, "flagged"), LEAST_FLAGGED, len(medium), True),
        ("medium fakes seen by their own check", share(medium, "own"), LEAST_FLAGGED, len(medium), True),
        ("honest projects with any flag", share(clean, "flagged"), MOST_CLEAN, len(clean), False),
    ]
    held = [value >= limit if is_floor else value <= limit for _name, value, limit, _count, is_floor in bars]
    lines = [
        "# Honesty checks against fakes",
        "",
        f"Made by `python benchmarks/verification_gaming.py` in {seconds:.0f} CPU seconds. A fake makes 20 % (weak),",
        "50 % (medium) or all (strong) of an apparent improvement of 30 %; the rest of it is true. *Own* is the share",
        "of runs in which the check meant for the fake flags it or fails, *failed* that in which it blocks, *any* that",
        "in which some check sees something, *verified* that of verdicts `verified`. Weak fakes have no bar: four",
        "fifths of their improvement is true.",
        "",
        "| bar | value | limit | projects | |",
        "|---|---:|---:|---:|---|",
    ]
    for (name, value, limit, count, is_floor), is_held in zip(bars, held, strict=True):
        sign = "≥" if is_floor else "≤"
        lines.append(f"| {name} | {value:.1%} | {sign} {limit:.0%} | {count} | {'held' if is_held else '**missed**'} |")
    lines += ["", *_table(found), "", *_clean_table(clean), ""]
    return "\n".join(lines), all(held)


def _table(found: dict[tuple[str, str], list[Run]]) -> Iterator[str]:
    columns = [f"{strength}: {test}" for strength in STRENGTHS for test in ("own", "failed", "any", "verified")]
    yield "| fake | " + " | ".join(columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for fake in FAKES:
        cells = []
        for strength in STRENGTHS:
            runs = found[fake.kind, strength]
            cells += [f"{share(runs, test):.0%}" for test in ("own", "failed", "flagged", "verified")]
        yield f"| `{fake.kind}` | " + " | ".join(cells) + " |"


def _clean_table(clean: list[Run]) -> Iterator[str]:
    kinds = Counter(kind for one in clean for kind in one.seen)
    named = ", ".join(f"`{kind}` {count}" for kind, count in kinds.most_common()) or "none"
    yield "Honest projects have effects of 0–40 %; half are held against their own past, half are waves."
    yield f"Checks that flagged one: {named}."


def run(*, runs: int, clean: int) -> tuple[dict[tuple[str, str], list[Run]], list[Run]]:
    """Verify `runs` projects of each fake and strength, and `clean` honest ones."""
    found = {
        (fake.kind, name): [run_fake(fake, strength, one) for one in range(runs)]
        for fake in FAKES
        for name, strength in STRENGTHS.items()
    }
    return found, [run_clean(one) for one in range(clean)]


def main() -> int:
    """Run the study; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="projects of each fake and strength")
    parser.add_argument("--clean", type=int, default=200, help="honest projects")
    given = parser.parse_args()
    started = time.process_time()
    found, clean = run(runs=given.runs, clean=given.clean)
    page, is_held = report(found, clean, time.process_time() - started)
    print(page)
    Path(__file__).with_suffix(".md").write_text(page, encoding="utf-8")
    return 0 if is_held else 1


if __name__ == "__main__":
    sys.exit(main())
