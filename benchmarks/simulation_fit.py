"""Learn models from earlier cases and hold them against later ones; exit code 1 if a bar is missed.

    python benchmarks/simulation_fit.py [--data FOLDER] [--replications N] [LOG ...]

Distances are those of log-distance-measures 2.2.0 (hours, but NGD; lower is closer), means over the replications. Where
a log comes with its own split, the model is learnt from the first file and held against the second; else the log is
split in time: learnt as if extracted on the day of the split, held against the cases that begin afterwards. Beside the
model stand the sampling floor (the earlier log against the later one) and whole earlier cases begun when the later ones
truly were. Published or earlier measured figures of others are quoted where the split is the same or stated.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from environment import HERE
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping
from potok.log.store import LogStore
from potok.simulate.validation import Validation, validate

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
REPLICATIONS: Final = 20
NAMES: Final = ("ngd", "aed", "car", "ced", "red", "ctd")


@dataclass(frozen=True, slots=True)
class Log:
    """A log, and what is known of it.

    `others` are figures of another tool, in the order of `NAMES` (None: not given), `whose` says whose. `floor_times`:
    the bar is so many times the sampling floor on NGD, RED and CTD.
    """

    name: str
    train: str
    test: str = ""
    share: float = 0.5
    whose: str = ""
    others: tuple[float | None, ...] = ()
    floor_times: float | None = None
    is_bar: bool = True


LOGS: Final = (
    Log(
        "LoanApp simplified",
        "sim-loanapp-simplified/LoanApp_simplified_train.csv.gz",
        "sim-loanapp-simplified/LoanApp_simplified_test.csv.gz",
        whose="Simod 5.2.1, one shot",
        others=(0.117, 99.2, 107.5, 0.482, 5.17, 12.16),
        floor_times=2.0,
    ),
    Log(
        "academic credentials",
        "academic-credentials/AcademicCredentials_train.csv.gz",
        "academic-credentials/AcademicCredentials_test.csv.gz",
        whose="supplied Prosimos model",
        others=(0.230, 105.6, 105.7, 3.41, 78.0, 175.5),
    ),
    Log(
        "P2P (purchasing example)",
        "purchasing-example/PurchasingExample.csv.gz",
        share=0.8,
        whose="AgentSimulator, published",
        others=(0.537, 1118.0, None, 1.60, 661.0, 490.0),
    ),
    Log(
        "BPIC12 W",
        "bpic12-loan/BPIC_2012_W.csv.gz",
        share=0.8,
        whose="AgentSimulator, published",
        others=(0.256, 141.1, None, 2.09, 93.3, 92.7),
    ),
    Log("Loan application (Prosimos)", "sim-loan-application/Loan_Application.csv.gz"),
    Log("Procure to pay (Prosimos)", "sim-procure-to-pay/Procure_to_Pay.csv.gz"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("logs", nargs="*", help="beginnings of names; all by default")
    options = parser.parse_args()
    chosen = [log for log in LOGS if not options.logs or any(log.name.startswith(one) for one in options.logs)]
    if not options.data.is_dir():
        print(f"{options.data} is not there: nothing is measured, and simulation_fit.md stays as it is.")
        return 0
    parts, missed = [], []
    with tempfile.TemporaryDirectory() as folder:
        for log in chosen:
            text, failures = measured(log, options.data, Path(folder), options.replications)
            print(text, flush=True)
            parts.append(text)
            missed += failures
    verdict = "All bars are held." if not missed else "Missed: " + "; ".join(missed) + "."
    print(verdict)
    if not options.logs:
        written = "\n".join(
            ["# How closely models repeat what they were not learnt from", "", __doc__.strip(), "", *parts, verdict, ""]
        )
        (HERE / "simulation_fit.md").write_text(written, encoding="utf-8")
    return 1 if missed else 0


def measured(log: Log, data: Path, folder: Path, replications: int) -> tuple[str, list[str]]:
    train = imported(data / log.train, folder)
    test = imported(data / log.test, folder) if log.test else None
    began = time.process_time()
    found = validate(train, test, train_share=log.share, replications=replications, seed=1)
    took = time.process_time() - began
    rows = [
        ("Potok", found.simulated),
        ("sampling floor", found.sampling_floor),
        ("earlier cases at true starts", found.resampled),
    ]
    lines = [
        f"## {log.name}",
        "",
        f"{found.train_cases} cases before, {found.test_cases} after; {took:.1f} CPU s.",
        "",
        "| log | NGD | AED | CAR | CED | RED | CTD |",
        "|---|---|---|---|---|---|---|",
        *(table_row(name, tuple(asdict(distances).values())) for name, distances in rows),
    ]
    if log.others:
        lines.append(table_row(log.whose, log.others))
    lines.append("")
    return "\n".join(lines), failures(log, found)


def failures(log: Log, found: Validation) -> list[str]:
    missed = []
    ours = asdict(found.simulated)
    for name, other in zip(NAMES, log.others, strict=False):
        if other is not None and ours[name] > other:
            missed.append(f"{log.name} {name.upper()} {ours[name]:.3g} > {other:.3g} ({log.whose})")
    if log.floor_times is not None:
        floor = asdict(found.sampling_floor)
        missed += [
            f"{log.name} {name.upper()} {ours[name]:.3g} > {log.floor_times:g} x floor {floor[name]:.3g}"
            for name in ("ngd", "red", "ctd")
            if ours[name] > log.floor_times * floor[name]
        ]
    return missed


def table_row(name: str, values: tuple[float | None, ...]) -> str:
    return f"| {name} | " + " | ".join("–" if value is None else f"{value:.3g}" for value in values) + " |"


def imported(source: Path, folder: Path) -> LogStore:
    return import_log(ImportRequest((str(source),), folder / source.name.split(".")[0], Mapping(zone="UTC")))


if __name__ == "__main__":
    sys.exit(main())
