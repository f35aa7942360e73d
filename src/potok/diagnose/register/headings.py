"""Which column of a register holds what, by its heading: Russian or English, in the words offices use."""

import re
from collections.abc import Sequence
from typing import Final

from potok.diagnose.register.model import Field

# In this order: the first pattern that fits decides, so that the narrow stand before the wide.
_PATTERNS: Final[tuple[tuple[Field, str], ...]] = (
    (Field.LOG, r"журнал\w* событий|ссылк\w* на (?:журнал|лог)|\bлог\b|event ?log|^log\b"),
    (Field.PROPOSED, r"предложени\w* (?:для|о|к|по) включени|включ\w+ в программ|эффективн\w+ регион|propos"),
    (Field.PROBLEMS, r"проблем|замечани|потер[иь]|problem|issue"),
    (
        Field.INPUTS,
        r"вход\w*.{0,25}документ|документ\w*.{0,25}(?:вход|на входе)|необходим\w+ документ|"
        r"запрашиваем\w+ документ|^вход\w*$|\binputs?\b|incoming|documents? required",
    ),
    (
        Field.OUTPUTS,
        r"(?:исходящ|выход)\w*.{0,25}документ|документ\w*.{0,25}(?:на выходе|исходящ)|^выход\w*$|\boutputs?\b|outgoing",
    ),
    (Field.PARENTS, r"родительск|вышестоящ\w+ процесс|надпроцесс|parent"),
    (Field.CHILDREN, r"дочерн|подпроцесс|вложенн\w+ процесс|child|subprocess"),
    (Field.STAFF_HOURS_PER_CASE, r"(?:трудо|чел|staff|hours).*(?:на (?:один|одну|одно|1|единиц)|per (?:case|unit))"),
    (
        Field.STAFF_HOURS,
        r"трудо[её]мк|трудозатрат|трудов\w+ затрат|чел\W{0,3}\s?-?\s?ч|человеко|staff hours|person.?hours|"
        r"hours per year|effort",
    ),
    (
        Field.VOLUME,
        r"(?:количеств|объ[её]м|число)\w*.{0,40}(?:год|случа|заявлен|обращен|услуг|экземпл)|"
        r"^(?:количество|объ[её]м)$|volume|cases per year|per year",
    ),
    (Field.LEAD_TIME_UNIT, r"(?:единиц|ед\.).{0,25}(?:впп|измер|времен|срок)|unit"),
    (
        Field.LEAD_TIME,
        r"\bвпп\b|врем\w+ протекани|срок\w*.{0,30}(?:исполнени|выполнени|предоставлени|процесс|оказани)|"
        r"длительност|продолжительност|lead ?time|duration|^срок$",
    ),
    (Field.STARTED_BY, r"от кого|инициатор|заявител|поставщик\w* вход|from whom|initiator|^from$|applicant"),
    (Field.RESULT_TO, r"кому|получател|потребител|адресат|клиент|to whom|recipient|customer|consumer"),
    (
        Field.START_EVENT,
        r"событи\w+.{0,12}начал|начал\w+.{0,10}(?:событи|процесс)|начало|основани\w+ для начал|"
        r"start|trigger",
    ),
    (Field.RESULT, r"результат|завершени|окончани|result|outcome|finish"),
    (Field.AUTHORITY, r"полномочи|authority"),
    (
        Field.ACT,
        r"регламентир|нормативн|\bнорм\w*\.? акт|правов\w+ акт|^акты?$|\bнпа\b|документ\w*.{0,20}основани|^основание|"
        r"^регламент|регулир|regulat|legal basis|^act\b|\blaw\b",
    ),
    (Field.LEVEL, r"уров(?:ень|ни)|level"),
    (Field.OWNER, r"владел[еь]ц|ответственн|owner|responsible"),
    (Field.PARTICIPANTS, r"участник|соисполнител|исполнител|participant|actors?\b"),
    (
        Field.SYSTEMS,
        r"информационн\w+ систем|автоматизирован\w+ систем|\bис\b|программн\w+ (?:продукт|обеспеч|средств)|"
        r"^системы?$|systems?\b|software",
    ),
    (Field.DESCRIPTION, r"описани|содержани|кратк\w+ характерист|description|summary"),
    (Field.CODE, r"\bкод\b|шифр|идентификатор|рег\w*\W{0,2}(?:номер|№)|\bcode\b|^id$"),
    (Field.NAME, r"(?:наименовани|названи)\w*|^процесс\w*$|^услуга$|process name|^process$|^name$|^title$"),
)
_COMPILED: Final = tuple((field, re.compile(pattern)) for field, pattern in _PATTERNS)
# A name of something else than the process itself.
_OTHER_NAME: Final = re.compile(r"(?:наименовани|названи)\w*.{0,20}(?:орган|подраздел|ведомств|министер|учрежд)")
_NUMBERING: Final = re.compile(r"^(?:№|n|no|#)?\s*\.?\s*(?:п\s*/?\s*п)?\.?$|^номер(?: по порядку)?$|^number$")


def field_of(heading: str) -> Field | None:
    """Return what a column holds by its heading; None if the heading is unknown or only numbers the rows."""
    text = " ".join(heading.casefold().replace("ё", "е").replace("_", " ").split())
    if not text or is_numbering(heading) or _OTHER_NAME.search(text):
        return None
    return next((field for field, pattern in _COMPILED if pattern.search(text)), None)


def is_numbering(heading: str) -> bool:
    """Return whether a column only numbers the rows."""
    return _NUMBERING.match(" ".join(heading.casefold().split())) is not None


def fields_of(headings: Sequence[str]) -> tuple[dict[Field, int], list[int], list[int]]:
    """Assign columns to fields.

    Returns
    -------
    tuple
        Column of each field (the first that fits; for names the best); columns with a heading that says nothing known;
        columns whose field has a column already.
    """
    found: dict[Field, int] = {}
    unknown, twice = [], []
    for column, heading in enumerate(headings):
        field = field_of(heading)
        if field is None:
            if heading.strip() and not is_numbering(heading):
                unknown.append(column)
        elif field in found:
            twice.append(column)
        else:
            found[field] = column
    return found, unknown, twice
