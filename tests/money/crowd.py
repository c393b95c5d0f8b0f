"""A crowd: clients that ask at once, each remembering what it was told, while somebody kills what answers them.

What a client "received whole" is judged by bytes alone: a body as long as its header says, or a stream up to the chunk
that says why it ended.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpx

from tests.harness.client import ask, http, parse_stream
from tests.harness.gateway import Gateway, bearer
from tests.harness.prompts import EASY

CLIENTS: Final = 16
PATIENCE: Final = 60.0  # seconds until a gateway that was killed serves again


@dataclass(frozen=True, slots=True)
class Received:
    """What a client has of one request. `request_id` is empty where not even the headers came."""

    request_id: str
    is_whole: bool
    usage: dict[str, int] | None


class Pulse:
    """Counts pieces that clients receive, from all of them, and wakes who waits for a count."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._is_over = False

    def beat(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def wait(self, more: int) -> bool:
        """Until that many more have come; false where none will come any more."""
        with self._changed:
            goal = self._count + more
            self._changed.wait_for(lambda: self._is_over or self._count >= goal)
            return not self._is_over


class Crowd:
    """Asks `count` requests, in turn on each of `routes`, with whether they are streamed.

    `served` is cleared while nobody can answer.
    """

    def __init__(self, gateway: Gateway, routes: Sequence[tuple[str, bool]], count: int) -> None:
        self._gateway = gateway
        self._routes = routes
        self._left: SimpleQueue[int] = SimpleQueue()
        for number in range(count):
            self._left.put(number)
        self.pulse = Pulse()
        self.served = threading.Event()
        self.served.set()

    def ask_all(self, meanwhile: Callable[[], None]) -> list[Received]:
        """Returns when all have asked. `meanwhile` runs at the same time, until the pulse is over."""
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            other = pool.submit(meanwhile)
            clients = [pool.submit(self._client) for _ in range(CLIENTS)]
            wait(clients)
            self.pulse.end()
            other.result()
        return [received for client in clients for received in client.result()]

    def _client(self) -> list[Received]:
        found: list[Received] = []
        with http(headers=bearer(self._gateway.key), timeout=PATIENCE) as client:
            while True:
                try:
                    number = self._left.get_nowait()
                except Empty:
                    return found
                received, deadline = None, time.monotonic() + PATIENCE
                while received is None:
                    assert self.served.wait(PATIENCE), "the gateway has not come back"
                    received = self._asked(client, number)
                    assert received is not None or time.monotonic() < deadline, "nobody listens any more"
                found.append(received)

    def _asked(self, client: httpx.Client, number: int) -> Received | None:
        """None where nobody was there to ask."""
        route, streamed = self._routes[number % len(self._routes)]
        body = ask(f"{EASY} {number}", route, stream=streamed)
        if streamed:
            body["stream_options"] = {"include_usage": True}
        request_id, pieces = "", b""
        try:
            with client.stream("POST", f"{self._gateway.base_url}/chat/completions", json=body) as answer:
                request_id = answer.headers["x-request-id"]
                for piece in answer.iter_bytes():
                    pieces += piece
                    self.pulse.beat()
        except httpx.ConnectError:
            return None
        except httpx.TransportError:  # cut: what there is of it may be whole all the same
            return _received(request_id, pieces, streamed=streamed, is_complete=False)
        assert answer.status_code == 200, pieces
        return _received(request_id, pieces, streamed=streamed, is_complete=True)


def _received(request_id: str, data: bytes, *, streamed: bool, is_complete: bool) -> Received:
    if not streamed:
        return Received(request_id, is_complete, json.loads(data)["usage"] if is_complete else None)
    complete, _, _ = data.decode().rpartition("\n\n")
    stream = parse_stream(complete + "\n\n")
    choices: list[dict[str, Any]] = [choice for chunk in stream.chunks for choice in chunk["choices"]]
    is_whole = not stream.errors and any(choice["finish_reason"] for choice in choices)
    return Received(request_id, is_whole, stream.usage[-1] if stream.usage else None)
