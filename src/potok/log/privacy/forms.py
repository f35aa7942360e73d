"""The forms in which personal data is written.

A form whose shape alone is telling (an e-mail address) has no `chance`. A form that ordinary numbers share (eleven
digits) has check digits, and counts only if far more values pass them than chance would let through.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final

from potok.log.privacy.personal_data import PersonalDataKind as Kind
from potok.log.privacy.screening import Sign


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """How much of a column must match before an import stops.

    Parameters
    ----------
    hits
        Distinct values that suffice.
    share
        Share of the distinct values that suffices, however few they are.
    chance
        Share of arbitrary values of the same shape that pass the check digits; 0 if there is nothing to pass.
    significance
        With `chance`: how improbable the hits must be for arbitrary values.
    groups
        Different groups (see `Form.group`) that the hits must show.
    """

    hits: int = 3
    share: float = 0.01
    chance: float = 0.0
    significance: float = 1e-6
    groups: int = 1


TELLING: Final = StoppingRule()
ONE_SUFFICES: Final = StoppingRule(hits=1)


def bare_number(chance: float) -> StoppingRule:
    """Return the rule for plain digits that pass a check by `chance`."""
    return StoppingRule(chance=chance, significance=1e-6)


def formatted_number(chance: float) -> StoppingRule:
    """Return the rule for digits grouped as usual for their kind that pass a check by `chance`."""
    # Few ordinary codes are grouped just so; two hits of two are then enough.
    return StoppingRule(chance=chance, significance=1e-3)


LETTERS: Final = "A-Za-zА-Яа-яЁё"
# Space, tab, no-break, figure, thin and narrow no-break space; the dashes that office programs put for a hyphen.
SPACES: Final = " \\t\u00a0\u2007\u2009\u202f"
DASHES: Final = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
SPACE: Final = f"[{SPACES}]"
DASH: Final = f"[{DASHES}]"
JOINT: Final = f"[{SPACES}{DASHES}]"
LEFT: Final = f"(?<![0-9{LETTERS}_+])(?<![0-9][-./_,:])(?<![{LETTERS}][-/_])"
# ".0" at the end is a whole number that went through a spreadsheet.
RIGHT: Final = f"(?![0-9{LETTERS}_]|[-/+:,][0-9]|[-/][{LETTERS}]|\\.(?!0$)[0-9])"
NO_LETTER_LEFT: Final = f"(?<![{LETTERS}])"
NO_LETTER_RIGHT: Final = f"(?![{LETTERS}])"
NO_DIGIT_RIGHT: Final = "(?![0-9])"

_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Form:
    """One way of writing one kind of personal data.

    Parameters
    ----------
    kind
        What it is.
    core
        Regular expression without its surroundings; every repetition is bounded, so that a cell of 100 MB costs no
        more than its length.
    sign
        What a value must show for this form to be looked for.
    left, right
        Look-behind and look-ahead that keep it from matching inside something longer.
    holds
        Judges what `core` matched.
    rule
        When a column's hits stop an import.
    named_only
        Looked for only in columns whose name says what they hold.
    group
        Names the group of a match, for `StoppingRule.groups`.
    """

    kind: Kind
    core: str
    sign: Sign
    left: str = LEFT
    right: str = RIGHT
    holds: Callable[[str], bool] = bool
    rule: StoppingRule = field(default=TELLING)
    named_only: bool = False
    group: Callable[[str], str] = str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression with its surroundings."""
        return re.compile(f"{self.left}(?:{self.core}){self.right}")

    def find(self, value: str) -> str | None:
        """Return the first match that holds; the empty string if there are only others; None if there is none."""
        if value.isdigit():
            return self._judge_number(value)
        found: str | None = None
        for match in self.pattern.finditer(value):
            if self.holds(match[0]):
                return match[0]
            found = ""
        return found

    def _judge_number(self, number: str) -> str | None:
        # The same without looking around, since a number by itself has no surroundings: ids come in millions.
        if not self._core_pattern.fullmatch(number):
            return None
        return number if self.holds(number) else ""

    @cached_property
    def _core_pattern(self) -> re.Pattern[str]:
        return re.compile(self.core)


def digits_of(text: str) -> str:
    """Return only the digits of a text."""
    return "".join(_DIGITS.findall(text))


beside_its_name = partial(Form, sign=Sign.WORD, left=NO_LETTER_LEFT, right=NO_DIGIT_RIGHT)
"""A form that the word for it announces: "ИНН 7707083893"."""
