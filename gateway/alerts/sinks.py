"""Sinks: where an event is told. The log and the metric are one of them, and every webhook is one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, Protocol

from gateway.alerts.event import Event
from gateway.alerts.post import Unreached, post
from gateway.alerts.signature import signed
from gateway.config.alerts import KINDS, Kind, Webhook, signing_key

Outcome = Literal["told", "again", "refused"]
LOG = "log"  # the name of that sink; a webhook's is `webhook:NAME`
_log = logging.getLogger(__name__)
_LATER = frozenset({408, 425, 429})  # and all from 500 on: to be tried again


class Sink(Protocol):
    """`name` is ASCII, the same at all workers and replicas."""

    name: str

    def wants(self, kind: Kind) -> bool:
        """Whether it is to be told of such events."""

    async def tell(self, event: Event) -> Outcome:
        """`again`: it was not told, and may be soon; `refused`: it never will."""


class LogSink:
    """`on_alert` is told the budget and the kind of each: the metric."""

    name = LOG

    def __init__(self, on_alert: Callable[[str, str], None]) -> None:
        self._on_alert = on_alert

    def wants(self, kind: Kind) -> bool:
        return kind in KINDS

    async def tell(self, event: Event) -> Outcome:
        self._on_alert(event.budget, event.kind)
        fields = {"budget": event.budget, "scope": event.scope, "whose": event.named, "kind": event.kind}
        _log.warning("%s", event.text, extra=fields)
        return "told"


class WebhookSink:
    """`wall` gives seconds since the epoch; `on_try` is told the name and how each try ended: `told`, a status class
    such as `5xx`, `timeout`, `connection` or `answer`."""

    def __init__(
        self, name: str, webhook: Webhook, wall: Callable[[], float], on_try: Callable[[str, str], None]
    ) -> None:
        self.name = f"webhook:{name}"
        self._webhook = name
        self._url = webhook.url.get_secret_value().strip()
        key = signing_key(webhook.secret.get_secret_value())
        if key is None:
            raise ValueError(f"the secret of webhook {name} is none")
        self._key = key
        self._events = frozenset(webhook.events)
        self._timeout = webhook.timeout
        self._wall = wall
        self._on_try = on_try

    def wants(self, kind: Kind) -> bool:
        return kind in self._events

    async def send(self, identity: str, body: bytes) -> int:
        """One signed request: the status of the answer. Raises `Unreached`."""
        headers = signed(self._key, identity, int(self._wall()), body)
        return await post(self._url, headers, body, self._timeout)

    async def tell(self, event: Event) -> Outcome:
        try:
            status = await self.send(event.id, event.body())
        except Unreached as error:
            self._on_try(self._webhook, error.kind)
            return "again"
        if is_told(status):
            self._on_try(self._webhook, "told")
            return "told"
        self._on_try(self._webhook, f"{status // 100}xx")
        return "again" if status >= 500 or status in _LATER else "refused"


def is_told(status: int) -> bool:
    """Whether a webhook that answers so has taken what it was sent."""
    return 200 <= status < 300
