"""BPMN files as other programs take them: the standard's XML Schema, and bpmn-js in a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from discover.random_trees import LABELS, random_tree
from potok.discover.bpmn import NodeKind, convert_to_bpmn
from potok.discover.process_models import compute_process_model
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.report.bpmn.layout import lay_out_bpmn
from potok.report.bpmn.xml import write_bpmn
from support.examples import unless_thorough

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "tests" / "data" / "bpmn" / "BPMN20.xsd"
VIEWER = Path(os.environ.get("POTOK_BPMN_JS", ROOT / "build" / "bpmn-js")) / "dist" / "bpmn-viewer.production.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
LOGS = (
    "wabo-receipt/receipt.xes.gz",
    "sepsis/sepsis.xes.gz",
    "helpdesk/helpdesk.xes.gz",
    "road-traffic-fines/traffic_fines.csv.gz",
    "bpic12-loan/bpic2012.xes.gz",
    "hospital-billing/hospital_billing.csv.gz",
)
LARGE = ("bpic12-loan/bpic2012.xes.gz",)
RANDOM_TREES = [random_tree(Random(seed), LABELS[: 1 + seed % len(LABELS)]) for seed in range(40)]
AWKWARD_TREES = [
    SILENT,
    leaf(""),
    leaf("<b> & \"quotes\" 'both' \x00\x0b ]]>"),
    block(Operator.LOOP, SILENT, leaf("a")),
    block(Operator.CHOICE, leaf("Регистрация"), leaf("登録"), SILENT),
]


def missing(what: str) -> None:
    """Skip, but fail in continuous integration, which must have everything."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; continuous integration must have it")
    pytest.skip(what)


def as_file(tree: ProcessTree) -> str:
    model = convert_to_bpmn(tree)
    return write_bpmn(model, lay_out_bpmn(model), name="процесс", documentation="Fitness")


@pytest.fixture(scope="module")
def schema() -> Any:
    """The standard's XML Schema, ready to validate with."""
    try:
        from lxml import etree
    except ImportError:
        missing("lxml is not installed")
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def validate(schema: Any, text: str) -> None:
    from lxml import etree

    schema.assertValid(etree.fromstring(text.encode()))


def test_the_schema_refuses_what_is_no_bpmn(schema: Any):
    text = as_file(leaf("a"))
    with pytest.raises(Exception, match="is not allowed"):
        validate(schema, text.replace(' sourceRef="', ' from="', 1))


@pytest.mark.parametrize("tree", [*AWKWARD_TREES, *RANDOM_TREES[:12]])
def test_files_follow_the_standard(schema: Any, tree: ProcessTree):
    validate(schema, as_file(tree))


@pytest.fixture(scope="module", params=unless_thorough(LARGE, of=LOGS))
def public_log_tree(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: Any) -> ProcessTree:
    """Discover the model of a public log."""
    store = import_log(ImportRequest((str(shared_data / request.param),), tmp_path_factory.mktemp("store") / "log"))
    return compute_process_model(store).tree


@pytest.mark.data
def test_models_of_public_logs_follow_the_standard(schema: Any, public_log_tree: ProcessTree):
    validate(schema, as_file(public_log_tree))


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page with bpmn-js and nothing else; what the browser complains about is kept."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium is not installed")
    if not VIEWER.is_file():
        missing(f"bpmn-js is not at {VIEWER.relative_to(ROOT) if VIEWER.is_relative_to(ROOT) else VIEWER}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        page.set_content('<div id="canvas" style="height:800px"></div>')
        page.add_script_tag(path=str(VIEWER))
        yield page
        browser.close()


def draw(page: Any, text: str) -> dict[str, Any]:
    """Let bpmn-js draw a file; return its warnings and what it has drawn."""
    return page.evaluate(
        """async text => {
            document.getElementById('canvas').innerHTML = '';
            const viewer = new BpmnJS({ container: '#canvas' });
            const { warnings } = await viewer.importXML(text);
            const elements = viewer.get('elementRegistry').filter(element => element.id !== 'Process_1');
            return {
                warnings: warnings.map(String),
                ids: elements.map(element => element.id).sort(),
                drawn: document.querySelectorAll('#canvas .djs-element .djs-visual > *').length,
            };
        }""",
        text,
    )


def check_drawing(page: Any, tree: ProcessTree) -> None:
    model = convert_to_bpmn(tree)
    drawing = draw(page, as_file(tree))
    assert drawing["warnings"] == []
    assert drawing["ids"] == sorted([n.identifier for n in model.nodes] + [f.identifier for f in model.flows])
    assert drawing["drawn"] >= len(model.nodes) + len(model.flows)


@pytest.mark.browser
def test_bpmn_js_complains_about_a_broken_file(page: Any):
    text = as_file(leaf("a")).replace('targetRef="Task_1"', 'targetRef="Task_9"')
    assert draw(page, text)["warnings"] != []


@pytest.mark.browser
def test_bpmn_js_draws_any_model(page: Any):
    for tree in [*AWKWARD_TREES, *RANDOM_TREES]:
        check_drawing(page, tree)


@pytest.mark.browser
def test_labels_fit_in_bpmn_js(page: Any):
    draw(page, as_file(block(Operator.SEQUENCE, leaf("Направление межведомственного запроса"), leaf("b"))))
    lines = page.evaluate("[...document.querySelectorAll('#canvas text')].map(text => text.textContent).join(' ')")
    assert "межведомственного" in lines


@pytest.mark.browser
@pytest.mark.data
def test_bpmn_js_draws_models_of_public_logs(page: Any, public_log_tree: ProcessTree):
    check_drawing(page, public_log_tree)


def test_every_kind_of_node_is_tried():
    kinds = {node.kind for tree in RANDOM_TREES for node in convert_to_bpmn(tree).nodes}
    assert kinds == set(NodeKind)
