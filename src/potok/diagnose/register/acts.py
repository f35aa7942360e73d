"""What binds a process: the rank of the act that governs it decides who could amend it."""

import re
from enum import StrEnum
from typing import Final

from potok.diagnose.register.agencies import FEDERAL_AGENCIES
from potok.diagnose.register.model import Process


class ActRank(StrEnum):
    """Rank of an act."""

    FEDERAL_LAW = "federal_law"
    FEDERAL_ACT = "federal_act"
    REGIONAL_LAW = "regional_law"
    REGIONAL_ACT = "regional_act"
    OWN_ACT = "own_act"
    UNKNOWN = "unknown"


_RANKS: Final = tuple(
    (rank, re.compile(pattern))
    for rank, pattern in (
        (
            ActRank.FEDERAL_LAW,
            r"федеральн\w+ (?:конституционн\w+ )?закон|\bфкз\b|\bфз\b|кодекс|\bконституци|закон\w* (?:рф|российской)|"
            r"federal law|\bcode\b",
        ),
        (
            ActRank.FEDERAL_ACT,
            # Whoever names Russia or a body of hers is taken to stand above the ministry. Orders of federal ministries
            # that bind others carry numbers such as «57н».
            rf"указ\w* президента|\bрф\b|\bросси[ияюей]\b|российск\w+ федераци\w+|\bфедеральн\w+|{FEDERAL_AGENCIES}|"
            r"№ ?\d+н\b|\bфгос\b|\bгост\b|federal|\brussian?\b",
        ),
        (
            ActRank.REGIONAL_LAW,
            r"^закон|\bзакон\w* (?:области|края|республики|города|округа|[а-я-]+ой области)|regional law",
        ),
        (
            ActRank.REGIONAL_ACT,
            r"указ\w* (?:губернатора|главы)|(?:постановлени|распоряжени)\w+ (?:правительства|губернатора|главы|"
            r"администраци|"
            r"кабинета)|утв\w*\.? (?:правительств|губернатор|глав|администраци|кабинет)\w*|\bдум[аыеу]\b|"
            r"\bсовет\w* (?:народных )?депутатов|(?:городск|районн|муниципальн|областн|сельск|поселков)\w+ совет\w*|"
            r"законодательн\w+ (?:собрани|орган)\w*|собрани\w+ депутатов|(?:государственн|народн)\w+ собрани\w+|"
            r"представительн\w+ (?:орган|собрани)\w*|\bхурал\w*|\bкурулта\w+|"
            r"regional|\bduma\b|(?:city|district|municipal) council|council of deputies|legislative assembly",
        ),
        (
            ActRank.OWN_ACT,
            r"приказ|распоряжени|регламент|инструкци|положени|порядок|правила|стандарт|протокол|поручени|устав|"
            r"order|regulation|instruction|internal",
        ),
    )
)


def rank_of(act: str) -> ActRank:
    """Return the rank of an act by its name; the rank of the highest that it names."""
    lower = act.casefold().replace("ё", "е")
    return next((rank for rank, pattern in _RANKS if pattern.search(lower)), ActRank.UNKNOWN)


def binding_acts(process: Process) -> tuple[str, ...]:
    """Return the acts of a process that the ministry cannot amend by itself, or of which nobody can tell it."""
    return tuple(act for act in process.acts if rank_of(act) is not ActRank.OWN_ACT)
