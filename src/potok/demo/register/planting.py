"""Makes up a ministry's register, and keeps what was planted in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.demo.register.cards import Card, joined
from potok.demo.register.catalogue import HELD, TUNED, Base, Wording, read_catalogue
from potok.demo.register.structures import (
    BY_HAND,
    CHAINS,
    CHILDREN,
    CYCLES,
    DEPARTMENTS,
    HELD_BY_STATE,
    NO_ADDRESSEE,
    NO_VALUE,
    NOBODY,
    OTHER_DEPARTMENTS,
    OTHER_PROBLEMS,
    OUTSIDERS,
    PARTICIPANTS,
    SHORT_CHAIN,
    Planted,
)
from potok.demo.register.truth import RegisterTruth

BOTH: Final = "both"
SPLITS: Final = (TUNED, HELD, BOTH)
ASKED: Final = "поступление заявления"
KNOWN_VOLUME_SHARE: Final = 0.85
KNOWN_HOURS_SHARE: Final = 0.75
SPARSE_SHARE: Final = 0.12
NO_OWNER, NO_ACT, LONG, MANUAL = 5, 6, 4, 9


@dataclass(frozen=True, slots=True)
class MadeUpRegister:
    """The cards of a made-up register in their order, and the truth about them."""

    cards: tuple[Card, ...]
    truth: RegisterTruth


def make_register(
    *, ministry: str = "social", split: str = BOTH, twins: int = 24, official: float = 0.5, seed: int = 1
) -> MadeUpRegister:
    """Make up a register; the same arguments give the same register.

    Parameters
    ----------
    ministry
        ``social`` or ``nature``.
    split
        Which other wordings become twins: ``tuned``, ``held`` or ``both`` (some processes then occur three times).
    twins
        How many processes get a twin, at most.
    official
        Share of twins whose documents keep the names that the act gives them, 0–1; the others reword those as well.
    seed
        Of all choices.

    Raises
    ------
    ValueError
        If there is no such ministry or split.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, not {split!r}")
    return _Maker(read_catalogue(ministry), ministry, np.random.default_rng(seed), official).make(split, twins)


