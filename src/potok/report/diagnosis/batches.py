"""Discovered batches as a table."""

from potok.core.language import gettext as _
from potok.diagnose.batch_practice import ActivityBatches, BatchPractice
from potok.discover.batches import FIRING_REASONS, FiringRule
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.diagnosis.resources import weekday_names
from potok.report.formats import format_count, format_duration
from potok.report.tables import Table

_ALL_DAYS = 7


def batches_table(found: BatchPractice, *, zone: str) -> Table:
    """Tabulate which activities are done in batches, how large these are, and what makes them begin."""
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        count("batches", _("Batches")),
        count("batched_instances", _("Executions in batches")),
        share("batched_share", _("Share of executions")),
        number("median_size", _("Median size")),
        count("largest_size", _("Largest batch")),
        duration("median_gathering_seconds", _("Median time of gathering")),
        text("rule", _("Begun")),
        share("support", _("Beginnings so explained")),
        share("confidence", _("Begun when due")),
        text("reason", _("Why it cannot be told")),
    )
    rows = tuple(
        (
            one.activity,
            one.instances,
            one.batches,
            one.batched_instances,
            one.batched_share,
            one.median_size,
            one.largest_size,
            one.median_gathering_seconds,
            *_rule_figures(one),
        )
        for one in found.activities
    )
    notes = [_(FIRING_REASONS[reason]) for reason in found.reasons]
    if rows:
        notes.append(
            _("A batch is work of one activity that its performer let gather although there was time to begin.")
        )
    return Table("batches", _("Batches: work that is let gather"), columns, rows, zone, tuple(notes))


def _rule_figures(one: ActivityBatches) -> tuple[str | None, float | None, float | None, str | None]:
    if one.rule is None:
        return None, None, None, _(FIRING_REASONS[one.reason]) if one.reason else None
    return rule_text(one.rule), one.rule.support, one.rule.confidence, None


def rule_text(rule: FiringRule) -> str:
    """Write what makes a batch begin, such as “on Mon from 09:00 to 10:00, when 5 are ready”."""
    window = _window_text(rule)
    parts = []
    if rule.minimum_size is not None and (rule.minimum_size > 1 or window):
        ready = _("when {n} are ready").format(n=format_count(rule.minimum_size)) if rule.minimum_size > 1 else ""
        parts.append(", ".join(filter(None, (window, ready))))
    if rule.full_size is not None:
        parts.append(_("at any time when {n} are ready").format(n=format_count(rule.full_size)))
    if rule.maximum_wait_seconds is not None:
        parts.append(_("once the first has waited {time}").format(time=format_duration(rule.maximum_wait_seconds)))
    return (
        _("{one} or {other}").format(one="; ".join(parts[:-1]), other=parts[-1]) if len(parts) > 1 else "".join(parts)
    )


def _window_text(rule: FiringRule) -> str:
    names = weekday_names()
    days = ", ".join(names[day] for day in rule.weekdays) if len(rule.weekdays) < _ALL_DAYS else ""
    hours = ""
    if rule.hours is not None:
        first, last = (f"{hour:02d}:00" for hour in rule.hours)
        hours = _("from {first} to {last}").format(first=first, last=last)
    return " ".join(filter(None, (days, hours)))
