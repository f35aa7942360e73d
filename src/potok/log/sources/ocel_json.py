"""Reads OCEL 2.0 and 1.0 as JSON."""

from collections.abc import Iterable
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.sources.ocel_json_stream import JsonMembers, JsonSyntaxError
from potok.log.sources.ocel_stream import OcelStream, broken_ocel
from potok.log.sources.ocel_tables import OcelTables, OcelWriter

KEYS_OF_VERSION: Final = {"2.0": {"events", "objects"}, "1.0": {"ocel:events", "ocel:objects"}}


class NotOcelError(BadDataError):
    """The file is well-formed, but no object-centric log."""

    code = "POTOK-L053"


def read_json(stream: OcelStream, writer: OcelWriter) -> OcelTables:
    """Bring an OCEL file in JSON into tables, member by member.

    Raises
    ------
    BrokenOcelError, NotOcelError
        If it is not JSON, or has no events and objects.
    """
    members = JsonMembers(stream.read)
    keys: set[str] = set()
    try:
        with writer:
            for key, name, value in members:
                keys.add(key)
                _add(writer, key, name, value)
    except JsonSyntaxError as error:
        place = _("line {line}").format(line=error.line)
        raise broken_ocel(stream.path, error.reason, place=place) from error
    version = next((version for version, needed in KEYS_OF_VERSION.items() if keys & needed), "")
    if not version:
        raise not_ocel(stream, _("a JSON file without events and objects"))
    return writer.tables(version=version, encoding="json")


def not_ocel(stream: OcelStream, found: str) -> NotOcelError:
    """Return the error for a file that is something else; `found` says what."""
    return NotOcelError(
        _("{name} is not an object-centric log but {found}.").format(name=stream.path.name, found=found),
        where=str(stream.path),
        remedy=_("Potok reads OCEL 2.0 as JSON, XML or SQLite, and OCEL 1.0 as JSON."),
    )


def _add(writer: OcelWriter, key: str, name: str | None, value: Any) -> None:
    match key:
        case "events" | "ocel:events" if not isinstance(value, dict):
            writer.skip_event()
        case "objects" | "ocel:objects" if not isinstance(value, dict):
            writer.malformed += 1
        case "events":
            _add_event(writer, value)
        case "objects":
            _add_object(writer, value)
        case "ocel:events":
            _add_old_event(writer, name, value)
        case "ocel:objects":
            writer.add_object(name, value.get("ocel:type"))
            for attribute, content in _members(value.get("ocel:ovmap")):
                writer.add_value(name, attribute, None, content)


def _add_event(writer: OcelWriter, event: dict[str, Any]) -> None:
    attributes = {str(a.get("name")): a.get("value") for a in _records(event.get("attributes"))}
    writer.add_event(event.get("id"), event.get("type"), event.get("time"), attributes)
    for link in _records(event.get("relationships")):
        writer.add_link(link.get("objectId"), link.get("qualifier"))


def _add_object(writer: OcelWriter, object_: dict[str, Any]) -> None:
    writer.add_object(object_.get("id"), object_.get("type"))
    for attribute in _records(object_.get("attributes")):
        writer.add_value(object_.get("id"), attribute.get("name"), attribute.get("time"), attribute.get("value"))


def _add_old_event(writer: OcelWriter, id_: str | None, event: dict[str, Any]) -> None:
    attributes = dict(_members(event.get("ocel:vmap")))
    writer.add_event(id_, event.get("ocel:activity"), event.get("ocel:timestamp"), attributes)
    related = event.get("ocel:omap")
    for object_ in related if isinstance(related, list) else ():
        writer.add_link(object_, None)


def _records(value: Any) -> Iterable[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else ()


def _members(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()
