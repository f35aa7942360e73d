"""The verification that stands behind a pilot, opened and checked: a headline rests on nothing that is only asserted.

Its hash is computed again as `potok verify` computes it, which this package may not import: SHA-256 of the JSON with
sorted keys and without blanks, over everything but the hash itself.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.core.toml_reading import TomlTable

EFFECT_SCHEMA: Final = "potok.effect/1"
VERIFIED: Final = "verified"


def read_verified_effect(entry: TomlTable, path: Path, *, sha256: str) -> dict[str, Any]:
    """Read the effect that a pilot names, and check that it is what it was, the one that is meant, and verified.

    Parameters
    ----------
    entry
        The pilot; errors name its keys.
    path
        The JSON that `potok verify --json` wrote.
    sha256
        Its `effect_sha256`, as the pilot gives it.

    Raises
    ------
    PilotsError
        If it is missing, no effect, altered, another one or not verified.
    """
    effect = _read_effect(entry, path)
    found = _effect_sha256(effect)
    if effect.get("effect_sha256") != found:
        raise entry.failure(
            "document",
            _("The content of {path} is not what its hash was made of: it was altered.").format(path=path),
            _("Verify again with potok verify --json, and keep the file as it was written."),
        )
    if sha256.strip().casefold() != found:
        raise entry.failure(
            "sha256",
            _("The effect in {path} has the hash {found}, not {given}.").format(path=path, found=found, given=sha256),
            _("Give the effect_sha256 of the effect that was verified."),
        )
    if effect.get("verdict") != VERIFIED:
        raise entry.failure(
            "document",
            _("The verdict in {path} is “{verdict}”, not “verified”.").format(path=path, verdict=effect.get("verdict")),
            _("List only pilots that were verified."),
        )
    return effect


def _read_effect(entry: TomlTable, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise entry.failure(
            "document",
            _("The effect {path} cannot be read: {reason}.").format(path=path, reason=system_reason(error)),
            _("Give the file that potok verify --json wrote, its path seen from the list of pilots."),
        ) from error
    except (ValueError, RecursionError) as error:
        raise _no_effect(entry, path) from error
    if not isinstance(record, dict) or record.get("schema") != EFFECT_SCHEMA:
        raise _no_effect(entry, path)
    return record


def _no_effect(entry: TomlTable, path: Path) -> PotokError:
    return entry.failure(
        "document",
        _("The file {path} holds no effect.").format(path=path),
        _("Give the file that potok verify --json wrote, its path seen from the list of pilots."),
    )


def _effect_sha256(effect: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in effect.items() if key != "effect_sha256"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
