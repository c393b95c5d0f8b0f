"""The tab: what a request takes of limits and budgets, from its first attempt until its reply is over.

first attempt ─► one hold: a request, its tokens, one at a time, and the most that the attempt can cost
each further  ─► one hold: the most that it can cost
attempt over  ─► what it cost takes the place of what was held
reply over    ─► its tokens take the place of what was taken, and another request may be under way
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.config.quota import Budget
from gateway.quota.amounts import quanta_of
from gateway.quota.answer import Granted, Refused, Room
from gateway.quota.ask import Ask, Held, Kind, Spend, Take
from gateway.quota.plan import Asked, Concern, Limit, Plan
from gateway.quota.protocol import Quota
from gateway.wire.errors import BudgetSpent, BudgetUnavailable, GatewayError, LimitReached
from gateway.wire.http import Headers

RETRY_SECONDS: Final = 5  # after which it is worth asking again what is left of a budget
_UNPRICED: Final = 1  # quantum that is held where nobody knows the price: so a budget that is spent refuses it too
_ONE: Final = 1
_OWNERS: Final = {"key": "this key", "team": "the team of this key", "route": "this model"}
_SHOWN: Final[tuple[Kind, ...]] = ("requests", "tokens")


class Beyond(Exception):
    """A budget does not let this deployment be asked; another may be. `error` is for the client, if none is left.

    `at_home`: deployments at home may, and no others.
    """

    def __init__(self, budget: str, error: GatewayError, *, at_home: bool) -> None:
        super().__init__(budget)
        self.budget = budget
        self.error = error
        self.at_home = at_home


class Tab:
    """Of one request. `headers` say how limits stand, in OpenAI's words."""

    __slots__ = ("_asked", "_budgets", "_held", "_limits", "_plan", "_quota", "_tokens", "headers")

    def __init__(
        self, quota: Quota, plan: Plan, asked: Asked, budgets: Sequence[tuple[str, Budget]], limits: Sequence[Limit]
    ) -> None:
        self._quota = quota
        self._plan = plan
        self._asked = asked
        self._budgets = budgets
        self._limits = limits
        self._held: Held | None = None  # what took of the limits
        self._tokens: int | None = 0  # that were used so far; None: nobody knows
        self.headers: Headers = []

    def aside(self) -> Tab:
        """For calls on behalf of the request after it was answered: they cost money, and that is all they take."""
        return Tab(self._quota, self._plan, self._asked, self._budgets, ())

    async def hit(self, attempt_id: str, at: float) -> None:
        """An answer from the cache is one request, unless an attempt was that already. Raises `LimitReached`."""
        if self._held is not None:
            return
        limits = [limit for limit in self._limits if limit.kind == "requests"]
        if limits:
            takes = tuple([Take(limit.meter, limit.kind, limit.limit, _ONE) for limit in limits])
            answer = await self._quota.hold(Ask(attempt_id, at, takes, ()))
            self.headers = _headers(answer.standings.limits)
            if isinstance(answer, Refused):
                raise self._limit_reached(answer)

    async def hold(
        self, attempt_id: str, at: float, tokens: int, most: Decimal | None, *, at_home: bool
    ) -> Held | None:
        """What is held for an attempt that begins at `at`; None where nothing has to be. `most`: dollars that it can
        cost; None where nobody knows.

        Raises `LimitReached`, `BudgetSpent`, `BudgetUnavailable`, and `Beyond` where another deployment may be asked.
        """
        concerns = self._plan.concerns(self._asked, at, self._budgets)
        takes = () if self._held is not None else tuple([_take(limit, tokens) for limit in self._limits])
        if not takes and not concerns:
            return None
        spends = tuple([_spend(concern, most, at_home=at_home) for concern in concerns])
        answer = await self._quota.hold(Ask(attempt_id, at, takes, spends))
        if takes:
            self.headers = _headers(answer.standings.limits)
        if isinstance(answer, Refused):
            if isinstance(answer.which, Take):
                raise self._limit_reached(answer)
            raise _spent(concerns[spends.index(answer.which)], answer.retry_after)
        if takes:
            self._held = answer.held
        if not isinstance(answer, Granted):
            try:
                for spend in answer.which:
                    _go_on_without(concerns[spends.index(spend)], at_home=at_home)
            except BaseException:
                self.settle(answer.held, Decimal(0))
                raise
        return answer.held

    def settle(self, held: Held, cost: Decimal | None) -> None:
        """What the attempt cost, in dollars, takes the place of what was held; None: nobody knows, so all of it."""
        self._quota.settle(held, None if cost is None else quanta_of(cost))

    def used(self, usage: Usage | None, cost: Decimal | None) -> None:
        """The tokens of an attempt. Without any, and with a cost of nothing, there were none."""
        if usage is not None:
            if self._tokens is not None:
                self._tokens += usage.prompt_tokens + usage.completion_tokens
        elif cost is None:
            self._tokens = None

    def over(self) -> None:
        """The reply is out, or never will be."""
        if self._held is not None:
            self._quota.release(self._held, self._tokens)

    def _limit_reached(self, answer: Refused) -> LimitReached:
        limit = next(limit for limit in self._limits if limit.meter == answer.which[0])
        owner = _OWNERS[limit.owner]
        what = {
            "requests": f"{owner} may make {limit.limit} requests a minute",
            "tokens": f"{owner} may use {limit.limit} tokens a minute, of prompts and answers together",
            "concurrent": f"{owner} may have {limit.limit} requests under way at a time",
        }[limit.kind]
        if math.isinf(answer.retry_after):
            return LimitReached(f"Rate limit reached: {what}.")
        seconds = max(1, math.ceil(answer.retry_after))
        return LimitReached(f"Rate limit reached: {what}. Try again in {seconds} s.", retry_after=seconds)


