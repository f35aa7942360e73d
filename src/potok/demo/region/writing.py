"""Making the region: its log, protocols and truth as files."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from potok.core.calendars import load_calendar
from potok.core.language import gettext as _
from potok.demo.permit_files import DemoFolderError
from potok.demo.region.agencies import AGENCIES, load_agency
from potok.demo.region.extract import AgencyRows, as_table, collect_rows
from potok.demo.region.projects import load_projects
from potok.demo.region.protocols import make_protocol
from potok.demo.region.truth import SCHEMA, agency_record, iterate_effects
from potok.demo.region.worlds import AgencyRun, Period, run_agency
from potok.verify.protocol.writing import render_protocol

ZONE: Final = "Europe/Kaliningrad"
START_ON: Final = date(2023, 1, 1)
UNTIL_ON: Final = date(2026, 1, 1)
LOG_NAME: Final = "region.csv"
TRUTH_NAME: Final = "truth.json"
PROTOCOLS: Final = "protocols"


@dataclass(frozen=True, slots=True)
class RegionFiles:
    """The files of a made-up region; `rows` is how many its log has."""

    log: Path
    truth: Path
    protocols: tuple[Path, ...]
    rows: int


def region_period() -> Period:
    """Return the three years of the region."""
    return Period(START_ON, UNTIL_ON, load_calendar("ru", zone=ZONE))


def make_region(
    folder: Path, *, seed: int = 1, scale: float = 1.0, note: Callable[[str], None] = lambda _text: None
) -> RegionFiles:
    """Make the region's log, protocols and truth.

    Parameters
    ----------
    folder
        Where they go; made if missing. Each file is replaced whole or not at all.
    seed
        Same seed and scale, same bytes.
    scale
        Factor of arrivals and staff; 1 is about 800,000 rows.
    note
        Called with the name of each agency that is done.

    Raises
    ------
    DemoFolderError
        If the folder cannot be written.
    """
    period = region_period()
    runs, collected, tables = [], [], []
    for key in AGENCIES:
        run = run_agency(load_agency(key), period=period, seed=seed, scale=scale)
        rows = collect_rows(run, period=period, seed=seed)
        runs.append(run)
        collected.append(rows)
        tables.append(as_table(run, rows, zone=ZONE))
        note(run.agency.name)
    truth = region_truth(runs, collected, period=period, seed=seed, scale=scale)
    return _write(folder, pa.concat_tables(tables), truth, period)


def region_truth(
    runs: Sequence[AgencyRun], collected: Sequence[AgencyRows], *, period: Period, seed: int, scale: float
) -> dict[str, Any]:
    """Return what is true of the region, as `truth.json` holds it."""
    agencies = [agency_record(run, rows, period=period) for run, rows in zip(runs, collected, strict=True)]
    return {
        "schema": SCHEMA,
        "seed": seed,
        "scale": scale,
        "zone": ZONE,
        "window": {"from": period.start_on.isoformat(), "until": period.until_on.isoformat()},
        "log": {name: sum(one[name] for one in agencies) for name in ("cases", "rows", "open_cases")},
        "agencies": agencies,
        "projects": list(iterate_effects(runs, period=period, seed=seed)),
    }


def _write(folder: Path, table: pa.Table, truth: dict[str, Any], period: Period) -> RegionFiles:
    protocols = tuple(folder / PROTOCOLS / f"{project.key}.toml" for project in load_projects())
    try:
        (folder / PROTOCOLS).mkdir(parents=True, exist_ok=True)
        for path, project in zip(protocols, load_projects(), strict=True):
            protocol = make_protocol(project, look_on=period.until_on - timedelta(days=1))
            _replace(path, render_protocol(protocol).encode())
        _replace(folder / TRUTH_NAME, (json.dumps(truth, ensure_ascii=False, indent=2) + "\n").encode())
        partial = folder / f".{LOG_NAME}.part"
        pyarrow.csv.write_csv(table, partial)
        os.replace(partial, folder / LOG_NAME)
    except OSError as error:
        raise DemoFolderError(
            _("The demonstration log cannot be written: {reason}.").format(reason=error.strerror or error),
            where=str(folder),
            remedy=_("Choose a folder that you may write to and that has room."),
        ) from error
    return RegionFiles(folder / LOG_NAME, folder / TRUTH_NAME, protocols, table.num_rows)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(content)
    os.replace(partial, path)
