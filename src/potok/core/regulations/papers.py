"""Papers that an authority asks applicants for: how often it may, and which of them the state holds itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable

MOST_REQUESTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Requests for documents to the applicant, of which a case may have at most so many.

    Parameters
    ----------
    activities
        Any of them is a request.
    replies
        Any of them answers it; empty if the log does not say.
    at_most
        How many requests a case may have.
    article
        The rule that limits them.
    """

    activities: tuple[str, ...]
    replies: tuple[str, ...]
    at_most: int
    article: str


@dataclass(frozen=True, slots=True)
class HeldPaper:
    """A paper that the state holds, so that an applicant must not be asked for it.

    Parameters
    ----------
    document, holder
        What the paper is called, and which authority holds it.
    activities
        Any of them asks the applicant for papers.
    replies
        Any of them answers; empty if the log does not say.
    attribute, values
        Attribute of an activity instance that names the paper asked for, and its values that mean this one; both empty
        if the activities ask for nothing else.
    article
        The rule that forbids to ask.
    """

    document: str
    holder: str
    activities: tuple[str, ...]
    replies: tuple[str, ...]
    attribute: str
    values: tuple[str, ...]
    article: str


def read_document_request(table: TomlTable) -> DocumentRequest:
    """Read a table headed ``[[document_requests]]``."""
    request = DocumentRequest(
        activities=table.texts("activities"),
        replies=table.texts("replies", []),
        at_most=table.integer("at_most", least=0, most=MOST_REQUESTS, default=1),
        article=table.text("article"),
    )
    table.finish()
    _check_replies(request.activities, request.replies, table)
    return request


def read_held_paper(table: TomlTable) -> HeldPaper:
    """Read a table headed ``[[held_papers]]``."""
    paper = HeldPaper(
        document=table.text("document"),
        holder=table.text("holder"),
        activities=table.texts("activities"),
        replies=table.texts("replies", []),
        attribute=table.text("attribute", ""),
        values=table.texts("values", []),
        article=table.text("article"),
    )
    table.finish()
    _check_replies(paper.activities, paper.replies, table)
    if bool(paper.attribute) != bool(paper.values):
        raise table.failure(
            "attribute",
            _("An attribute needs the values that mean the paper, and values need an attribute."),
            _("Give both “attribute” and “values”, or neither."),
        )
    return paper


def activities_of_papers(
    requests: tuple[DocumentRequest, ...], papers: tuple[HeldPaper, ...]
) -> Iterator[tuple[str, str]]:
    """Yield every activity that is named, with its place."""
    for request in requests:
        yield from (("document_requests", activity) for activity in (*request.activities, *request.replies))
    for paper in papers:
        yield from (("held_papers", activity) for activity in (*paper.activities, *paper.replies))


def _check_replies(activities: tuple[str, ...], replies: tuple[str, ...], table: TomlTable) -> None:
    for reply in replies:
        if reply in activities:
            raise table.wrong_value("replies", reply, _("activities that are no requests themselves"))
