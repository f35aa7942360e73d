"""Whether a verified effect lasts: its table and its JSON."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.inference.estimate import Estimate
from potok.report.catalogue.entry import count, text
from potok.report.tables import Table
from potok.report.verification.amounts import amounts_of
from potok.verify.persistence import Lasting, Persistence
from potok.verify.protocol.model import Protocol

SCHEMA: Final = "potok.persistence/1"


def persistence_table(found: Sequence[Persistence], protocol: Protocol) -> Table:
    """Return a row for each later period."""
    amounts = amounts_of(protocol.estimand)
    columns = (
        text("months", _("Months after the look")),
        text("lasting", _("The effect")),
        text("improvement", _("Improvement on later cases")),
        text("lower", pgettext("bounds", "From")),
        text("upper", pgettext("bounds", "To")),
        count("cases", _("Cases")),
        text("compared", _("Beside others that had not changed")),
    )
    rows = []
    for one in found:
        values: tuple[str, ...] = ("", "", "")
        if one.improvement is not None:
            known = (one.improvement.value, one.improvement.lower, one.improvement.upper)
            values = tuple(amounts.write_signed(value) if isfinite(value) else "" for value in known)
        compared = _("yes") if one.is_compared else _("no: without contemporary control")
        rows.append((str(one.months), name_lasting(one.lasting), *values, one.cases, compared))
    return Table("persistence", _("Does the effect last?"), columns, tuple(rows))


def name_lasting(lasting: Lasting) -> str:
    """Say whether an effect lasts."""
    return {
        Lasting.PERSISTS: _("persists"),
        Lasting.ERODED: _("eroded"),
        Lasting.POSTPONED: _("cannot be told yet"),
    }[lasting]


def persistence_as_json(found: Sequence[Persistence], protocol: Protocol) -> dict[str, Any]:
    """Return the answers as plain values: ``potok.persistence/1``."""
    return {
        "schema": SCHEMA,
        "protocol_sha256": protocol.sha256,
        "later": [
            {
                "months": one.months,
                "lasting": one.lasting.value,
                "improvement": _interval(one.improvement),
                "cases": one.cases,
                "is_compared": one.is_compared,
            }
            for one in found
        ],
    }


def _interval(one: Estimate | None) -> dict[str, float | None] | None:
    if one is None:
        return None
    known = {"value": one.value, "lower": one.lower, "upper": one.upper, "confidence": one.confidence}
    return {name: value if isfinite(value) else None for name, value in known.items()}
