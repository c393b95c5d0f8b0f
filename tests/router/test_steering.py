"""If these fail, more goes to the large model than was asked for, or less, and nobody notices before the bill."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import ranks
from router.ranks import NOBODY
from router.steering import HIGHEST, LOWEST, STEP, Steering, step_for

EVEN = tuple(step / 100 for step in range(101))
REQUESTS = 5000
PROMISED = (1 + STEP) / (STEP * REQUESTS)
UNKNOWN = -1.0  # a request of which the model knows nothing
SHARES = st.floats(0.0, 1.0)

Traffic = Callable[[float, int], float]
"""The next request's difficulty, or `UNKNOWN`; whoever makes it sees the threshold in force."""


def steering(share: float, quantiles: tuple[float, ...] = EVEN, abstained: float = 0.0) -> Steering:
    return Steering(quantiles, ranks.start(quantiles, abstained, share), share)


def served(dial: Steering, traffic: Traffic, requests: int = REQUESTS) -> list[bool]:
    """As the gateway does it: whether each went to the large model."""
    went = []
    for number in range(requests):
        difficulty, threshold = traffic(dial.threshold, number), dial.threshold
        large = threshold < NOBODY if difficulty == UNKNOWN else difficulty >= threshold
        dial.heed(large, None if difficulty == UNKNOWN else difficulty)
        went.append(large)
    return went


def off(went: list[bool], share: float) -> float:
    return abs(sum(went) / len(went) - share)


def test_what_is_promised_is_less_than_a_point() -> None:
    assert PROMISED < 0.01


def spiteful(bits: Iterator[int]) -> Traffic:
    """Always just on the side of the threshold that it likes."""

    def traffic(threshold: float, number: int) -> float:
        return min(threshold, 1.0) if next(bits) else max(0.0, min(threshold, 1.0) - 1e-9)

    return traffic


@settings(max_examples=60, deadline=None)
@given(SHARES, st.integers(0, 2**32), st.floats(0, 1))
def test_whoever_sees_the_threshold_cannot_get_more(share: float, seed: int, greed: float) -> None:
    dice = random.Random(seed)
    bits = (int(dice.random() < greed) for _ in range(REQUESTS))
    assert off(served(steering(share), spiteful(bits)), share) <= PROMISED + 1e-9


SEGMENT = st.tuples(st.integers(1, 2500), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=80, deadline=None)
@given(SHARES, st.lists(SEGMENT, min_size=1, max_size=8), st.integers(0, 2**32))
def test_whatever_the_traffic_turns_into_the_share_is_kept(
    share: float, segments: list[tuple[int, float, float, float]], seed: int
) -> None:
    """Segments of requests: how many, how many of them are unknown, and between which difficulties the others lie."""
    dice = random.Random(seed)
    made = [segment for segment in segments for _ in range(segment[0])]

    def traffic(_threshold: float, number: int) -> float:
        _, unknown, one, other = made[number % len(made)]
        return UNKNOWN if dice.random() < unknown else dice.uniform(min(one, other), max(one, other))

    went = served(steering(share), traffic, 2 * REQUESTS)
    sums = [0, *accumulate(went)]
    for begin in range(0, REQUESTS, 250):  # of any 5,000 in a row, not only the first
        assert abs((sums[begin + REQUESTS] - sums[begin]) / REQUESTS - share) <= PROMISED + 1e-9


@settings(max_examples=30, deadline=None)
@given(SHARES, st.floats(0, 1))
def test_where_all_requests_are_alike_they_are_shared_out(share: float, difficulty: float) -> None:
    assert off(served(steering(share), lambda _threshold, _number: difficulty), share) <= PROMISED + 1e-9


def test_steady_traffic_is_met_far_better_than_promised() -> None:
    dice = random.Random(5)
    for share in (0.05, 0.3, 0.7):
        assert off(served(steering(share), lambda _threshold, _number: dice.random()), share) < 0.004


def test_the_hard_ones_are_still_the_ones_that_go() -> None:
    """The share would also be kept by a coin; the threshold has to stay near where it belongs."""
    dice = random.Random(6)
    drawn = [dice.random() for _ in range(REQUESTS)]
    went = served(steering(0.3), lambda _threshold, number: drawn[number])
    assert sum(large == (value >= 0.7) for large, value in zip(went, drawn, strict=True)) / REQUESTS > 0.93


def test_nothing_is_nothing_and_all_is_all() -> None:
    assert sum(served(steering(0.0), lambda _threshold, _number: UNKNOWN)) == 0
    assert sum(served(steering(1.0), lambda _threshold, _number: 0.0)) == REQUESTS


