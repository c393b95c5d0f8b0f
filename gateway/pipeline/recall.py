"""Recall: whether the same was asked before by someone who may share the answer; and what keeps this one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from orjson import JSONEncodeError

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.cache.control import CacheDirectives, directives
from gateway.cache.entry import Entry
from gateway.cache.flight import Flight
from gateway.cache.purges import names_of
from gateway.config.cache import Sharing
from gateway.config.cacheplans import CachePlan
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import masking_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import admit_hit, hit
from gateway.pipeline.keeping import class_kept, is_sensitive
from gateway.pipeline.live import Complete
from gateway.pipeline.parts import Parts
from gateway.pipeline.waiting import announced
from gateway.wire.errors import NotCached, TooManyRequests, Unavailable, UpstreamFailed
from gateway.wire.http import Reply
from gateway.wire.json import unwritable
from router.masking.proof import MaskedBody
from router.routing_rules import told


class NotForThis(Exception):
    """The answer has placeholders, and this request was masked in another way; or it was purged."""


class Recall:
    """The exact cache on the way of a request."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look_up(self, exchange: Exchange) -> Reply | None:
        """The answer that was kept, or None. From then on the exchange knows its key, and an answer that is too old but
        may be given instead of an error. Raises `NotCached` where the caller wants no other.
        """
        parts, call = self._parts, exchange.call
        cache, plan = parts.cache, parts.cache_plans.get(exchange.route.name)
        wants = exchange.directives = directives(call.cache_control)
        if cache is None or plan is None:
            _refuse_others(wants)
            return None
        exchange.cache_use = "bypass" if wants.no_cache else "miss"
        exchange.receipt.cache = exchange.cache_use
        exchange.era = cache.era
        try:
            key = exchange.cache_key = self.key_of(exchange, plan, call.body)
        except JSONEncodeError:
            raise unwritable() from None
        if not wants.no_cache:
            look = exchange.look = parts.formation.look() if parts.formation is not None and wants.shares else None
            within, read = plan.ttl + plan.stale, None if look is None else look.read
            entry = await cache.get(key, within=within, sealed=plan.keeps_sensitive, read=read)
            if entry is not None:
                age = cache.age(entry)
                if wants.accepts(age, plan.ttl):
                    reply = await self._given(exchange, plan, entry, age)
                    if reply is not None:
                        return reply
                elif wants.accepts_instead(age, plan.ttl):
                    exchange.spare = entry
        _refuse_others(wants)
        return None

    async def or_stale(self, exchange: Exchange, attempts: Awaitable[Reply]) -> Reply:
        """What the attempts come to; where no deployment could answer, the answer that is too old."""
        try:
            return await attempts
        except (Unavailable, UpstreamFailed, TooManyRequests):
            reply = await self.stale(exchange)
            if reply is None:
                raise
            return announced(exchange, reply)

    async def stale(self, exchange: Exchange) -> Reply | None:
        """The answer that is too old, where there is one and it is better than none."""
        parts = self._parts
        entry, plan = exchange.spare, parts.cache_plans.get(exchange.route.name)
        if entry is None or plan is None or parts.cache is None:
            return None
        exchange.spare = None
        return await self._given(exchange, plan, entry, parts.cache.age(entry), is_spare=True)

    async def _given(
        self, exchange: Exchange, plan: CachePlan, entry: Entry, age: float, *, is_spare: bool = False
    ) -> Reply | None:
        """The answer, counted; None where it is to another masked form of the question."""
        try:
            return await self.give(exchange, entry, age, is_stale=is_spare or age >= plan.ttl)
        except NotForThis:
            return None

    async def give(self, exchange: Exchange, entry: Entry, age: float, *, is_stale: bool = False) -> Reply:
        """The entry as an answer to this request, counted. Raises `NotForThis`, and `LimitReached`."""
        parts = self._parts
        masking = await self.masking(exchange, entry)
        if exchange.tab is not None:
            await admit_hit(parts, exchange, exchange.tab, entry)
        return hit(parts, exchange, entry, age, masking, is_stale=is_stale)

    async def masking(self, exchange: Exchange, entry: Entry) -> MaskedBody | None:
        """What the entry's placeholders stand for in this request. Raises `NotForThis`."""
        if not entry.masked:
            return None
        masking = await masking_of(self._parts, exchange)
        if masking is None or entry.masked != self.mark(exchange, masking):
            raise NotForThis
        return masking

    def refuse_purged(self, entry: Entry) -> None:
        """Of an answer that is on its way: was it asked for before a purge that concerns it? Raises `NotForThis`."""
        purges = None if self._parts.cache is None else self._parts.cache.purges
        if purges is not None and purges.concern(entry.era, entry.names):
            raise NotForThis

    def age(self, exchange: Exchange, entry: Entry) -> float:
        """Of an answer that another was given from the cache. Raises `NotForThis` where it is too old for this one."""
        cache, plan = self._parts.cache, self._parts.cache_plans[exchange.route.name]
        age = 0.0 if cache is None else cache.age(entry)
        if not exchange.directives.accepts(age, plan.ttl):
            raise NotForThis
        return age

    def mark(self, exchange: Exchange, masking: MaskedBody | None) -> str:
        """Tells one masked form of a question from another; empty where nothing is masked."""
        if masking is None or not masking.values:
            return ""
        return self.key_of(exchange, self._parts.cache_plans[exchange.route.name], masking.body)

    def key_of(self, exchange: Exchange, plan: CachePlan, body: Mapping[str, object]) -> str:
        """What an answer to `body` is kept under. Of a masked form, it tells that one from others: what its
        placeholders stand for follows from the two. Raises `JSONEncodeError`."""
        return self._parts.cache_keys.key(
            body, route=_question(exchange, plan), scope=_scope(plan.scope, exchange.principal), labels=_said(exchange)
        )

    def keeper(self, exchange: Exchange, attempt: Attempt, *, looked_at: bool) -> Complete | None:
        """What hands on a complete answer to those who wait for it, and stores it in the background; None where there
        is nobody and it may not be stored. `looked_at`: a cascade has found it good enough, or will."""
        parts, key, flight = self._parts, exchange.cache_key, exchange.flight
        plan = parts.cache_plans.get(exchange.route.name)
        cache = parts.cache
        if cache is None or plan is None or key is None or exchange.directives.no_store:
            return None
        masked = self.mark(exchange, attempt.masking)
        chosen, sealed = self._stored(exchange, attempt, plan, masked, looked_at=looked_at)
        if chosen is None and flight is None:
            return None

        def fill(body: bytes, usage: Usage) -> None:
            entry = entry_of(exchange, attempt, parts.clocks.wall(), body, usage, masked, chosen or "")
            if flight is not None:
                flight.land(entry)
            if chosen is not None:
                work = cache.put(key, entry, keep=plan.ttl + plan.stale, sealed=sealed)
                put = parts.background.start(_kept(parts, flight, work))
                if parts.semantic is not None and exchange.likeness is not None and not sealed and not masked:
                    parts.background.start(parts.semantic.keep(put, exchange.likeness, key, body, plan.ttl))
            elif flight is not None and parts.flights is not None:
                parts.flights.over(flight)

        return fill

    def _stored(
        self, exchange: Exchange, attempt: Attempt, plan: CachePlan, masked: str, *, looked_at: bool
    ) -> tuple[str | None, bool]:
        """The class that was chosen, None where the answer may not be stored; and whether it is then encrypted."""
        decision, target = exchange.decision, attempt.target
        if decision is None:
            return None, False
        sealed = is_sensitive(decision, masked=bool(masked))
        if sealed and not plan.keeps_sensitive:
            return None, sealed
        targets = self._parts.targets[exchange.route.name]
        return class_kept(exchange, target.name, targets, looked_at=looked_at), sealed


