"""Commands that list the cases behind a figure, as they can be copied from a report."""

import re
import shlex
from typing import Final

from potok.report.measured import Audit

_SAFE_NAME: Final = re.compile(r"[\w./:@=\\-]+")


def cases_command(audit: Audit, *, finding: str = "", case_filter: str = "") -> str:
    """Return the command that lists cases of an audited log.

    Parameters
    ----------
    finding
        Id of a finding; its cases are those of the log as it was audited.
    case_filter
        Which cases, as a filter expression; beside the filter of the audit, if it had one.
    """
    asked = dict(audit.asked_with)
    own = asked.pop("--filter", "")
    kept = " and ".join(f"({part})" if own and case_filter else part for part in (own, case_filter) if part)
    options = [("--filter", kept)] if kept else []
    # Only findings depend on the rules; a list of cases by a filter needs none.
    options += [("--finding", finding), *asked.items()] if finding else []
    words = [word for name, value in options for word in ((name, quote(value)) if value else (name,))]
    return " ".join(("potok cases", quote(audit.opened_as), *words))


def row_command(audit: Audit, *, measure: str, row: dict[str, str], figure: str) -> str:
    """Return the command that lists the cases behind a figure in a row of a measure, asked as the audit was."""
    options = [("--measure", measure), *(("--row", f"{column}={value}") for column, value in row.items())]
    words = [
        word
        for name, value in (*options, ("--figure", figure), *audit.asked_with.items())
        for word in ((name, value) if value else (name,))
    ]
    return " ".join(("potok cases", quote(audit.opened_as), *(quote(word) for word in words)))


def quote(word: str) -> str:
    """Quote a word of a command if it needs it."""
    return word if _SAFE_NAME.fullmatch(word) else shlex.quote(word)
