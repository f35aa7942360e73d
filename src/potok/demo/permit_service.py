"""A made-up regional permit service whose wastes are known to the second.

`generate` makes three years of a service «Выдача разрешения …»; `write_permit_log` writes them as such systems export
them: ``permits.csv`` (UTF-8, ``;``, ``dd.mm.yyyy HH:MM:SS``, decimal comma, Russian headings), its twin
``permits-cp1251.csv``, and ``truth.json`` with what was built in (schema: `potok.demo.permit_truth`).

Nothing in it is about a real person: employees are personnel numbers, applicants do not appear. Simplified against
life: holidays without the yearly transfers of days off, no absences, one operation of a case at a time.
"""

from potok.demo.permit_files import PermitFiles, truth_as_json, write_permit_log
from potok.demo.permit_log import ZONE, PermitCase, PermitLog, generate

__all__ = ["ZONE", "PermitCase", "PermitFiles", "PermitLog", "generate", "truth_as_json", "write_permit_log"]
