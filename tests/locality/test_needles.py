"""A search that misses what stands there would prove anything."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from tests.locality.forms import FORMS
from tests.locality.needles import Haystack
from tests.locality.plants import KINDS, plant

NOT_SOUGHT = {"base64 twice", "full width", "zero width", "set apart"}  # a client's own disguises: nothing writes them


def _haystack(value: str) -> Haystack:
    haystack = Haystack()
    haystack.add(value, "it")
    return haystack


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS.keys() - NOT_SOUGHT)
def test_every_form_of_a_value_is_found(kind: str, form: str) -> None:
    for seed in range(5):
        value = plant(kind, seed).value
        written = f"some text {FORMS[form](value)} and more".encode()
        assert _haystack(value).found_in(written), written


@pytest.mark.parametrize("before", range(4))
def test_base64_is_found_at_every_alignment(before: int) -> None:
    value = plant("iban", 1).value
    for after in range(4):
        packed = base64.b64encode(b"x" * before + value.encode() + b"y" * after)
        assert _haystack(value).found_in(packed)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_other_writings_are_found(coding: str) -> None:
    value = plant("email", 3).value
    for text in (value, value.upper(), value[::-1], quote(value), value[2:-2]):
        if coding == "utf-8" or text == value:
            assert _haystack(value).found_in(text.encode(coding)), text


def test_another_value_is_not_found() -> None:
    haystack = Haystack()
    for seed in range(50):
        haystack.add(plant("card", seed).value, str(seed))
    assert not haystack.found_in(plant("card", 51).value.encode())


def test_marks_of_twins_are_not_words() -> None:
    marks = {plant("card", seed).mark for seed in range(500)}
    assert len(marks) > 490
    assert all(len(mark) >= 8 for mark in marks)
