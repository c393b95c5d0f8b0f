"""Attempts: the deployments of a decision are asked one after the other, until one has an answer."""

from __future__ import annotations

import asyncio
from functools import partial

from gateway.accounting.usage import Usage
from gateway.egress.engine import Answer
from gateway.egress.room import NoRoom
from gateway.masking.answer import restored_answer
from gateway.masking.stream import RestoredStream
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.books import decline
from gateway.pipeline.bound import writing
from gateway.pipeline.candidates import Candidates
from gateway.pipeline.cascade import Escalation, Look
from gateway.pipeline.closing import closing
from gateway.pipeline.decide import passed_over
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused, failure_of
from gateway.pipeline.hedge import Opened, Sent, hedged
from gateway.pipeline.hit import FrameStream, frames_of
from gateway.pipeline.live import Complete, LiveStream
from gateway.pipeline.parts import Parts
from gateway.pipeline.recall import Recall
from gateway.pipeline.shadow import Shadows
from gateway.pipeline.tab import Beyond
from gateway.pipeline.whole import read_whole, usage_in, with_usage
from gateway.wire.errors import GatewayError, NoDeployment, TooManyRequests, UpstreamFailed
from gateway.wire.http import JSON, STREAMED, Reply
from router.clearance import LOCAL_ZONE
from router.decision import Decision
from router.masking.proof import MaskedBody


