"""The cascade's way: the small model answers, its answer is looked at, and a larger one is asked where it will not do.

small ─► look ──good──► client
           │ will not do
        larger ──answers──► client; what the small one said is set aside, and both are paid for
           │ fails
        what the small one said ─► client

The client has not seen a byte by then. A stream is held back for so long as the route says and no longer: what is there
is judged by what can be seen of it, and goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Protocol

import orjson

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.usage import Usage
from gateway.egress.engine import Answer
from gateway.egress.room import NoRoom
from gateway.egress.target import Target
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.cascade_plan import CascadePlan
from gateway.pipeline.decide import passed_over
from gateway.pipeline.dial import kept_at_home
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused
from gateway.pipeline.live import LiveStream
from gateway.pipeline.looked import answer_of, answer_so_far, question_of, text_of
from gateway.pipeline.parts import Parts
from gateway.pipeline.peephole import Peephole
from gateway.pipeline.tab import Beyond
from gateway.pipeline.whole import usage_in
from gateway.wire.endpoint import CHAT
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed
from gateway.wire.http import Reply
from router.cascade.answer import Answer as Seen
from router.cascade.checks import fault
from router.cascade.features import features
from router.decision import Decision, Reason

DOUBT = "doubt"  # the head's, beside the faults of `router.cascade.checks`
_BY_DIFFICULTY = frozenset({"easy", "hard"})  # the last word of a decision that difficulty made, and nothing else
_LOGPROBS: Mapping[str, object] = {"logprobs": True, "top_logprobs": 2}  # of what was said, and of the next best
_WARM = 0.7  # temperature of a second sample, at least: cold, a model says the same again

Give = Callable[[], Reply]


class Way(Protocol):
    """What the pipeline does for a cascade."""

    parts: Parts

    def attempts(self, exchange: Exchange, decision: Decision) -> Awaitable[Reply]: ...

    def attempt(self, exchange: Exchange, attempt: Attempt, look: Look | None = None) -> Awaitable[Reply]: ...


class Escalation(Exception):
    """The small model's answer was looked at, and will not do. `held` is what is there of it."""

    def __init__(self, why: str, held: Held) -> None:
        super().__init__(why)
        self.why = why
        self.held = held

    @property
    def is_streamed(self) -> bool:
        return self.held.stream is not None


class Held:
    """An `Aside`: an answer that nobody has seen. It is given, or it is discarded; either settles it."""

    def __init__(self, attempt: Attempt, give: Give, stream: LiveStream | None, usage: Usage | None) -> None:
        self.attempt = attempt
        self.give = give
        self.stream = stream
        self._usage = usage
        self._cost: Decimal | None = None
        self.is_discarded = False

    def discard(self) -> Decimal | None:
        self.is_discarded = True
        if not self.attempt.is_settled:
            self.attempt.set_aside()
            if self.stream is not None:
                self._cost = self.stream.discard()
            elif self._usage is not None:
                self._cost = self.attempt.settle("ok", self._usage)
        return self._cost


def applies(parts: Parts, exchange: Exchange, decision: Decision) -> CascadePlan | None:
    """The route's cascade, where this request is one for it: a chat of middling difficulty that may go either way.

    A dial says how much of the large model there is. Under one, a cascade spares the large model what a dial would have
    given it, and gives it nothing that the dial keeps at home.
    """
    plan = parts.cascades.get(exchange.route.name)
    difficulty, call = decision.difficulty, exchange.call
    if plan is None or difficulty is None or not plan.low <= difficulty <= plan.high:
        return None
    if call.endpoint is not CHAT or call.choices != 1 or decision.reasons[-1].code not in _BY_DIFFICULTY:
        return None
    if exchange.knob is not None and decision.reasons[-1].code == "easy":
        return None
    small, larger = _classes(exchange, decision)
    return plan if small and larger and parts.fleet.view()[small[0]].up else None


