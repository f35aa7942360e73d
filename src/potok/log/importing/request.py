"""What an import is asked to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from potok.core.progress import Progress, SilentProgress
from potok.log.guessing import Guess
from potok.log.importing.quality import QualityCheck
from potok.log.mapping import Mapping
from potok.log.privacy.keys import Key
from potok.log.sources.base import Staged

DEFAULT_MAX_REJECTED_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One import: from where, by which mapping, into which folder.

    Parameters
    ----------
    sources
        Files, folders or database URLs read as one log, in this order.
    into
        Folder of the store.
    mapping
        What the user fixed; the rest is guessed.
    preset
        Name of a ready mapping (``epgu``, ``sed``); empty for none.
    case_table
        File with one row per case, joined on the case id; empty for none.
    key
        Key of the pseudonyms; None stores ids as they are.
    keep_map
        Where to write the encrypted map from pseudonyms to ids.
    replace
        Whether an existing store at `into` may be replaced.
    max_rejected_share
        Share of unusable rows (0–1) above which the import fails.
    memory_limit, threads
        Limits for the engine; empty and 0 leave them to Potok.
    staged
        Sources already staged, instead of `sources`; `mapping` is then complete.
    inherited_key_id
        Id of the key with which staged ids were concealed before.
    extra_checks
        Checks made beforehand, for the quality report.
    confirm
        Called with the guess before anything is stored; raises to stop.
    """

    sources: tuple[str, ...]
    into: Path
    mapping: Mapping = field(default_factory=Mapping)
    preset: str = ""
    case_table: str = ""
    key: Key | None = None
    keep_map: Path | None = None
    replace: bool = False
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    object_type: str = ""
    query: str = ""
    max_rejected_share: float = DEFAULT_MAX_REJECTED_SHARE
    memory_limit: str = ""
    threads: int = 0
    staged: tuple[Staged, ...] = ()
    inherited_key_id: str | None = None
    extra_checks: tuple[QualityCheck, ...] = ()
    progress: Progress = field(default_factory=SilentProgress)
    confirm: Callable[[Guess], None] | None = None
