"""A verification as a workbook: every table, every figure as a number, and what the charts show."""

from potok.report.tables import Table
from potok.report.tables.as_workbook import as_workbook
from potok.report.verification.charts import control_chart, distribution_chart, series_chart
from potok.report.verification.figures_table import figures_table
from potok.report.verification.results import EffectResults
from potok.report.verification.study_tables import study_tables
from potok.report.verification.tables import effect_tables


def render_workbook(results: EffectResults) -> bytes:
    """Return a verification as the bytes of an XLSX file; the same effect gives the same bytes."""
    return as_workbook(workbook_tables(results))


def workbook_tables(results: EffectResults) -> tuple[Table, ...]:
    """Return all tables, those of the effect first."""
    charts = (series_chart(results), distribution_chart(results), control_chart(results))
    shown = tuple(chart.table for chart in charts if chart is not None and chart.table is not None)
    tables = (*effect_tables(results.effect, results.protocol), *study_tables(results), *shown)
    return (*tables, figures_table(results.effect))
