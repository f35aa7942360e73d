"""``potok conform``: where a log departs from a regulation, from rules, or from a model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potok.cli.console import TerminalProgress, guarded
from potok.cli.measure_options import FilterOptions, open_filtered
from potok.cli.parser_help import PotokCommand
from potok.cli.source_options import SourceOptions, with_shared_options, with_source_options
from potok.cli.table_options import TableFormat, TableOptions, deliver, deliver_all, deliver_json, table_format
from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.core.regulations import Regulation
    from potok.diagnose.conformance.alignment.fitness import Conformity
    from potok.diagnose.conformance.alignment.model import AlignmentModel
    from potok.diagnose.conformance.checks import Prepared, Unprepared
    from potok.diagnose.conformance.conformance import Conformance
    from potok.diagnose.conformance.rules import Rule
    from potok.log.store import LogStore
    from potok.measure.evidence import CaseEvidence


class CasesOfNoCheckError(UsageError):
    """Cases are asked for, but nothing is checked that could have any."""

    code = "POTOK-K045"


class UnknownDeviationError(UsageError):
    """Cases are asked for of a deviation that the log does not have."""

    code = "POTOK-K046"


@dataclass(frozen=True, slots=True)
class ConformOptions:
    """Against what a log is to be held, as given on the command line."""

    regulation: Annotated[
        Path | None,
        typer.Option("--regulation", help=_("TOML file with the rules of the service."), metavar="FILE"),
    ] = None
    rules: Annotated[
        Path | None, typer.Option("--rules", help=_("TOML file with declarative rules."), metavar="FILE")
    ] = None
    discover_rules: Annotated[
        bool, typer.Option("--discover-rules", help=_("Find rules that the log keeps, and what decides its branches."))
    ] = False
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", help=_("BPMN file to lay closed cases against; without any option, our own."), metavar="FILE"
        ),
    ] = None
    noise: Annotated[
        float,
        typer.Option(
            "--noise", help=_("What our own model leaves out as infrequent: 0 (nothing) to 1."), metavar="SHARE"
        ),
    ] = 0.2
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", help=_("Longest search for alignments; then bounds are given."), metavar="NUMBER", min=0
        ),
    ] = 60.0
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown", help=_("Mark rules that name activities unknown to the log instead of refusing them.")
        ),
    ] = False
    cases: Annotated[
        str,
        typer.Option(
            "--cases", help=_("List the cases of a check (its id) or of a deviation (KIND:ACTIVITY)."), metavar="WHICH"
        ),
    ] = ""
    limit: Annotated[int, typer.Option("--limit", help=_("At most so many cases."), metavar="NUMBER", min=1)] = 1000

    @property
    def asks_for_model(self) -> bool:
        """Whether cases are to be laid against a model: one is given, or nothing else is asked for."""
        return self.model is not None or not (self.regulation or self.rules or self.discover_rules)


def register(app: typer.Typer) -> None:
    """Declare the command."""
    app.command(
        "conform", cls=PotokCommand, help=_("Show where a log departs from its regulation, from rules or from a model.")
    )(guarded(with_source_options(_with_table(_with_filter(_with_conform(conform_command))))))


_with_table = with_shared_options("table", TableOptions)
_with_filter = with_shared_options("filtering", FilterOptions)
_with_conform = with_shared_options("against", ConformOptions)


def conform_command(
    *,
    source: Annotated[str, typer.Argument(help=_("File, database URL or log store."), metavar="SOURCE")],
    options: SourceOptions,
    table: TableOptions,
    filtering: FilterOptions,
    against: ConformOptions,
) -> None:
    """Hold a log against what it has to keep."""
    form = table_format(table)
    from potok.core.regulations import load_regulation
    from potok.diagnose.conformance.rule_files import load_rules

    # What is quick to check comes before the import of a large source.
    regulation = load_regulation(against.regulation) if against.regulation else None
    rules = load_rules(against.rules) if against.rules else ()
    given = _read_model(against.model) if against.model else None
    store = open_filtered(source, options, filtering)
    prepared = _prepare(store, regulation, rules, skip_unknown=against.skip_unknown)
    if against.cases:
        _deliver_cases(_list_cases(store, prepared, given, against), store, against, form=form, table=table)
        return
    found = _conform(store, prepared, given, against)
    from potok.report.diagnosis.conformance import conformance_as_json, conformance_tables

    if form is TableFormat.JSON:
        rules_id = regulation.regulation_id if regulation else ""
        deliver_json(conformance_as_json(found, store, rules_id=rules_id), table.output)
    else:
        deliver_all(conformance_tables(found, zone=str(store.manifest["zone"])), form, table.output)


def _read_model(path: Path) -> "AlignmentModel":
    from potok.diagnose.conformance.alignment.model import AlignmentModel
    from potok.discover.bpmn_net import convert_bpmn_to_net
    from potok.discover.bpmn_reading import read_bpmn

    read = convert_bpmn_to_net(read_bpmn(path))
    return AlignmentModel(read.net, read.most_ends)


def _prepare(
    store: "LogStore", regulation: "Regulation | None", rules: "tuple[Rule, ...]", *, skip_unknown: bool
) -> "tuple[Prepared | Unprepared, ...]":
    from potok.diagnose.conformance.declare import prepare_rules, refuse_unknown_activities
    from potok.diagnose.conformance.regulated import prepare_regulation
    from potok.measure.running import activity_labels

    if regulation is not None and not skip_unknown:
        regulation.check_activities(tuple(activity_labels(store, None).values()))
    if rules and not skip_unknown:
        refuse_unknown_activities(store, rules)
    regulated = prepare_regulation(store, regulation) if regulation else ()
    return (*regulated, *(prepare_rules(store, rules) if rules else ()))


def _conform(
    store: "LogStore",
    prepared: "tuple[Prepared | Unprepared, ...]",
    given: "AlignmentModel | None",
    against: ConformOptions,
) -> "Conformance":
    from potok.diagnose.conformance.checks import run_check
    from potok.diagnose.conformance.conformance import Conformance
    from potok.diagnose.conformance.decisions import discover_decisions
    from potok.diagnose.conformance.discovery import discover_rules
    from potok.diagnose.conformance.findings import find_deviations, find_model_deviations

    checks = tuple(run_check(one, store) for one in prepared)
    conformity = _align(store, given, against) if against.asks_for_model else None
    return Conformance(
        checks=checks,
        discovered=discover_rules(store) if against.discover_rules else None,
        decisions=discover_decisions(store) if against.discover_rules else None,
        conformity=conformity,
        model_name=str(against.model.name) if against.model else "",
        findings=(*find_deviations(checks), *(find_model_deviations(conformity) if conformity else ())),
    )


def _align(store: "LogStore", given: "AlignmentModel | None", against: ConformOptions) -> "Conformity":
    from potok.diagnose.conformance.alignment.fitness import align_log
    from potok.diagnose.conformance.alignment.model import model_of_tree
    from potok.diagnose.conformance.alignment.search import Budget
    from potok.discover.process_models import compute_process_model

    model = given or model_of_tree(compute_process_model(store, noise_threshold=against.noise).tree)
    return align_log(store, model, budget=Budget(seconds=against.seconds), progress=TerminalProgress())


def _list_cases(
    store: "LogStore",
    prepared: "tuple[Prepared | Unprepared, ...]",
    given: "AlignmentModel | None",
    against: ConformOptions,
) -> "tuple[CaseEvidence, ...]":
    from potok.diagnose.conformance.checks import find_check, list_check_cases

    kind, sign, activity = against.cases.partition(":")
    if sign:
        return _list_deviating(store, _align(store, given, against), (kind, activity), against.limit)
    if not prepared:
        raise CasesOfNoCheckError(
            _("Cases of a check are asked for, but nothing is checked."),
            where="--cases",
            remedy=_("Give --regulation or --rules as well; cases of a deviation are named KIND:ACTIVITY."),
        )
    return list_check_cases(find_check(prepared, against.cases), store, limit=against.limit)


def _list_deviating(
    store: "LogStore", found: "Conformity", which: tuple[str, str], limit: int
) -> "tuple[CaseEvidence, ...]":
    from potok.diagnose.conformance.alignment.deviations import list_deviation_cases

    known = {(one.kind.value, one.activity): one for one in found.deviations}
    if which not in known:
        raise UnknownDeviationError(
            _("The log has no deviation {which}.").format(which=":".join(which)),
            where="--cases",
            remedy=_("Use one of: {labels}.").format(labels=", ".join(":".join(key) for key in known) or "–"),
        )
    one = known[which]
    return list_deviation_cases(found.variants, one.kind, one.activity, store, limit=limit)


def _deliver_cases(
    found: "tuple[CaseEvidence, ...]",
    store: "LogStore",
    against: ConformOptions,
    *,
    form: TableFormat,
    table: TableOptions,
) -> None:
    from potok.report.catalogue.behind import cases_table, listed
    from potok.report.diagnosis.conformance import cases_as_json

    if form is TableFormat.JSON:
        deliver_json(cases_as_json(found, which=against.cases), table.output)
    else:
        deliver(cases_table(listed(found), str(store.manifest["zone"])), form, table.output)
