"""Alike: whether a question that means the same was answered before, for someone who may share the answer.

Its place is after the decision and before any attempt, on routes that ask for it. So it is known by then that nothing
sensitive was found in the question: what was found in is neither kept here nor looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.cache.semantic.cache import Given, Likeness, SemanticCache
from gateway.cache.semantic.plan import SemanticPlan
from gateway.cache.semantic.question import question_of
from gateway.cache.semantic.reading import read
from gateway.pipeline.asked import asked_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import admit_hit, hit
from gateway.pipeline.parts import Parts
from gateway.stores.neighbours import Neighbour
from gateway.wire.endpoint import CHAT
from gateway.wire.http import Reply
from router.decision import Decision

_LARGEST: Final = 16 * 1024  # bytes of a body; a question in a longer one is hardly ever asked twice


class Alike:
    """The semantic cache on the way of a request."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look_up(self, exchange: Exchange, decision: Decision) -> Reply | None:
        """The answer to another question, or None. From then on the exchange knows what its question is like."""
        semantic = self._parts.semantic
        plan = None if semantic is None else semantic.plans.get(exchange.route.name)
        if semantic is None or plan is None:
            return None
        likeness = exchange.likeness = self._likeness(semantic, plan, exchange, decision)
        if likeness is None or exchange.directives.no_cache:
            return None
        search = await semantic.search(likeness)
        for near in search.found:
            reply = await self._given(semantic, likeness, exchange, near)
            if reply is not None:
                return reply
        outcome = "gone" if search.found else search.outcome
        self._parts.metrics.likened(exchange.route.name, outcome, search.objection)
        return None

    def _likeness(
        self, semantic: SemanticCache, plan: SemanticPlan, exchange: Exchange, decision: Decision
    ) -> Likeness | None:
        """None where nothing may be found for it, nor kept of it."""
        call, key = exchange.call, exchange.cache_key
        if key is None or decision.findings or not decision.candidates or call.endpoint is not CHAT:
            return None
        if call.size > _LARGEST or not semantic.permits(decision.clearance):
            return None
        question = question_of(call.body, plan.longest)
        reading = None if question is None else read(question.text)
        if question is None or reading is None:
            return None
        asked = asked_of(self._parts, exchange)
        if asked is None:
            return None
        went = "large" if decision.candidates[0] in exchange.route.large else "small"
        scope = self._parts.cache_keys.key(
            question.rest,
            route=f"semantic {asked.route}",
            scope=asked.scope,
            labels="\n".join((asked.labels, str(decision.clearance), went)),
        )
        return Likeness(scope, question.text, reading, plan)

    async def _given(
        self, semantic: SemanticCache, likeness: Likeness, exchange: Exchange, near: Neighbour
    ) -> Reply | None:
        """The answer to that question, if it is still there and as young as the client wants it."""
        parts, principal, route = self._parts, exchange.principal, exchange.route.name
        plan = parts.cache_plans[route]
        entry = None if parts.cache is None else await parts.cache.get(near.name, within=plan.ttl)
        if parts.cache is None or entry is None or entry.masked:
            parts.background.start(semantic.forget(likeness.scope, near))
            return None
        age = parts.cache.age(entry)
        if not exchange.directives.accepts(age):
            return None
        if exchange.tab is not None:
            await admit_hit(parts, exchange, exchange.tab, entry)
        exchange.receipt.similarity = near.similarity
        note = Given(route, principal.name, principal.team, likeness.scope, near.name)
        parts.background.start(semantic.note(exchange.call.request_id, note))
        parts.metrics.likened(route, "hit")
        return hit(parts, exchange, entry, age)


def says_something(body: bytes) -> bool:
    """Whether an answer is one that another question may have too: one text that came to its end, no call of a tool."""
    try:
        completion = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    choices = completion.get("choices") if isinstance(completion, dict) else None
    return isinstance(choices, list) and bool(choices) and all(map(_is_text, choices))


def _is_text(choice: Any) -> bool:
    if not isinstance(choice, Mapping) or choice.get("finish_reason") != "stop":
        return False
    message = choice.get("message")
    if not isinstance(message, Mapping) or message.get("tool_calls") or message.get("refusal"):
        return False
    content = message.get("content")
    return isinstance(content, str) and bool(content.strip())
