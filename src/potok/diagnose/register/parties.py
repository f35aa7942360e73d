"""Who asks for a process and who gets its result: outsiders, other authorities, the ministry itself, or nobody.

Whoever a text names besides is unknown: to take an unknown party for the house itself would leave applicants without
their hours, and to take it for an applicant would make some up.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from potok.diagnose.register.agencies import FEDERAL_AGENCIES
from potok.diagnose.register.cells import is_nothing
from potok.diagnose.register.model import Process, Register


class Party(StrEnum):
    """What kind of party a card names."""

    OUTSIDE = "outside"
    AUTHORITY = "authority"
    INTERNAL = "internal"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


_NOBODY: Final = re.compile(
    r"(?:подшива\w+ |хранится |помещается )?в дело|для сведения|не используется|никому|никто|никуда|не передается|"
    r"адресат\w* (?:не установлен\w*|нет|отсутств\w+)|(?:для )?внутренн\w+ пользовани\w+|"
    r"получател\w+ (?:нет|не установлен\w*)|"
    r"filed|for the file|nobody|no one|unused"
)
# Outsiders are known by the noun that a text begins with: «отдел по работе с гражданами» is a department. Its ending is
# that of a noun: «организационный отдел» is no organisation.
_ADJECTIVES: Final = (
    r"(?:(?!государственн|муниципальн|подведомственн|ответственн|должностн|уполномоченн)"
    r"[а-я-]+(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ых|их|ую|юю|ыми|ими),? (?:и )?){0,3}"
)
_PEOPLE: Final = (
    r"граждан(?:ин|к)?|жител|жильц|жилец|населени|(?:физ|юр)\.? ?лиц|лиц|заявител|соискател|получател|потребител|"
    r"посетител|пользовател|организаци|предприяти|учреждени|предпринимател|работодател|застройщик|дольщик|перевозчик|"
    r"поставщик|подрядчик|инвестор|арендатор|правообладател|землепользовател|недропользовател|водопользовател|охотник|"
    r"охотхозяйств|хозяйств|фермер|турист|нарушител|кандидат|редакци|сем|родител|матер|опекун|попечител|сирот|дети-сирот|дет|"
    r"ребенок|ребенк|подрост(?:ок|к)|школьник|студент|инвалид|ветеран|труженик|пенсионер|пациент|иностранец|иностранц|мигрант|"
    r"беженец|беженц|абонент|клиент|банк"
)
_ENDING: Final = r"(?:а|я|у|ю|о|е|и|ы|ь|й|ья|ьи|ье|ью|ом|ем|ой|ей|ов|ев|ам|ям|ами|ями|ах|ях)?"
_OUTSIDE: Final = re.compile(
    rf"(?:^|[/+;(]\s*|\bили ){_ADJECTIVES}(?:(?:{_PEOPLE}){_ENDING}\b|мать\b|от(?:ец|цы|цам|цу)\b|"
    r"(?:собственник|владел(?:ец|ьц))\w*\b(?! процесс)|член\w* сем\w+|награждаем\w+|обучающ\w+|несовершеннолетн\w+|"
    r"безработн\w+|малоимущ\w+|(?:молодеж|с?о?нко|сми|тсж|снт|кфх|ип|ооо|оао|зао|пао|ао)ь?\b|общественн\w+ совет|"
    r"директор организаци|почта россии|"
    r"(?:citizen|resident|applicant|famil|parent|employer|compan|business|organi[sz]ation|enterprise|patient|student|"
    r"supplier|veteran|pensioner)\w*)"
)
_OUTSIDE_STAFF: Final = re.compile(r"^(?:медицинск|педагогическ|социальн|научн|библиотечн)\w+ (?:и \w+ )?работник\w*")
_AUTHORITY: Final = re.compile(
    rf"{FEDERAL_AGENCIES}|"
    r"\b(?:правительств\w*|губернатор\w*|глав[аеуы]\w* (?:республик|област|кра|регион)\w*|президент\w*|"
    r"прокуратур\w*|суды?|суда|"
    r"министерств\w+ (?!труда\b)\w+|мин[а-я]{3,}(?: россии| рф)|военкомат\w*|"
    r"законодательн\w+|счетн\w+ палат\w*|федеральн\w+|администраци\w+|орган\w* (?:власти|местного)|"
    r"государственн\w+ архив\w*|authority|government|court|prosecutor)"
)
_INTERNAL: Final = re.compile(
    r"\b(?:отдел\w*|управлени\w*|департамент\w*|сектор\w*|министр\w*|заместител\w*|замминистр\w*|руководител\w*|"
    r"руководств\w*|начальник\w*|бухгалтер\w*|канцеляри\w*|юрист\w*|юридическ\w+ (?:отдел|служб)\w*|кадр\w*|служащ\w*|"
    r"сотрудник\w*|работник\w*|специалист\w*|министерств\w*|ведомств\w*|подразделени\w*|архив\w*|комисси\w*|"
    r"исполнител\w*|"
    r"аппарат\w*|центр(?:а|у|ом|е|ы|ов)?|коллеги\w*|department|unit|division|minister|ministry|staff|accounting|management|head)\b"
)

_BY_WORDS: Final = (
    (Party.OUTSIDE, _OUTSIDE_STAFF),
    (Party.OUTSIDE, _OUTSIDE),
    (Party.AUTHORITY, _AUTHORITY),
    (Party.INTERNAL, _INTERNAL),
)


def party_of(text: str, own_units: frozenset[str]) -> Party:
    """Return what kind of party a text names; unknown if nothing in it tells.

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
    return next((party for party, pattern in _BY_WORDS if pattern.search(lower)), Party.UNKNOWN)


def own_units_of(register: Register) -> frozenset[str]:
    """Return the names of the ministry's own units, as owners of processes name them."""
    return frozenset(process.owner.casefold().replace("ё", "е") for process in register.processes if process.owner)


def parties_of(texts: Iterable[str], own_units: frozenset[str]) -> frozenset[Party]:
    """Return the kinds of several parties."""
    return frozenset(party_of(text, own_units) for text in texts)


def serves_outsiders(process: Process, own_units: frozenset[str]) -> bool | None:
    """Return whether someone outside asks for a process or gets its result; None if the card does not tell."""
    kinds = parties_of((*process.started_by, *process.result_to), own_units)
    if Party.OUTSIDE in kinds:
        return True
    return False if kinds and Party.UNKNOWN not in kinds else None


def is_own_unit(text: str, owner: str) -> bool:
    """Return whether an addressee is the owner itself."""
    return bool(owner) and _plain(text) == _plain(owner)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").strip(" .").split())
