"""The diagnosis of a register as JSON and as a few lines of text."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.diagnose.register.diagnosis import RegisterDiagnosis
from potok.diagnose.register.documents import AskedDocument
from potok.diagnose.register.model import Issue
from potok.diagnose.register.proposals import Proposal
from potok.diagnose.register.share import HoursCount, RegisterShare, ShareCount
from potok.diagnose.register.similarity import SimilarPair
from potok.report.diagnosis.register_tables import known_sum, proposals_table, register_tables, share_table
from potok.report.diagnosis.register_texts import ISSUES, REFUSALS, explain, notes_of
from potok.report.formats import format_count, format_hours, format_share

__all__ = ["REGISTER_SCHEMA", "register_as_json", "register_lines", "register_tables"]

REGISTER_SCHEMA: Final = "potok.register/1"


def register_as_json(result: RegisterDiagnosis) -> dict[str, Any]:
    """Return everything that was found as ``potok.register/1``."""
    register = result.register
    return {
        "schema": REGISTER_SCHEMA,
        "register": {
            "file": register.path.name,
            "sha256": register.sha256,
            "processes": len(register.processes),
            "fields": sorted(register.fields),
            "sheets": [
                {"name": s.name, "heading_row": s.heading_row, "processes": s.processes, "empty_rows": s.empty_rows}
                for s in register.sheets
            ],
        },
        "share": _share(result),
        "proposals": [_proposal(rank, one, result) for rank, one in enumerate(result.proposals, start=1)],
        "similar_pairs": [_pair(pair, result) for pair in result.similarity.pairs],
        "clusters": [_codes(cluster, result) for cluster in result.similarity.clusters],
        "report_chains": [
            {
                "processes": _codes(chain.processes, result),
                "depth": chain.depth,
                "feeders": _codes(chain.feeders, result),
                "is_loop": chain.is_loop,
            }
            for chain in result.chains
        ],
        "serves_nobody": [
            {**_named(one.process, result), "addressee": one.addressee or None, "receiver": one.receiver.value}
            for one in result.nobody
        ],
        "documents": [_document(one) for one in result.documents],
        "without_owner": _known_codes(result.without_owner, result),
        "without_act": _known_codes(result.without_act, result),
        "long_participants": [
            {**_named(one.process, result), "participants": one.participants} for one in result.long_chains
        ],
        "work_by_hand": [{**_named(one.process, result), "excerpt": one.excerpt} for one in result.by_hand],
        "hierarchy_cycles": [_codes(cycle, result) for cycle in result.hierarchy.cycles],
        "logs": [
            {**_named(number, result), "content_sha256": log.content_sha256, "cases": log.cases}
            for number, log in sorted(result.evidence.logs.items())
        ],
        "issues": [_issue(one) for one in (*register.issues, *result.hierarchy.issues)],
        "notes": list(notes_of(result)),
    }


def _named(number: int, result: RegisterDiagnosis) -> dict[str, Any]:
    process = result.process(number)
    return {"code": process.code, "name": process.name, "where": process.where}


def _codes(numbers: Iterable[int], result: RegisterDiagnosis) -> list[str]:
    return [result.process(number).code for number in numbers]


def _known_codes(numbers: Sequence[int] | None, result: RegisterDiagnosis) -> list[str] | None:
    return None if numbers is None else _codes(numbers, result)


def _share(result: RegisterDiagnosis) -> dict[str, Any]:
    share = result.share
    return {
        "processes": share.processes,
        "applicant_hours_known_processes": share.applicant_known,
        "staff_hours_known_processes": share.staff_known,
        "applicant_hours": share.applicant_hours,
        "staff_hours": share.staff_hours,
        "headline": _counted(share.headline),
        "to_examine": _counted(share.to_examine),
        "to_examine_without_act": share.without_act,
        "bound_by_law": _counted(share.bound),
        "to_automate": _counted(share.to_automate),
        "rows": [
            {
                "action": row.action.value,
                "evidence_class": row.evidence.value,
                "free": _counted(row.free),
                "bound_by_law": _counted(row.bound),
            }
            for row in share.rows
        ],
    }


def _counted(counted: ShareCount) -> dict[str, Any]:
    return {
        "processes": counted.processes,
        "process_share": counted.process_share,
        "applicant": _hours(counted.applicant),
        "staff": _hours(counted.staff),
    }


def _hours(counted: HoursCount) -> dict[str, Any]:
    return {
        "hours": counted.hours,
        "share": counted.share,
        "cannot_tell": None if counted.refusal is None else counted.refusal.value,
        "known_processes": counted.known_processes,
        "unknown_processes": counted.unknown_processes,
    }


def _proposal(rank: int, one: Proposal, result: RegisterDiagnosis) -> dict[str, Any]:
    return {
        "id": one.identifier(result.register),
        "rank": rank,
        "action": one.action.value,
        "basis": one.basis.value,
        "evidence_class": one.evidence.value,
        "processes": [_named(number, result) for number in one.processes],
        "keep": None if one.keep is None else result.process(one.keep).code,
        "free": _codes(one.free, result),
        "bound_by_law": [{"code": result.process(bound.process).code, "acts": list(bound.acts)} for bound in one.bound],
        "without_act": _codes(one.without_act, result),
        "applicant_hours": known_sum([result.hours[number].applicant_hours for number in one.free]),
        "staff_hours": known_sum([result.hours[number].staff_hours for number in one.free]),
        "lowest_score": one.lowest_score,
        "why": explain(one, result),
    }


def _pair(pair: SimilarPair, result: RegisterDiagnosis) -> dict[str, Any]:
    return {
        "first": result.process(pair.first).code,
        "second": result.process(pair.second).code,
        "score": pair.score,
        "fields": {one.field: one.score for one in pair.fields},
    }


def _document(one: AskedDocument) -> dict[str, Any]:
    return {
        "name": one.name,
        "wordings": list(one.wordings),
        "asked_by": list(one.asked_by),
        "times_per_year": one.times_per_year,
        "holder": _(one.holder) if one.holder else None,
        "made_by": list(one.made_by),
    }


def _issue(one: Issue) -> dict[str, Any]:
    problem, remedy = ISSUES[one.kind]
    return {
        "kind": one.kind.value,
        "where": one.where,
        "value": one.value,
        "is_rejected": one.is_rejected,
        "message": _(problem),
        "remedy": _(remedy),
    }


def summarise_register(result: RegisterDiagnosis) -> list[str]:
    """Return what a minister should hear first, line by line."""
    share = result.share
    lines = [
        ngettext("The register has {n} process.", "The register has {n} processes.", share.processes).format(
            n=format_count(share.processes)
        ),
        _("Shown by verified pilots, may be announced: {what}.").format(what=_amount(share.headline)),
        _("Could be removed or merged, to be examined: {what}.").format(what=_amount(share.to_examine)),
        *_unknown_law(share),
        _("Could be removed or merged if the acts were amended: {what}.").format(what=_amount(share.bound)),
        _("Could be automated, the processes would stay: {what}.").format(what=_amount(share.to_automate)),
    ]
    if result.without_owner:
        text = ngettext("{n} process has no owner.", "{n} processes have no owner.", len(result.without_owner))
        lines.append(text.format(n=len(result.without_owner)))
    if result.without_act:
        text = ngettext("{n} process names no act.", "{n} processes name no act.", len(result.without_act))
        lines.append(text.format(n=len(result.without_act)))
    held = sum(bool(one.holder or one.made_by) for one in result.documents)
    if held:
        text = ngettext(
            "Applicants bring {n} document that an authority has.",
            "Applicants bring {n} kinds of documents that an authority has.",
            held,
        )
        lines.append(text.format(n=held))
    issues = len(result.register.issues) + len(result.hierarchy.issues)
    if issues:
        text = ngettext("{n} place could not be read.", "{n} places could not be read.", issues)
        lines.append(
            text.format(n=issues) + " " + _("They are in the workbook (--xlsx) and in the JSON, with their cells.")
        )
    return lines


def _unknown_law(share: RegisterShare) -> list[str]:
    if not share.without_act:
        return []
    text = ngettext(
        "Whether the law binds {n} of them is not known: its card names no act.",
        "Whether the law binds {n} of them is not known: their cards name no act.",
        share.without_act,
    )
    return [text.format(n=format_count(share.without_act))]


def _amount(counted: ShareCount) -> str:
    text = ngettext("{n} process", "{n} processes", counted.processes).format(n=format_count(counted.processes))
    if not counted.processes:
        return text
    parts = [f"{text} ({format_share(counted.process_share)})"]
    for hours, name in ((counted.applicant, _("applicants’ time")), (counted.staff, _("staff time"))):
        if hours.share is None or hours.refusal is not None:
            why = _(REFUSALS[hours.refusal]) if hours.refusal is not None else ""
            parts.append(_("{name}: cannot be told ({why})").format(name=name, why=why))
        else:
            amount = format_hours(hours.hours * 3600)
            parts.append(
                _("{name}: {hours} a year ({share})").format(name=name, hours=amount, share=format_share(hours.share))
            )
    return ", ".join(parts)


def top_proposals(result: RegisterDiagnosis, *, limit: int) -> list[str]:
    """Return the first proposals in lines that a terminal can show, and how many more there are."""
    table = proposals_table(result)
    lines = [table.title]
    for rank, action, basis, processes, keep, *_figures, why, acts, _id in table.rows[:limit]:
        lines += ["", f"{rank}. {action.capitalize()}: {basis}", f"   {processes}"]
        lines += [f"   {_('Would stay')}: {keep}"] if keep else []
        lines += [f"   {why}"]
        lines += [f"   {_('Acts to amend')}: {acts}"] if acts else []
    left = len(table.rows) - limit
    if left > 0:
        lines += ["", ngettext("{n} more is in the workbook.", "{n} more are in the workbook.", left).format(n=left)]
    return lines


def register_lines(result: RegisterDiagnosis, *, limit: int) -> list[str]:
    """Return the diagnosis as text: what to hear first, the notes, and the first proposals."""
    return [*summarise_register(result), "", *share_table(result).notes, "", *top_proposals(result, limit=limit)]
