"""Reading protocols from TOML: every key is known, every value possible, and an error names the place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable, read_toml
from potok.verify.protocol.canonical import normalised, protocol_sha256
from potok.verify.protocol.consistency import check_consistency
from potok.verify.protocol.errors import BrokenProtocolError
from potok.verify.protocol.model import (
    SCHEMA,
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Declarations,
    Direction,
    Estimand,
    Look,
    LookKind,
    OutcomeKind,
    PlannedChange,
    Protocol,
    QualityMargin,
    Sentinel,
    Wave,
)

MOST_DAYS: Final = 3_660
_MOST_CASES: Final = 1_000_000_000
_MOST_MONTHS: Final = 120
_LARGEST_SEED: Final = 2**63 - 1
_SHA256_DIGITS: Final = 64
GOOD_DIRECTIONS: Final = {
    OutcomeKind.CASE_DURATION: Direction.LOWER_IS_BETTER,
    OutcomeKind.COST: Direction.LOWER_IS_BETTER,
    OutcomeKind.WITHIN_TERM_SHARE: Direction.HIGHER_IS_BETTER,
    OutcomeKind.FIRST_TIME_THROUGH_SHARE: Direction.HIGHER_IS_BETTER,
}


def read_protocol(path: str | Path) -> Protocol:
    """Read a protocol.

    Two files that say the same give the same protocol but for its `source`: lists in which order has no meaning are
    sorted.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    BrokenProtocolError
        If the file cannot be read, holds an unknown key or an impossible value, or contradicts itself.
    """
    file = Path(path)
    return protocol_from_mapping(read_toml(file, BrokenProtocolError), source=str(file))


def protocol_from_mapping(content: Mapping[str, Any], *, source: str) -> Protocol:
    """Make a protocol of what its TOML file holds; `source` names the file in messages.

    Raises
    ------
    BrokenProtocolError
        As `read_protocol`.
    """
    table = TomlTable(content, file=source, place="", error=BrokenProtocolError)
    table.choice("schema", (SCHEMA,))
    protocol = Protocol(
        name=table.text("name"),
        registered_on=_day(table, "registered_on"),
        change=_change(table.table("change")),
        estimand=_estimand(table.table("estimand")),
        comparison=_comparison(table.table("comparison")),
        quality=tuple(_margin(one) for one in table.tables("quality")),
        sentinels=tuple(_sentinel(one) for one in table.tables("sentinels")),
        look=_look(table.table("look")),
        declarations=_declarations(table.table("declarations")),
        failure=_failure(table.table("failure")),
        replicates=_hash(table, "replicates"),
        source=source,
    )
    table.finish()
    check_consistency(protocol)
    protocol = normalised(protocol)
    return replace(protocol, sha256=protocol_sha256(protocol))


def _change(table: TomlTable) -> PlannedChange:
    change = PlannedChange(
        what=table.text("what"),
        waves=tuple(_waves(table)),
        services=table.texts("services", ()),
        channels=table.texts("channels", ()),
    )
    table.finish()
    return change


def _waves(table: TomlTable) -> Iterator[Wave]:
    for one in table.tables("waves"):
        yield Wave(one.text("agency"), _day(one, "on"))
        one.finish()


def _estimand(table: TomlTable) -> Estimand:
    outcome = OutcomeKind(table.choice("outcome", _values(OutcomeKind)))
    usual = GOOD_DIRECTIONS.get(outcome)
    estimand = Estimand(
        outcome=outcome,
        direction=Direction(
            table.choice("direction", _values(Direction), usual.value) if usual else _direction(table, "direction")
        ),
        clock=Clock(table.choice("clock", _values(Clock), Clock.CALENDAR_DAYS.value)),
        horizon_days=table.number("horizon_days"),
        minimum_improvement=table.number("minimum_improvement"),
        transition_before_days=table.integer("transition_before_days", least=0, most=MOST_DAYS, default=0),
        transition_after_days=table.integer("transition_after_days", least=0, most=MOST_DAYS, default=0),
        calendar=table.text("calendar", ""),
        term_days=table.number("term_days") if table.has("term_days") else None,
        activity=table.text("activity", ""),
        attribute=table.text("attribute", ""),
        value=table.text("value", ""),
        calendar_id=table.text("calendar_id", ""),
    )
    table.finish()
    return estimand


def _comparison(table: TomlTable) -> ComparisonPlan:
    comparison = ComparisonPlan(
        kind=ComparisonKind(table.choice("kind", _values(ComparisonKind))),
        controls=table.texts("controls", ()),
        is_order_drawn=table.boolean("is_order_drawn", default=False),
        seed=table.integer("seed", least=0, most=_LARGEST_SEED) if table.has("seed") else None,
        case_mix=table.texts("case_mix", ()),
        strata=_strata(table, "strata"),
    )
    table.finish()
    return comparison


def _strata(table: TomlTable, key: str) -> tuple[tuple[str, ...], ...]:
    expected = _("a list of lists of agencies")
    found = table.value(key, list, expected, [])
    for group in found:
        is_list = isinstance(group, list) and bool(group)
        if not is_list or not all(isinstance(agency, str) and agency.strip() for agency in group):
            raise table.wrong_value(key, group, expected)
    return tuple(tuple(group) for group in found)


def _margin(table: TomlTable) -> QualityMargin:
    margin = QualityMargin(
        name=table.text("name"),
        attribute=table.text("attribute"),
        value=table.text("value"),
        direction=Direction(_direction(table, "direction")),
        margin_share=table.share("margin_share"),
        follow_up_days=table.number("follow_up_days"),
    )
    table.finish()
    return margin


def _sentinel(table: TomlTable) -> Sentinel:
    sentinel = Sentinel(
        name=table.text("name"),
        attribute=table.text("attribute"),
        value=table.text("value"),
        reviewed=table.texts("reviewed", ()),
    )
    table.finish()
    return sentinel


def _look(table: TomlTable) -> Look:
    look = Look(
        kind=LookKind(table.choice("kind", _values(LookKind), LookKind.FIXED.value)),
        on=_day(table, "on"),
        last_on=_day(table, "last_on"),
        minimum_cases=table.integer("minimum_cases", least=0, most=_MOST_CASES, default=0),
        minimum_months=table.integer("minimum_months", least=0, most=_MOST_MONTHS, default=3),
    )
    table.finish()
    return look


def _declarations(table: TomlTable) -> Declarations:
    declarations = Declarations(
        applicant_attribute=table.text("applicant_attribute", ""),
        registration_activity=table.text("registration_activity", ""),
        clock_stop_activities=table.texts("clock_stop_activities", ()),
        applicant_activities=table.texts("applicant_activities", ()),
        refusal_values=table.texts("refusal_values", ()),
        withdrawal_values=table.texts("withdrawal_values", ()),
        complaint_attribute=table.text("complaint_attribute", ""),
        complaint_value=table.text("complaint_value", ""),
        complexity_attributes=table.texts("complexity_attributes", ()),
        recorded_attribute=table.text("recorded_attribute", ""),
        parallel_projects=table.texts("parallel_projects", ()),
        was_chosen_as_worst=(
            table.boolean("was_chosen_as_worst", default=False) if table.has("was_chosen_as_worst") else None
        ),
    )
    table.finish()
    return declarations


def _failure(table: TomlTable) -> str:
    text = table.text("text", "")
    table.finish()
    return text


def _day(table: TomlTable, key: str) -> date:
    found: date = table.value(key, date, _("a day without quotation marks, such as 2026-03-01"))
    return found


def _direction(table: TomlTable, key: str) -> str:
    return table.choice(key, _values(Direction))


def _hash(table: TomlTable, key: str) -> str:
    found = table.text(key, "")
    if found and (len(found) != _SHA256_DIGITS or set(found) - set("0123456789abcdef")):
        raise table.wrong_value(key, found, _("a SHA-256: 64 digits from 0–9 and a–f"))
    return found


def _values(kind: Any) -> tuple[str, ...]:
    return tuple(member.value for member in kind)
