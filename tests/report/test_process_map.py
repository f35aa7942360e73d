"""The process map as SVG: what it says, to whom, and that nothing in a log can break out of it."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.report.drawing.detail import DetailName, choose_details
from potok.report.drawing.layout import Point
from potok.report.drawing.map_parts import make_boxes, make_links
from potok.report.drawing.map_texts import describe_activity, describe_first, describe_indirect, describe_passage
from potok.report.drawing.paths import END, START
from potok.report.drawing.process_map import draw_map
from potok.report.drawing.standalone import make_standalone
from potok.report.drawing.svg import curve_path, element, format_number, make_visible
from potok.report.themes import Theme, theme_colours
from report.made_up_graphs import make_graph

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = make_graph(12)


def draw(graph: DirectlyFollowsGraph, level: int = 0, **options: bool) -> ElementTree.Element:
    return ElementTree.fromstring(str(draw_map(graph, choose_details(graph)[level], **options)))  # noqa: S314 - ours


def titles(picture: ElementTree.Element) -> list[str]:
    return [title.text or "" for title in picture.iter(f"{SVG}title")]


def rename(graph: DirectlyFollowsGraph, old: str, new: str) -> DirectlyFollowsGraph:
    return replace(
        graph,
        nodes=tuple(replace(node, activity=new if node.activity == old else node.activity) for node in graph.nodes),
        edges=tuple(
            replace(
                edge,
                activity=new if edge.activity == old else edge.activity,
                next_activity=new if edge.next_activity == old else edge.next_activity,
            )
            for edge in graph.edges
        ),
    )


def test_every_activity_and_passage_takes_the_keyboard_focus_and_has_a_name():
    picture = draw(GRAPH, level=1)
    focusable = [part for part in picture.iter(f"{SVG}g") if part.get("tabindex") == "0"]
    detail = choose_details(GRAPH)[1]
    assert len(focusable) == len(detail.activities) + len(detail.edges)
    assert all(part.find(f"{SVG}title") is not None for part in picture if part.tag == f"{SVG}g")


def test_links_lead_to_the_table_twin():
    picture = draw(GRAPH, level=1, has_links=True)
    targets = {link.get("href") for link in picture.iter(f"{SVG}a")}
    detail = choose_details(GRAPH)[1]
    assert targets == {f"#activity-{index}" for index in detail.activities} | {
        f"#passage-{index}" for index in detail.edges
    }


def test_start_and_end_are_drawn_with_their_counts():
    starts = sum(node.starts for node in GRAPH.nodes)
    said = titles(draw(GRAPH, level=-1))
    assert any(title.startswith("Start:") for title in said)
    assert any(title.startswith("End:") and "still open" in title for title in said)
    assert any("begin with “Регистрация заявления”" in title for title in said)
    assert starts == 2000


def test_times_without_start_times_are_said_to_hold_work():
    edge = GRAPH.edges[0]
    assert "waiting and work together" in describe_passage(edge, has_start_times=False)
    assert "median wait" in describe_passage(edge, has_start_times=True)


def test_an_unknown_time_is_said_to_be_unknown():
    number = choose_details(GRAPH)[0].edges[0]
    edge = replace(GRAPH.edges[number], median_seconds=None, p90_seconds=None)
    assert describe_passage(edge, has_start_times=True).endswith("the time between is not known")
    graph = replace(GRAPH, edges=(*GRAPH.edges[:number], edge, *GRAPH.edges[number + 1 :]))
    link = next(link for link in make_links(graph, choose_details(graph)[-1]) if link.edge == number)
    assert (link.time, link.time_class) == ("", 0)


def test_processing_time_is_told_only_where_it_is_known():
    assert "processing" not in describe_activity(GRAPH.nodes[0])
    assert describe_activity(make_graph(3, has_start_times=True).nodes[0]).endswith(
        "median processing time 30\u00a0min"
    )


def test_an_activity_without_a_name_is_called_so():
    graph = rename(GRAPH, GRAPH.nodes[0].activity, "")
    assert "(no name)" in describe_first(graph.nodes[0])
    assert any("(no" in "".join(part.itertext()) for part in draw(graph, level=1).iter(f"{SVG}text"))


def test_ways_through_hidden_activities_are_dotted_and_say_so():
    detail = replace(choose_details(GRAPH)[0], indirect=((START, 3), (2, END)))
    links = make_links(GRAPH, detail)[-2:]
    assert [link.is_indirect for link in links] == [True, True]
    assert links[0].title == describe_indirect("Start", GRAPH.nodes[3].activity)
    detail = choose_details(GRAPH)[-1]
    drawn = str(draw_map(GRAPH, replace(detail, indirect=((START, detail.activities[0]),))))
    assert 'class="edge indirect"' in drawn


def test_frequent_activities_are_darker_and_frequent_passages_wider():
    detail = choose_details(GRAPH)[-1]
    boxes = {box.number: box for box in make_boxes(GRAPH, detail)}
    frequent, rare = detail.activities[0], detail.activities[-1]
    assert boxes[frequent].shade == 5 >= boxes[rare].shade >= 1
    assert boxes[START].shade == boxes[END].shade == 0
    links = sorted((link for link in make_links(GRAPH, detail)), key=lambda link: link.flow)
    assert links[0].line_width < links[-1].line_width == 6.0


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }} {% raw %}",
        "&lt;b&gt; ]]> <!--",
        ']\\n"->n1[label=<x>];}',
    ],
)
def test_a_name_is_text_whatever_it_holds(evil: str):
    graph = rename(GRAPH, "Регистрация заявления", evil)
    picture = draw(graph, level=1, has_links=True)
    assert any(f"“{evil}”" in title for title in titles(picture))
    tags = {part.tag.removeprefix(SVG) for part in picture.iter()}
    assert tags == {"svg", "g", "a", "title", "path", "rect", "text", "tspan"}


def test_characters_that_xml_forbids_are_shown_as_missing():
    assert make_visible("a\x00b\x1bc\ufffe\u202ed\ud800") == "a\ufffdb\ufffdc\ufffd\ufffdd?"
    graph = rename(GRAPH, "Регистрация заявления", "Реги\x00страция\x0b")
    assert any("Реги\ufffdстрация\ufffd" in title for title in titles(draw(graph, level=1)))


def test_elements_escape_and_leave_out_what_is_empty():
    assert element("a", ["<", element("b")], class_="x", stroke_width=2.0, id=None, href='"') == (
        '<a class="x" stroke-width="2" href="&#34;">&lt;<b/></a>'
    )


@pytest.mark.parametrize(("number", "text"), [(1.0, "1"), (1.26, "1.3"), (-0.01, "0"), (-2.5, "-2.5"), (100.04, "100")])
def test_coordinates_are_short(number: float, text: str):
    assert format_number(number) == text


def test_a_curve_of_one_point_is_a_place():
    assert curve_path([Point(1, 2)]) == "M1,2"


@pytest.mark.parametrize(
    ("number", "level"), [(12, DetailName.OVERVIEW), (40, DetailName.DETAILED), (150, DetailName.FULL)]
)
def test_pictures_are_as_looked_at(number: int, level: DetailName, matches_golden):
    graph = make_graph(number)
    detail = next(detail for detail in choose_details(graph) if detail.name is level)
    matches_golden(f"map-{number}-{level}.svg", make_standalone(draw_map(graph, detail), has_font=False))


def test_a_picture_of_its_own_has_fixed_colours_and_the_font():
    text = make_standalone(draw_map(GRAPH, choose_details(GRAPH)[0]))
    assert "var(" not in text
    assert text.count("@font-face") == 2
    assert theme_colours(Theme.LIGHT)["--edge"] in text
    assert ElementTree.fromstring(text).tag == f"{SVG}svg"  # noqa: S314 - ours
