"""Mutated: a good reply with some of its bytes changed, doubled, lost or added. The directive at the bottom."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from tests.upstream.behaviours import ok
from tests.upstream.http import Reply
from tests.upstream.turn import Behaviour, Turn

_LONGEST: Final = 40  # bytes that are lost, doubled or added in one place
# What a parser may stumble over: ends of lines and headers, sizes, and the marks of JSON, of events and of UTF-8.
_SPICE: Final = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b"\xff", b"\xe2\x80", b"0\r\n\r\n", b"fffffffff\r\n", b"-1\r\n"),
    *(b"data: ", b"data: [DONE]\n\n", b"\n\n", b"event: error\n", b'"', b"{", b"}", b"[", b"]", b"\\u0000", b"\\ud800"),
    *(b"content-length: 5\r\n", b"transfer-encoding: chunked\r\n", b"content-encoding: gzip\r\n", b"null", b"1e999"),
    *(b'"finish_reason": "stop"', b'"error": {"message": "x"}', b'"choices": []', b"HTTP/1.1 200 OK\r\n\r\n"),
)

Mutation = Callable[[bytes, int, random.Random], bytes]


class _Recorder(Reply):
    """Keeps what is said, instead of saying it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.writer)
        self.said = b""

    async def raw(self, data: bytes) -> None:
        self.said += data


def _changed(data: bytes, place: int, dice: random.Random) -> bytes:
    return data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :]


def _lost(data: bytes, place: int, dice: random.Random) -> bytes:
    return data[:place] + data[place + dice.randint(1, _LONGEST) :]


def _doubled(data: bytes, place: int, dice: random.Random) -> bytes:
    end = place + dice.randint(1, _LONGEST)
    return data[:end] + data[place:]


def _spiced(data: bytes, place: int, dice: random.Random) -> bytes:
    return data[:place] + dice.choice(_SPICE) + data[place:]


def _replaced(data: bytes, place: int, dice: random.Random) -> bytes:
    spice = dice.choice(_SPICE)
    return data[:place] + spice + data[place + len(spice) :]


def _ended(data: bytes, place: int, _dice: random.Random) -> bytes:
    return data[:place]


_MUTATIONS: Final[tuple[Mutation, ...]] = (_changed, _lost, _doubled, _spiced, _replaced, _ended)


def mutated_bytes(data: bytes, dice: random.Random) -> bytes:
    """With one to three mutations, the head as likely as the body."""
    head = data.find(b"\r\n\r\n") + 4
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(head) if dice.random() < 0.4 else dice.randrange(head, max(head + 1, len(data)))
        data = dice.choice(_MUTATIONS)(data, place, dice)
    return data


async def mutated(turn: Turn) -> None:
    """`mutated:SEED`: which mutations, follows from the seed and the number of the call. Ends with FIN, now and then
    with RST, or keeps silent."""
    dice = random.Random(f"{turn.arg(0, '0')} {turn.answer.serial}")
    recorder = _Recorder(turn.reply)
    await ok(replace(turn, reply=recorder))
    data = mutated_bytes(recorder.said, dice)
    while data:
        size = dice.choice((1, 7, 100, 1 << 20))
        await turn.reply.raw(data[:size])
        data = data[size:]
    end = dice.random()
    if end < 0.1:
        await turn.forever()
    turn.reply.reset() if end < 0.2 else turn.reply.finish()


MUTATED: Mapping[str, Behaviour] = {"mutated": mutated}
