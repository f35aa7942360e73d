"""The way back from a pseudonym to one case, and the way there for a clerk who looks for a case."""

from datetime import datetime
from pathlib import Path

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.log.privacy.keys import Key
from potok.log.privacy.pseudonyms import CASE_DOMAIN, pseudonymise
from potok.log.privacy.reveal_journal import Revelation, append_revelation
from potok.log.privacy.sealed_map import SealedMap


class UnknownPseudonymError(UsageError):
    """A pseudonym that the sealed map does not hold."""

    code = "POTOK-L123"


class RevealUnjustifiedError(UsageError):
    """A wish to reveal without saying who asks or what for."""

    code = "POTOK-L124"


def conceal(identifier: str, *, key: Key, domain: str = CASE_DOMAIN) -> str:
    """Return the pseudonym of a known id, so that a clerk can find their case; needs no map.

    Parameters
    ----------
    identifier
        The id exactly as the source writes it.
    key
        The key with which the store was made.
    domain
        What the id names.
    """
    return pseudonymise([identifier], key=key, domain=domain)[0]


def reveal_case(pseudonym: str, *, sealed_map: SealedMap, journal: Path, by: str, reason: str, now: datetime) -> str:
    """Return the id behind a pseudonym, after writing down who asked and what for.

    Parameters
    ----------
    pseudonym
        As the store shows it.
    sealed_map
        An opened map (`potok.log.privacy.sealed_map.open_sealed_map`), hence the key is held.
    journal
        The reveal journal; created if it does not exist.
    by
        Who asks.
    reason
        What for.
    now
        The instant, with a time zone.

    Raises
    ------
    RevealUnjustifiedError
        If `by` or `reason` is blank.
    UnknownPseudonymError
        If the map does not hold the pseudonym; nothing is written.
    RevealJournalBrokenError, RevealJournalAccessError
        If the journal cannot be continued; then nothing is revealed.
    ValueError
        If `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a time zone")
    if not by.strip() or not reason.strip():
        raise RevealUnjustifiedError(
            _("An id is revealed only for someone with a reason, and both are written down."),
            remedy=_("Say what it is needed for with --reason."),
        )
    identifier = sealed_map.find_identifier(pseudonym)
    if identifier is None:
        raise UnknownPseudonymError(
            _("The map does not hold this pseudonym."),
            where=pseudonym,
            remedy=_("Use the map that was kept when this store was imported."),
        )
    append_revelation(
        journal,
        Revelation(now, by.strip(), reason.strip(), pseudonym, sealed_map.key_identifier, sealed_map.path.name),
    )
    return identifier
