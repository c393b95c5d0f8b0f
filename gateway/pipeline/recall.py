"""Recall: whether the same was asked before by someone who may share the answer; and what keeps this one."""

from __future__ import annotations

from collections.abc import Awaitable

from orjson import JSONEncodeError

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.cache.control import directives
from gateway.cache.entry import Entry
from gateway.cache.flight import Flight
from gateway.config.cache import Sharing
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import masking_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import admit_hit, hit
from gateway.pipeline.live import Complete
from gateway.pipeline.parts import Parts
from gateway.wire.endpoint import CHAT
from gateway.wire.http import Reply
from gateway.wire.json import unwritable
from router.masking.proof import MaskedBody
from router.routing_rules import told


class OtherForm(Exception):
    """The answer has placeholders, and this request was masked in another way."""


class Recall:
    """The exact cache on the way of a request."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look_up(self, exchange: Exchange) -> Reply | None:
        """The answer that was kept, or None. From then on the exchange knows its key."""
        parts, call = self._parts, exchange.call
        cache, plan = parts.cache, parts.cache_plans.get(exchange.route.name)
        if cache is None or plan is None:
            return None
        exchange.directives = directives(call.cache_control)
        exchange.cache_use = "bypass" if exchange.directives.no_cache else "miss"
        exchange.receipt.cache = exchange.cache_use
        try:
            exchange.cache_key = parts.cache_keys.key(
                call.body,
                route=_question(exchange),
                scope=_scope(plan.scope, exchange.principal),
                labels=_said(exchange),
            )
        except JSONEncodeError:
            raise unwritable() from None
        if exchange.directives.no_cache:
            return None
        look = exchange.look = None if parts.formation is None else parts.formation.look()
        entry = await cache.get(exchange.cache_key, within=plan.ttl, read=None if look is None else look.read)
        if entry is None:
            return None
        age = cache.age(entry)
        if not exchange.directives.accepts(age):
            return None
        try:
            return await self.give(exchange, entry, age)
        except OtherForm:
            return None

    async def give(self, exchange: Exchange, entry: Entry, age: float) -> Reply:
        """The entry as an answer to this request. Raises `OtherForm`, and `LimitReached`."""
        parts = self._parts
        masking = await self.masking(exchange, entry)
        if exchange.tab is not None:
            await admit_hit(parts, exchange, exchange.tab, entry)
        return hit(parts, exchange, entry, age, masking)

    async def masking(self, exchange: Exchange, entry: Entry) -> MaskedBody | None:
        """What the entry's placeholders stand for in this request. Raises `OtherForm`."""
        if not entry.masked:
            return None
        masking = await masking_of(self._parts, exchange)
        if masking is None or entry.masked != self.mark(exchange, masking):
            raise OtherForm
        return masking

    def mark(self, exchange: Exchange, masking: MaskedBody | None) -> str:
        """Tells one masked form of a question from another: what its placeholders stand for follows from the two.
        Empty where there are none."""
        if masking is None or not masking.values:
            return ""
        parts = self._parts
        scope = _scope(parts.cache_plans[exchange.route.name].scope, exchange.principal)
        return parts.cache_keys.key(masking.body, route=_question(exchange), scope=scope, labels=_said(exchange))

    def keeper(self, exchange: Exchange, attempt: Attempt) -> Complete | None:
        """What stores a complete answer, in the background; None where it may not be stored."""
        parts, key = self._parts, exchange.cache_key
        plan = parts.cache_plans.get(exchange.route.name)
        if parts.cache is None or plan is None or key is None or exchange.directives.no_store:
            return None
        cache, target, clearance = parts.cache, attempt.target, str(exchange.receipt.clearance)
        masked = self.mark(exchange, attempt.masking)

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
            flight = exchange.flight
            if flight is not None:
                flight.land(entry)
            parts.background.start(_kept(parts, flight, cache.put(key, entry, keep=plan.ttl)))

        return fill


async def _kept(parts: Parts, flight: Flight | None, work: Awaitable[bool]) -> None:
    """Who asks the same until then boards, and is given what has landed."""
    try:
        await work
    finally:
        if flight is not None and parts.flights is not None:
            parts.flights.over(flight)


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


def _scope(scope: Sharing, principal: Principal) -> str:
    """Who shares an entry. Framed, so that no key can be named like another's team; and of those who have had a name
    one after the other, each has their own."""
    if scope == "global":
        return "global"
    if scope == "team" and principal.team is not None:
        return f"team:{principal.team}:{principal.team_origin}"
    return f"key:{principal.name}:{principal.origin}"
