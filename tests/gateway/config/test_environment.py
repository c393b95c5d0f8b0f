"""References to the environment: a user loses a start that says what is missing, or a secret to a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.environment import UnfilledReference, fill

ENVIRON = {"A": "one", "B": "", "C_2": "${A}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("x${A}y${A}z", "xoneyonez"),
        ("${B}", ""),
        ("${B:-d}", "d"),
        ("${A:-d}", "one"),
        ("${X:-}", ""),
        ("${X:-a b:c-d}", "a b:c-d"),
        ("${A:?needed}", "one"),
        ("$${A}", "${A}"),
        ("$${X", "${X"),
        ("$$${A}", "$${A}"),
        ("${C_2}", "${A}"),
        ("$A {A} $", "$A {A} $"),
    ],
)
def test_references_are_filled(text: str, expected: str) -> None:
    assert fill(text, ENVIRON).text == expected


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("${X}", "the environment variable X is not set", "set it, or write ${X:-default}"),
        ("${X:?your Anthropic key}", "the environment variable X is not set or empty", "your Anthropic key"),
        ("${B:?}", "the environment variable B is not set or empty", "set it"),
        ("${", "'${' does not begin a reference", "write ${NAME}"),
        ("${1}", "'${' does not begin a reference", "write ${NAME}"),
        ("${A-d}", "'${' does not begin a reference", "write ${NAME}"),
        ("${X:-${A}}", "'${' does not begin a reference", "write ${NAME}"),
    ],
)
def test_what_cannot_be_filled_is_explained(text: str, message: str, remedy: str) -> None:
    with pytest.raises(UnfilledReference) as caught:
        fill(text, ENVIRON)
    assert caught.value.message == message
    assert caught.value.remedy.startswith(remedy)


def test_the_variables_are_named_in_order() -> None:
    assert fill("${B}${A}$${X}", ENVIRON).variables == ("B", "A")


@given(st.text())
def test_a_text_without_references_is_left_alone(text: str) -> None:
    if "${" not in text:
        assert fill(text, {}).text == text


@given(st.text(max_size=20))
def test_what_stands_in_a_variable_is_not_read_again(value: str) -> None:
    assert fill("a${V}b", {"V": value}).text == f"a{value}b"
