"""The diagnosis of a register as tables."""

from collections.abc import Sequence

from potok.core.language import gettext as _
from potok.diagnose.register.diagnosis import RegisterDiagnosis
from potok.diagnose.register.proposals import Proposal
from potok.diagnose.register.share import HoursCount, ShareCount
from potok.report.catalogue.entry import count, number, share, text
from potok.report.diagnosis.register_texts import (
    ACTIONS,
    BASES,
    CLASSES,
    ISSUES,
    RECEIVERS,
    acts_to_amend,
    explain,
    explain_pair,
    notes_of,
    title_of,
)
from potok.report.tables import Table


def register_tables(result: RegisterDiagnosis) -> tuple[Table, ...]:
    """Return everything that was found: the share, the ranked list, then each analysis."""
    return (
        share_table(result),
        proposals_table(result),
        similar_table(result),
        chains_table(result),
        nobody_table(result),
        documents_table(result),
        gaps_table(result),
        issues_table(result),
    )


def share_table(result: RegisterDiagnosis) -> Table:
    """Return the share that could go, counted three ways; law-bound processes apart."""
    columns = (
        text("action", _("What could be done")),
        text("evidence", _("Evidence")),
        text("law", _("Law")),
        count("processes", _("Processes")),
        share("process_share", _("of the register")),
        number("applicant_hours", _("Applicant-hours a year")),
        share("applicant_share", _("of those known")),
        count("applicant_unknown", _("unknown of")),
        number("staff_hours", _("Staff-hours a year")),
        share("staff_share", _("of those known (staff)")),
        count("staff_unknown", _("unknown of (staff)")),
    )
    rows = []
    for row in result.share.rows:
        for law, counted in ((_("free to change"), row.free), (_("bound by law"), row.bound)):
            if counted.processes:
                rows.append((_(ACTIONS[row.action]), _(CLASSES[row.evidence]), law, *_three_ways(counted)))
    total = result.share
    both = _("remove or merge")
    rows.append((both, _("C: may be announced"), _("free to change"), *_three_ways(total.headline)))
    rows.append((both, _("A and B: to examine"), _("free to change"), *_three_ways(total.to_examine)))
    rows.append((both, _("any"), _("bound by law"), *_three_ways(total.bound)))
    return Table("register_share", _("The share that could go"), columns, tuple(rows), notes=notes_of(result))


def _three_ways(counted: ShareCount) -> tuple[object, ...]:
    return (counted.processes, counted.process_share, *_hours(counted.applicant), *_hours(counted.staff))


def _hours(counted: HoursCount) -> tuple[object, ...]:
    known = counted.hours if counted.known_processes else None
    return known, counted.share, counted.unknown_processes


def proposals_table(result: RegisterDiagnosis) -> Table:
    """Return the ranked list of what to examine."""
    columns = (
        count("rank", _("No.")),
        text("action", _("What could be done")),
        text("basis", _("Ground")),
        text("processes", _("Processes")),
        text("keep", _("Would stay")),
        count("free", _("Would go, free to change")),
        count("bound", _("Would go, bound by law")),
        number("applicant_hours", _("Applicant-hours a year")),
        number("staff_hours", _("Staff-hours a year")),
        text("evidence", _("Evidence")),
        text("why", _("Why")),
        text("acts", _("Acts to amend")),
        text("id", _("Id")),
    )
    rows = tuple(_proposal_row(rank, one, result) for rank, one in enumerate(result.proposals, start=1))
    return Table("register_proposals", _("What to examine, in order"), columns, rows)


def _proposal_row(rank: int, one: Proposal, result: RegisterDiagnosis) -> tuple[object, ...]:
    return (
        rank,
        _(ACTIONS[one.action]),
        _(BASES[one.basis]),
        _titles(one.processes, result),
        None if one.keep is None else title_of(result.process(one.keep)),
        len(one.free),
        len(one.bound),
        known_sum([result.hours[number].applicant_hours for number in one.free]),
        known_sum([result.hours[number].staff_hours for number in one.free]),
        _(CLASSES[one.evidence]),
        explain(one, result),
        "; ".join(acts_to_amend(one)) or None,
        one.identifier(result.register),
    )


