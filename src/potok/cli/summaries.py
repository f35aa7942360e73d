"""A log in a few lines of text: what it holds, what is doubtful, what was guessed."""

from collections.abc import Iterable
from typing import Any, Final

from potok.core.language import gettext as _
from potok.log.guessing.result import role_name
from potok.report.formats import format_count, format_instant, format_known
from potok.report.sections.checks import CheckLine, describe_check

SURE: Final = 0.9
LIKELY: Final = 0.6


def summarise(manifest: dict[str, Any], lead_time: dict[str, Any] | None = None) -> list[str]:
    """Return what a log holds, what is doubtful and what was guessed, line by line.

    Parameters
    ----------
    manifest
        Of the log store.
    lead_time
        As in ``potok.audit/1``; left out if None.
    """
    return [
        *_table(_counts(manifest) | (_durations(lead_time) if lead_time else {})),
        *_section(_("Quality:"), _doubts(manifest)),
        *_section(_("Guessed (options and mapping files override it):"), map(_guess, manifest["guesses"])),
    ]


def _counts(manifest: dict[str, Any]) -> dict[str, str]:
    log, zone = manifest["log"], manifest["zone"]
    return {
        _("Cases"): format_count(log["cases"]),
        _("of them open"): format_count(log["open_cases"]),
        _("Events"): format_count(log["events"]),
        _("Activity instances"): format_count(log["activity_instances"]),
        _("Activities"): format_count(log["activities"]),
        _("Variants"): format_count(log["variants"]),
        _("Rows not taken"): format_count(log["rejected_rows"]),
        _("First event"): format_instant(log["first_us"], zone=zone),
        _("Last event"): format_instant(log["last_us"], zone=zone),
    }


def _durations(lead_time: dict[str, Any]) -> dict[str, str]:
    if not lead_time["closed_cases"]:
        return {}
    return {
        _("Closed cases took"): _("{median} (half of them), {p90} (nine in ten), {max} (all)").format(
            median=format_known(lead_time["median_seconds"]),
            p90=format_known(lead_time["p90_seconds"]),
            max=format_known(lead_time["max_seconds"]),
        )
    }


def _table(values: dict[str, str]) -> list[str]:
    width = max(map(len, values))
    return [f"{name:<{width}}  {value}" for name, value in values.items()]


def _doubts(manifest: dict[str, Any]) -> list[str]:
    checks = (check for check in manifest["quality"] if check["count"] and _is_worth_saying(check))
    return [line for check in checks for line in _doubt(describe_check(check))]


def _is_worth_saying(check: dict[str, Any]) -> bool:
    return check["severity"] != "info" or str(check["check"]).startswith("rejected_")


def _doubt(line: CheckLine) -> list[str]:
    """Say what was found; of a problem also what it means and what to do."""
    found = f"{line.title}: {line.extent}"
    return [found, f"  {line.meaning}"] if line.severity == "problem" and line.meaning else [found]


def _guess(guess: dict[str, Any]) -> str:
    line = _("{role}: {column}").format(role=role_name(guess["role"]), column=guess["column"])
    if guess["confidence"] >= SURE:
        return line
    doubt = _("likely") if guess["confidence"] >= LIKELY else _("doubtful, please check")
    return f"{line} ({doubt})"


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    indented = [f"  {line}" for line in lines]
    return ["", heading, *indented] if indented else []
