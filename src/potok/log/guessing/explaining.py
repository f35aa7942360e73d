"""Reasons and warnings as sentences."""

from collections.abc import Sequence

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.log.guessing.candidates import Candidate
from potok.log.guessing.result import Reason, role_name
from potok.log.guessing.time_columns import TimeGuess
from potok.log.guessing.time_roles import TimeChoice
from potok.log.mapping import Mapping, TimeColumn, TimeEncoding

_NEARLY_AS_GOOD = 0.06


def explain(role: str, candidates: Sequence[Candidate]) -> Reason:
    """Say why the first candidate was chosen, and which other one was nearly as good."""
    best, *others = candidates
    text = _sentence(best.code, best.profile.name, role)
    rivals = [other.profile.name for other in others if best.confidence - other.confidence < _NEARLY_AS_GOOD]
    if rivals:
        text += " " + _("“{rival}” would fit nearly as well; its name says it less clearly or stands later.").format(
            rival=rivals[0]
        )
    return Reason(role, (best.profile.name,), round(best.confidence, 2), best.code, text)


def _sentence(code: str, column: str, role: str) -> str:
    name = role_name(role)
    match code:
        case "standard_key":
            return _("“{column}” is the standard key for {role}.").format(column=column, role=name)
        case "preset":
            return _("“{column}” is {role} in the ready mapping.").format(column=column, role=name)
        case "header":
            return _("“{column}” is taken for {role} because of its name.").format(column=column, role=name)
        case _:
            return _("“{column}” is taken for {role} because of its values; its name does not say it.").format(
                column=column, role=name
            )


def explain_time(choice: TimeChoice) -> Reason:
    """Say why a column of instants was chosen and how it is read."""
    columns = choice.guess.column.columns
    text = _sentence(choice.code, " + ".join(columns), choice.role) + " " + describe_encoding(choice.guess.column)
    return Reason(choice.role, columns, round(choice.confidence, 2), choice.code, text)


def describe_encoding(column: TimeColumn) -> str:
    """Say how a column of instants is read."""
    match column.encoding:
        case TimeEncoding.PATTERN:
            return _("It is read as {patterns}.").format(patterns=", ".join(column.patterns))
        case TimeEncoding.TYPED:
            return _("The source itself holds it as a time.")
        case TimeEncoding.EXCEL_DAYS:
            return _("It is read as the day number of a workbook.")
        case TimeEncoding.EPOCH_SECONDS:
            return _("It is read as seconds since 1970.")
        case TimeEncoding.EPOCH_MILLISECONDS:
            return _("It is read as milliseconds since 1970.")
        case TimeEncoding.EPOCH_MICROSECONDS:
            return _("It is read as microseconds since 1970.")
        case _:
            return _("It is read as ISO 8601.")


def warn_of_times(guesses: Sequence[TimeGuess], mapping: Mapping) -> list[str]:
    """Say what in the chosen times could be read in two ways or not at all."""
    warnings = [warning for guess in guesses for warning in _warn_of_time(guess)]
    local = [name for guess in guesses if guess.local_share > 0 for name in guess.column.columns[:1]]
    if local and not mapping.zone_is_named:
        warnings.append(
            _(
                "Times in {columns} have no offset and are taken for UTC. "
                "Name their zone with --zone, for example --zone Europe/Kaliningrad."
            ).format(columns=_listed(local))
        )
    return warnings


def _warn_of_time(guess: TimeGuess) -> list[str]:
    name, warnings = guess.column.columns[0], []
    if guess.is_order_open:
        warnings.append(
            _(
                "In “{column}” nothing tells the day from the month; it is read as {pattern}. "
                "If that is wrong, name the format with --time-format."
            ).format(column=name, pattern=guess.column.patterns[0])
        )
    if guess.is_order_mixed:
        warnings.append(
            _(
                "In “{column}” some dates have the day first and others the month; the majority decided: {pattern}."
            ).format(column=name, pattern=guess.column.patterns[0])
        )
    if guess.readable_share < 1:
        warnings.append(
            _("In “{column}” {percent} % of the values looked at are not times.").format(
                column=name, percent=round(100 * (1 - guess.readable_share), 1)
            )
        )
    if 0 < guess.day_share < 1:
        warnings.append(
            _("In “{column}” {percent} % of the values looked at have no time of day.").format(
                column=name, percent=round(100 * guess.day_share, 1)
            )
        )
    if 0 < guess.local_share < 1:
        warnings.append(_("In “{column}” some times have an offset and others have none.").format(column=name))
    return warnings


def warn_of_roles(mapping: Mapping, distinct: dict[str, int], rows: int) -> list[str]:
    """Say where the values make a role doubtful."""
    warnings = []
    if rows >= 50 and distinct.get(mapping.case_id, 0) == rows:
        warnings.append(
            _("Every row looked at has its own value of “{column}”: is it really the case?").format(
                column=mapping.case_id
            )
        )
    if rows >= 50 and 2 < distinct.get(mapping.resource, 0) < distinct.get(mapping.org_unit, 0):
        warnings.append(
            _("“{unit}” has more different values than “{resource}”: are department and employee exchanged?").format(
                unit=mapping.org_unit, resource=mapping.resource
            )
        )
    return warnings


def _listed(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)
