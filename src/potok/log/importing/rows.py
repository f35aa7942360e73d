"""Step 2: which rows are taken, which are not and why, and to which case each belongs.

Afterwards the view ``taken`` shows the rows that make the log: the columns of ``raw``, ``source_row``, and ``case_key``
(the case id after splitting).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS, HOUR_SECONDS
from potok.engine.sql import quote_literal
from potok.log.importing.raw_table import CONSTANTS, Attribute
from potok.log.importing.reasons import name_reason
from potok.log.mapping import Mapping

# Systems write 1900 for "unknown" and 2999 for "never"; no agency's case history lies outside these years.
EARLIEST_PLAUSIBLE_US: Final = -631_152_000_000_000  # 1950-01-01
LATEST_PLAUSIBLE_US: Final = 4_102_444_800_000_000  # 2100-01-01
SHOWN_TEXT_LENGTH: Final = 200
# Rows left out because the user chose so; they say nothing against the source.
CHOSEN_REASONS: Final = ("excluded_case", "no_object_of_type")
SECONDS_OF_UNIT: Final = {"h": HOUR_SECONDS, "d": DAY_SECONDS, "w": 7 * DAY_SECONDS}

REJECTED_COLUMNS: Final = 'source_row BIGINT, line BIGINT, "column" VARCHAR, reason VARCHAR, text VARCHAR'


class NothingTakenError(BadDataError):
    """Not one row could be taken."""

    code = "POTOK-L005"


class TooManyRejectedError(BadDataError):
    """More rows are unusable than the user allows."""

    code = "POTOK-L006"


class SplitRuleError(UsageError):
    """The rule for splitting cases cannot be understood."""

    code = "POTOK-L007"


def create_taken_view(connection: Any, *, mapping: Mapping, attributes: Sequence[Attribute]) -> None:
    """Judge every row of ``raw``, note the unusable ones in ``rejected`` and create the view ``taken``."""
    present = _column_names(connection, "raw")
    source_row = "source_row" if "source_row" in present else "rowid + 1 AS source_row"
    columns = [name for name in present if name not in ("source_row", "trace")]
    columns += [f"{constant} AS {name}" for name, constant in CONSTANTS.items() if name not in present]
    columns += ["trace"] if "trace" in present else []
    connection.execute(f"CREATE VIEW complete AS SELECT {source_row}, {', '.join(columns)} FROM raw")
    connection.execute(f"CREATE VIEW judged AS SELECT *, {_reason(mapping)} AS reason FROM complete")
    all_usable = not connection.execute(_insert_rejected(mapping)).fetchone()[0]
    # Without a row to leave out, no later step has to judge each row once more.
    usable = "SELECT * FROM complete" if all_usable else "SELECT * EXCLUDE (reason) FROM judged WHERE reason IS NULL"
    excluded = _exclude(connection, mapping, attributes)
    if excluded:
        usable += f" {'WHERE' if all_usable else 'AND'} case_id NOT IN (SELECT case_id FROM excluded)"
    connection.execute(f"CREATE VIEW usable AS {usable}")
    _create_split_view(connection, mapping, attributes)


def _column_names(connection: Any, table: str) -> list[str]:
    rows = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table]).fetchall()
    return [row[0] for row in rows]


def _reason(mapping: Mapping) -> str:
    instants = ("enabled_us", "started_us", "completed_us")
    implausible = " OR ".join(
        f"{name} < {EARLIEST_PLAUSIBLE_US} OR {name} >= {LATEST_PLAUSIBLE_US}" for name in instants
    )
    no_case = "trace IS NULL" if mapping.case_id == "@trace" else "case_id IS NULL"
    return (
        f"CASE WHEN {no_case} THEN 'missing_case_id' WHEN activity IS NULL THEN 'missing_activity' "
        "WHEN bad_time IS NOT NULL THEN 'unreadable_time' "
        "WHEN coalesce(completed_us, started_us, enabled_us) IS NULL THEN 'missing_time' "
        f"WHEN {implausible} THEN 'implausible_year' END"
    )


def _insert_rejected(mapping: Mapping) -> str:
    time = next((c.columns[0] for c in (mapping.completed_at, mapping.started_at, mapping.enabled_at) if c), "")
    names = {
        "missing_case_id": mapping.case_id,
        "missing_activity": " / ".join(mapping.activity),
        "unreadable_time": time,
        "missing_time": time,
        "implausible_year": time,
    }
    column = " ".join(f"WHEN {quote_literal(key)} THEN {quote_literal(name)}" for key, name in names.items())
    instant = "CAST(make_timestamp(coalesce(completed_us, started_us, enabled_us)) AS VARCHAR)"
    text = f"CASE reason WHEN 'unreadable_time' THEN bad_time WHEN 'implausible_year' THEN {instant} ELSE activity END"
    return (
        f"INSERT INTO rejected SELECT source_row, NULL, CASE reason {column} END, reason, "
        f"left({text}, {SHOWN_TEXT_LENGTH}) FROM judged WHERE reason IS NOT NULL"
    )


def _exclude(connection: Any, mapping: Mapping, attributes: Sequence[Attribute]) -> bool:
    """Note the rows of cases that a rule excludes; return whether there is a rule."""
    if not mapping.exclude:
        return False
    held = {attribute.name: attribute.column for attribute in attributes}
    hits = " OR ".join(
        f"CAST({held[rule.column]} AS VARCHAR) IN ({', '.join(map(quote_literal, rule.values))})"
        for rule in mapping.exclude
    )
    connection.execute(
        f"CREATE TABLE excluded AS SELECT DISTINCT case_id FROM judged WHERE case_id IS NOT NULL AND ({hits})"
    )
    connection.execute(
        "INSERT INTO rejected SELECT source_row, NULL, '', 'excluded_case', "
        f"left(activity, {SHOWN_TEXT_LENGTH}) FROM judged WHERE reason IS NULL AND case_id IN (FROM excluded)"
    )
    return True


def _create_split_view(connection: Any, mapping: Mapping, attributes: Sequence[Attribute]) -> None:
    rule = mapping.split_cases_on
    if mapping.case_id == "@trace":
        key = "CAST(trace AS VARCHAR)"
    elif not rule:
        key = "case_id"
    elif rule == "trace":
        _require_traces(connection)
        key = "case_id || '#' || (dense_rank() OVER (PARTITION BY case_id ORDER BY trace))"
    elif rule.startswith("gap:"):
        connection.execute(_sessions(gap_seconds(rule)))
        connection.execute("CREATE VIEW taken AS SELECT * FROM sessions")
        return
    else:
        held = {attribute.name: attribute.column for attribute in attributes}
        key = f"case_id || '#' || coalesce(CAST({held[rule]} AS VARCHAR), '')"
    kind = "TABLE" if rule == "trace" else "VIEW"
    connection.execute(f"CREATE {kind} taken AS SELECT *, {key} AS case_key FROM usable")


def _require_traces(connection: Any) -> None:
    if "trace" not in _column_names(connection, "raw"):
        raise SplitRuleError(
            _("Only XES files have trace elements on which cases could be split."),
            where="--split-cases-on trace",
            remedy=_("Split on a silence such as gap:30d, or on a column."),
        )


def _sessions(seconds: int) -> str:
    """Return SQL for table ``sessions``: a new case begins after a silence longer than `seconds`."""
    instant = "coalesce(completed_us, started_us, enabled_us)"
    window = f"(PARTITION BY case_id ORDER BY {instant}, source_row)"
    return (
        "CREATE TABLE sessions AS WITH gaps AS (SELECT *, "
        f"CASE WHEN {instant} - lag({instant}) OVER {window} > {seconds * 1_000_000} THEN 1 ELSE 0 END AS opens "
        f"FROM usable) SELECT * EXCLUDE (opens), case_id || '#' || (1 + sum(opens) OVER {window}) AS case_key FROM gaps"
    )


def gap_seconds(rule: str) -> int:
    """Return the seconds in a rule such as ``gap:30d``."""
    match = re.fullmatch(r"gap:(\d+)([hdw])", rule)
    if match is None:
        raise SplitRuleError(
            _("The rule «{rule}» for splitting cases cannot be understood.").format(rule=rule),
            remedy=_("Write trace, the name of a column, or gap: with a length such as gap:30d, gap:12h, gap:8w."),
        )
    return int(match[1]) * SECONDS_OF_UNIT[match[2]]


def check_rejected(connection: Any, *, max_rejected_share: float, name: str) -> None:
    """Raise if no row was taken, or if more rows are unusable than `max_rejected_share` (0–1)."""
    taken = connection.execute("SELECT count(*) FROM taken").fetchone()[0]
    reasons = connection.execute(
        "SELECT reason, count(*), min(coalesce(line, source_row)), any_value(text) FROM rejected "
        f"WHERE reason NOT IN ({', '.join(map(quote_literal, CHOSEN_REASONS))}) GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    rejected = sum(row[1] for row in reasons)
    listing = "; ".join(
        _("{reason}: {count} rows, first at row {row} («{text}»)").format(
            reason=name_reason(reason), count=count, row=first, text=(text or "")[:60]
        )
        for reason, count, first, text in reasons
    )
    if taken == 0:
        raise NothingTakenError(
            _("Not one row of {name} could be taken.").format(name=name),
            where=listing,
            remedy=_("Check which columns hold the case, the activity and the time (--case, --activity, --completed)."),
        )
    if rejected > max_rejected_share * (taken + rejected):
        raise TooManyRejectedError(
            _("{rejected} of {all} rows of {name} cannot be used.").format(
                rejected=rejected, all=taken + rejected, name=name
            ),
            where=listing,
            remedy=_("Check the column roles and time formats, or allow it with --max-rejected {share}.").format(
                share=round(rejected / (taken + rejected) + 0.005, 2)
            ),
        )
