"""Arranging: a decision says which class answers; who of that class is asked first follows from how they stand now."""

from __future__ import annotations

from typing import Final

from gateway.accounting.usage import CHARACTERS_PER_TOKEN, Usage
from gateway.egress.ordering import Standing, arranged, groups
from gateway.egress.sessions import Kept, home_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.pool_plan import PoolPlan
from router.decision import Decision

_ALONE: Final = (0, 1)  # priority and weight of who has no other in its class


def arrange(parts: Parts, exchange: Exchange, decision: Decision) -> Decision:
    """The decision with the deployments of each class in the order in which they are asked."""
    plan = parts.pools.get(exchange.route.name)
    if plan is None or len(decision.candidates) < 2:
        return decision
    standings = [_standing(parts, exchange, decision, plan, name) for name in decision.candidates]
    kept: Kept | None = None
    if plan.affinity:
        exchange.session = session = parts.sessions.name(
            exchange.principal.name, exchange.call.session, exchange.call.body
        )
        kept = None if session is None else parts.sessions.kept(session)
    ordered: list[str] = []
    for group in groups(standings):
        favourite = _favourite(exchange, plan, group, kept)
        first = arranged(group, plan.balance, parts.draw, favourite)
        if first[0].name == favourite and len(group) > 1:
            others = arranged(group, plan.balance, parts.draw)
            if _is_dearer(parts, exchange, kept, favourite, others[0].name):
                first = others
        ordered += [one.name for one in first]
    exchange.decision = decision = decision._replace(candidates=tuple(ordered))
    return decision


def _standing(parts: Parts, exchange: Exchange, decision: Decision, plan: PoolPlan, name: str) -> Standing:
    route, room = exchange.route, parts.rooms.get(name)
    priority, weight = plan.members.get(name, _ALONE)
    up = parts.fleet.view()[name].up
    place = (up, name in route.small, name in route.large, name if name == decision.lead else "")
    if room is None:
        return Standing(name, place, priority, weight)
    room.wanted()
    reading, wait = room.reading, room.wait_for(exchange.principal.name)
    if reading is not None and reading.is_full and not wait:
        wait = 1e-9  # the last of those that may be asked at once
    return Standing(name, place, priority, weight, room.busy, wait, reading is not None and not reading.is_warm)


def _favourite(exchange: Exchange, plan: PoolPlan, group: list[Standing], kept: Kept | None) -> str:
    """Who has the conversation; where nobody is known to, and the route spreads its requests, who is to have it."""
    if exchange.session is None or len(group) < 2:
        return ""
    if kept is not None and any(one.name == kept.deployment for one in group):
        return kept.deployment
    if plan.balance == "order":
        return ""
    first = min(one.priority for one in group)
    return home_of(exchange.session, [(one.name, one.weight) for one in group if one.priority == first])


def _is_dearer(parts: Parts, exchange: Exchange, kept: Kept | None, favourite: str, other: str) -> bool:
    """Whether the favourite costs more, though it has read most of the prompt already, than another that has not.

    Of an answer as long as the last one. Where nobody knows, it does not.
    """
    if favourite == other:
        return False
    prompt = exchange.characters // CHARACTERS_PER_TOKEN
    read, written = (0, 0) if kept is None else (min(kept.read, prompt), kept.written)
    at = parts.clocks.wall()
    own = parts.prices.cost(favourite, Usage(prompt, written, read), None, at=at)
    others = parts.prices.cost(other, Usage(prompt, written), None, at=at)
    return own is not None and others is not None and own > others
