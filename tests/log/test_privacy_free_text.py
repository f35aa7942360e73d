import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.log.privacy.free_text import looks_like_free_text

COMMENTS = [f"Заявитель номер {number} просит ускорить рассмотрение заявления" for number in range(40)]
LABELS = ["Confirmation of receipt of the request", "Determine likelihood of content of the advice"] * 100


@pytest.mark.parametrize(
    ("values", "rows", "expected"),
    [
        (COMMENTS, None, True),
        (COMMENTS, 800, True),
        (COMMENTS, 801, False),
        (COMMENTS[:20], None, True),
        (COMMENTS[:19], None, False),
        ([*COMMENTS[:3], "слово за словом " * 20], None, True),
        (LABELS, None, False),
        (LABELS[:2], 200, False),
        ([f"Case {number}" for number in range(500)], None, False),
        ([f"{number}-{number}-01 12 34 56" for number in range(500)], None, False),
        ([f"Министерство экономики {number}" for number in range(500)], None, False),
        ([f"Строительство,Реклама,Снос,Экология,Участок {number}" for number in range(50)], None, False),
        ([f"{number:0400d}" for number in range(30)], None, False),
        ([], None, False),
        (["", "  "], None, False),
    ],
)
def test_free_text_is_told_from_labels_and_codes(values, rows, expected):
    assert looks_like_free_text(values, rows=rows) is expected


@given(st.lists(st.text(max_size=300), max_size=40), st.randoms())
def test_order_does_not_matter(values, generator):
    shuffled = list(values)
    generator.shuffle(shuffled)
    assert looks_like_free_text(shuffled) == looks_like_free_text(values)
