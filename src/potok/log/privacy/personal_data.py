"""What personal data was seen, and the refusal to store it unasked."""

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import mark, ngettext


class PersonalDataKind(StrEnum):
    """What the detectors look for."""

    SNILS = "snils"
    INN_OF_PERSON = "inn_of_person"
    INN_OF_ORGANISATION = "inn_of_organisation"
    PASSPORT = "passport"
    PHONE = "phone"
    EMAIL = "email"
    FULL_NAME = "full_name"
    BANK_CARD = "bank_card"


KIND_LABELS: Final[dict[PersonalDataKind, str]] = {
    PersonalDataKind.SNILS: mark("insurance number (SNILS)"),
    PersonalDataKind.INN_OF_PERSON: mark("taxpayer number (INN) of a person"),
    PersonalDataKind.INN_OF_ORGANISATION: mark("taxpayer number (INN) of an organisation"),
    PersonalDataKind.PASSPORT: mark("passport"),
    PersonalDataKind.PHONE: mark("phone number"),
    PersonalDataKind.EMAIL: mark("e-mail address"),
    PersonalDataKind.FULL_NAME: mark("name of a person"),
    PersonalDataKind.BANK_CARD: mark("bank card"),
}

_LONGEST_EXAMPLE: Final = 40
_DIGIT_OR_LETTER: Final = re.compile(r"[^\W_]")
_DIGITS_KEPT_FROM: Final = 10


@dataclass(frozen=True, slots=True)
class Detection:
    """Personal data found in a column, enough of it to stop an import.

    Parameters
    ----------
    column
        Name of the column.
    kind
        What was found.
    matched
        Distinct values that hold it.
    checked
        Distinct values of the column.
    share
        `matched` / `checked`, 0–1.
    examples
        Up to three finds, masked.
    """

    column: str
    kind: PersonalDataKind
    matched: int
    checked: int
    share: float
    examples: tuple[str, ...]


class PersonalDataError(BadDataError):
    """Columns with personal data that nobody allowed, dropped or made pseudonyms."""

    code = "POTOK-L106"

    def __init__(self, detections: Sequence[Detection], *, where: str = "") -> None:
        self.detections = tuple(detections)
        columns = list(dict.fromkeys(detection.column for detection in self.detections))
        heading = ngettext(
            "{count} column holds personal data that would be stored as it is:",
            "{count} columns hold personal data that would be stored as they are:",
            len(columns),
        ).format(count=len(columns))
        message = "\n".join([heading, *(_describe(detection) for detection in self.detections)])
        super().__init__(message, where=where, remedy=_suggest(columns))


def require_no_personal_data(
    detections: Sequence[Detection], *, allowed: Collection[str] = (), where: str = ""
) -> None:
    """Stop unless every column with personal data is one that the user knowingly keeps.

    Parameters
    ----------
    detections
        What was found.
    allowed
        Columns named with ``--allow-personal``.
    where
        The source, for the message.

    Raises
    ------
    PersonalDataError
        Listing all other columns at once.
    """
    refused = [detection for detection in detections if detection.column not in allowed]
    if refused:
        raise PersonalDataError(refused, where=where)


def mask(text: str) -> str:
    """Hide a find so that its form can be recognised but not whom it belongs to.

    The first letter stays; of ten or more digits also the first two and the last two; everything else that is a letter
    or a digit becomes a star.
    """
    shown = text[:_LONGEST_EXAMPLE]
    digits = [position for position, character in enumerate(shown) if character.isdigit()]
    letters = [position for position, character in enumerate(shown) if character.isalpha()]
    kept = set(letters[:1]) if len(letters) > 1 else set()
    if len(digits) >= _DIGITS_KEPT_FROM:
        kept |= {*digits[:2], *digits[-2:]}
    masked = "".join(
        character if position in kept or not _DIGIT_OR_LETTER.match(character) else "*"
        for position, character in enumerate(shown)
    )
    return masked + ("…" if len(text) > _LONGEST_EXAMPLE else "")


def _describe(detection: Detection) -> str:
    return _("– “{column}”: {kind}, {matched} of {checked} different values, such as {examples}").format(
        column=_printable(detection.column),
        kind=_(KIND_LABELS[detection.kind]),
        matched=detection.matched,
        checked=detection.checked,
        examples=", ".join(_printable(example) for example in detection.examples),
    )


def _suggest(columns: Sequence[str]) -> str:
    options = [
        (_("Leave out:"), "--drop-column"),
        (_("Store as pseudonyms:"), "--pseudonymise"),
        (_("Keep knowingly (this is recorded):"), "--allow-personal"),
    ]
    lines = [_("Decide for each column:")]
    for text, option in options:
        lines.append(f"– {text} " + " ".join(f"{option} {shlex.quote(_printable(column))}" for column in columns))
    return "\n".join(lines)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
