"""Write a generated permit log as a register would export it, and its truth."""

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.demo.permit_log import WINDOW_FROM, WINDOW_UNTIL, ZONE, PermitLog
from potok.demo.permit_process import Outcome
from potok.demo.permit_simulation import Step
from potok.demo.permit_truth import DESCRIPTIONS, WasteTruth
from potok.demo.working_time import CLOSES, HOUR, LUNCH_FROM, LUNCH_UNTIL, OPENS, RUSSIAN_HOLIDAYS, wall_clock

HEADINGS: Final = (
    "Номер заявления",
    "Услуга",
    "Канал подачи",
    "Операция",
    "Начало",
    "Окончание",
    "Исполнитель",
    "Подразделение",
    "Результат операции",
    "Пошлина",
    "Результат",
)
"""«Результат операции» is how the operation ended, «Результат» how the application ended (empty while it is open)."""

UTF8_NAME: Final = "permits.csv"
CP1251_NAME: Final = "permits-cp1251.csv"
TRUTH_NAME: Final = "truth.json"


class DemoFolderError(EnvironmentFailureError):
    """The folder for the demonstration cannot be written."""

    code = "POTOK-P002"


@dataclass(frozen=True, slots=True)
class PermitFiles:
    """The files of a written permit log."""

    utf8: Path
    cp1251: Path
    truth: Path


def write_permit_log(folder: Path, *, log: PermitLog) -> PermitFiles:
    """Write the export, its cp1251 twin and the truth into a folder, which is made if missing.

    Raises
    ------
    DemoFolderError
        If the folder cannot be written.
    """
    files = PermitFiles(utf8=folder / UTF8_NAME, cp1251=folder / CP1251_NAME, truth=folder / TRUTH_NAME)
    text = render_csv(log)
    truth = json.dumps(truth_as_json(log), ensure_ascii=False, indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(files.utf8, content=text.encode("utf-8"))
        _replace(files.cp1251, content=text.encode("cp1251"))
        _replace(files.truth, content=truth.encode("utf-8"))
    except OSError as error:
        raise DemoFolderError(
            _("The demonstration log cannot be written: {reason}.").format(reason=error.strerror or error),
            where=str(folder),
            remedy=_("Choose a folder that you may write to and that has room."),
        ) from error
    return files


def render_csv(log: PermitLog) -> str:
    """Return the export as text: one row per operation, in the order in which they began."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEADINGS)
    writer.writerows(_rows(log))
    return buffer.getvalue()


def truth_as_json(log: PermitLog) -> dict[str, Any]:
    """Return the truth about a log (schema ``potok.truth/1``, see `potok.demo.permit_truth`)."""
    return {
        "schema": "potok.truth/1",
        "seed": log.seed,
        "zone": ZONE,
        "window": {"from": f"{WINDOW_FROM}T00:00:00", "until": f"{WINDOW_UNTIL}T00:00:00"},
        "calendar": _calendar_as_json(),
        "log": _counts_as_json(log),
        "wastes": [_waste_as_json(waste) for waste in log.wastes],
    }


def _rows(log: PermitLog) -> Iterator[tuple[str, ...]]:
    for step in log.steps:
        case = log.cases[step.case]
        yield (
            case.number,
            case.service,
            case.channel,
            step.operation,
            _instant(step.started_at),
            "" if step.completed_at is None else _instant(step.completed_at),
            step.employee,
            step.unit,
            step.result,
            f"{case.duty_kopecks // 100},{case.duty_kopecks % 100:02d}",
            case.outcome,
        )


def _instant(local: int) -> str:
    return wall_clock(local).strftime("%d.%m.%Y %H:%M:%S")


def _calendar_as_json() -> dict[str, Any]:
    spans = ((OPENS, LUNCH_FROM), (LUNCH_UNTIL, CLOSES))
    return {
        "weekdays": [1, 2, 3, 4, 5],
        "hours": [[f"{start // HOUR:02d}:00", f"{end // HOUR:02d}:00"] for start, end in spans],
        "holidays": [f"{month:02d}-{day:02d}" for month, day in sorted(RUSSIAN_HOLIDAYS)],
        "holiday_transfers": False,
    }


def _counts_as_json(log: PermitLog) -> dict[str, Any]:
    steps: tuple[Step, ...] = log.steps
    outcomes = [outcome for outcome in Outcome if outcome != Outcome.NONE]
    return {
        "cases": len(log.cases),
        "rows": len(steps),
        "activities": len({step.operation for step in steps}),
        "employees": len({step.employee for step in steps if step.employee}),
        "open_cases": log.open_cases,
        "outcomes": {outcome: sum(case.outcome == outcome for case in log.cases) for outcome in outcomes},
    }


def _waste_as_json(truth: WasteTruth) -> dict[str, Any]:
    described = DESCRIPTIONS[truth.kind]
    return {
        "id": truth.kind,
        "waste": described.waste,
        "where": asdict(described.where),
        "cases": truth.cases,
        "instances": truth.instances,
        "total_seconds": truth.total_seconds,
        "staff_seconds": truth.staff_seconds,
        "definition": described.definition,
    }


def _replace(path: Path, *, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)
