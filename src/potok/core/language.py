"""The language of what Potok says: gettext catalogues for Russian and English."""

import gettext as gettext_module
import locale
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final, Literal

Language = Literal["ru", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")
CATALOGUE_FOLDER: Final = Path(__file__).parent.parent / "locale"

_language: ContextVar[Language | None] = ContextVar("potok_language", default=None)


def set_language(language: Language) -> None:
    """Set the language of messages in this context.

    Raises
    ------
    ValueError
        If the language is not one of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    _language.set(language)


def current_language() -> Language:
    """Return the language set, else the one the environment's locale asks for."""
    return _language.get() or _language_of_environment()


def _language_of_environment() -> Language:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "ru" if value.lower().startswith("ru") else "en"
    # Windows sets none of these.
    return "ru" if (locale.getlocale()[0] or "").lower().startswith("ru") else "en"


@cache
def _catalogue(language: Language) -> gettext_module.NullTranslations:
    return gettext_module.translation("potok", CATALOGUE_FOLDER, [language], fallback=True)


def gettext(message: str) -> str:
    """Translate a message written in English."""
    return _catalogue(current_language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a message that depends on a count (Russian has three forms)."""
    return _catalogue(current_language()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Translate a message whose English is ambiguous without its context."""
    return _catalogue(current_language()).pgettext(context, message)


def quoted(text: str) -> str:
    """Put a text in the quotation marks of the current language."""
    return gettext("“{text}”").format(text=text)


def mark(message: str) -> str:
    """Mark a message for the catalogue, to be translated when it is shown."""
    return message
