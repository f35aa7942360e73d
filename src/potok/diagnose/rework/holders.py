"""Who holds a case: a performer, a department, or the value of an attribute of instances, such as the agency.

Performers and departments are told by their codes in the store, values of an attribute by their text.
"""

from collections.abc import Mapping
from typing import Final

import ibis

from potok.diagnose.rework.asking import Key, example_cases, find_examples
from potok.diagnose.rework.event_attributes import full_name, read_attribute
from potok.engine.base import Engine, Given
from potok.log.store import LogStore
from potok.measure.evidence import find_code
from potok.measure.running import resource_labels, unit_labels

HOLDERS: Final = ("resource", "org_unit")
PLACEHOLDERS: Final = (
    "-",
    "?",
    "empty",
    "missing",
    "n/a",
    "none",
    "null",
    "undefined",
    "unknown",
    "не задано",
    "не указано",
    "не указан",
    "не определено",
    "нет данных",
    "неизвестно",
)
"""Words for a holder that is not known."""

Ends = tuple[str, str]


def holder_name(holder: str) -> str:
    """Return ``resource``, ``org_unit``, or the attribute as ``attr:NAME``."""
    return holder if holder in HOLDERS else full_name(holder)


def given_holders(store: LogStore, holder: str) -> Given | None:
    """Return what analyses of a holder are run with beside the store.

    Raises
    ------
    UnknownAttributeError
        If it is an attribute that the instances do not have.
    """
    return None if holder in HOLDERS else read_attribute(store, holder)


def code_labels(store: LogStore, holder: str, engine: Engine | None) -> dict[int, str] | None:
    """Return the labels of holders by code; None for an attribute, whose values are told by their text."""
    if holder not in HOLDERS:
        return None
    return (resource_labels if holder == "resource" else unit_labels)(store, engine)


def codes_of(ends: Ends, labels: dict[int, str] | None) -> Key:
    """Return how two holders are told in a query.

    Parameters
    ----------
    labels
        As of `code_labels`.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of them.
    """
    return ends if labels is None else tuple(find_code(labels, label) for label in ends)


def find_examples_between(
    spans: ibis.Table, asked: Mapping[Ends, Key], store: LogStore, engine: Engine | None, *, given: Given | None
) -> dict[Ends, tuple[int, ...]]:
    """Find the codes of the cases that lose most between each pair of holders, in one pass.

    Parameters
    ----------
    spans
        `case`, `gap_us` (null if unknown) and the two holders.
    asked
        Labels of pairs, with how these are told in the query.
    """
    keys = [name for name in spans.columns if name not in ("case", "gap_us")]
    found = find_examples(example_cases(spans, *keys), list(asked.values()), store, engine, given=given)
    return {ends: found[key] for ends, key in asked.items()}