def entry_of(
    exchange: Exchange, attempt: Attempt, at: float, body: bytes, usage: Usage, masked: str, chosen: str = ""
) -> Entry:
    """What an answer is kept as, and given to those who wait for it."""
    principal, target = exchange.principal, attempt.target
    return Entry(
        body=body,
        stored_at=at,
        deployment=target.name,
        zone=target.zone,
        model=target.model,
        clearance=str(exchange.receipt.clearance),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        estimated=usage.estimated,
        masked=masked,
        chosen=chosen,
        names=names_of(exchange.route.name, principal.name, principal.team, exchange.tags),
        era=exchange.era,
    )


async def _kept(parts: Parts, flight: Flight | None, work: Coroutine[Any, Any, bool]) -> bool:
    """What `work` gives. Who asks the same until then boards, and is given what has landed."""
    if flight is None or parts.flights is None:
        return await work
    try:
        if flight.lease and parts.formation is not None:
            storing = asyncio.get_running_loop().create_task(work)
            await asyncio.sleep(0)  # it was asked for by then: the end of the lease goes in the same write, behind it
            parts.formation.release(flight)
            return await storing
        return await work
    finally:
        parts.flights.over(flight)


def _refuse_others(wants: CacheDirectives) -> None:
    if wants.only_if_cached:
        raise NotCached("Nothing is cached that would do. It was not sent anywhere: `only-if-cached` says so.")


def _question(exchange: Exchange, plan: CachePlan) -> str:
    """What is asked of whom. No route's name has a line break in it, so endpoints cannot answer for one another; nor
    can classes of other deployments, or between which something else chooses."""
    return f"{exchange.route.name}\n{exchange.call.endpoint.path}\n{plan.classes}"


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
