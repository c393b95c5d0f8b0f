"""If these fail, a second server is asked for no reason, or never."""

from __future__ import annotations

import random

import pytest

from gateway.egress.pace import LEAST, Pace, Paces


def filled(*seconds: float) -> Pace:
    pace = Pace()
    for each in seconds:
        pace.took(each)
    return pace


def test_of_a_few_answers_nothing_can_be_said() -> None:
    assert filled(*[0.1] * (LEAST - 1)).quantile(0.95) is None
    assert filled(*[0.1] * LEAST).quantile(0.95) is not None


@pytest.mark.parametrize("typical", [0.002, 0.05, 1.0, 30.0, 600.0])
@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_a_quantile_is_within_a_fifth(typical: float, share: float) -> None:
    draw = random.Random(1)
    seconds = sorted(typical * draw.lognormvariate(0, 0.5) for _ in range(900))
    exact = seconds[int(share * 900) - 1]
    found = filled(*draw.sample(seconds, len(seconds))).quantile(share)
    assert found is not None
    assert exact / 1.2 <= found <= exact * 1.21


def test_what_it_was_like_long_ago_is_forgotten() -> None:
    found = filled(*[5.0] * 1000, *[0.1] * 10_000).quantile(0.95)
    assert found is not None
    assert found < 0.13


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e6])
def test_nothing_is_too_quick_or_too_slow(seconds: float) -> None:
    assert filled(*[seconds] * LEAST).quantile(0.95) is not None


def test_a_whole_answer_takes_longer_than_the_beginning_of_a_stream() -> None:
    paces = Paces()
    assert paces.quantile("a", 0.95, streamed=True) is None
    for _ in range(LEAST):
        paces.took("a", 0.1, streamed=True)
        paces.took("a", 4.0, streamed=False)
    streamed, whole = (paces.quantile("a", 0.95, streamed=kind) for kind in (True, False))
    assert streamed is not None
    assert whole is not None
    assert streamed < 0.13 < 3.9 < whole
    assert paces.quantile("b", 0.95, streamed=True) is None
