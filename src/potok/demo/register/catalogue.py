"""The processes of made-up ministries, and how other departments word the same process."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
SEPARATOR: Final = "|"
REPEATED: Final = "~"
TUNED, HELD = "tuned", "held"


@dataclass(frozen=True, slots=True)
class Wording:
    """How someone else words a process: name, documents that come in, result.

    ``split`` is ``tuned`` for wordings on which the detector may be tuned, ``held`` for those that are held out.
    """

    split: str
    name: str
    inputs: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class Base:
    """A process of the catalogue, with its other wordings."""

    key: str
    name: str
    inputs: tuple[str, ...]
    result: str
    started_by: str
    result_to: str
    act: str
    system: str
    others: tuple[Wording, ...] = ()

    def worded(self, split: str) -> Wording | None:
        """Return the first other wording of a split; None if there is none."""
        return next((other for other in self.others if other.split == split), None)

    @property
    def is_by_own_order(self) -> bool:
        """Whether the act that governs it is an order of the ministry itself."""
        return self.act.startswith("Приказ министерства")


@cache
def read_catalogue(ministry: str) -> tuple[Base, ...]:
    """Read the processes of a ministry, ``social`` or ``nature``.

    Raises
    ------
    ValueError
        If there is no such ministry, or a line of its file cannot be read.
    """
    known = sorted(path.name.removesuffix("_ministry.txt") for path in FOLDER.glob("*_ministry.txt"))
    if ministry not in known:
        raise ValueError(f"ministry must be one of {', '.join(known)}, not {ministry!r}")
    text = (FOLDER / f"{ministry}_ministry.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    others: dict[str, list[Wording]] = {}
    for line in lines:
        if line.startswith(REPEATED):
            key, split, name, inputs, result = _cells(line.removeprefix(REPEATED))
            others.setdefault(key, []).append(Wording(split, name, _list(inputs), result))
    return tuple(_base(_cells(line), others) for line in lines if not line.startswith(REPEATED))


def _base(cells: list[str], others: dict[str, list[Wording]]) -> Base:
    key, name, inputs, result, started_by, result_to, act, system = cells
    return Base(key, name, _list(inputs), result, started_by, result_to, act, system, tuple(others.get(key, ())))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(SEPARATOR)]


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
