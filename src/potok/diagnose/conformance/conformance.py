"""All that is asked about the conformance of a log at once."""

from dataclasses import dataclass

from potok.core.finding import Finding
from potok.diagnose.conformance.checks import CheckResult


@dataclass(frozen=True, slots=True)
class Conformance:
    """How a log conforms.

    Parameters
    ----------
    checks
        Rules of a regulation and declarative rules.
    findings
        Those that cases violate.
    """

    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
