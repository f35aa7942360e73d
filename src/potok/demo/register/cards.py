"""A process card as a register holds it: text, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

HEADINGS: Final = {
    "code": "Код процесса",
    "name": "Наименование процесса",
    "authority": "Основное / дополнительное полномочие",
    "act": "Регламентирующий документ",
    "description": "Описание процесса",
    "level": "Уровень исполнения",
    "owner": "Владелец процесса",
    "participants": "Участники процесса",
    "systems": "Информационные системы",
    "lead_time": "ВПП",
    "start_event": "Событие начала",
    "started_by": "От кого",
    "result": "Результат процесса",
    "result_to": "Кому передаётся результат",
    "parents": "Родительский процесс",
    "children": "Дочерние процессы",
    "inputs": "Входящие документы",
    "outputs": "Исходящие документы",
    "problems": "Известные проблемы",
    "proposed": "Предложение для включения в программу «Эффективный регион»",
    "volume": "Количество в год",
    "staff_hours": "Трудозатраты, чел.-ч в год",
    "log": "Журнал событий",
}


@dataclass(slots=True)
class Card:
    """One process while a register is being made up; `cells` holds its texts by the names of `HEADINGS`."""

    key: str
    cells: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code by which the truth names it."""
        return str(self.cells["code"])

    def row(self) -> list[Any]:
        """Return the cells in the order of the headings."""
        return [self.cells.get(name, "") for name in HEADINGS]


def joined(values: Sequence[str]) -> str:
    """Return a list as one cell."""
    return "; ".join(values)
