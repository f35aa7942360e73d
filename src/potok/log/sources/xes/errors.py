"""What can be wrong with an XES file, each with its own code."""

from potok.core.errors import BadDataError


class XesError(BadDataError):
    """An XES file that cannot be read; the base of the errors below."""

    code = "POTOK-L020"


class EmptyXesError(XesError):
    """The file, or what it unpacks to, has no bytes."""

    code = "POTOK-L021"


class NotXmlError(XesError):
    """The file is something else than XML."""

    code = "POTOK-L022"


class WrongRootError(XesError):
    """The file is XML, but its root element is not that of XES."""

    code = "POTOK-L023"


class MalformedXmlError(XesError):
    """The XML breaks the rules of XML."""

    code = "POTOK-L024"


class TruncatedXesError(XesError):
    """The file ends before the log does."""

    code = "POTOK-L025"


class ForbiddenXmlError(XesError):
    """The file declares a document type or entities, which XES does not need and attackers use."""

    code = "POTOK-L026"


class XesEncodingError(XesError):
    """The file's letters are not in the encoding that it declares, or the encoding cannot be read."""

    code = "POTOK-L027"


class ElementSizeError(XesError):
    """One element, value or name is larger, or nested deeper, than any log needs."""

    code = "POTOK-L028"


class TooManyAttributesError(XesError):
    """The log has more distinct attributes than can be columns."""

    code = "POTOK-L029"


class MisplacedElementError(XesError):
    """An event, a trace or a trace's attribute stands where it cannot be read."""

    code = "POTOK-L030"


class NoEventsError(XesError):
    """The log is well formed, but holds no event."""

    code = "POTOK-L031"
