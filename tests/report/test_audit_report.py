"""The report is one file that loads nothing, runs nothing and says what a log holds as text."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from potok.core.language import current_language
from potok.measure.evidence import CaseEvidence
from potok.report.html import render_audit
from report.made_up_audits import make_audit, make_check, make_manifest

EVIL = '</style><script>alert(1)</script><img src="http://example.org/x" onerror=alert(1)>{{ 7*1009 }}'
HIDDEN = frozenset({"style", "svg", "title", "script"})
VOID = frozenset({"meta", "link", "input", "br"})


class Reader(HTMLParser):
    """Collects the elements and the visible text of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
        elif data.strip() and not HIDDEN.intersection(self.open):
            self.text.append(" ".join(data.split()))


def read(document: str) -> Reader:
    reader = Reader()
    reader.feed(document)
    assert reader.open == []
    return reader


def evil_audit():
    audit = make_audit(12)
    name = audit.graph.nodes[0].activity
    finding = audit.findings[0]
    manifest = make_manifest(
        source={"format": EVIL, "files": [{"name": EVIL, "size_bytes": 1, "sha256": EVIL, "first_row": 1}]},
        guesses=[{"role": EVIL, "column": EVIL, "confidence": 0.5, "reason": EVIL}],
        closing=make_manifest()["closing"] | {"values": [EVIL]},
        quality=[make_check(EVIL, 3, where=EVIL, examples=[EVIL], detail={"split_cases_on": EVIL})],
        content_sha256=EVIL,
    )
    return replace(
        audit,
        opened_as=EVIL,
        manifest=manifest,
        graph=replace(
            audit.graph,
            nodes=tuple(replace(n, activity=EVIL if n.activity == name else n.activity) for n in audit.graph.nodes),
            edges=tuple(
                replace(
                    e,
                    activity=EVIL if e.activity == name else e.activity,
                    next_activity=EVIL if e.next_activity == name else e.next_activity,
                )
                for e in audit.graph.edges
            ),
        ),
        variants=tuple(replace(v, activities=(EVIL, *v.activities)) for v in audit.variants),
        rework=tuple(replace(r, activity=EVIL) for r in audit.rework),
        findings=(replace(finding, examples=(CaseEvidence(1, EVIL, 5.0, (1, 2)),)), *audit.findings[1:]),
    )


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("number", [1, 25])
def test_nothing_in_the_document_leads_out_of_it(number: int, language: str):
    reader = read(render_audit(make_audit(number), language=language))
    for tag, attributes in reader.elements:
        assert tag not in {"script", "iframe", "object", "embed", "img", "base", "form"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("href", "src", "action", "xlink:href"):
            target = attributes.get(name)
            assert target is None or target.startswith("#") or target == "data:,"
    assert set(re.findall(r"url\((\w+:[\w/]+)", reader.style)) == {"data:font/woff2"}


def test_the_policy_allows_this_style_sheet_and_nothing_else():
    reader = read(render_audit(make_audit(), language="en"))
    policy = next(a["content"] for tag, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    digest = b64encode(sha256(reader.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("language", ["ru", "en"])
def test_whatever_a_log_holds_is_text(language: str):
    document = render_audit(evil_audit(), language=language)
    reader = read(document)
    assert "<script" not in document
    assert "7063" not in document
    assert {"img", "script"}.isdisjoint(tag for tag, _ in reader.elements)
    assert any(EVIL in text for text in reader.text)


def test_every_link_has_its_target():
    reader = read(render_audit(make_audit(40), language="en"))
    identifiers = [a["id"] for _, a in reader.elements if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    targets = {str(a["href"]).removeprefix("#") for tag, a in reader.elements if tag == "a"}
    assert targets <= set(identifiers)
    labels = {a["for"] for tag, a in reader.elements if tag == "label"}
    assert labels == {a["id"] for tag, a in reader.elements if tag == "input"}


def test_headings_are_in_order():
    reader = read(render_audit(make_audit(), language="en"))
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_same_audit_gives_the_same_document():
    assert render_audit(make_audit(12), language="ru") == render_audit(make_audit(12), language="ru")


@pytest.mark.usefixtures("russian")
def test_the_language_asked_for_is_spoken_and_the_callers_stays():
    audit = make_audit()
    english, russian = render_audit(audit, language="en"), render_audit(audit, language="ru")
    assert current_language() == "ru"
    assert '<html lang="en">' in english
    assert "Where time goes" in english
    assert '<html lang="ru">' in russian
    assert "На что уходит время" in russian
    assert "The log holds" not in russian
    assert "2\u202f000 дел" in russian


@pytest.mark.usefixtures("russian")
def test_the_russian_report_has_no_english_sentence():
    reader = read(render_audit(make_audit(), language="ru"))
    latin = re.compile(r"[A-Za-z]{3,}")
    allowed = re.compile(
        r"permits|csv|rejected|parquet|potok cases|finding|SHA-256|JSON|Europe/Moscow|case-\w+|[0-9a-f]{64}|F-\d+|"
        r"--filter .*|--measure .*"
    )
    assert [text for text in reader.text if latin.search(allowed.sub("", text))] == []


def test_the_words_of_the_report_are_as_looked_at(matches_golden):
    text = "\n".join(read(render_audit(make_audit(), language="en")).text) + "\n"
    matches_golden("audit-12-en.txt", text.replace("\u202f", " ").replace("\u00a0", " "))


def test_the_file_is_small():
    assert len(render_audit(make_audit(40), language="en").encode()) < 400_000


def test_without_findings_and_people_the_report_says_so():
    from potok.measure.hand_overs import HandOvers

    document = render_audit(make_audit(findings=(), rework=(), hand_overs=HandOvers((), ())), language="en")
    assert "No place was found in which cases lose time." in document
    assert "No activity is done twice in any case." in document
    assert "names neither performers nor departments" in document
