"""Results as tables: on a terminal, as JSON, CSV, a workbook or Parquet."""

from potok.report.tables.model import Column, ColumnKind, Table

__all__ = ["Column", "ColumnKind", "Table"]