def tab_of(quota: Quota, plan: Plan, asked: Asked, principal: Principal) -> Tab:
    limits = plan.limits(asked, principal.limits, principal.team_limits)
    return Tab(quota, plan, asked, principal.budgets, limits)


def _take(limit: Limit, tokens: int) -> Take:
    """A request that can come to more tokens than there are in a minute takes all of them, rather than never come
    through."""
    amount = max(_ONE, min(tokens, limit.limit)) if limit.kind == "tokens" else _ONE
    return Take(limit.meter, limit.kind, limit.limit, amount)


def _spend(concern: Concern, most: Decimal | None, *, at_home: bool) -> Spend:
    """Raises `Beyond` where the price is unknown and the budget wants none such."""
    budget, cap = concern.budget, concern.cap
    if at_home and budget.at_limit == "stay-local":
        cap = None
    if most is not None:
        return Spend(concern.name, concern.slices, cap, quanta_of(most))
    if cap is not None and budget.unpriced == "refuse":
        message = (
            f"What the model for this request costs is not known, so the budget `{concern.name}` does not allow it."
        )
        raise Beyond(concern.name, BudgetSpent(message), at_home=False)
    return Spend(concern.name, concern.slices, cap, _UNPRICED)


def _spent(concern: Concern, wait: float) -> GatewayError | Beyond:
    message = (
        f"What this request can cost at most is more than is left of the budget `{concern.name}`; a smaller "
        f"max_tokens may help. {_more_when(concern, wait)}"
    )
    error = BudgetSpent(message)
    return Beyond(concern.name, error, at_home=True) if concern.budget.at_limit == "stay-local" else error


def _more_when(concern: Concern, wait: float) -> str:
    if concern.budget.rolling is None:
        begins = datetime.fromtimestamp(concern.slices[-1].until, concern.zone)
        return f"It begins anew at {begins.isoformat(timespec='minutes')}."
    if math.isinf(wait):
        return f"It counts the last {concern.budget.rolling}."
    return f"It counts the last {concern.budget.rolling}; there is enough again in {math.ceil(wait)} s, if not sooner."


def _go_on_without(concern: Concern, *, at_home: bool) -> None:
    """Nobody can say what is left. Raises `BudgetUnavailable`, or `Beyond`."""
    says = concern.budget.without_store
    if says == "allow" or (says == "stay-local" and at_home):
        return
    error = BudgetUnavailable(
        f"What is left of the budget `{concern.name}` cannot be looked up now. Try again.", retry_after=RETRY_SECONDS
    )
    if says == "stay-local":
        raise Beyond(concern.name, error, at_home=True)
    raise error


def _headers(rooms: Sequence[Room]) -> Headers:
    """Of each kind, the limit that is nearest."""
    headers: Headers = []
    for kind in _SHOWN:
        of_kind = [room for room in rooms if room.kind == kind]
        if of_kind:
            room = min(of_kind, key=lambda room: (room.remaining, room.limit))
            name = kind.encode()
            headers.append((b"x-ratelimit-limit-" + name, b"%d" % room.limit))
            headers.append((b"x-ratelimit-remaining-" + name, b"%d" % room.remaining))
            headers.append((b"x-ratelimit-reset-" + name, duration(room.clear_in)))
    return headers


def duration(seconds: float) -> bytes:
    """As OpenAI writes it: `120ms`, `1.5s`, `6m0s`."""
    thousandths = math.ceil(seconds * 1000)
    if thousandths < 1000:
        return b"%dms" % thousandths
    minutes, rest = divmod(thousandths, 60_000)
    whole, part = divmod(rest, 1000)
    text = f"{whole}.{part:03d}".rstrip("0").rstrip(".")
    return f"{minutes}m{text}s".encode() if minutes else f"{text}s".encode()
