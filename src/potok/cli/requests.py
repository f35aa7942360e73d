"""From command-line options to an import request."""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from potok.cli.console import TerminalProgress, write_note
from potok.cli.source_options import SourceOptions
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.engine.run import limit_default_memory
from potok.log.cache import open_or_import
from potok.log.guessing import Guess
from potok.log.importing.request import DEFAULT_MAX_REJECTED_SHARE, ImportRequest
from potok.log.mapping import (
    ClosingBasis,
    ClosingRule,
    Exclusion,
    ExtractionKind,
    LifecycleMode,
    Mapping,
    TimeColumn,
    TimeEncoding,
)
from potok.log.mapping_file import load_mapping
from potok.log.privacy.keys import Key, create_key, default_key_path, load_key
from potok.log.sources.opening import is_database
from potok.log.store import LogStore, is_store, open_store

E = TypeVar("E", bound=StrEnum)

DECIMAL_MARKS: Final = (".", ",")
MEMORY_SIZE: Final = re.compile(r"[1-9]\d*(\.\d+)?\s*([KMGT]i?)?B", re.IGNORECASE)

TEXT_ROLES = {
    "case": "case_id",
    "resource": "resource",
    "org_unit": "org_unit",
    "cost": "cost",
    "lifecycle_column": "lifecycle",
    "instance": "instance",
    "outcome": "outcome",
    "channel": "channel",
    "service": "service",
    "agency": "agency",
    "zone": "zone",
    "extracted_at": "extracted_at",
    "watched_from": "watched_from",
    "split_cases_on": "split_cases_on",
}
LISTS = {
    "activity": "activity",
    "drop_column": "drop",
    "keep_text": "keep_text",
    "pseudonymise": "pseudonymise",
    "allow_personal": "allow_personal",
}


class OptionValueError(UsageError):
    """An option has a value that it cannot take."""

    code = "POTOK-K001"


class NoKeyError(UsageError):
    """There is no key for pseudonyms and plain ids were not asked for."""

    code = "POTOK-K002"


def build_request(sources: Sequence[str], options: SourceOptions, *, into: Path, key: Key | None) -> ImportRequest:
    """Build the import request that the options describe."""
    return ImportRequest(
        sources=tuple(sources),
        into=into,
        mapping=build_mapping(options),
        preset=options.preset,
        case_table=options.case_table,
        key=key,
        encoding=options.encoding,
        delimiter=options.delimiter,
        sheet=options.sheet,
        object_type=options.object_type,
        query=options.query,
        max_rejected_share=DEFAULT_MAX_REJECTED_SHARE if options.max_rejected is None else options.max_rejected,
        memory_limit=_memory_limit(options.memory),
        progress=TerminalProgress(),
        confirm=show_warnings,
    )


def _memory_limit(text: str) -> str:
    if text and not MEMORY_SIZE.fullmatch(text):
        raise OptionValueError(
            _("{option} cannot be «{value}».").format(option="--memory", value=text),
            where="--memory",
            remedy=_("Write a size such as 500MB or 2GB."),
        )
    return text


def _decimal_mark(text: str) -> str:
    if text not in DECIMAL_MARKS:
        raise OptionValueError(
            _("{option} cannot be «{value}».").format(option="--decimal", value=text),
            where="--decimal",
            remedy=_("Give a point or a comma."),
        )
    return text


def show_warnings(guess: Guess) -> None:
    """Say on standard error what in the source could be read in two ways."""
    for warning in guess.warnings:
        write_note(_("Note: {warning}").format(warning=warning))


def build_mapping(options: SourceOptions) -> Mapping:
    """Build the mapping: the mapping file, overridden by options."""
    mapping = load_mapping(options.mapping) if options.mapping else Mapping()
    texts = {role: getattr(options, name) for name, role in TEXT_ROLES.items()}
    given: dict[str, Any] = {role: text for role, text in texts.items() if text}
    if options.zone:
        given["zone_is_named"] = True
    given |= {role: tuple(getattr(options, name)) for name, role in LISTS.items() if getattr(options, name)}
    times = {"completed_at": options.completed, "started_at": options.started, "enabled_at": options.enabled}
    formats = tuple(options.time_format or ())
    given |= {role: _time_column(columns, formats) for role, columns in times.items() if columns}
    if formats and not any(times.values()):
        raise OptionValueError(
            _("--time-format alone does not say which column it is for."),
            where="--time-format",
            remedy=_("Name the column too, with --completed, --started or --enabled."),
        )
    if options.decimal:
        given["decimal"] = _decimal_mark(options.decimal)
    if options.lifecycle:
        given["lifecycle_mode"] = choice_of("--lifecycle", options.lifecycle, LifecycleMode)
    if options.extraction:
        given["extraction"] = choice_of("--extraction", options.extraction, ExtractionKind)
    if options.exclude:
        given["exclude"] = tuple(
            Exclusion(column, tuple(values)) for column, values in _pairs("--exclude", options.exclude).items()
        )
    if closing := _closing(options):
        given["closing"] = closing
    return replace(mapping, **given)


