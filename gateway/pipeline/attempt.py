"""An attempt: one call to one deployment. Written down before it starts, settled exactly once however it ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.money import EXACT
from gateway.accounting.record import Declined, Intent, Outcome, Role, Settlement
from gateway.accounting.sharing import Share, Stay
from gateway.accounting.usage import CHARACTERS_PER_TOKEN, Usage
from gateway.egress.engine import Unreachable
from gateway.egress.guard import LocalityRefused, Permit
from gateway.egress.room import Room
from gateway.egress.target import Target
from gateway.pipeline.books import intent_of, write_down
from gateway.pipeline.bound import bound_of, most_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.tab import Tab
from gateway.quota.ask import Held
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamRefused, UpstreamTimedOut
from router.clearance import LOCAL_ZONE
from router.masking.proof import MaskedBody

NOTHING: Final = Decimal(0)
_MICROSECOND: Final = Decimal("0.000001")  # seconds
_WORTH_SAYING: Final = 0.001  # seconds of waiting


Written = Callable[[Mapping[str, object]], bytes]
"""From the body that the target may see to the one that is sent."""


class Attempt:
    """The books of one attempt. `begin` asks the guard, holds money and writes the intent; nothing may be sent before.

    `role` is what it is for. Only what answers the client saves anything; all others cost what they cost.
    """

    __slots__ = (
        "_exchange",
        "_first_token",
        "_held",
        "_intent",
        "_parts",
        "_room",
        "_settled",
        "_started",
        "_stay",
        "_unwritten",
        "cost",
        "id",
        "masking",
        "role",
        "target",
    )

    def __init__(self, parts: Parts, exchange: Exchange, target: Target, role: Role = "answer") -> None:
        self._parts = parts
        self.role: Role = role
        self._exchange = exchange
        self._started = parts.clocks.steady()
        self._first_token: float | None = None
        self._settled = False
        self._intent: Intent | None = None
        self._held: Held | None = None  # of limits and budgets
        self._room: Room | None = None  # where it has a seat
        self._unwritten: Settlement | None = None  # the journal did not take it
        self._stay: Stay | None = None  # at the machine, where the target costs by the time
        self.cost: Decimal | None = NOTHING  # dollars so far; None: not known, or not yet
        self.target = target
        self.id = exchange.next_attempt_id()
        self.masking: MaskedBody | None = None  # what is sent instead of the client's own words

    async def begin(self, written: Written, *, longest: int | None = None) -> tuple[Permit, bytes]:
        """The permit, and the body that is sent. `longest`: the longest answer in tokens that `written` asks for, where
        that is not what the call asks for.

        Raises `LocalityRefused` outside the clearance, `NoRoom` where it would wait too long, `LimitReached` and
        `Beyond` (see `tab.py`) where nothing may be spent on it, `JournalUnavailable` where nothing can be written
        down, and what `written` raises.
        """
        exchange, parts, target = self._exchange, self._parts, self.target
        decision = exchange.decision
        if decision is None:
            raise AssertionError("an attempt needs a decision")
        try:
            permit = parts.guard.permit(target, decision.clearance, decision.masking)
        except LocalityRefused:
            write_down(parts, Declined(intent_of(parts, exchange, self.id, target, role=self.role), "refused"))
            raise
        masking = self.masking = permit.masking
        exchange.receipt.masked = "" if masking is None else masking.counts
        try:
            body = written(exchange.call.body if masking is None else masking.body)
        except GatewayError as error:  # it cannot be sent, and that stands in the books
            self._write_down(masking, None, None)
            self.unsent(status=error.status)
            raise
        room = parts.rooms.get(target.name) if parts.rooms else None
        if room is not None:
            room.knock(exchange.principal.name, self._waited)
        try:
            if exchange.tab is not None:
                await self._hold(exchange.tab, masking, len(body), longest, room)
            else:
                if room is not None:
                    await self._sit(room)
                self._write_down(masking, None, None)
        except BaseException:
            self._rise()
            raise
        return permit, body

    @property
    def _waited(self) -> float:
        """Seconds; a request waits once for all of its attempts, and what answers no client does not wait."""
        return self._exchange.queued if self.role == "answer" else math.inf

    async def _sit(self, room: Room) -> None:
        """Takes a seat, or waits for one."""
        exchange, clock = self._exchange, self._parts.clocks.steady
        if not room.sit():
            since = clock()
            try:
                await room.wait(exchange.principal.name, self._waited)
            finally:
                exchange.queued += clock() - since
                if exchange.queued >= _WORTH_SAYING:
                    exchange.receipt.queued = exchange.queued
        self._room, self._started = room, clock()

    def _rise(self, served: float | None = None) -> None:
        """Gives its seat back, once."""
        room, self._room = self._room, None
        if room is not None:
            room.leave(served)

    async def _hold(
        self, tab: Tab, masking: MaskedBody | None, size: int, longest: int | None, room: Room | None
    ) -> None:
        """Holds the most that it can come to, takes a seat, writes the intent. Whoever may not spend does not wait."""
        exchange, parts, target = self._exchange, self._parts, self.target
        bound = bound_of(exchange, size, parts.prices.window(target.name), longest)
        at = parts.clocks.wall()
        most = most_of(parts.prices, target, exchange.call, bound, at)
        try:
            held = await tab.hold(self.id, at, bound.tokens, most, at_home=target.zone == LOCAL_ZONE)
        finally:
            exchange.receipt.limits = tab.headers
        try:
            if room is not None:
                await self._sit(room)
            self._write_down(masking, at, most if held is not None else None)
        except BaseException:  # no seat, no journal, or the client left
            if held is not None:
                tab.settle(held, NOTHING)
            raise
        self._held = held

    def _write_down(self, masking: MaskedBody | None, at: float | None, most: Decimal | None) -> None:
        exchange, parts = self._exchange, self._parts
        types = masking.types if masking else {}
        intent = intent_of(parts, exchange, self.id, self.target, types, self.role, at, most)
        write_down(parts, intent)
        self._intent, self.cost = intent, None
        parts.fleet.asked(self.target.name)
        if (machine := parts.machines.get(self.target.name)) is not None:
            self._stay = machine.begin()
        if intent.masked:
            parts.metrics.masked(name for name, count in intent.masked.items() for _ in range(count))

    def first_token(self) -> None:
        """The first part of the answer is here."""
        if self._first_token is None:
            self._first_token = self._parts.clocks.steady() - self._started
            parts, name = self._parts, self.target.name
            parts.fleet.began(name)
            parts.metrics.first_token(name, self._first_token)
            if parts.hedging.learns:
                parts.hedging.took(name, self._first_token, streamed=self._exchange.call.streamed)

    def set_aside(self, role: Role = "cascade") -> None:
        """Its answer is not delivered: it was looked at, or (`hedge`) another one was there before. To be said before
        it is settled."""
        self._becomes(role)

    def takes_over(self) -> None:
        """It was asked besides, and its answer is delivered. To be said before it is settled."""
        self._becomes("answer")

    def _becomes(self, role: Role) -> None:
        if self._intent is None or self._settled:
            raise AssertionError("what becomes of an answer is said between its intent and its settlement")
        self.role = role
        self._intent = replace(self._intent, role=role)

    def was_slow(self, than: Target) -> None:
        """Another one that was asked later has begun before it. Who never answers would never fail otherwise; who was
        quicker than itself has answered."""
        parts, name = self._parts, self.target.name
        if than.name != name:
            parts.fleet.fell_silent(name, self._started)
        parts.hedging.took(name, parts.clocks.steady() - self._started, streamed=self._exchange.call.streamed)

    @property
    def spent(self) -> Decimal | None:
        """Dollars; None where that is not known, or not yet."""
        return self.cost

    @property
    def is_open(self) -> bool:
        """Whether its books are begun, and not closed."""
        return self._intent is not None and not self._settled

    @property
    def is_settled(self) -> bool:
        return self._settled

    def failed(self, error: GatewayError) -> None:
        """It gave no answer. Where it refused, nothing was generated, so nothing is owed; else nobody can tell."""
        fleet, name = self._parts.fleet, self.target.name
        if isinstance(error, UpstreamTimedOut):
            fleet.fell_silent(name, self._started)
        elif not (isinstance(error, TooManyRequests) and error.retry_after):  # busy is not broken
            fleet.failed(name, unreachable=isinstance(error, Unreachable))
        if error.retry_after:
            fleet.cool(name, error.retry_after)
        refused = isinstance(error, UpstreamRefused | TooManyRequests)
        self._settle("error", error.status, None, NOTHING if refused else None, NOTHING)

    def refused(self, *, status: int) -> None:
        """The deployment found fault with the request itself: that says nothing against the deployment."""
        self._parts.fleet.succeeded(self.target.name)
        self.unsent(status=status)

    def unsent(self, *, status: int) -> None:
        """It was not sent, or could not be written down: that says nothing of the deployment at all."""
        self._settle("error", status, None, NOTHING, NOTHING)

    def settle(self, outcome: Outcome, usage: Usage, *, status: int = 200) -> Decimal | None:
        """The exact cost in dollars, or None where it is unknown: also where it ended before anything of an answer
        came, for nobody knows how much of one was written by then, and is charged."""
        parts, exchange = self._parts, self._exchange
        if outcome == "ok":
            if self.role == "answer":
                exchange.answered_by = self.target.name
                if exchange.session is not None:
                    read, written = usage.prompt_tokens, usage.completion_tokens
                    parts.sessions.keep(exchange.session, self.target.name, read, written)
            parts.fleet.succeeded(self.target.name)
        elif outcome == "cut" and self._unwritten is None:  # a journal that fails is not the deployment's fault
            parts.fleet.failed(self.target.name)
        busy = EXACT.multiply(round((parts.clocks.steady() - self._started) * 1e6), _MICROSECOND)
        at = self._intent.at if self._intent else None
        share = self._leave()
        cost = self._cost_of(usage, busy, share)
        seen = outcome == "ok" or usage.completion_tokens > 0 or not usage.estimated
        if not seen and cost != self._cost_of(replace(usage, completion_tokens=1), busy, share):
            cost = None
        if cost is not None and self.role == "answer" and (dials := parts.dials.get(exchange.route.name)) is not None:
            dials.spent(self.target.name, cost)
        reference = exchange.reference
        if self.role != "answer":
            counterfactual: Decimal | None = NOTHING
        elif reference is None:
            counterfactual = None
        elif reference == self.target.name or (cost is None and not seen):
            counterfactual = cost
        else:
            counterfactual = parts.prices.cost(reference, usage, busy, at=at)
        self._settle(outcome, status, usage, cost, counterfactual, seen=seen)
        return cost

    def abandoned(self) -> None:
        """Nobody waits for it any more, and nothing of an answer has come. How it ended, if it had not yet."""
        if not self._settled:
            prompt = self._exchange.characters // CHARACTERS_PER_TOKEN
            self.settle("cancelled", Usage(prompt, 0, estimated=True), status=499)

    def _cost_of(self, usage: Usage, busy: Decimal, share: Share | None) -> Decimal | None:
        at, prices = self._intent.at if self._intent else None, self._parts.prices
        if share is None:
            return prices.cost(self.target.name, usage, busy, at=at)
        return prices.cost(self.target.name, usage, share.seconds, at=at, joules=share.joules)

    def _leave(self) -> Share | None:
        """Its share of the machine that it was at, told once."""
        stay, self._stay = self._stay, None
        return None if stay is None else self._parts.machines[self.target.name].end(stay)

    def _settle(
        self,
        outcome: Outcome,
        status: int,
        usage: Usage | None,
        cost: Decimal | None,
        counterfactual: Decimal | None,
        *,
        seen: bool = True,
    ) -> None:
        self._leave()
        self._rise(self._parts.clocks.steady() - self._started if outcome == "ok" else None)
        if self._settled:
            return
        if self._intent is None:
            raise AssertionError("nothing was begun")
        parts, exchange, target = self._parts, self._exchange, self.target
        settlement = Settlement(
            intent=self._intent,
            at=parts.clocks.wall(),
            outcome=outcome,
            status=status,
            usage=usage,
            cost=cost,
            counterfactual=counterfactual,
            latency=parts.clocks.steady() - self._started,
            first_token=self._first_token,
            cache=exchange.cache_use,
            streamed=exchange.call.streamed,
        )
        if self._unwritten is not None:  # it ends in another way, but has cost what it has cost
            settlement = replace(self._unwritten, at=settlement.at, outcome=outcome, status=status)
        else:
            parts.fleet.left(target.name)
            if exchange.tab is not None:
                exchange.tab.used(usage if seen else None, cost if seen else None)
                if self._held is not None:
                    exchange.tab.settle(self._held, cost)
        try:
            write_down(parts, settlement)
        except JournalUnavailable:
            self._unwritten = settlement
            raise
        self._settled = True
        usage, cost, counterfactual = settlement.usage, settlement.cost, settlement.counterfactual
        self.cost = cost
        parts.metrics.settled(
            target.name, target.zone, outcome, exchange.route.name, exchange.principal, usage, cost, counterfactual
        )
