"""The made-up permit service: who does what, how long it takes, and which wastes are built in.

Everything here is a plain fact of the process; `potok.demo.permit_routing` decides what follows what, and
`potok.demo.permit_simulation` lets cases walk through it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Unit(StrEnum):
    """Departments."""

    FRONT_OFFICE = "Отдел приёма заявлений"
    TECHNICAL = "Технический отдел"
    LEGAL = "Правовой отдел"
    CHANCELLERY = "Канцелярия"
    MANAGEMENT = "Руководство"


class Channel(StrEnum):
    """How an application arrives."""

    PORTAL = "ЕПГУ"
    MFC = "МФЦ"
    COUNTER = "лично"
    POST = "почта"


class Operation(StrEnum):
    """What is done to an application."""

    SUBMIT = "Подача заявления"
    REGISTER = "Регистрация заявления"
    RE_KEY = "Ввод данных с бумажного заявления"
    CHECK = "Проверка комплектности"
    REQUEST_DOCUMENTS = "Запрос недостающих документов"
    RECEIVE_DOCUMENTS = "Получение документов от заявителя"
    ASK_AGENCY = "Направление межведомственного запроса"
    AGENCY_ANSWERS = "Получение ответа на межведомственный запрос"
    TECHNICAL_REVIEW = "Техническая экспертиза"
    SITE_VISIT = "Выезд на место"
    LEGAL_REVIEW = "Правовая экспертиза"
    DRAFT = "Подготовка проекта решения"
    HEAD_APPROVAL = "Согласование начальником отдела"
    DEPUTY_APPROVAL = "Согласование заместителем руководителя"
    SIGN = "Подписание решения"
    REGISTER_DECISION = "Регистрация решения"
    DISPATCH = "Направление результата заявителю"
    WITHDRAW = "Отзыв заявления заявителем"


class Outcome(StrEnum):
    """How a case ended; a case still open has none."""

    NONE = ""
    ISSUED = "Разрешение выдано"
    REFUSED = "Отказано"
    WITHDRAWN = "Отозвано заявителем"


@dataclass(frozen=True, slots=True)
class Pool:
    """Employees of a department who share the same work.

    Parameters
    ----------
    name
        What they are; unique.
    unit
        Their department.
    employees
        How many there are for `NOMINAL_CASES` cases; more cases have proportionally more.
    """

    name: str
    unit: Unit
    employees: int


@dataclass(frozen=True, slots=True)
class Work:
    """How an operation is performed.

    Parameters
    ----------
    pool
        Who performs it; None: the applicant, another agency or a system.
    unit
        The department the operation is booked under; empty for the applicant's own.
    mean_minutes
        Mean working minutes it takes. Zero: it is over as soon as it begins.
    tray_hours
        Mean working hours for which the papers lie before anyone may take them up.
    """

    pool: Pool | None
    unit: Unit | None
    mean_minutes: float
    tray_hours: float


@dataclass(frozen=True, slots=True)
class Service:
    """One of the services: its name, share of all applications, state duty in kopecks, share of site visits."""

    name: str
    share: float
    duty_kopecks: int
    site_visit_share: float


NOMINAL_CASES: Final = 5_000
"""Cases in three years with which the pools cope."""

CLERKS: Final = Pool("clerks", Unit.FRONT_OFFICE, employees=5)
ENGINEERS: Final = Pool("engineers", Unit.TECHNICAL, employees=9)
LAWYERS: Final = Pool("lawyers", Unit.LEGAL, employees=7)
LEGAL_HEAD: Final = Pool("legal_head", Unit.LEGAL, employees=1)
OFFICE_CLERKS: Final = Pool("office_clerks", Unit.CHANCELLERY, employees=3)
DEPUTIES: Final = Pool("deputies", Unit.MANAGEMENT, employees=2)
HEAD: Final = Pool("head", Unit.MANAGEMENT, employees=1)
POOLS: Final = (CLERKS, ENGINEERS, LAWYERS, LEGAL_HEAD, OFFICE_CLERKS, DEPUTIES, HEAD)


def _work(pool: Pool, *, minutes: float, tray_hours: float) -> Work:
    return Work(pool, pool.unit, minutes, tray_hours)


HAND_OVER_TRAY_HOURS: Final = 28.0
"""Mean working hours for which papers lie between the front office and the technical department."""

WORK: Final[Mapping[Operation, Work]] = MappingProxyType(
    {
        Operation.SUBMIT: Work(None, None, 0, 0),
        Operation.REGISTER: _work(CLERKS, minutes=12, tray_hours=1.5),
        Operation.RE_KEY: _work(CLERKS, minutes=45, tray_hours=6),
        Operation.CHECK: _work(CLERKS, minutes=35, tray_hours=4),
        Operation.REQUEST_DOCUMENTS: _work(CLERKS, minutes=15, tray_hours=5),
        Operation.RECEIVE_DOCUMENTS: Work(None, None, 0, 0),
        Operation.ASK_AGENCY: _work(CLERKS, minutes=15, tray_hours=3),
        Operation.AGENCY_ANSWERS: Work(None, Unit.FRONT_OFFICE, 0, 20),
        Operation.TECHNICAL_REVIEW: _work(ENGINEERS, minutes=210, tray_hours=3),
        Operation.SITE_VISIT: _work(ENGINEERS, minutes=240, tray_hours=16),
        Operation.LEGAL_REVIEW: _work(LAWYERS, minutes=110, tray_hours=3),
        Operation.DRAFT: _work(LAWYERS, minutes=90, tray_hours=2),
        Operation.HEAD_APPROVAL: _work(LEGAL_HEAD, minutes=15, tray_hours=4),
        Operation.DEPUTY_APPROVAL: _work(DEPUTIES, minutes=10, tray_hours=18),
        Operation.SIGN: _work(HEAD, minutes=8, tray_hours=6),
        Operation.REGISTER_DECISION: _work(OFFICE_CLERKS, minutes=8, tray_hours=1),
        Operation.DISPATCH: _work(OFFICE_CLERKS, minutes=3, tray_hours=0),
        Operation.WITHDRAW: Work(None, None, 0, 0),
    }
)

BATCH_HOUR: Final = 15
"""Hour on Fridays at which the week's results are sent out."""

SERVICES: Final = (
    Service("Выдача разрешения на установку рекламной конструкции", 0.45, 500_000, site_visit_share=0.10),
    Service("Выдача разрешения на использование земель", 0.35, 160_000, site_visit_share=0.05),
    Service("Выдача разрешения на строительство", 0.20, 350_000, site_visit_share=0.40),
)
PORTAL_DUTY_FACTOR: Final = 0.7

RE_KEY_SHARE: Final[Mapping[Channel, float]] = MappingProxyType(
    {Channel.PORTAL: 0.0, Channel.MFC: 0.35, Channel.COUNTER: 0.85, Channel.POST: 0.95}
)
"""Share of the applications of a channel that come on paper and are typed in again."""

REFUSAL_SHARE: Final = 0.09
AGENCY_REQUEST_SHARE: Final = 0.45
