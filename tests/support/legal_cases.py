"""The terms worked out by hand: reading them, and writing them as the table of the documentation."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from potok.core.calendars import Calendar, load_calendar
from potok.core.regulations import Stop, Term, regulation_from_mapping
from support.calendars import instant_us

FILE = Path(__file__).parents[1] / "core" / "regulations" / "legal_cases.toml"


@dataclass(frozen=True)
class LegalCase:
    rule: str
    why: str
    term: Term
    calendar: Calendar
    start_us: int
    stops: tuple[Stop, ...]
    extended_us: tuple[int, ...]
    due_us: int | None
    written: dict


def read_instant(text: str, zone: str) -> int:
    day, time, *named = text.split()
    hour, minute = map(int, time.split(":"))
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC if named else ZoneInfo(zone))
    if hour == 24:
        return instant_us(midnight + timedelta(days=1))
    return instant_us(midnight.replace(hour=hour, minute=minute))


def legal_cases() -> list[LegalCase]:
    return [read_case(written) for written in tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]]


def read_case(written: dict) -> LegalCase:
    calendar = load_calendar(written.get("calendar", "ru"))
    amount, unit = written["term"].split()
    term = {"name": "term", "amount": int(amount), "unit": unit}
    term |= {key: written[key] for key in ("counted_from", "rolls_over") if key in written}
    if "extension" in written:
        term["extension"] = {"activity": "extend", "amount": written["extension"]}
    regulation = regulation_from_mapping({"service": "service", "act": "act", "terms": [term]})
    at = {text: read_instant(text, calendar.zone) for text in instants_named(written)}
    return LegalCase(
        rule=written["rule"],
        why=written["why"],
        term=regulation.terms[0],
        calendar=calendar,
        start_us=at[written["start"]],
        stops=tuple((at[begin], at.get(end)) for begin, end in written.get("stops", [])),
        extended_us=tuple(at[text] for text in written.get("extended", [])),
        due_us=at.get(written["due"]),
        written=written,
    )


def instants_named(written: dict) -> Iterator[str]:
    stops = [text for stop in written.get("stops", []) for text in stop]
    yield from filter(None, [written["start"], written["due"], *stops, *written.get("extended", [])])


def table_lines() -> list[str]:
    """Return the table of the documentation, one row per case."""
    lines = ["| # | rule | term | from | until | because |", "|---|---|---|---|---|---|"]
    for number, case in enumerate(legal_cases(), start=1):
        written = case.written
        term = [written["term"].replace("_", " ")]
        term += [f"{key.replace('_', ' ')}: {written[key]}" for key in ("counted_from", "rolls_over") if key in written]
        term += [f"calendar {written['calendar']}"] if "calendar" in written else []
        term += [f"stop {begin} – {end or '…'}" for begin, end in written.get("stops", [])]
        term += [f"extension +{written['extension']} on {at}" for at in written.get("extended", [])]
        due = written["due"] or "nobody knows yet"
        lines.append(f"| {number} | {case.rule} | {'; '.join(term)} | {written['start']} | {due} | {case.why} |")
    return lines


if __name__ == "__main__":
    print("\n".join(table_lines()))  # noqa: T201 - prints the table for the documentation