async def cascade(way: Way, exchange: Exchange, decision: Decision, plan: CascadePlan) -> Reply:
    """The small model's answer, or a larger one's. Raises as the attempts do."""
    small, larger = _classes(exchange, decision)
    target = way.parts.targets[exchange.route.name][small[0]]
    exchange.receipt.deployment, exchange.receipt.zone = target.name, target.zone
    look = Look(way, exchange, target, plan)
    rest = decision.candidates if look.more else tuple(name for name in decision.candidates if name != target.name)
    try:
        reply = await way.attempt(exchange, look.attempt, look)
    except Escalation as escalation:
        why, held = escalation.why, escalation.held
    except RequestRefused as refusal:
        if not look.more:  # every other would say the same
            raise refusal.error from None
        why, held = "", None  # else it may be what the gateway asked for besides
    except Beyond as beyond:
        passed_over(way.parts, exchange, beyond.budget)
        rest, why, held = tuple(name for name in decision.candidates if name != target.name), "", None
    except (UpstreamFailed, TooManyRequests, NoRoom):
        rest = tuple(name for name in decision.candidates if name != target.name)
        why, held = "", None
    else:
        kept_at_home(exchange)
        return reply
    finally:
        look.close()
    if held is None:
        look.count("failed")
        return await way.attempts(exchange, decision._replace(candidates=rest))
    look.count(f"escalated_{why.replace('-', '_')}")
    return await _escalated(way, exchange, decision._replace(candidates=larger), why, held)


async def _escalated(way: Way, exchange: Exchange, decision: Decision, why: str, held: Held) -> Reply:
    receipt, before = exchange.receipt, exchange.decision
    reasons = receipt.reasons
    exchange.decision = decision = decision._replace(reasons=(*decision.reasons, Reason("escalated", why)))
    receipt.reasons = (*reasons, Reason("escalated", why))
    exchange.aside = held
    try:
        reply = await way.attempts(exchange, decision)
        _discard(held, reply)
    except GatewayError:
        exchange.aside, exchange.decision = None, before
        if held.is_discarded:  # one of the two could not be written down
            raise
        way.parts.metrics.cascaded(exchange.route.name, "escalation_failed")
        kept_at_home(exchange)
        target, masking = held.attempt.target, held.attempt.masking
        receipt.deployment, receipt.zone = target.name, target.zone
        receipt.masked = "" if masking is None else masking.counts
        budgets = [reason for reason in receipt.reasons if reason.code == "budget" and reason not in reasons]
        receipt.reasons = (*reasons, *budgets, Reason("escalation-failed", why))
        return held.give()
    except BaseException:  # the client left
        with suppress(JournalUnavailable):
            held.discard()
        raise
    return reply


def _discard(held: Held, reply: Reply) -> None:
    """Raises `JournalUnavailable`: then nobody will read the reply either."""
    try:
        held.discard()
    except JournalUnavailable:
        if reply.stream is not None:
            reply.stream.close()
        raise


