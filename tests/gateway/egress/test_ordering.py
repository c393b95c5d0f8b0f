"""Who is asked first of several deployments of one class. Classes never mix, whatever the load."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.pooling import Balance
from gateway.egress.ordering import Standing, arranged, groups

BALANCES: tuple[Balance, ...] = ("order", "weighted", "least-busy")


def names(group: list[Standing], balance: Balance = "least-busy", favourite: str = "", seed: int = 0) -> list[str]:
    return [one.name for one in arranged(group, balance, random.Random(seed).random, favourite)]


def standing(name: str, **more: Any) -> Standing:
    return Standing(name, "small")._replace(**more)


def test_as_listed_unless_something_is_said() -> None:
    group = [standing("c", busy=9.0, is_cold=True), standing("a"), standing("b")]
    assert names(group, "order") == ["c", "a", "b"]


@pytest.mark.parametrize("balance", BALANCES)
def test_lower_priorities_come_first(balance: Balance) -> None:
    group = [standing("spare", priority=1), standing("own", busy=50.0), standing("last", priority=2)]
    assert names(group, balance) == ["own", "spare", "last"]


@pytest.mark.parametrize("balance", BALANCES)
def test_who_has_room_comes_before_who_has_none_and_these_by_how_long_it_takes(balance: Balance) -> None:
    group = [
        standing("never", wait=math.inf),
        standing("later", wait=9.0),
        standing("soon", wait=0.5),
        standing("free", priority=7),
    ]
    assert names(group, balance) == ["free", "soon", "later", "never"]


def test_the_least_busy_for_its_weight() -> None:
    group = [standing("one", busy=3.0), standing("large", busy=5.0, weight=4), standing("two", busy=2.0)]
    assert names(group) == ["large", "two", "one"]


@pytest.mark.parametrize("balance", ["weighted", "least-busy"])
def test_warm_before_cold(balance: Balance) -> None:
    group = [standing("cold", is_cold=True, weight=1000), standing("warm", busy=3.0)]
    assert names(group, balance) == ["warm", "cold"]


def test_weights_are_how_often_each_is_first() -> None:
    group = [standing("one"), standing("three", weight=3)]
    draw = random.Random(7).random
    first = Counter(arranged(group, "weighted", draw)[0].name for _ in range(4000))
    assert 0.72 < first["three"] / 4000 < 0.78


def test_equals_are_drawn_by_lot() -> None:
    group = [standing("a"), standing("b"), standing("c")]
    assert {names(group, "least-busy", seed=seed)[0] for seed in range(40)} == {"a", "b", "c"}


@pytest.mark.parametrize("balance", BALANCES)
def test_a_favourite_goes_first_though_it_is_busier(balance: Balance) -> None:
    group = [standing("idle"), standing("own", busy=2.0, priority=1)]
    assert names(group, balance, "own") == ["own", "idle"]


@pytest.mark.parametrize("balance", BALANCES)
def test_but_not_where_it_is_much_busier_or_has_no_room(balance: Balance) -> None:
    assert names([standing("idle"), standing("own", busy=9.0, priority=1)], balance, "own")[0] == "idle"
    assert names([standing("idle"), standing("own", wait=1.0)], balance, "own")[0] == "idle"
    assert names([standing("soon", wait=0.5), standing("own", wait=1.0)], balance, "own")[0] == "soon"


STANDINGS = st.builds(
    Standing,
    name=st.uuids().map(str),
    place=st.sampled_from(["small up", "large up", "small down"]),
    priority=st.integers(0, 3),
    weight=st.integers(1, 9),
    busy=st.floats(0, 20),
    wait=st.sampled_from([0.0, 1.0, math.inf]),
    is_cold=st.booleans(),
)


@given(st.lists(STANDINGS, max_size=8), st.sampled_from(BALANCES), st.randoms(use_true_random=False))
def test_places_never_mix_and_nobody_is_lost(all_: list[Standing], balance: Balance, chance: random.Random) -> None:
    before = groups(all_)
    after = [arranged(group, balance, chance.random, group[0].name) for group in before]
    assert [{one.name for one in group} for group in after] == [{one.name for one in group} for group in before]
    assert [one.place for group in after for one in group] == [one.place for one in all_]
