"""Reads a large JSON document member by member, holding no more than one of them."""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

CHUNK_BYTES: Final = 1 << 18
# An error further from the end of what was read cannot come from its being incomplete.
NEAR_END: Final = 64

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
# Numbers as they are written: 500.0 stays so.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)

Member = tuple[str, str | None, Any]


class JsonSyntaxError(ValueError):
    """The document is not JSON; says in which line."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class JsonMembers:
    """Iterates over the members of the members of a JSON object.

    For ``{"a": [1, 2], "b": {"x": 3}, "c": 4}`` it gives ``("a", None, 1)``, ``("a", None, 2)``, ``("b", "x", 3)`` and
    ``("c", None, 4)``, numbers as text.

    Parameters
    ----------
    read
        Returns the next bytes (at most as many as asked for), none at the end.
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._decode: Any = None
        self._text = ""
        self._at = 0
        self._line = 1
        self._at_end = False

    def __iter__(self) -> Iterator[Member]:
        try:
            yield from self._members()
        except UnicodeDecodeError as error:
            raise JsonSyntaxError(str(error), self.line) from error
        except RecursionError as error:
            raise JsonSyntaxError("nested too deeply", self.line) from error

    @property
    def line(self) -> int:
        """Line of the document that has been reached."""
        return self._line + self._text.count("\n", 0, self._at)

    def _members(self) -> Iterator[Member]:
        self._expect("{")
        for key in self._keys():
            following = self._peek()
            if following == "[":
                self._at += 1
                for value in self._elements():
                    yield key, None, value
            elif following == "{":
                self._at += 1
                for inner in self._keys():
                    yield key, inner, self._value()
            else:
                yield key, None, self._value()
        if self._peek():
            raise self._error("there is text after the end")

    def _keys(self) -> Iterator[str]:
        """Give the keys of an object whose brace has been read; the caller reads the values."""
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise self._error("a name was expected")
            key = str(self._value())
            self._expect(":")
            yield key
            if not self._goes_on("}"):
                return

    def _elements(self) -> Iterator[Any]:
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if not self._goes_on("]"):
                return

    def _goes_on(self, closing: str) -> bool:
        found = self._peek()
        if found not in (",", closing):
            raise self._error(f"a comma or {closing} was expected")
        self._at += 1
        return found == ","

    def _expect(self, letter: str) -> None:
        if self._peek() != letter:
            raise self._error(f"{letter} was expected")
        self._at += 1

    def _peek(self) -> str:
        """Return the next letter that is no blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._check_incomplete(error)
            else:
                # A number at the very end may go on.
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value

    def _check_incomplete(self, error: json.JSONDecodeError) -> None:
        """Read on if that may help, else raise."""
        may_help = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - NEAR_END
        if not may_help or not self._more():
            raise self._error(error.msg, at=error.pos) from error

    def _more(self) -> bool:
        """Read on, at least as much again as is held: one huge member must not be scanned again and again."""
        if self._at_end:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        wanted = max(CHUNK_BYTES, len(self._text))
        added = ""
        while not self._at_end and len(added) < wanted:
            added += self._next_text(wanted)
        self._text += added
        return bool(added)

    def _next_text(self, size: int) -> str:
        chunk = self._read(size)
        if self._decode is None:
            self._decode = codecs.getincrementaldecoder(_encoding(chunk))()
        self._at_end = not chunk
        return str(self._decode.decode(chunk, final=self._at_end))

    def _error(self, reason: str, *, at: int | None = None) -> JsonSyntaxError:
        place = self._at if at is None else at
        return JsonSyntaxError(reason, self._line + self._text.count("\n", 0, place))


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"
