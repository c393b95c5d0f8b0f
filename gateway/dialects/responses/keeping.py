"""Keeping: what a request goes on with, and what is kept of its answer.

A response is kept before its client sees the end of it, so whoever has read it can go on with it, at any worker.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from gateway.access.principal import Principal
from gateway.conversations.kept import Kept
from gateway.conversations.store import ConversationStore, Outcome
from gateway.dialects.responses.events import Events
from gateway.dialects.responses.fields import Json
from gateway.dialects.responses.items import references_in, resolved, response_of
from gateway.dialects.translation import TranslatedStream
from gateway.pipeline.parts import Parts
from gateway.wire.errors import BadRequest, GatewayError, NotFound
from gateway.wire.http import EVENT_STREAM, Reply
from gateway.wire.sse import PING
from router.clearance import ANY, LOCAL, LOCAL_ZONE, Clearance
from router.content import content_of

_MOST_LOOKUPS = 16  # of responses, for one request; one is enough for a conversation that was kept all along
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """What a request goes on with: `before` are the items of the conversation so far, `given` those of the request
    with references resolved, and `clearance` is that of all that was looked up.
    """

    before: tuple[Json, ...]
    given: list[Json]
    clearance: Clearance


async def recall(store: ConversationStore | None, owner: str, previous: str | None, given: list[Json]) -> Past:
    """Raises `BadRequest` or `NotFound` for what is not there for this owner, `StateUnavailable` if nobody can tell."""
    before: tuple[Json, ...] = ()
    clearance = ANY
    known: dict[str, Json] = {}
    if previous is not None:
        kept = None if store is None else await store.find(previous, owner)
        if kept is None:
            raise BadRequest(
                f"Previous response with id '{previous[:100]}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
            )
        before, clearance = kept.conversation, kept.clearance
        known |= _by_id(before)
    lookups = 0
    for item_id in reversed(references_in(given)):  # the last one's response holds those before it
        if item_id in known or store is None:
            continue
        lookups += 1
        if lookups > _MOST_LOOKUPS:
            raise BadRequest("The input refers to too many responses: send the items.", param="input")
        kept = await store.find(response_of(item_id), owner)
        if kept is None:
            break
        clearance = clearance.join(kept.clearance)
        known |= _by_id(kept.conversation)
    return Past(before, resolved(given, known), clearance)


async def look_up(store: ConversationStore | None, owner: str, response_id: str) -> Kept:
    kept = None if store is None else await store.find(response_id, owner)
    if kept is None:
        raise not_there(response_id)
    return kept


def not_there(response_id: str) -> NotFound:
    return NotFound(f"Response with id '{response_id[:100]}' not found.")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps the answer of one request to `route`; `items` are all that the model was given."""

    parts: Parts
    store: ConversationStore
    principal: Principal
    route: str
    items: Sequence[Json]

    async def keep(self, response: Json, clearance: Clearance) -> None:
        """A response that could not be kept says so."""
        kept = Kept(response["id"], self.principal.name, clearance, response, tuple(self.items))
        outcome: Outcome = "forbidden"
        if self.store.zone == LOCAL_ZONE or await self._may_be_seen(kept):
            outcome = await self.store.keep(kept)
        self.parts.metrics.stored(outcome)
        if outcome != "kept":
            response["store"] = False
            _log.log(logging.WARNING if outcome == "failed" else logging.INFO, "a response was not stored: %s", outcome)

    async def _may_be_seen(self, kept: Kept) -> bool:
        """Outside the house goes only what was read whole: metadata and the answer itself, too."""
        router, route, asker = self.parts.router, self.parts.routes.get(self.route), self.principal.asker
        content = content_of({"input": [*kept.conversation], "metadata": kept.response["metadata"]})

        def read() -> Clearance:
            return router.judge(content, router.scanner.scan(content), route, asker).clearance

        try:
            clearance = await self.parts.large_prompts.run(read)
        except GatewayError:  # too many at once
            return False
        return clearance.permits(self.store.zone)


class KeptStream:
    """A `ByteStream` over the events of a response: the last one comes when the response is kept."""

    __slots__ = ("_clearance", "_events", "_is_told", "_keeping", "_stream", "ended")

    def __init__(self, stream: TranslatedStream, events: Events, keeping: Keeping | None, clearance: Clearance) -> None:
        self._stream = stream
        self._events = events
        self._keeping = keeping
        self._clearance = clearance
        self._is_told = False
        self.ended = False

    async def next(self) -> bytes:
        out = await self._stream.next()
        if self._events.is_answered and not self._is_told:
            if self._keeping is not None and self._events.final is not None:
                await self._keeping.keep(self._events.final, self._clearance)
            self._is_told = True
            out += self._events.completed()
        self.ended = self._stream.ended
        return out

    def broken_off(self, error: GatewayError) -> bytes:
        return self._stream.broken_off(error)

    def close(self) -> None:
        self._stream.close()


async def told(reply: Reply, events: Events, keeping: Keeping | None) -> Reply:
    """The pipeline's reply as a response, with its receipt."""
    clearance = LOCAL if reply.clearance is None else Clearance.parse(str(reply.clearance))
    if reply.stream is not None:
        headers = [field for field in reply.headers if field[0] != b"content-type"]
        stream = KeptStream(TranslatedStream(reply.stream, events, PING), events, keeping, clearance)
        return Reply(reply.status, [(b"content-type", EVENT_STREAM), *headers], stream=stream, over=reply.over)
    try:
        response = events.answered(orjson.loads(reply.body))
        if keeping is not None:
            await keeping.keep(response, clearance)
    except BaseException:  # the client left meanwhile
        if reply.over is not None:
            reply.over()
        raise
    return Reply(reply.status, reply.headers, orjson.dumps(response), over=reply.over)


def _by_id(items: Sequence[Json]) -> dict[str, Json]:
    return {item["id"]: item for item in items}
