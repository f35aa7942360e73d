"""Step 7: which cases are closed, and when.

Without a rule Potok guesses end activities and says so. A case is *settled* when nothing has happened in it for longer
than nearly every pause inside a case (the 99th percentile). An activity is an end activity when, among settled cases
that contain it, it is the last one in at least a tenth, and it ends at least one settled case in two hundred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.engine.sql import quote_literal
from potok.log.importing.attributes import TypedAttribute
from potok.log.mapping import ClosingBasis, ExtractionKind, Mapping
from potok.log.zones import load_zone

PAUSE_QUANTILE: Final = 0.99
END_SHARE: Final = 0.1
END_CASE_SHARE: Final = 0.005
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ClosingRuleError(UsageError):
    """The closing rule names what the log does not have."""

    code = "POTOK-L009"


@dataclass(frozen=True, slots=True)
class ClosingReport:
    """How cases were found closed.

    Parameters
    ----------
    basis
        The rule's basis.
    guessed
        Whether the rule is Potok's guess.
    values
        End activities (labels) or final values.
    closed_cases, open_cases
        Number of cases.
    dormant_cases
        Open cases in which nothing has happened for longer than `settled_after_seconds`.
    """

    basis: ClosingBasis
    guessed: bool
    values: tuple[str, ...]
    closed_cases: int
    open_cases: int
    dormant_cases: int
    settled_after_seconds: float


class WatchError(UsageError):
    """The beginning of the watch does not go with how cases were chosen, or when."""

    code = "POTOK-L034"


@dataclass(frozen=True, slots=True)
class Extraction:
    """Up to when the log reaches.

    Parameters
    ----------
    extracted_us
        Declared instant of extraction, else the last instant in the log; microseconds UTC.
    is_declared
        Whether the user declared it.
    watched_from_us
        For active cases: since when they were watched; None if nobody said.
    """

    extracted_us: int
    is_declared: bool
    watched_from_us: int | None = None


def find_extraction(connection: Any, mapping: Mapping) -> Extraction:
    """Return up to when the log reaches, by declaration or by its last instant.

    Raises
    ------
    ClosingRuleError
        If a declared instant cannot be read.
    WatchError
        If the beginning of the watch does not go with the rest.
    """
    if mapping.extracted_at:
        extracted_us = _declared_us(mapping.extracted_at, mapping.zone, "--extracted-at")
    else:
        extracted_us = int(connection.execute("SELECT max(last_us) FROM case_spans").fetchone()[0])
    return Extraction(extracted_us, bool(mapping.extracted_at), _watched_from_us(mapping, extracted_us))


def _declared_us(text: str, zone: str, option: str) -> int:
    try:
        declared = datetime.fromisoformat(text)
    except ValueError as error:
        message = {
            "--extracted-at": _("The instant of extraction «{value}» cannot be read."),
            "--watched-from": _("The beginning of the watch «{value}» cannot be read."),
        }[option]
        raise ClosingRuleError(
            message.format(value=text), where=option, remedy=_("Write it as 2026-03-31 or 2026-03-31T18:00.")
        ) from error
    if declared.tzinfo is None:
        declared = declared.replace(tzinfo=load_zone(zone))
    return (declared - EPOCH) // timedelta(microseconds=1)


def _watched_from_us(mapping: Mapping, extracted_us: int) -> int | None:
    if not mapping.watched_from:
        return None
    if mapping.extraction is not ExtractionKind.ACTIVE:
        raise WatchError(
            _("Since when cases were watched is said of an extract of active cases; this one holds others."),
            where="--watched-from",
            remedy=_("Add --extraction active if the extract holds the cases active in a period; else leave it out."),
        )
    watched_us = _declared_us(mapping.watched_from, mapping.zone, "--watched-from")
    if watched_us > extracted_us:
        raise WatchError(
            _("Cases were watched from {value} on, after the extract was made.").format(value=mapping.watched_from),
            where="--watched-from",
            remedy=_("Correct one of the two instants."),
        )
    return watched_us


def close_cases(
    connection: Any, *, mapping: Mapping, attributes: Sequence[TypedAttribute], extracted_us: int
) -> ClosingReport:
    """Create table ``closed`` (``case``, ``closed_us``), one row per closed case.

    Reads ``sorted``, ``variants``, ``case_variants``, ``case_codes``, ``activity_codes`` and, for a status or a closing
    field, ``instances``.
    """
    settled_us = _settled_pause_us(connection)
    rule = mapping.closing
    values = rule.values
    if rule.basis is ClosingBasis.GUESSED:
        values = _guess_end_activities(connection, settled_us=settled_us, extracted_us=extracted_us)
    connection.execute(f"CREATE TABLE closed AS {_closed(connection, mapping, attributes, values)}")
    closed, open_cases, dormant = connection.execute(
        'SELECT count(closed."case"), count(*) FILTER (closed."case" IS NULL), '
        'count(*) FILTER (closed."case" IS NULL AND c.last_us < ?) FROM case_codes c LEFT JOIN closed USING ("case")',
        [extracted_us - settled_us],
    ).fetchone()
    guessed = rule.basis is ClosingBasis.GUESSED
    return ClosingReport(rule.basis, guessed, values, closed, open_cases, dormant, settled_us / 1e6)


def _settled_pause_us(connection: Any) -> int:
    """Return the 99th percentile of pauses between consecutive instances of a case, microseconds."""
    instant = "coalesce(completed_us, started_us, enabled_us)"
    pause = connection.execute(
        f'SELECT approx_quantile(following - happened, {PAUSE_QUANTILE}) FROM (SELECT "case", {instant} AS happened, '
        f'lead({instant}) OVER () AS following, lead("case") OVER () AS following_case FROM sorted) '
        'WHERE following_case = "case"'
    ).fetchone()[0]
    return int(pause or 0)


def _last_activities() -> str:
    return (
        'SELECT "case", activity, completed_us FROM (SELECT "case", activity, completed_us, '
        'lead("case") OVER () AS following_case FROM sorted) WHERE following_case IS DISTINCT FROM "case"'
    )


def _guess_end_activities(connection: Any, *, settled_us: int, extracted_us: int) -> tuple[str, ...]:
    rows = connection.execute(
        f"""
        WITH settled AS (
            SELECT variant, count(*) AS cases FROM case_variants JOIN case_codes USING ("case")
            WHERE last_us < {extracted_us - settled_us} GROUP BY 1
        ), paths AS (
            SELECT s.cases, string_split(v.activities, ',') AS path FROM settled s JOIN variants v USING (variant)
        ), occurring AS (
            SELECT activity, sum(cases) AS cases FROM (SELECT cases, unnest(list_distinct(path)) AS activity FROM paths)
            GROUP BY 1
        ), ending AS (
            SELECT path[-1] AS activity, sum(cases) AS cases FROM paths GROUP BY 1
        )
        SELECT DISTINCT label FROM ending JOIN occurring USING (activity)
        JOIN activity_codes ON code = CAST(activity AS INTEGER)
        WHERE ending.cases >= {END_SHARE} * occurring.cases
          AND ending.cases >= {END_CASE_SHARE} * (SELECT sum(cases) FROM settled) ORDER BY 1
        """
    ).fetchall()
    return tuple(row[0] for row in rows)


def _closed(connection: Any, mapping: Mapping, attributes: Sequence[TypedAttribute], values: Sequence[str]) -> str:
    match mapping.closing.basis:
        case ClosingBasis.ALL:
            return 'SELECT "case", last_us AS closed_us FROM case_codes'
        case ClosingBasis.STATUS:
            return _closed_by_status(mapping, attributes)
        case ClosingBasis.FIELD:
            return (
                'SELECT "case", max(closing_us) AS closed_us FROM instances JOIN case_codes USING (case_key) '
                "GROUP BY 1 HAVING max(closing_us) IS NOT NULL"
            )
        case _:
            return _closed_by_activities(connection, values)


def _closed_by_activities(connection: Any, values: Sequence[str]) -> str:
    present = {row[0] for row in connection.execute("SELECT label FROM activity_codes").fetchall()}
    unknown = [value for value in values if value not in present]
    if values and len(unknown) == len(values):
        raise ClosingRuleError(
            _("The closing rule names activities that the log does not have: {names}.").format(
                names=", ".join(unknown)
            ),
            remedy=_("Activities of the log: {names}.").format(names=", ".join(sorted(present)[:20])),
        )
    listing = ", ".join(map(quote_literal, values)) or "NULL"
    return (
        f'SELECT "case", completed_us AS closed_us FROM ({_last_activities()}) WHERE completed_us IS NOT NULL '
        f"AND activity IN (SELECT code FROM activity_codes WHERE label IN ({listing}))"
    )


def _closed_by_status(mapping: Mapping, attributes: Sequence[TypedAttribute]) -> str:
    column = next(a.column for a in attributes if a.name == mapping.closing.column)
    listing = ", ".join(map(quote_literal, mapping.closing.values)) or "NULL"
    happened = "coalesce(completed_us, started_us, enabled_us)"
    return (
        'SELECT "case", last_us AS closed_us FROM case_codes JOIN (SELECT case_key, '
        f"arg_max(CAST({column} AS VARCHAR), ({happened}, source_row)) AS status FROM instances GROUP BY 1) "
        f"USING (case_key) WHERE status IN ({listing})"
    )
