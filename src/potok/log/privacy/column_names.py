"""Column names that say which personal data a column holds."""

import re
from typing import Final

from potok.log.privacy.personal_data import PersonalDataKind as Kind

_COLUMN_NAMES: Final[dict[Kind, re.Pattern[str]]] = {
    kind: re.compile(expression, re.IGNORECASE)
    for kind, expression in {
        Kind.SNILS: r"снилс|snils",
        Kind.INN_OF_PERSON: r"(?<![a-zа-яё])(?:инн|inn)(?![a-zа-яё])",
        Kind.INN_OF_ORGANISATION: r"(?<![a-zа-яё])(?:инн|inn)(?![a-zа-яё])",
        Kind.PASSPORT: r"паспорт|passport",
        Kind.PHONE: r"телефон|phone|(?<![а-яё])(?:тел|моб)(?![а-яё])",
        Kind.EMAIL: r"e-?mail|почт",
        Kind.FULL_NAME: (
            r"(?<![а-яё])ф\.?\s?и\.?\s?о(?![а-яё])|фамили|отчеств|surname|(?:last|full)[_ ]?name|patronymic"
        ),
        Kind.BANK_CARD: r"номер карты|card[_ ]?(?:no|number)",
    }.items()
}


def named_kinds(column: str) -> frozenset[Kind]:
    """Return the kinds of personal data that a column's name announces."""
    return frozenset(kind for kind, pattern in _COLUMN_NAMES.items() if pattern.search(column))
