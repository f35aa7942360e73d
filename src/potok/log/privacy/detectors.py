"""Detectors of personal data in the columns of a source.

They look at the distinct values of a column, inside free text as well, and report only what is enough to stop an
import: ordinary ids, amounts and codes must not raise an alarm, or people learn to switch it off.

Limits: what is checked is the form of Russian documents, phones of any country, e-mail addresses and Cyrillic names.
Birth dates, addresses, foreign names and single surnames in an unnamed column are not recognised.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from potok.log.privacy.column_names import named_kinds
from potok.log.privacy.contact_forms import EMAIL_FORMS, PHONE_FORMS
from potok.log.privacy.forms import ONE_SUFFICES, Form, StoppingRule
from potok.log.privacy.name_forms import NAME_FORMS
from potok.log.privacy.number_forms import NUMBER_FORMS
from potok.log.privacy.personal_data import Detection, PersonalDataKind, mask
from potok.log.privacy.screening import ALL_SIGNS, screening_expression, signs_of

FORMS: Final = (*NUMBER_FORMS, *PHONE_FORMS, *EMAIL_FORMS, *NAME_FORMS)
DEFAULT_KINDS: Final = frozenset(PersonalDataKind) - {PersonalDataKind.BANK_CARD}
__all__ = ["DEFAULT_KINDS", "detect_personal_data", "screening_expression"]

_EXAMPLES: Final = 3
# How much more often than by chance check digits must fit; ids that are not random deviate from chance, but not so far.
_TIMES_CHANCE: Final = 5.0
_LARGEST_REQUIRED_SHARE: Final = 0.6


@dataclass(slots=True)
class _Evidence:
    """What the forms of one kind and rule found in a column; `hits` maps a value to what matched in it."""

    rule: StoppingRule
    shaped: set[str] = field(default_factory=set)
    hits: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def add(self, form: Form, value: str) -> None:
        if value in self.hits:
            return
        found = form.find(value)
        if found is None:
            return
        self.shaped.add(value)
        if found:
            self.hits[value] = found
            self.groups.add(form.group(found))


def detect_personal_data(
    columns: Mapping[str, Sequence[str]],
    *,
    distinct: Mapping[str, int] | None = None,
    kinds: Collection[PersonalDataKind] = DEFAULT_KINDS,
) -> tuple[Detection, ...]:
    """Find the columns whose personal data would have to stop an import.

    Parameters
    ----------
    columns
        Distinct values of each column, as text; either all of them or those that `screening_expression` lets through.
    distinct
        Number of distinct values of each column, where `columns` holds only a part; else they are counted.
    kinds
        What to look for; bank cards only if asked.

    Returns
    -------
    tuple of Detection
        By column in the order given, then by kind. Empty if nothing has to stop the import.

    Notes
    -----
    A telling form (e-mail address, full name, formatted phone, a number beside its name) stops an import if three
    values or one in a hundred show it; one e-mail address is enough. A form with check digits also needs far more hits
    among the values of its shape than chance gives: at least five times as many (or 60 %), and so many that the
    Chernoff bound on their probability is below the form's significance. In a column named after the kind one hit is
    enough.
    """
    found: list[Detection] = []
    for column, values in columns.items():
        different = list(dict.fromkeys(values))
        checked = max(len(different), (distinct or {}).get(column, 0))
        found += _detect_in_column(column, different, checked=checked, kinds=kinds)
    return tuple(found)


def _detect_in_column(
    column: str, values: Sequence[str], *, checked: int, kinds: Collection[PersonalDataKind]
) -> list[Detection]:
    named = named_kinds(column)
    hits: dict[PersonalDataKind, dict[str, str]] = defaultdict(dict)
    for (kind, _rule), evidence in _gather(values, _forms_for(named, kinds), is_named=bool(named)).items():
        if _is_enough(evidence, checked=checked):
            hits[kind] |= evidence.hits
    return [_report(column, kind, hits[kind], checked=checked) for kind in PersonalDataKind if kind in hits]


def _forms_for(named: frozenset[PersonalDataKind], kinds: Collection[PersonalDataKind]) -> list[Form]:
    forms = [form for form in FORMS if form.kind in kinds and (form.kind in named or not form.named_only)]
    # The column's name rules chance out; what is looked for only there has a rule of its own.
    return [replace(form, rule=ONE_SUFFICES) if form.kind in named and not form.named_only else form for form in forms]


def _gather(
    values: Iterable[str], forms: Sequence[Form], *, is_named: bool
) -> dict[tuple[PersonalDataKind, StoppingRule], _Evidence]:
    evidence = {(form.kind, form.rule): _Evidence(form.rule) for form in forms}
    searches = [(form.sign, form, evidence[form.kind, form.rule]) for form in forms]
    for value in values:
        signs = ALL_SIGNS if is_named else signs_of(value)
        if signs:
            for sign, form, found in searches:
                if sign in signs:
                    found.add(form, value)
    return evidence


def _is_enough(evidence: _Evidence, *, checked: int) -> bool:
    rule, hits = evidence.rule, len(evidence.hits)
    if not hits or len(evidence.groups) < rule.groups:
        return False
    if hits < rule.hits and hits < rule.share * checked:
        return False
    return rule.chance == 0 or _exceeds_chance(hits, len(evidence.shaped), rule=rule)


def _exceeds_chance(hits: int, shaped: int, *, rule: StoppingRule) -> bool:
    share = hits / shaped
    if share < min(_TIMES_CHANCE * rule.chance, _LARGEST_REQUIRED_SHARE):
        return False
    # Chernoff: P(at least `hits`) <= exp(-n KL(share, chance)); exact for all of them.
    divergence = share * math.log(share / rule.chance)
    if share < 1:
        divergence += (1 - share) * math.log((1 - share) / (1 - rule.chance))
    return shaped * divergence > -math.log(rule.significance)


def _report(column: str, kind: PersonalDataKind, hits: Mapping[str, str], *, checked: int) -> Detection:
    examples = tuple(mask(text) for text in list(hits.values())[:_EXAMPLES])
    return Detection(column, kind, len(hits), checked, len(hits) / checked, examples)
