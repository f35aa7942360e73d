"""All figures of a verification as numbers, for a workbook."""

from collections.abc import Iterator
from math import isfinite

from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.inference.estimate import Estimate
from potok.report.catalogue.entry import count, number, text
from potok.report.tables import Table
from potok.report.verification.check_words import name_check
from potok.report.verification.tables import Row, name_period
from potok.report.verification.words import name_method
from potok.verify.effect import Effect


def figures_table(effect: Effect) -> Table:
    """Tabulate all figures as numbers: days, shares 0–1, money per case."""
    columns = (
        text("what", _("What")),
        text("of", _("Of")),
        text("unit", _("Unit")),
        number("value", _("Value")),
        number("lower", pgettext("bounds", "From")),
        number("upper", pgettext("bounds", "To")),
        number("limit", pgettext("bounds", "Limit")),
        count("cases", _("Cases")),
    )
    return Table("figures", _("All figures"), columns, tuple(_rows(effect)))


def _rows(effect: Effect) -> Iterator[Row]:
    unit = _name_unit(effect.unit)
    if effect.estimate is not None:
        estimate = effect.estimate
        yield _("Improvement"), "", unit, *_numbers(estimate.improvement), None, estimate.cases_after
        for period in estimate.periods:
            yield _("Improvement by period"), name_period(period), unit, *_numbers(period.improvement), None, None
    for opinion in effect.second_opinions:
        yield _("Second opinions"), name_method(opinion.method), unit, *_numbers(opinion.improvement), None, None
    if effect.days_saved is not None:
        yield _("Applicants' days saved"), "", _name_unit("days"), *_numbers(effect.days_saved), None, None
    for one in effect.quality:
        yield _("Worsening"), one.name, _name_unit("share"), *_numbers(one.harm), one.margin_share, one.cases_after
    for check in (*effect.checks, *effect.diagnostics):
        if check.figure is not None:
            named = _name_unit(effect.unit if check.unit == "outcome" else check.unit)
            yield _("Check"), name_check(check.kind), named, *_numbers(check.figure), check.limit, len(check.case_ids)


def _name_unit(unit: str) -> str:
    return {
        "days": pgettext("unit of a column", "days"),
        "share": pgettext("unit of a column", "share, 0–1"),
        "ratio": pgettext("unit of a column", "share, 0–1"),
        "money": pgettext("unit of a column", "money per case"),
        "cases": pgettext("unit of a column", "cases"),
        "count": pgettext("unit of a column", "cases"),
        "p_value": pgettext("unit of a column", "p-value"),
    }.get(unit, unit)


def _numbers(one: Estimate) -> tuple[float | None, float | None, float | None]:
    value, lower, upper = (found if isfinite(found) else None for found in (one.value, one.lower, one.upper))
    return value, lower, upper
