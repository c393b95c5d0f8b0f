"""What happens around a request does not let it out either: a client that leaves, a reload, a worker that is killed, a
disk that is full, a Redis that hangs.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.harness.client import Wire, ask, post
from tests.harness.wait import until
from tests.locality.cases import NOT_AGAIN, SENTENCE, Case, try_sensitive, try_twin
from tests.locality.plants import plant
from tests.locality.world import OK, World, everywhere, route_of, started
from tests.servers.valkey import ValkeyServer

ROUTE = route_of("first", OK, "text")
LEFT_AT = ("hang", "hang_first", "stall:3", "slow_first:0.05", "cut:3:rst", OK)


@pytest.fixture(scope="module")
def shaken_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of its own, to be shaken: one worker, whose Redis can be frozen."""
    with everywhere() as upstreams, ValkeyServer(tmp_path_factory.mktemp("redis")) as redis:
        changes = {"redis": {"url": redis.url, "timeout": 0.1}}
        world = started(tmp_path_factory.mktemp("shaken"), upstreams, changes=changes)
        world.redis.append(redis)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


@pytest.fixture
def shaken(shaken_of_module: World) -> Iterator[World]:
    yield shaken_of_module
    assert shaken_of_module.stumbles() == []


def cases(number: int) -> list[Case]:
    """A few, each with a value of its own."""
    places = (("chat: user", OK), ("messages: tool result", "status:500"), ("embeddings: batch", OK))
    led_away, place = "redirect:CLOUD:307", "responses: instructions"
    first = Case("card", 1000 * number, "plain", place, led_away, False, True, "plain", False)
    return [
        first,
        *(
            replace(first, kind=kind, seed=first.seed + at, place=place, fault=fault, first=fault == OK, again=True)
            for at, (kind, (place, fault)) in enumerate(zip(("email", "token", "nir"), places, strict=True), 1)
        ),
    ]


def try_all(world: World, number: int) -> None:
    for case in cases(number):
        try_sensitive(world, case)
        try_twin(world, case)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", LEFT_AT)
def test_the_client_leaves(shaken: World, fault: str, stream: bool) -> None:
    planted = plant("card", 50 + 2 * LEFT_AT.index(fault) + stream)
    shaken.haystack.add(planted.value, f"left at {fault}")
    before = (
        shaken.cloud.journal.bytes_received,
        len(shaken.home.journal.exchanges),
        len(shaken.cloud.journal.exchanges),
    )
    for words, route in ((planted.value, route_of("first", fault, "text")), (planted.twin, ROUTE)):
        with Wire(shaken.gateway) as wire:
            wire.post(ask(SENTENCE.format(words), route, stream=stream))
            upstream, asked = (shaken.home, before[1]) if words == planted.value else (shaken.cloud, before[2])
            upstream.journal.wait_for_requests(asked + 1)
        if words == planted.value:
            until("the connection to be closed", lambda: _is_over(shaken, asked))  # noqa: B023  # called at once
            assert shaken.cloud.journal.bytes_received == before[0]
    assert planted.twin.encode() in shaken.cloud.journal.raw


def _is_over(world: World, number: int) -> bool:
    exchange = world.home.journal.exchanges[number]
    return exchange.finished is not None or exchange.visit.closed is not None


def test_the_configuration_changes_meanwhile(shaken: World) -> None:
    """Requests before, during and after; what the new one forbids no more than the old one did stays."""
    gateway, failed = shaken.gateway, list[BaseException]()
    text = gateway.file.read_text()
    reloaded = threading.Event()

    def go_on() -> None:
        number = 100
        try:
            while not reloaded.is_set() or number == 100:
                try_all(shaken, number)
                number += 1
        except BaseException as error:  # noqa: BLE001  # told by the test's own thread
            failed.append(error)

    asking = threading.Thread(target=go_on)
    asking.start()
    for version in range(2, 5):
        gateway.reload(text.replace('"debug"', '"info"' if version % 2 else '"debug"'))
        until("the configuration to be in force", lambda: _version(shaken) == version, 20)  # noqa: B023
    reloaded.set()
    asking.join()
    assert failed == []
    try_all(shaken, 99)


def _version(world: World) -> float:
    (line,) = [line for line in world.metrics().splitlines() if line.startswith("tidegate_config_version ")]
    return float(line.split()[1])


def test_the_worker_is_killed(shaken: World) -> None:
    planted = plant("iban", 61)
    shaken.haystack.add(planted.value, "killed")
    before, asked = shaken.cloud.journal.bytes_received, len(shaken.home.journal.exchanges)
    (worker,) = shaken.gateway.workers()
    with Wire(shaken.gateway) as wire:
        wire.post(ask(SENTENCE.format(planted.value) + " card 4970 1012 3456 7893", route_of("first", "hang", "text")))
        shaken.home.journal.wait_for_requests(asked + 1)
        os.kill(worker, signal.SIGKILL)
    until("another worker", lambda: shaken.gateway.workers() not in ([], [worker]), 20)
    until("it to serve", lambda: _answers(shaken), 20)
    assert shaken.cloud.journal.bytes_received > before  # the harmless question below
    try_all(shaken, 62)


def _answers(world: World) -> bool:
    try:
        return post(world.gateway, ask("Is it there?", ROUTE), headers=NOT_AGAIN).status_code == 200
    except OSError:
        return False


def test_the_disk_is_full(shaken: World) -> None:
    """What cannot be written down is not sent, the harmless neither; afterwards all is as before."""
    (worker,) = shaken.gateway.workers()
    limits = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    planted = plant("card", 63)
    shaken.haystack.add(planted.value, "full disk")
    before = shaken.cloud.journal.bytes_received
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        for words in (planted.value, planted.twin):
            answer = post(shaken.gateway, ask(SENTENCE.format(words), ROUTE), headers=NOT_AGAIN)
            assert answer.status_code == 503
            assert not shaken.haystack.found_in(answer.content)
        assert shaken.cloud.journal.bytes_received == before
    finally:
        resource.prlimit(worker, resource.RLIMIT_FSIZE, limits)
    try_all(shaken, 64)


def test_redis_hangs(shaken: World) -> None:
    (redis,) = shaken.redis
    redis.freeze()
    try:
        try_all(shaken, 65)
    finally:
        redis.thaw()
    try_all(shaken, 66)


def test_the_model_at_home_is_down(shaken: World) -> None:
    """Also when its breaker has opened: to be tried last is not to be replaced."""
    with shaken.home.down():
        for number in range(70, 75):
            planted = plant("card", number)
            shaken.haystack.add(planted.value, "home is down")
            before = shaken.cloud.journal.bytes_received
            for stream in (False, True):
                answer = post(shaken.gateway, ask(SENTENCE.format(planted.value), ROUTE, stream=stream))
                assert (answer.status_code, answer.headers["x-tidegate-clearance"]) == (503, "local")
            assert shaken.cloud.journal.bytes_received == before
            answer = post(shaken.gateway, ask(SENTENCE.format(planted.twin), route_of("last", OK, "text")))
            assert answer.headers["x-tidegate-zone"] == "cloud"


def test_and_it_has_left_no_trace(shaken: World) -> None:
    """Runs last in this file. Redis holds answers, whose zone may see them, under names that tell nothing."""
    (redis,) = shaken.redis
    with redis.client() as client:
        names = client.keys("*")
    assert names
    assert not shaken.haystack.found_in(b"\n".join(names))
    shaken.assert_nothing_got_out()