class _Maker:
    def __init__(self, bases: tuple[Base, ...], ministry: str, rng: np.random.Generator, official: float) -> None:
        self.official = official
        self.bases = bases
        self.ministry = ministry
        self.rng = rng
        self.cards: list[Card] = []
        self.truth = RegisterTruth()

    def make(self, split: str, twins: int) -> MadeUpRegister:
        groups = [[self.add_base(base)] for base in self.bases]
        self.add_twins(groups, split, twins)
        nobody = [self.add_planted(planted) for planted in NOBODY]
        unknown = [self.add_planted(planted) for planted in NO_ADDRESSEE]
        chains = [[self.add_planted(planted) for planted in chain] for chain in CHAINS]
        for planted in SHORT_CHAIN:
            self.add_planted(planted)
        by_key = {base.key: group[0] for base, group in zip(self.bases, groups, strict=True)}
        cycles = self.link(by_key)
        self.shuffle()
        untouched = [group[0] for group in groups if len(group) == 1 and group[0].cells["started_by"]]
        self.leave_gaps([card for card in untouched if not card.cells["parents"]])
        self.truth.clusters = [_codes(group) for group in groups if len(group) > 1]
        self.truth.serves_nobody, self.truth.addressee_unknown = _codes(nobody), _codes(unknown)
        self.truth.report_chains = [_codes(chain) for chain in chains]
        self.truth.cycles = [_codes(cycle) for cycle in cycles]
        asked = [card for card in self.cards if card.cells["start_event"] == ASKED]
        brought = {document for card in asked for document in card.cells["inputs"].split("; ")}
        self.truth.held_documents = [document for document in HELD_BY_STATE[self.ministry] if document in brought]
        self.truth.by_own_order = [c.code for c in self.cards if str(c.cells["act"]).startswith("Приказ министерства")]
        self.truth.processes = len(self.cards)
        return MadeUpRegister(tuple(self.cards), self.truth)

    def add_twins(self, groups: list[list[Card]], split: str, twins: int) -> None:
        wanted = (TUNED, HELD) if split == BOTH else (split,)
        able = [place for place, base in enumerate(self.bases) if any(base.worded(one) for one in wanted)]
        for place in sorted(self.rng.permutation(able)[:twins].tolist()):
            worded = [wording for one in wanted if (wording := self.bases[place].worded(one))]
            # With both splits most processes have one twin and some have two.
            count = len(worded) if self.rng.random() < 0.2 else 1
            for choice in self.rng.permutation(len(worded))[:count].tolist():
                groups[place].append(self.add_twin(self.bases[place], worded[choice]))

    def add_base(self, base: Base) -> Card:
        owner = DEPARTMENTS.get(base.system) or self.pick(OTHER_DEPARTMENTS)
        card = self.card(base.key, base.name, base.inputs, base.result, owner)
        card.cells |= {"act": base.act, "systems": base.system, "result_to": base.result_to}
        card.cells["started_by"] = base.started_by
        self.measure(card)
        return card

    def add_twin(self, base: Base, wording: Wording) -> Card:
        documents = base if self.rng.random() < self.official else wording
        card = self.card(base.key, wording.name, documents.inputs, documents.result, self.pick(OTHER_DEPARTMENTS))
        same_act = self.rng.random() < 0.5
        order = f"Приказ министерства от 01.03.2020 № {100 + len(self.cards)}-од"
        card.cells |= {"act": base.act if same_act else order, "started_by": base.started_by}
        card.cells |= {"systems": base.system if self.rng.random() < 0.5 else "Excel", "result_to": base.result_to}
        if self.rng.random() < SPARSE_SHARE:
            card.cells["inputs"] = ""
        self.measure(card)
        return card

    def add_planted(self, planted: Planted) -> Card:
        card = self.card("", planted.name, planted.inputs, planted.result, self.pick(OTHER_DEPARTMENTS))
        card.cells |= {"act": planted.act, "systems": "Excel", "result_to": planted.result_to}
        card.cells["started_by"] = planted.started_by
        self.measure(card)
        return card

    def card(self, key: str, name: str, inputs: Sequence[str], result: str, owner: str) -> Card:
        others = self.rng.permutation(len(PARTICIPANTS))[: int(self.rng.integers(1, 5))]
        cells = {
            "name": name,
            "owner": owner,
            "authority": "основное" if self.rng.random() < 0.7 else "дополнительное",
            "level": self.pick(("региональный", "региональный", "муниципальный")),
            "participants": joined([owner, *(PARTICIPANTS[i] for i in others.tolist())]),
            "inputs": joined(inputs),
            "result": result,
            "outputs": result,
            "problems": self.pick(("", "", *OTHER_PROBLEMS)),
            "proposed": self.pick(("нет", "нет", "да")),
            "parents": "",
            "children": "",
        }
        self.cards.append(Card(key, cells))
        return self.cards[-1]

    def measure(self, card: Card) -> None:
        """Give a card its volume, hours and lead time; some registers know them of some processes only."""
        volume = int(np.round(np.exp(self.rng.normal(6.0, 1.3))))
        days = int(self.rng.integers(1, 31))
        card.cells["lead_time"] = self.pick((f"{days} р.д.", f"{days} дней", f"{days} рабочих дней"))
        card.cells["volume"] = volume if self.rng.random() < KNOWN_VOLUME_SHARE else ""
        hours = max(1, int(volume * self.rng.uniform(0.3, 3.0)))
        card.cells["staff_hours"] = hours if self.rng.random() < KNOWN_HOURS_SHARE else ""
        is_asked = any(str(card.cells["started_by"]).startswith(word) for word in OUTSIDERS)
        card.cells["start_event"] = ASKED if is_asked else "наступление срока"

    def link(self, by_key: dict[str, Card]) -> list[list[Card]]:
        """Write parents and children into the cards; return those that form cycles."""
        for key, planted in CHILDREN.items():
            if key in by_key:
                child = self.add_planted(planted)
                child.cells["parents"] = by_key[key].cells["name"]
                by_key[key].cells["children"] = planted.name
        cycles = []
        for keys in CYCLES:
            if all(key in by_key for key in keys):
                cards = [by_key[key] for key in keys]
                for child, parent in zip((*cards[1:], cards[0]), cards, strict=True):
                    child.cells["parents"] = parent.cells["name"]
                cycles.append(cards)
        return cycles

    def shuffle(self) -> None:
        order = self.rng.permutation(len(self.cards)).tolist()
        self.cards = sorted((self.cards[place] for place in order), key=lambda card: str(card.cells["owner"]))
        for number, card in enumerate(self.cards, start=1):
            card.cells["code"] = f"П-{number:03}"

    def leave_gaps(self, cards: list[Card]) -> None:
        chosen = [cards[place] for place in self.rng.permutation(len(cards)).tolist()]
        owners, acts, long, manual = _cut(chosen, (NO_OWNER, NO_ACT, LONG, MANUAL))
        for card in owners:
            card.cells["owner"] = self.pick(NO_VALUE)
        for card in acts:
            card.cells["act"] = self.pick(NO_VALUE)
        for card in long:
            count = int(self.rng.integers(8, 11))
            card.cells["participants"] = joined(
                [PARTICIPANTS[i] for i in self.rng.permutation(len(PARTICIPANTS))[:count].tolist()]
            )
        for card in manual:
            card.cells["problems"] = self.pick(BY_HAND)
        self.truth.no_owner, self.truth.no_act = _codes(owners), _codes(acts)
        self.truth.long_participants, self.truth.by_hand = _codes(long), _codes(manual)

    def pick(self, values: Sequence[str]) -> str:
        return values[int(self.rng.integers(len(values)))]


def _codes(cards: Sequence[Card]) -> list[str]:
    return [card.code for card in cards]


def _cut(cards: list[Card], sizes: Sequence[int]) -> list[list[Card]]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(sorted(cards[start : start + size], key=lambda card: card.code))
        start += size
    return pieces
