"""What law, and what people, say about a step."""

from dataclasses import dataclass

from potok.core.regulations.regulation import Regulation
from potok.diagnose.superfluous.declaration import LegalStatus, Safeguard, StepRules


@dataclass(frozen=True, slots=True)
class LegalGate:
    """Whether anything but figures keeps a step.

    Parameters
    ----------
    status
        Whether the law lets it go.
    articles
        What binds it, or what frees it.
    safeguards
        What it protects.
    used_by
        What uses its document; None if nobody has looked.
    """

    status: LegalStatus
    articles: tuple[str, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    used_by: tuple[str, ...] | None = None


def tag_step(activity: str, rules: StepRules) -> LegalGate:
    """Return the legal tag of a step.

    A step that the regulation makes mandatory, orders among others, assigns to somebody or hangs a term on is bound;
    one that it does not mention is not thereby free: people have to say so.
    """
    declared = rules.rule(activity)
    articles = binding_articles(activity, rules.regulation)
    if declared.legal is LegalStatus.BOUND:
        articles = (declared.article, *articles)
    if articles:
        return LegalGate(LegalStatus.BOUND, tuple(dict.fromkeys(articles)), declared.safeguards, declared.used_by)
    named = (declared.article,) if declared.article else ()
    return LegalGate(declared.legal, named, declared.safeguards, declared.used_by)


def binding_articles(activity: str, regulation: Regulation | None) -> tuple[str, ...]:
    """Return the articles of a regulation that need a step; the act itself where an article is not named."""
    if regulation is None:
        return ()
    found = [step.article for step in regulation.mandatory_steps if step.activity == activity]
    found += [rule.article for rule in regulation.order_rules if activity in (rule.before, rule.after)]
    found += [maker.article for maker in regulation.decision_makers if maker.activity == activity]
    found += [term.article for term in regulation.terms if activity in (term.starts, *term.ends)]
    return tuple(dict.fromkeys(article or regulation.act for article in found))
