"""Documents that processes take in and put out: which are the same, and who holds them already."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from potok.core.language import mark
from potok.diagnose.register.model import Process, Register
from potok.diagnose.register.parties import Party, parties_of
from potok.diagnose.register.words import document_heads, roots, weak_roots

SAME_DOCUMENT: Final = 0.75
# A document that so many make and use says little of who supplies whom.
MOST_PAIRS: Final = 10_000

_APPLICATION: Final = re.compile(
    r"^(?:заявлени|заявк|обращени|ходатайств|запрос|анкет|жалоб|письмо|звонок|application|request)"
)
_IDENTITY: Final = re.compile(
    r"^(?:копи\w+ )?паспорт(?:а|ов)?(?: (?:родител|заявител|гражданин|рф)\w*)?$|удостоверя\w+,? личность|"
    r"^удостоверени\w+ личности|passport"
)

_STATE: Final = tuple(
    (holder, re.compile(pattern))
    for holder, pattern in (
        (
            mark("Rosreestr (real estate register)"),
            r"\bегрн\b|\bегрп\b|росреестр|реестр\w* недвижимост|прав\w* на недвижим|кадастров\w+ паспорт",
        ),
        (
            mark("Tax service (registers of legal entities and entrepreneurs)"),
            r"\bегрюл\b|\bегрип\b|реестр\w* юридическ",
        ),
        (mark("Interior ministry (criminal records)"), r"судимост"),
        (
            mark("Tax service and Social Fund (incomes)"),
            r"(?:справк|сведени|подтвержд|документ)\w*.{0,25}(?:доход|заработ)|ндфл",
        ),
        (mark("Social Fund (insurance number)"), r"снилс|страхов\w+ номер|страхов\w+ свидетельств"),
        (mark("Tax service (taxpayer number)"), r"\bинн\b|постановк\w+ на (?:налогов|учет в налог)"),
        (
            mark("Social Fund (disability register)"),
            r"\bмсэ\b|медико-социальн|справк\w* об инвалидност|\bипр[а]?\b|программ\w+ реабилитац",
        ),
        (
            mark("Civil status register (ЗАГС)"),
            r"свидетельств\w*.{0,15}(?:рождени|брак|смерт|расторжени|усыновлени)|документ\w* о рождени|"
            r"справк\w* о смерти|"
            r"брачн\w+ свидетельств|birth certificate|marriage certificate",
        ),
        (
            mark("Interior ministry (registration at the place of residence)"),
            r"состав\w* семьи|зарегистрированн\w+ лиц|мест[ау]\w* жительств|регистрац\w+ по месту",
        ),
        (mark("Social Fund (employment record)"), r"трудов\w+ книж|трудов\w+ деятельност|\bстаж"),
        (mark("Tax service (debts)"), r"задолженност\w* по налог|исполнен\w+ обязанност\w* по уплате налог"),
        (mark("Traffic police (vehicle register)"), r"\bптс\b|\bстс\b|регистрац\w+ (?:транспортн|автомоб)"),
        (mark("Federal register of education documents"), r"диплом|документ\w* об образовани|аттестат о"),
        (mark("Register of military service"), r"военн\w+ билет"),
        (mark("Social Fund (pensions)"), r"(?:размер\w*|получени\w+|назначени\w+) пенси|пенсионн\w+ удостоверени"),
    )
)
"""Who holds which documents; background knowledge of interagency exchange, to be checked against the list in force."""


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A document that applicants bring.

    Parameters
    ----------
    name
        As most cards call it.
    wordings
        All ways in which cards call it.
    asked_by
        Codes of the processes that ask for it, in the order of the register.
    times_per_year
        How often it is brought, by the volumes that are known; None if none is.
    holder
        The state body that holds it (marked text); empty if none is known.
    made_by
        Codes of processes of the register whose result it is.
    """

    name: str
    wordings: tuple[str, ...]
    asked_by: tuple[str, ...]
    times_per_year: float | None
    holder: str
    made_by: tuple[str, ...]


@lru_cache(maxsize=100_000)
def document_key(name: str) -> tuple[str, ...]:
    """Return what a document is about, whatever it is called: the roots beside words for documents as such."""
    found = sorted(set(roots(name)))
    strong = [one for one in found if one not in document_heads() and one not in weak_roots()]
    return tuple(strong or found)


