"""What a verification was computed from, as tables: logs, and where each case went."""

import numpy as np

from potok.core.language import gettext as _
from potok.report.catalogue.entry import count, number, share, text
from potok.report.formats import format_instant
from potok.report.tables import Table
from potok.report.verification.amounts import Amounts, amounts_for
from potok.report.verification.results import EffectResults
from potok.report.verification.words import name_extraction, name_month, name_side
from potok.verify.study import UNKNOWN, Arms, Panel, Side, Study


def study_tables(results: EffectResults) -> tuple[Table, ...]:
    """Tabulate the logs, the flow of cases, and the monthly means, as far as they are at hand."""
    tables: list[Table] = []
    if results.study is not None:
        tables.append(sources_table(results.study))
    if results.arms is not None:
        tables.append(flow_table(results.arms))
    if results.panel is not None:
        tables.append(panel_table(results.panel, amounts_for(results.effect, results.protocol)))
    return tuple(tables)


def sources_table(study: Study) -> Table:
    """Tabulate the logs with their content hashes."""
    columns = (
        text("name", _("Log")),
        text("extraction", _("How its cases were chosen")),
        text("extracted", _("Extracted at")),
        count("cases", _("Cases")),
        count("rejected_rows", _("Rows rejected")),
        text("content_sha256", _("Content hash (SHA-256)")),
        text("content_sha256_interval", _("Hash of the mapping")),
    )
    rows = tuple(
        (
            one.name,
            name_extraction(one.extraction),
            format_instant(one.extracted_us, zone=study.zone),
            one.cases,
            one.rejected_rows,
            one.content_sha256,
            _("mapping: {hash}").format(hash=one.mapping_sha256),
        )
        for one in study.sources
    )
    return Table("sources", _("Logs"), columns, rows, study.zone)


def flow_table(arms: Arms) -> Table:
    """Tabulate where the cases of the logs went: who takes part, who was left out and why."""
    columns = (
        text("side", _("Where")),
        count("cases", _("Cases")),
        share("share", _("Share of all")),
        count("known", _("With a known outcome")),
    )
    total = max(len(arms.side), 1)
    rows = []
    for side in Side:
        is_side = arms.side == side
        cases = int(is_side.sum())
        known = int(np.isfinite(arms.outcome[is_side]).sum()) if side >= Side.BEFORE else None
        rows.append((name_side(side), cases, cases / total, known))
    notes = (_("Cases are placed by the day on which they opened, never by how long they took."),)
    return Table("flow", _("Where each case went"), columns, tuple(rows), notes=notes)


def panel_table(panel: Panel, amounts: Amounts) -> Table:
    """Tabulate mean outcomes by agency and month of opening, which the estimate is computed from."""
    column = share if amounts.unit == "share" else number
    columns = (
        text("agency", _("Agency")),
        text("month", _("Month")),
        text("side", _("Before or after")),
        column("mean", _("Mean")),
        count("cases", _("Cases")),
    )
    rows = tuple(
        (
            agency,
            name_month(f"{month:%Y-%m}"),
            _name_place(place, int(panel.first_changed[row])),
            float(panel.mean[row, place]) if panel.cases[row, place] else None,
            int(panel.cases[row, place]),
        )
        for row, agency in enumerate(panel.agencies)
        for place, month in enumerate(panel.months)
    )
    return Table("panel", _("Monthly means"), columns, rows)


def _name_place(place: int, first: int) -> str:
    if first == UNKNOWN:
        return _("does not change")
    return _("before the change") if place < first else _("after the change")
