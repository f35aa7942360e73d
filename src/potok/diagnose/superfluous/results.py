"""Results that a log holds with the instances of a step."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.diagnose.superfluous.case_mix import ATTRIBUTE_PREFIX, UnknownColumnError
from potok.diagnose.superfluous.continuation import UNKNOWN_RESULT
from potok.diagnose.superfluous.declaration import BRANCHING
from potok.diagnose.superfluous.traces import Codes, Traces
from potok.engine.duckdb import connect
from potok.engine.sql import quote_file, quote_identifier
from potok.log.store import LogStore

_WORD: Final = re.compile(
    r"results?|decisions?|verdict|outcome|conclusion|результат[аыу]?|решени[еяю]|заключени[еяю]|исход[ау]?",
    re.IGNORECASE,
)
"""Words in the names of columns that hold results, where nobody has said which does."""
_WORDS: Final = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+|[A-ZА-ЯЁ]+(?![a-zа-яё])")
MOST_VALUES: Final = 30


@dataclass(frozen=True, slots=True)
class StepResults:
    """Codes of the results of a step along the traces, those that alter nothing, and whether people said so."""

    codes: Codes
    natural: frozenset[int]
    is_declared: bool


@dataclass(frozen=True, slots=True)
class LoggedResults:
    """Columns with results.

    Parameters
    ----------
    columns
        By column: codes along the traces (`UNKNOWN_RESULT` where empty) and the texts of the codes.
    by_activity
        Which column holds the result of an activity, as declared.
    guessed
        The column for all others; empty if there is none.
    """

    columns: dict[str, tuple[Codes, tuple[str, ...]]]
    by_activity: dict[str, str]
    guessed: str

    def of(self, activity: str, natural: tuple[str, ...]) -> StepResults | None:
        """Return the results of an activity; None where the log holds none."""
        column = self.by_activity.get(activity, self.guessed)
        if not column or column == BRANCHING:
            return None
        codes, texts = self.columns[column]
        held = frozenset(code for code, text in enumerate(texts) if text in natural)
        return StepResults(codes, held, is_declared=activity in self.by_activity)


def fetch_results(store: LogStore, traces: Traces, declared: dict[str, str]) -> LoggedResults:
    """Fetch the columns of results that are declared, or whose name speaks of one.

    Parameters
    ----------
    declared
        By activity: a column of the events (with or without ``attr:``), `BRANCHING`, or empty.

    Raises
    ------
    UnknownColumnError
        If a declared column is not there.
    """
    source = f"read_parquet({quote_file(store.folder / 'events.parquet')})"
    connection = connect()
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        held = [row[0] for row in rows if row[0].startswith(ATTRIBUTE_PREFIX)]
        by_activity = {name: _column(column, held) for name, column in declared.items() if column}
        guessed = _guess(connection, source, held)
        wanted = sorted({*by_activity.values(), guessed} - {"", BRANCHING})
        columns = {column: _fetch(connection, source, column, traces) for column in wanted}
    finally:
        connection.close()
    return LoggedResults(columns, by_activity, guessed)


def _column(name: str, held: list[str]) -> str:
    if name == BRANCHING:
        return name
    column = name if name.startswith(ATTRIBUTE_PREFIX) else ATTRIBUTE_PREFIX + name
    if column not in held:
        raise UnknownColumnError(
            _("The log has no column “{name}” of events.").format(name=name),
            where="result",
            remedy=_("Use one of: {labels}.").format(labels=", ".join([*held, BRANCHING])),
        )
    return column


def names_result(column: str) -> bool:
    """Return whether the name of a column has a whole word for a result: a permit is no decision, nor is a letter."""
    return any(map(_WORD.fullmatch, _WORDS.findall(column)))


def _guess(connection: object, source: str, held: list[str]) -> str:
    named = [name for name in held if names_result(name.removeprefix(ATTRIBUTE_PREFIX))]
    for name in named:
        query = f"SELECT approx_count_distinct({quote_identifier(name)}) FROM {source}"
        ((values,),) = connection.execute(query).fetchall()  # type: ignore[attr-defined]
        if 1 <= values <= MOST_VALUES:
            return name
    return ""


def _fetch(connection: object, source: str, column: str, traces: Traces) -> tuple[Codes, tuple[str, ...]]:
    query = (
        f'SELECT "case", position, CAST({quote_identifier(column)} AS VARCHAR) AS result FROM {source} '
        f'WHERE "case" % {traces.every} = 0 AND {quote_identifier(column)} IS NOT NULL'
    )
    table = connection.sql(query).to_arrow_table()  # type: ignore[attr-defined]
    coded = table.column("result").combine_chunks().dictionary_encode()
    owner = np.searchsorted(traces.case, table.column("case").to_numpy())
    begins = np.searchsorted(traces.owner, owner)
    codes = np.full(len(traces.activity), UNKNOWN_RESULT)
    codes[begins + 1 + table.column("position").to_numpy()] = np.asarray(coded.indices.to_numpy(), np.int64)
    return codes, tuple(str(text) for text in coded.dictionary.to_pylist())
