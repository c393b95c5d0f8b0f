"""The watch: sees how limits and budgets stand, and tells the alerts and the metrics.

A budget that nobody asks for is looked up now and then, so that what other replicas spent, and a new period, are seen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from gateway.alerts.alerts import Alerts
from gateway.alerts.crossing import Watched
from gateway.alerts.event import Scope, Term
from gateway.config.quota import Budget
from gateway.config.settings import Settings
from gateway.pipeline.parts import Clocks
from gateway.quota.amounts import dollars_of
from gateway.quota.answer import Balance, Granted, Refused, Spent, Unknown
from gateway.quota.ask import Ask, Held, Slice, Take, Whose
from gateway.quota.plan import Concern, Plan
from gateway.quota.protocol import Quota
from gateway.telemetry.metrics import Metrics

SECONDS: Final = 2.0  # between two reports to the metrics
STALE_SECONDS: Final = 30.0  # after which a budget that nobody asked for is looked up
AGAIN_SECONDS: Final = 5.0  # after which one of which nobody knew is looked up again
KNOWN_SECONDS: Final = 0.05  # between two looks at whether all are known
_MOST: Final = 500  # budgets of single keys, teams, routes and tags that are remembered; metrics have as many series
_AT_ONCE: Final = 50  # that are looked up in one round
HIGHEST: Final = "highest"  # the label of the tag that spent the largest part

_Name = tuple[str, Whose]


class _Seen(NamedTuple):
    at: float  # steady time
    balance: Balance | None


_NEVER = _Seen(float("-inf"), None)


class Watch:
    """Of one event loop; it outlives configurations."""

    def __init__(self, alerts: Alerts, metrics: Metrics, clocks: Clocks) -> None:
        self._alerts = alerts
        self._metrics = metrics
        self._clocks = clocks
        self._plan = Plan({}, {}, "UTC")
        self._quota: Quota | None = None
        self._seen: dict[_Name, _Seen] = {}
        self._changed: set[_Name] = set()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def adopt(self, settings: Settings, plan: Plan, quota: Quota) -> None:
        """A configuration is in force from now on, in which `plan` says what is asked of `quota`."""
        self._plan, self._quota = plan, quota
        self._alerts.adopt(settings.alerts, settings.redis)
        self._metrics.declare_budgets(settings.budgets, settings.alerts.webhooks)
        at = self._clocks.wall()
        self._seen = {name: seen for name, seen in self._seen.items() if plan.concern(*name, at) is not None}
        for name in _names(settings):
            if len(self._seen) < _MOST:
                self._seen.setdefault(name, _NEVER)
        if self._seen:
            self._begin()

    def told(self, balance: Balance) -> None:
        """Where a budget stands; with every hold and settlement."""
        if self._closed:
            return
        period = balance.period
        name = (balance.budget, period.whose)
        self._note(name, _Seen(self._clocks.steady(), balance))
        begins = period.start if period.until == period.end else None
        if not self._alerts.is_quiet(name, begins, balance.spent):
            concern = self._plan.concern(*name, self._clocks.wall())
            if concern is not None:
                self._alerts.spent(name, balance.spent, watched(concern.budget, concern.name, period))

    def watched(self, quota: Quota) -> Quota:
        """The same, with its refusals counted."""
        return WatchedQuota(quota, self)

    def refused(self, answer: Refused) -> None:
        which = answer.which
        if isinstance(which, Take):
            self._metrics.limited(which.meter.partition(":")[0], which.kind)
            return
        newest = which.slices[-1]
        self._metrics.limited(scope_of(newest.whose), "budget")
        concern = self._plan.concern(which.budget, newest.whose, self._clocks.wall())
        spent = next((balance.spent for balance in answer.standings.budgets if balance.budget == which.budget), None)
        if concern is None or spent is None or which.cap is None:
            return
        if which.amount > which.cap or spent + which.amount <= which.cap:
            return  # larger than all of it, or kept out by what others hold and may not spend
        self._alerts.refused((which.budget, newest.whose), spent, watched(concern.budget, concern.name, newest))

    def unknown(self, answer: Unknown) -> None:
        for spend in answer.which:
            self._metrics.budget_unknown(spend.budget)

    def unheard(self, ask: Ask) -> None:
        """Nobody knows yet how the budgets of it stand: those of which nothing was heard are looked up soon."""
        for spend in ask.spends:
            name = (spend.budget, spend.slices[-1].whose)
            if name not in self._seen:
                self._note(name, _NEVER)

    async def close(self) -> None:
        """What is told from now on is not heard."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._alerts.close()

    def _note(self, name: _Name, seen: _Seen) -> None:
        self._seen[name] = seen
        self._changed.add(name)
        if len(self._seen) > _MOST:
            self._seen.pop(next(iter(self._seen)))
        self._begin()

    def _begin(self) -> None:
        if self._task is None:
            with contextlib.suppress(RuntimeError):  # built, and not served with
                self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while True:
            await self.look_up()
            self.report()
            await asyncio.sleep(SECONDS)

    async def known(self) -> None:
        """Returns when it is known how all budgets stand that the configuration names."""
        at = self._clocks.wall()
        concerns = [concern for name in self._seen if (concern := self._plan.concern(*name, at)) is not None]
        slices = list({of.name: of for concern in concerns for of in concern.slices}.values())
        while slices and self._quota is not None:
            if None not in await self._quota.standing(slices):
                return
            await asyncio.sleep(KNOWN_SECONDS)

    async def look_up(self) -> None:
        """Those that were not heard of for a while, the longest unheard first."""
        quota, plan, at, now = self._quota, self._plan, self._clocks.wall(), self._clocks.steady()
        stale = sorted((name for name, seen in self._seen.items() if seen.at < now - STALE_SECONDS), key=self._heard)
        known: list[tuple[_Name, Concern]] = []
        for name in stale[:_AT_ONCE]:
            concern = plan.concern(*name, at)
            if concern is None:
                del self._seen[name]  # of a key that has it no more, or has not asked since the file was read again
            else:
                known.append((name, concern))
        if quota is None or not known:
            return
        slices = list({of.name: of for _, concern in known for of in concern.slices}.values())
        stands = dict(zip((of.name for of in slices), await quota.standing(slices), strict=True))
        if plan is not self._plan:
            return  # another configuration came meanwhile
        for name, concern in known:
            spent = _sum([stands[of.name] for of in concern.slices])
            if spent is None:
                self._seen[name] = _Seen(now - STALE_SECONDS + AGAIN_SECONDS, None)
            else:
                newest = concern.slices[-1]
                self.told(Balance(concern.name, newest, concern.cap, spent.spent, spent.held, 0.0))

    def report(self) -> None:
        """To the metrics."""
        changed, self._changed = self._changed, set()
        at, of_tags = self._clocks.wall(), set[str]()
        for name in changed:
            concern = self._plan.concern(*name, at)
            if concern is None:
                continue
            if concern.budget.each == "tag":
                of_tags.add(concern.name)
            elif (stands := self._stands(name, concern)) is not None:
                self._metrics.budget(concern.name, label_of(name[1]), concern.budget.amount, *stands)
        for budget in of_tags:
            concerns = ((name, self._plan.concern(*name, at)) for name in self._seen if name[0] == budget)
            found = [(self._stands(name, concern), concern) for name, concern in concerns if concern is not None]
            known = [(stands, concern.budget.amount) for stands, concern in found if stands is not None]
            if known:
                stands, amount = max(known)
                self._metrics.budget(budget, HIGHEST, amount, *stands)
        if self._quota is not None:
            self._metrics.reserved(self._quota.open)

    def _heard(self, name: _Name) -> float:
        return self._seen[name].at

    def _stands(self, name: _Name, concern: Concern) -> tuple[Decimal, Decimal] | None:
        """Dollars spent and held in the period under way; None where nothing is known of that."""
        balance = self._seen[name].balance if name in self._seen else None
        if balance is None or balance.period.name != concern.slices[-1].name:
            return None
        return dollars_of(balance.spent), dollars_of(balance.held)


