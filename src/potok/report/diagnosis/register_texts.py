"""How the diagnosis of a register reads: names of what was found, and why, in sentences."""

from itertools import combinations
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark, ngettext, quoted
from potok.diagnose.register.cells import DAY_SECONDS
from potok.diagnose.register.diagnosis import RegisterDiagnosis
from potok.diagnose.register.duties import Receiver
from potok.diagnose.register.evidence import EvidenceClass
from potok.diagnose.register.model import IssueKind, Process
from potok.diagnose.register.proposals import Action, Basis, Proposal
from potok.diagnose.register.share import ShareRefusal
from potok.diagnose.register.similarity import SimilarPair
from potok.diagnose.register.words import shared_words
from potok.report.formats import format_decimal

MOST_WORDS: Final = 4
ACTIONS: Final = {
    Action.REMOVE: mark("remove"),
    Action.MERGE: mark("merge"),
    Action.AUTOMATE: mark("automate"),
}
BASES: Final = {
    Basis.SERVES_NOBODY: mark("nobody receives the result"),
    Basis.SIMILAR: mark("similar processes"),
    Basis.REPORT_CHAIN: mark("chain of internal reports"),
    Basis.SIMILAR_AND_CHAIN: mark("similar processes and a chain of reports"),
    Basis.WORK_BY_HAND: mark("work by hand"),
}
CLASSES: Final = {
    EvidenceClass.TEXT: mark("A: by the text of the cards"),
    EvidenceClass.LOG: mark("B: by the log of events"),
    EvidenceClass.PILOT: mark("C: by a verified pilot"),
}
FIELDS: Final = {
    "name": mark("name"),
    "result": mark("result"),
    "inputs": mark("incoming documents"),
    "card": mark("the card as a whole"),
    "parties": mark("from whom and to whom"),
}
REFUSALS: Final = {
    ShareRefusal.TOO_LITTLE_KNOWN: mark("hours are known of fewer than half of the processes"),
    ShareRefusal.NO_HOURS: mark("the register has no such hours"),
}
RECEIVERS: Final = {
    Receiver.NOBODY: mark("the register says that nobody receives it"),
    Receiver.OWNER_ALONE: mark("only the owner receives it: find out what for"),
    Receiver.NOT_GIVEN: mark("the receiver is not given: fill it in"),
}
ISSUES: Final = {
    IssueKind.SHEET_NOT_READ: (
        mark("the sheet has no column of process names"),
        mark("Head the column “Process name”, if there are processes on the sheet."),
    ),
    IssueKind.SHEET_HIDDEN: (
        mark("the sheet is hidden and was not read"),
        mark("Show the sheet, or name it with --sheet."),
    ),
    IssueKind.COLUMN_UNKNOWN: (
        mark("the heading is not known; the column was left out"),
        mark("Name the column as in the template: potok register --template FILE."),
    ),
    IssueKind.COLUMN_TWICE: (
        mark("another column already holds this; this one was left out"),
        mark("Leave one column of the two."),
    ),
    IssueKind.ROW_WITHOUT_NAME: (
        mark("the row has values but no process name; it was left out"),
        mark("Write the name of the process."),
    ),
    IssueKind.NOT_A_DURATION: (
        mark("this is not a lead time; it counts as unknown"),
        mark("Write a number and a unit, such as “5 working days”."),
    ),
    IssueKind.UNIT_MISSING: (
        mark("the lead time has no unit; it counts as unknown"),
        mark("Add the unit to the cell or to the heading."),
    ),
    IssueKind.NOT_A_NUMBER: (
        mark("this is not one number; it counts as unknown"),
        mark("Write one number that is not negative."),
    ),
    IssueKind.NUMBER_MERGED: (
        mark("the number is merged over several processes; it counts as unknown"),
        mark("Split the cells, and give each process its own number."),
    ),
    IssueKind.NOT_A_FLAG: (mark("this is neither yes nor no; it counts as unknown"), mark("Write yes or no.")),
    IssueKind.HOURS_PER_WHAT: (
        mark("the heading does not say what the hours are for; they were taken as hours per year"),
        mark("Write “staff hours per year” or “staff hours per case”."),
    ),
    IssueKind.CODE_TWICE: (
        mark("the code occurs before; the process was given another one"),
        mark("Give every process a code of its own."),
    ),
    IssueKind.SAME_ROW_TWICE: (
        mark("the row repeats an earlier one word for word; it was left out"),
        mark("Delete the repetition."),
    ),
    IssueKind.UNKNOWN_PROCESS: (
        mark("the register has no process of that name; the link was left out"),
        mark("Write the name or the code as it stands in the register."),
    ),
    IssueKind.AMBIGUOUS_PROCESS: (
        mark("several processes have that name; the link was left out"),
        mark("Write the code."),
    ),
}


def title_of(process: Process) -> str:
    """Return a process with its code."""
    return f"{process.code} {process.name}"


def explain_pair(pair: SimilarPair, result: RegisterDiagnosis) -> str:
    """Say in which fields two cards agree, and by which words."""
    first, second = result.process(pair.first), result.process(pair.second)
    parts = []
    for one in pair.agreeing:
        if one.field == "card" or (one.field == "parties" and len(pair.agreeing) > 1):
            continue
        words = shared_words(_texts(first, one.field), _texts(second, one.field))[:MOST_WORDS]
        part = f"{_(FIELDS[one.field])} {format_decimal(one.score or 0, digits=2)}"
        parts.append(part + (f" ({', '.join(words)})" if words else ""))
    return "; ".join(parts) or f"{_(FIELDS['card'])} {format_decimal(pair.score, digits=2)}"


