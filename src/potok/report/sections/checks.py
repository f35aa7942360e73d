"""The checks of the quality report in words: what was found, and what it means for the figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import mark, ngettext
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_share


@dataclass(frozen=True, slots=True)
class CheckText:
    """What a check looks at, and what follows for the reader if it strikes."""

    title: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as it is shown.

    Parameters
    ----------
    severity
        ``info``, ``warning`` or ``problem``.
    mark
        The same in a word, for those who see no colours; empty for ``info``.
    extent
        How many, and what share of all.
    examples
        Rows, cases or labels; empty if none are known.
    """

    severity: str
    mark: str
    title: str
    extent: str
    meaning: str
    examples: str


_KEPT = mark("They are kept in rejected.parquet with the reason; no figure counts them.")

TEXTS: Final[Mapping[str, CheckText]] = MappingProxyType(
    {
        "tied_order": CheckText(
            mark("Events of one case at the same instant"),
            mark("Their order is that of the source. Variants and passages that hold them depend on it."),
        ),
        "repeated_rows": CheckText(
            mark("Rows that repeat the row before"),
            mark("They may be duplicates. Nothing was removed: each counts as an execution."),
        ),
        "out_of_order": CheckText(
            mark("Events that stand in the source after later ones of their case"),
            mark("Events are ordered by their times. If the times are wrong, so is the order."),
        ),
        "clock_skew": CheckText(
            mark("Events out of order by less than five minutes"),
            mark("Clocks of several systems may differ. Times of a few minutes are not reliable."),
        ),
        "source_not_in_time_order": CheckText(
            mark("The source is not kept in order of time"),
            mark("Events are ordered by their times. Nothing can be said about clocks."),
        ),
        "completed_before_started": CheckText(
            mark("Work that ended before it began"),
            mark("Such times cannot be right. Durations that they would make negative count as zero."),
        ),
        "no_start_times": CheckText(
            mark("Events without the time when work began"),
            mark("There, waiting and work cannot be told apart."),
        ),
        "no_resource": CheckText(
            mark("Events without a performer"),
            mark("There, hand-overs between people cannot be seen."),
        ),
        "no_org_unit": CheckText(
            mark("Events without a department"),
            mark("There, hand-overs between departments cannot be seen."),
        ),
        "day_resolution": CheckText(
            mark("Times without a time of day"),
            mark(
                "Only dates are recorded: durations are exact to a day at best, and the order within a day is that "
                "of the source."
            ),
        ),
        "midnight_heap": CheckText(
            mark("Events at midnight exactly"),
            mark(
                "Many of these are probably dates without a time of day; durations that begin or end there are "
                "exact to a day."
            ),
        ),
        "batch_registration": CheckText(
            mark("Events registered in batches: at one instant for five cases or more"),
            mark("The times then show when work was entered, not when it was done."),
        ),
        "repeated_case_ids": CheckText(
            mark("Case numbers that stand for several histories"),
            mark("Different cases are taken for one: durations and variants are wrong."),
        ),
        "mostly_empty_columns": CheckText(mark("Columns filled in fewer than one row in ten")),
        "similar_activity_labels": CheckText(
            mark("Names of activities that differ only in capitals, spaces or ё"),
            mark("They count as different activities. A mapping can join them."),
        ),
        "life_cycle": CheckText(mark("Kinds of life-cycle events in the source (start, completion and so on)")),
        "unmatched_starts": CheckText(
            mark("Work that began and has no end in the log"),
            mark("It may still be going on, or its end was not recorded."),
        ),
        "unmatched_schedules": CheckText(mark("Work that was scheduled and never began in the log")),
        "completions_without_start": CheckText(
            mark("Work that ended and has no beginning in the log"),
            mark("There, waiting and work cannot be told apart."),
        ),
        "open_cases": CheckText(
            mark("Cases still open"), mark("They count in the time so far, but not in the durations of closed cases.")
        ),
        "dormant_open_cases": CheckText(
            mark("Open cases in which nothing has happened for unusually long"),
            mark(
                "They may in truth be closed or given up. Then fewer cases are open, and less time is spent, than "
                "shown."
            ),
        ),
        "unreadable_cost": CheckText(mark("Costs that cannot be read as numbers"), mark("They are left empty.")),
        "rejected_missing_case_id": CheckText(mark("Rows not taken: no case number"), _KEPT),
        "rejected_missing_activity": CheckText(mark("Rows not taken: no activity"), _KEPT),
        "rejected_missing_time": CheckText(mark("Rows not taken: no time"), _KEPT),
        "rejected_unreadable_time": CheckText(mark("Rows not taken: the time cannot be read"), _KEPT),
        "rejected_implausible_year": CheckText(mark("Rows not taken: a year that cannot be"), _KEPT),
        "rejected_too_few_fields": CheckText(mark("Rows not taken: too few fields"), _KEPT),
        "rejected_too_many_fields": CheckText(mark("Rows not taken: too many fields"), _KEPT),
        "rejected_quote_not_closed": CheckText(mark("Rows not taken: a quotation mark is not closed"), _KEPT),
        "rejected_text_after_quote": CheckText(mark("Rows not taken: text after a closing quotation mark"), _KEPT),
        "rejected_nul_character": CheckText(mark("Rows not taken: a NUL character"), _KEPT),
        "rejected_record_too_long": CheckText(mark("Rows not taken: longer than any real row"), _KEPT),
        "changed_past_cases": CheckText(
            mark("Cases whose past the later export tells otherwise"),
            mark("What had been finished is gone or different in it. The agency should say why."),
        ),
        "unknown_activities_in_mapping": CheckText(
            mark("Activities that the mapping names and the log does not have"),
            mark("What the mapping says about them has no effect."),
        ),
        "rejected_excluded_case": CheckText(mark("Rows left out by a rule of the mapping"), _KEPT),
    }
)