class Look:
    """One look at a small model's answer."""

    def __init__(self, way: Way, exchange: Exchange, target: Target, plan: CascadePlan) -> None:
        self._way = way
        self._exchange = exchange
        self._plan = plan
        self._deadline = asyncio.get_running_loop().time() + plan.hold
        self._peephole: Peephole | None = None
        self.attempt = Attempt(way.parts, exchange, target)
        self.more = self._asked_besides(target)
        self._again: asyncio.Task[str | None] | None = None

    def begun(self) -> None:
        """The attempt may be made: so may the second sample, which takes no part of the limits for itself."""
        self._deadline = asyncio.get_running_loop().time() + self._plan.hold  # it may have waited for a seat
        if self._plan.samples > 1:
            self._again = self._second_sample(self.attempt.target)

    def through(self, answer: Answer) -> Answer:
        self._peephole = Peephole(answer, strips=bool(self.more))
        return self._peephole

    async def at_stream(self, stream: LiveStream, give: Give) -> None:
        """Holds a stream back until it is whole or time is up. Raises `Escalation`, and `UpstreamFailed`."""
        peephole = self._peephole
        if peephole is None:
            raise AssertionError("nothing to look through")
        await stream.hold(lambda: peephole.chunk_by(self._deadline))
        if stream.has_begun:
            again = await self._other(self._deadline)
            seen = answer_so_far(stream.so_far(), peephole.taken, again, is_whole=stream.is_whole)
            if (why := self._wrong(seen)) is not None:
                stream.forget_completion()
                raise Escalation(why, Held(self.attempt, give, stream, None))
        peephole.forget()
        self.count("kept" if stream.is_whole else "committed")

    async def at_whole(self, said: dict[str, Any], give: Give) -> None:
        """Raises `Escalation`."""
        taken = [] if self._peephole is None else self._peephole.taken
        if (why := self._wrong(answer_of(said, taken, await self._other(None)))) is not None:
            raise Escalation(why, Held(self.attempt, give, None, usage_in(said, self._exchange)))
        self.count("kept")

    def count(self, result: str) -> None:
        self._way.parts.metrics.cascaded(self._exchange.route.name, result)

    def close(self) -> None:
        """No second sample outlives the look. Its end is not waited for: a client who left just then would leave behind
        what nobody closes.
        """
        again, self._again = self._again, None
        if again is not None:
            again.cancel()

    def _wrong(self, seen: Seen) -> str | None:
        question = question_of(self._exchange.call.body, self._difficulty)
        found = fault(question, seen)
        plan = self._plan
        if found is not None or plan.head is None or plan.deployment != self.attempt.target.name:
            return found
        doubt = plan.head.doubt(features(question, seen))
        return DOUBT if doubt is not None and doubt > plan.escalate_above else None

    @property
    def _difficulty(self) -> float | None:
        decision = self._exchange.decision
        return None if decision is None else decision.difficulty

    def _asked_besides(self, target: Target) -> Mapping[str, object]:
        """Log-probabilities, where a head can use them, the client wants none, and the deployment tells them."""
        plan, body = self._plan, self._exchange.call.body
        if plan.head is None or not plan.head.knows or plan.deployment != target.name or body.get("logprobs"):
            return {}
        candidate = self._way.parts.fleet.view()[target.name]
        return {} if "logprobs" in candidate.lacks else _LOGPROBS

    async def _other(self, deadline: float | None) -> str | None:
        """What the second sample says, if it has come by then."""
        again = self._again
        if again is None:
            return None
        left = None if deadline is None else max(0.0, deadline - asyncio.get_running_loop().time())
        await asyncio.wait({again}, timeout=left)
        return again.result() if again.done() else None

    def _second_sample(self, target: Target) -> asyncio.Task[str | None]:
        """Asked at the same time, whole, in books of its own."""
        exchange = self._exchange
        given = exchange.call.body.get("temperature")
        warm = max(given, _WARM) if isinstance(given, int | float) else _WARM
        left_out = ("seed", "stream", "stream_options")
        body = {name: value for name, value in exchange.call.body.items() if name not in left_out}
        call = exchange.call.whole({**body, "temperature": warm})
        twin = exchange.copy()
        twin.call, twin.receipt, twin.cache_key = call, exchange.receipt.copy(), None
        attempt = Attempt(self._way.parts, twin, target, "cascade")
        exchange.attempts = twin.attempts  # no two attempts of a request have one name
        exchange.besides = (attempt,)
        return self._way.parts.background.start(_text(self._way, twin, attempt))


async def _text(way: Way, exchange: Exchange, attempt: Attempt) -> str | None:
    try:
        reply = await way.attempt(exchange, attempt)
        return text_of(orjson.loads(reply.body))
    except (GatewayError, RequestRefused, Beyond):
        return None


def _classes(exchange: Exchange, decision: Decision) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The small candidates of a decision, and those that are large only."""
    route = exchange.route
    small = tuple(name for name in decision.candidates if name in route.small)
    return small, tuple(name for name in decision.candidates if name in route.large and name not in route.small)
