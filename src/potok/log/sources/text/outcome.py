"""What is said once a text has been read: facts for the quality report, or why there is nothing to report."""

from collections.abc import Sequence
from typing import Any

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.log.sources.archive import Container
from potok.log.sources.text.beginning import Beginning
from potok.log.sources.text.encoding import Encoding, UndecodableTextError
from potok.log.sources.text.scan import Tally, UndecodablePlace

LINE_ENDS = {b"\n": "LF", b"\r\n": "CRLF"}


class NoRowsError(BadDataError):
    """The table has a header and no rows, or none that fits it."""

    code = "POTOK-L065"


def compose_facts(
    container: Container, beginnings: Sequence[Beginning], tally: Tally, *, is_copied: bool, is_encoding_given: bool
) -> dict[str, Any]:
    """Return what the reader found out, as `stage_text` describes it."""
    first = beginnings[0]
    return {
        "encoding": first.encoding.name,
        "encoding_guessed": not (is_encoding_given or first.encoding.mark),
        "had_bom": bool(first.encoding.mark),
        "delimiter": first.dialect.delimiter.decode(),
        "quote": first.dialect.quote.decode(),
        "spaces_around_quotes": first.dialect.is_padded,
        "line_end": "CR" if first.has_returns_only else LINE_ENDS[first.dialect.line_end],
        "header_line": first.header_line,
        "skipped_lines": len(first.titles),
        "skipped_text": list(first.titles),
        "renamed_columns": [list(change) for change in first.head.renamed],
        "lines": tally.lines,
        "blank_lines": tally.blank_lines,
        "rows": tally.taken,
        "rejected_rows": tally.rejected,
        "packing": container.kind.value,
        "members": [member.name for member in container.members],
        "copied": is_copied,
    }


def no_rows(container: Container, first: Beginning, tally: Tally) -> NoRowsError:
    """Return the error that says why a table has no usable rows."""
    where = str(container.path)
    if not tally.rejected:
        return NoRowsError(
            _("The file has a header but no rows."), where=where, remedy=_("Export the data again, with its rows.")
        )
    message = ngettext(
        "The only row does not fit the {columns} columns of the header.",
        "None of the {count} rows fits the {columns} columns of the header.",
        tally.rejected,
    )
    return NoRowsError(
        message.format(count=tally.rejected, columns=len(first.head.names)),
        where=where,
        remedy=_("The delimiter was taken to be “{delimiter}”. If it is another, name it with --delimiter.").format(
            delimiter=first.dialect.delimiter.decode().replace("\t", "\\t")
        ),
    )


def undecodable(container: Container, encoding: Encoding, place: UndecodablePlace) -> UndecodableTextError:
    """Return the error that says where a text leaves its encoding."""
    other = "cp1251" if encoding.is_utf8 else "utf-8"
    return UndecodableTextError(
        _("From line {line}, character {character} on, the text is not in the encoding {encoding}.").format(
            line=place.line, character=place.character, encoding=encoding.name
        ),
        where=_("{name}, line {line}, character {character}, byte {offset}").format(
            name=container.path, line=place.line, character=place.character, offset=place.stop.offset
        ),
        remedy=_("Name the encoding that it is in, for instance --encoding {other}, or export the file again.").format(
            other=other
        ),
    )