def holder_of(name: str) -> str:
    """Return the state body that holds a document (marked text); empty if none is known."""
    lower = name.casefold().replace("ё", "е")
    return next((holder for holder, pattern in _STATE if pattern.search(lower)), "")


def is_generic(name: str) -> bool:
    """Return whether a document is asked for by nature of the thing: the application itself, or proof of identity."""
    lower = name.casefold().replace("ё", "е").strip()
    return bool(_APPLICATION.search(lower) or _IDENTITY.search(lower))


def find_asked_documents(register: Register, own_units: frozenset[str]) -> tuple[AskedDocument, ...]:
    """Find the documents that applicants bring to several processes, or although the state has them.

    Applications and proof of identity are left out. A document is the same if it is about the same.

    Returns
    -------
    tuple of AskedDocument
        Those asked for by most processes first.
    """
    asked = [p for p in register.processes if Party.OUTSIDE in parties_of(p.started_by, own_units)]
    groups: dict[tuple[str, ...], dict[str, list[Process]]] = defaultdict(lambda: defaultdict(list))
    for process in asked:
        for name in process.inputs:
            if not is_generic(name):
                groups[document_key(name)][name].append(process)
    makers = _Links(register.processes)
    found = [_asked(wordings, makers) for wordings in groups.values()]
    kept = [one for one in found if len(one.asked_by) > 1 or one.holder or one.made_by]
    return tuple(sorted(kept, key=lambda one: (-len(one.asked_by), -(one.times_per_year or 0), one.name)))


def _asked(wordings: Mapping[str, list[Process]], makers: "_Links") -> AskedDocument:
    processes = {process.number: process for found in wordings.values() for process in found}
    names = sorted(wordings, key=lambda name: (-len(wordings[name]), name))
    volumes = [p.volume_per_year for p in processes.values() if p.volume_per_year is not None]
    made = {maker.number: maker for name in names for maker in makers.makers(name) if maker.number not in processes}
    return AskedDocument(
        name=names[0],
        wordings=tuple(names),
        asked_by=tuple(processes[number].code for number in sorted(processes)),
        times_per_year=sum(volumes) if volumes else None,
        holder=next(filter(None, map(holder_of, names)), ""),
        made_by=tuple(made[number].code for number in sorted(made)),
    )


class _Links:
    """Which processes put out a document that another one takes in."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self.by_root: dict[str, list[tuple[frozenset[str], Process]]] = defaultdict(list)
        for process in processes:
            for name in process.products:
                words = frozenset(roots(name))
                for one in words:
                    self.by_root[one].append((words, process))

    def makers(self, document: str) -> tuple[Process, ...]:
        """Return the processes whose result is a document, by the words that the two names share."""
        words = frozenset(roots(document))
        known = [self.by_root[one] for one in words if one in self.by_root]
        if len(words) < 2 or not known:
            return ()
        # Names that share three words in four share a rare one nearly always; the two rarest are looked at.
        near = {
            process.number: process
            for entries in sorted(known, key=len)[:2]
            for other, process in entries
            if len(words & other) >= SAME_DOCUMENT * len(words | other)
        }
        return tuple(near[number] for number in sorted(near))


def supply_links(register: Register) -> tuple[tuple[int, int], ...]:
    """Return which process supplies which: numbers of maker and user of a document, each pair once."""
    makers = _Links(register.processes)
    users: dict[str, list[int]] = defaultdict(list)
    for process in register.processes:
        for name in process.inputs:
            users[name].append(process.number)
    found = set()
    for name, numbers in users.items():
        found |= _pairs([maker.number for maker in makers.makers(name)], numbers)
    return tuple(sorted((maker, user) for maker, user in found if maker != user))


def _pairs(makers: Sequence[int], users: Sequence[int]) -> set[tuple[int, int]]:
    """Pair makers and users; where they are very many, each has one partner at least and not every other."""
    if len(makers) * len(users) <= MOST_PAIRS:
        return {(maker, user) for maker in makers for user in users}
    return {(maker, users[place % len(users)]) for place, maker in enumerate(makers)} | {
        (makers[place % len(makers)], user) for place, user in enumerate(users)
    }
