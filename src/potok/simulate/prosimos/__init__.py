"""Models of Prosimos: its BPMN and JSON files in, and out."""

from potok.simulate.prosimos.errors import BrokenProsimosError, NotExportableError
from potok.simulate.prosimos.exporting import ProsimosExport, export_prosimos, write_prosimos
from potok.simulate.prosimos.importing import ProsimosImport, import_prosimos, read_prosimos

__all__ = [
    "BrokenProsimosError",
    "NotExportableError",
    "ProsimosExport",
    "ProsimosImport",
    "export_prosimos",
    "import_prosimos",
    "read_prosimos",
    "write_prosimos",
]
