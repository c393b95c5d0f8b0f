"""Patience: whoever tries keys waits for each wrong one longer than it took to think of it.

A right key is never slowed: it is looked up first, and only the answer to a wrong one waits. What is counted is kept by
address, a network of a home or a host at a time in IPv6, and of so many addresses that memory stays bounded.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.wire.errors import GatewayError, TooManyRequests, WrongKey

FREE: Final = 10  # wrong keys of one address in a row that are answered at once: somebody is configuring a client
PER_SECOND: Final = 0.5  # wrong keys of one address after that
LONGEST: Final = 5.0  # seconds that an answer waits
MOST_WAITING: Final = 20  # answers of one address that wait at the same time
MOST_ADDRESSES: Final = 4096
SAID_SECONDS: Final = 60.0  # between two lines in the log about one address
_log = logging.getLogger(__name__)


class _Tries:
    """`debt` is how many wrong keys are not forgiven yet; `said`, when the log was told."""

    __slots__ = ("at", "debt", "said", "waiting")

    def __init__(self, at: float) -> None:
        self.debt = 0.0
        self.at = at
        self.said: float | None = None
        self.waiting = 0


class Patience:
    """`clock` gives seconds and never goes back; `sleep` waits so many."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tries: OrderedDict[str, _Tries] = OrderedDict()  # the least recently seen first

    async def borne(self, error: WrongKey, scope: Mapping[str, Any]) -> GatewayError:
        """Returns when a request with a wrong key may be answered, and what with: something else than `error` where too
        many answers wait already. `scope` is ASGI's."""
        address = _network(scope.get("client"))
        tries = self._of(address)
        wait = min((tries.debt - FREE) / PER_SECOND, LONGEST)
        if wait <= 0:
            return error
        if tries.waiting >= MOST_WAITING:
            return TooManyRequests("Too many wrong keys have come from your address.", retry_after=int(LONGEST))
        if tries.said is None or tries.at - tries.said >= SAID_SECONDS:
            tries.said = tries.at
            _log.warning("many wrong keys from %s: answers to them wait", address or "an unknown address")
        tries.waiting += 1
        try:
            await self._sleep(wait)
        finally:
            tries.waiting -= 1
        return error

    def _of(self, address: str) -> _Tries:
        """What is known of it, this one counted."""
        now = self._clock()
        tries = self._tries.pop(address, None) or _Tries(now)
        self._tries[address] = tries
        if len(self._tries) > MOST_ADDRESSES:
            self._tries.popitem(last=False)
        tries.debt = min(max(0.0, tries.debt - (now - tries.at) * PER_SECOND) + 1, FREE + 1 + LONGEST * PER_SECOND)
        tries.at = now
        return tries


def _network(client: tuple[str, int] | None) -> str:
    """What is counted together: an IPv4 address, or the network of 64 bits that one host chooses its addresses in."""
    if not client:
        return ""
    try:
        address = ipaddress.ip_address(client[0].partition("%")[0])
    except ValueError:
        return client[0]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
