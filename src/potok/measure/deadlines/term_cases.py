"""The way from a figure about a term back to its cases."""

from dataclasses import fields
from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.regulations.due_arrays import NEVER_US
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.deadlines.judgement import Flags, JudgedTerm, Judgement, TermStates
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence

STATES: Final = tuple(state.name for state in fields(TermStates))
_TERM_CASES: Final = "term_cases"
_NO_UNIT: Final = -1


class UnknownTermError(UsageError):
    """Cases are asked for of a term that the regulation does not have."""

    code = "POTOK-M050"


def list_term_cases(
    store: LogStore,
    judgement: Judgement,
    term: str,
    *,
    state: str | None = None,
    units: tuple[str | None, ...] = (),
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases that have a term, those first in which it has run longest.

    Their seconds are calendar time from the start of the term to its end, the closing of the case or the extraction,
    whichever comes first; their rows are those of the first and the last instance.

    Parameters
    ----------
    judgement
        The log's cases under its regulation.
    state
        One of `STATES`, such as ``"late"``: only cases that stand so; None for all that have the term.
    units
        Only cases whose last instance was done by one of these units, None for an unknown one; all if empty.
    limit
        At most so many cases; None for all.

    Raises
    ------
    UnknownTermError
        If the regulation has no such term.
    UnknownPlaceError
        If the log does not have one of the units.
    ValueError
        If `state` is none of `STATES`.
    """
    judged = _find(judgement, term)
    chosen = np.flatnonzero(_stand_so(judged, state) & _belong_to(judged, judgement, units))
    found = judged.found
    left_us = np.minimum(found.end_us, found.closed_us)
    run_us = np.where(left_us == NEVER_US, judgement.extracted_us, left_us)[chosen] - found.start_us[chosen]
    case = found.case[chosen]
    order = np.lexsort((case, -run_us))[slice(limit)]
    given = {_TERM_CASES: pa.table({"case": case[order], "lead_us": run_us[order]})}
    listed = CASES.select("case", "case_id").inner_join(
        ibis.table({"case": "int64", "lead_us": "int64"}, name=_TERM_CASES), "case"
    )
    return read_evidence(case_evidence(EVENTS, listed, limit=None), store, engine, given=given)


def _find(judgement: Judgement, term: str) -> JudgedTerm:
    known = {judged.term.name: judged for judged in judgement.terms}
    if term not in known:
        raise UnknownTermError(
            _("The regulation has no term “{name}”.").format(name=term),
            remedy=_("Use one of: {labels}.").format(labels=", ".join(known)),
        )
    return known[term]


def _stand_so(judged: JudgedTerm, state: str | None) -> Flags:
    if state is None:
        return np.ones(len(judged.found.case), bool)
    if state not in STATES:
        raise ValueError(f"no state of a term is called {state!r}")
    flags: Flags = getattr(judged.states, state)
    return flags


def _belong_to(judged: JudgedTerm, judgement: Judgement, units: tuple[str | None, ...]) -> Flags:
    if not units:
        return np.ones(len(judged.found.case), bool)
    codes = [_NO_UNIT if unit is None else find_code(judgement.unit_labels, unit) for unit in units]
    flags: Flags = np.isin(judged.found.org_unit, codes)
    return flags
