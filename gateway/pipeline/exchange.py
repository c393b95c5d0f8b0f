"""An exchange: one request on its way down, with what each step found out. At any time one task works on it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from gateway.access.principal import Principal
from gateway.accounting.money import EXACT
from gateway.accounting.record import CacheUse
from gateway.cache.control import NO_DIRECTIVES, CacheDirectives
from gateway.cache.entry import Entry
from gateway.cache.flight import Flight
from gateway.cache.semantic.cache import Likeness
from gateway.cache.wireless import Look
from gateway.dials.knob import Knob
from gateway.pipeline.receipt import Receipt
from gateway.pipeline.tab import Tab
from gateway.wire.call import Call
from router.asker import NOBODY, Asker
from router.clearance import ANY, Clearance
from router.content import Content
from router.decision import Decision
from router.strategy import RoutePlan


class Aside(Protocol):
    """An answer that is kept until there is a better one."""

    def discard(self) -> Decimal | None:
        """There is one. What it cost, in dollars; None where that is unknown."""
        ...


class Besides(Protocol):
    """An attempt that was made at the same time, in books of its own."""

    @property
    def spent(self) -> Decimal | None:
        """Dollars; None where that is not known, or not yet."""
        ...


class Media(NamedTuple):
    """Parts of a request whose length in tokens their bytes do not tell. `sound`: whether any is asked for or given."""

    pictures: int = 0
    files: int = 0  # and videos, and recordings
    sound: bool = False


NO_MEDIA: Final = Media()


class Exchange(Struct):
    """`started` is steady time in seconds. `cache_key` is None where nothing may be read from or put into the cache."""

    call: Call
    principal: Principal
    route: RoutePlan
    receipt: Receipt
    started: float
    reference: str | None = None  # the deployment that savings are counted against
    narrowed: Clearance = ANY  # by the key, the caller's own header, and the conversation so far
    asker: Asker = NOBODY  # with the request's labels
    tags: frozenset[str] = frozenset()  # those that the request brings, and those of its key
    knob: Knob | None = None  # the dial in force; None: there is none, the route's threshold holds
    dialled: bool | None = None  # whether the dial sent it to the large class; None: it had no say
    directives: CacheDirectives = NO_DIRECTIVES
    cache_key: str | None = None
    cache_use: CacheUse = "off"
    decision: Decision | None = None
    characters: int = 0  # of the prompt, for estimates
    media: Media = NO_MEDIA
    attempts: int = 0
    tab: Tab | None = None  # what it takes of limits and budgets; None: none concerns it
    content: Content | None = (
        None  # what the router looked at, until the answer is out; only where that is learned from
    )
    answered_by: str = ""  # the deployment of the last answer that came to a clean end
    status: int = 200  # what it comes to; a stream that has begun may yet fail
    aside: Aside | None = None  # what the small model said, while a larger one is asked
    besides: tuple[Besides, ...] = ()  # a second sample of what the small model says; a call that another overtook
    session: bytes | None = None  # its conversation, where a route keeps those together
    queued: float = 0.0  # seconds that it waited for a seat
    look: Look | None = None  # for an answer, where other workers may be asking for the same
    flight: Flight | None = None  # that it leads
    is_left: bool = False  # its client has gone, and its answer goes on for others
    likeness: Likeness | None = None  # what may stand for its question; None: nothing but the same bytes
    spare: Entry | None = None  # an answer that is too old, and better than none
    era: int = 0  # the last purge of the cache that was known when it was asked

    def next_attempt_id(self) -> str:
        self.attempts += 1
        return f"{self.call.request_id}-{self.attempts}"

    def charged(self, cost: Decimal | None) -> Decimal | None:
        """What all of it cost, where the answer that is given cost this much."""
        if self.aside is not None:
            before = self.aside.discard()
            cost = None if before is None or cost is None else EXACT.add(before, cost)
        for other in self.besides:
            more = other.spent
            cost = None if more is None or cost is None else EXACT.add(more, cost)
        return cost

    @property
    def finding_counts(self) -> dict[str, int]:
        """How many findings of each type: all that the books may know about them."""
        if self.decision is None or not self.decision.findings:
            return {}
        return dict(Counter(finding.type for finding in self.decision.findings))