def describe_check(check: Mapping[str, Any]) -> CheckLine:
    """Put a record of the quality report into words; a check without words of its own is named by its code."""
    text = TEXTS.get(check["check"])
    title = _(text.title) if text else _name_unknown(check["check"])
    where = make_visible(str(check.get("where") or ""))
    return CheckLine(
        severity=check["severity"],
        mark={"problem": _("problem"), "warning": _("doubtful")}.get(check["severity"], ""),
        title=f"{title} ({where})" if where else title,
        extent=_say_extent(check),
        meaning=" ".join(filter(None, (_(text.meaning) if text and text.meaning else "", _say_remedy(check)))),
        examples=_say_examples(check),
    )


def _name_unknown(code: str) -> str:
    reason = code.removeprefix("rejected_")
    if reason != code:
        return _("Rows not taken: {reason}").format(reason=reason.replace("_", " "))
    return code.replace("_", " ").capitalize()


def _say_extent(check: Mapping[str, Any]) -> str:
    count, share = check["count"], check.get("share")
    amount = _count_things(str(check.get("of", "")), count)
    if share is None or not 0 < share < 1:
        return amount
    return f"{amount} ({format_share(share)})"


def _count_things(kind: str, count: int) -> str:
    number = format_count(count)
    match kind:
        case "rows":
            return ngettext("{n} row", "{n} rows", count).format(n=number)
        case "cases":
            return ngettext("{n} case", "{n} cases", count).format(n=number)
        case "instances":
            return ngettext("{n} execution", "{n} executions", count).format(n=number)
        case "columns":
            return ngettext("{n} column", "{n} columns", count).format(n=number)
        case "labels":
            return ngettext("{n} name", "{n} names", count).format(n=number)
        case _:
            return number


def _say_examples(check: Mapping[str, Any]) -> str:
    examples = ", ".join(make_visible(str(example)) for example in check.get("examples") or ())
    if not examples:
        return ""
    if check.get("of") == "rows":
        return _("For example, in rows of the source: {examples}").format(examples=examples)
    return _("For example: {examples}").format(examples=examples)


def _say_remedy(check: Mapping[str, Any]) -> str:
    option = (check.get("detail") or {}).get("split_cases_on")
    if not option:
        return ""
    return _("Import again with --split-cases-on {option}.").format(option=option)
