"""Purse: the day's money for shadow evaluation, as the event loop asks for it. No client waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from gateway.stores.link import uncounted
from gateway.stores.sql_link import WAIT_SECONDS, SqlLink

if TYPE_CHECKING:
    from gateway.learning.spending import Spending


class Purse:
    """Of one event loop; its database is opened when it is first asked. Methods raise `StoreFault`.

    `wall` gives seconds since the epoch, `steady` never goes back; `on_fault` is told the kind of every fault.
    """

    def __init__(
        self,
        url: str,
        wall: Callable[[], float],
        steady: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
    ) -> None:
        self._wall = wall
        self._link: SqlLink[Spending] = SqlLink(partial(_open, url), steady, on_fault)

    async def hold(self, route: str, amount: Decimal, budget: Decimal) -> str | None:
        """The day on whose budget `amount` dollars are now held; None where so much is not left of it."""
        day = datetime.fromtimestamp(self._wall(), UTC).date().isoformat()
        held = await self._link.run(lambda spending: spending.hold(day, route, amount, budget))
        return day if held else None

    async def give_back(self, day: str, route: str, amount: Decimal) -> None:
        """Of what was held on that day, what was not spent; less than nothing: what was spent beyond."""
        await self._link.run(lambda spending: spending.give_back(day, route, amount))

    def close(self) -> None:
        self._link.close()


def _open(url: str) -> Spending:
    from gateway.learning.spending import Spending

    return Spending.open(url, WAIT_SECONDS)
