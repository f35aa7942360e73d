"""Reasons of the operating system, as it words them in English and as we word them in Russian."""

import errno
import os

import pytest

from potok.core.system_reasons import _WORDS, system_reason


@pytest.mark.skipif(os.name == "nt", reason="Windows words its reasons otherwise")
@pytest.mark.parametrize("number", sorted(_WORDS))
def test_english_reasons_are_the_systems_own(number: int) -> None:
    assert system_reason(OSError(number, os.strerror(number))) == os.strerror(number)


def test_what_is_not_known_is_given_as_it_comes() -> None:
    assert system_reason(OSError(errno.ECHILD, "the system's words")) == "the system's words"
    assert system_reason(OSError("no number at all")) == "no number at all"
