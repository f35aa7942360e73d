"""Guessing from its name whether an activity approves, refuses or corrects, in Russian, English and Dutch.

What remains of a name without the words of decision names the level: “Permit APPROVED by SUPERVISOR” and “Permit
REJECTED by SUPERVISOR” are two answers of one level.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ApprovalWord(StrEnum):
    """What a name says of an activity."""

    DECISION = "decision"
    CHECK = "check"
    REFUSAL = "refusal"
    CORRECTION = "correction"


_REFUSAL: Final = re.compile(
    r"\b(?:не\s+согласов\w*|отказ\w*|отклон\w*|возвра[тщ]\w*|не\s+утвержд\w*|"
    r"(?:final[_\s-]?)?reject\w*|refus\w*|declin\w*|den(?:y|ied|ial)\b|not\s+approved|"
    r"afgewezen|afwijz\w*|geweiger\w*|weiger\w*|afgekeurd|afkeur\w*)"
)
_CORRECTION: Final = re.compile(
    r"\b(?:доработ\w*|исправ\w*|корректир\w*|переделк\w*|adjust\w*|correct(?:ion|ed|ing)?\b|amend\w*|revis(?:e|ed|ion)\b|"
    r"aanpass\w*|corriger\w*|herstel\w*)"
)
_DECISION: Final = re.compile(
    r"\b(?:согласов\w*|подпис\w*|виза\b|визы\b|визир\w*|завизир\w*|утвержд\w*|одобр\w*|"
    r"(?:final[_\s-]?)?approv\w*|sign(?:ed|ing|ature|-off|[\s-]off)?\b|endors\w*|authori[sz]\w*|sanction\w*|"
    r"goedkeur\w*|goedgekeurd|akkoord\w*|onderteken\w*|ondertekend|accorder\w*)"
)
_CHECK: Final = re.compile(
    r"\b(?:провер\w*|контрол\w*|рассмотр\w*|check\w*|review\w*|verif\w*|validat\w*|inspect\w*|controle\w*|controleer\w*|"
    r"toets\w*|beoordel\w*)"
)
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_LONG_WORD: Final = 5
_ENDING: Final = 3
_CYRILLIC: Final = re.compile(r"[а-яё]")


@dataclass(frozen=True, slots=True)
class NamedStep:
    """What a name says.

    Parameters
    ----------
    word
        Which kind of word it has.
    stem
        What remains without it, in a form in which the names of one level agree.
    """

    word: ApprovalWord
    stem: str


def read_name(label: str) -> NamedStep | None:
    """Return what the name of an activity says of approval; None if nothing.

    Of several words the first of these counts: refusal, correction, decision, check. A refusal names its level as
    long as something remains of its name.
    """
    text = label.casefold()
    for word, pattern in (
        (ApprovalWord.REFUSAL, _REFUSAL),
        (ApprovalWord.CORRECTION, _CORRECTION),
        (ApprovalWord.DECISION, _DECISION),
        (ApprovalWord.CHECK, _CHECK),
    ):
        if pattern.search(text):
            return NamedStep(word, _stem(text))
    return None


def _stem(text: str) -> str:
    rest = text
    for pattern in (_REFUSAL, _DECISION):
        rest = pattern.sub(" ", rest)
    return " ".join(_shortened(word) for word in _NOT_WORDS.split(rest) if word)


def _shortened(word: str) -> str:
    """Cut the ending off a long Russian word: “юристом” and “юриста” name the same person."""
    if len(word) <= _LONG_WORD or not _CYRILLIC.search(word):
        return word
    return word[: max(_LONG_WORD - 1, len(word) - _ENDING)]
