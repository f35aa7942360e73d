"""Step 0: sources are opened and their columns get roles."""

import re
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import LANGUAGES, Language, current_language, set_language
from potok.core.language import gettext as _
from potok.engine.sql import quote_identifier
from potok.log.guessing import Guess, guess_mapping
from potok.log.importing.case_table import CaseTable, describe_case_table
from potok.log.importing.raw_table import Attribute, check_columns, choose_attributes, common_columns
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping
from potok.log.presets import load_preset
from potok.log.sources.base import Staged, StagedColumn, StagingOptions
from potok.log.sources.opening import stage

Notes = dict[str, tuple[str, ...]]

OFFSET: Final = re.compile(r"\d:\d\d(?::\d\d(?:[.,]\d+)?)? ?([+-]\d\d(?::?\d\d)?)$")
SAMPLE_ROWS: Final = 5_000
SAMPLE_CELLS: Final = 2_000_000


class UselessOptionError(UsageError):
    """An option is given that no source can use."""

    code = "POTOK-L032"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sources staged, their columns given roles.

    Parameters
    ----------
    staged
        The event sources, in the order in which they are read.
    guess
        The mapping with its reasons.
    attributes
        The columns kept beside the roles, those of the case table last.
    notes
        By language: sentences about what in the source could be read in two ways, and how it was read.
    case_table
        The table beside the events, if there is one.
    """

    staged: tuple[Staged, ...]
    guess: Guess
    attributes: tuple[Attribute, ...]
    notes: Notes
    case_table: CaseTable | None = None

    @property
    def mapping(self) -> Mapping:
        """The mapping used."""
        return self.guess.mapping


def prepare(connection: Any, request: ImportRequest, folder: Path) -> Prepared:
    """Stage the sources of a request into `folder` and complete its mapping."""
    staged = request.staged or tuple(
        stage(source, options=_options(request, folder / f"source{index}"))
        for index, source in enumerate(request.sources)
    )
    beside = stage(request.case_table, options=_options(request, folder / "case_table")) if request.case_table else None
    _check_options(request, staged)
    columns = common_columns(staged)
    known = {column.name for column in columns}
    all_columns = (*columns, *(column for column in (beside.columns if beside else ()) if column.name not in known))
    check_columns(request.mapping, all_columns)
    guess, notes = (Guess(request.mapping, (), ()), Notes())
    if not request.staged:
        guess, notes = _guess(connection, request, staged, columns)
    check_columns(guess.mapping, all_columns)
    if request.confirm is not None:
        request.confirm(guess)
    attributes = choose_attributes(guess.mapping, columns)
    if beside is None:
        return Prepared(staged, guess, attributes, notes)
    table = describe_case_table(beside, taken=[*known, *guess.mapping.drop], first=len(attributes))
    return Prepared(staged, guess, (*attributes, *table.attributes), notes, table)


def _check_options(request: ImportRequest, staged: Sequence[Staged]) -> None:
    """Refuse options that no source can use: they would be thought to have had an effect."""
    formats = {source.format for source in staged}
    asked = (
        ("--sheet", request.sheet, "xlsx", _("workbooks")),
        ("--object-type", request.object_type, "ocel", _("object-centric logs")),
        ("--query", request.query, "database", _("databases")),
    )
    for option, value, used_by, name in asked:
        if value and used_by not in formats and not request.staged:
            raise UselessOptionError(
                _("{option} has no effect here: it is for {sources}.").format(option=option, sources=name),
                where=option,
                remedy=_("Leave it out."),
            )


def _guess(
    connection: Any, request: ImportRequest, staged: Sequence[Staged], columns: Sequence[StagedColumn]
) -> tuple[Guess, Notes]:
    preset = load_preset(request.preset) if request.preset else None
    sample = _sample(connection, staged[0])

    def guess(language: Language) -> Guess:
        if language != current_language():
            set_language(language)
        found = guess_mapping(columns, sample, given=request.mapping, preset=preset)
        return replace(found, warnings=(*found.warnings, *_warn_of_offsets(found.mapping, sample)))

    # The manifest shall not depend on the language in which someone imported: it keeps the notes in all of them.
    own = guess(current_language())
    guesses = {language: copy_context().run(guess, language) for language in LANGUAGES} if own.warnings else {}
    return own, {str(language): other.warnings for language, other in guesses.items()}


def _warn_of_offsets(mapping: Mapping, sample: dict[str, list[str | None]]) -> tuple[str, ...]:
    """Say that days and hours are shown in UTC although the source's times are those of another zone."""
    column = mapping.completed_at or mapping.started_at
    values = sample.get(column.columns[-1], []) if column and not mapping.zone_is_named else []
    offsets = {match[1] for value in values if value and (match := OFFSET.search(value))} - {"+00:00", "+00", "+0000"}
    if not offsets:
        return ()
    return (
        _(
            "Times are written with the offset {offsets}, but no zone is named, so days and hours are shown in UTC. "
            "Name the zone with --zone, for example --zone Europe/Kaliningrad."
        ).format(offsets=", ".join(sorted(offsets)[:3])),
    )


def _options(request: ImportRequest, folder: Path) -> StagingOptions:
    folder.mkdir()
    return StagingOptions(
        folder=folder,
        encoding=request.encoding,
        delimiter=request.delimiter,
        sheet=request.sheet,
        object_type=request.object_type,
        query=request.query,
        progress=request.progress,
    )


def _sample(connection: Any, staged: Staged) -> dict[str, list[str | None]]:
    """Return the first rows of a source as text, column by column."""
    texts = ", ".join(
        f"CAST({quote_identifier(column.name)} AS VARCHAR) AS {quote_identifier(column.name)}"
        for column in staged.columns
    )
    rows = min(SAMPLE_ROWS, SAMPLE_CELLS // len(staged.columns))
    query = f"SELECT {texts} FROM {staged.relation} LIMIT {rows}"
    return dict(connection.sql(query).to_arrow_table().to_pydict())
