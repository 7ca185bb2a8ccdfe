"""Characters: texts as numbers, and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Characters


@given(st.lists(st.text(min_size=1), min_size=1))
def test_what_is_encoded_is_decoded(texts):
    letters = Characters(texts)
    for text in texts:
        numbers = letters.encode(text)
        assert all(0 < i < len(letters) for i in numbers)
        assert letters.decode([*numbers, 0, *numbers]) == text


def test_numbers_follow_the_order_of_the_characters():
    letters = Characters(["cab", "é"])
    assert letters.characters == "abcé"
    assert letters.encode("abcé") == [1, 2, 3, 4]
    assert letters == Characters("éabc")
    assert hash(letters) == hash(Characters("abcé"))


def test_an_example_is_each_symbol_with_the_next_one():
    letters = Characters("ab")
    assert letters.examples(["ab", ""]) == ([[0, 1, 2], [0]], [[1, 2, 0], [0]])


def test_what_is_no_character_of_it_is_named():
    letters = Characters("ab")
    with pytest.raises(ValueError, match="'c' in 'abc' is none of the characters 'ab'"):
        letters.encode("abc")
    with pytest.raises(ValueError, match="a symbol is 3, but the characters have numbers"):
        letters.decode([1, 3])
    with pytest.raises(ValueError, match="there is no character in the texts"):
        Characters([""])


def test_one_text_is_one_example_and_not_as_many_as_it_has_characters():
    letters = Characters("anna")
    assert letters.examples("anna") == letters.examples(["anna"])


@pytest.mark.parametrize("text", [None, 3, ["ab"], b"ab"])
def test_what_is_no_text_is_refused_by_what_it_is(text):
    letters = Characters("ab")
    said = re.escape(f"a text is a str, not {text!r}")
    for call in (letters.encode, letters.example, lambda x: letters.examples([x])):
        with pytest.raises(TypeError, match=said):
            call(text)
    with pytest.raises(TypeError, match=said):
        Characters([text])
