"""The way of one request, top to bottom.

dialect ─► admit ─► exact cache ──hit──► books ─► dialect
                        │ miss               ▲
                        ├─ somebody asks the same ─► that answer, as it comes
                        │
                  router.decide ─► a plan of attempts, or a line that says there is none
                  semantic cache, where a route has one ──hit──► books ─► dialect
                        │              in the cascade's band: the small one first, and a look at its answer
                  each attempt: guard ─► hold ─► intent ─► call ─► settle
                        │
                  metrics · cache fill · shadow ─► dialect
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable
from functools import partial

from gateway.access.principal import Principal
from gateway.egress.room import NoRoom
from gateway.pipeline.admit import admit
from gateway.pipeline.alike import Alike
from gateway.pipeline.arrange import arrange
from gateway.pipeline.attempts import Attempts
from gateway.pipeline.books import decline
from gateway.pipeline.cascade import applies, cascade
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.flying import Flying
from gateway.pipeline.parts import Parts
from gateway.pipeline.recall import Recall
from gateway.pipeline.remember import remember
from gateway.pipeline.shadow import Shadows
from gateway.pipeline.tab import tab_of
from gateway.pipeline.waiting import patiently
from gateway.quota.plan import Asked
from gateway.telemetry import logs
from gateway.wire.call import Call
from gateway.wire.errors import (
    BudgetUnavailable,
    ClientGone,
    GatewayError,
    LimitReached,
)
from gateway.wire.http import Reply
from router.clearance import LOCAL_ZONE
from router.decision import Decision


class Pipeline:
    """Serves calls with one configuration."""

    def __init__(self, parts: Parts, shadows: Shadows) -> None:
        self.parts = parts
        self.shadows = shadows
        self._recall = Recall(parts)
        self._alike = Alike(parts, self._recall)
        self._attempts = Attempts(parts, self._recall, shadows)
        self._flying = None if parts.flights is None else Flying(parts, parts.flights, self._recall, self._asked)
        self.created = int(parts.clocks.wall())

    async def run(self, call: Call, principal: Principal) -> Reply:
        """The reply to the call. Raises a `GatewayError` that carries the receipt's headers."""
        parts = self.parts
        exchange = admit(parts, call, principal)
        if parts.quota is not None and (parts.plan or principal.is_limited):
            asked = Asked(principal.name, principal.team, exchange.route.name, exchange.tags)
            exchange.tab = tab_of(parts.quota, parts.plan, asked, principal)
        try:
            try:
                reply = await self._kept(exchange)
                if reply is None:
                    answer = (self._asked if self._flying is None else self._flying.fly)(exchange)
                    reply = await (answer if exchange.spare is None else self._recall.or_stale(exchange, answer))
            except (LimitReached, BudgetUnavailable, NoRoom):
                if exchange.decision is not None:
                    decline(parts, exchange, "limited")
                raise
        except GatewayError as error:
            error.headers = exchange.receipt.headers()
            exchange.status = error.status
            self._over(exchange)
            raise
        except BaseException as stopped:  # the client left, or a fault of ours: counted all the same
            exchange.status = ClientGone.status if isinstance(stopped, CancelledError) else GatewayError.status
            self._over(exchange)
            raise
        reply.over = partial(self._over, exchange)
        reply.clearance = exchange.receipt.clearance
        return reply

    async def _asked(self, exchange: Exchange) -> Reply:
        """What the deployments say."""
        parts, call = self.parts, exchange.call
        decision = await decide(parts, exchange)
        if self._flying is not None:
            self._flying.decided(exchange)
        if parts.semantic is not None and (reply := await self._alike.look_up(exchange, decision)) is not None:
            return reply
        if parts.pools:
            decision = arrange(parts, exchange, decision)
        attempts = self._answered(exchange, decision)
        line = call.line if call.streamed and self._may_wait(exchange, decision) else None
        return await (attempts if line is None else patiently(parts, exchange, line, attempts))

    async def _kept(self, exchange: Exchange) -> Reply | None:
        """The answer that was kept, if there is one."""
        wanted = self.parts.cache is not None or exchange.call.cache_control is not None
        return await self._recall.look_up(exchange) if wanted else None

    def _may_wait(self, exchange: Exchange, decision: Decision) -> bool:
        """Whether there may be signs of life before there is an answer."""
        if not self.parts.keep_alive.seconds:
            return False
        targets = self.parts.targets[exchange.route.name]
        return any(targets[name].zone == LOCAL_ZONE for name in decision.candidates)

    def _answered(self, exchange: Exchange, decision: Decision) -> Awaitable[Reply]:
        if self.parts.cascades and (plan := applies(self.parts, exchange, decision)) is not None:
            return cascade(self._attempts, exchange, decision, plan)
        return self._attempts.attempts(exchange, decision)

    def _over(self, exchange: Exchange) -> None:
        """Counts a request whose answer is out, or that got none."""
        if exchange.tab is not None and not exchange.is_left:  # else once its answer is
            exchange.tab.over()
        if exchange.look is not None and self._flying is not None:
            self._flying.give_back(exchange.look, exchange)
        metrics, route, status = self.parts.metrics, exchange.route.name, exchange.status
        metrics.cached(route, exchange.cache_use)
        if exchange.dialled is not None:
            metrics.dialled(route, exchange.dialled)
        seconds = self.parts.clocks.steady() - exchange.started
        receipt, streamed = exchange.receipt, exchange.call.streamed
        metrics.answered(route, receipt.zone, status, streamed, seconds)
        logs.request(
            receipt.request_id,
            route=route,
            key_name=exchange.principal.name,
            deployment=receipt.deployment,
            zone=receipt.zone,
            status=status,
            streamed=streamed,
            seconds=seconds,
        )
        if exchange.content is not None:
            content, exchange.content = exchange.content, None
            remember(self.parts, exchange, content)
