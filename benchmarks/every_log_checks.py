"""Check what an audit wrote: its JSON, the hours of its findings, and that report, workbook and A3 open.

    python every_log_checks.py FOLDER

Prints one line of JSON with the audit's figures and what failed. A process of its own, so that the memory of the study
stays below that of the audits it measures.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import typst
from docx import Document
from docx.opc.exceptions import OpcError
from jsonschema import Draft202012Validator
from lxml import html
from python_calamine import CalamineError, CalamineWorkbook

SCHEMA: Final = Path(__file__).parents[1] / "docs" / "reference" / "potok.audit.schema.json"
STEM: Final = "audit"
SHOWN: Final = 3
ROUNDING: Final = 1 + 1e-9
"""Sums of seconds as floats differ in their last digits from the sum of microseconds."""

LOADING_ATTRIBUTES: Final = ("src", "srcset", "href", "data", "poster", "action", "formaction", "background")
OWN: Final = ("#", "data:")
FOREIGN_STYLE: Final = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)[^)]{0,40}")
FEWEST_PICTURE_BYTES: Final = 20_000
"""Of a page at 30 dots per inch; an empty A3 takes some hundreds."""

Record = dict[str, Any]


def check_json(folder: Path) -> Iterator[str]:
    """Yield where the audit leaves its documented schema."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for error in sorted(validator.iter_errors(_read(folder)), key=lambda error: error.json_path)[:SHOWN]:
        yield f"JSON at {error.json_path}: {error.message[:120]}"


def check_ledgers(folder: Path) -> Iterator[str]:
    """Yield which hours are above those of which they are a part.

    No instant of a case belongs to two findings of the applicants' ledger, so that these add up to the lead time at
    most. Staff's hours are never added to them; all work in the log is their bound. What further findings concern may
    overlap, so each is held to the bound by itself.
    """
    audit = _read(folder)
    lead, work, findings = lead_seconds(audit), work_seconds(audit), audit["findings"]
    yield from _above("applicants' hours", _sum(findings, "applicant_seconds"), lead, "lead time")
    yield from _above("staff's hours", _sum(findings, "staff_seconds"), work, "all work")
    yield from _above("staff's hours", _sum(findings, "staff_seconds"), lead, "lead time")
    for one in audit["further_findings"]:
        name = f"{one['kind']} {one['id']}"
        yield from _above(f"staff's hours of {name}", one.get("staff_seconds", 0), work, "all work")
        yield from _above(f"hours concerned by {name}", one.get("affected_seconds", 0), lead, "lead time")
    for one in findings:
        if abs(one["lead_time_share"] * lead - one["applicant_seconds"]) > lead * (ROUNDING - 1):
            yield f"{one['id']}: its share is not that of its hours"


def lead_seconds(audit: Record) -> float:
    """Return the lead time of all cases, up to closing or extraction."""
    return float(audit["measures"]["lead_time"]["total_seconds"])


def work_seconds(audit: Record) -> float:
    """Return the processing time of all instances of which it is known."""
    times = audit["measures"]["activity_times"]["calendar_time"]
    return float(sum(one["processing"]["total_seconds"] or 0 for one in times))


def check_report(folder: Path) -> Iterator[str]:
    """Yield what a browser would ask others for, and links that lead nowhere."""
    page = html.fromstring((folder / f"{STEM}.html").read_bytes())
    if not page.xpath("//h1") or not page.xpath("//table//td") or not page.get("lang"):
        yield "HTML: no heading, no table or no language"
    for element in page.iter("*"):
        for name in LOADING_ATTRIBUTES:
            value = element.get(name, "#")
            if element.tag != "a" and not value.startswith(OWN):
                yield f"HTML: <{element.tag}> loads {value[:60]}"
    styles = " ".join([*page.xpath("//style/text()"), *page.xpath("//@style")])
    yield from (f"HTML: styles load {found}" for found in FOREIGN_STYLE.findall(styles)[:SHOWN])
    targets = set(page.xpath("//@id"))
    lost = {link for link in page.xpath("//a/@href") if link.startswith("#") and link[1:] not in targets | {""}}
    yield from (f"HTML: {link} leads nowhere" for link in sorted(lost)[:SHOWN])


def check_workbook(folder: Path) -> Iterator[str]:
    """Yield sheets without a head, or that there is none with rows."""
    try:
        book = CalamineWorkbook.from_path(str(folder / f"{STEM}.xlsx"))
        rows = {name: len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}
    except CalamineError as error:
        yield f"XLSX: {error}"
        return
    yield from (f"XLSX: «{name}» is empty" for name, count in rows.items() if count == 0)
    if max(rows.values(), default=0) <= 1:
        yield "XLSX: no sheet has rows"


def check_word(folder: Path) -> Iterator[str]:
    """Yield that the A3 does not open as a Word document or says nothing."""
    try:
        document = Document(str(folder / f"{STEM}.docx"))
    except (OpcError, KeyError) as error:
        yield f"DOCX: {error}"
        return
    texts = {cell.text.strip() for table in document.tables for row in table.rows for cell in row.cells}
    if not texts - {""}:
        yield "DOCX: no table has text"


def check_pdf(folder: Path) -> Iterator[str]:
    """Yield that the A3 cannot be drawn, or is blank or not one page."""
    content = (folder / f"{STEM}.pdf").read_bytes()
    # Object streams would hide pages from the search; the A3 is written without.
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    if pages != 1:
        yield f"PDF: {pages} pages"
    frame = folder / "frame.typ"
    frame.write_text(f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{STEM}.pdf")', encoding="utf-8")
    try:
        picture = typst.compile(str(frame), format="png", ppi=30)
    except typst.TypstError as error:
        yield f"PDF: {error}"
        return
    if len(picture) < FEWEST_PICTURE_BYTES:
        yield f"PDF: its picture has {len(picture)} bytes only"


CHECKS: Final[tuple[Callable[[Path], Iterator[str]], ...]] = (
    check_json,
    check_ledgers,
    check_report,
    check_workbook,
    check_word,
    check_pdf,
)


def look_at(folder: Path) -> Record:
    """Return the figures of an audit and what failed."""
    audit = _read(folder)
    explained, lead = _sum(audit["findings"], "applicant_seconds"), lead_seconds(audit)
    return {
        "events": audit["log"]["events"],
        "cases": audit["log"]["cases"],
        "findings": len(audit["findings"]),
        "further_findings": len(audit["further_findings"]),
        "explained_seconds": explained,
        "lead_seconds": lead,
        "staff_seconds": _sum(audit["findings"], "staff_seconds"),
        "work_seconds": work_seconds(audit),
        "failures": [failure for check in CHECKS for failure in check(folder)],
    }


def _read(folder: Path) -> Record:
    # NaN and Infinity are no JSON, though Python reads them.
    text = (folder / f"{STEM}.json").read_text(encoding="utf-8")
    return dict(json.loads(text, parse_constant=_refuse))


def _refuse(constant: str) -> float:
    raise ValueError(f"JSON holds {constant}")


def _sum(findings: list[Record], name: str) -> float:
    return float(sum(one.get(name, 0) for one in findings))


def _above(what: str, seconds: float, bound: float, name: str) -> Iterator[str]:
    if not 0 <= seconds <= bound * ROUNDING:
        yield f"{what}: {seconds / 3600:,.1f}, {name} {bound / 3600:,.1f}"


if __name__ == "__main__":
    print(json.dumps(look_at(Path(sys.argv[1]))))
