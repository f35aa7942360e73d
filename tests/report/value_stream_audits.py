"""Audits with a value stream, of logs made on the spot."""

from dataclasses import replace
from pathlib import Path

from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.log.store import LogStore
from potok.measure.counts import compute_counts
from potok.measure.value_stream import compute_value_stream
from potok.report.a3.head import DocumentHead
from potok.report.measured import Audit, AuditFinding
from report.made_up_audits import make_audit, make_manifest
from support.tiny_store import TinyEvent, TinyLog, tiny_log, write_store

HOUR = 3600
HOSTILE = "<b>Проверка & «комплектности»</b> \u202e](x) #let $x$ документов-заявителя-по-межведомственному-запросу"
PERMITS = tiny_log(
    f"""
    case | activity  | started       | completed     | resource | org_unit
    1    | Приём     | 0             | {HOUR}        | Анна     | Окно
    1    | {HOSTILE} | {30 * HOUR}   | {32 * HOUR}   | Борис    | Отдел
    1    | {HOSTILE} | {50 * HOUR}   | {51 * HOUR}   | Борис    | Отдел
    1    | Выдача    | {120 * HOUR}  | {121 * HOUR}  | Анна     | Окно
    2    | Приём     | {5 * HOUR}    | {6 * HOUR}    | Анна     | Окно
    2    | {HOSTILE} | {100 * HOUR}  | {101 * HOUR}  | Вера     | Отдел
    2    | Выдача    | {170 * HOUR}  | {171 * HOUR}  | Анна     | Окно
    3    | Приём     | {150 * HOUR}  | {151 * HOUR}  | Анна     | Окно
    """,
    open_cases="3",
)
HEAD = DocumentHead(
    organisation="Министерство строительства, архитектуры и жилищно-коммунального хозяйства — управление разрешений",
    process="Выдача разрешения на строительство объектов капитального строительства <без> экспертизы & согласований",
    owner="Константинопольская Александра Владимировна — заместитель министра по вопросам градостроительства",
    author="Петров К. С. — аналитик",
    on="22.11.2026",
)
SMALL_LOGS = {
    "no_cases": TinyLog((), extracted=5_000_000),
    "one_case": tiny_log(f"case | activity | completed\n1 | A | 0\n1 | B | {9 * HOUR}"),
    "one_activity": tiny_log("case | activity | completed\n1 | A | 0\n2 | A | 10"),
    "no_closed_case": tiny_log(f"case | activity | completed\n1 | A | 0\n1 | B | {9 * HOUR}", open_cases="1"),
    "no_resources_and_starts": tiny_log(
        f"case | activity | completed\n1 | A | 0\n1 | B | {9 * HOUR}\n2 | B | 0\n2 | A | 7"
    ),
    "many_activities": TinyLog(
        tuple(
            TinyEvent(f"{number // 50}", f"Операция {number} по согласованию документов", None, None, number * 10**9)
            for number in range(3_000)
        )
    ),
}


def open_made(log: TinyLog, folder: Path) -> LogStore:
    """Write a log as a store whose manifest says all that a report asks of it."""
    store = write_store(log, folder)
    manifest = make_manifest()
    counted = manifest["log"] | {"events": len(log.events), "extracted_us": log.extracted_us}
    counted["resources"] = len({event.resource for event in log.events} - {None})
    if log.events:
        instants = [instant for event in log.events for instant in event.instants]
        counted |= {"first_us": min(instants), "last_us": max(instants)}
    return LogStore(store.folder, manifest | {"log": counted})


def audit_of(log: TinyLog, folder: Path, *, value_adding: tuple[str, ...] = (), findings: tuple = ()) -> Audit:
    """Return an audit whose value stream and counts are those of a log; whatever else it holds is made up."""
    store = open_made(log, folder)
    return replace(
        make_audit(),
        manifest=store.manifest,
        counts=compute_counts(store),
        findings=findings,
        value_stream=compute_value_stream(store, value_adding=value_adding),
    )


def audit_permits(folder: Path, *, value_adding: tuple[str, ...] = (HOSTILE,)) -> Audit:
    """Audit the permits, with everything that people may say of them."""
    places = (
        (FindingKind.HAND_OVER, Place(org_unit="Окно", next_org_unit="Отдел"), 123 * HOUR),
        (FindingKind.LONG_WAIT, Place(activity=HOSTILE, next_activity="Выдача"), 69 * HOUR),
        (FindingKind.REWORK, Place(activity=HOSTILE), 18 * HOUR),
        (FindingKind.LATE, Place(term="decision"), 5 * HOUR),
    )
    found = tuple(
        AuditFinding(f"F-{number}", Finding(kind, Waste.WAITING, place, 2, 3, float(seconds), seconds / 1e6), ())
        for number, (kind, place, seconds) in enumerate(places)
    )
    return replace(audit_of(PERMITS, folder, value_adding=value_adding, findings=found), head=HEAD)
