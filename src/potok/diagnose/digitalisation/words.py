"""Guessing from names by which medium a step is done, whether a machine performs it, and whether it asks for papers."""

import re
from enum import StrEnum
from typing import Final

from potok.measure.channel_words import guess_is_digital


class Medium(StrEnum):
    """How a step is done."""

    AUTOMATIC = "automatic"
    """By a machine, without anybody."""
    DIGITAL = "digital"
    """By a person, on a portal or by electronic exchange."""
    COUNTER = "counter"
    """In person: at a counter, in an МФЦ, by telephone."""
    PAPER = "paper"
    """On paper, by post or courier."""
    UNKNOWN = "unknown"


_SYSTEM: Final = re.compile(
    r"(?:^|[\W_])(?:systems?|robots?|bots?|auto|automat(?:ic|ed|ion)?|batch\s?job|scheduler|daemon|service\s?account|rpa|"
    r"workflow|систем(?:а|ы|е|ой|ный|ная|ное)|роботы?|автомат(?:ически\w*|ика)?|бот|шлюз\w*|смэв|планировщик\w*)"
    r"(?:$|[\W_])"
)
_AUTOMATIC_STEP: Final = re.compile(r"\b(?:automat\w*|автоматич\w*|auto-\w+)")
_COUNTER: Final = re.compile(
    r"(?:\bмфц\b|многофункц\w*|\bлично\b|личн\w+\s+при[её]м\w*|\bочн\w+|окн[оае]\b|телефон\w*|визит\w*|\bdesk\b|"
    r"\bcounter\b|\bphone\b|\bin[\s-]person\b|\bvisit\w*|\bbalie\b|\btelefon\w*)"
)
_PAPER: Final = re.compile(
    r"(?:бума[гж]\w*|распечат\w*|\bпечат\w*|сканиров\w*|курьер\w*|нарочн\w*|\bфакс\w*|конверт\w*|заказн\w+\s+письм\w*|"
    r"\bprint\w*|\bscan\w*|\bpaper\w*|\bletter\w*|\bcourier\w*|\bfax\w*|\benvelope\w*|\bafdruk\w*|\bbrief\w*)"
)
_REQUEST: Final = re.compile(
    r"(?:запр[оа][сш]\w*|истреб\w*|недостающ\w*|"
    r"\brequest\w*\s+(?:for\s+)?(?:\w+\s+)?(?:document\w*|paper\w*|information|info|data)|\bask\w*\s+for\b|"
    r"\bmissing\s+(?:document\w*|information|data)|\bopvragen\b|\baanvullende\s+gegevens\b)"
)


def guess_medium(name: str) -> Medium:
    """Return by which medium a step or channel of this name is done; unknown if the name says none, or several."""
    text = name.casefold()
    if _AUTOMATIC_STEP.search(text):
        return Medium.AUTOMATIC
    found = {
        Medium.DIGITAL: guess_is_digital(name) is True,
        Medium.COUNTER: _COUNTER.search(text) is not None,
        Medium.PAPER: _PAPER.search(text) is not None,
    }
    said = [medium for medium, is_said in found.items() if is_said]
    if len(said) == 1:
        return said[0]
    if not said and guess_is_digital(name) is False:
        return Medium.PAPER
    return Medium.UNKNOWN


def is_system(performer: str) -> bool:
    """Return whether the name of a performer is that of a machine."""
    return _SYSTEM.search(performer.casefold()) is not None


def asks_for_papers(activity: str) -> bool:
    """Return whether an activity's name says that documents or information are asked for."""
    return _REQUEST.search(activity.casefold()) is not None
