"""Metrics: what Prometheus reads from `/metrics`. Built once by the composition root; no registry of the module's own.

One worker keeps its numbers in memory. Several keep them in files that all share, where their parent says
(`shared.py`): prometheus_client decides at its first import whether to do so. Any worker then answers for all of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.telemetry.counts import Counts, Payer
from gateway.telemetry.sums import Tokens


class Metrics:
    """What happened in one worker, and the way to read what happened in all.

    Takes configured names and fixed words only. Used from one thread. An event is noted, and counted soon afterwards,
    many in one go while the code that counts is warm: in the middle of a request it would cost several times as much.
    `later` is given that work and does it soon (`loop.call_later` in a worker); without it events are counted when
    somebody asks.
    """

    def __init__(self, later: Callable[[Callable[[], None]], object] | None = None) -> None:
        self._later = later
        self._events: list[tuple[Any, ...]] = []  # what counts it, and its arguments
        self._flying = 0
        self._journal: Callable[[], tuple[int, int]] | None = None
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # halves the series of counters
        own = CollectorRegistry(auto_describe=False)
        self._counts = Counts(own)
        self._registry = own
        if values.ValueClass._multiprocess:
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]

    def declare(self, routes: Iterable[str], deployments: Iterable[tuple[str, str]]) -> None:
        """Shows the series of configured names at 0, so that the first event is an increase and can raise an alert.

        `deployments` are pairs of name and zone.
        """
        self._note((self._counts.declare, tuple(routes), tuple(deployments)))

    def configured(self, version: int) -> None:
        """This worker now serves configuration snapshot `version`."""
        self._counts.configured(version)

    def up(self, deployment: str, zone: str, value: bool) -> None:
        self._counts.up(deployment, zone, value)

    def headed(self, versions: Mapping[str, str]) -> None:
        """Which difficulty model decides about which small deployment: `shipped`, or the version of its own."""
        self._counts.headed(versions)

    def decided(self, route: str, reason: str) -> None:
        """`reason` is a reason's code; one call for each reason of a decision."""
        self._note((self._counts.decided, route, reason))

    def dialled(self, route: str, large: bool) -> None:
        """A request is over that a dial sent to one of the two classes."""
        self._note((self._counts.dialled, route, "large" if large else "small"))

    def dial(self, route: str, asked: float, achieved: float, threshold: float) -> None:
        """How the dial of a route stands: shares 0..1, and the difficulty in force."""
        self._note((self._counts.dial, route, asked, achieved, threshold))

    def declare_cascades(self, routes: Iterable[str]) -> None:
        """The same for the routes that have a cascade."""
        self._note((self._counts.declare_cascades, tuple(routes)))

    def cascaded(self, route: str, result: str) -> None:
        """A small model's answer was looked at: `kept`, `committed`, `failed`, `escalated_…`, `escalation_failed`."""
        self._note((self._counts.cascaded, route, result))

    def found(self, types: Iterable[str]) -> None:
        """The entity types of a request's findings, one item a finding."""
        self._note((self._counts.found, tuple(types)))

    def masked(self, types: Iterable[str]) -> None:
        """The types of the values that were masked for an attempt, one item a value."""
        self._note((self._counts.masked, tuple(types)))

    def refused(self, deployment: str, zone: str) -> None:
        """The egress guard refused `deployment`."""
        self._note((self._counts.refused, deployment, zone))

    def retried(self, deployment: str) -> None:
        """A call to `deployment` failed, and is made once more."""
        self._note((self._counts.retried, deployment))

    def hedged(self, route: str, result: str) -> None:
        """A second call was made besides a silent one: `won`, `lost` or `failed`."""
        self._note((self._counts.hedged, route, result))

    def attempted(self, deployment: str, zone: str, outcome: str) -> None:
        """`outcome` is one of the ledger's words: `ok`, `error`, `cut`, `cancelled`, `abandoned`."""
        self._note((self._counts.attempted, deployment, zone, outcome))

    def settled(
        self,
        deployment: str,
        zone: str,
        outcome: str,
        route: str,
        payer: Payer,
        usage: Tokens | None,
        cost: Decimal | None,
        counterfactual: Decimal | None,
    ) -> None:
        """`attempted`, `spent` and `used` of one attempt at once."""
        self._note((self._counts.settled, deployment, zone, outcome, route, payer, usage, cost, counterfactual))

    def first_token(self, deployment: str, seconds: float) -> None:
        self._note((self._counts.first_token, deployment, seconds))

    def used(self, deployment: str, prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> None:
        """Tokens of one attempt; `cached` is contained in `prompt`, `reasoning` in `completion`."""
        self._note((self._counts.used, deployment, prompt, completion, cached, reasoning))

    def spent(
        self,
        route: str,
        deployment: str,
        key: str,
        team: str | None,
        cost: Decimal | None,
        counterfactual: Decimal | None,
    ) -> None:
        """Dollars of one attempt. `counterfactual` is what the reference deployment would have cost for it: None when
        unknown, 0 for an attempt that gave no answer. Savings are counted only where both are known."""
        self._note((self._counts.spent, route, deployment, key, team, cost, counterfactual))

    def cached(self, route: str, result: str) -> None:
        """`result`: `hit`, `miss`, `stale`, `bypass` or `off`."""
        self._note((self._counts.cached, route, result))

    def flew(self, event: str) -> None:
        """An answer on the way is shared: `led`, `followed` or `handed_over`."""
        self._note((self._counts.flew, event))

    def likened(self, route: str, result: str, objection: str = "") -> None:
        """A look-up of the semantic cache, or what somebody said of its answer: `hit`, `none`, `late`, `guard`, `gone`,
        `wrong` or `right`; `objection` is one of the guard's, where that is why."""
        self._note((self._counts.likened, route, result, objection))

    def answered(self, route: str, zone: str | None, status: int, streamed: bool, seconds: float) -> None:
        """A request is over. `zone` is where the answer came from; None (or empty) when there was none."""
        self._note((self._counts.answered, route, zone, status, streamed, seconds))

    def turned_away(self, priority: str, count: int) -> None:
        """So many requests, since this worker has more to do than it can."""
        self._note((self._counts.turned_away, priority, count))

    def unread(self, count: int) -> None:
        """So many of them at the door: nobody else counts them as requests."""
        self._note((self._counts.unread, count))

    def queue_delay(self, seconds: float, shedding: bool) -> None:
        """For how long everything else waited at most, in the last moments; and whether requests are turned away."""
        self._note((self._counts.queue_delay, seconds, shedding))

    def store_fault(self, store: str, kind: str) -> None:
        """`store`: `redis` or `sql`; `kind`: a fixed word such as `timeout`, `connection`, `reply` or `open`."""
        self._note((self._counts.store_fault, store, kind))

    def stored(self, result: str) -> None:
        """A response was to be stored. `result`: `kept`, `forbidden`, `too_large` or `failed`."""
        self._note((self._counts.stored, result))

    def labelled(self, route: str, source: str) -> None:
        """Something was said of an answer on `route`; `source` is one of `gateway.learning.sample.Source`."""
        self._note((self._counts.labelled, route, source))

    def not_learned(self, reason: str, count: int = 1) -> None:
        """`reason`: `forbidden`, `full` or `store`."""
        self._note((self._counts.not_learned, reason, count))

    def shadowed(self, route: str, result: str) -> None:
        """`result`: what became of an answer that was drawn for shadow evaluation."""
        self._note((self._counts.shadowed, route, result))

    def judged(self, deployment: str, verdict: str) -> None:
        """`verdict`: `first`, `second`, `both`, `neither` or `unreadable`."""
        self._note((self._counts.judged, deployment, verdict))

    def head_fault(self, deployment: str) -> None:
        self._note((self._counts.head_fault, deployment))

    def head_said(self, deployment: str, champion: str, challenger: str) -> None:
        """What both make of one request: `small` or `large`."""
        self._note((self._counts.head_said, deployment, champion, challenger))

    def head_scored(self, deployment: str, head: str, brier: float | None) -> None:
        """`head`: `champion` or `challenger`; None where there is none, or nothing is known of it."""
        self._note((self._counts.head_scored, deployment, head, brier))

    def head_drifted(self, deployment: str, index: float) -> None:
        self._note((self._counts.head_drifted, deployment, index))

    def declare_rooms(self, deployments: Iterable[str]) -> None:
        """The same for deployments whose seats are counted."""
        self._note((self._counts.rooms.declare, tuple(deployments)))

    def room(self, deployment: str, seats: int, taken: int, waiting: int, estimate: float) -> None:
        """How a deployment's seats stand now. `estimate`: how long one more would wait, in seconds."""
        self._counts.rooms.stands(deployment, seats, taken, waiting, estimate)
        if not self._events:
            self._note((self._counts.flush,))

    def waited(self, deployment: str, result: str, seconds: float) -> None:
        """A request found no seat free. `result`: `seated`, `left`, `gave_up`, `full` or `too_long`."""
        self._note((self._counts.rooms.waited, deployment, result, seconds))

    def declare_budgets(self, budgets: Iterable[str], webhooks: Iterable[str]) -> None:
        """The same for budgets and webhooks."""
        self._note((self._counts.budgets.declare, tuple(budgets), tuple(webhooks)))

    def limited(self, scope: str, kind: str) -> None:
        """A limit or a budget did not let an attempt through. `scope`: `key`, `team`, `route`, `tag` or `total`;
        `kind`: `requests`, `tokens`, `concurrent` or `budget`."""
        self._note((self._counts.budgets.limited, scope, kind))

    def budget(self, budget: str, whose: str, amount: Decimal, spent: Decimal, held: Decimal) -> None:
        """How a budget stands, in dollars. `whose`: the name of a key, team or route, `highest`, or empty."""
        self._note((self._counts.budgets.stands, budget, whose, amount, spent, held))

    def budget_unknown(self, budget: str) -> None:
        """Nobody can say what is left of it."""
        self._note((self._counts.budgets.unknown, budget))

    def reserved(self, count: int) -> None:
        """So many attempts of this worker hold something."""
        self._note((self._counts.budgets.reserved, count))

    def alerted(self, budget: str, kind: str) -> None:
        self._note((self._counts.budgets.alerted, budget, kind))

    def webhook_tried(self, webhook: str, result: str) -> None:
        self._note((self._counts.budgets.webhook_tried, webhook, result))

    def alert_lost(self, sink: str, reason: str) -> None:
        """`reason`: `refused`, `gave_up` or `full`."""
        self._note((self._counts.budgets.alert_lost, sink, reason))

    def journal_fault(self) -> None:
        self._note((self._counts.journal_fault,))

    def look_at_journal(self, look: Callable[[], tuple[int, int]]) -> None:
        """`look` gives the bytes of all journal files, and how many attempts were abandoned. It is called whenever
        somebody reads the metrics, in a thread."""
        self._journal = look

    def in_flight(self, delta: int) -> None:
        """+1 when a request comes in, -1 when it is over."""
        self._flying += delta
        if not self._events:
            self._note((self._counts.flush,))

    def flush(self) -> None:
        """Counts what has happened since the last time."""
        events, self._events = self._events, []
        for event in events:
            event[0](*event[1:])
        self._counts.in_flight(self._flying)
        self._counts.flush()

    def _note(self, event: tuple[Any, ...]) -> None:
        if not self._events and self._later is not None:
            self._later(self.flush)
        self._events.append(event)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """What `/metrics` says, up to this moment."""
        self.flush()
        return self.encoded(accept)

    def encoded(self, accept: str = "") -> tuple[bytes, str]:
        """The body and content type of `/metrics` for the request's `Accept` header: text 0.0.4 or OpenMetrics.

        With several workers it reads all their files: some milliseconds, to be called in a thread, after `flush`.
        """
        if self._journal is not None:
            with contextlib.suppress(OSError):  # no descriptor left, perhaps: what was seen last is shown
                self._counts.journal(*self._journal())
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type
