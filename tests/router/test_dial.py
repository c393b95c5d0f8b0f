"""If these fail, a dial means something else than what was asked for, or a model's name is taken for a dial."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.dial import COST, KINDS, QUALITY, SHARE, THRESHOLD, Dial, checked, dial_of, named

ROUTES = frozenset({"auto", "gemma3", "gemma3:27b", "auto:0.5"})


@pytest.mark.parametrize(
    ("text", "dial"),
    [
        ("share=0.3", Dial(SHARE, Decimal("0.3"))),
        (" Share = .30 ", Dial(SHARE, Decimal("0.3"))),
        ("cost=2.50", Dial(COST, Decimal("2.5"))),
        ("cost=10", Dial(COST, Decimal("10"))),
        ("quality=0.95", Dial(QUALITY, Decimal("0.95"))),
        ("threshold=1", Dial(THRESHOLD, Decimal("1"))),
        ("0.8", Dial(SHARE, Decimal("0.8"))),
        ("1.", Dial(SHARE, Decimal("1"))),
        ("0", Dial(SHARE, Decimal("0"))),
    ],
)
def test_what_is_written(text: str, dial: Dial) -> None:
    assert dial_of(text) == dial


def test_a_bare_number_is_of_the_kind_of_the_route() -> None:
    assert dial_of("0.9", QUALITY) == Dial(QUALITY, Decimal("0.9"))
    assert dial_of("12", COST) == Dial(COST, Decimal("12"))
    assert dial_of("share=0.9", COST).kind == SHARE


@pytest.mark.parametrize(
    "text",
    [
        *("", "=", "share=", "share", "0,8", "80%", "-0.1", "+1", "1e-1", "nan", "inf", "0x1", "٠.٥", "0.3.1"),
        *("0.3 0.4", "share=1.01", "quality=2", "threshold=1.0001", "cost=1000001", "speed=1", "share=0.3=0.4"),
        "0." + "1" * 99,
    ],
)
def test_what_is_none_is_refused_with_words_that_help(text: str) -> None:
    with pytest.raises(ValueError, match=r"write |must be|one of"):
        dial_of(text)


@given(st.sampled_from(KINDS), st.decimals(0, 1, places=6))
def test_one_text_for_one_dial(kind: str, value: Decimal) -> None:
    dial = checked(kind, value)
    assert dial_of(str(dial)) == dial
    assert "E" not in str(dial)
    assert abs(dial.number - float(value)) <= 0.00005001


@given(st.text(max_size=30))
def test_any_text_is_a_dial_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert dial_of(text).kind in KINDS


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValueError, match=r"^((?!4970).)*$"):
        dial_of("4970 1000 0000 0154")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("auto", ("auto", None)),
        ("auto:0.8", ("auto", "0.8")),
        ("auto:quality=0.95", ("auto", "quality=0.95")),
        ("auto:quality", ("auto", "quality")),
        ("auto:80%", ("auto", "80%")),
        ("auto:-1", ("auto", "-1")),
        ("auto:0.5", ("auto:0.5", None)),
        ("auto:0.5:0.8", ("auto:0.5", "0.8")),
        ("gemma3:27b", ("gemma3:27b", None)),
        ("gemma3:4b", ("gemma3:4b", None)),
        ("gemma3:27b:0.8", ("gemma3:27b", "0.8")),
        ("auto:latest", ("auto:latest", None)),
        ("other:0.8", ("other:0.8", None)),
        ("auto:", ("auto:", None)),
        (":0.8", (":0.8", None)),
    ],
)
def test_a_route_of_that_name_wins_and_tags_are_no_dials(name: str, found: tuple[str, str | None]) -> None:
    assert named(name, ROUTES) == found
