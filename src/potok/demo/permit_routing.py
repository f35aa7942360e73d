"""What follows what in the made-up permit service.

Each rule looks at the operation just finished and the case's history and says how the operation ended and what comes
next. The deputy's approval is the inert one: its rule has a single ending.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from potok.demo.permit_process import (
    AGENCY_REQUEST_SHARE,
    RE_KEY_SHARE,
    REFUSAL_SHARE,
    Channel,
    Operation,
    Outcome,
    Service,
)

MISSING_SHARES: Final = (0.30, 0.16, 0.0)
"""Share of incomplete applications at the first, second and any later check."""

RETURN_SHARES: Final = (0.26, 0.34, 0.25, 0.0)
"""Share returned to the technical department by the first, second … legal review."""

HEAD_RETURN_SHARES: Final = (0.10, 0.04, 0.0)
SIGN_RETURN_SHARES: Final = (0.04, 0.0)
SILENT_APPLICANT_SHARE: Final = 0.07
WITHDRAWAL_SHARE: Final = 0.015

MISSING: Final = "Не хватает документов"
COMPLETE: Final = "Комплект полный"
RETURNED: Final = "Возвращено в технический отдел"
APPROVED: Final = "Согласовано"
SENT_BACK: Final = "Возвращено на доработку"


@dataclass(frozen=True, slots=True)
class Traits:
    """What is settled about a case before its walk: channel, service, and what it will need."""

    channel: Channel
    service: Service
    needs_re_keying: bool
    needs_site_visit: bool
    is_refused: bool


@dataclass(slots=True)
class History:
    """What happened so far in a case, as far as it decides what follows."""

    checks: int = 0
    legal_reviews: int = 0
    head_approvals: int = 0
    signatures: int = 0
    was_visited: bool = False
    agency_was_asked: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """How an operation ended (as the export words it) and what follows; None ends the case."""

    result: str
    following: Operation | None


Rule = Callable[[Traits, History, np.random.Generator], Move]


def draw_traits(channel: Channel, *, service: Service, generator: np.random.Generator) -> Traits:
    """Draw what an application will need."""
    return Traits(
        channel=channel,
        service=service,
        needs_re_keying=bool(generator.random() < RE_KEY_SHARE[channel]),
        needs_site_visit=bool(generator.random() < service.site_visit_share),
        is_refused=bool(generator.random() < REFUSAL_SHARE),
    )


def find_move(operation: Operation, *, traits: Traits, history: History, generator: np.random.Generator) -> Move:
    """Decide how an operation ended and what follows it."""
    return _RULES[operation](traits, history, generator)


def outcome_of(operation: Operation, *, traits: Traits) -> Outcome:
    """Return the outcome of a case that ended with `operation`."""
    if operation == Operation.WITHDRAW:
        return Outcome.WITHDRAWN
    return Outcome.REFUSED if traits.is_refused else Outcome.ISSUED


def _always(following: Operation | None, *, result: str = "") -> Rule:
    move = Move(result, following)
    return lambda _traits, _history, _generator: move


def _happens(generator: np.random.Generator, *, shares: tuple[float, ...], times: int) -> bool:
    return bool(generator.random() < shares[min(times, len(shares)) - 1])


def _after_registration(traits: Traits, _history: History, _generator: np.random.Generator) -> Move:
    return Move("Зарегистрировано", Operation.RE_KEY if traits.needs_re_keying else Operation.CHECK)


def _after_check(_traits: Traits, history: History, generator: np.random.Generator) -> Move:
    history.checks += 1
    if _happens(generator, shares=MISSING_SHARES, times=history.checks):
        return Move(MISSING, Operation.REQUEST_DOCUMENTS)
    if not history.agency_was_asked and generator.random() < AGENCY_REQUEST_SHARE:
        history.agency_was_asked = True
        return Move(COMPLETE, Operation.ASK_AGENCY)
    return Move(COMPLETE, Operation.TECHNICAL_REVIEW)


def _after_request(_traits: Traits, _history: History, generator: np.random.Generator) -> Move:
    is_silent = generator.random() < SILENT_APPLICANT_SHARE
    return Move("Запрос направлен", Operation.WITHDRAW if is_silent else Operation.RECEIVE_DOCUMENTS)


def _after_technical_review(traits: Traits, history: History, generator: np.random.Generator) -> Move:
    if traits.needs_site_visit and not history.was_visited:
        history.was_visited = True
        return Move("Требуется осмотр", Operation.SITE_VISIT)
    if history.legal_reviews == 0 and generator.random() < WITHDRAWAL_SHARE:
        return Move("Заключение подготовлено", Operation.WITHDRAW)
    return Move("Заключение подготовлено", Operation.LEGAL_REVIEW)


def _after_legal_review(traits: Traits, history: History, generator: np.random.Generator) -> Move:
    history.legal_reviews += 1
    if _happens(generator, shares=RETURN_SHARES, times=history.legal_reviews):
        return Move(RETURNED, Operation.TECHNICAL_REVIEW)
    return Move("Основания для отказа" if traits.is_refused else "Замечаний нет", Operation.DRAFT)


def _after_head_approval(_traits: Traits, history: History, generator: np.random.Generator) -> Move:
    history.head_approvals += 1
    if _happens(generator, shares=HEAD_RETURN_SHARES, times=history.head_approvals):
        return Move(SENT_BACK, Operation.DRAFT)
    return Move(APPROVED, Operation.DEPUTY_APPROVAL)


def _after_signature(_traits: Traits, history: History, generator: np.random.Generator) -> Move:
    history.signatures += 1
    if _happens(generator, shares=SIGN_RETURN_SHARES, times=history.signatures):
        return Move(SENT_BACK, Operation.DRAFT)
    return Move("Подписано", Operation.REGISTER_DECISION)


_RULES: Final[Mapping[Operation, Rule]] = MappingProxyType(
    {
        Operation.SUBMIT: _always(Operation.REGISTER),
        Operation.REGISTER: _after_registration,
        Operation.RE_KEY: _always(Operation.CHECK, result="Введено"),
        Operation.CHECK: _after_check,
        Operation.REQUEST_DOCUMENTS: _after_request,
        Operation.RECEIVE_DOCUMENTS: _always(Operation.CHECK, result="Документы получены"),
        Operation.ASK_AGENCY: _always(Operation.AGENCY_ANSWERS, result="Запрос направлен"),
        Operation.AGENCY_ANSWERS: _always(Operation.TECHNICAL_REVIEW, result="Ответ получен"),
        Operation.TECHNICAL_REVIEW: _after_technical_review,
        Operation.SITE_VISIT: _always(Operation.LEGAL_REVIEW, result="Акт составлен"),
        Operation.LEGAL_REVIEW: _after_legal_review,
        Operation.DRAFT: _always(Operation.HEAD_APPROVAL, result="Проект подготовлен"),
        Operation.HEAD_APPROVAL: _after_head_approval,
        Operation.DEPUTY_APPROVAL: _always(Operation.SIGN, result=APPROVED),
        Operation.SIGN: _after_signature,
        Operation.REGISTER_DECISION: _always(Operation.DISPATCH, result="Зарегистрировано"),
        Operation.DISPATCH: _always(None, result="Направлено"),
        Operation.WITHDRAW: _always(None, result="Отозвано"),
    }
)