class WatchedQuota:
    """A quota whose refusals are counted."""

    def __init__(self, quota: Quota, watch: Watch) -> None:
        self._quota = quota
        self._watch = watch

    @property
    def open(self) -> int:
        return self._quota.open

    async def hold(self, ask: Ask) -> Granted | Refused | Unknown:
        answer = await self._quota.hold(ask)
        if isinstance(answer, Refused):
            self._watch.refused(answer)
        elif isinstance(answer, Unknown):
            self._watch.unknown(answer)
        if len(answer.standings.budgets) < len(ask.spends):
            self._watch.unheard(ask)
        return answer

    def settle(self, held: Held, spent: int | None) -> None:
        self._quota.settle(held, spent)

    def release(self, held: Held, tokens: int | None) -> None:
        self._quota.release(held, tokens)

    async def standing(self, slices: Sequence[Slice]) -> list[Spent | None]:
        return await self._quota.standing(slices)

    async def close(self) -> None:
        await self._quota.close()


def watched(budget: Budget, name: str, newest: Slice) -> Watched:
    if budget.rolling is None:
        term = Term(budget.period or "", int(newest.start), int(newest.end))
    else:
        term = Term(budget.rolling)
    scope = scope_of(newest.whose)
    whose = None if scope == "total" else getattr(newest.whose, scope)
    return Watched(name, scope, whose, term, budget.amount, budget.alerts, budget.at_limit)


def scope_of(whose: Whose) -> Scope:
    """Whose money it is."""
    if whose.key is not None:
        return "key"
    if whose.team is not None:
        return "team"
    if whose.route is not None:
        return "route"
    return "total" if whose.tag is None else "tag"


def label_of(whose: Whose) -> str:
    """The name of a key, team or route; a tag is none that a label could hold."""
    return whose.key or whose.team or whose.route or ""


def _names(settings: Settings) -> Iterator[_Name]:
    """The budgets that there are before anybody has asked for them."""
    owners = {
        "key": [key.name for key in settings.keys],
        "team": list(dict.fromkeys([*settings.teams, *(key.team for key in settings.keys if key.team is not None)])),
        "route": list(settings.routes),
        "tag": [],
    }
    for name, budget in settings.budgets.items():
        if budget.each is not None:
            for owner in owners[budget.each]:
                yield name, Whose(**{budget.each: owner})
        else:
            yield name, Whose(**{kind: getattr(budget, kind) for kind in budget.whose})


def _sum(parts: Iterable[Spent | None]) -> Spent | None:
    spent = held = 0
    for part in parts:
        if part is None:
            return None
        spent, held = spent + part.spent, held + part.held
    return Spent(spent, held)
