"""Who and what a document is about, as people say it; a log knows none of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """The title block of a document. What is empty is left as a line to be filled in.

    Parameters
    ----------
    organisation, process
        Whose process, and what it is called.
    owner, author
        The flow's owner, and who made the map: name and position.
    on
        The date of the document, as it is to be written.
    """

    organisation: str = ""
    process: str = ""
    owner: str = ""
    author: str = ""
    on: str = ""
