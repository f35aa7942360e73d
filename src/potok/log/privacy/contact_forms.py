"""Ways to reach a person: phones and e-mail addresses."""

import re
from typing import Final

from potok.log.privacy.forms import (
    DASH,
    DASHES,
    JOINT,
    LETTERS,
    ONE_SUFFICES,
    SPACES,
    Form,
    StoppingRule,
    beside_its_name,
    digits_of,
)
from potok.log.privacy.personal_data import PersonalDataKind as Kind
from potok.log.privacy.screening import PHONE_WORDS, SHORT_PHONE_WORDS, Sign, any_case

_DIGITS: Final = re.compile(r"[0-9]+")
_TOLL_FREE: Final = ("800", "804")
_PHONE_JOINT: Final = f"[{SPACES}{DASHES}()]"


def _is_russian_phone(text: str) -> bool:
    groups = _DIGITS.findall(text)
    if len(groups[0]) > 1 and not text.startswith("+"):
        return False
    area = groups[0][1:] or groups[1]
    return len(area) in (3, 4, 5, 10) and digits_of(text)[1:4] not in _TOLL_FREE


def _is_mobile_number(text: str) -> bool:
    return text[0] in "78" and text[1] == "9"


def _is_phone_with_area(text: str) -> bool:
    digits = digits_of(text)
    return len(digits) == 10 and digits[:3] not in _TOLL_FREE


def _is_foreign_phone(text: str) -> bool:
    return not text.startswith("+7")


def _operator_of(text: str) -> str:
    return text[1:4]


_PHONE_WORD: Final = f"(?:{any_case(*PHONE_WORDS)}[^0-9]{{0,20}}|{any_case(*SHORT_PHONE_WORDS)}[^0-9{LETTERS}]{{1,5}})"
_LOCAL_PHONE: Final = f"[0-9]{{1,3}}{DASH}[0-9]{{2}}{DASH}[0-9]{{2}}"

PHONE_FORMS: Final[tuple[Form, ...]] = (
    beside_its_name(
        Kind.PHONE,
        f"{_PHONE_WORD}(?:\\+?[0-9](?:{_PHONE_JOINT}{{0,3}}[0-9]){{9,10}}|{_LOCAL_PHONE})",
    ),
    Form(
        Kind.PHONE,
        f"\\+?[78]{_PHONE_JOINT}{{0,3}}[3-9](?:{_PHONE_JOINT}{{0,2}}[0-9]){{9}}",
        Sign.GROUPED_DIGITS,
        holds=_is_russian_phone,
    ),
    Form(
        Kind.PHONE,
        f"\\([3-9][0-9]{{2,4}}\\){JOINT}?[0-9]{{1,3}}{JOINT}[0-9]{{2}}{JOINT}[0-9]{{2}}",
        Sign.GROUPED_DIGITS,
        holds=_is_phone_with_area,
    ),
    Form(Kind.PHONE, f"\\+[1-9](?:{_PHONE_JOINT}{{0,2}}[0-9]){{9,14}}", Sign.GROUPED_DIGITS, holds=_is_foreign_phone),
    Form(
        Kind.PHONE,
        "[0-9]{11}",
        Sign.PLAIN_DIGITS,
        holds=_is_mobile_number,
        # A run of ids shares its first digits; the phones of many people do not.
        rule=StoppingRule(chance=0.02, groups=3),
        group=_operator_of,
    ),
    Form(Kind.PHONE, f"[0-9]{{10,11}}|{_LOCAL_PHONE}", Sign.PLAIN_DIGITS, named_only=True),
)

_MAIL_NAME: Final = f"[{LETTERS}0-9._%+\\-]{{1,64}}"
_MAIL_HOST: Final = f"(?:[{LETTERS}0-9\\-]{{1,63}}\\.){{1,8}}[{LETTERS}]{{2,24}}"
EMAIL_FORMS: Final = (Form(Kind.EMAIL, f"{_MAIL_NAME}@{_MAIL_HOST}", Sign.AT, left="", right="", rule=ONE_SUFFICES),)
