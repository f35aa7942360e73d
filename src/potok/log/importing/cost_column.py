"""The column of costs: whether it holds numbers at all."""

from collections.abc import Iterable
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.log.mapping import Mapping
from potok.log.sources.base import ColumnKind, StagedColumn

EXAMPLES: Final = 3


class CostColumnError(UsageError):
    """The column of costs holds no numbers: times, words, or amounts with their currency."""

    code = "POTOK-L035"


def check_cost_kind(mapping: Mapping, columns: Iterable[StagedColumn]) -> None:
    """Check that the column of costs does not hold times.

    Raises
    ------
    CostColumnError
        If it does.
    """
    for column in columns:
        if column.name == mapping.cost and column.kind in (ColumnKind.INSTANT, ColumnKind.LOCAL_TIME):
            raise _refusal(mapping.cost, _("The column {column} cannot be the cost: it holds times."))


def check_costs(connection: Any, mapping: Mapping) -> None:
    """Check that at least one cost in ``taken`` is a number, where any is written.

    Raises
    ------
    CostColumnError
        If none is; some of the texts are shown.
    """
    if not mapping.cost:
        return
    known, unreadable = connection.execute("SELECT count(cost), count(bad_cost) FROM taken").fetchone()
    if known or not unreadable:
        return
    rows = connection.execute(
        "SELECT bad_cost, count(*) AS n FROM taken WHERE bad_cost IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 "
        f"LIMIT {EXAMPLES}"
    ).fetchall()
    values = ", ".join(quoted(row[0]) for row in rows)
    message = _("The column {column} cannot be the cost: none of its values is a number, such as {values}.")
    raise _refusal(mapping.cost, message, values=values)


def _refusal(column: str, message: str, **values: str) -> CostColumnError:
    return CostColumnError(
        message.format(column=quoted(column), **values),
        where=f"--cost {column}",
        remedy=_(
            "Name a column of amounts in one currency, written as numbers alone; with a decimal comma add --decimal ,."
        ),
    )
