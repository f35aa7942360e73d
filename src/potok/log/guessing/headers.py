"""What headers mean: names of columns in Russian, English, Dutch and XES, with how sure each makes us."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

STANDARD_KEYS: Final[Mapping[str, str]] = {
    "case:concept:name": "case_id",
    "concept:name": "activity",
    "time:timestamp": "completed_at",
    "start_timestamp": "started_at",
    "time:enabled": "enabled_at",
    "enabled_timestamp": "enabled_at",
    "org:resource": "resource",
    "org:group": "org_unit",
    "lifecycle:transition": "lifecycle",
    "concept:instance": "instance",
    "cost:total": "cost",
    "case:channel": "channel",
}

# Whole headers, normalised, by falling confidence.
_WHOLE: Final[Mapping[str, tuple[tuple[float, str], ...]]] = {
    "case_id": (
        (0.95, "case id|caseid|case|case number|case no|case nr|case key|case name|case concept name|trace id|trace"),
        (0.95, "process instance|process instance id|application id|application number|zaak|zaaknummer|zaak id|zaaknr"),
        (0.95, "номер заявления|номер заявки|номер дела|номер обращения|номер запроса|номер кейса|номер экземпляра"),
        (0.93, "order id|order number|request id|request number|ticket id|ticket number|ticket|claim id"),
        (0.93, "incident id|incident number"),
        (0.93, "dossier|dossiernummer|aanvraagnummer|permit number|дело|заявление|заявка|обращение|кейс"),
        (
            0.90,
            "регистрационный номер|рег номер|номер услуги|номер документа|индекс документа|номер ркк|номер процесса",
        ),
        (0.50, "номер|number|nummer|key|ключ"),
        (0.40, "id|ид|идентификатор|код"),
    ),
    "activity": (
        (0.97, "activity|activity name|activiteit|активность|concept name"),
        (0.96, "операция|наименование операции|название операции|operation|вид операции|activity label"),
        (0.95, "действие|наименование действия|action|handeling|шаг|step|stap|event|event name|событие|вид события"),
        (0.94, "task|task name|taak|задача|процедура|административная процедура|вид поручения|вид работы|работа"),
        (0.92, "этап|наименование этапа|название этапа|этап процесса|stage|стадия|gebeurtenis"),
        (0.70, "статус|новый статус|наименование статуса|status|status name|состояние|state|код статуса|status code"),
        (0.70, "status id|id статуса"),
        (0.60, "phase|fase|фаза|название|наименование|name"),
    ),
    "completed_at": (
        (0.95, "end time|end timestamp|end|end date|complete time|complete timestamp|complete|completed|completed at"),
        (
            0.95,
            "completion time|finish|finish time|finished|finished at|end datetime|eindtijd|einddatum|completed time",
        ),
        (0.95, "дата окончания|время окончания|окончание|дата завершения|время завершения|завершено|завершение"),
        (0.94, "дата исполнения|исполнено|дата выполнения|выполнено|дата фактического исполнения|фактическая дата"),
        (0.85, "timestamp|time timestamp|datetime|date time|event time|event date|tijdstip|метка времени|occurred at"),
        (0.85, "дата и время|дата время|дата события|время события|дата операции|дата изменения статуса|дата статуса"),
        (0.75, "date|time|datum|tijd|дата|время|момент|ts|when|time stamp|дата изменения|дата действия|дата этапа"),
        (0.45, "created at|created|дата создания|дата регистрации|updated at|modified at|дата отметки"),
    ),
    "started_at": (
        (0.95, "start time|start timestamp|start|start date|started|started at|begin|begin time|start datetime"),
        (0.95, "starttijd|startdatum|begintijd|begindatum|aanvang|дата начала|время начала|начало|начато|дата старта"),
        (
            0.90,
            "взято в работу|дата взятия в работу|принято в работу|дата принятия в работу|дата поручения|время старта",
        ),
    ),
    "enabled_at": (
        (0.95, "enabled time|enable time|enabled at|enabled|enabled timestamp|time enabled|enablement time|enabletime"),
        (0.80, "ready time|ready at|queued at|available from|available at|assigned time|assigned at|assignedtime"),
        (0.75, "поступило|дата поступления|время поступления|поступление|дата назначения|дата передачи"),
    ),
    "resource": (
        (0.95, "resource|resource id|resource name|исполнитель|фио исполнителя|ответственный исполнитель|performer"),
        (0.93, "user|user id|user name|username|employee|employee id|actor|worker|assignee|executor|handler|operator"),
        (0.93, "сотрудник|пользователь|специалист|работник|оператор|инспектор|medewerker|behandelaar|uitvoerder"),
        (0.85, "ответственный|табельный номер|originator|agent|handled by|gebruiker|кто выполнил|фио сотрудника"),
        (0.50, "автор|регистратор|author|owner|фио"),
    ),
    "org_unit": (
        (0.95, "org group|department|dept|org unit|подразделение|структурное подразделение|отдел|afdeling"),
        (0.93, "подразделение исполнителя|отдел исполнителя|управление|отделение|департамент|сектор|workgroup"),
        (0.90, "team|group|unit|organisational unit|organizational unit|division|office|группа|groep"),
        (0.55, "role|org role|роль|должность|section"),
    ),
    "cost": ((0.95, "cost|costs|total cost|cost total|kosten|стоимость|затраты|себестоимость|расходы"),),
    "lifecycle": (
        (0.95, "lifecycle|life cycle|lifecycle transition|transition|жизненный цикл|переход"),
        (0.60, "event type|тип события|transition type|status|статус"),
    ),
    "instance": (
        (0.95, "activity instance id|activity instance|concept instance|instance id|номер экземпляра операции"),
        (0.85, "instance|task id|task instance id|event instance|id задачи|номер задачи|ид задачи|номер операции"),
    ),
    "outcome": (
        (0.95, "outcome|результат|результат услуги|результат рассмотрения|результат оказания услуги|итог|исход"),
        (0.90, "result|decision|решение|принятое решение|resultaat|besluit|uitkomst"),
    ),
    "channel": (
        (0.95, "channel|intake channel|channel name|канал|канал подачи|канал обращения|способ подачи|kanaal"),
        (0.85, "способ обращения|форма подачи|источник поступления|способ подачи заявления|место подачи"),
    ),
    "service": (
        (0.95, "service|service name|услуга|наименование услуги|название услуги|государственная услуга|dienst"),
        (0.85, "код услуги|вид услуги|service code|муниципальная услуга|функция|подуслуга"),
    ),
    "agency": (
        (0.95, "agency|authority|ministry|ведомство|орган власти|учреждение|министерство|наименование органа"),
        (0.85, "organisation|organization|организация|орган|оив|роив|администрация|municipality|gemeente"),
    ),
}

# Parts of longer headers.
_PARTS: Final[Mapping[str, tuple[tuple[float, str], ...]]] = {
    "case_id": (
        (0.85, r"\b(номер|ид|id|идентификатор|код)\b.*\b(заяв|дел[ао]\b|обращ|запрос|кейс|жалоб|карточк|ркк)"),
        (
            0.85,
            r"\b(case|trace|ticket|incident|application|request|claim|zaak|dossier|aanvraag)\b.*\b(id|no|nr|number)\b",
        ),
        (0.60, r"\b(заявлен|обращен|заявк)"),
    ),
    "activity": ((0.80, r"\b(операци|действи|этап|событи|activity|activiteit)"),),
    "completed_at": (
        (0.85, r"\b(окончан|заверш|исполнен|выполнен|end|finish|complet|einde?)"),
        (0.55, r"\b(дата|время|date|time|timestamp|datum|tijdstip)\b"),
    ),
    "started_at": ((0.85, r"\b(начал|старт|start|begin)"),),
    "enabled_at": ((0.70, r"\b(поступлени|enabled?\b)"),),
    "resource": ((0.80, r"\b(исполнител|resource\b|employee\b|сотрудник)"),),
    "org_unit": ((0.80, r"\b(подразделени|отдел\b|department\b)"),),
    "outcome": ((0.70, r"\b(результат|outcome\b)"),),
    "channel": ((0.75, r"\b(канал|channel\b)"),),
    "service": ((0.70, r"\b(услуг)"),),
    "agency": ((0.70, r"\b(ведомств|орган власти)"),),
}

_TIME_ROLES: Final = ("completed_at", "started_at", "enabled_at")
# A time that was planned, or that belongs to a person, is never a time of the event; one of the case hardly ever.
_PLANNED: Final = re.compile(
    r"\b(срок|план|deadline|due\b|planned|expected|контрол|рожден|birth|норматив|предельн|expir|valid|действ\w+ до"
    r"|scheduled|gepland|target)"
)
_OF_CASE: Final = re.compile(r"\b(подачи|заявлени|обращени|дела\b|case\b|application\b|zaak)")
_TIME_OF_CASE: Final = 0.2
_NOT_CASE: Final = re.compile(
    r"\b(event|activity|instance|task|событ|операц|задач|исполнител|пользовател|user|resource|дата|время|date|time"
    r"|индекс|index|variant|вариант|статус|этап|наименование|вид|тип|канал|результат|содержание|текст|решение)"
)
_NOT_PERSON: Final = re.compile(
    r"\b(cost|стоимость|country|monitoring|время|дата|код|type|тип|отдел|подразделени|должност)"
)
TIME_LIKE: Final = re.compile(
    r"(дата|время|date|time|datum|tijd|\bat\b|\bts\b|момент|начал|оконч|заверш|start|\bend\b|epoch|поступ|исполнен|выполн)"
)


@cache
def normalise(header: str) -> str:
    """Return a header in lower case, its words apart: ``startTime``, ``Start_Time`` and ``START TIME`` are one."""
    spread = re.sub(r"([a-zа-яё0-9])([A-ZА-ЯЁ])", r"\1 \2", header.strip())
    plain = spread.lower().replace("ё", "е").replace("№", " номер ")
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def is_planned(header: str) -> bool:
    """Tell whether a header speaks of a deadline, a plan or a birthday, not of what happened."""
    return _PLANNED.search(normalise(header)) is not None


@cache
def score(header: str, role: str) -> float:
    """Return how sure a header makes us that its column has a role, 0 to 1."""
    name = normalise(header)
    if role in _TIME_ROLES and is_planned(header):
        return 0.0
    if role in _TIME_ROLES and _OF_CASE.search(name):
        return _TIME_OF_CASE
    whole = _whole_headers()[role].get(name, 0.0)
    if whole or (role == "case_id" and _NOT_CASE.search(name)) or (role == "resource" and _NOT_PERSON.search(name)):
        return whole
    return next((confidence for confidence, part in _PARTS.get(role, ()) if re.search(part, name)), 0.0)


@cache
def _whole_headers() -> Mapping[str, Mapping[str, float]]:
    return {
        role: {name: confidence for confidence, names in groups for name in names.split("|")}
        for role, groups in _WHOLE.items()
    }
