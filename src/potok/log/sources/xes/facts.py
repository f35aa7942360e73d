"""What an XES file says about itself, besides its events."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from potok.log.sources.xes.elements import Element, local_name, read_attributes

MAX_ENTRIES: Final = 200
MAX_LETTERS: Final = 500


class LogFacts:
    """Gathers the head of the log: extensions, classifiers, declared defaults and the log's own attributes.

    Declared defaults (``<global>``) are kept here only: an event that lacks the attribute does not get the default,
    because what was not recorded was not observed.
    """

    def __init__(self) -> None:
        self._entries = 0
        self.left_out = 0
        self.root: dict[str, str] = {}
        self.extensions: list[dict[str, str]] = []
        self.classifiers: list[dict[str, str]] = []
        self.defaults: dict[str, dict[str, str | None]] = {}
        self.attributes: dict[str, str | None] = {}

    def take_root(self, attributes: Sequence[str]) -> None:
        """Take the XML attributes of the log element, such as its version."""
        self.root = {name: _shorten(value) for name, value in _pairs(attributes).items() if name[:5] != "xmlns"}

    def take(self, elements: Iterable[Element]) -> None:
        """Take elements that stand directly in the log."""
        attributes: list[Element] = []
        for element in elements:
            name = local_name(element.name)
            if name == "extension":
                self._append(self.extensions, element)
            elif name == "classifier":
                self._append(self.classifiers, element)
            elif name == "global":
                self._put(self.defaults.setdefault(_shorten(element.get("scope") or "event"), {}), element.children)
            else:
                attributes.append(element)
        self._put(self.attributes, attributes)

    def as_record(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "log_element": self.root,
            "extensions": self.extensions,
            "classifiers": self.classifiers,
            "declared_defaults": self.defaults,
            "log_attributes": self.attributes,
            "log_attributes_left_out": self.left_out,
        }

    def _append(self, entries: list[dict[str, str]], element: Element) -> None:
        if self._has_room():
            entries.append({name: _shorten(value) for name, value in _pairs(element.attributes).items()})

    def _put(self, entries: dict[str, str | None], elements: Iterable[Element]) -> None:
        # What is nested (statistics that tools leave behind, often thousands) must not crowd out the rest.
        for path, _type_name, value in sorted(read_attributes(elements), key=lambda attribute: len(attribute.path)):
            if self._has_room():
                entries[_shorten("/".join(path))] = None if value is None else _shorten(value)

    def _has_room(self) -> bool:
        self._entries += 1
        if self._entries <= MAX_ENTRIES:
            return True
        self.left_out += 1
        return False


def _pairs(attributes: Sequence[str]) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_LETTERS else text[: MAX_LETTERS - 1] + "…"
