"""Who asks for a process and who gets its result: outsiders, other authorities, the ministry itself, or nobody."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from potok.diagnose.register.cells import is_nothing
from potok.diagnose.register.model import Process, Register


class Party(StrEnum):
    """What kind of party a card names."""

    OUTSIDE = "outside"
    AUTHORITY = "authority"
    INTERNAL = "internal"
    NOBODY = "nobody"


_NOBODY: Final = re.compile(
    r"(?:подшива\w+ |хранится |помещается )?в дело|для сведения|не используется|никому|никто|никуда|не передается|"
    r"адресат\w* (?:не установлен\w*|нет|отсутств\w+)|(?:для )?внутренн\w+ пользовани\w+|"
    r"получател\w+ (?:нет|не установлен\w*)|"
    r"filed|for the file|nobody|no one|unused"
)
_AUTHORITY: Final = re.compile(
    r"\b(?:правительств\w*|губернатор\w*|глав[аеуы]\w* (?:республик|област|кра|регион)\w*|президент\w*|"
    r"прокуратур\w*|суды?|суда|"
    r"министерств\w+ (?!труда\b)\w+|мин[а-я]{3,}(?: россии| рф)|росс?[а-я]{5,}|мчс|мвд|фнс|сфр|фсб|военкомат\w*|"
    r"казначейств\w*|законодательн\w+|счетн\w+ палат\w*|федеральн\w+|администраци\w+|орган\w* (?:власти|местного)|"
    r"государственн\w+ архив\w*|authority|government|court|prosecutor)"
)
_INTERNAL: Final = re.compile(
    r"\b(?:отдел\w*|управлени\w*|департамент\w*|сектор\w*|министр\w*|заместител\w*|замминистр\w*|руководител\w*|"
    r"руководств\w*|начальник\w*|бухгалтер\w*|канцеляри\w*|юрист\w*|юридическ\w+ (?:отдел|служб)\w*|кадр\w*|служащ\w*|"
    r"сотрудник\w*|работник\w*|специалист\w*|министерств\w*|ведомств\w*|подразделени\w*|архив\w*|комисси\w*|"
    r"исполнител\w*|"
    r"аппарат\w*|центр\w*|коллеги\w*|department|unit|division|minister|ministry|staff|accounting|management|head)\b"
)


def party_of(text: str, own_units: frozenset[str]) -> Party:
    """Return what kind of party a text names; whoever is neither an authority nor of the ministry is an outsider.

    Parameters
    ----------
    own_units
        Names of the ministry's own units in lower case: owners of processes.
    """
    lower = text.casefold().replace("ё", "е").strip().rstrip(".")
    if is_nothing(lower) or _NOBODY.fullmatch(lower):
        return Party.NOBODY
    if lower in own_units:
        return Party.INTERNAL
    if _AUTHORITY.search(lower):
        return Party.AUTHORITY
    return Party.INTERNAL if _INTERNAL.search(lower) else Party.OUTSIDE


def own_units_of(register: Register) -> frozenset[str]:
    """Return the names of the ministry's own units, as owners of processes name them."""
    return frozenset(process.owner.casefold().replace("ё", "е") for process in register.processes if process.owner)


def parties_of(texts: Iterable[str], own_units: frozenset[str]) -> frozenset[Party]:
    """Return the kinds of several parties."""
    return frozenset(party_of(text, own_units) for text in texts)


def serves_outsiders(process: Process, own_units: frozenset[str]) -> bool | None:
    """Return whether someone outside asks for a process or gets its result; None if the card does not say."""
    kinds = parties_of((*process.started_by, *process.result_to), own_units)
    if Party.OUTSIDE in kinds:
        return True
    return False if kinds else None


def is_own_unit(text: str, owner: str) -> bool:
    """Return whether an addressee is the owner itself."""
    return bool(owner) and _plain(text) == _plain(owner)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").strip(" .").split())
