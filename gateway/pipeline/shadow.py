"""Shadow evaluation: what would the other class of deployment have said, and who said it better?

answer is out ─► drawn? ─► may both see it? ─► money held ─► other deployment ─► judge ─► label
                   (a request's id decides)                        each with guard, journal and price

Nothing of it is on a client's way: one at a time, a few waiting, and what finds no place is dropped. What is sensitive
or was kept close by somebody is never evaluated.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal, NamedTuple

import orjson

from gateway.accounting.usage import Usage
from gateway.config.shadow import Shadow
from gateway.egress.target import Target
from gateway.learning.judge import BYTES_PER_TOKEN, OVERHEAD_BYTES, Comparison, answer_of, request_of
from gateway.learning.note import is_kept
from gateway.learning.purse import Purse
from gateway.learning.sample import Label
from gateway.masking.answer import restored_answer
from gateway.pipeline.aside import ask, beside
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.bound import searches_of
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.judging import JudgeForbidden, Judgement, judge
from gateway.pipeline.live import Complete
from gateway.pipeline.needs import needs_of
from gateway.pipeline.parts import Parts
from gateway.stores.link import StoreFault
from gateway.wire.call import MAX_TOKENS, Call
from gateway.wire.endpoint import CHAT
from gateway.wire.errors import GatewayError, LimitReached
from gateway.wire.json import serialise
from router.clearance import LOCAL_ZONE
from router.content import content_of

Went = Literal["small", "large"]
Better = Literal["small", "large", "tie", "neither", "disagreed"]
Dropped = Literal["unreadable", "skipped", "forbidden", "busy", "budget", "failed", "cancelled"]
Result = Better | Dropped
MOST_WAITING: Final = 8  # evaluations of a worker, the one under way included
MOST_BYTES: Final = 64 * 1024  # of a request, and of an answer
_MINUTE: Final = 60.0  # seconds
_DRAWN: Final = 2**64
_SENSITIVE: Final = frozenset({"sensitive", "unreadable", "detector-failure", "blocked"})  # codes of reasons
_WITH_TOOLS: Final = ("tools", "functions", "modalities", "audio", "logprobs")
_PINNED: Final = frozenset({"rule", "specialist"})
_LIMITS: Final = (MAX_TOKENS, "max_completion_tokens")
_UNSENT: Final = frozenset({"stream", "stream_options", "store", "metadata", "prediction", *_LIMITS})

_LOG: Final = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A request that was answered, and is drawn. `body` is the answer as the deployment gave it."""

    plan: Shadow
    exchange: Exchange
    attempt: Attempt
    went: Went
    body: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    """Dollars on a day's budget. `most` has what each attempt can cost, in the order in which they are made."""

    day: str
    amount: Decimal
    most: tuple[Decimal, ...]
    compared: int  # bytes of what the judge may be shown for it


