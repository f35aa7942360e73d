"""Forecasts of changes against the truth, beside an oracle that knows the structure of the process.

Run with ``python benchmarks/what_if.py [--full] [--logs N] [--coverage N] [--subject NAME] [--anew]``. Processes whose
truth is known (three of our own, two of Prosimos from ``$POTOK_SHARED_DATA``) leave a log at a load; Potok learns a
model from that log alone, applies changes to it and forecasts; an oracle has the true document and takes its numbers
from the same log. Both are compared with what the change does in the true model. Of each cell five logs are taken
(``--logs``); ``--full`` takes hidden work and drift at all loads. ``--coverage`` is the number of logs from which
intervals are judged (0: none). What was computed is kept in ``benchmarks/work/what_if.jsonl``, and an interrupted run
goes on; ``--anew`` begins again, and ``--forecasts-anew`` keeps truth and oracle, but learns and forecasts ours again,
as after a change of the program. The table goes to ``benchmarks/what_if.md``; the exit code is 1 if a bar is missed.
"""

import argparse
import sys
import time
from pathlib import Path

from kept_records import KeptRecords
from what_if_coverage import run_coverage
from what_if_figures import Effect, list_effects
from what_if_models import list_subjects
from what_if_report import is_held, render
from what_if_running import run_number, run_truth
from what_if_worlds import Condition, make_world

HERE = Path(__file__).parent
KEPT = HERE / "work" / "what_if.jsonl"
LOADS = (0.5, 0.8, 0.95)
WELL_SPECIFIED = (Condition.PLAIN, Condition.DELAYS)
MISSPECIFIED = (Condition.HIDDEN, Condition.DRIFT)
LOGS = 5


def main(arguments: list[str]) -> int:
    """Print and write the tables."""
    options = _read(arguments)
    if options.anew:
        options.kept.unlink(missing_ok=True)
    kept = KeptRecords(options.kept)
    subjects = list_subjects()
    logs = options.logs
    effects: list[Effect] = []
    for condition in (*WELL_SPECIFIED, *MISSPECIFIED):
        is_misspecified = condition in MISSPECIFIED
        for subject in subjects:
            # Only of processes of our own is it known whom hidden work would burden.
            is_left_out = is_misspecified and subject.is_imported
            if is_left_out or (options.subject and subject.name != options.subject):
                continue
            for load in (0.8,) if is_misspecified and not options.full else LOADS:
                if options.seconds and time.process_time() > options.seconds:
                    continue
                world = make_world(subject, load, condition)
                for number in range(logs):
                    record = run_number(world, number, kept, is_anew=options.forecasts_anew)
                    truth = run_truth(world, kept)
                    effects += list_effects((subject.name, load, condition.value), number, truth, record)
                sys.stderr.write(f"{world.key}: done, {time.process_time():.0f} s\n")
    coverage = run_coverage(
        subjects,
        logs=range(options.coverage_first, options.coverage),
        cpu_seconds=options.coverage_seconds,
        kept=kept,
    )
    text = render(effects, coverage, logs=logs)
    sys.stdout.write(text)
    if not options.subject:
        (HERE / "what_if.md").write_text(text, encoding="utf-8")
    return 0 if is_held(effects, coverage) else 1


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="hidden work and drift at all loads")
    parser.add_argument("--logs", type=int, default=LOGS, help="logs of each cell")
    parser.add_argument("--coverage", type=int, default=200, help="logs from which intervals are judged")
    parser.add_argument("--coverage-first", type=int, default=0, help="first of these logs, to share them out")
    parser.add_argument("--coverage-seconds", type=float, default=4000.0, help="CPU time for these logs at most")
    parser.add_argument("--subject", default="", help="only this process; the table is not written")
    parser.add_argument("--seconds", type=float, default=0.0, help="begin no cell after so much CPU time")
    parser.add_argument("--anew", action="store_true", help="forget what was computed")
    parser.add_argument("--forecasts-anew", action="store_true", help="keep truth and oracle, forecast ours again")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where results are kept")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
