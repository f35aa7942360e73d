"""What single cards show: results for nobody, no owner, no act, too many hands, work by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.diagnose.register.model import Field, Process, Register
from potok.diagnose.register.parties import Party, is_own_unit, parties_of

MOST_PARTICIPANTS: Final = 7
_BY_HAND: Final = re.compile(
    r"вручную|ручн\w+ (?:ввод|заполнени|перенос|сбор|обработк|труд)|двойн\w+ ввод|повторн\w+ ввод|дублир\w+ ввод|"
    r"перепечатыва|переносятся? (?:данны|сведени)|на бумаг|бумажн\w+ (?:бланк|журнал|носител|форм|вид|документооборот)|"
    r"нет автоматизаци|не автоматизирован|by hand|manual(?:ly)?\b|retyp|on paper|double entry",
)
_EXCERPT: Final = 160
_MAY_ASK: Final = frozenset({Party.OUTSIDE, Party.UNKNOWN})


class Receiver(StrEnum):
    """Who gets a result that no other process takes in and nobody outside asked for."""

    NOBODY = "nobody"
    OWNER_ALONE = "owner_alone"
    NOT_GIVEN = "not_given"


@dataclass(frozen=True, slots=True)
class ServesNobody:
    """A process whose result has no receiver.

    Parameters
    ----------
    process
        Its number.
    addressee
        What the card says of the receiver; empty if it says nothing.
    receiver
        Who it is, as far as the card says.
    """

    process: int
    addressee: str
    receiver: Receiver

    @property
    def is_stated(self) -> bool:
        """Whether the card itself says that there is no receiver; otherwise nothing is claimed."""
        return self.receiver is Receiver.NOBODY


@dataclass(frozen=True, slots=True)
class LongChain:
    """A process that more hands touch than `MOST_PARTICIPANTS`."""

    process: int
    participants: int


@dataclass(frozen=True, slots=True)
class WorkByHand:
    """A process of which the card says that data are carried over by hand or on paper."""

    process: int
    excerpt: str


def find_serving_nobody(
    register: Register,
    *,
    own_units: frozenset[str],
    supplies: Sequence[tuple[int, int]],
    contains: Sequence[tuple[int, int]],
) -> tuple[ServesNobody, ...]:
    """Find processes whose result goes to nobody.

    Nobody outside asks for it or gets it; no other process takes it in or contains it; and the card says that there is
    no receiver, names the owner alone, or leaves the receiver out. In the last two cases nothing is claimed: who uses
    the result has to be found out.

    Parameters
    ----------
    supplies, contains
        Numbers of maker and user of a document; of parent and child.
    """
    if not register.has(Field.RESULT_TO):
        return ()
    used = {maker for maker, _user in supplies} | {child for _parent, child in contains}
    found = []
    for process in register.processes:
        if process.number in used or _MAY_ASK & parties_of(process.started_by, own_units):
            continue
        kinds = parties_of(process.result_to, own_units)
        only_owner = bool(process.result_to) and all(is_own_unit(text, process.owner) for text in process.result_to)
        stated = "; ".join(process.result_to)
        if kinds == {Party.NOBODY}:
            found.append(ServesNobody(process.number, stated, Receiver.NOBODY))
        elif only_owner:
            found.append(ServesNobody(process.number, stated, Receiver.OWNER_ALONE))
        elif not process.result_to:
            found.append(ServesNobody(process.number, "", Receiver.NOT_GIVEN))
    return tuple(found)


def find_without(register: Register, field: Field) -> tuple[int, ...] | None:
    """Return the processes without an owner or an act; None if the register has no column for it."""
    if not register.has(field):
        return None
    return tuple(process.number for process in register.processes if not _value(process, field))


def _value(process: Process, field: Field) -> object:
    return process.owner if field is Field.OWNER else process.acts


def find_long_chains(register: Register, *, most: int = MOST_PARTICIPANTS) -> tuple[LongChain, ...]:
    """Return the processes with more than `most` participants, most hands first."""
    found = [LongChain(p.number, len(p.participants)) for p in register.processes if len(p.participants) > most]
    return tuple(sorted(found, key=lambda one: (-one.participants, one.process)))


def find_work_by_hand(register: Register) -> tuple[WorkByHand, ...]:
    """Return the processes whose description or problems speak of work by hand or on paper."""
    found = []
    for process in register.processes:
        text = next((t for t in (process.problems, process.description) if _BY_HAND.search(t.casefold())), "")
        if text:
            found.append(WorkByHand(process.number, text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"))
    return tuple(found)
