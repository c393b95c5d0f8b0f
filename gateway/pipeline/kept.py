"""Kept answers only: what a gateway that has more to do than it can still does for those whom it would turn away.

To look is cheap, and an answer that is too old is better than none, where the configuration says so. Nothing is
decided, and nothing sent anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.shadow import Shadows
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import Overloaded
from gateway.wire.http import Reply

TOO_MUCH: Final = "The gateway has more to do than it can. Try again."


class KeptOnly(Pipeline):
    """`retry_after` gives the seconds after which who gets nothing should try again."""

    def __init__(self, parts: Parts, shadows: Shadows, retry_after: Callable[[], int]) -> None:
        super().__init__(parts, shadows)
        self._retry_after = retry_after

    async def _kept(self, exchange: Exchange) -> Reply | None:
        """Raises `Overloaded` where there is none."""
        reply = await super()._kept(exchange)
        if reply is None and exchange.spare is not None:
            reply = await self._recall.stale(exchange)
        if reply is None:
            raise Overloaded(TOO_MUCH, retry_after=self._retry_after())
        return reply
