"""What every filter is: a question to a case that is answered with yes or no.

A filter is a frozen value. It says of each case whether it stays, as a condition on the table of cases; everything
about activities is asked of the case's variant, so that no filter reads events. Filters combine with ``&``, ``|`` and
``~``. What a case does not know (a channel, a closing) never fulfils a condition, so that ``~`` lets it stay.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import ClassVar

import ibis

from potok.core.language import gettext as _
from potok.measure.filters.errors import UnknownFilterTargetError
from potok.measure.sequences import variant_positions

SHOWN_LABELS = 20


@dataclass(frozen=True, slots=True)
class FilteredLog:
    """What conditions are written against.

    Parameters
    ----------
    cases
        As `potok.measure.case_durations.lead_times` returns them, perhaps with columns ``attr:…``.
    variants
        As `potok.engine.tables.VARIANTS`.
    zone
        Of the log; dates in filters are local.
    codes
        Code of each activity's label.
    values
        Known values, as text, of the columns that filters name.
    """

    cases: ibis.Table
    variants: ibis.Table
    zone: tzinfo
    codes: Mapping[str, int]
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def code(self, activity: str) -> int:
        """Return an activity's code.

        Raises
        ------
        UnknownFilterTargetError
            If the log does not have it.
        """
        if activity not in self.codes:
            raise unknown_target(_("The log has no activity “{name}”.").format(name=activity), sorted(self.codes))
        return self.codes[activity]

    def positions(self) -> ibis.Table:
        """Return `potok.measure.sequences.variant_positions`."""
        return variant_positions(self.variants)

    def has_variant(self, chosen: ibis.Table) -> ibis.Value:
        """Return whether a case has one of the variants in a table."""
        return self.cases.variant.isin(chosen.select("variant").distinct().variant)


class CaseFilter(ABC):
    """A question to a case that is answered with yes or no; see the kinds in `potok.measure.filters.kinds`."""

    __slots__ = ()
    kind: ClassVar[str]

    @abstractmethod
    def condition(self, log: FilteredLog) -> ibis.Value:
        """Return the condition on ``log.cases``, never null.

        Raises
        ------
        UnknownFilterTargetError
            If it names what the log does not have.
        """

    def columns(self) -> frozenset[str]:
        """Return the case columns whose values it names, as ``channel`` or ``attr:region``."""
        return frozenset()

    def parts(self) -> "Iterator[CaseFilter]":
        """Yield the filters that are not made of others, in order."""
        yield self

    def __and__(self, other: "CaseFilter") -> "CaseFilter":
        return All(_flat(All, self, other))

    def __or__(self, other: "CaseFilter") -> "CaseFilter":
        return AnyOf(_flat(AnyOf, self, other))

    def __invert__(self) -> "CaseFilter":
        return self.part if isinstance(self, Not) else Not(self)


@dataclass(frozen=True, slots=True)
class _Several(CaseFilter):
    """A filter made of several others."""

    filters: tuple[CaseFilter, ...]

    def columns(self) -> frozenset[str]:
        """Return the columns of all parts."""
        return frozenset().union(*(part.columns() for part in self.filters))

    def parts(self) -> Iterator[CaseFilter]:
        """Yield the parts' parts."""
        for part in self.filters:
            yield from part.parts()


@dataclass(frozen=True, slots=True)
class All(_Several):
    """Cases that pass all of some filters."""

    kind: ClassVar[str] = "all"

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Return the conjunction."""
        return ibis.and_(*(part.condition(log) for part in self.filters))


@dataclass(frozen=True, slots=True)
class AnyOf(_Several):
    """Cases that pass at least one of some filters."""

    kind: ClassVar[str] = "any"

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Return the disjunction."""
        return ibis.or_(*(part.condition(log) for part in self.filters))


@dataclass(frozen=True, slots=True)
class Not(CaseFilter):
    """Cases that do not pass a filter."""

    part: CaseFilter
    kind: ClassVar[str] = "not"

    def condition(self, log: FilteredLog) -> ibis.Value:
        """Return the negation."""
        return ~self.part.condition(log)

    def columns(self) -> frozenset[str]:
        """Return the part's columns."""
        return self.part.columns()

    def parts(self) -> Iterator[CaseFilter]:
        """Yield this negation if its part is simple, else the part's parts."""
        if isinstance(self.part, All | AnyOf):
            yield from self.part.parts()
        else:
            yield self


def _flat(kind: type[All] | type[AnyOf], *filters: CaseFilter) -> tuple[CaseFilter, ...]:
    return tuple(part for one in filters for part in (one.filters if isinstance(one, kind) else (one,)))


def unknown_target(message: str, known: list[str]) -> UnknownFilterTargetError:
    """Return the error for what the log does not have, with what it has instead."""
    shown = ", ".join(known[:SHOWN_LABELS]) + ("…" if len(known) > SHOWN_LABELS else "")
    return UnknownFilterTargetError(message, remedy=_("Use one of: {labels}.").format(labels=shown or "–"))
