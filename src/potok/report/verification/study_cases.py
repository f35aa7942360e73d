"""Every case of a verification with its side and outcome, as CSV: what an auditor recounts."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Final

from potok.log.importing.folder import replace_file
from potok.verify.study import Labels, Side
from potok.verify.verification import Verification

COLUMNS: Final = ("case_id", "agency", "service", "opened_at", "left_at", "is_closed", "side", "month", "outcome")


def write_study_cases(target: Path, found: Verification) -> None:
    """Write one row per case, in the order of opening; indicators of quality follow as 0 and 1.

    Raises
    ------
    CannotWriteError
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *(margin.name for margin in found.protocol.quality)])
    writer.writerows(_rows(found))
    replace_file(target, text.getvalue())


def _rows(found: Verification) -> Iterator[list[str]]:
    from potok.verify.quality import indicator

    cases, arms = found.study.cases, found.arms
    quality = [indicator(found.study, margin).tolist() for margin in found.protocol.quality]
    agency, service = _texts(cases.agency), _texts(cases.service)
    for place in range(len(cases)):
        outcome = float(arms.outcome[place])
        yield [
            str(cases.case_ids[place]),
            agency[place],
            service[place],
            _instant(int(cases.opened_us[place])),
            _instant(int(cases.left_us[place])),
            str(int(cases.is_closed[place])),
            Side(int(arms.side[place])).name.lower(),
            arms.months[int(arms.month[place])].strftime("%Y-%m"),
            f"{outcome:.6f}" if isfinite(outcome) else "",
            *(str(int(one[place])) for one in quality),
        ]


def _texts(labels: Labels) -> list[str]:
    known = (*labels.labels, "")
    return [known[code] for code in labels.codes.tolist()]


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).isoformat()
