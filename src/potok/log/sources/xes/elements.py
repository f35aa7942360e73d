"""XML elements read back from the parser's tokens, and the attributes of XES that they carry.

The parser records an element's start as the list of its XML attributes (``[name, value, name, value …]``) and its end
as its name. Well-formed XML makes the two unambiguous.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

ATTRIBUTE_TYPES: Final = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
OTHER_TYPE: Final = "other"
# An attribute without a key is against the standard, but its value is not lost.
NO_KEY: Final = "@no_key"

Token = list[str] | str


@dataclass(slots=True)
class Element:
    """One XML element; its name is known once it has ended."""

    attributes: list[str]
    name: str = ""
    children: list["Element"] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """Return the value of an XML attribute."""
        for index in range(0, len(self.attributes), 2):
            if self.attributes[index] == name:
                return self.attributes[index + 1]
        return None


class XesAttribute(NamedTuple):
    """One attribute of XES: the keys that lead to it, its type and its value as written."""

    path: tuple[str, ...]
    type: str
    value: str | None


def local_name(name: str) -> str:
    """Return a name without its namespace prefix."""
    return name.rpartition(":")[2]


def attribute_type(element_name: str) -> str:
    """Return the type that an element's name states."""
    name = local_name(element_name)
    return name if name in ATTRIBUTE_TYPES else OTHER_TYPE


def read_attributes(elements: Iterable[Element], *, parent: tuple[str, ...] = ()) -> Iterator[XesAttribute]:
    """Yield the attributes in `elements` and, after each, those nested in it.

    An element with neither key nor value (``<values>`` of a list) only groups what it holds. A list or container has
    no value of its own and is left out unless it is empty.
    """
    for element in elements:
        key, value = element.get("key"), element.get("value")
        if key is None and value is None:
            yield from read_attributes(element.children, parent=parent)
            continue
        path = (*parent, NO_KEY if key is None else key)
        if value is not None or not element.children:
            yield XesAttribute(path, attribute_type(element.name), value)
        yield from read_attributes(element.children, parent=path)
