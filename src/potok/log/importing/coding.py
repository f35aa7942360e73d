"""Step 5: dictionaries. Labels become small integers, ids become pseudonyms."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pyarrow as pa

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.privacy.pseudonyms import CASE_DOMAIN, RESOURCE_DOMAIN, column_domain

# How values are concealed: (values, domain) -> labels of the same length, the same label for the same value.
Conceal = Callable[[Sequence[str], str], Sequence[str]]
# Ids pass through Python so many at a time, so that ten million cases need no gigabytes of strings.
BATCH_ROWS: Final = 100_000


class UnknownActivityError(BadDataError):
    """A rule names an activity that the log does not have."""

    code = "POTOK-L008"


def create_dictionaries(
    connection: Any,
    *,
    conceal: Conceal | None,
    renames: Sequence[tuple[str, str]],
    phases: Sequence[tuple[str, str]],
    is_paired: bool,
) -> None:
    """Create ``case_codes``, ``activity_codes``, ``resource_codes`` and ``unit_codes`` from ``instances``.

    Codes are ranks: of cases by opening, of all else by label. So they do not depend on the order of rows.

    Parameters
    ----------
    conceal
        Makes pseudonyms of the ids of cases and resources; None stores ids as they are.
    """
    _create_case_codes(connection, conceal, is_paired=is_paired)
    _create_activity_codes(connection, renames, phases)
    _create_label_codes(connection, "resource", "resource_codes", conceal)
    _create_label_codes(connection, "org_unit", "unit_codes", None)


def _create_labels(connection: Any, table: str, values: str, *, conceal: Conceal | None, domain: str) -> None:
    """Create a table (``value``, ``label``) of the values that a query yields, each once.

    Raises
    ------
    BadDataError
        If two values got the same label.
    """
    if conceal is None:
        connection.execute(f"CREATE TABLE {table} AS SELECT value, value AS label FROM ({values}) AS v(value)")
        return
    connection.execute(f"CREATE TABLE {table} (value VARCHAR, label VARCHAR)")
    reader = connection.cursor()
    reader.execute(f"SELECT value FROM ({values}) AS v(value)")
    while rows := reader.fetchmany(BATCH_ROWS):
        plain = [row[0] for row in rows]
        columns = {"value": plain, "label": conceal(plain, domain)}
        labels = pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})
        connection.register("labels", labels)
        connection.execute(f"INSERT INTO {table} SELECT value, label FROM labels")
        connection.unregister("labels")
    reader.close()
    if connection.execute(f"SELECT count(*) <> count(DISTINCT label) FROM {table}").fetchone()[0]:
        raise BadDataError(_("Two different ids received the same pseudonym."), remedy=_("Make a new key."))


def _create_case_codes(connection: Any, conceal: Conceal | None, *, is_paired: bool) -> None:
    # Pairing makes several rows one instance but changes no instant; without it rows are instances.
    counts = "SELECT case_key, count(*) AS n_events FROM instances GROUP BY 1"
    counted = (
        f"case_facts JOIN ({counts}) USING (case_key)"
        if is_paired
        else "(SELECT *, n_rows AS n_events FROM case_facts)"
    )
    connection.execute(f"CREATE VIEW case_spans AS SELECT case_key, n_events, opened_us, last_us FROM {counted}")
    keys = "SELECT case_key FROM case_spans"
    _create_labels(connection, "case_labels", keys, conceal=conceal, domain=CASE_DOMAIN)
    connection.execute(
        "CREATE TABLE case_codes AS SELECT value AS case_key, label, n_events, opened_us, last_us, "
        'row_number() OVER (ORDER BY opened_us, label) - 1 AS "case" '
        "FROM case_spans JOIN case_labels ON case_key = value"
    )


def _create_activity_codes(
    connection: Any, renames: Sequence[tuple[str, str]], phases: Sequence[tuple[str, str]]
) -> None:
    values = [row[0] for row in connection.execute("SELECT DISTINCT activity FROM instances ORDER BY 1").fetchall()]
    _check_known({old for old, _new in renames}, set(values))
    rename = dict(renames)
    labels = [rename.get(value, value) for value in values]
    _check_known({label for label, _phase in phases}, set(labels))
    phase = dict(phases)
    code = {label: index for index, label in enumerate(sorted(set(labels)))}
    table = pa.table(
        {
            "value": pa.array(values, pa.string()),
            "label": pa.array(labels, pa.string()),
            "phase": pa.array([phase.get(label) for label in labels], pa.string()),
            "code": pa.array([code[label] for label in labels], pa.int32()),
        }
    )
    connection.register("codes", table)
    connection.execute("CREATE TABLE activity_codes AS SELECT * FROM codes")
    connection.unregister("codes")


def _check_known(named: set[str], present: set[str]) -> None:
    """Raise if a rule names no activity of the log at all; a few unknown names are for the quality report."""
    unknown = sorted(named - present)
    if named and len(unknown) == len(named):
        raise UnknownActivityError(
            _("The log has no activity {names}.").format(names=", ".join(f"«{name}»" for name in unknown)),
            remedy=_("Activities of the log: {names}.").format(
                names=", ".join(f"«{name}»" for name in sorted(present)[:20])
            ),
        )


def _create_label_codes(connection: Any, column: str, table: str, conceal: Conceal | None) -> None:
    values = f"SELECT DISTINCT {column} FROM instances WHERE {column} IS NOT NULL"
    _create_labels(connection, f"{table}_labels", values, conceal=conceal, domain=RESOURCE_DOMAIN)
    connection.execute(
        f"CREATE TABLE {table} AS SELECT value, label, "
        f"CAST(row_number() OVER (ORDER BY label) - 1 AS INTEGER) AS code FROM {table}_labels"
    )


def conceal_attribute(connection: Any, *, column: str, name: str, conceal: Conceal) -> str:
    """Create a dictionary of pseudonyms for an attribute; return SQL over ``instances`` giving the pseudonym.

    Parameters
    ----------
    column
        Column of ``instances`` (text).
    name
        The attribute's name, which is the pseudonyms' domain.
    """
    values = f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM taken WHERE {column} IS NOT NULL"
    table = f"concealed_{column}"
    _create_labels(connection, table, values, conceal=conceal, domain=column_domain(name))
    return f"(SELECT label FROM {table} WHERE value = CAST({column} AS VARCHAR))"