def _texts(process: Process, field: str) -> tuple[str, ...]:
    return {
        "name": (process.name,),
        "inputs": process.inputs,
        "result": (*process.outputs, process.result),
        "parties": (*process.started_by, *process.result_to),
    }[field]


def explain(proposal: Proposal, result: RegisterDiagnosis) -> str:
    """Say in one or two sentences what a proposal rests on."""
    numbers = proposal.processes
    match proposal.basis:
        case Basis.SERVES_NOBODY:
            found = next(one for one in result.nobody if one.process == numbers[0])
            text = _("The register names the receiver as {who}; no other process takes the result in.").format(
                who=quoted(found.addressee)
            )
        case Basis.WORK_BY_HAND:
            excerpt = next(one.excerpt for one in result.by_hand if one.process == numbers[0])
            text = _("The card says: {text}.").format(text=quoted(excerpt))
        case Basis.REPORT_CHAIN:
            text = _explain_chain(numbers, result)
        case _:
            text = _explain_cluster(numbers, result)
            if proposal.basis is Basis.SIMILAR_AND_CHAIN:
                text = f"{text} {_explain_chain(numbers, result)}"
    return " ".join([text, *_cautions(proposal)])


def _explain_cluster(numbers: tuple[int, ...], result: RegisterDiagnosis) -> str:
    known = result.similarity.by_members
    pairs = [known[pair] for pair in combinations(numbers, 2) if pair in known]
    best = max(pairs, key=lambda pair: pair.score, default=None)
    return "" if best is None else _("The cards agree: {how}.").format(how=explain_pair(best, result))


def _explain_chain(numbers: tuple[int, ...], result: RegisterDiagnosis) -> str:
    chain = next(chain for chain in result.chains if set(chain.processes) & set(numbers))
    codes = " → ".join(result.process(number).code for number in chain.processes)
    text = ngettext(
        "{n} report of the ministry for itself: {codes}.",
        "{n} reports of the ministry for itself, each made from the one before: {codes}.",
        chain.depth,
    )
    return text.format(n=chain.depth, codes=codes)


def _cautions(proposal: Proposal) -> list[str]:
    if not proposal.without_act:
        return []
    count = len(proposal.without_act)
    text = ngettext(
        "{n} card names no act: find out first whether one binds the process.",
        "{n} cards name no act: find out first whether one binds the processes.",
        count,
    )
    return [text.format(n=count)]


def acts_to_amend(proposal: Proposal) -> tuple[str, ...]:
    """Return the acts that bind what would go, each once."""
    return tuple(dict.fromkeys(act for bound in proposal.bound for act in bound.acts))


def notes_of(result: RegisterDiagnosis) -> tuple[str, ...]:
    """Return the sentences that must be read with the figures."""
    share = result.share
    notes = [
        _(
            "This is what the register lets one suspect, not a plan of cuts and not a target. Only what a verified "
            "pilot has shown may be announced; what rests on texts or logs is to be examined."
        ),
        _(
            "Merging several processes leaves one of them. Hours are those now spent in what would go; hours that "
            "would be saved only a pilot can tell."
        ),
        _(
            "Applicant-hours are cases per year times lead time, day and night: a working day counts as 7/5 of a day, "
            "a working hour as 168/40 of an hour; holidays are left out of account."
        ),
        _("Applicant-hours are known of {applicant} and staff-hours of {staff} of {all} processes.").format(
            applicant=share.applicant_known, staff=share.staff_known, all=share.processes
        ),
    ]
    notes += _notes_on_logs(result)
    undecided = sum(not one.is_stated for one in result.nobody)
    if undecided:
        text = ngettext(
            "Of {n} process it is not clear who receives the result; it is in no sum.",
            "Of {n} processes it is not clear who receives the result; they are in no sum.",
            undecided,
        )
        notes.append(text.format(n=undecided))
    for missing, text in ((result.without_owner, _("owners")), (result.without_act, _("acts"))):
        if missing is None:
            notes.append(_("The register has no column of {what}: gaps cannot be told.").format(what=text))
    if result.similarity.has_cut_pairs:
        notes.append(_("Some processes resemble so many others that only the nearest were compared further."))
    return tuple(notes)


def _notes_on_logs(result: RegisterDiagnosis) -> list[str]:
    logs = result.evidence.logs.values()
    horizons = sorted({log.horizon_seconds for log in logs if log.horizon_seconds is not None})
    notes = []
    if horizons:
        text = _(
            "Lead times from logs are restricted means: open cases are taken into account, and what lies beyond the "
            "horizon ({days} days) is left out, so that these hours are rather too few."
        )
        days = ", ".join(format_decimal(horizon / DAY_SECONDS, digits=0) for horizon in horizons)
        notes.append(text.format(days=days))
    untold = sum(log.mean_lead_time_seconds is None for log in logs)
    if untold:
        text = ngettext(
            "{n} log cannot tell a lead time: it holds closed cases only, or is too short. That of the card was used.",
            "{n} logs cannot tell a lead time: they hold closed cases only, or are too short. Those of the cards were "
            "used.",
            untold,
        )
        notes.append(text.format(n=untold))
    return notes
