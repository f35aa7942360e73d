"""What people declare of a process for its diagnosis, from TOML: what no log knows, or what is else guessed from names.

Hours of duty, levels of approval, media of activities and channels, and the attribute that tells who holds a case. Each
may be left out, and is then discovered or guessed, as every result says of itself.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from potok.core.calendars import load_calendar_set
from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.toml_reading import TomlTable, read_toml
from potok.diagnose.approvals.approvals import TOLERANCE, ApprovalRules
from potok.diagnose.approvals.levels import ApprovalLevel
from potok.diagnose.digitalisation.words import Medium
from potok.diagnose.rework.event_attributes import event_attributes, full_name
from potok.diagnose.rework.holders import HOLDERS
from potok.diagnose.superfluous.declaration import StepRules
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.channels import channel_counts
from potok.measure.running import activity_labels, run

SCHEMA: Final = "potok.declared/1"
_MEDIA: Final = tuple(medium for medium in Medium if medium is not Medium.UNKNOWN)
_MOST_NAMED: Final = 20


class BrokenDeclarationError(BadDataError):
    """A file of declarations that cannot be read, or holds what none can."""

    code = "POTOK-D061"


class UnknownDeclaredError(UsageError):
    """Declarations name activities, channels or attributes that the log does not have."""

    code = "POTOK-D062"


@dataclass(frozen=True, slots=True)
class Declared:
    """What people declare of a process.

    Parameters
    ----------
    duty_calendar
        Name or file of the calendar, or the departments' calendars, of when people are on duty; empty lets it be
        discovered.
    holder
        Between whom cases are handed over: ``org_unit``, ``resource`` or an attribute of instances; empty takes
        departments where the log has any, else people.
    approvals
        Levels, corrections and watched attributes.
    media, channel_media
        Of activities and of channels, by label.
    content_id
        SHA-256 over what is declared; empty if nothing is.
    source
        What errors call the file.
    step_rules
        Margins, bounds and tags of steps, read from a file of their own.
    """

    duty_calendar: str = ""
    holder: str = ""
    approvals: ApprovalRules = field(default_factory=ApprovalRules)
    media: Mapping[str, Medium] = field(default_factory=dict)
    channel_media: Mapping[str, Medium] = field(default_factory=dict)
    content_id: str = ""
    source: str = ""
    step_rules: StepRules = field(default_factory=StepRules)

    @property
    def ledger_id(self) -> str:
        """What ids of findings of the applicants' ledger depend on: its causes rest on the hours of duty."""
        return self.content_id if self.duty_calendar else ""


def load_declared(path: str | Path) -> Declared:
    """Read declarations from a TOML file.

    Raises
    ------
    BrokenDeclarationError
        If the file does not hold any.
    UnknownCalendarError, BrokenCalendarError
        If there is no such calendar of duty, or its file does not describe one.
    """
    file = Path(path)
    return declared_from_mapping(read_toml(file, BrokenDeclarationError), file=str(file), folder=file.parent)


def declared_from_mapping(
    content: Mapping[str, Any], *, file: str = "declared", folder: Path | None = None
) -> Declared:
    """Make declarations from the content of a TOML document; errors are those of `load_declared`.

    Parameters
    ----------
    content
        What the document holds.
    file
        What errors call it.
    folder
        Where a calendar file lies that is named by a relative path.
    """
    table = TomlTable(content, file=file, place="", error=BrokenDeclarationError)
    table.choice("schema", (SCHEMA,))
    table.text("note", "")
    calendar = table.text("duty_calendar", "")
    if calendar.endswith(".toml") and folder is not None:
        calendar = str(folder / calendar)
    calendar_id = load_calendar_set(calendar).calendar_id if calendar else ""
    text = json.dumps([content, calendar_id], sort_keys=True, ensure_ascii=False, default=str)
    declared = Declared(
        duty_calendar=calendar,
        holder=table.text("holder", ""),
        approvals=_read_approvals(table.table("approvals")),
        media=_read_media(table.table("media")),
        channel_media=_read_media(table.table("channel_media")),
        content_id=hashlib.sha256(text.encode()).hexdigest(),
        source=file,
    )
    table.finish()
    return declared


def check_declared(declared: Declared, store: LogStore, *, engine: Engine | None = None) -> None:
    """Check that a log has whatever is declared, before anything long is begun.

    Raises
    ------
    UnknownDeclaredError
        If it lacks some of it; all is named together.
    """
    rules = declared.approvals
    approved = [label for level in rules.levels for label in level.activities]
    activities = [*approved, *(rules.corrections or ()), *declared.media]
    attributes = [full_name(name) for name in rules.attributes]
    if declared.holder and declared.holder not in HOLDERS:
        attributes.append(full_name(declared.holder))
    channels = run(channel_counts(CASES), store, engine) if declared.channel_media else ()
    missing = (
        *_missing(_("activity"), activities, activity_labels(store, engine).values()),
        *_missing(_("channel"), declared.channel_media, [str(row[0]) for row in channels if row[0] is not None]),
        *_missing(_("attribute of instances"), attributes, event_attributes(store)),
    )
    if missing:
        raise UnknownDeclaredError(
            _("The log does not have what is declared: {names}.").format(
                names="; ".join(name for name, _known in missing)
            ),
            where=declared.source,
            remedy=" ".join(dict.fromkeys(known for _name, known in missing)),
        )


def _missing(title: str, names: Collection[str], known: Collection[str]) -> list[tuple[str, str]]:
    """Return each name that is not known, with the sentence that says which are."""
    labels = ", ".join(sorted(known)[:_MOST_NAMED]) or "–"
    said = _("Known as {title}: {labels}.").format(title=title, labels=labels)
    return [(f"{title} {quoted(name)}", said) for name in dict.fromkeys(names) if name not in set(known)]


def _read_approvals(table: TomlTable) -> ApprovalRules:
    rules = ApprovalRules(
        levels=tuple(map(_read_level, table.tables("levels"))),
        corrections=table.texts("corrections") if table.has("corrections") else None,
        attributes=table.texts("attributes", []),
        tolerance=table.share("tolerance") if table.has("tolerance") else TOLERANCE,
    )
    table.finish()
    seen: set[str] = set()
    for label in (label for level in rules.levels for label in level.activities):
        if label in seen:
            raise table.failure("levels", _("“{name}” stands here twice.").format(name=label), _("Keep one of them."))
        seen.add(label)
    return rules


def _read_level(table: TomlTable) -> ApprovalLevel:
    approvals = table.texts("approvals")
    level = ApprovalLevel(table.text("name", approvals[0]), approvals, table.texts("refusals", []))
    table.finish()
    return level


def _read_media(table: TomlTable) -> dict[str, Medium]:
    """Read a table of labels by medium, such as ``paper = ["Печать"]``."""
    media: dict[str, Medium] = {}
    for medium in _MEDIA:
        for label in table.texts(medium.value, []):
            if label in media:
                raise table.failure(
                    medium.value, _("“{name}” stands here twice.").format(name=label), _("Keep one of them.")
                )
            media[label] = medium
    table.finish()
    return media
