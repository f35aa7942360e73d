"""Variants: the sequences of activities that cases really take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.measure.variants import Variant
from potok.report.drawing.map_texts import count_cases, no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_duration, format_share
from potok.report.measured import Audit
from potok.report.sections.commands import cases_command

SHOWN_VARIANTS: Final = 10
_LONGEST_SHOWN: Final = 14
_KEPT_AT_START: Final = 9
_KEPT_AT_END: Final = 3
_MOST_CASES: Final = 0.8


@dataclass(frozen=True, slots=True)
class Chip:
    """An activity in a variant, with how often it follows itself; `is_gap` if it stands for those left out."""

    text: str
    repeats: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class VariantCard:
    """One variant as it is shown."""

    rank: str
    chips: tuple[Chip, ...]
    cases: str
    share_text: str
    share: float
    median: str


@dataclass(frozen=True, slots=True)
class VariantsSection:
    """Variants, most frequent first, what they amount to, and what lists the cases of one (empty without any)."""

    sentences: tuple[str, ...]
    cards: tuple[VariantCard, ...]
    way: str


def make_variants(audit: Audit) -> VariantsSection:
    """Show the most frequent variants of an audit."""
    cards = tuple(_make_card(rank, variant) for rank, variant in enumerate(audit.variants[:SHOWN_VARIANTS], start=1))
    way = cases_command(audit, case_filter=f"variant={audit.variants[0].variant}") if audit.variants else ""
    return VariantsSection(tuple(_say(audit)), cards, way)


def _say(audit: Audit) -> Iterator[str]:
    variants, cases = audit.variants, audit.counts.cases
    yield ngettext(
        "A variant is a sequence of activities. The log holds {cases} and {n} variant.",
        "A variant is a sequence of activities. The log holds {cases} and {n} variants.",
        len(variants),
    ).format(cases=count_cases(cases), n=format_count(len(variants)))
    needed = _number_for_share(variants, _MOST_CASES)
    if 2 * needed <= len(variants):
        yield ngettext(
            "The most frequent variant covers {share} of the cases.",
            "The {n} most frequent variants cover {share} of the cases.",
            needed,
        ).format(n=format_count(needed), share=format_share(sum(variant.share for variant in variants[:needed])))
    single = sum(variant.cases == 1 for variant in variants)
    if single:
        yield ngettext(
            "{n} variant occurred in a single case.", "{n} variants occurred in a single case each.", single
        ).format(n=format_count(single))


def _number_for_share(variants: Sequence[Variant], wanted: float) -> int:
    covered = 0.0
    for number, variant in enumerate(variants, start=1):
        covered += variant.share
        if covered >= wanted:
            return number
    return len(variants)


def _make_card(rank: int, variant: Variant) -> VariantCard:
    median = variant.median_seconds
    return VariantCard(
        rank=format_count(rank),
        chips=tuple(_make_chips(variant.activities)),
        cases=count_cases(variant.cases),
        share_text=format_share(variant.share),
        share=variant.share,
        median="" if median is None else _("median {time}").format(time=format_duration(median)),
    )


def _make_chips(activities: Sequence[str]) -> list[Chip]:
    chips = [
        Chip(make_visible(label) or no_name(), f"×{repeats}" if repeats > 1 else "")
        for label, repeats in ((label, len(list(group))) for label, group in groupby(activities))
    ]
    if len(chips) <= _LONGEST_SHOWN:
        return chips
    hidden = len(chips) - _KEPT_AT_START - _KEPT_AT_END
    gap = ngettext("… {n} more …", "… {n} more …", hidden).format(n=format_count(hidden))
    return [*chips[:_KEPT_AT_START], Chip(gap, is_gap=True), *chips[-_KEPT_AT_END:]]
