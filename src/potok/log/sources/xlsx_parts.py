"""Which part of an .xlsx archive holds which sheet."""

import zipfile
from pathlib import PurePosixPath

from potok.log.sources.safe_xml import create_parser


def parts_of_sheets(archive: zipfile.ZipFile, *, name: str) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by the sheet's name.

    Parameters
    ----------
    name
        Of the file, for messages.

    Raises
    ------
    KeyError, xml.parsers.expat.ExpatError
        If the archive does not say.
    """
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def note_sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets[attributes.get("name", "")] = link

    def note_target(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part, note in (("xl/workbook.xml", note_sheet), ("xl/_rels/workbook.xml.rels", note_target)):
        parser = create_parser(name)
        parser.StartElementHandler = note
        parser.Parse(archive.read(part), True)
    return {sheet: _resolve(targets.get(link, "")) for sheet, link in sheets.items()}


def _resolve(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
