"""The font's plain files: the same letters, under the names that the programs look for."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from potok.report.drawing.font import CSS_WEIGHTS, FONT_FAMILY, font_bytes
from potok.report.drawing.plain_font import plain_fonts, write_plain_fonts


@pytest.mark.parametrize("weight", list(CSS_WEIGHTS))
def test_letters_and_widths_are_those_of_the_packed_file(weight):
    packed, plain = TTFont(BytesIO(font_bytes(weight))), TTFont(BytesIO(plain_fonts()[weight]))
    assert (packed.flavor, plain.flavor) == ("woff2", None)
    assert plain.getBestCmap() == packed.getBestCmap()
    assert plain["hmtx"].metrics == packed["hmtx"].metrics


def test_weights_are_of_one_family_only_if_asked():
    def families(*, is_one_family):
        held = plain_fonts(is_one_family=is_one_family).values()
        return [TTFont(BytesIO(content))["name"].getDebugName(1) for content in held]

    assert families(is_one_family=True) == [FONT_FAMILY, FONT_FAMILY]
    assert len(set(families(is_one_family=False))) == 2


def test_files_are_written_by_weight(tmp_path):
    write_plain_fonts(tmp_path, is_one_family=True)
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert written == {f"{weight}.ttf": content for weight, content in plain_fonts(is_one_family=True).items()}
