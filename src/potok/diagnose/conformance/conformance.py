"""All that is asked about the conformance of a log at once."""

from dataclasses import dataclass

from potok.core.finding import Finding
from potok.diagnose.conformance.alignment.fitness import Conformity
from potok.diagnose.conformance.checks import CheckResult
from potok.diagnose.conformance.decisions import Decisions
from potok.diagnose.conformance.discovery import DiscoveredRules


@dataclass(frozen=True, slots=True)
class Conformance:
    """How a log conforms; what was not asked for is None or empty.

    Parameters
    ----------
    checks
        Rules of a regulation and declarative rules.
    discovered
        Declarative rules that the log keeps.
    decisions
        What decides its branches.
    conformity
        Its closed cases laid against a model.
    model_name
        Of that model: its file; empty for the one discovered from the log itself.
    findings
        What cases violate.
    """

    checks: tuple[CheckResult, ...] = ()
    discovered: DiscoveredRules | None = None
    decisions: Decisions | None = None
    conformity: Conformity | None = None
    model_name: str = ""
    findings: tuple[Finding, ...] = ()
