"""From answers to a protocol: what was not answered is asked, and every answer is checked at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.toml_reading import read_toml
from potok.verify.protocol.errors import BadAnswerError, BrokenProtocolError, MissingAnswerError, UnknownAnswerError
from potok.verify.protocol.model import SCHEMA, Direction, Protocol
from potok.verify.protocol.questions import QUESTIONS, AnswerKind, Question
from potok.verify.protocol.reading import protocol_from_mapping

REGISTERED_ON: Final = "registered_on"
Ask = Callable[[Question], str]
_YES: Final = frozenset({"yes", "y", "true", "да", "д"})
_NO: Final = frozenset({"no", "n", "false", "нет", "н"})
_MARGIN_PARTS: Final = (4, 5)


def make_protocol(
    answers: Mapping[str, str], *, today: date, ask: Ask | None = None, tell: Callable[[str], None] = lambda _text: None
) -> Protocol:
    """Make a protocol of answers.

    Parameters
    ----------
    answers
        By the key of the question; `registered_on` may be among them.
    today
        Day of the registration, unless an answer gives another.
    ask
        Asks a person; None: what is missing takes its usual answer.
    tell
        Tells the person why an answer cannot be used; then it is asked again.

    Raises
    ------
    UnknownAnswerError, BadAnswerError, MissingAnswerError
        If an answer given beforehand belongs to no question or cannot be used, or one is missing and nobody is asked.
    BrokenProtocolError
        If the answers contradict each other; a person who is asked is told so, and asked again what contradicts.
    """
    _check_known(answers)
    said: dict[str, Any] = {}
    for question in QUESTIONS:
        if not question.applies(said):
            continue
        if question.key in answers:
            value = parse_answer(question, answers[question.key])
        else:
            value = _asked(question, ask, tell) if ask else _usual(question)
        if value is not None:
            said[question.key] = value
    registered = answers.get(REGISTERED_ON)
    day = parse_day(registered) if registered else today
    if day is None:
        raise _bad(REGISTERED_ON, registered or "", _("a day, such as 2026-03-01"))
    while True:
        try:
            return _protocol_of(said, day)
        except BrokenProtocolError as error:
            error.where = error.where.removeprefix(": ")
            again = _question_at(error.where, said)
            if ask is None or again is None or again.key in answers:
                raise
            _tell(error, tell)
            said |= {again.key: _asked(again, ask, tell)}


def _protocol_of(said: Mapping[str, Any], registered_on: date) -> Protocol:
    """Make a protocol of values by key; without a last day it is that of the look."""
    given = {key: value for key, value in said.items() if value is not None}
    head = {"schema": SCHEMA, REGISTERED_ON: registered_on, "look.last_on": said["look.on"]}
    return protocol_from_mapping(_nested(head | given), source="")


def _question_at(where: str, said: Mapping[str, Any]) -> Question | None:
    """Return the question whose answer stands at a place of the protocol; None if it was not asked."""
    asked = (question for question in QUESTIONS if question.key in said)
    return next((question for question in asked if re.match(rf"{re.escape(question.key)}\b", where)), None)


def read_answers(path: Path) -> dict[str, str]:
    """Read answers from a TOML file: keys as in a protocol, values as they would be typed, lists instead of semicolons.

    Raises
    ------
    UnknownAnswerError
        If the file cannot be read, or holds a value that is no answer.
    """
    return dict(_flat(read_toml(path, UnknownAnswerError), str(path)))


def parse_answer(question: Question, text: str) -> Any:
    """Return what an answer means; None where it leaves the key out.

    Raises
    ------
    BadAnswerError
        If it cannot be used.
    MissingAnswerError
        If it is empty, and the question needs one.
    """
    written = text.strip()
    if not written:
        return _usual(question)
    value = _PARSERS[question.kind](written, question)
    if value is None:
        raise _bad(question.key, written, _expected(question))
    return value


def _asked(question: Question, ask: Ask, tell: Callable[[str], None]) -> Any:
    while True:
        try:
            return parse_answer(question, ask(question))
        except BadAnswerError as error:
            _tell(error, tell)
        except MissingAnswerError as error:
            tell(error.message)


def _tell(error: PotokError, tell: Callable[[str], None]) -> None:
    tell(" ".join(filter(None, (error.message, error.remedy))))


def _usual(question: Question) -> Any:
    if question.usual is None:
        raise MissingAnswerError(
            _("“{title}” is not answered.").format(title=_(question.title)),
            where=question.key,
            remedy=_("Give --answer {key}=…, or answer on a terminal.").format(key=question.key),
        )
    return parse_answer(question, question.usual) if question.usual else None


def _check_known(answers: Mapping[str, str]) -> None:
    known = [question.key for question in QUESTIONS] + [REGISTERED_ON]
    for key in answers:
        if key not in known:
            raise UnknownAnswerError(
                _("No question has the key “{key}”.").format(key=key),
                where=key,
                remedy=_("Known: {known}.").format(known=", ".join(known)),
            )


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        table, _dot, name = key.rpartition(".")
        (nested.setdefault(table, {}) if table else nested)[name] = value
    return nested


def _flat(content: Mapping[str, Any], path: str, place: str = "") -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        here = f"{place}.{key}" if place else key
        if isinstance(value, Mapping):
            yield from _flat(value, path, here)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            yield here, "; ".join(value)
        elif isinstance(value, str | bool | int | float | date) and not isinstance(value, datetime):
            yield here, str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise UnknownAnswerError(
                _("“{key}” holds {found}, which cannot be used.").format(key=here, found=repr(value)[:80]),
                where=f"{path}: {here}",
                remedy=_("Give a text, a number, a day, true or false, or a list of texts."),
            )


def _bad(key: str, text: str, expected: str) -> BadAnswerError:
    return BadAnswerError(
        _("“{text}” cannot be used.").format(text=text),
        where=key,
        remedy=_("Give {expected}.").format(expected=expected),
    )


def _expected(question: Question) -> str:
    if question.kind is AnswerKind.CHOICE:
        return _("one of {choices}").format(choices=", ".join(value for value, _text in question.choices))
    return {
        AnswerKind.DAY: _("a day, such as 2026-03-01"),
        AnswerKind.NUMBER: _("a number that is not negative"),
        AnswerKind.INTEGER: _("a whole number that is not negative"),
        AnswerKind.YES_NO: _("yes or no"),
        AnswerKind.WAVES: _("AGENCY=DAY, separated by semicolons, such as Tax office=2026-03-01"),
        AnswerKind.MARGINS: _("NAME | COLUMN=VALUE | MARGIN | DAYS, such as Complaints | complaint=yes | 0.02 | 60"),
    }.get(question.kind, _("a text"))


def parse_day(text: str) -> date | None:
    """Return a day written 2026-03-01 or 01.03.2026; None if it is written otherwise."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _number(text: str) -> float | None:
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) and found >= 0 else None


