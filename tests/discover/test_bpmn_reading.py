"""Reading given BPMN models, as nets whose runs are known."""

from itertools import product
from random import Random

import pytest

from discover.brute_force import alignment_cost
from discover.random_trees import random_run, random_tree
from potok.discover.bpmn import convert_to_bpmn
from potok.discover.bpmn_net import convert_bpmn_to_net
from potok.discover.bpmn_reading import BrokenBpmnError, bpmn_from_bytes, read_bpmn
from potok.discover.workflow_net import convert_to_net
from potok.log.sources.safe_xml import UnsafeXmlError
from potok.report.bpmn.layout import lay_out_bpmn
from potok.report.bpmn.xml import write_bpmn

HEAD = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p" name="One">'
TAIL = "</bpmn:process></bpmn:definitions>"


def document(elements, flows, *, more=""):
    """Write elements as "tag id [name]" and flows as "source>target", parted by commas."""
    parts = []
    for text in elements.split(","):
        tag, identifier, *name = text.split()
        label = name[0] if name else identifier
        parts.append(f'<bpmn:{tag} id="{identifier}" name="{label}"/>')
    for number, text in enumerate(flows.split(",")):
        source, target = text.strip().split(">")
        parts.append(f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>')
    return (HEAD + "".join(parts) + more + TAIL).encode()


def words(content, letters, longest):
    """All words of some length that are runs of the model."""
    found = convert_bpmn_to_net(bpmn_from_bytes(content))
    assert found.most_ends == 1
    every = ("".join(word) for length in range(longest + 1) for word in product(letters, repeat=length))
    return {word for word in every if alignment_cost(found.net, tuple(word)) == 0}


def test_a_model_of_ours_reads_back_with_the_same_runs():
    random = Random(5)
    for _number in range(15):
        tree = random_tree(random, "abcde"[: random.randint(1, 5)])
        bpmn = convert_to_bpmn(tree)
        text = write_bpmn(bpmn, lay_out_bpmn(bpmn), name="x")
        found = convert_bpmn_to_net(bpmn_from_bytes(text.encode()))
        own = convert_to_net(tree)
        for _trace in range(8):
            trace = random_run(tree, random)
            noisy = tuple(random.choice("abcdef") if random.random() < 0.2 else label for label in trace)
            assert alignment_cost(found.net, noisy) == alignment_cost(own, noisy)


def test_tasks_take_one_of_several_incoming_flows_and_give_all_outgoing_ones():
    content = document(
        "startEvent s,exclusiveGateway x,task A,task B,task C,task D,parallelGateway j,endEvent e",
        "s>x,x>A,x>B,A>C,B>C,C>D,C>j,D>j,j>e",
    )
    assert words(content, "ABCD", 3) == {"ACD", "BCD"}


def test_an_inclusive_gateway_takes_any_branches_but_none():
    content = document(
        "startEvent s,inclusiveGateway o,task A,task B,inclusiveGateway j,task C,endEvent e",
        "s>o,o>A,o>B,A>j,B>j,j>C,C>e",
    )
    assert words(content, "ABC", 3) == {"AC", "BC", "ABC", "BAC"}


def test_inclusive_gateways_may_lie_inside_each_other():
    content = document(
        "startEvent s,inclusiveGateway o,task A,inclusiveGateway p,task B,task C,inclusiveGateway q,"
        "inclusiveGateway j,endEvent e",
        "s>o,o>A,o>p,p>B,p>C,B>q,C>q,q>j,A>j,j>e",
    )
    assert words(content, "ABC", 2) == {"A", "B", "C", "AB", "BA", "AC", "CA", "BC", "CB"}


def test_events_pass_the_flow_on_and_boundary_events_leave_a_task_undone():
    content = document(
        "startEvent s,task A,intermediateCatchEvent i,task B,endEvent e,task C",
        "s>A,A>i,i>B,B>e,t>C,C>e",
        more='<bpmn:boundaryEvent id="t" attachedToRef="A"/>',
    )
    assert words(content, "ABC", 2) == {"AB", "C"}


def test_the_inside_of_a_subprocess_is_part_of_the_run():
    inner = (
        '<bpmn:subProcess id="u" name="U"><bpmn:startEvent id="s2"/><bpmn:task id="A" name="A"/>'
        '<bpmn:endEvent id="e2"/><bpmn:sequenceFlow id="g1" sourceRef="s2" targetRef="A"/>'
        '<bpmn:sequenceFlow id="g2" sourceRef="A" targetRef="e2"/></bpmn:subProcess>'
        '<bpmn:subProcess id="v" name="V"/>'
    )
    content = document("startEvent s,task B,endEvent e", "s>u,u>v,v>B,B>e", more=inner)
    assert words(content, "ABUV", 3) == {"AVB"}


def test_branches_may_end_on_their_own():
    content = document("startEvent s,parallelGateway g,task A,task B,endEvent e,endEvent f", "s>g,g>A,g>B,A>e,B>f")
    assert convert_bpmn_to_net(bpmn_from_bytes(content)).most_ends == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a", "no XML"),
        (b"<a/>", "no process with tasks"),
        (document("startEvent s,task A", "s>B"), "leads from or to"),
        ((HEAD + '<bpmn:task id="A"/>' + TAIL).encode(), "has no name"),
        ((HEAD + '<bpmn:task id="A" name="a"/><bpmn:task id="A" name="b"/>' + TAIL).encode(), "no id, or one"),
        ((HEAD + '<bpmn:complexGateway id="c"/>' + TAIL).encode(), "complexGateway"),
        (
            (
                HEAD
                + '<bpmn:task id="A" name="a"/></bpmn:process><bpmn:process id="q"><bpmn:task id="B" name="b"/>'
                + TAIL
            ).encode(),
            "several processes",
        ),
    ],
)
def test_what_is_no_model_is_refused(content, message):
    with pytest.raises(BrokenBpmnError, match=message):
        bpmn_from_bytes(content)


@pytest.mark.parametrize(
    ("elements", "flows", "message"),
    [
        ("startEvent s,inclusiveGateway o,task A,task B,endEvent e", "s>o,o>A,o>B,A>e,B>e", "no join of its own"),
        (
            "startEvent s,inclusiveGateway o,inclusiveGateway j,endEvent e," + ",".join(f"task T{n}" for n in range(9)),
            "s>o,j>e," + ",".join(f"o>T{n},T{n}>j" for n in range(9)),
            "more than 8 branches",
        ),
    ],
)
def test_inclusive_gateways_that_cannot_be_taken_are_refused(elements, flows, message):
    with pytest.raises(BrokenBpmnError, match=message):
        convert_bpmn_to_net(bpmn_from_bytes(document(elements, flows)))


def test_documents_with_types_of_their_own_are_refused(tmp_path):
    file = tmp_path / "bad.bpmn"
    file.write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(UnsafeXmlError):
        read_bpmn(file)
    with pytest.raises(BrokenBpmnError, match="No such file"):
        read_bpmn(tmp_path / "none.bpmn")
