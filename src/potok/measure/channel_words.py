"""Guessing from its name whether a channel is digital, by words that Russian and English agencies use."""

import re
from typing import Final

_DIGITAL: Final = re.compile(
    r"(?:эл(?:ектронн\w*|\.)?[\s-]*почт\w*|e-?mail\w*|электрон\w*|портал\w*|\bепгу\b|\bрпгу\b|гос[\s-]?услуг\w*|"
    r"онлайн\w*|on-?line\b|сайт\w*|\bweb\w*|\bвеб\w*|интернет\w*|internet\w*|личн\w+\s+кабинет\w*|"
    r"мобильн\w*\s+прилож\w*|mobile\s+app\w*|\bapp\b|portal\w*|digital\w*|цифров\w*|чат[\s-]?бот\w*|chat\s?bot\w*|"
    r"\bсмэв\b|\bapi\b|web[\s-]?form\w*)"
)
_NOT_DIGITAL: Final = re.compile(
    r"(?:\bмфц\b|многофункц\w*|\bлично\b|личн\w+\s+при[её]м\w*|\bочн\w+|при[её]мн\w*|при[её]м\b|окн[оае]\b|\bпочт\w*|"
    r"бума[гж]\w*|телефон\w*|курьер\w*|визит\w*|нарочн\w*|\bфакс\w*|desk\b|counter\b|office\b|in[\s-]person|paper\w*|"
    r"\bpost\b|\bmail\b|letter\w*|phone\w*|\bcall\b|\bfax\b|visit\w*)"
)


def guess_is_digital(channel: str) -> bool | None:
    """Return whether a channel is digital by its name; None if the name says neither or both.

    A name may hold a word of the other kind as a part (``электронная почта``); the digital phrase is taken out first.
    """
    text = channel.casefold().strip()
    rest, digital = _DIGITAL.subn(" ", text)
    is_other = _NOT_DIGITAL.search(rest) is not None
    if bool(digital) == is_other:
        return None
    return bool(digital)
