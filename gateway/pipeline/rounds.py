"""Rounds: what several requests want done in the same round of the event loop is done for all of them in a row.

Between two requests lie system calls and all the rest of the gateway, which drive the code and tables of the work out
of the processor's caches: done in a row, a decision costs half. Nothing is shared between requests but the time of day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Rounds:
    """Belongs to one event loop, the one it is first used in."""

    __slots__ = ("_loop", "_waiting")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[asyncio.Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def run(self, work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """What `work(*arguments)` gives or raises, once all that is ready now has come as far."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._do)
        self._waiting.append((future, work, arguments))
        return future

    def _do(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future, work, arguments in waiting:
            if future.done():  # who asked has gone
                continue
            try:
                future.set_result(work(*arguments))
            except Exception as error:  # noqa: BLE001  # raised again where it was asked for
                future.set_exception(error)
