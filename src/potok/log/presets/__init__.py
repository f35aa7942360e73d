"""Ready mappings for exports of known systems: which headings play which role, what codes mean, what ends a case.

A preset is a TOML file here or of the user's own, so that what differs between agencies can be changed without code.
"""

import tomllib
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason

FOLDER: Final = Path(__file__).parent
ROLES: Final = (
    "case_id",
    "activity",
    "completed_at",
    "started_at",
    "enabled_at",
    "resource",
    "org_unit",
    "cost",
    "lifecycle",
    "instance",
    "outcome",
    "channel",
    "service",
    "agency",
)


class UnknownPresetError(UsageError):
    """There is no ready mapping of that name."""

    code = "POTOK-L058"


class BrokenPresetError(UsageError):
    """The file of a ready mapping cannot be used."""

    code = "POTOK-L059"


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known beforehand about the exports of a system.

    Parameters
    ----------
    name, title
        Its short name, and what it is for, in the user's language.
    column_candidates
        For each role of `potok.log.mapping.Mapping` the headings that may play it, the likeliest first. Compare them
        without regard to case, blanks and punctuation (`normalise_heading`).
    renames
        Label in the source to label in the log. Those that do not occur in a log are to be ignored.
    closing_values
        Activities (after renaming) that end a case; to be ignored where they do not occur.
    waiting_for_applicant
        Activities (after renaming) after which the case waits for the applicant.
    uncertain
        What is not confirmed by a source and should be checked by the agency.
    """

    name: str
    title: str
    column_candidates: ReadOnly[str, tuple[str, ...]]
    renames: tuple[tuple[str, str], ...] = ()
    closing_values: tuple[str, ...] = ()
    waiting_for_applicant: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = field(default=())


def list_presets() -> tuple[str, ...]:
    """List the names of the ready mappings."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load_preset(name: str) -> Preset:
    """Load a ready mapping by its name, or one's own by the path of its TOML file.

    Raises
    ------
    UnknownPresetError
        If there is none of that name.
    BrokenPresetError
        If the file is not such a mapping.
    """
    own = name.lower().endswith(".toml")
    path = Path(name) if own else FOLDER / f"{name}.toml"
    if not own and name not in list_presets():
        raise UnknownPresetError(
            _("There is no ready mapping «{name}».").format(name=name),
            remedy=_("Ready mappings: {names}. Or give the path of a TOML file.").format(
                names=", ".join(list_presets())
            ),
        )
    try:
        return _preset(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise _broken(path, system_reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(path, str(error)) from error


def normalise_heading(heading: str) -> str:
    """Return a heading as it is compared: lower case, ё as е, letters and digits only."""
    lower = heading.casefold().replace("ё", "е").replace("№", "номер")
    return "".join(letter for letter in lower if letter.isalnum())


def _preset(name: str, content: dict[str, Any]) -> Preset:
    columns = content["columns"]
    unknown = sorted(set(columns) - set(ROLES))
    if unknown:
        raise ValueError(_("unknown roles {names}").format(names=", ".join(unknown)))
    statuses = content.get("status", [])
    return Preset(
        name=name,
        title=_in_language(content["title"]),
        column_candidates={role: tuple(map(str, headings)) for role, headings in columns.items()},
        renames=tuple((str(status["code"]), str(status["label"])) for status in statuses if "code" in status),
        closing_values=_labels(statuses, "final"),
        waiting_for_applicant=_labels(statuses, "waits_for_applicant"),
        uncertain=tuple(_in_language(note) for note in content.get("uncertain", [])),
    )


def _labels(statuses: list[dict[str, Any]], mark: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(status["label"]) for status in statuses if status.get(mark, False)))


def _in_language(texts: dict[str, str]) -> str:
    return texts[current_language()]


def _broken(path: Path, reason: str) -> BrokenPresetError:
    return BrokenPresetError(
        _("The ready mapping {path} cannot be used: {reason}.").format(path=path, reason=reason),
        where=str(path),
        remedy=_("Compare it with {example}.").format(example=FOLDER / "epgu.toml"),
    )
