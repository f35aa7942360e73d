"""Suspending coverage's tracer loses nothing of Potok's own lines."""

import sys

from support.untraced import untraced


def test_a_suspended_tracer_comes_back_and_sees_what_follows():
    seen = []

    def tracer(frame, event, argument):
        seen.append((frame.f_code.co_name, event))
        return tracer

    def own():
        third_party()
        return 1

    third_party = untraced(lambda: seen.append(("third party", sys.gettrace())))
    before = sys.gettrace()
    sys.settrace(tracer)
    own()
    sys.settrace(before)
    assert ("third party", None) in seen
    assert ("<lambda>", "call") not in seen
    assert [event for name, event in seen if name == "own"] == ["call", "line", "line", "return"]


def test_what_fails_leaves_the_tracer_in_place():
    before = sys.gettrace()
    try:
        untraced(lambda: 1 // 0)()
    except ZeroDivisionError:
        assert sys.gettrace() is before
    else:
        raise AssertionError("nothing failed")