class Attempts:
    """A `Way` of the cascade. What comes of an answer is told to `recall` and to `shadows`."""

    __slots__ = ("_recall", "_shadows", "parts")

    def __init__(self, parts: Parts, recall: Recall, shadows: Shadows) -> None:
        self.parts = parts
        self._recall = recall
        self._shadows = shadows

    async def attempts(self, exchange: Exchange, decision: Decision) -> Reply:
        """The answer of the first candidate that has one."""
        refused: GatewayError | None = None
        last: GatewayError | None = None
        beyond: Beyond | None = None
        targets = self.parts.targets[exchange.route.name]
        candidates = Candidates(self.parts, exchange.route, decision.candidates)
        try:
            while (name := candidates.next()) is not None:
                target = targets[name]
                if candidates.wait:
                    await asyncio.sleep(candidates.wait)
                if beyond is not None and beyond.at_home and target.zone != LOCAL_ZONE:
                    continue
                exchange.receipt.deployment, exchange.receipt.zone = target.name, target.zone
                attempt = Attempt(self.parts, exchange, target)
                try:
                    return await self.attempt(exchange, attempt, candidates=candidates)
                except RequestRefused as refusal:
                    refused = refusal.error  # every other would say the same, unless it was a placeholder's fault
                    if attempt.masking is None or not attempt.masking.values:
                        break
                except (UpstreamFailed, TooManyRequests) as error:
                    last = error
                    candidates.failed(target, error)
                except NoRoom as full:
                    last = full
                except Beyond as refusal:
                    beyond = refusal
                    passed_over(self.parts, exchange, beyond.budget)
            if not exchange.attempts:
                decline(self.parts, exchange, "no_deployment")
            raise refused or _none_could(exchange, decision, last, beyond, candidates.left_alone)
        finally:
            refused = last = beyond = None  # a traceback holds this frame: nothing would free it but the collector

    async def attempt(
        self, exchange: Exchange, attempt: Attempt, look: Look | None = None, candidates: Candidates | None = None
    ) -> Reply:
        """One deployment's answer, or that of another one of `candidates` which is asked besides where this one keeps
        silent. Raises `Escalation` where `look` finds that it will not do, `Beyond` where a budget does not let this
        one be asked."""
        sent = await self.begun(exchange, attempt, look)
        parts, after = self.parts, None
        if candidates is not None and parts.hedging.wanted:
            after = parts.hedging.after(exchange.route.name, attempt.target.name, streamed=exchange.call.streamed)
        if candidates is None or after is None:
            opened = await self.opened(exchange, attempt, sent, look)
        else:
            opened = await hedged(self, exchange, attempt, sent, candidates, after)
        return self._given(exchange, opened, look)

    async def begun(self, exchange: Exchange, attempt: Attempt, look: Look | None = None) -> Sent:
        """Its books are begun, and it may be sent. Raises as `Attempt.begin` does."""
        more = None if look is None else look.more
        longest = self.parts.longest.get(exchange.route.name)
        written, longest = writing(exchange.call, attempt.target, longest, more)
        sent = await attempt.begin(written, longest=longest)
        if look is not None:
            look.begun()
        return sent

    async def opened(self, exchange: Exchange, attempt: Attempt, sent: Sent, look: Look | None = None) -> Opened:
        """What has begun of its answer. Where nothing does, its books are closed."""
        call, engine = exchange.call, self.parts.engines[attempt.target.engine]
        permit, body = sent
        answer: Answer | None = None
        is_read_on = False  # as the client takes it
        try:
            with closing(attempt):
                answer = await engine.send(permit, call.endpoint.path, body, streamed=call.streamed)
                if answer.status != 200:
                    raise await failure_of(answer)
                if look is not None:
                    answer = look.through(answer)
                opened = await self._read(exchange, attempt, answer, look)
            is_read_on = opened.stream is not None
        except Escalation as escalation:  # no end: it may have to do after all
            is_read_on = escalation.is_streamed
            raise
        finally:
            if answer is not None and not is_read_on:
                answer.close()
        return opened

    async def _read(self, exchange: Exchange, attempt: Attempt, answer: Answer, look: Look | None) -> Opened:
        call = exchange.call
        if call.streamed and "json" not in answer.content_type:
            stream = LiveStream(attempt, exchange, answer, None)
            if look is not None:
                await look.at_stream(stream, partial(self._streamed, exchange, attempt, stream))
            await stream.prime()
            return Opened(attempt, stream, b"", {})
        body, said = await read_whole(attempt, answer, call)
        if look is not None:
            await look.at_whole(said, partial(self._whole, exchange, attempt, body, said, None))
        return Opened(attempt, None, body, said)

    def _given(self, exchange: Exchange, opened: Opened, look: Look | None) -> Reply:
        """To the client."""
        attempt, stream, receipt = opened.attempt, opened.stream, exchange.receipt
        receipt.deployment, receipt.zone = attempt.target.name, attempt.target.zone
        receipt.masked = "" if attempt.masking is None else attempt.masking.counts
        fill = self._cache_fill(exchange, attempt, look)
        if stream is None:
            with closing(attempt):
                return self._whole(exchange, attempt, opened.body, opened.said, fill)
        stream.complete_with(fill)
        return self._streamed(exchange, attempt, stream)

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

    def _cache_fill(self, exchange: Exchange, attempt: Attempt, look: Look | None) -> Complete | None:
        """What is told of a complete answer: the cache, and shadow evaluation where it is drawn."""
        parts = self.parts
        # Asked only where there is something to ask for.
        store = None if parts.cache is None else self._recall.keeper(exchange, attempt, looked_at=look is not None)
        watch = self._shadows.watching(exchange, attempt) if parts.shadows else None
        if store is None or watch is None:
            return store or watch

        def fill(body: bytes, usage: Usage) -> None:
            store(body, usage)
            watch(body, usage)

        return fill


def _masks(attempt: Attempt) -> MaskedBody | None:
    """What has to be brought back into the answer, if there is anything."""
    masking = attempt.masking
    return masking if masking is not None and masking.values else None


def _none_could(
    exchange: Exchange,
    decision: Decision,
    last: GatewayError | None,
    beyond: Beyond | None,
    left_alone: GatewayError | None,
) -> GatewayError:
    exchange.receipt.deployment = exchange.receipt.zone = exchange.receipt.masked = ""
    if last is None and beyond is not None:
        return beyond.error
    last = last or left_alone
    if last is None:
        return NoDeployment("No model that may see this content is available. It was not sent anywhere.")
    clearance = decision.clearance
    if (clearance.is_local or (clearance.masked and decision.masking is None)) and not isinstance(
        last, TooManyRequests | NoRoom
    ):
        none = NoDeployment(
            "Only a local model may answer this content, and none could. It was not sent anywhere else.",
            retry_after=last.retry_after,
        )
        none.__cause__ = last
        return none
    return last
