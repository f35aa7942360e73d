"""Names of persons in Cyrillic: with a patronymic, or a surname with initials."""

from functools import partial
from typing import Final

from potok.log.privacy.forms import NO_LETTER_LEFT, NO_LETTER_RIGHT, SPACE, Form
from potok.log.privacy.personal_data import PersonalDataKind as Kind
from potok.log.privacy.screening import TURKIC_ENDINGS, Sign, any_case

_GAP: Final = f"{SPACE}{{1,3}}"
_SMALL_GAP: Final = f"{SPACE}{{0,2}}"
_NAME: Final = "[А-ЯЁ][а-яё]{1,40}(?:-[А-ЯЁ][а-яё]{1,40})?"
_NAME_IN_CAPITALS: Final = "[А-ЯЁ]{2,40}(?:-[А-ЯЁ]{2,40})?"
_ANY_NAME: Final = f"(?:{_NAME}|{_NAME_IN_CAPITALS})"
_INITIALS: Final = f"[А-ЯЁ]\\.{_SMALL_GAP}[А-ЯЁ]\\."
# With the endings of the grammatical cases: «направлено Иванову Ивану Ивановичу».
_PATRONYMIC: Final = (
    "[А-ЯЁ](?:[а-яё]{1,30}(?:[ое]вич(?:а|у|ем|е)?|(?:[ое]вн|ичн)(?:а|ы|е|у|ой|ою))"
    "|(?:льич|узьмич|укич|омич|икитич|аввич)(?:а|у|ом|ем|е)?)"
)
_PATRONYMIC_IN_CAPITALS: Final = (
    "[А-ЯЁ](?:[А-ЯЁ]{1,30}(?:[ОЕ]ВИЧ(?:А|У|ЕМ|Е)?|(?:[ОЕ]ВН|ИЧН)(?:А|Ы|Е|У|ОЙ|ОЮ))"
    "|(?:ЛЬИЧ|УЗЬМИЧ|УКИЧ|ОМИЧ|ИКИТИЧ|АВВИЧ)(?:А|У|ОМ|ЕМ|Е)?)"
)
_TURKIC_ENDING: Final = any_case(*TURKIC_ENDINGS)
# What a column "surname" holds besides surnames.
_NO_NAMES: Final = frozenset({"да", "нет", "есть", "неизвестно", "отсутствует"})

_name_form = partial(Form, Kind.FULL_NAME, sign=Sign.NAME, left=NO_LETTER_LEFT, right=NO_LETTER_RIGHT)


def _may_be_a_surname(text: str) -> bool:
    return text.lower() not in _NO_NAMES


NAME_FORMS: Final[tuple[Form, ...]] = (
    _name_form(f"{_NAME}{_GAP}{_NAME}{_GAP}{_PATRONYMIC}"),
    _name_form(f"{_NAME}{_GAP}{_PATRONYMIC}{_GAP}{_NAME}"),
    _name_form(f"{_NAME_IN_CAPITALS}{_GAP}{_NAME_IN_CAPITALS}{_GAP}{_PATRONYMIC_IN_CAPITALS}"),
    _name_form(f"{_NAME_IN_CAPITALS}{_GAP}{_PATRONYMIC_IN_CAPITALS}{_GAP}{_NAME_IN_CAPITALS}"),
    _name_form(f"(?:{_ANY_NAME}{_GAP}){{2,3}}{_TURKIC_ENDING}"),
    _name_form(f"{_ANY_NAME}{_GAP}{_INITIALS}", right=""),
    _name_form(f"{_INITIALS}{_SMALL_GAP}{_ANY_NAME}"),
    _name_form(_ANY_NAME, holds=_may_be_a_surname, named_only=True),
)