def _share(text: str) -> float | None:
    """Return a share, which may be written in per cent."""
    found = _number(text.removesuffix("%"))
    return found / 100 if found is not None and text.endswith("%") else found


def _integer(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _yes_no(text: str) -> bool | None:
    word = text.lower()
    return True if word in _YES else False if word in _NO else None


def _choice(text: str, question: Question) -> str | None:
    """Return a choice by its value, or by its place in the list."""
    values = [value for value, _text in question.choices]
    if text.isdecimal() and 1 <= int(text) <= len(values):
        return values[int(text) - 1]
    return text if text in values else None


def _texts(text: str) -> list[str] | None:
    return [part.strip() for part in text.split(";") if part.strip()] or None


def _waves(text: str) -> list[dict[str, Any]] | None:
    waves = []
    for part in _texts(text) or []:
        agency, _sign, written = part.rpartition("=")
        day = parse_day(written)
        if not agency.strip() or day is None:
            return None
        waves.append({"agency": agency.strip(), "on": day})
    return waves or None


def _margins(text: str) -> list[dict[str, Any]] | None:
    margins = [_margin([part.strip() for part in one.split("|")]) for one in _texts(text) or []]
    known = [margin for margin in margins if margin is not None]
    return known if known and len(known) == len(margins) else None


def _margin(parts: list[str]) -> dict[str, Any] | None:
    if len(parts) not in _MARGIN_PARTS:
        return None
    name, marked, share, days, *direction = parts
    attribute, _sign, value = marked.partition("=")
    margin, follow_up = _share(share), _number(days)
    if not all((name, attribute.strip(), value.strip())) or margin is None or follow_up is None:
        return None
    return {
        "name": name,
        "attribute": attribute.strip(),
        "value": value.strip(),
        "direction": direction[0] if direction else Direction.LOWER_IS_BETTER.value,
        "margin_share": margin,
        "follow_up_days": follow_up,
    }


_PARSERS: Final[dict[AnswerKind, Callable[[str, Question], Any]]] = {
    AnswerKind.TEXT: lambda text, _question: text,
    AnswerKind.TEXTS: lambda text, _question: _texts(text),
    AnswerKind.DAY: lambda text, _question: parse_day(text),
    AnswerKind.NUMBER: lambda text, _question: _number(text),
    AnswerKind.INTEGER: lambda text, _question: _integer(text),
    AnswerKind.YES_NO: lambda text, _question: _yes_no(text),
    AnswerKind.CHOICE: _choice,
    AnswerKind.WAVES: lambda text, _question: _waves(text),
    AnswerKind.MARGINS: lambda text, _question: _margins(text),
}