class Shadows:
    """Of one generation. `code` gives a marker that nobody can know beforehand."""

    def __init__(self, parts: Parts, purse: Purse, code: Callable[[], str]) -> None:
        self._parts = parts
        self._purse = purse
        self._code = code
        self._tasks: set[asyncio.Task[None]] = set()
        self._one = asyncio.Semaphore(1)
        self._begun: dict[str, list[float]] = {}  # by route: when, in steady seconds, within the last minute
        self._is_closed = False

    def watching(self, exchange: Exchange, attempt: Attempt) -> Complete | None:
        """What is to be told of the complete answer of this attempt; None where it is not evaluated."""
        if attempt.role != "answer":  # a second sample: the client was given another
            return None
        parts, route, name = self._parts, exchange.route, attempt.target.name
        plan, request_id = parts.shadows.get(route.name), exchange.call.request_id
        if plan is None or exchange.call.endpoint is not CHAT or not is_drawn(request_id, plan.share):
            return None
        learning = parts.learning.get(route.name)
        if learning is None or not is_kept(request_id, learning.share):  # a label would have nothing to be of
            return None
        went: Went | None = "small" if name in route.small else "large" if name in route.large else None
        if went is None or went not in plan.of or _is_pinned(exchange):
            return None
        return partial(self._answered, plan, exchange, attempt, went)

    async def close(self) -> None:
        """Ends what is under way; its books are closed."""
        self._is_closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._purse.close()

    def _answered(
        self, plan: Shadow, exchange: Exchange, attempt: Attempt, went: Went, body: bytes, usage: Usage
    ) -> None:
        """Soon over: the client's last bytes wait for it."""
        if usage.completion_tokens > plan.max_tokens or max(len(body), exchange.call.size) > MOST_BYTES:
            self._count(exchange, "skipped")
        elif self._is_closed or len(self._tasks) >= MOST_WAITING or not self._may_begin(exchange.route.name, plan):
            self._count(exchange, "busy")
        else:
            work = self._evaluate(Asked(plan, exchange, attempt, went, body))
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_begin(self, route: str, plan: Shadow) -> bool:
        now = self._parts.clocks.steady()
        begun = [at for at in self._begun.get(route, ()) if now - at < _MINUTE]
        self._begun[route] = begun
        if len(begun) >= plan.max_per_minute:
            return False
        begun.append(now)
        return True

    def _count(self, exchange: Exchange, result: Result) -> None:
        self._parts.metrics.shadowed(exchange.route.name, result)

    async def _evaluate(self, asked: Asked) -> None:
        result: Result = "cancelled"
        try:
            async with self._one:
                result = await self._compared(asked)
        except JudgeForbidden:
            result = "forbidden"
        except LimitReached:
            result = "budget"
        except (GatewayError, StoreFault):
            result = "failed"
        finally:
            self._count(asked.exchange, result)

    async def _compared(self, asked: Asked) -> Result:
        parts, exchange, plan = self._parts, asked.exchange, asked.plan
        given = _answer_in(asked)
        request = request_of(exchange.call.body)
        if given is None or request is None or not _is_plain(exchange):
            return "skipped"
        targets = parts.targets[exchange.route.name]
        other, judging = _other(parts, asked), targets.get(plan.judge)
        if other is None or judging is None:
            return "skipped"
        if not _may_see(parts, exchange, other, judging):
            return "forbidden"
        orders = (True, False) if plan.both_orders else (is_drawn(exchange.call.request_id[::-1], 0.5),)
        held = await self._hold(asked, other, judging, Comparison(request, given, ""), len(orders))
        if held is None:
            return "budget"
        attempts: list[Attempt] = []
        judgement = Judgement([], [])
        try:
            said = await self._other_answer(asked, other, attempts)
            if said is None:
                return "skipped"
            small, large = (given, said) if asked.went == "small" else (said, given)
            shown = Comparison(request, small, large)
            if shown.size > held.compared:
                return "budget"
            await judge(
                parts, exchange, judging, shown,
                orders=orders, code=self._code(), max_tokens=plan.verdict_tokens, judgement=judgement,
            )  # fmt: skip
        finally:
            await self._give_back(exchange, held, [*attempts, *judgement.attempts])
        return self._label(exchange, judgement)

    async def _other_answer(self, asked: Asked, other: Target, attempts: list[Attempt]) -> str | None:
        parts, exchange = self._parts, asked.exchange
        if exchange.decision is None:
            raise AssertionError("only what was decided on is evaluated")
        call = Call(exchange.call.body, exchange.call.route, exchange.call.request_id)
        own = beside(parts, exchange, call, exchange.decision)
        attempt = Attempt(parts, own, other, "shadow")
        exchange.attempts = own.attempts
        attempts.append(attempt)
        longest = asked.plan.max_tokens
        said = await ask(parts, own, attempt, partial(_written, other, longest), longest=longest)
        masking = attempt.masking
        if masking is not None and masking.values:
            said = orjson.loads(restored_answer(orjson.dumps(said), masking))
        return answer_of(said)

    async def _hold(self, asked: Asked, other: Target, judging: Target, shown: Comparison, times: int) -> _Held | None:
        parts, plan, exchange = self._parts, asked.plan, asked.exchange
        size = len(serialise(exchange.call.body)) + OVERHEAD_BYTES
        compared = shown.size + BYTES_PER_TOKEN * plan.max_tokens
        prices, read = parts.prices, compared + OVERHEAD_BYTES  # no token is less than a byte
        each = [prices.most(other.name, size, plan.max_tokens, other.patience.total)]
        each += [prices.most(judging.name, read, plan.verdict_tokens, judging.patience.total)] * times
        known = tuple(amount for amount in each if amount is not None)
        if len(known) < len(each):
            return None  # what has no price fits into no budget
        amount = sum(known, Decimal(0))
        day = await self._purse.hold(exchange.route.name, amount, plan.budget)
        return None if day is None else _Held(day, amount, known, compared)

    async def _give_back(self, exchange: Exchange, held: _Held, attempts: Collection[Attempt]) -> None:
        """What was not spent. Where that is not known, it was as much as it could be."""
        if self._is_closed:
            return  # nothing is waited for any more: it stays spent
        spent = Decimal(0)
        for attempt, bound in zip(attempts, held.most, strict=False):
            spent += bound if attempt.cost is None else attempt.cost
        if spent != held.amount:
            try:
                await self._purse.give_back(held.day, exchange.route.name, held.amount - spent)
            except StoreFault:
                _LOG.info("what shadow evaluation did not spend could not be given back to the day's budget")

    def _label(self, exchange: Exchange, judgement: Judgement) -> Result:
        scores, lessons = judgement.scores, self._parts.lessons
        if scores is None or lessons is None:
            return "unreadable"
        at = self._parts.clocks.wall()
        label = Label(exchange.call.request_id, at, "shadow", "", scores.weak, scores.strong, scores.weight)
        lessons.say(exchange.route.name, label)
        if len(judgement.verdicts) == 2 and scores.weight < 1.0:
            return "disagreed"
        if scores.weak == scores.strong:
            return "tie" if scores.weak else "neither"
        return "small" if scores.weak > scores.strong else "large"


