"""A restart that nobody notices: while people ask, with a client that tries nothing twice, everything is replaced.

If one of these fails, somebody was told that the gateway is away, or nothing at all.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import pytest

from gateway.serving.listener import bind
from tests.harness.client import get
from tests.harness.configs import standard
from tests.harness.gateway import KEY, Gateway
from tests.harness.ledger import rows
from tests.harness.users import Users
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.proxy import Proxy
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

SOME = 40  # requests
ROLL_SECONDS = 90.0  # for a start of each worker, on a busy machine


def config(upstreams: Upstreams, server: str = "") -> str:
    return f"{standard(upstreams.local, upstreams.cloud)}server: {{{server}}}\n"


def assert_all_answered(users: Users) -> None:
    assert users.failed == []
    assert users.answered >= 2 * SOME


def test_workers_are_replaced_one_by_one(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    gateway = start_gateway(workers=2, environment={"REDIS_URL": valkey.url})
    gateway.wait_for_output("is ready")
    before = set(gateway.workers())
    with Users(gateway.base_url, gateway.key) as users:
        users.wait_for_more(SOME)
        assert gateway.run("restart") == "the workers have been replaced: 2\n"
        assert len(set(gateway.workers()) - before) == 2
        users.wait_for_more(SOME)
        until("those before to be gone", lambda: not before & set(gateway.workers()), ROLL_SECONDS)
        users.wait_for_more(SOME)
    assert_all_answered(users)
    until("all of them to be in the books", lambda: len(rows(gateway)) == users.answered)


def test_the_only_worker_is_replaced_while_others_wait(start_gateway: StartGateway) -> None:
    """Two at once would count limits and budgets apart: nobody is served for a moment, and nobody is refused."""
    gateway = start_gateway()
    before = gateway.workers()
    with Users(gateway.base_url, gateway.key) as users:
        users.wait_for_more(SOME)
        gateway.signal(signal.SIGUSR2)
        gateway.wait_for_output("the workers have been replaced: 1", ROLL_SECONDS)
        users.wait_for_more(SOME)
        assert not set(before) & set(gateway.workers())
    assert_all_answered(users)
    until("all of them to be in the books", lambda: len(rows(gateway)) == users.answered)


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A socket that outlives the gateways behind it."""
    with bind("127.0.0.1", 0) as listener:
        yield listener


def test_a_gateway_is_started_anew_behind_a_socket_that_stays(
    start_gateway: StartGateway, upstreams: Upstreams, door: socket.socket
) -> None:
    """As `systemctl restart` does with a socket unit: who connects meanwhile waits."""
    gateway = start_gateway(config(upstreams, "drain_delay: 1"), listener=door)
    with Users(gateway.base_url, gateway.key) as users:
        users.wait_for_more(SOME)
        gateway.stop()
        gateway.start()
        users.wait_for_more(SOME)
    assert_all_answered(users)


@pytest.mark.parametrize("way", ["handed over", "shared"])
def test_another_gateway_takes_over_the_port(
    way: str, start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer, door: socket.socket
) -> None:
    environment = {"REDIS_URL": valkey.url}
    shared = config(upstreams, "drain_delay: 1.5, reuse_port: true")
    old = start_gateway(shared, environment=environment, listener=door if way == "handed over" else None)
    with Users(old.base_url, old.key) as users:
        users.wait_for_more(SOME)
        if way == "handed over":
            new = start_gateway(shared, environment=environment, listener=door)
        else:
            new = start_gateway(shared, environment=environment, port=old.port)
        new.wait_for_output("is ready", ROLL_SECONDS)  # until then the old one answers for it
        old.stop()
        users.wait_for_more(SOME)
    assert_all_answered(users)


def test_replicas_behind_a_balancer_are_restarted_in_turn(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    """The balancer knows of nothing but `/readyz`."""
    environment = {"REDIS_URL": valkey.url}
    text = config(upstreams, "drain_delay: 2")
    replicas = [start_gateway(text, environment=environment) for _ in range(2)]
    with Proxy(replicas[1].port) as balancer, Users(f"http://127.0.0.1:{balancer.port}/v1", KEY) as users:
        for leaving, other in (replicas[::-1], replicas):
            users.wait_for_more(SOME)
            leaving.signal(signal.SIGTERM)
            until("it to say that nobody should be sent", lambda it=leaving: not is_ready(it))  # type: ignore[misc]
            balancer.lead_to(other.port)
            leaving.wait_for_clean_end()
            users.wait_for_more(SOME)
            leaving.start()
    assert_all_answered(users)


def is_ready(gateway: Gateway) -> bool:
    answer = get(gateway, "/readyz")
    assert answer.status_code in {200, 503}
    return answer.status_code == 200
