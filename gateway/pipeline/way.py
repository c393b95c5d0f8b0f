"""The way of one request, top to bottom.

dialect ─► admit ─► exact cache ──hit──► books ─► dialect
                        │ miss
                  router.decide ─► a plan of attempts, or a line that says there is none
                        │              in the cascade's band: the small one first, and a look at its answer
                  each attempt: guard ─► hold ─► intent ─► call ─► settle
                        │
                  metrics · cache fill · shadow ─► dialect
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable
from functools import partial

from orjson import JSONEncodeError

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.cache.control import directives
from gateway.cache.entry import Entry
from gateway.cache.exact import ExactCache
from gateway.egress.engine import Answer
from gateway.masking.answer import restored_answer
from gateway.masking.stream import RestoredStream
from gateway.pipeline.admit import admit
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.books import decline
from gateway.pipeline.bound import writing
from gateway.pipeline.cascade import Escalation, Look, applies, cascade
from gateway.pipeline.decide import decide, masking_of, passed_over
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused, failure_of
from gateway.pipeline.hit import FrameStream, admit_hit, frames_of, hit
from gateway.pipeline.live import Complete, LiveStream
from gateway.pipeline.parts import Parts
from gateway.pipeline.remember import remember
from gateway.pipeline.shadow import Shadows
from gateway.pipeline.tab import Beyond, tab_of
from gateway.pipeline.waiting import patiently
from gateway.pipeline.whole import read_whole, usage_in, with_usage
from gateway.quota.plan import Asked
from gateway.telemetry import logs
from gateway.wire.call import Call
from gateway.wire.endpoint import CHAT
from gateway.wire.errors import (
    BudgetUnavailable,
    ClientGone,
    GatewayError,
    LimitReached,
    NoDeployment,
    TooManyRequests,
    UpstreamFailed,
)
from gateway.wire.http import JSON, STREAMED, Reply
from gateway.wire.json import unwritable
from router.clearance import LOCAL_ZONE
from router.decision import Decision
from router.masking.proof import MaskedBody
from router.routing_rules import told


class Pipeline:
    """Serves calls with one configuration."""

    def __init__(self, parts: Parts, shadows: Shadows) -> None:
        self.parts = parts
        self.shadows = shadows
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
                reply = None if parts.cache is None else await self._look_up(exchange, parts.cache)
                if reply is None:
                    decision = await decide(parts, exchange)
                    attempts = self._answered(exchange, decision)
                    line = call.line if call.streamed and self._may_wait(exchange, decision) else None
                    reply = await (attempts if line is None else patiently(parts, exchange, line, attempts))
            except (LimitReached, BudgetUnavailable):
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

    async def _look_up(self, exchange: Exchange, cache: ExactCache) -> Reply | None:
        parts, call = self.parts, exchange.call
        exchange.directives = directives(call.cache_control)
        exchange.cache_use = "bypass" if exchange.directives.no_cache else "miss"
        exchange.receipt.cache = exchange.cache_use
        try:
            exchange.cache_key = parts.cache_keys.key(
                call.body,
                route=_question(exchange),
                scope=_scope(parts.cache_scope, exchange.principal),
                labels=_said(exchange),
            )
        except JSONEncodeError:
            raise unwritable() from None
        if exchange.directives.no_cache:
            return None
        entry = await cache.get(exchange.cache_key)
        if entry is None:
            return None
        age = cache.age(entry)
        if not exchange.directives.accepts(age):
            return None
        masking = None
        if entry.masked:
            masking = await masking_of(parts, exchange)
            if masking is None or entry.masked != self._mark(exchange, masking):
                return None
        if exchange.tab is not None:
            await admit_hit(parts, exchange, exchange.tab, entry)
        return hit(parts, exchange, entry, age, masking)

    def _mark(self, exchange: Exchange, masking: MaskedBody) -> str:
        """Tells one masked form of a question from another: what its placeholders stand for follows from the two."""
        parts = self.parts
        scope = _scope(parts.cache_scope, exchange.principal)
        return parts.cache_keys.key(masking.body, route=_question(exchange), scope=scope, labels=_said(exchange))

    def _may_wait(self, exchange: Exchange, decision: Decision) -> bool:
        """Whether there may be signs of life before there is an answer."""
        if not self.parts.keep_alive.seconds:
            return False
        targets = self.parts.targets[exchange.route.name]
        return any(targets[name].zone == LOCAL_ZONE for name in decision.candidates)

    def _answered(self, exchange: Exchange, decision: Decision) -> Awaitable[Reply]:
        if self.parts.cascades and (plan := applies(self.parts, exchange, decision)) is not None:
            return cascade(self, exchange, decision, plan)
        return self.attempts(exchange, decision)

    async def attempts(self, exchange: Exchange, decision: Decision) -> Reply:
        """The answer of the first candidate that has one."""
        refused: GatewayError | None = None
        last: GatewayError | None = None
        beyond: Beyond | None = None
        targets = self.parts.targets[exchange.route.name]
        if not decision.candidates:
            decline(self.parts, exchange, "no_deployment")
        try:
            for name in decision.candidates:
                if beyond is not None and beyond.at_home and targets[name].zone != LOCAL_ZONE:
                    continue
                attempt = Attempt(self.parts, exchange, targets[name])
                exchange.receipt.deployment, exchange.receipt.zone = attempt.target.name, attempt.target.zone
                try:
                    return await self.attempt(exchange, attempt)
                except RequestRefused as refusal:
                    refused = refusal.error  # every other would say the same, unless it was a placeholder's fault
                    if attempt.masking is None or not attempt.masking.values:
                        break
                except (UpstreamFailed, TooManyRequests) as error:
                    last = error
                except Beyond as refusal:
                    beyond = refusal
                    passed_over(self.parts, exchange, beyond.budget)
            raise refused or _none_could(exchange, decision, last, beyond)
        finally:
            refused = last = beyond = None  # a traceback holds this frame: nothing would free it but the collector

    async def attempt(self, exchange: Exchange, attempt: Attempt, look: Look | None = None) -> Reply:
        """One deployment's answer. Raises `Escalation` where `look` finds that it will not do, `Beyond` where a budget
        does not let this one be asked."""
        call, target = exchange.call, attempt.target
        more = None if look is None else look.more
        written, longest = writing(call, target, self.parts.longest.get(exchange.route.name), more)
        permit, body = await attempt.begin(written, longest=longest)
        if look is not None:
            look.begun()
        engine = self.parts.engines[target.engine]
        answer: Answer | None = None
        is_read_on = False  # as the client takes it
        try:
            answer = await engine.send(permit, call.endpoint.path, body, streamed=call.streamed)
            if answer.status != 200:
                raise await failure_of(answer)
            if look is not None:
                answer = look.through(answer)
            reply = await self._reply(exchange, attempt, answer, look)
            is_read_on = reply.stream is not None and not isinstance(reply.stream, FrameStream)
        except Escalation as escalation:  # no end: it may have to do after all
            is_read_on = escalation.is_streamed
            raise
        except RequestRefused as refusal:
            attempt.refused(status=refusal.error.status)
            raise
        except (UpstreamFailed, TooManyRequests) as error:
            attempt.failed(error)
            raise
        except GatewayError as error:  # it was not sent, or could not be written down: not the deployment's fault
            attempt.refused(status=error.status)
            raise
        except BaseException:  # the client left, or the process is ending: the books are closed all the same
            attempt.abandoned()
            raise
        finally:
            if answer is not None and not is_read_on:
                answer.close()
        return reply

    async def _reply(self, exchange: Exchange, attempt: Attempt, answer: Answer, look: Look | None) -> Reply:
        call = exchange.call
        if call.streamed and "json" not in answer.content_type:
            stream = LiveStream(attempt, exchange, answer, self._cache_fill(exchange, attempt))
            if look is not None:
                await look.at_stream(stream, partial(self._streamed, exchange, attempt, stream))
            await stream.prime()
            return self._streamed(exchange, attempt, stream)
        body, said = await read_whole(attempt, answer, call)
        give = partial(self._whole, exchange, attempt, body, said)
        if look is not None:
            await look.at_whole(said, partial(give, None))
        return give(self._cache_fill(exchange, attempt))

    def _streamed(self, exchange: Exchange, attempt: Attempt, stream: LiveStream) -> Reply:
        shown = stream if (masking := _masks(attempt)) is None else RestoredStream(stream, masking)
        return Reply(200, [*STREAMED, *exchange.receipt.headers()], stream=shown)

    def _whole(
        self, exchange: Exchange, attempt: Attempt, body: bytes, said: dict[str, object], fill: Complete | None
    ) -> Reply:
        call, receipt = exchange.call, exchange.receipt
        usage = usage_in(said, exchange)
        receipt.cost = exchange.charged(attempt.settle("ok", usage))
        body = with_usage(body, usage, call)
        if fill is not None and call.endpoint.is_complete(said):
            fill(body, usage)
        if (masking := _masks(attempt)) is not None:
            body = restored_answer(body, masking)
        if call.streamed:  # a server that does not stream: the client still gets the stream it asked for
            frames = frames_of(exchange, body)
            return Reply(200, [*STREAMED, *receipt.headers()], stream=FrameStream(frames))
        return Reply(200, [(b"content-type", JSON), *receipt.headers()], body)

    def _over(self, exchange: Exchange) -> None:
        """Counts a request whose answer is out, or that got none."""
        if exchange.tab is not None:
            exchange.tab.over()
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

    def _cache_fill(self, exchange: Exchange, attempt: Attempt) -> Complete | None:
        """What is told of a complete answer: the cache, and shadow evaluation where it is drawn."""
        store, watch = self._stored(exchange, attempt), self.shadows.watching(exchange, attempt)
        if store is None or watch is None:
            return store or watch

        def fill(body: bytes, usage: Usage) -> None:
            store(body, usage)
            watch(body, usage)

        return fill

    def _stored(self, exchange: Exchange, attempt: Attempt) -> Complete | None:
        """What stores a complete answer, in the background; None where it may not be stored."""
        parts, key = self.parts, exchange.cache_key
        if parts.cache is None or key is None or exchange.directives.no_store:
            return None
        cache, target, clearance = parts.cache, attempt.target, str(exchange.receipt.clearance)
        masking = attempt.masking
        masked = "" if masking is None or not masking.values else self._mark(exchange, masking)

        def fill(body: bytes, usage: Usage) -> None:
            entry = Entry(
                body=body,
                stored_at=parts.clocks.wall(),
                deployment=target.name,
                zone=target.zone,
                model=target.model,
                clearance=clearance,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                cached_tokens=usage.cached_tokens,
                estimated=usage.estimated,
                masked=masked,
            )
            parts.background.start(cache.put(key, entry))

        return fill


def _masks(attempt: Attempt) -> MaskedBody | None:
    """What has to be brought back into the answer, if there is anything."""
    masking = attempt.masking
    return masking if masking is not None and masking.values else None


def _none_could(
    exchange: Exchange, decision: Decision, last: GatewayError | None, beyond: Beyond | None
) -> GatewayError:
    exchange.receipt.deployment = exchange.receipt.zone = exchange.receipt.masked = ""
    if last is None and beyond is not None:
        return beyond.error
    if last is None:
        return NoDeployment("No model that may see this content is available. It was not sent anywhere.")
    clearance = decision.clearance
    if (clearance.is_local or (clearance.masked and decision.masking is None)) and not isinstance(
        last, TooManyRequests
    ):
        none = NoDeployment(
            "Only a local model may answer this content, and none could. It was not sent anywhere else."
        )
        none.__cause__ = last
        return none
    return last


def _question(exchange: Exchange) -> str:
    """What is asked of whom. No route's name has a blank in it, so endpoints cannot answer for one another."""
    endpoint, name = exchange.call.endpoint, exchange.route.name
    return name if endpoint is CHAT else f"{endpoint.path} {name}"


def _said(exchange: Exchange) -> str:
    """All that may make the decision another one, but for the hour and what is up: two requests that differ in it share
    no answer."""
    principal, labels, knob = exchange.principal, exchange.asker.labels, exchange.knob
    asked = "" if knob is None or knob.by != "caller" else f"dial {knob.dial}"  # the route's own is in the version
    said = [str(exchange.narrowed)]
    if principal.mark or labels or asked:
        said += [principal.mark, asked, *sorted(labels)]
    if exchange.route.rules:
        said += told(exchange.route.rules, exchange.asker, exchange.tags)
    return "\n".join(said)


def _scope(scope: str, principal: Principal) -> str:
    """Who shares an entry. Framed, so that no key can be named like another's team; and of those who have had a name
    one after the other, each has their own."""
    if scope == "global":
        return "global"
    if scope == "team" and principal.team is not None:
        return f"team:{principal.team}:{principal.team_origin}"
    return f"key:{principal.name}:{principal.origin}"
