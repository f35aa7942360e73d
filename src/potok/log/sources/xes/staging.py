"""Staging of an XES file: one row per event, every value as it was written."""

from pathlib import Path

from potok.core.language import gettext as _
from potok.log.sources.archive import UnpackingLimits
from potok.log.sources.arrow_staging import ROW_COLUMN
from potok.log.sources.base import Staged, StagingOptions
from potok.log.sources.unpacking import DamagedArchiveError
from potok.log.sources.xes.errors import NoEventsError
from potok.log.sources.xes.names import ColumnNames
from potok.log.sources.xes.parser import XesParser
from potok.log.sources.xes.source_bytes import SourceBytes
from potok.log.sources.xes.traces import TraceCollector
from potok.log.sources.xes.writer import StagedWriter
from potok.log.sources.xes.xml_errors import traces_readable


def stage_xes(path: Path, *, options: StagingOptions) -> Staged:
    """Stage an XES file, plain, gzip, zstd or in a zip archive.

    Parameters
    ----------
    path
        The file; its first bytes, not its name, say how it is compressed.
    options
        `folder`, `max_uncompressed_bytes`, `progress`, and `encoding` if the file declares a wrong one.

    Returns
    -------
    Staged
        One row per event. Attributes of events keep their keys; those of traces are ``case:<key>`` and repeated on
        each event; nested ones are ``parent/child``. ``@trace`` is the trace's ordinal from 0, null for events outside
        traces.

    Raises
    ------
    XesError
        Whatever is wrong with the log, each kind its own subclass.
    PotokError
        If the file cannot be opened (`potok.log.sources.archive`), unpacked (`potok.log.sources.unpacking`), or the
        folder not written.
    """
    limits = UnpackingLimits(max_bytes=options.max_uncompressed_bytes)
    source = SourceBytes(path, limits=limits, progress=options.progress)
    collector = TraceCollector(names=ColumnNames())
    with StagedWriter(options.folder, names=collector.names) as writer:
        parser = XesParser(collector, write=writer.write, file=path.name, encoding=options.encoding)
        try:
            for piece in source.pieces():
                parser.feed(piece)
        except DamagedArchiveError as error:
            error.remedy = f"{error.remedy} {traces_readable(collector.traces)}"
            raise
        parser.finish()
    if not collector.events:
        raise _no_events(path, collector.traces)
    return Staged(
        relation=writer.relation(),
        columns=collector.names.staged(),
        format="xes",
        files=(source.as_source_file(),),
        row_column=ROW_COLUMN,
        facts={
            "compression": source.kind.value,
            "encoding": options.encoding or parser.declared_encoding,
            **parser.facts.as_record(),
            **collector.as_record(),
        },
    )


def _no_events(path: Path, traces: int) -> NoEventsError:
    return NoEventsError(
        _("The log {name} holds no events; traces: {traces}.").format(name=path.name, traces=traces),
        where=str(path),
        remedy=_("Check the filters with which it was exported."),
    )
