"""A user loses: a right answer that is thrown away as wrong, or a wrong sum that passes as an answer."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.cascade.arithmetic import asked, last_number, says, statements

RIGHT = (
    "347 + 58 = 405",
    "9 times 21 is 189.",
    "Total = 5 * 14 + 24 = 70 + 24 = 94",
    "(5 * 14) + 24 = **94**",
    "15% of 80 is 12.",
    "10 / 3 = 3.33",
    "2/3 = 0.67 and 2/3 = 0.66",
    "22/7 ≈ 3.14",
    "12 divided by 4 is equal to 3",
    "1,200 + 34 = 1,234",
    "3 + 4 = 7 + 5 = 12",  # a running total, as people write it
    "0.1 + 0.2 = 0.3",
    "5 * $14 = $70",
    "3 - 4 = -1",
    "7 * 24 hours = 168 hours",
    "75 apples - 34 apples = 41 apples left.",
    "\\[ 5 \\times 14 = 70 \\]",
    "3 fois 4 font 12.",
    "3 mal 4 ist 12.",
    "3 por 4 es 12.",
)
WRONG = (
    "347 + 58 = 404",
    "9 times 21 is 188.",
    "222 - 54 is 222 - 54 = 10.",
    "75 apples - 34 apples = 22 apples left.",
    "So, 86 x 24 = 2048.",
    "20% × 50 = 11",
    "5 * 14 = 70 + 24 = 95",
    "0.1 + 0.2 = 0.30000000000000004",
    "\\( 5 \\cdot 14 = 71 \\)",
    "3 mal 4 ist 13.",
)
SILENT = (
    "100 - 20% = 80",  # most mean 20 % of 100
    "2a + 3 = 7",
    "x^2 + 3 = 7",
    "2**3 + 1 = 9",
    "5 * 4! = 120",
    "x = 5",
    "2 hours + 30 minutes = 150 minutes",
    "2 million * 3 = 6,000,000",
    "5 + 3 is 8 more than nothing",
    "7 mod 4 = 3",
    "Call 030-1234 = reception",
    "1 / 0 = 3",
    "",
)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_right(text: str) -> None:
    found = statements(text)
    assert found.right > 0
    assert found.wrong == 0


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_wrong(text: str) -> None:
    assert statements(text).wrong == 1


@pytest.mark.parametrize("text", SILENT)
def test_what_cannot_be_read_with_certainty_says_nothing(text: str) -> None:
    assert statements(text) == (0, 0)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 10**6), st.sampled_from("+-*"))
def test_every_true_equation_holds_and_no_other(a: int, b: int, sign: str) -> None:
    result = {"+": a + b, "-": a - b, "*": a * b}[sign]
    assert statements(f"So {a} {sign} {b} = {result}.") == (1, 0)
    assert statements(f"So {a} {sign} {b} = {result + 1}.") == (0, 1)
    assert statements(f"So {a:,} {sign} {b:,} = {result:,}.") == (1, 0)


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*/=().,% xisof\n", max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = statements(text)
    assert found.right >= 0
    assert found.wrong >= 0


def test_the_last_number_of_a_part_may_grow() -> None:
    assert statements("12 + 35 = 4", is_whole=False) == (0, 0)
    assert statements("12 + 35 = 4, so", is_whole=False) == (0, 1)


def test_what_the_question_states_is_not_counted() -> None:
    assert statements("No, 2 + 2 = 5 is wrong. 2 + 2 = 4.", "Is 2 + 2 = 5 right?") == (1, 0)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is 347 + 58?", 405),
        ("what's 12 * (3 + 4)", 84),
        ("What is 15% of 80?", 12),
        ("Calculate 9 times 21.", 189),
        ("Was ist 3 mal 4?", 12),
        ("¿Cuánto es 3 por 4?", 12),
        ("Combien font 3 fois 4 ?", 12),
        ("What is 347 + 58? Answer with a number.", 405),
        ("What is 5?", None),
        ("What is 2 + 2? And 3 + 5?", None),
        ("What is 3 + 4 in binary?", None),
        ("What is 2024-05-12?", None),
        ("What is 3 + x?", None),
        ("Anna has 3 + 4 apples", None),
        ("What is the capital of France?", None),
    ],
)
def test_what_is_asked(question: str, value: int | None) -> None:
    assert asked(question) == value


def test_whether_a_value_is_said() -> None:
    assert says("347 + 58 equals 405", Fraction(405)) == (True, True)
    assert says("It is 405, not 406", Fraction(405)) == (True, False)
    assert says("It is 406", Fraction(405)) == (False, False)
    assert says("It is four hundred and five", Fraction(405)) is None
    assert says("About 3.33", Fraction(10, 3)) == (True, True)
    assert says("It is -3", Fraction(-3)) == (True, True)


def test_the_last_number() -> None:
    assert last_number("First 3, then 1,200.5!") == Fraction("1200.5")
    assert last_number("none") is None


def test_brackets_in_brackets_say_nothing() -> None:
    assert statements("(" * 10 + "1" + ")" * 10 + " + 1 = 2") == (1, 0)
    assert statements("(" * 1000 + "1" + ")" * 1000 + " + 1 = 3") == (0, 0)
