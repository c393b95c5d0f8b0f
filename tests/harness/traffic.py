"""Traffic: many requests at once, or so many a second, and what came of each of them."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import aiohttp

from tests.harness.gateway import Gateway, bearer

_LIMIT: Final = 60.0  # seconds for one request
_PAUSE: Final = 0.1  # seconds between two looks whether it is there again
DONE: Final = b"data: [DONE]"


class Ask(NamedTuple):
    """One request to a gateway. `kind` is the test's own word, by which answers are told apart."""

    gateway: Gateway
    body: Mapping[str, Any]
    key: str = ""  # empty: the gateway's first
    kind: str = ""
    headers: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What a client saw of one request."""

    kind: str
    at: float  # when it was sent, `time.monotonic`
    seconds: float  # until its last byte, or until it broke
    status: int  # 0: none came
    whole: bool  # it was received to its end
    code: str  # of an error, else empty
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")


class Act(NamedTuple):
    """What is done `at` seconds into the traffic, beside it, and once the act before it is done."""

    at: float
    act: Callable[[], object]


def at_once(asks: Iterable[Ask], most: int, acts: Sequence[Act] = ()) -> list[Answer]:
    """All of them, as soon as possible, with `most` under way at any moment."""
    return asyncio.run(_with_acts(_at_once(asks, most), acts))


def paced(asks: Sequence[Ask], rate: float, acts: Sequence[Act] = ()) -> list[Answer]:
    """`rate` of them a second, however long the answers take."""
    return asyncio.run(_with_acts(_paced(asks, rate), acts))


async def _at_once(asks: Iterable[Ask], most: int) -> list[Answer]:
    waiting = iter(asks)

    async def one_after_another(session: aiohttp.ClientSession) -> list[Answer]:
        return [await _patiently(session, ask) for ask in waiting]

    async with _session() as session:
        return [
            one for some in await asyncio.gather(*(one_after_another(session) for _ in range(most))) for one in some
        ]


async def _paced(asks: Sequence[Ask], rate: float) -> list[Answer]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    under_way = []
    async with _session() as session:
        for number, ask in enumerate(asks):
            await asyncio.sleep(began + number / rate - loop.time())
            under_way.append(asyncio.create_task(_send(session, ask)))
        return await asyncio.gather(*under_way)


async def _with_acts(traffic: Coroutine[None, None, list[Answer]], acts: Sequence[Act]) -> list[Answer]:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one_after_another() -> None:
        for one in acts:
            await asyncio.sleep(began + one.at - loop.time())
            await asyncio.to_thread(one.act)

    async with asyncio.TaskGroup() as group:
        group.create_task(one_after_another())
        return await traffic


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=_LIMIT), trust_env=False
    )


async def _patiently(session: aiohttp.ClientSession, ask: Ask) -> Answer:
    """Who got no answer waits until somebody is there again; else a gateway that is not would be asked everything."""
    answer = await _send(session, ask)
    if not answer.status:
        await asyncio.to_thread(_wait_for, ask.gateway.port)
    return answer


def _wait_for(port: int) -> None:
    """Blocks; a few at a time, since there are not so many threads."""
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=_LIMIT).close()
        except OSError:
            time.sleep(_PAUSE)
        else:
            return


async def _send(session: aiohttp.ClientSession, ask: Ask) -> Answer:
    headers = {**bearer(ask.key or ask.gateway.key), **ask.headers}
    status, whole, said, body = 0, False, {}, b""
    began = time.monotonic()
    try:
        url = f"{ask.gateway.base_url}/chat/completions"
        async with session.post(url, json=ask.body, headers=headers) as response:
            status, said = response.status, dict(response.headers)
            body = await response.read()
            whole = not ask.body.get("stream") or status != 200 or DONE in body
    except (aiohttp.ClientError, TimeoutError, OSError):
        whole = False
    seconds = time.monotonic() - began
    names = {name.lower(): value for name, value in said.items()}
    return Answer(ask.kind, began, seconds, status, whole, _code(status, whole, body), names, body)


def _code(status: int, whole: bool, body: bytes) -> str:
    if status == 200 or not whole:
        return ""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return "no error of OpenAI's"
    return str(error.get("code") or error.get("type"))
