"""Alike: whether a question that means the same was answered before, for someone who may share the answer.

Its place is after the decision and before any attempt, on routes that ask for it. So it is known by then that nothing
sensitive was found in the question: what was found in is neither kept here nor looked for.
"""

from __future__ import annotations

from typing import Final

from gateway.cache.semantic.cache import Given, Likeness, SemanticCache
from gateway.cache.semantic.plan import SemanticPlan
from gateway.cache.semantic.question import question_of
from gateway.cache.semantic.reading import read
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import admit_hit, hit
from gateway.pipeline.keeping import is_sensitive
from gateway.pipeline.parts import Parts
from gateway.pipeline.recall import Recall
from gateway.stores.neighbours import Neighbour
from gateway.wire.endpoint import CHAT
from gateway.wire.http import Reply
from router.decision import Decision

_LARGEST: Final = 16 * 1024  # bytes of a body; a question in a longer one is hardly ever asked twice


class Alike:
    """The semantic cache on the way of a request."""

    __slots__ = ("_parts", "_recall")

    def __init__(self, parts: Parts, recall: Recall) -> None:
        self._parts = parts
        self._recall = recall

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
        call, cache_plan = exchange.call, self._parts.cache_plans.get(exchange.route.name)
        if exchange.cache_key is None or cache_plan is None or call.endpoint is not CHAT or call.size > _LARGEST:
            return None
        if is_sensitive(decision, masked=False) or not decision.candidates or not semantic.permits(decision.clearance):
            return None
        question = question_of(call.body, plan.longest)
        reading = None if question is None else read(question.text)
        if question is None or reading is None:
            return None
        went = "large" if decision.candidates[0] in exchange.route.large else "small"
        scope = self._recall.key_of(exchange, cache_plan, {"went": went, "rest": question.rest})
        return Likeness(scope, question.text, reading, plan)

    async def _given(
        self, semantic: SemanticCache, likeness: Likeness, exchange: Exchange, near: Neighbour
    ) -> Reply | None:
        """The answer to that question, if it is still there and as young as the client wants it."""
        parts, principal, route = self._parts, exchange.principal, exchange.route.name
        cache, ttl = parts.cache, parts.cache_plans[route].ttl
        if cache is None:
            return None
        entry = await cache.get(near.name, within=ttl, sealed=False)
        if entry is None or entry.masked:
            parts.background.start(semantic.forget(likeness.scope, near))
            return None
        age = cache.age(entry)
        if not exchange.directives.accepts(age, ttl):
            return None
        exchange.decision = None  # it is not carried out
        if exchange.tab is not None:
            await admit_hit(parts, exchange, exchange.tab, entry)
        exchange.receipt.similarity = near.similarity
        note = Given(route, principal.name, principal.team, likeness.scope, near.name, near.value)
        parts.background.start(semantic.note(exchange.call.request_id, note, ttl))
        parts.metrics.likened(route, "hit")
        if exchange.flight is not None and parts.flights is not None:  # who asks the same meanwhile is given the same
            exchange.flight.similarity = near.similarity
            exchange.flight.land(entry)
            parts.flights.over(exchange.flight)
        return hit(parts, exchange, entry, age)
