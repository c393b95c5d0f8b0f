"""A client that goes away takes its upstream connection along within a second, and what was used is written down."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from tests.harness.client import Wire, ask, post, text_of
from tests.harness.configs import leave_route
from tests.harness.faults import LEFT_AT
from tests.harness.gateway import Gateway
from tests.harness.ledger import wait_for_row_of_route
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

SECOND = 1.0


@pytest.mark.parametrize(("directive", "stream", "after"), LEFT_AT)
def test_the_upstream_is_closed_and_the_books_are_kept(
    gateway: Gateway, upstreams: Upstreams, directive: str, stream: bool, after: bytes
) -> None:
    route = leave_route(directive, stream=stream)
    with Wire(gateway) as wire:
        wire.post(ask(EASY, route, stream=stream))
        (exchange,) = upstreams.cloud.journal.wait_for_requests(1)
        if after:
            wire.read_until(after)
        left = time.monotonic()
    assert upstreams.cloud.journal.wait_until_closed(exchange) - left <= SECOND
    assert exchange.finished is None

    row = wait_for_row_of_route(gateway, route)
    assert row["outcome"] == "cancelled"
    assert row["prompt_tokens"] > 0
    assert row["estimated"]
    assert (row["completion_tokens"] > 0) == bool(after)
    if after:
        assert Decimal(row["cost"]) > 0
    else:
        assert row["cost"] is None  # nobody knows how much was written until then


def test_a_hundred_that_leave_do_not_hurt_the_next(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.cloud.next(*["hang"] * 100)
    wires = [Wire(gateway) for _ in range(100)]
    for wire in wires:
        wire.post(ask(EASY, "only-cloud", stream=True))
    exchanges = upstreams.cloud.journal.wait_for_requests(100)
    for wire in wires:
        wire.close()
    for exchange in exchanges:
        upstreams.cloud.journal.wait_until_closed(exchange)
    assert text_of(post(gateway, ask(EASY, "only-cloud"))).startswith("cloud-model says")


def test_a_client_that_leaves_after_its_request_line(gateway: Gateway, upstreams: Upstreams) -> None:
    """Half a request costs nothing and reaches nobody."""
    with Wire(gateway) as wire:
        wire.socket.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-length: 100\r\n\r\n{")
    assert text_of(post(gateway, ask(EASY, "small"))).startswith("local-model says")
    assert len(upstreams.local.journal.exchanges) == 1
