"""If these fail, two people become one, or one becomes two, or a value is left where nobody looked."""

from __future__ import annotations

import pytest

from router.masking.values import Searched, Values


def test_the_same_is_the_same_and_others_stay_apart() -> None:
    values = Values("")
    said = [
        values.placeholder(*pair)
        for pair in (("Ann", "PERSON"), ("Lee", "PERSON"), ("Ann", "PERSON"), ("a@b.c", "EMAIL"))
    ]
    assert said == ["<PERSON_1>", "<PERSON_2>", "<PERSON_1>", "<EMAIL_1>"]
    assert values.types == {"PERSON": 2, "EMAIL": 1}


def test_a_value_found_as_something_else_keeps_its_placeholder() -> None:
    values = Values("")
    assert values.placeholder("jdoe", "USERNAME") == values.placeholder("jdoe", "PERSON")


def test_variants_share_a_number_and_come_back_as_they_were() -> None:
    values = Values("")
    variants = ["Jean Dupont", "JEAN DUPONT", "jean  dupont", "Jean\nDupont"]
    assert [values.placeholder(v, "PERSON") for v in variants] == [f"<PERSON_1{x}>" for x in ("", "b", "c", "d")]
    assert [values.by_name[f"PERSON_1{x}"] for x in ("", "B", "C", "D")] == variants
    assert values.types == {"PERSON": 1}


def test_with_no_letters_left_a_variant_has_a_number() -> None:
    values = Values("")
    said = {values.placeholder("a" + " " * count + "b", "PERSON") for count in range(1, 60)}
    assert len(said) == 59
    assert len(values.by_name) == 59


@pytest.mark.parametrize("text", ["<PERSON_1>", "see person_1 and Person_2b", "&lt;PERSON_1&gt;\\u003cPERSON_2\\u003e"])
def test_what_the_client_wrote_is_not_used_again(text: str) -> None:
    said = Values(text).placeholder("Ann", "PERSON")
    assert said.strip("<>").lower() not in text.lower()


@pytest.mark.parametrize(
    ("value", "text", "count"),
    [
        ("Will", "Will will Willow go, Will?", 2),
        ("Ann", "Ann-Marie joAnn Ann", 2),
        ("Jean Dupont", "JEAN DUPONT, jean dupont; Jean Duponts", 3),
        ("ann@example.org", "<Ann@Example.org>", 1),
        ("4970100000000154", "xx4970100000000154xx", 1),
        ("12345", "123456 12345", 1),
        ("é<ß>&", "é<ß>&é<ß>&", 2),
        ("aa", "aa aa", 2),
    ],
)
def test_where_a_value_stands(value: str, text: str, count: int) -> None:
    found = list(Searched(text).occurrences(value))
    assert len(found) == count
    assert all(text[start:end].lower() == value.lower() for start, end in found)


def test_letters_that_become_two_in_small_do_not_shift_what_is_found() -> None:
    text = "İİ Jean Dupont"
    assert [text[a:b] for a, b in Searched(text).occurrences("Jean Dupont")] == ["Jean Dupont"]
