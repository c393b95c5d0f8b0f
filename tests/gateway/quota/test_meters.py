"""If these fail, workers that cannot hear of each other let more through together than one limit allows."""

from __future__ import annotations

import pytest

from gateway.quota.meters import SOON, Lack, Meters, part_of
from tests.gateway.quota.harness import take
from tests.gateway.stores.harness import HandClock


@pytest.mark.parametrize(
    ("limit", "sharers", "part"), [(100, 1, 100), (100, 0, 100), (100, 3, 33), (2, 5, 1), (0, 5, 0)]
)
def test_each_has_its_part_and_at_least_one(limit: int, sharers: int, part: int) -> None:
    assert part_of(limit, sharers) == part


def test_a_part_is_a_limit_like_any_other() -> None:
    meters = Meters(HandClock())
    assert meters.lack((take(50, 100),), sharers=2) is None
    meters.take((take(50, 100), take(1, 2, "concurrent")))
    lack = meters.lack((take(1, 100),), sharers=2)
    assert lack is not None
    assert lack.take == take(1, 100)
    assert 60 <= lack.wait <= 62
    assert meters.lack((take(1, 2, "concurrent"),), sharers=2) == Lack(take(1, 2, "concurrent"), SOON)
    assert [room.remaining for room in meters.rooms((take(1, 100), take(1, 2, "concurrent")), sharers=2)] == [0, 0]


def test_what_nobody_uses_any_more_is_forgotten_and_what_is_in_use_is_not() -> None:
    clock = HandClock()
    meters = Meters(clock)
    old = (take(5, 10), take(1, 2, "concurrent"))
    slot = meters.take(old)
    meters.take((take(1, 2, "concurrent", "key:bob"),))
    meters.give_back(old, slot, None)
    clock.now += 100
    meters.take((take(5, 10, "tokens", "key:bob"),))
    meters.prune()
    assert set(meters._windows) == {"key:bob:tokens"}
    assert meters.concurrent == {"key:bob:concurrent": 1}
