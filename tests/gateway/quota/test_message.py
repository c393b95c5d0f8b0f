"""If these fail, what was said late, or twice, counts."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.quota.message import LOST, SAID, STALE, Message, Reply, decode
from gateway.quota.script import HOLD
from tests.gateway.quota.harness import ME, NOON, Asks, day, grown_up, spend, take
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import ValkeyServer

PREFIX = "tidegate:{quota}:"


@pytest.fixture
def asks() -> Asks:
    clock = HandClock()
    clock.now = NOON
    return Asks(clock)


def say(server: ValkeyServer, message: Message, number: int, acknowledged: int = 0, life: str = ME) -> Reply:
    packed = message.packed(life, number, acknowledged, beat=False)
    with server.client() as client:
        reply: Any = client.eval(HOLD.text.decode(), len(message.keys), *message.keys, packed)
    return decode(reply)


def holding(asks: Asks, amount: int) -> Message:
    message = Message(PREFIX)
    message.own(day(), None)
    message.ask(asks.of(take(amount, 100), take(1, 9, "concurrent"), spend(amount, 100)))
    return message


def everything(server: ValkeyServer) -> dict[bytes, Any]:
    with server.client() as client:
        mine = (name for name in client.keys(f"{PREFIX}*") if not name.endswith((b"lives", b"store")))
        return {name: client.hgetall(name) for name in mine}


def test_what_is_said_late_or_twice_changes_nothing(valkey: ValkeyServer, asks: Asks) -> None:
    grown_up(valkey)
    assert say(valkey, holding(asks, 5), 7).status == SAID
    before = everything(valkey)
    assert len(before) == 3
    for number in (7, 6):
        reply = say(valkey, holding(asks, 5), number)
        assert (reply.status, reply.slot, reply.results) == (STALE, 7, [])
    assert everything(valkey) == before
    assert say(valkey, holding(asks, 5), 1, life="another").status == SAID


def test_who_said_more_than_is_there_is_told_and_nothing_is_taken(valkey: ValkeyServer, asks: Asks) -> None:
    grown_up(valkey)
    reply = say(valkey, holding(asks, 5), 8, acknowledged=7)
    assert reply.status == LOST
    assert everything(valkey) == {}
    assert say(valkey, holding(asks, 5), 9, acknowledged=8).status == SAID


def test_a_name_is_told_once_and_a_slice_once_a_message(asks: Asks) -> None:
    message = Message(PREFIX)
    for _ in range(2):
        message.ask(asks.of(take(5, 100), spend(5, 100)))
    assert message.keys == [
        f"{PREFIX}store",
        f"{PREFIX}lives",
        f"{PREFIX}window:key:alice:tokens",
        f"{PREFIX}slice:{day().name}",
    ]
    assert message.slices == {4: day()}
