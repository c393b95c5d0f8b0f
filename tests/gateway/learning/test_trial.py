"""A user loses: seeing what a challenger would have done, or a request waits for it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.learning.drift import WINDOW, Bins, Drift
from gateway.learning.trial import DAY, ONE_IN, Trial
from router.content import Content, content_of_text
from router.difficulty.estimate import Difficulty

CONTENT = content_of_text("What is the capital of France?")


class Hard:
    """For it everything is hard."""

    def __init__(self) -> None:
        self.asked = 0

    def estimate(self, content: Content) -> Difficulty:
        self.asked += 1
        return Difficulty(0.9)


class Told:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.drifts: list[float] = []
        self.three = asyncio.Event()

    def head_said(self, deployment: str, champion: str, challenger: str) -> None:
        self.said.append((deployment, champion, challenger))
        if len(self.said) == 3:
            self.three.set()

    def head_drifted(self, deployment: str, index: float) -> None:
        self.drifts.append(index)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drift() -> Drift:
    bins = Bins.cut([number / 1000 for number in range(1000)])
    assert bins is not None
    return Drift(bins)


async def test_one_request_in_some_is_put_to_the_challenger_later() -> None:
    told, challenger = Told(), Hard()
    trial = Trial("small", 0.5, told, Clock(), challenger=challenger)
    for _ in range(3 * ONE_IN):
        trial.heed(CONTENT, 0.2)
    assert challenger.asked == 0  # nobody waits for it
    async with asyncio.timeout(10):
        await told.three.wait()
    assert told.said == [("small", "small", "large")] * 3


async def test_without_content_only_the_drift_is_counted() -> None:
    told = Told()
    trial = Trial("small", 0.5, told, Clock(), drift(), Hard())
    for _ in range(WINDOW):
        trial.heed(None, 0.9)
    assert told.said == []
    assert told.drifts[0] > 1


async def test_drift_is_said_once_a_day(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    trial = Trial("small", 0.5, Told(), clock, drift())
    with caplog.at_level(logging.WARNING, "gateway.learning"):
        for _ in range(3 * WINDOW):
            trial.heed(None, 0.9)
        assert len(caplog.records) == 1
        clock.now += DAY
        for _ in range(WINDOW):
            trial.heed(None, 0.9)
    assert len(caplog.records) == 2
    assert "learn again" in caplog.text


async def test_traffic_as_before_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    trial = Trial("small", 0.5, told, Clock(), drift())
    for number in range(WINDOW):
        trial.heed(None, number / WINDOW)
    assert told.drifts[0] < 0.05
    assert caplog.records == []
