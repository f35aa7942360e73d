import base64
import hmac
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.log.privacy.keys import Key
from potok.log.privacy.pseudonyms import (
    CASE_DOMAIN,
    RESOURCE_DOMAIN,
    PseudonymCollisionError,
    column_domain,
    pseudonymise,
    pseudonymise_array,
    require_distinct,
)

KEY = Key.from_secret(bytes(range(32)))
OTHER_KEY = Key.from_secret(bytes(32))
ids = st.text(max_size=80)


def reference(value: str, key: Key, domain: str) -> str:
    """The definition, in plain library calls."""
    domain_key = hmac.digest(key.secret, b"potok-pseudonym-1\0" + domain.encode(), "sha256")
    return base64.b32encode(hmac.digest(domain_key, value.encode(), "sha256")).decode().lower()[:20]


def test_known_answer():
    # Changing this would cut every stored log off from later exports of the same cases.
    assert pseudonymise(["case-10011", ""], key=KEY, domain=CASE_DOMAIN) == [
        "xvmuooc2mgiuk3r3hiaf",
        "xsr2pspsk37xcspviyjb",
    ]


@given(st.lists(ids, max_size=20), ids, st.binary(min_size=32, max_size=32))
def test_equals_its_definition(values, domain, secret):
    key = Key.from_secret(secret)
    assert pseudonymise(values, key=key, domain=domain) == [reference(value, key, domain) for value in values]


def test_blocks_join_without_a_seam(monkeypatch):
    values = [str(number) for number in range(10)]
    whole = pseudonymise(values, key=KEY, domain=CASE_DOMAIN)
    monkeypatch.setattr("potok.log.privacy.pseudonyms._BLOCK_VALUES", 3)
    assert pseudonymise(values, key=KEY, domain=CASE_DOMAIN) == whole


@given(st.sets(ids, min_size=2, max_size=50))
def test_different_ids_have_different_pseudonyms_of_one_form(values):
    pseudonyms = pseudonymise(sorted(values), key=KEY, domain=CASE_DOMAIN)
    assert len(set(pseudonyms)) == len(values)
    assert all(re.fullmatch("[a-z2-7]{20}", pseudonym) for pseudonym in pseudonyms)


@given(ids)
def test_key_and_domain_separate(value):
    pseudonyms = {
        pseudonymise([value], key=key, domain=domain)[0]
        for key in (KEY, OTHER_KEY)
        for domain in (CASE_DOMAIN, RESOURCE_DOMAIN, column_domain("case"), column_domain("resource"))
    }
    assert len(pseudonyms) == 8


def test_values_are_taken_exactly_as_written():
    values = ["A-1", "a-1", "A-1 ", "\u0439", "\u0438\u0306", "1", "01"]
    assert len(set(pseudonymise(values, key=KEY, domain=CASE_DOMAIN))) == len(values)


def test_lone_surrogates_do_not_crash():
    first, second = pseudonymise(["\ud800", "\udfff"], key=KEY, domain=CASE_DOMAIN)
    assert first != second


ARROW_TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@settings(deadline=None)
@given(values=st.lists(st.none() | ids, max_size=30), arrow_type=st.sampled_from(ARROW_TYPES), start=st.integers(0, 5))
def test_arrow_equals_lists_and_keeps_nulls(values, arrow_type, start):
    plain = pa.array(values, pa.string())
    array = plain.dictionary_encode() if pa.types.is_dictionary(arrow_type) else plain.cast(arrow_type)
    result = pseudonymise_array(array.slice(start), key=KEY, domain=RESOURCE_DOMAIN)
    expected = [None if value is None else reference(value, KEY, RESOURCE_DOMAIN) for value in values[start:]]
    assert result.type == pa.string()
    assert result.to_pylist() == expected


def test_chunks_are_joined():
    chunked = pa.chunked_array([["a", None], [], ["b"]], pa.string())
    expected = pseudonymise(["a", "b"], key=KEY, domain=CASE_DOMAIN)
    result = pseudonymise_array(chunked, key=KEY, domain=CASE_DOMAIN)
    assert result.to_pylist() == [expected[0], None, expected[1]]
    assert len(pseudonymise_array(pa.chunked_array([], pa.string()), key=KEY, domain=CASE_DOMAIN)) == 0


def test_one_to_one_passes_with_repeats():
    values = ["a", "b", "a"]
    require_distinct(values, pseudonymise(values, key=KEY, domain=CASE_DOMAIN))


@pytest.mark.parametrize(
    ("values", "pseudonyms"),
    [(["a", "b"], ["x", "x"]), (["a", "a"], ["x", "y"]), (["a", "b", "b"], ["x", "x", "y"])],
)
def test_collision_is_an_error_that_shows_no_id(values, pseudonyms):
    with pytest.raises(PseudonymCollisionError, match="one to one") as caught:
        require_distinct(values, pseudonyms)
    assert "'a'" not in caught.value.message


def test_lists_of_unequal_length_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="shorter"):
        require_distinct(["a", "b"], ["x"])
