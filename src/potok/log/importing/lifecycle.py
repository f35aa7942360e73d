"""Step 4: life-cycle transitions become activity instances.

Within a case and activity (and instance id or resource chain, if the log has instance ids) the first open start meets
the first completion after it. With S and C the numbers of starts and completions so far, completions that find no open
start are those that raise U = max(C - S, 0); after leaving them out, the k-th start belongs to the k-th completion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.log.mapping import LifecycleMode, Mapping

# XES standard life-cycle model, by what a transition does to an instance.
SCHEDULING: Final = ("schedule",)
STARTING: Final = ("start",)
ENDING: Final = ("complete", "manualskip", "autoskip", "withdraw", "ate_abort", "pi_abort")
BETWEEN: Final = ("suspend", "resume", "assign", "reassign")
STANDARD: Final = (*SCHEDULING, *STARTING, *ENDING, *BETWEEN)


@dataclass(frozen=True, slots=True)
class LifecycleReport:
    """What pairing did.

    Parameters
    ----------
    paired
        Whether transitions were paired; False keeps every row as an instance.
    transitions
        Transition (lower case) and its number of rows.
    unmatched_starts, unmatched_schedules
        Instances begun (or scheduled) but never completed: work in hand or a missing record.
    completions_without_start
        Instances of activities that elsewhere have starts.
    """

    paired: bool
    transitions: tuple[tuple[str, int], ...] = ()
    unmatched_starts: int = 0
    unmatched_schedules: int = 0
    completions_without_start: int = 0


def pair_transitions(connection: Any, *, mapping: Mapping, attributes: Sequence[str]) -> LifecycleReport:
    """Pair the rows of ``taken`` into a table ``instances``, or make ``instances`` a view of ``taken``.

    Parameters
    ----------
    attributes
        Attribute columns of ``taken``; an instance keeps those of its last row.
    """
    transitions = _count_transitions(connection) if mapping.lifecycle else ()
    names = {name for name, _ in transitions}
    standard = bool(names) and names <= set(STANDARD) and len(names & {*STARTING, *SCHEDULING}) > 0
    wanted = mapping.lifecycle_mode
    if wanted is LifecycleMode.RAW or not mapping.lifecycle or (wanted is LifecycleMode.AUTO and not standard):
        connection.execute("CREATE VIEW instances AS SELECT * FROM taken")
        return LifecycleReport(paired=False, transitions=transitions)
    connection.execute(_marked())
    connection.execute(_numbered("marked", "numbered", opening="is_start", closing="is_end"))
    connection.execute(_begun())
    connection.execute(_numbered("begun", "chained", opening="is_schedule", closing="is_begin"))
    connection.execute(_paired(connection, attributes))
    starts, schedules, bare = connection.execute(_UNMATCHED).fetchone()
    return LifecycleReport(True, transitions, starts, schedules, bare)


def _count_transitions(connection: Any) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        "SELECT lower(transition), count(*) FROM taken WHERE transition IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return tuple((name, count) for name, count in rows)


KEY: Final = "case_key, activity, coalesce(instance, '')"


def _one_of(names: Sequence[str]) -> str:
    return f"lower(transition) IN ({', '.join(repr(name) for name in names)})"


def _marked() -> str:
    return f"""
    CREATE TABLE marked AS
    SELECT *, row_number() OVER () AS row_id, coalesce(completed_us, started_us, enabled_us) AS happened_us,
           {_one_of(SCHEDULING)} AND transition IS NOT NULL AS is_schedule,
           {_one_of(STARTING)} AND transition IS NOT NULL AS is_start,
           transition IS NULL OR {_one_of(ENDING)} AS is_end
    FROM taken
    """


def _numbered(source: str, into: str, *, opening: str, closing: str) -> str:
    """Return SQL that numbers openings and the closings that meet one.

    Adds ``{opening}_no`` and ``{closing}_no`` (1-based; NULL for a closing that finds nothing open). At the same
    instant an opening precedes a closing.
    """
    window = (
        f"(PARTITION BY {KEY} ORDER BY happened_us, CASE WHEN {opening} THEN 0 ELSE 1 END, source_row "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    )
    order = window.replace(" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "")
    return f"""
    CREATE TABLE {into} AS
    WITH counted AS (
        SELECT *, count(*) FILTER ({opening}) OVER {window} AS openings,
               count(*) FILTER ({closing}) OVER {window} AS closings
        FROM {source}
    ), excess AS (
        SELECT *, greatest(max(closings - openings) OVER {window}, 0) AS bare FROM counted
    ), previous AS (
        SELECT *, coalesce(lag(bare) OVER {order}, 0) AS bare_before FROM excess
    )
    SELECT * EXCLUDE (openings, closings, bare, bare_before),
           CASE WHEN {opening} THEN openings END AS {opening}_no,
           CASE WHEN {closing} AND bare = bare_before THEN closings - bare END AS {closing}_no
    FROM previous
    """


def _begun() -> str:
    """Return SQL for table ``begun``: starts joined with their completions, bare completions, and schedulings."""
    return """
    CREATE TABLE begun AS
    SELECT s.* EXCLUDE (is_start_no, is_end_no), e.row_id AS end_row, e.happened_us AS ended_us,
           s.is_start AS is_begin
    FROM numbered s LEFT JOIN (SELECT * FROM numbered WHERE is_end_no IS NOT NULL) e
      ON s.is_start AND s.case_key = e.case_key AND s.activity = e.activity
     AND coalesce(s.instance, '') = coalesce(e.instance, '') AND s.is_start_no = e.is_end_no
    WHERE s.is_start OR s.is_schedule
    UNION ALL BY NAME
    SELECT * EXCLUDE (is_start_no, is_end_no), row_id AS end_row, happened_us AS ended_us, true AS is_begin
    FROM numbered WHERE is_end AND is_end_no IS NULL
    """


def _paired(connection: Any, attributes: Sequence[str]) -> str:
    """Return SQL for table ``instances``: one row per instance, shaped like ``taken``."""
    columns = [row[0] for row in connection.execute("DESCRIBE taken").fetchall()]
    replaced = {"source_row", "enabled_us", "started_us", "completed_us", "resource", "org_unit", "cost", *attributes}
    kept = ", ".join(f"c.{name}" for name in columns if name not in replaced)
    last = ", ".join(f"l.{name}" for name in attributes)
    return f"""
    CREATE TABLE instances AS
    SELECT {kept}, l.source_row,
           coalesce(s.happened_us, c.enabled_us, CASE WHEN c.is_schedule THEN c.happened_us END) AS enabled_us,
           CASE WHEN c.is_start THEN c.happened_us ELSE c.started_us END AS started_us,
           c.ended_us AS completed_us,
           coalesce(l.resource, c.resource) AS resource, coalesce(l.org_unit, c.org_unit) AS org_unit,
           coalesce(l.cost, c.cost) AS cost{", " + last if last else ""}
    FROM chained c
    LEFT JOIN (SELECT * FROM chained WHERE is_schedule) s
      ON c.is_begin AND s.case_key = c.case_key AND s.activity = c.activity
     AND coalesce(s.instance, '') = coalesce(c.instance, '') AND s.is_schedule_no = c.is_begin_no
    JOIN marked l ON l.row_id = coalesce(c.end_row, c.row_id)
    WHERE c.is_begin OR NOT EXISTS (
        SELECT 1 FROM chained b WHERE b.is_begin AND b.case_key = c.case_key AND b.activity = c.activity
           AND coalesce(b.instance, '') = coalesce(c.instance, '') AND b.is_begin_no = c.is_schedule_no)
    """


_UNMATCHED: Final = """
    SELECT count(*) FILTER (started_us IS NOT NULL AND completed_us IS NULL),
           count(*) FILTER (started_us IS NULL AND completed_us IS NULL),
           count(*) FILTER (completed_us IS NOT NULL AND started_us IS NULL AND activity IN (
               SELECT activity FROM instances WHERE started_us IS NOT NULL))
    FROM instances
"""
