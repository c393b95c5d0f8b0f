"""If these fail, one key's flood fills the store, or everybody is shut out for it."""

from __future__ import annotations

import pytest

from gateway.learning.allowance import Allowance
from gateway.wire.errors import TooManyRequests
from tests.gateway.learning.samples import Clock


def test_a_key_gets_so_many_a_minute_and_is_told_when_there_are_more() -> None:
    clock = Clock()
    allowance = Allowance(3, clock)
    for _ in range(3):
        allowance.take("dev")
    clock.now += 20.5
    with pytest.raises(TooManyRequests) as caught:
        allowance.take("dev")
    assert caught.value.retry_after == 40
    clock.now += 39.5
    for _ in range(3):
        allowance.take("dev")
    with pytest.raises(TooManyRequests):
        allowance.take("dev")


def test_others_have_their_own() -> None:
    allowance = Allowance(1, Clock())
    allowance.take("dev")
    allowance.take("ops")
    with pytest.raises(TooManyRequests):
        allowance.take("dev")
