"""If these fail, a worker takes an order for a configuration, or leaves in another way than it was told to."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gateway.config.settings import Server
from gateway.serving.orders import IDLE_SECONDS, Order, farewell, order_in, written
from tests.gateway.serving.workers import line

SERVER = Server(drain_delay=7, drain_limit=20)


@pytest.mark.parametrize("order", get_args(Order))
def test_an_order_is_understood_as_it_was_given(order: Order) -> None:
    assert order_in(written(order)) == order
    assert written(order).endswith(b"\n")


def test_a_configuration_is_no_order(tmp_path: Path) -> None:
    assert order_in(line(tmp_path) + b"\n") is None


def test_an_order_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="dance"):
        order_in(b'{"leave":"dance"}\n')


def test_only_who_ends_the_whole_gateway_goes_on_letting_people_in() -> None:
    assert farewell("stop", SERVER) == (7, 7, 20)
    assert farewell("stop", Server()).accepting == 0
    assert farewell("stop", Server(reuse_port=True)).accepting > 0
    for order in get_args(Order):
        if order != "stop":
            assert farewell(order, SERVER).accepting == 0


def test_who_has_a_successor_has_time_for_connections_that_may_yet_be_used() -> None:
    assert farewell("replaced", SERVER).idle == IDLE_SECONDS
    assert farewell("replaced", Server(drain_delay=60)).idle == 60
    assert 0 < farewell("handed_over", SERVER).idle < IDLE_SECONDS  # somebody waits
    assert farewell("orphaned", SERVER).idle == 0