def test_a_wrong_start_is_mended_within_a_hundred_requests() -> None:
    dial = steering(0.3, tuple(value / 1000 for value in range(101)))  # made of traffic that was ten times as easy
    dice = random.Random(7)
    served(dial, lambda _threshold, _number: dice.random(), 100)
    assert 0.55 < dial.threshold < 0.85


@given(st.lists(st.floats(-3, 3), max_size=20), st.lists(st.booleans(), max_size=20))
def test_it_never_leaves_its_bounds(turns: list[float], went: list[bool]) -> None:
    dial = steering(0.3)
    for rank in turns:
        dial.turn_to(dial.rank + rank)
        assert LOWEST <= dial.rank <= HIGHEST
    for large in went:
        dial.heed(large, 0.5)
        assert LOWEST <= dial.rank <= HIGHEST


@given(SHARES, st.lists(st.booleans(), min_size=1, max_size=200))
def test_what_is_told_to_others_is_what_was_turned(share: float, went: list[bool]) -> None:
    dial = steering(share)
    before = dial.rank
    for large in went[: len(went) // 2]:
        dial.heed(large, 0.5)
    turned, told = dial.take()
    for large in went[len(went) // 2 :]:
        dial.heed(large, 0.5)
    rest, later = dial.take()
    assert told + later == len(went)
    expected = STEP * (sum(went) - share * len(went))
    assert turned + rest == pytest.approx(expected, abs=1e-9)
    if LOWEST < dial.rank < HIGHEST and abs(expected) < 0.2 and before < 1.1:
        assert dial.rank == pytest.approx(before + expected, abs=1e-9)
    assert dial.take() == (0.0, 0)


def test_what_was_achieved_is_the_mean_of_late() -> None:
    dial = steering(0.5)
    for _ in range(10):
        dial.heed(True, 0.5)
    assert dial.achieved == pytest.approx(1.0)
    for _ in range(10):
        dial.heed(False, 0.5)
    assert dial.achieved == pytest.approx(0.5)


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_what_goes_to_the_large_model_after_all_counts(share: float) -> None:
    """A cascade: some of what the dial kept small is escalated, some of what it sent away is answered at home."""
    dial, dice, large = steering(share), random.Random(8), 0
    for _ in range(2 * REQUESTS):
        difficulty = dice.random()
        went = dial.threshold < NOBODY and difficulty >= dial.threshold
        dial.heed(went, difficulty)
        ends = went
        if dial.threshold < NOBODY and dice.random() < (0.3 if went else 0.05):
            ends = not went
            dial.amend(ends)
        large += ends
    assert abs(large / (2 * REQUESTS) - share) < 0.01
    assert abs(dial.achieved - share) < 0.03


def test_what_a_cascade_does_without_being_asked_is_bounded_by_what_the_dial_can_withhold() -> None:
    """Everything it kept small is escalated: then it keeps all small by a threshold that no cascade passes."""
    dial, large = steering(0.2), 0
    for _ in range(REQUESTS):
        went = dial.threshold < NOBODY
        dial.heed(False, 0.1)
        if went:
            dial.amend(True)
        large += went
    assert large / REQUESTS <= 0.2 + (1 + 2 * STEP) / (STEP * REQUESTS)


@pytest.mark.parametrize("replicas", [2, 4, 16])
@pytest.mark.parametrize("unheard", [5, 100, 1000])
def test_replicas_that_hear_of_one_another_late_do_not_swing(replicas: int, unheard: int) -> None:
    """Each decides on `unheard` requests before it hears of the others. All start far from where they should be."""
    dice = random.Random(replicas * unheard)
    fleet = [steering(0.3, tuple(value / 1000 for value in range(101))) for _ in range(replicas)]
    agreed, thresholds, went = fleet[0].rank, [], []
    for dial in fleet:
        dial.step = step_for((replicas - 1) * unheard)
    for _ in range(60):
        turned = 0.0
        for dial in fleet:
            went += served(dial, lambda _threshold, _number: dice.random(), unheard)
            thresholds.append(dial.threshold)
            turned += dial.take()[0]
        agreed += turned
        for dial in fleet:
            dial.turn_to(agreed)
    late = thresholds[len(thresholds) // 2 :]
    assert min(late) > 0.5
    assert max(late) < 0.9
    assert off(went[len(went) // 2 :], 0.3) < 0.02


def test_alone_the_steps_are_whole() -> None:
    assert step_for(0) == step_for(1) == STEP
    assert step_for(1000) == pytest.approx(0.0005)
