"""Lane: whose reply is whose is told by order alone. One place off would be another tenant's answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from redis import exceptions
from redis.asyncio import ConnectionPool

from gateway.stores.lane import Errand, Lane
from tests.gateway.stores.scripted import REFUSAL, Client, Conversation, answer_to, answering, bulk, scripted


class Refused(Exception):
    """What the lane is told to give to a command that the server answers with an error."""


def refused(errand: Errand, _refusal: exceptions.ResponseError) -> None:
    if not errand.reply.done():
        errand.reply.set_exception(Refused())


@asynccontextmanager
async def lane_to(conversation: Conversation) -> AsyncIterator[Lane]:
    async with scripted(conversation) as url:
        pool: ConnectionPool = ConnectionPool.from_url(url, protocol=2, driver_info=None)
        lane = Lane(pool, refused)
        try:
            yield lane
        finally:
            await lane.close()


def errands(*names: str) -> list[Errand]:
    loop = asyncio.get_running_loop()
    return [Errand(b"*2\r\n" + bulk(b"GET") + bulk(name.encode()), loop.create_future(), 0.0) for name in names]


def outcomes(batch: Sequence[Errand]) -> list[str]:
    """What each got: its value, `refused`, `gone` where nobody waits any more, or `-` where nothing came."""
    said = []
    for errand in batch:
        if not errand.reply.done():
            said.append("-")
        elif errand.reply.cancelled():
            said.append("gone")
        elif errand.reply.exception() is not None:
            assert isinstance(errand.reply.exception(), Refused)
            said.append("refused")
        else:
            value = errand.reply.result()
            assert isinstance(value, bytes)
            said.append(value.decode())
    return said


async def test_a_batch_is_one_write_on_one_connection() -> None:
    seen: list[tuple[int, int]] = []

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            seen.append((client.number, len(commands)))
            client.say(*map(answer_to, commands))

    async with lane_to(conversation) as lane:
        for size in (1, 64, 3):
            batch = errands(*(f"k{number}" for number in range(size)))
            await lane.carry([*batch])
            assert outcomes(batch) == [f"of k{number}" for number in range(size)]
    assert seen == [(1, 1), (1, 64), (1, 3)]


async def test_an_error_is_that_of_its_own_command() -> None:
    async def conversation(client: Client) -> None:
        while True:
            for command in await client.batch():
                client.say(REFUSAL if command[1] == b"b" else answer_to(command))

    async with lane_to(conversation) as lane:
        for _ in range(2):  # and the connection goes on in step
            batch = errands("a", "b", "c")
            await lane.carry([*batch])
            assert outcomes(batch) == ["of a", "refused", "of c"]


async def test_who_gave_up_waiting_has_its_reply_read_all_the_same() -> None:
    async with lane_to(answering) as lane:
        for gone in range(3):
            batch = errands("a", "b", "c")
            batch[gone].reply.cancel()
            await lane.carry([*batch])
            expected = ["of a", "of b", "of c"]
            expected[gone] = "gone"
            assert outcomes(batch) == expected


@pytest.mark.parametrize("answered", [0, 1, 2])
@pytest.mark.parametrize("torn", [b"", b"$4\r\nof", b"$4\r\nof c\r"])
async def test_lost_in_the_middle_what_was_answered_is_answered_and_the_rest_is_told(
    answered: int, torn: bytes
) -> None:
    async def conversation(client: Client) -> None:
        commands = await client.batch()
        client.say(*map(answer_to, commands[:answered]), torn)

    async with lane_to(conversation) as lane:
        batch = errands("a", "b", "c")
        with pytest.raises(exceptions.ConnectionError):
            await lane.carry([*batch])
        assert outcomes(batch) == ["of a", "of b", "of c"][:answered] + ["-"] * (3 - answered)


@pytest.mark.parametrize("answered", [0, 1, 2])
async def test_a_connection_that_had_served_is_replaced_once_and_only_the_rest_asked_again(answered: int) -> None:
    asked: list[list[bytes]] = []

    async def conversation(client: Client) -> None:
        if client.number == 1:
            client.say(*map(answer_to, await client.batch()))
        commands = await client.batch()
        asked.append([command[1] for command in commands])
        client.say(*map(answer_to, commands[:answered] if client.number == 1 else commands))
        if client.number > 1:
            await client.closed()

    async with lane_to(conversation) as lane:
        await lane.carry(errands("first"))
        batch = errands("a", "b", "c")
        await lane.carry([*batch])
        assert outcomes(batch) == ["of a", "of b", "of c"]
    assert asked == [[b"a", b"b", b"c"], [b"a", b"b", b"c"][answered:]]


async def test_a_batch_that_was_cut_short_takes_the_connection_with_it() -> None:
    """The replies come after all, late: they must not be taken for those of the next batch."""
    came, late = asyncio.Event(), asyncio.Event()

    async def conversation(client: Client) -> None:
        commands = await client.batch()
        if client.number == 1:
            client.say(answer_to(commands[0]))
            came.set()
            await late.wait()
        client.say(*map(answer_to, commands))
        await client.closed()

    async with lane_to(conversation) as lane:
        first = errands("a", "b")
        carrying = asyncio.ensure_future(lane.carry([*first]))
        await came.wait()
        await first[0].reply
        carrying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await carrying
        late.set()
        second = errands("c", "d")
        await lane.carry([*second])
        assert outcomes(first) == ["of a", "-"]
        assert outcomes(second) == ["of c", "of d"]


@pytest.mark.parametrize("stray", [b"$10\r\nof someone\r\n", b"$10\r\nof", REFUSAL])
async def test_what_lies_on_the_connection_before_a_batch_is_the_reply_to_nothing(stray: bytes) -> None:
    used: list[int] = []

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            used.append(client.number)
            client.say(*map(answer_to, commands), stray)

    async with lane_to(conversation) as lane:
        for name in "abcd":
            batch = errands(name)
            await lane.carry([*batch])
            assert outcomes(batch) == [f"of {name}"]
    assert used == [1, 2, 3, 4]