def _time_column(columns: Sequence[str], formats: tuple[str, ...]) -> TimeColumn:
    """Return a time column; without a format its encoding is guessed (``AUTO``)."""
    encoding = TimeEncoding.PATTERN if formats else TimeEncoding.AUTO
    return TimeColumn(tuple(columns), encoding, formats)


def choice_of(option: str, value: str, allowed: type[E]) -> E:
    """Return the member of an enumeration that an option names.

    Raises
    ------
    OptionValueError
        If it has no such member; all are named.
    """
    try:
        return allowed(value)
    except ValueError as error:
        raise OptionValueError(
            _("{option} cannot be «{value}».").format(option=option, value=value),
            where=option,
            remedy=_("Choose one of: {values}.").format(values=", ".join(allowed)),
        ) from error


def _pairs(option: str, texts: Sequence[str]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for text in texts:
        column, separator, value = text.partition("=")
        if not separator or not column:
            raise OptionValueError(
                _("{option} cannot be «{value}».").format(option=option, value=text),
                where=option,
                remedy=_("Write COLUMN=VALUE."),
            )
        pairs.setdefault(column, []).append(value)
    return pairs


def _closing(options: SourceOptions) -> ClosingRule | None:
    rules = []
    if options.closed_by_activity:
        rules.append(ClosingRule(ClosingBasis.ACTIVITIES, values=tuple(options.closed_by_activity)))
    if options.closed_by_status:
        pairs = _pairs("--closed-by-status", options.closed_by_status)
        rules += [ClosingRule(ClosingBasis.STATUS, column, tuple(values)) for column, values in pairs.items()]
    if options.closed_by_field:
        rules.append(ClosingRule(ClosingBasis.FIELD, options.closed_by_field, encoding=TimeEncoding.AUTO))
    if options.all_closed:
        rules.append(ClosingRule(ClosingBasis.ALL))
    if len(rules) > 1:
        raise OptionValueError(
            _("Two rules say when a case is closed."),
            where="--closed-by-activity, --closed-by-status, --closed-by-field, --all-closed",
            remedy=_("Give one of them."),
        )
    return rules[0] if rules else None


def require_key(options: SourceOptions) -> Key | None:
    """Return the key for pseudonyms, or None if plain ids are asked for.

    Raises
    ------
    NoKeyError
        If there is no key and ids are not to be plain.
    """
    if options.plain_ids:
        return None
    path = options.key or default_key_path()
    if not path.exists():
        raise NoKeyError(
            _("There is no key for pseudonyms at {path}.").format(path=path),
            where=str(path),
            remedy=_("Make one with potok key init, or add --plain-ids if the data is public."),
        )
    return load_key(path)


def key_for_reading(options: SourceOptions) -> Key | None:
    """Return the key for a reading command; the installation's key is made on first use, and said."""
    if options.plain_ids or options.key or default_key_path().exists():
        return require_key(options)
    path = default_key_path()
    key = create_key(path)
    write_note(
        _("Ids of cases and employees are shown as pseudonyms. Their key was made at {path}.").format(path=path)
        + " "
        + _("Keep it safe: without it there is no way back. With --plain-ids ids are shown as they are.")
    )
    return key


def open_source(source: str, options: SourceOptions) -> LogStore:
    """Open a store, or import a source into the user's cache and open that; what is asked of it has its memory, too."""
    if options.memory:
        limit_default_memory(_memory_limit(options.memory))
    if not is_database(source) and is_store(Path(source)):
        return open_store(Path(source))
    store = open_or_import(build_request([source], options, into=Path(), key=key_for_reading(options)))
    _say_doubts(store)
    return store


def _say_doubts(store: LogStore) -> None:
    """Say which columns were taken for cases and activities on a weak guess: every figure rests on them."""
    from potok.cli.summaries import LIKELY
    from potok.log.guessing.result import role_name

    for guess in store.manifest["guesses"]:
        if guess["role"] in ("case_id", "activity") and guess["confidence"] < LIKELY:
            write_note(
                _(
                    "Note: the column {column} was taken for {role}, which is doubtful. "
                    "Please check, and name the right one with {option}."
                ).format(
                    column=quoted(str(guess["column"])),
                    role=role_name(guess["role"]),
                    option="--case" if guess["role"] == "case_id" else "--activity",
                )
            )