def known_sum(hours: Sequence[float | None]) -> float | None:
    """Return the sum of hours if all are known; None otherwise."""
    known = [one for one in hours if one is not None]
    return sum(known) if len(known) == len(hours) and hours else None


def similar_table(result: RegisterDiagnosis) -> Table:
    """Return the similar pairs, most alike first."""
    columns = (
        text("first", _("Process")),
        text("second", _("resembles")),
        number("score", _("Score")),
        text("why", _("What agrees")),
    )
    rows = tuple(
        (title_of(result.process(p.first)), title_of(result.process(p.second)), p.score, explain_pair(p, result))
        for p in result.similarity.pairs
    )
    note = _("The score is from 0 to 1. Similar cards may be different duties: those who do the work have to look.")
    return Table("register_similar", _("Similar processes"), columns, rows, notes=(note,))


def chains_table(result: RegisterDiagnosis) -> Table:
    """Return the chains of internal reports."""
    columns = (count("depth", _("Reports")), text("processes", _("From the source to the last reader")))
    rows = tuple(
        (chain.depth, tuple(title_of(result.process(number)) for number in chain.processes)) for chain in result.chains
    )
    return Table("register_chains", _("Chains of internal reports"), columns, rows)


def nobody_table(result: RegisterDiagnosis) -> Table:
    """Return the processes whose result has no receiver, or none that the register names."""
    columns = (text("process", _("Process")), text("addressee", _("Receiver")), text("judgement", _("What follows")))
    rows = tuple(
        (title_of(result.process(one.process)), one.addressee or None, _(RECEIVERS[one.receiver]))
        for one in result.nobody
    )
    return Table("register_nobody", _("Results without a receiver"), columns, rows)


def documents_table(result: RegisterDiagnosis) -> Table:
    """Return the documents that applicants bring more than once, or although an authority has them."""
    columns = (
        text("document", _("Document")),
        count("processes", _("Processes that ask for it")),
        number("times_per_year", _("Times a year")),
        text("holder", _("Who has it already")),
        text("asked_by", _("Codes")),
        text("wordings", _("Also called")),
    )
    rows = []
    for one in result.documents:
        made_by = _("the ministry itself: {codes}").format(codes=", ".join(one.made_by)) if one.made_by else ""
        holder = "; ".join(filter(None, (_(one.holder) if one.holder else "", made_by)))
        others = "; ".join(one.wordings[1:])
        row = (one.name, len(one.asked_by), one.times_per_year, holder or None, ", ".join(one.asked_by), others or None)
        rows.append(row)
    note = _(
        "Applications and proof of identity are left out. Check the holders against the list of exchange in force."
    )
    title = _("Documents asked for more than once, or held by an authority")
    return Table("register_documents", title, columns, tuple(rows), notes=(note,))


def gaps_table(result: RegisterDiagnosis) -> Table:
    """Return what single cards lack, and hierarchies that go round in a circle."""
    columns = (text("gap", _("What was found")), text("process", _("Process")), text("where", _("Cell")))
    found: list[tuple[str, Sequence[int]]] = [
        (_("no owner"), result.without_owner or ()),
        (_("no act"), result.without_act or ()),
        *((_("{n} participants").format(n=one.participants), (one.process,)) for one in result.long_chains),
    ]
    rows: list[tuple[object, ...]] = [
        (gap, title_of(result.process(number)), result.process(number).where)
        for gap, numbers in found
        for number in numbers
    ]
    rows += [
        (_("parents in a circle"), _titles(cycle, result), result.process(cycle[0]).where)
        for cycle in result.hierarchy.cycles
    ]
    return Table("register_gaps", _("Gaps and tangles in the cards"), columns, tuple(rows))


def issues_table(result: RegisterDiagnosis) -> Table:
    """Return what could not be read, with its cell and what to do."""
    columns = (
        text("where", _("Cell")),
        text("value", _("What stands there")),
        text("problem", _("What is wrong")),
        text("remedy", _("What to do")),
    )
    rows = tuple(
        (one.where, one.value or None, *(_(part) for part in ISSUES[one.kind]))
        for one in (*result.register.issues, *result.hierarchy.issues)
    )
    return Table("register_issues", _("What could not be read"), columns, rows)


def _titles(numbers: Sequence[int], result: RegisterDiagnosis) -> str:
    return "; ".join(title_of(result.process(number)) for number in numbers)