def is_drawn(text: str, share: float) -> bool:
    """The same for the same text: whether it is among `share` of all."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) < share * _DRAWN


def _answer_in(asked: Asked) -> str | None:
    """The text that the client got; None where that is not all that it got."""
    body, masking = asked.body, asked.attempt.masking
    if masking is not None and masking.values:
        body = restored_answer(body, masking)
    said: Mapping[str, Any] = orjson.loads(body)
    return answer_of(said)


def _is_plain(exchange: Exchange) -> bool:
    """One answer in text to nothing but text: all that a judge can compare."""
    body = exchange.call.body
    if exchange.call.choices != 1 or searches_of(exchange.call):
        return False
    return not any(body.get(name) for name in _WITH_TOOLS)


def _is_pinned(exchange: Exchange) -> bool:
    """Where it goes was not for difficulty to say, so there is nothing to learn."""
    decision = exchange.decision
    return decision is not None and any(reason.code in _PINNED for reason in decision.reasons)


def _may_see(parts: Parts, exchange: Exchange, other: Target, judging: Target) -> bool:
    """Whether the request may be evaluated at all, and by these two.

    What is sensitive is not, wherever they are; nor is what the caller keeps close. What goes outside masked is
    compared in the clear, so then the judge has to be at home.
    """
    decision = exchange.decision
    if decision is None or exchange.call.localities:
        return False
    clearance, masked = decision.clearance, decision.masking is not None
    if parts.lessons is None or not clearance.permits(parts.lessons.zone):
        return False
    if clearance.is_local or (any(reason.code in _SENSITIVE for reason in decision.reasons) and not masked):
        return False
    if not clearance.permits(other.zone, masked=masked):
        return False
    return judging.zone == LOCAL_ZONE if clearance.masked else clearance.permits(judging.zone)


def _other(parts: Parts, asked: Asked) -> Target | None:
    """The first deployment of the other class, whose answer the label is about; None where it is down, or cannot do
    what was asked."""
    exchange = asked.exchange
    targets = parts.targets[exchange.route.name]
    names = exchange.route.large if asked.went == "small" else exchange.route.small
    target = next((targets[name] for name in names if name in targets), None)
    if target is None:
        return None
    candidate = parts.fleet.view()[target.name]
    needs = needs_of(exchange.call, content_of(exchange.call.body))
    return target if candidate.up and candidate.lacks.isdisjoint(needs) else None


def _written(other: Target, max_tokens: int, body: Mapping[str, object]) -> bytes:
    """The same question, unstreamed, and an answer of bounded length."""
    sent = {name: value for name, value in body.items() if name not in _UNSENT}
    limits = [limit for name in _LIMITS if type(limit := body.get(name)) is int and limit > 0]  # -1: no limit
    return serialise({**sent, "model": other.model, other.limit_name: min([*limits, max_tokens])})
